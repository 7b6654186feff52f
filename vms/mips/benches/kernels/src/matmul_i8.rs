//! The operator `matmul_i8` on a record of fixed sizes.

use opml_ops::{DType, Operator, PANEL_DEPTH, PANEL_OUTPUTS, Record, Shape, Source, Value};

const ROWS: usize = 8;
const DEPTH: usize = 256;
const OUTPUTS: usize = 64;
const WEIGHTS: usize = DEPTH * OUTPUTS;

/// Bytes of the product.
pub(crate) const PRODUCT: usize = ROWS * OUTPUTS;

/// The node record of the product.
pub(crate) fn record() -> Record {
    let value = |source, dtype, dims: &[usize]| {
        let mut words = [0; 4];
        for (word, dim) in words.iter_mut().zip(dims) {
            *word = *dim as u32;
        }
        let shape = Shape::new(words.get(..dims.len()).unwrap_or(&[])).unwrap_or_else(|_| unreachable!());
        Value {
            source,
            index: 0,
            dtype,
            shape,
        }
    };
    let mut record = Record::new(Operator::MatMulI8 as u32, value(None, DType::I8, &[ROWS, OUTPUTS]));
    let constant = Some(Source::Constant);
    let panels = [OUTPUTS / PANEL_OUTPUTS, DEPTH / PANEL_DEPTH, PANEL_OUTPUTS, PANEL_DEPTH];
    record.push_input(value(Some(Source::Local), DType::I8, &[ROWS, DEPTH]));
    record.push_input(value(constant, DType::I8, &panels));
    record.push_input(value(constant, DType::I32, &[OUTPUTS]));
    record.push_input(value(constant, DType::I32, &[OUTPUTS]));
    record.push_input(value(constant, DType::I32, &[OUTPUTS]));
    record.set_block_log2(7);
    record.set_attribute(1, -128i32 as u32);
    record.set_attribute(2, 127);
    record
}

/// x of `left`; weights, bias, multipliers and shifts, one behind another, of `right`.
pub(crate) fn inputs<'a>(left: &'a [u8], right: &'a [u8]) -> [&'a [u8]; 5] {
    let scales = |place: usize| &right[WEIGHTS + 4 * OUTPUTS * place..][..4 * OUTPUTS];
    [
        &left[..ROWS * DEPTH],
        &right[..WEIGHTS],
        scales(0),
        scales(1),
        scales(2),
    ]
}

/// Computes the product into the beginning of `output`; false when the operator refuses.
pub(crate) fn run(record: &Record, inputs: &[&[u8]], output: &mut [u8]) -> bool {
    opml_ops::run(record, inputs, &mut output[..PRODUCT], 0, &mut []).is_ok()
}
