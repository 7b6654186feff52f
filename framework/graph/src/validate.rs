use opml_commit::{MAX_VALUE_BYTES, height_of};
use opml_ops::{ALIAS, GAP, RecordError, Source, Value, WHOLE_GRAPH};
use thiserror::Error;

use crate::{Model, Port, block_count};

/// Why honest roles refuse a model.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ValidateError {
    /// There is no node.
    #[error("the model has no nodes")]
    Empty,
    /// A node is not well formed.
    #[error("node {index} `{name}`: {reason}")]
    Node {
        /// Its index.
        index: usize,
        /// Its name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// The output block is not what the ports say.
    #[error("the output: {reason}")]
    Output {
        /// What is wrong.
        reason: String,
    },
}

/// The static test of PROTOCOL §4: order, sizes, sources, and every operator's `admit`. Its cost does not depend on the
/// constants' contents.
pub fn validate(model: &Model) -> Result<(), ValidateError> {
    if model.nodes.is_empty() {
        return Err(ValidateError::Empty);
    }
    for (index, node) in model.nodes.iter().enumerate() {
        check_node(model, index).map_err(|reason| ValidateError::Node {
            index,
            name: node.name.clone(),
            reason,
        })?;
    }
    check_output(model).map_err(|reason| ValidateError::Output { reason })
}

fn check_node(model: &Model, index: usize) -> Result<(), String> {
    let node = &model.nodes[index];
    let record = &node.record;
    record.check().map_err(|error: RecordError| error.to_string())?;
    if record.tag() == GAP {
        return Ok(());
    }
    if record.tag() == WHOLE_GRAPH {
        return Err("a whole-graph record cannot be a node of a graph".into());
    }
    let output = record.output().ok_or("the output is not described")?;
    for (input, constant) in node.constants.iter().enumerate() {
        let value = record.input(input);
        if constant.is_some() && value.is_none_or(|value| value.source != Some(Source::Constant)) {
            return Err(format!("input {input} has a constant but is not one"));
        }
        if let Some(value) = value {
            check_input(model, index, value, *constant).map_err(|reason| format!("input {input} {reason}"))?;
        }
    }
    if u64::from(output.bytes()) > MAX_VALUE_BYTES {
        return Err(format!(
            "the output has {} bytes, more than a slot holds",
            output.bytes()
        ));
    }
    if let Some(initial) = record.output_initial() {
        let bytes = record.input(initial).map(|value| value.bytes());
        if bytes != Some(output.bytes()) {
            return Err(format!(
                "output_initial names input {initial}, whose size is not the output's"
            ));
        }
    }
    if block_count(output.bytes(), record.block_log2()).is_none() {
        return Err(format!(
            "blocks of 2^{} bytes are not subtrees of a slot",
            record.block_log2()
        ));
    }
    if record.tag() == ALIAS && record.input(0).map(|value| value.bytes()) != Some(output.bytes()) {
        return Err("an alias and its source differ in size".into());
    }
    opml_ops::admit(record).map_err(|error| error.to_string())
}

fn check_input(model: &Model, node: usize, value: Value, constant: Option<usize>) -> Result<(), String> {
    let index = value.index as usize;
    let port_matches = |ports: &[Port], kind: &str| match ports.get(index) {
        None => Err(format!("reads {kind} value {index}, which does not exist")),
        Some(port) if port.dtype != value.dtype || port.bytes() != value.bytes() => Err(format!(
            "reads {kind} value {index} as {} {}, but it is {} {}",
            value.dtype.name(),
            value.shape,
            port.dtype.name(),
            port.shape
        )),
        Some(_) => Ok(()),
    };
    match value.source {
        Some(Source::Constant) => {
            let constant = constant
                .and_then(|constant| model.constants.get(constant))
                .ok_or("is a constant that the model lacks")?;
            match constant.size() == value.bytes() as usize && index == 0 {
                true => Ok(()),
                false => Err(format!(
                    "is a constant of {} bytes, the record says {}",
                    constant.size(),
                    value.bytes()
                )),
            }
        }
        Some(Source::Carry) => port_matches(&model.carry, "carry"),
        Some(Source::Feed) => port_matches(&model.feed, "feed"),
        Some(Source::Local) if index >= node => Err(format!("reads node {index}, which does not come before it")),
        Some(Source::Local) => match model.nodes[index].record.output() {
            Some(output) if output.dtype == value.dtype && output.bytes() == value.bytes() => Ok(()),
            Some(output) => Err(format!(
                "reads node {index} as {} {}, but it is {} {}",
                value.dtype.name(),
                value.shape,
                output.dtype.name(),
                output.shape
            )),
            None => Err(format!("reads node {index}, which is a gap")),
        },
        None => Err("has no source".into()),
    }
}

fn check_output(model: &Model) -> Result<(), String> {
    // That of the header, without the hash of every record.
    let height = height_of(model.nodes.len() as u64);
    let width = match u8::try_from(model.output_height) {
        Ok(output_height) if output_height <= height => 1usize << output_height,
        _ => {
            return Err(format!(
                "a block of height {} does not lie in a trace of height {height}",
                model.output_height
            ));
        }
    };
    let first = (model.output_index as usize)
        .checked_mul(width)
        .filter(|first| *first < model.nodes.len());
    let first = first.ok_or_else(|| format!("block {} lies past the last node", model.output_index))?;
    if model.outputs.is_empty() || model.outputs.len() > width {
        return Err(format!("{} outputs do not fit a block of {width}", model.outputs.len()));
    }
    for place in 0..width {
        let local = model.nodes.get(first + place).and_then(|node| node.record.output());
        match (local, model.outputs.get(place)) {
            (Some(value), Some(port)) if value.dtype == port.dtype && value.shape == port.shape => {}
            (None, None) => {}
            _ => return Err(format!("local {} is not output {place}", first + place)),
        }
    }
    Ok(())
}
