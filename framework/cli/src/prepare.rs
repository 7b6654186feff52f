//! From a spec to what can be run: plugins, the converted model.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use opml_commit::slot_root;
use opml_graph::{Converter, GuestImage, Host, Model, ModelFileError, open_model_set, verify_constants};
use opml_pipeline::{Plan, Spec};
use opml_plugin_loader::{PluginError, Plugins, SearchPath};
use opml_stages::Machinery;

use crate::failure::Failure;
use crate::terminal::TerminalHost;
use crate::whole_file::{WholeFile, folder};

/// Bytes of a source that a converter looks at to say whether it accepts it.
const HEAD_BYTES: u64 = 4096;

/// A plugin that cannot be used is the user's to mend, unless it failed in its own work.
pub(crate) fn plugin_failure(error: PluginError) -> Failure {
    match error {
        PluginError::Start { .. } | PluginError::Failed { .. } => Failure::other(error),
        _ => Failure::user(error),
    }
}

/// A model file that cannot be used.
pub(crate) fn model_failure(path: &Path, error: ModelFileError) -> Failure {
    match error {
        ModelFileError::Io { .. } => Failure::user(error),
        _ => Failure::user(format!("{}: {error}", path.display())),
    }
}

/// Loads a spec's plugins.
pub(crate) fn load_plugins(names: &[String], host: &dyn Host) -> Result<Plugins, Failure> {
    let mut plugins = Plugins::new(SearchPath::standard());
    for name in names {
        plugins.load(name, host).map_err(plugin_failure)?;
    }
    Ok(plugins)
}

/// A converted model and what it took.
pub(crate) struct Converted {
    /// The only graph, or the first body of the model's loop.
    pub(crate) model: Arc<Model>,
    /// All graphs, in order.
    pub(crate) graphs: Vec<Arc<Model>>,
    /// Elements of their constants.
    pub(crate) parameters: u64,
    /// What the model file says beside them.
    pub(crate) notes: BTreeMap<String, String>,
    pub(crate) file_bytes: u64,
    pub(crate) seconds: f64,
}

impl Converted {
    /// Nodes of all graphs.
    pub(crate) fn nodes(&self) -> usize {
        self.graphs.iter().map(|graph| graph.nodes.len()).sum()
    }
}

/// The converter that a spec names, or the one that accepts its source.
pub(crate) fn converter(spec: &Spec, plugins: &Plugins) -> Result<Arc<dyn Converter>, Failure> {
    let source = &spec.model.source;
    let mut head = Vec::new();
    let opened = File::open(source).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
    opened.map_err(|error| Failure::unreadable("model.source", source, error))?;
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    if let Some(named) = &spec.model.converter {
        return plugins
            .converter(named)
            .map_err(plugin_failure)
            .map_err(|failure| failure.context("model.converter"));
    }
    let provided = plugins.describe().iter().flat_map(|plugin| &plugin.provides);
    let converters = provided.filter_map(|(_, provided)| plugins.converter(provided).ok());
    let accepting = converters.into_iter().find(|converter| converter.accepts(&head, &name));
    accepting.ok_or_else(|| {
        Failure::user(format!("no loaded converter accepts {}", source.display()))
            .help("name one in `model.converter` and its plugin in `plugins`")
    })
}

/// The options that a converter is given: the spec's model section without converter and source.
pub(crate) fn converter_options(spec: &Spec) -> Result<String, Failure> {
    serde_json::to_string(&spec.model).map_err(Failure::other)
}

