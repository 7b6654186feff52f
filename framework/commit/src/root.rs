use core::fmt;

/// A Keccak-256 commitment: 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Root(pub [u8; 32]);

impl Root {
    /// The zero word: an absent leaf of a vector, the root of the empty vector.
    pub const ZERO: Root = Root([0; 32]);

    /// The root in `bytes`, if there are exactly 32.
    pub fn from_slice(bytes: &[u8]) -> Option<Root> {
        bytes.try_into().ok().map(Root)
    }

    /// Parses 64 hexadecimal digits, with or without `0x`.
    pub fn from_hex(text: &str) -> Option<Root> {
        let digits = text.strip_prefix("0x").unwrap_or(text).as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0u8; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let high = (pair[0] as char).to_digit(16)?;
            let low = (pair[1] as char).to_digit(16)?;
            *byte = (high * 16 + low) as u8;
        }
        Some(Root(bytes))
    }

    /// Whether this is the zero word.
    pub fn is_zero(&self) -> bool {
        *self == Root::ZERO
    }
}

impl AsRef<[u8]> for Root {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Root {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
