/// An instruction: its family in `specs/mips.md`, its name, its word over r1 (an address plus 0x10 is where it loads and stores),
/// r2 and r3, and what it does to memory.
pub(crate) struct Instruction {
    pub(crate) family: &'static str,
    pub(crate) name: &'static str,
    pub(crate) word: u32,
    pub(crate) access: Access,
}

/// What an instruction does to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing.
    None,
    /// Reads a word.
    Load,
    /// Replaces a word.
    Store,
}

const RS: u32 = 1 << 21;
const RT: u32 = 2 << 16;
const RD: u32 = 3 << 11;
const SA: u32 = 5 << 6;

/// Every instruction of the machine.
pub(crate) fn instructions() -> Vec<Instruction> {
    let mut all = Vec::new();
    let mut add = |family, access, list: &[(&'static str, u32)]| {
        all.extend(list.iter().map(|&(name, word)| Instruction {
            family,
            name,
            word,
            access,
        }));
    };
    let immediate = |op: u32| op << 26 | RS | RT | 0x10;
    let special = |function: u32| RS | RT | RD | function;
    let special2 = |function: u32| 0x1c << 26 | RS | RT | RD | function;
    let regimm = |rt: u32| 1 << 26 | RS | rt << 16 | 0x10;
    add(
        "alu",
        Access::None,
        &[
            ("addi", immediate(0x08)),
            ("addiu", immediate(0x09)),
            ("slti", immediate(0x0a)),
            ("sltiu", immediate(0x0b)),
            ("andi", immediate(0x0c)),
            ("ori", immediate(0x0d)),
            ("xori", immediate(0x0e)),
            ("lui", immediate(0x0f)),
            ("movz", special(0x0a)),
            ("movn", special(0x0b)),
            ("add", special(0x20)),
            ("addu", special(0x21)),
            ("sub", special(0x22)),
            ("subu", special(0x23)),
            ("and", special(0x24)),
            ("or", special(0x25)),
            ("xor", special(0x26)),
            ("nor", special(0x27)),
            ("slt", special(0x2a)),
            ("sltu", special(0x2b)),
        ],
    );
    add(
        "shift",
        Access::None,
        &[
            ("sll", RT | RD | SA),
            ("srl", RT | RD | SA | 0x02),
            ("rotr", 1 << 21 | RT | RD | SA | 0x02),
            ("sra", RT | RD | SA | 0x03),
            ("sllv", special(0x04)),
            ("srlv", special(0x06)),
            ("rotrv", special(0x06) | 1 << 6),
            ("srav", special(0x07)),
        ],
    );
    add(
        "multiply",
        Access::None,
        &[
            ("mfhi", special(0x10)),
            ("mthi", special(0x11)),
            ("mflo", special(0x12)),
            ("mtlo", special(0x13)),
            ("mult", special(0x18)),
            ("multu", special(0x19)),
            ("div", special(0x1a)),
            ("divu", special(0x1b)),
            ("madd", special2(0x00)),
            ("maddu", special2(0x01)),
            ("mul", special2(0x02)),
            ("msub", special2(0x04)),
            ("msubu", special2(0x05)),
        ],
    );
    add(
        "bits",
        Access::None,
        &[
            ("clz", special2(0x20)),
            ("clo", special2(0x21)),
            ("ext", 0x1f << 26 | RS | RT | RD | SA),
            ("ins", 0x1f << 26 | RS | RT | 9 << 11 | SA | 0x04),
            ("wsbh", 0x1f << 26 | RT | RD | 0x02 << 6 | 0x20),
            ("seb", 0x1f << 26 | RT | RD | 0x10 << 6 | 0x20),
            ("seh", 0x1f << 26 | RT | RD | 0x18 << 6 | 0x20),
        ],
    );
    add(
        "branch",
        Access::None,
        &[
            ("beq", immediate(0x04)),
            ("bne", immediate(0x05)),
            ("blez", immediate(0x06)),
            ("bgtz", immediate(0x07)),
            ("beql", immediate(0x14)),
            ("bnel", immediate(0x15)),
            ("blezl", immediate(0x16)),
            ("bgtzl", immediate(0x17)),
            ("bltz", regimm(0x00)),
            ("bgez", regimm(0x01)),
            ("bltzl", regimm(0x02)),
            ("bgezl", regimm(0x03)),
            ("bltzal", regimm(0x10)),
            ("bgezal", regimm(0x11)),
            ("bltzall", regimm(0x12)),
            ("bgezall", regimm(0x13)),
            ("j", 2 << 26 | 0x400),
            ("jal", 3 << 26 | 0x400),
            ("jr", RS | 0x08),
            ("jalr", RS | RD | 0x09),
        ],
    );
    add(
        "memory",
        Access::Load,
        &[
            ("lb", immediate(0x20)),
            ("lh", immediate(0x21)),
            ("lwl", immediate(0x22)),
            ("lw", immediate(0x23)),
            ("lbu", immediate(0x24)),
            ("lhu", immediate(0x25)),
            ("lwr", immediate(0x26)),
            ("ll", immediate(0x30)),
        ],
    );
    add(
        "memory",
        Access::Store,
        &[
            ("sb", immediate(0x28)),
            ("sh", immediate(0x29)),
            ("swl", immediate(0x2a)),
            ("sw", immediate(0x2b)),
            ("swr", immediate(0x2e)),
            ("sc", immediate(0x38)),
        ],
    );
    add(
        "memory",
        Access::None,
        &[
            ("pref", immediate(0x33)),
            ("synci", regimm(0x1f)),
            ("sync", special(0x0f)),
        ],
    );
    add(
        "trap",
        Access::None,
        &[
            ("tge", special(0x30)),
            ("tgeu", special(0x31)),
            ("tlt", special(0x32)),
            ("tltu", special(0x33)),
            ("teq", special(0x34)),
            ("tne", special(0x36)),
            ("tgei", regimm(0x08)),
            ("tgeiu", regimm(0x09)),
            ("tlti", regimm(0x0a)),
            ("tltiu", regimm(0x0b)),
            ("teqi", regimm(0x0c)),
            ("tnei", regimm(0x0e)),
            ("syscall", 0x0c),
            ("break", 0x0d),
        ],
    );
    all
}
