use bytes::Bytes;
use opml_conformance::Noise;
use opml_engine::Region;
use opml_machine::Memory;
use opml_mips::{MipsMachine, State};

/// Random numbers, as machines need them.
pub(crate) struct Random(Noise);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(Noise::new(seed))
    }

    pub(crate) fn word(&mut self) -> u32 {
        self.0.number() as u32
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0.below(limit as u64) as usize
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        self.0.bytes(length)
    }

    /// A register's value: often one where instructions differ, or an address near bytes.
    pub(crate) fn value(&mut self, pc: u32) -> u32 {
        match self.below(10) {
            0 => self.word(),
            1 => self.word() & 0xff,
            8 => self.word() as i16 as u32,
            9 => 1 << self.below(32),
            2 => [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x8000, 0xffff, 4246][self.below(8)],
            3 => pc.wrapping_add(self.word() & 0x3f),
            4 => (self.word() & 0xf000_0000) | self.word() & 0x0fff,
            5 => (2 + self.word() % 2) << 28 | self.word() & 0x0fff,
            6 => (2 + self.word() % 2) << 28 | self.word() & 0x0ffc,
            _ => self.word() & !3,
        }
    }
}

/// One step: a state over a memory.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// What the instruction is meant to be of.
    pub(crate) family: &'static str,
    state: State,
    regions: Vec<Region>,
}

impl Case {
    pub(crate) fn machine(&self) -> MipsMachine {
        MipsMachine::at(
            self.state.clone(),
            Memory::new(&self.regions).expect("regions that fit"),
        )
    }
}

/// The families of `specs/mips.md`: the bits that select an instruction, and which bits they are.
const FAMILIES: [(&str, &[(u32, u32)]); 9] = [
    (
        "alu",
        &[
            (0x2000_0000, 0xe000_0000),
            (0x20, 0xfc00_0038),
            (0x20, 0xfc00_003d),
            (0x2a, 0xfc00_003e),
            (0x0a, 0xfc00_003e),
        ],
    ),
    (
        "shift",
        &[(0, 0xfc00_0039), (3, 0xfc00_003b), (6, 0xfc00_003f), (2, 0xfc00_003f)],
    ),
    (
        "multiply",
        &[
            (0x10, 0xfc00_003c),
            (0x18, 0xfc00_003c),
            (0x1a, 0xfc1f_003e),
            (0x7000_0000, 0xfc00_003e),
            (0x7000_0002, 0xfc00_003f),
            (0x7000_0004, 0xfc00_003e),
        ],
    ),
    (
        "bits",
        &[
            (0x7000_0020, 0xfc00_003e),
            (0x7c00_0000, 0xfc00_003f),
            (0x7c00_0004, 0xfc00_003f),
            (0x7c00_00a0, 0xfc00_07ff),
            (0x7c00_0420, 0xfc00_07ff),
            (0x7c00_0620, 0xfc00_07ff),
        ],
    ),
    (
        "branch",
        &[
            (0x1000_0000, 0xf000_0000),
            (0x5000_0000, 0xf000_0000),
            (0x0400_0000, 0xfc0c_0000),
            (0x0800_0000, 0xf800_0000),
            (0x08, 0xfc00_003e),
        ],
    ),
    (
        "load",
        &[
            (0x8000_0000, 0xf000_0000),
            (0x9000_0000, 0xf800_0000),
            (0x9800_0000, 0xfc00_0000),
            (0xc000_0000, 0xfc00_0000),
        ],
    ),
    (
        "store",
        &[
            (0xa000_0000, 0xf000_0000),
            (0xb800_0000, 0xfc00_0000),
            (0xe000_0000, 0xfc00_0000),
        ],
    ),
    (
        "trap",
        &[(0x30, 0xfc00_0038), (0x0408_0000, 0xfc18_0000), (0x0c, 0xfc00_003e)],
    ),
    (
        "any",
        &[
            (0, 0),
            (0x0f, 0xfc00_003f),
            (0xcc00_0000, 0xfc00_0000),
            (0x041f_0000, 0xfc1f_0000),
        ],
    ),
];

/// A random instruction in a random state over a memory with a little in every kind of slot.
pub(crate) fn random_case(random: &mut Random) -> Case {
    let (family, mut word) = random_word(random);
    if matches!(family, "load" | "store") && random.below(4) != 0 {
        word &= 0xffff_00ff;
    }
    let pc = 0x1000 + 4 * random.below(256) as u32;
    let mut state = State::entry();
    state.pc = pc;
    state.next_pc = pc + 4;
    state.hi = random.word();
    state.lo = random.value(pc);
    for register in &mut state.registers[1..] {
        *register = random.value(pc);
    }
    let base = (word >> 21 & 31) as usize;
    if family == "store" && base != 0 && random.below(4) != 0 {
        state.registers[base] = (2 + random.word() % 2) << 28 | random.word() & 0x0ffc;
    }
    if random.below(2) == 0 {
        state.ll = state.registers[base].wrapping_add(word as u16 as i16 as u32) | 1;
    }
    match random.below(24) {
        0 => state.next_pc = random.value(pc),
        1 => state.pc = random.word(),
        2 => state.pc |= random.word() & 3,
        3 => state.exited = true,
        _ => {}
    }
    state.exit_code = if random.below(8) == 0 { random.word() as u8 } else { 0 };
    let mut code = random.bytes(1024);
    code[(pc - 0x1000) as usize..][..4].copy_from_slice(&word.to_le_bytes());
    let mut regions = vec![region(0x1000, code)];
    for slot in 1..16u32 {
        if random.below(3) != 0 {
            let length = 1 + random.below(0x300);
            regions.push(region(slot << 28, random.bytes(length)));
        }
    }
    Case { family, state, regions }
}

/// A random word of a random family, and the family's name.
pub(crate) fn random_word(random: &mut Random) -> (&'static str, u32) {
    let (family, forms) = FAMILIES[random.below(FAMILIES.len())];
    let (bits, mask) = forms[random.below(forms.len())];
    (family, random.word() & !mask | bits)
}

pub(crate) fn region(address: u32, bytes: Vec<u8>) -> Region {
    Region {
        address,
        bytes: Bytes::from(bytes),
        slot_root: None,
    }
}
