/// Word access to a machine's memory, for code that runs on any of its forms. Every address is legal.
pub trait Words {
    /// The little-endian word that holds `address`; its two lowest bits are ignored.
    fn load(&mut self, address: u32) -> u32;

    /// Writes those bits of `word` that `mask` has set into the word that holds `address`. Outside slots 2 and 3 nothing
    /// happens.
    fn store(&mut self, address: u32, word: u32, mask: u32);
}
