use std::io;
use std::path::{Component, Path, PathBuf};

use thiserror::Error;

use crate::{ChainSpec, InputSpec, Spec};

/// Why a spec cannot be used.
#[derive(Debug, Error)]
pub enum SpecError {
    /// The file could not be read.
    #[error("cannot read the spec {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not YAML, or not a spec.
    #[error("{}{at}: {message}", path.display(), at = place(*line, *column))]
    Parse {
        /// Which file.
        path: PathBuf,
        /// The line, from 1; 0 when unknown.
        line: usize,
        /// The column, from 1; 0 when unknown.
        column: usize,
        /// What is wrong, with a suggestion where there is one.
        message: String,
    },
}

fn place(line: usize, column: usize) -> String {
    if line == 0 {
        String::new()
    } else {
        format!(":{line}:{column}")
    }
}

/// Reads a spec; relative paths in it are made relative to its folder.
pub fn load_spec(path: &Path) -> Result<Spec, SpecError> {
    let text = std::fs::read_to_string(path).map_err(|source| SpecError::Read {
        path: path.to_path_buf(),
        source,
    })?;
    let mut spec = parse_spec(&text, path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let within = |path: &Path| straight(&folder.join(path));
    spec.model.source = within(&spec.model.source);
    if let Some(calibration) = spec
        .model
        .quantize
        .as_mut()
        .and_then(|quantize| quantize.calibration.as_mut())
    {
        *calibration = within(calibration);
    }
    place_input(&mut spec.input, &within);
    if let ChainSpec::Node(node) = &mut spec.chain {
        let keys = node.keys.as_mut();
        let keystores = keys.map(|keys| [&mut keys.requester, &mut keys.proposer, &mut keys.challenger]);
        let keystores = keystores.into_iter().flatten().filter_map(|key| key.keystore.as_mut());
        for file in node.deployment.iter_mut().chain(keystores) {
            *file = within(file);
        }
    }
    for plugin in &mut spec.plugins {
        if plugin.contains('/') {
            *plugin = within(Path::new(&plugin)).to_string_lossy().into_owned();
        }
    }
    Ok(spec)
}

fn place_input(input: &mut InputSpec, within: &impl Fn(&Path) -> PathBuf) {
    match input {
        InputSpec::File(file) => *file = within(file),
        InputSpec::Inline(_) | InputSpec::Prompt(_) => {}
        InputSpec::Several(values) => values.iter_mut().for_each(|value| place_input(value, within)),
    }
}

/// The path without `.` and `x/..`, for messages that people read.
fn straight(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut straight, component| {
        match component {
            Component::CurDir => {}
            Component::ParentDir if straight.file_name().is_some() => {
                straight.pop();
            }
            other => straight.push(other),
        }
        straight
    })
}

/// Parses the text of a spec; `path` only names it in errors.
pub fn parse_spec(text: &str, path: &Path) -> Result<Spec, SpecError> {
    let document = serde_yaml::Deserializer::from_str(text);
    serde_yaml::with::singleton_map_recursive::deserialize(document).map_err(|error: serde_yaml::Error| {
        let (line, column) = error
            .location()
            .map_or((0, 0), |location| (location.line(), location.column()));
        let message = error.to_string();
        let message = message
            .rsplit_once(" at line ")
            .map_or(message.clone(), |(message, _)| message.to_string());
        SpecError::Parse {
            path: path.to_path_buf(),
            line,
            column,
            message: with_suggestion(message),
        }
    })
}

/// Appends the nearest known word to an "unknown field" or "unknown variant" message.
fn with_suggestion(message: String) -> String {
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let Some((unknown, known)) = words.split_first().filter(|_| message.contains("unknown ")) else {
        return message;
    };
    let nearest = known
        .iter()
        .map(|word| (strsim::osa_distance(unknown, word), word))
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((distance, word)) if distance <= 1 + unknown.len() / 3 => format!("{message}; did you mean `{word}`?"),
        _ => message,
    }
}
