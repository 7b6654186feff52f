//! Elements of tensors as numbers: binary32, or 64-bit integers, which hold every integer type.

use crate::float;

/// How elements of one type are read and written. Integers wrap to their type when written; booleans are read as 0 or 1.
pub(crate) trait Scalar<const BYTES: usize> {
    /// What an element is while it is computed with.
    type Value: Copy;

    /// The number that these bytes are.
    fn read(bytes: [u8; BYTES]) -> Self::Value;

    /// The bytes of a number.
    fn write(value: Self::Value) -> [u8; BYTES];

    /// Element `place`; that of zero bytes past the end.
    #[inline(always)]
    fn at(bytes: &[u8], place: usize) -> Self::Value {
        let element = bytes.as_chunks::<BYTES>().0.get(place);
        Self::read(element.copied().unwrap_or([0; BYTES]))
    }
}

/// binary32; every NaN is written as the one NaN.
pub(crate) struct F32;

impl Scalar<4> for F32 {
    type Value = f32;

    #[inline(always)]
    fn read(bytes: [u8; 4]) -> f32 {
        f32::from_le_bytes(bytes)
    }

    #[inline(always)]
    fn write(value: f32) -> [u8; 4] {
        float::bits(value).to_le_bytes()
    }
}

macro_rules! integers {
    ($($name:ident, $type:ty, $bytes:literal;)*) => {$(
        pub(crate) struct $name;

        impl Scalar<$bytes> for $name {
            type Value = i64;

            #[inline(always)]
            fn read(bytes: [u8; $bytes]) -> i64 {
                <$type>::from_le_bytes(bytes) as i64
            }

            #[inline(always)]
            fn write(value: i64) -> [u8; $bytes] {
                (value as $type).to_le_bytes()
            }
        }
    )*};
}

integers! {
    I32, i32, 4;
    I8, i8, 1;
    U8, u8, 1;
    I16, i16, 2;
    I64, i64, 8;
}

/// One byte, 0 or 1.
pub(crate) struct Bool;

impl Scalar<1> for Bool {
    type Value = i64;

    #[inline(always)]
    fn read([byte]: [u8; 1]) -> i64 {
        i64::from(byte != 0)
    }

    #[inline(always)]
    fn write(value: i64) -> [u8; 1] {
        [u8::from(value != 0)]
    }
}

/// Element `place` of an index tensor, i32 when `wide` is false, i64 when it is true.
#[inline]
pub(crate) fn index(bytes: &[u8], place: usize, wide: bool) -> i64 {
    if wide {
        I64::at(bytes, place)
    } else {
        I32::at(bytes, place)
    }
}

/// `index` counted from the end when it is negative, then bounded to `0 … size − 1`.
#[inline]
pub(crate) fn bounded_index(index: i64, size: u32) -> usize {
    let from_start = if index < 0 {
        index.wrapping_add(i64::from(size))
    } else {
        index
    };
    let last = i64::from(size) - 1;
    let bounded = if from_start > last { last } else { from_start };
    if bounded < 0 { 0 } else { bounded as usize }
}