/// Converts the spec's model into `output`, which is written whole or not at all, and verifies it.
pub(crate) fn convert_model(
    spec: &Spec,
    plugins: &Plugins,
    output: &Path,
    host: &dyn Host,
) -> Result<Converted, Failure> {
    let converter = converter(spec, plugins)?;
    let unwritable =
        |error: std::io::Error| Failure::user(format!("cannot write the model file {}: {error}", output.display()));
    std::fs::create_dir_all(folder(output)).map_err(unwritable)?;
    let started = Instant::now();
    let mut file = WholeFile::create(output).map_err(unwritable)?;
    let source = &spec.model.source;
    converter
        .convert(source, &converter_options(spec)?, file.writer(), host)
        .map_err(|error| {
            if host.cancelled() {
                return Failure::cancelled();
            }
            let named = error.place.is_empty() || error.message.contains(&error.place);
            let place = if named {
                String::new()
            } else {
                format!(" {}:", error.place)
            };
            let message = format!("{}:{place} {}", source.display(), error.message);
            Failure {
                code: if error.code == 2 { 2 } else { 1 },
                message,
                help: error.help,
            }
        })?;
    file.sync().map_err(unwritable)?;
    let converted =
        verified(file.temporary_path(), host, started).map_err(|error| converter_failure(&*converter, error))?;
    file.place().map_err(unwritable)?;
    Ok(converted)
}

/// Where a spec's model file is, and whether it is made now.
#[derive(Clone, Copy)]
pub(crate) enum ModelFile<'a> {
    /// By converting.
    Made(&'a Path),
    /// An earlier run left it.
    Reused(&'a Path),
}

impl<'a> ModelFile<'a> {
    /// Its path.
    pub(crate) fn path(self) -> &'a Path {
        match self {
            ModelFile::Made(path) | ModelFile::Reused(path) => path,
        }
    }
}

/// The model file that an earlier run left, verified.
pub(crate) fn reused_model(path: &Path, host: &dyn Host) -> Result<Converted, Failure> {
    verified(path, host, Instant::now()).map_err(|error| {
        let failure = model_failure(path, error);
        failure.help("leave out `--reuse-model` to convert the model again")
    })
}

/// Opens a model file and hashes its constants.
fn verified(path: &Path, host: &dyn Host, started: Instant) -> Result<Converted, ModelFileError> {
    let set = open_model_set(path)?;
    let parameters = set.parameters();
    let graphs: Vec<Arc<Model>> = set.graphs.into_iter().map(Arc::new).collect();
    let model = graphs.first().ok_or_else(|| ModelFileError::Malformed {
        what: "it has no graph".into(),
    })?;
    verify_constants(model, host.threads(), |done, total| {
        host.progress("verifying constants", done, total)
    })?;
    let io = |source| ModelFileError::Io {
        path: path.to_path_buf(),
        source,
    };
    Ok(Converted {
        model: Arc::clone(model),
        graphs,
        parameters,
        notes: set.notes,
        file_bytes: std::fs::metadata(path).map_err(io)?.len(),
        seconds: started.elapsed().as_secs_f64(),
    })
}

fn converter_failure(converter: &dyn Converter, error: ModelFileError) -> Failure {
    Failure::other(format!(
        "the converter `{}` wrote a model file that cannot be used: {error}",
        converter.name()
    ))
}

/// What a plan's pipeline runs on, from the plugins; the guest image is held against its root.
pub(crate) fn machinery(plan: &Plan, plugins: &Plugins, host: &TerminalHost) -> Result<Machinery, Failure> {
    let compute = plugins
        .compute(&plan.backend)
        .map_err(plugin_failure)
        .map_err(|failure| failure.context("stages"))?;
    let vm = plugins
        .vm(&plan.vm)
        .map_err(plugin_failure)
        .map_err(|failure| failure.context("stages"))?;
    let image = compute.guest_images().into_iter().find(|image| image.vm == plan.vm);
    let image = image.ok_or_else(|| {
        Failure::user(format!(
            "the compute backend `{}` has no guest image for `{}`",
            plan.backend, plan.vm
        ))
    })?;
    check_image(&image)?;
    Ok(Machinery {
        compute,
        threads: plan.threads,
        vm,
        image,
        host: Arc::new(host.clone()),
        watch: None,
    })
}

fn check_image(image: &GuestImage) -> Result<(), Failure> {
    match slot_root(&image.bytes) == image.root {
        true => Ok(()),
        false => Err(Failure::other(format!(
            "the guest image for `{}` is not the one that its root names",
            image.vm
        ))),
    }
}
