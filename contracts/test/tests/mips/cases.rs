use bytes::Bytes;
use opml_engine::Region;
use opml_machine::Memory;
use opml_mips::{MipsMachine, State};

/// A deterministic stream of numbers (splitmix).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub(crate) fn word(&mut self) -> u32 {
        self.next() as u32
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    /// A register's value: often one where instructions differ, or an address near bytes.
    fn value(&mut self, pc: u32) -> u32 {
        match self.below(8) {
            0 => self.word(),
            1 => self.word() & 0xff,
            2 => [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x8000, 0xffff, 4246][self.below(8)],
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
                bytes.extend(self.bytes(more));
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
    let (family, forms) = FAMILIES[random.below(FAMILIES.len())];
    let (bits, mask) = forms[random.below(forms.len())];
    let mut word = random.word() & !mask | bits;
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

/// `sw` of a register into slot 3.
pub(crate) fn store_case() -> Case {
    let mut random = Random(3);
    typical("store", 0xac22_0010, 0x3000_0100, &mut random)
}

/// Steps in a memory as a dispute has it: a 128 KiB image, a stack, inputs and weights of many sizes.
pub(crate) fn typical_cases() -> Vec<(&'static str, Case)> {
    let mut random = Random(4);
    [
        ("addu", 0x0022_1821, 0x3000_0100),
        ("bne", 0x1422_fff0, 0x3000_0100),
        ("lw, a weight", 0x8c22_0010, 0x5008_0100),
        ("lw, the stack", 0x8c22_0010, 0x200f_ff80),
        ("sw, the output", 0xac22_0010, 0x3000_0100),
        ("sw, the stack", 0xac22_0010, 0x200f_ff80),
    ]
    .into_iter()
    .map(|(name, word, address)| (name, typical(name, word, address, &mut random)))
    .collect()
}

fn typical(family: &'static str, word: u32, address: u32, random: &mut Random) -> Case {
    let mut state = State::entry();
    state.pc = 0x9abc;
    state.next_pc = 0x9ac0;
    for register in &mut state.registers[1..] {
        *register = random.word();
    }
    state.registers[1] = address;
    let mut image = random.bytes(128 << 10);
    image[0x9abc - 0x1000..][..4].copy_from_slice(&word.to_le_bytes());
    let sizes = [
        (1, 1024),
        (0x2, 0),
        (0x3, 5000),
        (0x4, 3136),
        (0x5, 1 << 20),
        (0x6, 512),
    ];
    let mut regions = vec![region(0x1000, image), region(0x200f_f000, random.bytes(0x1000))];
    for (slot, length) in sizes {
        if length > 0 {
            regions.push(region(slot << 28, random.bytes(length)));
        }
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
