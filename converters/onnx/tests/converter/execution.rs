//! A model run node by node by the definition of its operators.
#![allow(dead_code)]

use opml_graph::Model;
use opml_ops::{GAP, Source, run};

/// The bytes of every local, for the fed values `feed`.
pub(crate) fn locals(model: &Model, feed: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut locals: Vec<Vec<u8>> = Vec::new();
    for node in &model.nodes {
        let record = &node.record;
        let mut output = vec![0; record.output_bytes() as usize];
        if record.tag() != GAP {
            let inputs: Vec<&[u8]> = (0..record.input_count())
                .map(|input| {
                    let value = record.input(input).unwrap();
                    match value.source.unwrap() {
                        Source::Constant => &model.constants[node.constants[input].unwrap()].bytes[..],
                        Source::Feed => feed[value.index as usize],
                        Source::Local => &locals[value.index as usize],
                        Source::Carry => panic!("node `{}` reads a carry", node.name),
                    }
                })
                .collect();
            if let Some(initial) = record.output_initial() {
                output.copy_from_slice(inputs[initial]);
            }
            let mut scratch = vec![0xAA; record.scratch_bytes() as usize];
            run(record, &inputs, &mut output, 0, &mut scratch).unwrap();
        }
        locals.push(output);
    }
    locals
}

/// Output `place` as real numbers, by its port's quantisation.
pub(crate) fn output(model: &Model, place: usize, locals: &[Vec<u8>]) -> Vec<f32> {
    let first = (model.output_index as usize) << model.output_height;
    let quantization = model.outputs[place].quantization.unwrap();
    let integers = locals[first + place].iter().map(|byte| i32::from(*byte as i8));
    integers
        .map(|integer| quantization.scale * (integer - quantization.zero_point) as f32)
        .collect()
}

/// The bytes of every output, for the fed values `feed`.
pub(crate) fn outputs(model: &Model, feed: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let feed: Vec<&[u8]> = feed.iter().map(Vec::as_slice).collect();
    let locals = locals(model, &feed);
    let first = (model.output_index as usize) << model.output_height;
    locals[first..first + model.outputs.len()].to_vec()
}
