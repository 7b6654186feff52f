//! Constants: their elements as bytes, and matrices laid out in panels where an operator takes them so.

use opml_graph::ConvertError;
use opml_ops::{DType, Operator, Panels, Shape};

use crate::document::ConstantText;
use crate::refusal::{listed, refused};

/// Type, dimensions and bytes.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) dtype: DType,
    pub(crate) shape: Shape,
    pub(crate) bytes: Vec<u8>,
}

/// The type of a name.
pub(crate) fn dtype(name: &str, place: &str) -> Result<DType, ConvertError> {
    let types: Vec<DType> = (1..).map_while(DType::from_code).collect();
    let found = types.iter().find(|dtype| dtype.name() == name).copied();
    found.ok_or_else(|| {
        let known = listed(types.iter().map(|dtype| dtype.name()));
        refused(
            format!("{place}.type"),
            format!("`{name}` is no type; there are {known}"),
            "",
        )
    })
}

/// Dimensions that are a shape.
pub(crate) fn shape(dims: &[u32], place: &str) -> Result<Shape, ConvertError> {
    Shape::new(dims).map_err(|error| refused(format!("{place}.shape"), error.to_string(), ""))
}

/// Reads a constant of at most `most` bytes.
pub(crate) fn tensor(text: &ConstantText, most: usize, place: &str) -> Result<Tensor, ConvertError> {
    let (dtype, shape) = (dtype(&text.dtype, place)?, shape(&text.shape, place)?);
    if u64::from(shape.elements()) * u64::from(dtype.bytes()) > u64::from(opml_ops::MAX_VALUE_BYTES) {
        return Err(refused(
            format!("{place}.shape"),
            format!("{shape} is more than a value holds"),
            "",
        ));
    }
    let count = shape.elements() as usize;
    if count * dtype.bytes() as usize > most {
        return Err(refused(
            format!("{place}.shape"),
            format!("{shape} is more than the {most} bytes that are left for the constants"),
            "",
        ));
    }
    let values: Box<dyn Iterator<Item = i64>> = match (&text.values, text.seed) {
        (Some(values), None) if values.len() == count => Box::new(values.iter().copied()),
        (Some(values), None) if values.len() == 1 => Box::new(std::iter::repeat_n(values[0], count)),
        (Some(values), None) => {
            return Err(refused(
                format!("{place}.values"),
                format!("there are {} values, {shape} has {count}", values.len()),
                "",
            ));
        }
        (None, Some(seed)) => Box::new(stream(seed, dtype).take(count)),
        _ => {
            return Err(refused(place, "a constant has either `values` or a `seed`", ""));
        }
    };
    let mut bytes = Vec::with_capacity(count * dtype.bytes() as usize);
    for value in values {
        let out_of_range = || {
            let message = format!("{value} is no {}", dtype.name());
            refused(format!("{place}.values"), message, "")
        };
        match dtype {
            DType::I8 => bytes.extend(i8::try_from(value).map_err(|_| out_of_range())?.to_le_bytes()),
            DType::U8 => bytes.extend(u8::try_from(value).map_err(|_| out_of_range())?.to_le_bytes()),
            DType::Bool if (0..2).contains(&value) => bytes.push(value as u8),
            DType::Bool => return Err(out_of_range()),
            DType::I16 => bytes.extend(i16::try_from(value).map_err(|_| out_of_range())?.to_le_bytes()),
            DType::I32 => bytes.extend(i32::try_from(value).map_err(|_| out_of_range())?.to_le_bytes()),
            DType::I64 => bytes.extend(value.to_le_bytes()),
            DType::F32 => bytes.extend((value as f32).to_le_bytes()),
        }
    }
    Ok(Tensor { dtype, shape, bytes })
}

/// Numbers of the type's range without end, from xorshift64*.
fn stream(seed: u64, dtype: DType) -> impl Iterator<Item = i64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 24
    };
    let number = move || match dtype {
        DType::I8 => i64::from(next() as i8),
        DType::U8 => i64::from(next() as u8),
        DType::Bool => i64::from(next() as u8 & 1),
        DType::I16 => i64::from(next() as i16),
        DType::I32 | DType::I64 | DType::F32 => i64::from(next() as i32),
    };
    std::iter::repeat_with(number)
}

/// A matrix as the operator takes its input 1: `[depth, outputs]` of a product, `[outputs, channels of a group, height, width]` of a
/// convolution, laid out in panels.
pub(crate) fn panelled(operator: Operator, tensor: &Tensor, groups: u32, place: &str) -> Result<Tensor, ConvertError> {
    let wrong = |expected: &str| {
        let message = format!(
            "the weights are {} {}; `{}` takes {expected}",
            tensor.dtype.name(),
            tensor.shape,
            operator.name()
        );
        refused(place, message, "")
    };
    let weights = |index: usize| tensor.bytes.get(index).map_or(0, |byte| *byte as i8);
    let dims = tensor.shape.dims();
    let (panels, by_output) = match (operator, dims) {
        (Operator::MatMulI8, [depth, outputs]) if tensor.dtype == DType::I8 => (
            Panels {
                groups: 1,
                outputs: *outputs,
                depth: *depth,
            },
            false,
        ),
        (Operator::Conv2dI8, [outputs, rest @ ..])
            if tensor.dtype == DType::I8 && dims.len() == 4 && groups > 0 && outputs.is_multiple_of(groups) =>
        {
            (
                Panels {
                    groups,
                    outputs: outputs / groups,
                    depth: rest.iter().product(),
                },
                true,
            )
        }
        (Operator::MatMulI8, _) => return Err(wrong("i8 [depth, outputs]")),
        _ => {
            return Err(wrong(
                "i8 [outputs, channels of a group, height, width], groups dividing outputs",
            ));
        }
    };
    let shape = panels.shape().map_err(|error| refused(place, error.to_string(), ""))?;
    if shape.elements() > opml_ops::MAX_VALUE_BYTES {
        return Err(refused(
            place,
            format!("laid out in panels the weights are {shape}, more than a value holds"),
            "",
        ));
    }
    let mut bytes = vec![0; shape.elements() as usize];
    let (outputs, depth) = (panels.outputs as usize, panels.depth as usize);
    panels.pack(&mut bytes, |group, output, k| match by_output {
        true => weights((group * outputs + output) * depth + k),
        false => weights(k * outputs + output),
    });
    Ok(Tensor {
        dtype: DType::I8,
        shape,
        bytes,
    })
}
