use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use opml_engine::VmBackend;
use opml_graph::{ComputeBackend, Converter, Host, LogLevel};
use opml_plugin_abi::abi_stable::std_types::{RResult, RVec};
use opml_plugin_abi::{Error, PluginRef};

use crate::compute::PluginCompute;
use crate::converter::PluginConverter;
use crate::failure::Caller;
use crate::vm::PluginVm;
use crate::{Kind, PluginError, SearchPath, library};

/// What is known of a loaded plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginDescription {
    /// Its name.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// What it is for, in a line.
    pub description: String,
    /// The library's absolute path.
    pub path: PathBuf,
    /// What it provides, by kind and name.
    pub provides: Vec<(Kind, String)>,
}

impl fmt::Display for PluginDescription {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{} {}: {}", self.name, self.version, self.description)?;
        for (kind, name) in &self.provides {
            writeln!(formatter, "  {kind} `{name}`")?;
        }
        write!(formatter, "  {}", self.path.display())
    }
}

/// By name: what is provided, and the library that does.
type Provided<T> = BTreeMap<String, (Arc<T>, PathBuf)>;

/// The plugins that are loaded, and what they provide.
pub struct Plugins {
    search: SearchPath,
    loaded: Vec<PluginDescription>,
    computes: Provided<dyn ComputeBackend>,
    vms: Provided<dyn VmBackend>,
    converters: Provided<dyn Converter>,
}

impl Plugins {
    /// No plugin yet; names will be looked for in `search`.
    pub fn new(search: SearchPath) -> Plugins {
        Plugins {
            search,
            loaded: Vec::new(),
            computes: BTreeMap::new(),
            vms: BTreeMap::new(),
            converters: BTreeMap::new(),
        }
    }

    /// Loads the plugin that `plugin`, a name or a path, means; one that is loaded already is left as it is. After an
    /// error nothing of the plugin is provided. The host is told details at debug level.
    pub fn load(&mut self, plugin: &str, host: &dyn Host) -> Result<&PluginDescription, PluginError> {
        let path = self.search.locate(plugin)?;
        let path = path.canonicalize().map_err(|_| PluginError::NoFile { path })?;
        let place = match self.loaded.iter().position(|loaded| loaded.path == path) {
            Some(place) => place,
            None => {
                let description = self.add(&library::open(&path, host)?, &path)?;
                host.log(LogLevel::Debug, &format!("loaded plugin {description}"));
                self.loaded.push(description);
                self.loaded.len() - 1
            }
        };
        Ok(&self.loaded[place])
    }

    fn add(&mut self, module: &PluginRef, path: &Path) -> Result<PluginDescription, PluginError> {
        let plugin = Caller::new(module.name().as_str());
        let mut computes: Vec<Arc<dyn ComputeBackend>> = Vec::new();
        for object in ask(&plugin, "computes", module.computes())? {
            computes.push(Arc::new(PluginCompute::new(&plugin, object)?));
        }
        let mut vms: Vec<Arc<dyn VmBackend>> = Vec::new();
        for object in ask(&plugin, "vms", module.vms())? {
            vms.push(Arc::new(PluginVm::new(&plugin, object)?));
        }
        let mut converters: Vec<Arc<dyn Converter>> = Vec::new();
        for object in ask(&plugin, "converters", module.converters())? {
            converters.push(Arc::new(PluginConverter::new(&plugin, object)?));
        }
        let computes = named(computes, |compute| compute.name());
        let vms = named(vms, |vm| vm.name());
        let converters = named(converters, |converter| converter.name());
        unique(Kind::Compute, &self.computes, &computes, path)?;
        unique(Kind::Vm, &self.vms, &vms, path)?;
        unique(Kind::Converter, &self.converters, &converters, path)?;
        let mut provides = Vec::new();
        insert(Kind::Compute, &mut self.computes, computes, path, &mut provides);
        insert(Kind::Vm, &mut self.vms, vms, path, &mut provides);
        insert(Kind::Converter, &mut self.converters, converters, path, &mut provides);
        Ok(PluginDescription {
            name: module.name().to_string(),
            version: module.version().to_string(),
            description: module.description().to_string(),
            path: path.to_path_buf(),
            provides,
        })
    }

    /// The compute backend of this name.
    pub fn compute(&self, name: &str) -> Result<Arc<dyn ComputeBackend>, PluginError> {
        provided(Kind::Compute, &self.computes, name)
    }

    /// The kind of machine of this name.
    pub fn vm(&self, name: &str) -> Result<Arc<dyn VmBackend>, PluginError> {
        provided(Kind::Vm, &self.vms, name)
    }

    /// The converter of this name.
    pub fn converter(&self, name: &str) -> Result<Arc<dyn Converter>, PluginError> {
        provided(Kind::Converter, &self.converters, name)
    }

    /// The loaded plugins, in the order of loading.
    pub fn describe(&self) -> &[PluginDescription] {
        &self.loaded
    }
}

fn ask<T>(
    plugin: &Caller,
    method: &str,
    list: extern "C" fn() -> RResult<RVec<T>, Error>,
) -> Result<RVec<T>, PluginError> {
    list().into_result().map_err(|error| PluginError::Failed {
        plugin: plugin.plugin().into(),
        reason: plugin.reason(method, &error),
    })
}

fn named<T: ?Sized>(values: Vec<Arc<T>>, name: impl Fn(&T) -> &str) -> Vec<(String, Arc<T>)> {
    values
        .into_iter()
        .map(|value| (name(&value).to_owned(), value))
        .collect()
}

fn unique<T: ?Sized>(
    kind: Kind,
    known: &Provided<T>,
    added: &[(String, Arc<T>)],
    path: &Path,
) -> Result<(), PluginError> {
    for (place, (name, _)) in added.iter().enumerate() {
        let earlier = added[..place].iter().any(|(other, _)| other == name).then_some(path);
        if let Some(first) = known.get(name).map(|(_, first)| first.as_path()).or(earlier) {
            return Err(PluginError::Duplicate {
                kind,
                name: name.clone(),
                first: first.to_path_buf(),
                second: path.to_path_buf(),
            });
        }
    }
    Ok(())
}

fn insert<T: ?Sized>(
    kind: Kind,
    known: &mut Provided<T>,
    added: Vec<(String, Arc<T>)>,
    path: &Path,
    provides: &mut Vec<(Kind, String)>,
) {
    for (name, value) in added {
        provides.push((kind, name.clone()));
        known.insert(name, (value, path.to_path_buf()));
    }
}

fn provided<T: ?Sized>(kind: Kind, known: &Provided<T>, name: &str) -> Result<Arc<T>, PluginError> {
    known
        .get(name)
        .map(|(value, _)| value.clone())
        .ok_or_else(|| PluginError::NotProvided {
            kind,
            name: name.into(),
            available: known.keys().cloned().collect(),
        })
}
