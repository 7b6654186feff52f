use crate::scalar::{I8, I16, I32, Scalar, U8};
use crate::{AdmitError, DType, Record};

/// An integer type of at most 32 bits, as elements are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element(pub(crate) DType);

impl Element {
    /// The type that attribute word `place` names, one of these.
    pub(crate) fn named(
        record: &Record,
        place: usize,
        taken: &[DType],
        rule: &'static str,
    ) -> Result<Element, AdmitError> {
        match DType::from_code(record.attribute(place)) {
            Some(dtype) if taken.contains(&dtype) => Ok(Element(dtype)),
            _ => Err(AdmitError::Attribute {
                place,
                name: "type",
                value: record.signed_attribute(place),
                rule,
            }),
        }
    }

    /// The least and the greatest number of the type.
    pub(crate) fn bounds(self) -> [i32; 2] {
        match self.0 {
            DType::I8 => [-0x80, 0x7f],
            DType::U8 => [0, 0xff],
            DType::I16 => [-0x8000, 0x7fff],
            _ => [i32::MIN, i32::MAX],
        }
    }

    /// Attribute word `place` as a number of the type.
    pub(crate) fn zero_point(self, record: &Record, place: usize) -> Result<i32, AdmitError> {
        let value = record.signed_attribute(place);
        let [least, greatest] = self.bounds();
        if (least..=greatest).contains(&value) {
            return Ok(value);
        }
        Err(AdmitError::Attribute {
            place,
            name: "output zero point",
            value,
            rule: "a number of the output's type",
        })
    }

    /// Element `place`; 0 past the end.
    #[inline(always)]
    pub(crate) fn read(self, bytes: &[u8], place: usize) -> i32 {
        let value = match self.0 {
            DType::I8 => I8::at(bytes, place),
            DType::U8 => U8::at(bytes, place),
            DType::I16 => I16::at(bytes, place),
            _ => I32::at(bytes, place),
        };
        value as i32
    }

    /// Writes element `place`, saturated to the type.
    #[inline(always)]
    pub(crate) fn write(self, bytes: &mut [u8], place: usize, value: i64) {
        let [least, greatest] = self.bounds().map(i64::from);
        let value = if value < least { least } else { value };
        let value = if value > greatest { greatest } else { value } as u32;
        match self.0 {
            DType::I8 | DType::U8 => store(bytes, place, [value as u8]),
            DType::I16 => store(bytes, place, (value as u16).to_le_bytes()),
            _ => store(bytes, place, value.to_le_bytes()),
        }
    }
}

#[inline(always)]
fn store<const N: usize>(bytes: &mut [u8], place: usize, element: [u8; N]) {
    if let Some(stored) = bytes.as_chunks_mut::<N>().0.get_mut(place) {
        *stored = element;
    }
}

/// Attribute word `place` as a number of fraction bits, 0 … `most`.
pub(crate) fn fraction_bits(record: &Record, place: usize, most: u32, rule: &'static str) -> Result<i32, AdmitError> {
    match record.attribute(place) {
        bits if bits <= most => Ok(bits as i32),
        _ => Err(AdmitError::Attribute {
            place,
            name: "fraction bits",
            value: record.signed_attribute(place),
            rule,
        }),
    }
}
