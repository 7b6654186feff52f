use crate::kernel::{BASE_UNITS, Kernel};
use crate::signature::{clamp_range, expect_inputs, expect_shape, typed};
use crate::{AdmitError, DType, Finish, Record, RunError, Shape, requantize};

/// One operand's zero point and scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Operand {
    zero_point: i32,
    multiplier: i32,
    shift: i32,
}

impl Operand {
    #[inline]
    fn scaled(&self, value: u8) -> i32 {
        let centred = i32::from(value as i8).wrapping_sub(self.zero_point);
        requantize(centred, self.multiplier, self.shift)
    }
}

/// Adds int8 values of different scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AddI8 {
    operands: [Operand; 2],
    finish: Finish,
    output: Shape,
}

impl Kernel for AddI8 {
    const ATTRIBUTES: usize = 9;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 2)?;
        let output = typed(record, 0, DType::I8)?;
        expect_shape(record, 1, DType::I8, output)?;
        let (minimum, maximum) = clamp_range(record, 7)?;
        Ok(AddI8 {
            operands: [0, 1].map(|operand| Operand {
                zero_point: record.signed_attribute(operand),
                multiplier: record.signed_attribute(2 + 2 * operand),
                shift: record.signed_attribute(3 + 2 * operand),
            }),
            finish: Finish {
                zero_point: record.signed_attribute(6),
                minimum,
                maximum,
            },
            output,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (DType::I8, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + 32 * u64::from(self.output.elements())
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let [Some(a), Some(b)] = [0, 1].map(|input| inputs.get(input).and_then(|x| x.get(start..))) else {
            return Ok(());
        };
        let [left, right] = &self.operands;
        for (result, (a, b)) in output.iter_mut().zip(a.iter().zip(b)) {
            *result = self.finish.bound(left.scaled(*a).saturating_add(right.scaled(*b)));
        }
        Ok(())
    }
}
