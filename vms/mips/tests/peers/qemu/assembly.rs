//! MIPS words of the few instructions that the harness needs.

/// Registers by their conventional names.
pub(crate) const ZERO: u32 = 0;
pub(crate) const V0: u32 = 2;
pub(crate) const A0: u32 = 4;
pub(crate) const A1: u32 = 5;
pub(crate) const A2: u32 = 6;
pub(crate) const A3: u32 = 7;
pub(crate) const T0: u32 = 8;
pub(crate) const S0: u32 = 16;
pub(crate) const S1: u32 = 17;
pub(crate) const S2: u32 = 18;
pub(crate) const S3: u32 = 19;
pub(crate) const S4: u32 = 20;
pub(crate) const S5: u32 = 21;
pub(crate) const RA: u32 = 31;

/// Code at an address.
pub(crate) struct Assembly {
    words: Vec<u32>,
}

impl Assembly {
    pub(crate) fn new() -> Self {
        Assembly { words: Vec::new() }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// The place of the next word.
    pub(crate) fn here(&self) -> usize {
        self.words.len()
    }

    fn immediate(&mut self, op: u32, rs: u32, rt: u32, value: u32) {
        self.words.push(op << 26 | rs << 21 | rt << 16 | value & 0xffff);
    }

    pub(crate) fn constant(&mut self, register: u32, value: u32) {
        self.immediate(0x0f, 0, register, value >> 16);
        self.immediate(0x0d, register, register, value);
    }

    pub(crate) fn copy(&mut self, to: u32, from: u32) {
        self.words.push(from << 21 | to << 11 | 0x21);
    }

    pub(crate) fn add(&mut self, to: u32, from: u32, value: i32) {
        self.immediate(0x09, from, to, value as u32);
    }

    pub(crate) fn load(&mut self, register: u32, base: u32, offset: u32) {
        self.immediate(0x23, base, register, offset);
    }

    pub(crate) fn store(&mut self, register: u32, base: u32, offset: u32) {
        self.immediate(0x2b, base, register, offset);
    }

    pub(crate) fn load_linked(&mut self, register: u32, base: u32) {
        self.immediate(0x30, base, register, 0);
    }

    /// A system call by its number.
    pub(crate) fn call(&mut self, number: u32) {
        self.constant(V0, number);
        self.words.push(0x0000_000c);
    }

    pub(crate) fn break_(&mut self) {
        self.words.push(0x0000_000d);
    }

    /// Returns to `ra`.
    pub(crate) fn return_(&mut self) {
        self.words.push(RA << 21 | 0x08);
        self.words.push(0);
    }

    /// Branches to `place` when the registers are equal; an empty slot follows.
    pub(crate) fn branch_equal(&mut self, left: u32, right: u32, place: usize) {
        self.branch(0x04, left, right, place);
    }

    /// Branches to `place` when the registers differ; an empty slot follows.
    pub(crate) fn branch_different(&mut self, left: u32, right: u32, place: usize) {
        self.branch(0x05, left, right, place);
    }

    fn branch(&mut self, op: u32, left: u32, right: u32, place: usize) {
        let offset = place as i32 - self.here() as i32 - 1;
        self.immediate(op, left, right, offset as u32);
        self.words.push(0);
    }

    /// Leaves room for a branch, to be filled by [`Assembly::patch_equal`].
    pub(crate) fn room(&mut self) -> usize {
        let place = self.here();
        self.words.extend([0, 0]);
        place
    }

    /// Fills `room` with a branch to here when the registers are equal.
    pub(crate) fn patch_equal(&mut self, room: usize, left: u32, right: u32) {
        let offset = (self.here() - room - 1) as u32;
        self.words[room] = 0x04 << 26 | left << 21 | right << 16 | offset;
    }
}
