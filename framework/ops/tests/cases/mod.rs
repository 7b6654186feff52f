//! Nodes to test with: records and the bytes of their inputs.
#![allow(dead_code, unused_imports)]

mod blocks;
mod fixed;
mod fixed_point;
pub(crate) mod frozen;
mod operators;
mod random;
mod typed;
mod whole;

use opml_ops::{DType, Record, Shape, Source, Value};

pub(crate) use blocks::{attend, matmul_blocks};
pub(crate) use fixed::fixed_node;
pub(crate) use operators::{any_node, conv2d, elementwise, matmul, matmul_i8_i32, max_pool, select_rows, update_rows};
pub(crate) use random::Random;
pub(crate) use typed::{OPERATORS as TYPED_OPERATORS, float, tensor as typed_tensor, typed_node};
pub(crate) use whole::whole_graph;

/// A node and its inputs' bytes.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) record: Record,
    pub(crate) inputs: Vec<Vec<u8>>,
}

impl Case {
    /// A node of these inputs and attributes; its output, scratch and block size follow.
    pub(crate) fn new(tag: u32, inputs: Vec<(DType, Vec<u32>, Vec<u8>)>, attributes: &[i32]) -> Case {
        let mut record = Record::new(tag, value(None, DType::I8, &[1]));
        for (place, word) in attributes.iter().enumerate() {
            record.set_attribute(place, *word as u32);
        }
        let mut bytes = Vec::new();
        for (index, (dtype, dims, content)) in inputs.into_iter().enumerate() {
            let value = Value {
                index: index as u32,
                ..value(Some(Source::Feed), dtype, &dims)
            };
            assert_eq!(
                value.bytes() as usize,
                content.len(),
                "a case's input has its shape's bytes"
            );
            record.push_input(value);
            bytes.push(content);
        }
        let (dtype, shape) = opml_ops::output_of(&record).expect("a case has an output");
        record.set_output(value(None, dtype, shape.dims()));
        record.set_scratch_bytes(opml_ops::scratch_of(&record).expect("a case has scratch") as u32);
        record.set_block_log2(7);
        let operator = opml_ops::Operator::from_tag(tag).expect("a case has an operator");
        record.set_output_initial(opml_ops::output_initial_of(operator));
        Case { record, inputs: bytes }
    }

    /// The inputs as `run` takes them.
    pub(crate) fn slices(&self) -> Vec<&[u8]> {
        self.inputs.iter().map(Vec::as_slice).collect()
    }

    /// Output bytes `start .. start + length` by the crate; buffers begin with junk, or as the input that the output starts as.
    pub(crate) fn run(&self, start: usize, length: usize) -> Vec<u8> {
        let mut output = match self.record.output_initial() {
            Some(input) => self.inputs[input][start..start + length].to_vec(),
            None => vec![0xa5; length],
        };
        let mut scratch = vec![0x5a; self.record.scratch_bytes() as usize];
        opml_ops::run(&self.record, &self.slices(), &mut output, start, &mut scratch).expect("an admitted node runs");
        output
    }

    /// The whole output by the crate.
    pub(crate) fn run_all(&self) -> Vec<u8> {
        self.run(0, self.record.output_bytes() as usize)
    }
}

/// A value description.
pub(crate) fn value(source: Option<Source>, dtype: DType, dims: &[u32]) -> Value {
    Value {
        source,
        index: 0,
        dtype,
        shape: Shape::new(dims).expect("a case's shape is one"),
    }
}
