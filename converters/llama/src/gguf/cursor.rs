use std::fmt::Display;

use super::GgufError;
use crate::storage::Storage;

/// How many bytes are read ahead.
const WINDOW: usize = 1 << 16;
/// The longest text that is read, in bytes.
const LONGEST_TEXT: u64 = 1 << 26;

/// Reads a header front to back through a window of the file; every length is held against the file's size first.
pub(crate) struct Cursor<'a> {
    storage: &'a Storage,
    at: u64,
    window: Vec<u8>,
    window_at: u64,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(storage: &'a Storage) -> Cursor<'a> {
        Cursor {
            storage,
            at: 0,
            window: Vec::new(),
            window_at: 0,
        }
    }

    /// The byte that is read next.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// The file's size.
    pub(crate) fn bytes(&self) -> u64 {
        self.storage.bytes()
    }

    /// Refuses a count of things of at least `least` bytes each that the rest of the file cannot hold.
    /// `what` is spelled out only then.
    pub(crate) fn check_count(&self, what: impl Display, count: u64, least: u64) -> Result<(), GgufError> {
        let left = self.bytes().saturating_sub(self.at);
        if count.checked_mul(least).is_none_or(|needed| needed > left) {
            return Err(GgufError::Count {
                what: what.to_string(),
                count,
                bytes: self.bytes(),
            });
        }
        Ok(())
    }

    fn check_room(&self, needed: u64, what: &str) -> Result<(), GgufError> {
        if self.at.checked_add(needed).is_none_or(|end| end > self.bytes()) {
            return Err(GgufError::Truncated {
                what: what.to_string(),
                at: self.at,
                needed,
                bytes: self.bytes(),
            });
        }
        Ok(())
    }

    /// The next `N` bytes; `what` names them in errors.
    pub(crate) fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], GgufError> {
        self.check_room(N as u64, what)?;
        let mut found = [0; N];
        let held = usize::try_from(self.at.wrapping_sub(self.window_at)).ok();
        let held = held.and_then(|skip| self.window.get(skip..)?.get(..N));
        match held {
            Some(held) => found.copy_from_slice(held),
            None => {
                let left = usize::try_from(self.bytes() - self.at).unwrap_or(usize::MAX);
                self.window.resize(left.min(WINDOW), 0);
                self.window_at = self.at;
                self.storage.read(self.at, &mut self.window)?;
                found.copy_from_slice(&self.window[..N]);
            }
        }
        self.at += N as u64;
        Ok(found)
    }

    pub(crate) fn u32(&mut self, what: &str) -> Result<u32, GgufError> {
        self.array(what).map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self, what: &str) -> Result<u64, GgufError> {
        self.array(what).map(u64::from_le_bytes)
    }

    /// A text: its length in bytes as u64, then UTF-8.
    pub(crate) fn text(&mut self, what: &str) -> Result<String, GgufError> {
        let length = self.u64(what)?;
        self.check_room(length, what)?;
        if length > LONGEST_TEXT {
            return Err(GgufError::Count {
                what: format!("bytes of {what}"),
                count: length,
                bytes: self.bytes(),
            });
        }
        let mut text = vec![0; length as usize];
        let held = usize::try_from(self.at.wrapping_sub(self.window_at)).ok();
        match held.and_then(|skip| self.window.get(skip..)?.get(..text.len())) {
            Some(held) => text.copy_from_slice(held),
            None => self.storage.read(self.at, &mut text)?,
        }
        self.at += length;
        String::from_utf8(text).map_err(|_| GgufError::Text { what: what.to_string() })
    }
}
