use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use opml_graph::{ConvertError, Converter, Host, LoopNote, ModelSet, write_model_set_with};
use serde::Deserialize;

use crate::graph::graphs;
use crate::{Generation, LlamaError, LlamaSource, Scheme, Tokenizer};

/// Converts models of the LLaMA family: GGUF files, and Hugging Face folders by their `config.json`.
#[derive(Clone, Copy, Debug, Default)]
pub struct LlamaConverter;

/// The spec's `model` section, as far as it matters here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    #[serde(default)]
    generate: Generation,
    quantize: Option<Quantize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Quantize {
    scheme: String,
}

impl Options {
    fn read(text: &str) -> Result<Options, LlamaError> {
        let text = if text.trim().is_empty() { "{}" } else { text };
        serde_json::from_str(text).map_err(|error| LlamaError::Options(format!("`model` is not understood: {error}")))
    }

    fn scheme(&self) -> Result<Option<Scheme>, LlamaError> {
        let Some(Quantize { scheme }) = &self.quantize else {
            return Ok(None);
        };
        let known = Scheme::from_name(scheme);
        let unknown = || {
            LlamaError::Options(format!(
                "`quantize.scheme: {scheme}` is not supported here; there are `{}` and `{}`",
                Scheme::Int8Blocks.name(),
                Scheme::Int4Blocks.name()
            ))
        };
        known.map(Some).ok_or_else(unknown)
    }
}

/// Writes the graphs, how they are passed through, and the tokenizer.
fn write_model(source: &Path, options: &str, out: &mut dyn Write, host: &dyn Host) -> Result<(), LlamaError> {
    let options = Options::read(options)?;
    let scheme = options.scheme()?;
    // A folder is named by a file in it.
    let path = match source.extension().is_some_and(|extension| extension == "json") {
        true => source
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new(".")),
        false => source,
    };
    let opened = LlamaSource::open(path)?;
    options.generate.check(opened.architecture())?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (graphs, constants) = graphs(&opened, &name, options.generate, scheme, host)?;
    let passes = LoopNote {
        passes: vec![options.generate.prompt_passes() as u64, options.generate.tokens as u64],
        request: [
            Some("tokens"),
            Some("position"),
            options.generate.sampling.map(|_| "seed"),
        ]
        .into_iter()
        .flatten()
        .map(String::from)
        .collect(),
        output: "tokens".into(),
    };
    let notes = BTreeMap::from([
        (LoopNote::NAME.to_string(), passes.to_text()),
        (Tokenizer::NOTE.to_string(), opened.tokenizer()?.to_json()),
    ]);
    let deferred = constants.deferred_bytes();
    let (mut written, mut unread) = (0, None);
    let mut content = |place, out: &mut dyn Write| {
        if host.cancelled() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let bytes = constants.content(place).map_err(|error| {
            unread = Some(error);
            io::Error::from(io::ErrorKind::InvalidData)
        })?;
        written += bytes.len() as u64;
        host.progress("writing weights", written, deferred);
        out.write_all(&bytes)
    };
    let set = ModelSet { graphs, notes };
    let done = write_model_set_with(&set, &mut content, out);
    done.map_err(|error| match unread {
        // What fails is the source, not the sink.
        Some(unread) => LlamaError::Tensor(unread),
        None if host.cancelled() => LlamaError::Cancelled,
        None => error.into(),
    })
}

impl Converter for LlamaConverter {
    fn name(&self) -> &str {
        "llama"
    }

    fn accepts(&self, head: &[u8], name: &str) -> bool {
        head.starts_with(b"GGUF") || name == "config.json"
    }

    fn convert(&self, source: &Path, options: &str, out: &mut dyn Write, host: &dyn Host) -> Result<(), ConvertError> {
        Ok(write_model(source, options, out, host)?)
    }

    fn reference(
        &self,
        _source: &Path,
        _options: &str,
        _inputs: &[&[u8]],
        _host: &dyn Host,
    ) -> Result<Vec<Vec<u8>>, ConvertError> {
        Err(LlamaError::Options("a model of the LLaMA family has no float reference here".into()).into())
    }
}
