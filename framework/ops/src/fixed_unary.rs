use crate::fixed::{Element, evaluate, fraction_bits};
use crate::functions::FixedUnary as Function;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::signature::{any, expect_inputs, function, wrong_type};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// The types that functions are computed from and to.
pub(crate) const SIGNED: [DType; 3] = [DType::I8, DType::I16, DType::I32];

/// A function of each element in fixed point: f(x·2^−from)·2^to, rounded to the nearest and saturated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FixedUnary {
    function: Function,
    /// Fraction bits of x.
    from: i32,
    /// Fraction bits of the result.
    to: i32,
    x: Element,
    result: Element,
    output: Shape,
}

/// Input `input`'s type, which must be i8, i16 or i32.
pub(crate) fn signed_type(record: &Record, input: usize) -> Result<Element, AdmitError> {
    match any(record, input)?.dtype {
        dtype if SIGNED.contains(&dtype) => Ok(Element(dtype)),
        given => Err(wrong_type(input, DType::I32, given)),
    }
}

impl Kernel for FixedUnary {
    const ATTRIBUTES: usize = 4;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 1)?;
        Ok(FixedUnary {
            function: function(record, 0, Function::from_code)?,
            from: fraction_bits(record, 1, 30, "in 0 … 30")?,
            to: fraction_bits(record, 2, 30, "in 0 … 30")?,
            x: signed_type(record, 0)?,
            result: Element::named(record, 3, &SIGNED, "the code of i8, i16 or i32")?,
            output: any(record, 0)?.shape,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.result.0, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + 96 * u64::from(self.output.elements())
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let x = inputs.first().copied().unwrap_or(&[]);
        let bytes = self.result.0.bytes() as usize;
        for place in 0..output.len() / bytes {
            let x = self.x.read(x, start / bytes + place);
            let value = evaluate(self.function, x, self.from).rounded(self.to);
            self.result.write(output, place, value);
        }
        Ok(())
    }
}
