/// The type of a tensor's elements, all little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum DType {
    /// IEEE binary32.
    F32 = 1,
    /// Signed 32-bit integer.
    I32 = 2,
    /// Signed 8-bit integer.
    I8 = 3,
    /// Unsigned 8-bit integer.
    U8 = 4,
    /// Signed 16-bit integer.
    I16 = 5,
    /// Signed 64-bit integer.
    I64 = 6,
    /// One byte, 0 or 1.
    Bool = 7,
}

impl DType {
    /// The type with this code in a record.
    pub const fn from_code(code: u32) -> Option<DType> {
        Some(match code {
            1 => DType::F32,
            2 => DType::I32,
            3 => DType::I8,
            4 => DType::U8,
            5 => DType::I16,
            6 => DType::I64,
            7 => DType::Bool,
            _ => return None,
        })
    }

    /// Bytes in one element.
    pub const fn bytes(self) -> u32 {
        match self {
            DType::I64 => 8,
            DType::F32 | DType::I32 => 4,
            DType::I16 => 2,
            DType::I8 | DType::U8 | DType::Bool => 1,
        }
    }

    /// The name users read and write: `"i8"`, …
    pub const fn name(self) -> &'static str {
        match self {
            DType::F32 => "f32",
            DType::I32 => "i32",
            DType::I8 => "i8",
            DType::U8 => "u8",
            DType::I16 => "i16",
            DType::I64 => "i64",
            DType::Bool => "bool",
        }
    }
}
