use core::convert::Infallible;

use crate::Words;

/// The memory as one step sees it. Addresses are multiples of 4, words little-endian.
pub trait Access {
    /// Why memory could not be had: never for live memory, a malformed witness when replaying.
    type Error;

    /// The instruction word at `address`, which lies in slot 0.
    fn fetch(&mut self, address: u32) -> Result<u32, Self::Error>;

    /// The word at `address`.
    fn load(&mut self, address: u32) -> Result<u32, Self::Error>;

    /// Writes the word at `address`, which lies in slot 2 or 3.
    fn store(&mut self, address: u32, word: u32) -> Result<(), Self::Error>;
}

/// Live memory.
pub struct Live<'a, W>(pub &'a mut W);

impl<W: Words> Access for Live<'_, W> {
    type Error = Infallible;

    fn fetch(&mut self, address: u32) -> Result<u32, Infallible> {
        Ok(self.0.load(address))
    }

    fn load(&mut self, address: u32) -> Result<u32, Infallible> {
        Ok(self.0.load(address))
    }

    fn store(&mut self, address: u32, word: u32) -> Result<(), Infallible> {
        self.0.store(address, word, u32::MAX);
        Ok(())
    }
}
