use opml_graph::{Port, Quantization};
use opml_ops::DType;

use super::Numbers;
use crate::failure::Failure;

/// The bytes of a port that stand for `numbers`: integer = round half away from zero(real / scale) + zero point, saturated.
pub(crate) fn quantize(numbers: &Numbers, port: &Port) -> Result<Vec<u8>, Failure> {
    let real = numbers.to_real();
    if let Some(number) = real.iter().find(|number| !number.is_finite()) {
        return Err(Failure::user(format!(
            "the input has the element {number}; only finite numbers can be given"
        )));
    }
    let Quantization { scale, zero_point } = port.quantization.unwrap_or(Quantization {
        scale: 1.0,
        zero_point: 0,
    });
    let integer = |number: &f64, least: f64, most: f64| {
        ((number / f64::from(scale)).round() + f64::from(zero_point)).clamp(least, most)
    };
    Ok(match port.dtype {
        DType::F32 => real.iter().flat_map(|number| (*number as f32).to_le_bytes()).collect(),
        DType::U8 | DType::Bool => real.iter().map(|number| integer(number, 0.0, 255.0) as u8).collect(),
        DType::I8 => real
            .iter()
            .map(|number| integer(number, -128.0, 127.0) as i8 as u8)
            .collect(),
        DType::I16 => real
            .iter()
            .flat_map(|number| (integer(number, -32768.0, 32767.0) as i16).to_le_bytes())
            .collect(),
        DType::I32 => real
            .iter()
            .flat_map(|number| (integer(number, f64::from(i32::MIN), f64::from(i32::MAX)) as i32).to_le_bytes())
            .collect(),
        DType::I64 => real
            .iter()
            .flat_map(|number| (integer(number, i64::MIN as f64, i64::MAX as f64) as i64).to_le_bytes())
            .collect(),
    })
}

/// The real numbers that a port's bytes stand for.
pub(crate) fn dequantize(bytes: &[u8], port: &Port) -> Vec<f64> {
    let Quantization { scale, zero_point } = port.quantization.unwrap_or(Quantization {
        scale: 1.0,
        zero_point: 0,
    });
    let real = |integer: f64| (integer - f64::from(zero_point)) * f64::from(scale);
    match port.dtype {
        DType::F32 => bytes
            .as_chunks()
            .0
            .iter()
            .map(|word| f64::from(f32::from_le_bytes(*word)))
            .collect(),
        DType::U8 | DType::Bool => bytes.iter().map(|byte| real(f64::from(*byte))).collect(),
        DType::I8 => bytes.iter().map(|byte| real(f64::from(*byte as i8))).collect(),
        DType::I16 => bytes
            .as_chunks()
            .0
            .iter()
            .map(|word| real(f64::from(i16::from_le_bytes(*word))))
            .collect(),
        DType::I32 => bytes
            .as_chunks()
            .0
            .iter()
            .map(|word| real(f64::from(i32::from_le_bytes(*word))))
            .collect(),
        DType::I64 => bytes
            .as_chunks()
            .0
            .iter()
            .map(|word| real(i64::from_le_bytes(*word) as f64))
            .collect(),
    }
}
