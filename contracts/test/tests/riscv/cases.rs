use bytes::Bytes;
use opml_conformance::Noise;
use opml_engine::Region;
use opml_machine::{Memory, Processor};
use opml_riscv::{RiscVMachine, State};

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

    /// A register's value: often one where instructions differ, or an address near bytes.
    fn value(&mut self, pc: u32) -> u32 {
        match self.below(8) {
            0 => self.word(),
            1 => self.word() & 0xff,
            2 => [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x8000, 0xffff, 93][self.below(8)],
            3 => pc.wrapping_add(self.word() & 0x3f),
            4 => (self.word() & 0xf000_0000) | self.word() & 0x0fff,
            5 => (2 + self.word() % 2) << 28 | self.word() & 0x0fff,
            6 => (2 + self.word() % 2) << 28 | self.word() & 0x0ffc,
            _ => self.word() & !3,
        }
    }

    /// The witness with one damage of the kind `damage`: a bit flipped, the end cut, bytes appended, a byte replaced.
    pub(crate) fn damage(&mut self, witness: &[u8], damage: usize) -> Vec<u8> {
        let mut bytes = witness.to_vec();
        let place = self.below(bytes.len());
        match damage {
            0 => bytes[place] ^= 1 << self.below(8),
            1 => bytes.truncate(place),
            2 => {
                let more = 1 + self.below(200);
                bytes.extend(self.0.bytes(more));
            }
            _ => bytes[place] = bytes[place].wrapping_add(1 + self.below(255) as u8),
        }
        bytes
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
    pub(crate) fn machine(&self) -> RiscVMachine {
        RiscVMachine::at(
            self.state.clone(),
            Memory::new(&self.regions).expect("regions that fit"),
        )
    }
}

/// The families of `specs/riscv.md`: the bits that select an instruction, and which bits they are.
const FAMILIES: [(&str, &[(u32, u32)]); 8] = [
    (
        "alu",
        &[
            (0x13, 0x0000_107f),
            (0x13, 0x0000_007f),
            (0x17, 0x0000_005f),
            (0x33, 0xfe00_107f),
            (0x33, 0xfe00_007f),
            (0x4000_0033, 0xfe00_707f),
        ],
    ),
    ("shift", &[(0x1013, 0xfe00_705f), (0x5013, 0xbe00_705f)]),
    ("multiply", &[(0x0200_0033, 0xfe00_007f), (0x0200_4033, 0xfe0f_c07f)]),
    (
        "branch",
        &[
            (0x63, 0x0000_007f),
            (0x63, 0x0000_607f),
            (0x67, 0x0000_707f),
            (0x6f, 0x0000_007f),
        ],
    ),
    (
        "load",
        &[(0x03, 0x0000_207f), (0x03, 0x0000_007f), (0x2003, 0x0000_707f)],
    ),
    ("store", &[(0x23, 0x0000_607f), (0x2023, 0x0000_707f)]),
    (
        "system",
        &[
            (0x73, 0xffff_ffff),
            (0x73, 0xffef_ffff),
            (0x73, 0x0000_707f),
            (0x0f, 0x0000_707f),
            (0x0f, 0x0000_007f),
        ],
    ),
    ("any", &[(0, 0), (3, 3), (0x03, 0x03), (0x13, 0x0f), (0x33, 0x7f)]),
];

/// A random instruction in a random state over a memory with a little in every kind of slot.
pub(crate) fn random_case(random: &mut Random) -> Case {
    let (family, forms) = FAMILIES[random.below(FAMILIES.len())];
    let (bits, mask) = forms[random.below(forms.len())];
    let mut word = random.word() & !mask | bits;
    if matches!(family, "load" | "store") && random.below(4) != 0 {
        word &= 0x0fff_ffff;
    }
    let pc = 0x1000 + 4 * random.below(256) as u32;
    let mut state = State::entry();
    state.pc = pc;
    for register in &mut state.registers[1..] {
        *register = random.value(pc);
    }
    let base = (word >> 15 & 31) as usize;
    if family == "store" && base != 0 && random.below(4) != 0 {
        state.registers[base] = (2 + random.word() % 2) << 28 | random.word() & 0x0ffc;
    }
    if family == "system" && random.below(3) == 0 {
        state.registers[17] = 93;
    }
    match random.below(24) {
        1 => state.pc = random.word(),
        2 => state.pc |= random.word() & 3,
        3 => state.exited = true,
        _ => {}
    }
    state.exit_code = if random.below(8) == 0 { random.word() as u8 } else { 0 };
    let mut code = random.0.bytes(1024);
    code[(pc - 0x1000) as usize..][..4].copy_from_slice(&word.to_le_bytes());
    let mut regions = vec![region(0x1000, code)];
    for slot in 1..16u32 {
        if random.below(3) != 0 {
            let length = 1 + random.below(0x300);
            regions.push(region(slot << 28, random.0.bytes(length)));
        }
    }
    Case { family, state, regions }
}

/// `sw` of a register into slot 3.
pub(crate) fn store_case() -> Case {
    let mut random = Random::new(3);
    typical("store", 0x0020_a823, 0x3000_0100, &mut random)
}

/// Steps in a memory as a dispute has it: a 128 KiB image, a stack, inputs and weights of many sizes.
pub(crate) fn typical_cases() -> Vec<(&'static str, Case)> {
    let mut random = Random::new(4);
    [
        ("add", 0x0020_81b3, 0x3000_0100),
        ("bne", 0xfe20_90e3, 0x3000_0100),
        ("lw, a weight", 0x0100_a103, 0x5008_0100),
        ("lw, the stack", 0x0100_a103, 0x200f_ff80),
        ("sw, the output", 0x0020_a823, 0x3000_0100),
        ("sw, the stack", 0x0020_a823, 0x200f_ff80),
    ]
    .into_iter()
    .map(|(name, word, address)| (name, typical(name, word, address, &mut random)))
    .collect()
}

fn typical(family: &'static str, word: u32, address: u32, random: &mut Random) -> Case {
    let mut state = State::entry();
    state.pc = 0x9abc;
    for register in &mut state.registers[1..] {
        *register = random.word();
    }
    state.registers[1] = address;
    let mut image = random.0.bytes(128 << 10);
    image[0x9abc - 0x1000..][..4].copy_from_slice(&word.to_le_bytes());
    let sizes = [(1, 1024), (3, 5000), (4, 3136), (5, 1 << 20), (6, 512)];
    let mut regions = vec![region(0x1000, image), region(0x200f_f000, random.0.bytes(0x1000))];
    for (slot, length) in sizes {
        regions.push(region(slot << 28, random.0.bytes(length)));
    }
    Case { family, state, regions }
}

fn region(address: u32, bytes: Vec<u8>) -> Region {
    Region {
        address,
        bytes: Bytes::from(bytes),
        slot_root: None,
    }
}
