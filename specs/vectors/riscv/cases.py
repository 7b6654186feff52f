"""The cases of this folder: what goes in and what comes out, by hand from `specs/riscv.md` and the RISC-V manual.

    python3 cases.py            writes the first six keys of every file (README.md of the folder above); derive the rest afterwards
    python3 cases.py --check    exit 1 when a file has other first six keys

Every result below is a literal. Only encodings are computed, by the formats of the manual.
"""

import json
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
RD, RS1, RS2 = 5, 6, 7
DATA = 0x2000_0000
ONES = 0xFFFF_FFFF
MIN = 0x8000_0000
MAX = 0x7FFF_FFFF

FETCH, RESERVED, MISALIGNED, FORBIDDEN, BREAK, SYSCALL = 128, 129, 131, 132, 136, 137


# Formats.


def r_type(opcode, funct3, funct7, rd=RD, rs1=RS1, rs2=RS2):
    return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode


def i_type(opcode, funct3, imm, rd=RD, rs1=RS1):
    return (imm & 0xFFF) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode


def s_type(opcode, funct3, imm, rs1=RS1, rs2=RS2):
    return (imm >> 5 & 0x7F) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (imm & 0x1F) << 7 | opcode


def b_type(funct3, imm, rs1=RS1, rs2=RS2):
    high = (imm >> 12 & 1) << 31 | (imm >> 5 & 0x3F) << 25
    return high | rs2 << 20 | rs1 << 15 | funct3 << 12 | (imm >> 1 & 0xF) << 8 | (imm >> 11 & 1) << 7 | 0x63


def u_type(opcode, imm, rd=RD):
    return imm & 0xFFFF_F000 | rd << 7 | opcode


def j_type(imm, rd=RD):
    moved = (imm >> 20 & 1) << 31 | (imm >> 1 & 0x3FF) << 21 | (imm >> 11 & 1) << 20
    return moved | imm & 0xF_F000 | rd << 7 | 0x6F


# Cases.


def case(name, word, before=None, after=None, memory=None, memory_after=None):
    def fields(numbers):
        return {name: f"0x{value:08x}" for name, value in (numbers or {}).items()}

    def words(numbers):
        return fields({f"0x{address:08x}": value for address, value in (numbers or {}).items()})

    return {
        "name": name,
        "word": f"0x{word:08x}",
        "before": fields(before),
        "memory": words(memory),
        "after": fields(after),
        "memory_after": words(memory_after),
    }


def fault(number):
    return {"exited": 1, "exit_code": number}


def computed(name, funct3, funct7, rows):
    """Cases of two registers: left, right, result."""
    word = r_type(0x33, funct3, funct7)
    yield from (
        case(f"{name} {left:#x}, {right:#x}", word, {"x6": left, "x7": right}, {"x5": result} if result else {})
        for left, right, result in rows
    )


def immediate(name, funct3, rows):
    """Cases of a register and an immediate: left, immediate, result."""
    yield from (
        case(f"{name} {left:#x}, {imm}", i_type(0x13, funct3, imm), {"x6": left}, {"x5": result} if result else {})
        for left, imm, result in rows
    )


def alu():
    yield case("lui", u_type(0x37, 0x1234_5000), {}, {"x5": 0x1234_5000})
    yield case("lui of the highest bit", u_type(0x37, 0x8000_0000), {}, {"x5": 0x8000_0000})
    yield case("lui of ones", u_type(0x37, 0xFFFF_F000), {}, {"x5": 0xFFFF_F000})
    yield case("lui to register 0", u_type(0x37, 0x1234_5000, rd=0))
    yield case("auipc", u_type(0x17, 0x0001_2000), {}, {"x5": 0x0001_3000})
    yield case("auipc backward", u_type(0x17, 0xFFFF_F000), {"pc": 0x1ABC}, {"x5": 0x0000_0ABC})
    yield case("auipc wraps", u_type(0x17, 0xFFFF_F000), {"pc": 0x00FC}, {"x5": 0xFFFF_F0FC})
    yield case("auipc to register 0", u_type(0x17, 0x0001_2000, rd=0))

    yield from immediate("addi", 0, [(3, 4, 7), (3, -4, ONES), (MAX, 1, MIN), (ONES, 1, 0), (0, 2047, 2047), (0, -2048, 0xFFFF_F800)])
    yield from immediate("slti", 2, [(3, 4, 1), (4, 4, 0), (5, 4, 0), (MIN, -1, 1), (ONES, 0, 1), (0, -1, 0), (MAX, -2048, 0)])
    yield from immediate("sltiu", 3, [(3, 4, 1), (4, 4, 0), (5, 4, 0), (MIN, -1, 1), (ONES, -1, 0), (0, 1, 1), (0, -2048, 1), (0xFFFF_F800, -2048, 0)])
    yield from immediate("xori", 4, [(0x00FF_0F00, -1, 0xFF00_F0FF), (0x0000_0F0F, 0x70F, 0x0000_0800), (0, 0, 0)])
    yield from immediate("ori", 6, [(0x1200_0034, 0x700, 0x1200_0734), (0x1200_0034, -2048, 0xFFFF_F834)])
    yield from immediate("andi", 7, [(0x1234_5678, 0x0FF, 0x78), (0x1234_5678, -16, 0x1234_5670), (0x1234_5678, 0, 0)])
    yield case("addi with register 0 is its immediate", i_type(0x13, 0, 5, rs1=0), {}, {"x5": 5})
    yield case("addi x0, x0, 0 is the no-op", 0x0000_0013)
    yield case("addi to register 0", i_type(0x13, 0, 5, rd=0), {"x6": 9})
    yield case("addi onto its own source", i_type(0x13, 0, -16, rd=2, rs1=2), {}, {"x2": 0x200F_FFF0})
    yield case("addi to register 31", i_type(0x13, 0, 1, rd=31, rs1=31), {"x31": 6}, {"x31": 7})

    yield from computed("add", 0, 0x00, [(3, 4, 7), (MAX, 1, MIN), (ONES, ONES, 0xFFFF_FFFE), (MIN, MIN, 0), (MIN, 0xFFFF_8000, 0x7FFF_8000)])
    yield from computed("sub", 0, 0x20, [(3, 4, ONES), (4, 3, 1), (MIN, 1, MAX), (0, MIN, MIN), (5, 5, 0)])
    yield from computed("slt", 2, 0x00, [(3, 4, 1), (4, 3, 0), (MIN, MAX, 1), (MAX, MIN, 0), (ONES, 0, 1), (7, 7, 0)])
    yield from computed("sltu", 3, 0x00, [(3, 4, 1), (4, 3, 0), (MIN, MAX, 0), (MAX, MIN, 1), (0, ONES, 1), (7, 7, 0)])
    yield from computed("xor", 4, 0x00, [(0xFF00_FF00, 0x0F0F_0F0F, 0xF00F_F00F), (ONES, ONES, 0)])
    yield from computed("or", 6, 0x00, [(0xFF00_FF00, 0x0F0F_0F0F, 0xFF0F_FF0F), (0, 0, 0)])
    yield from computed("and", 7, 0x00, [(0xFF00_FF00, 0x0F0F_0F0F, 0x0F00_0F00), (0xFF00_FF00, 0x00FF_00FF, 0)])
    yield case("add with one register for all", r_type(0x33, 0, 0, 5, 5, 5), {"x5": 21}, {"x5": 42})
    yield case("add to register 0", r_type(0x33, 0, 0, rd=0), {"x6": 1, "x7": 2})
    yield case("sub from register 0", r_type(0x33, 0, 0x20, rs1=0), {"x7": 1}, {"x5": ONES})
    for name, funct3 in [("sll", 1), ("slt", 2), ("sltu", 3), ("xor", 4), ("or", 6), ("and", 7)]:
        yield case(f"{name} with funct7 20", r_type(0x33, funct3, 0x20), {}, fault(RESERVED))
    for funct7 in [0x02, 0x04, 0x05, 0x10, 0x21, 0x40, 0x7F]:
        yield case(f"add with funct7 {funct7:02x}", r_type(0x33, 0, funct7), {}, fault(RESERVED))


def shift():
    left = [(0x1234_5678, 0, 0x1234_5678), (0x1234_5678, 4, 0x2345_6780), (1, 31, MIN), (3, 31, MIN)]
    right = [(0x9234_5678, 0, 0x9234_5678), (0x9234_5678, 4, 0x0923_4567), (MIN, 31, 1), (MAX, 31, 0)]
    arithmetic = [(0x9234_5678, 0, 0x9234_5678), (0x9234_5678, 4, 0xF923_4567), (MIN, 31, ONES), (MAX, 31, 0)]
    for name, funct3, funct7, rows in [("sll", 1, 0x00, left), ("srl", 5, 0x00, right), ("sra", 5, 0x20, arithmetic)]:
        yield from computed(name, funct3, funct7, rows)
        yield from (
            case(f"{name}i {value:#x}, {amount}", r_type(0x13, funct3, funct7, rs2=amount), {"x6": value}, {"x5": result} if result else {})
            for value, amount, result in rows
        )
        yield case(f"{name}i to register 0", r_type(0x13, funct3, funct7, rd=0), {"x6": 9})
        yield case(f"{name}i of register 0", r_type(0x13, funct3, funct7, rs1=0))
    yield from computed("sll", 1, 0x00, [(1, 32, 1), (1, 0xFFFF_FFE1, 2)])
    yield from computed("srl", 5, 0x00, [(MIN, 32, MIN), (MIN, 0xFFFF_FFE1, 0x4000_0000)])
    yield from computed("sra", 5, 0x20, [(MIN, 32, MIN), (MIN, 0xFFFF_FFE1, 0xC000_0000)])
    yield case("sll of a register by itself", r_type(0x33, 1, 0, 5, 5, 5), {"x5": 3}, {"x5": 24})
    for funct3, funct7 in [(1, 0x20), (1, 0x01), (1, 0x40), (5, 0x01), (5, 0x21), (5, 0x60), (5, 0x10)]:
        yield case(f"opcode 13, funct3 {funct3}, funct7 {funct7:02x}", r_type(0x13, funct3, funct7), {}, fault(RESERVED))


def multiply():
    yield from computed("mul", 0, 0x01, [(7, 6, 42), (ONES, ONES, 1), (MIN, 2, 0), (0x0001_0001, 0x0001_0001, 0x0002_0001), (MAX, MAX, 1), (0, 5, 0)])
    yield from computed("mulh", 1, 0x01, [(7, 6, 0), (ONES, ONES, 0), (ONES, 1, ONES), (MIN, MIN, 0x4000_0000), (MIN, MAX, 0xC000_0000), (MAX, MAX, 0x3FFF_FFFF), (0xAAAA_AAAB, 0x0002_FE7D, 0xFFFF_0081)])
    yield from computed("mulhsu", 2, 0x01, [(7, 6, 0), (ONES, ONES, ONES), (1, ONES, 0), (ONES, 1, ONES), (MIN, MIN, 0xC000_0000), (MIN, ONES, MIN), (MAX, ONES, 0x7FFF_FFFE), (0xAAAA_AAAB, 0x0002_FE7D, 0xFFFF_0081), (0x0002_FE7D, 0xAAAA_AAAB, 0x0001_FEFE)])
    yield from computed("mulhu", 3, 0x01, [(7, 6, 0), (ONES, ONES, 0xFFFF_FFFE), (MIN, MIN, 0x4000_0000), (MIN, 2, 1), (0xAAAA_AAAB, 0x0002_FE7D, 0x0001_FEFE)])
    yield from computed("div", 4, 0x01, [(20, 6, 3), (0xFFFF_FFEC, 6, 0xFFFF_FFFD), (20, 0xFFFF_FFFA, 0xFFFF_FFFD), (0xFFFF_FFEC, 0xFFFF_FFFA, 3), (MIN, 1, MIN), (MIN, ONES, MIN), (MIN, 0, ONES), (1, 0, ONES), (0, 0, ONES), (0, 3, 0)])
    yield from computed("divu", 5, 0x01, [(20, 6, 3), (0xFFFF_FFEC, 6, 715827879), (20, 0xFFFF_FFFA, 0), (MIN, 1, MIN), (MIN, ONES, 0), (ONES, MIN, 1), (MIN, 0, ONES), (0, 0, ONES)])
    yield from computed("rem", 6, 0x01, [(20, 6, 2), (0xFFFF_FFEC, 6, 0xFFFF_FFFE), (20, 0xFFFF_FFFA, 2), (0xFFFF_FFEC, 0xFFFF_FFFA, 0xFFFF_FFFE), (MIN, 1, 0), (MIN, ONES, 0), (MIN, 0, MIN), (1, 0, 1), (0, 0, 0)])
    yield from computed("remu", 7, 0x01, [(20, 6, 2), (0xFFFF_FFEC, 6, 2), (20, 0xFFFF_FFFA, 20), (MIN, 1, 0), (MIN, ONES, MIN), (ONES, MIN, MAX), (MIN, 0, MIN), (0, 0, 0)])
    for funct3, name in enumerate(["mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu"]):
        yield case(f"{name} to register 0", r_type(0x33, funct3, 0x01, rd=0), {"x6": 7, "x7": 0})
    yield case("rem onto its divisor", r_type(0x33, 6, 0x01, rd=7), {"x6": 23, "x7": 7}, {"x7": 2})


def branch():
    rows = {
        "beq": (0, [(5, 5, True), (5, 6, False), (0, 0, True)]),
        "bne": (1, [(5, 5, False), (5, 6, True), (MIN, 0, True)]),
        "blt": (4, [(5, 6, True), (6, 5, False), (5, 5, False), (MIN, MAX, True), (MAX, MIN, False), (ONES, 0, True)]),
        "bge": (5, [(5, 6, False), (6, 5, True), (5, 5, True), (MIN, MAX, False), (MAX, MIN, True), (0, ONES, True)]),
        "bltu": (6, [(5, 6, True), (6, 5, False), (5, 5, False), (MIN, MAX, False), (MAX, MIN, True), (0, ONES, True)]),
        "bgeu": (7, [(5, 6, False), (6, 5, True), (5, 5, True), (MIN, MAX, True), (MAX, MIN, False), (ONES, 0, True)]),
    }
    for name, (funct3, cases) in rows.items():
        for left, right, taken in cases:
            does = "taken" if taken else "not taken"
            yield case(f"{name} {left:#x}, {right:#x}: {does}", b_type(funct3, 64), {"x6": left, "x7": right}, {"pc": 0x1040} if taken else {})
    for name, offset, target in [
        ("forward as far as it goes", 4094, 0x1FFE),
        ("backward as far as it goes", -4096, 0),
        ("bit 11 of the offset", 2048, 0x1800),
        ("bit 11 of a negative offset", -2048 - 4, 0x07FC),
        ("each bit of the offset: 2", 2, 0x1002),
        ("each bit of the offset: 4", 4, 0x1004),
        ("each bit of the offset: 16", 16, 0x1010),
        ("each bit of the offset: 32", 32, 0x1020),
        ("each bit of the offset: 1024", 1024, 0x1400),
        ("to itself", 0, 0x1000),
    ]:
        yield case(f"beq {name}", b_type(0, offset), {}, {"pc": target})
    yield case("bne that is not taken to a misaligned target", b_type(1, 2))
    yield case("beq out of the slot", b_type(0, -4), {"pc": 0}, {"pc": 0xFFFF_FFFC})
    yield case("beq forward out of the slot", b_type(0, 4), {"pc": 0x0FFF_FFFC}, {"pc": 0x1000_0000})
    yield case("bne at the slot's end that is not taken", b_type(1, 4), {"pc": 0x0FFF_FFFC})
    for funct3 in [2, 3]:
        yield case(f"opcode 63, funct3 {funct3}", b_type(funct3, 64), {}, fault(RESERVED))

    for name, offset, target in [
        ("forward", 0x40, 0x1040),
        ("forward as far as it goes", 0xF_FFFE, 0x10_0FFE),
        ("backward", -0x1000, 0),
        ("out of the slot", -0x2000, 0xFFFF_F000),
        ("backward as far as it goes", -0x10_0000, 0xFFF0_1000),
        ("bit 11 of the offset", 0x800, 0x1800),
        ("bit 12 of the offset", 0x1000, 0x2000),
        ("to itself", 0, 0x1000),
        ("to a misaligned target", 2, 0x1002),
    ]:
        yield case(f"jal {name}", j_type(offset), {}, {"pc": target, "x5": 0x1004})
    yield case("jal without link", j_type(0x40, rd=0), {}, {"pc": 0x1040})
    yield case("jal at the slot's end links past it", j_type(-4), {"pc": 0x0FFF_FFFC}, {"pc": 0x0FFF_FFF8, "x5": 0x1000_0000})

    for name, base, offset, target in [
        ("", 0x2000, 0, 0x2000),
        (" with an offset", 0x2000, 0x7FC, 0x27FC),
        (" backward", 0x2000, -0x800, 0x1800),
        (" clears bit 0", 0x2001, 0, 0x2000),
        (" clears bit 0 of the sum", 0x2001, 2, 0x2002),
        (" to a misaligned target", 0x2002, 0, 0x2002),
        (" into data", 0x3000_0000, 0, 0x3000_0000),
        (" wraps", ONES, 5, 4),
    ]:
        yield case(f"jalr{name}", i_type(0x67, 0, offset), {"x6": base}, {"pc": target, "x5": 0x1004})
    yield case("jalr by its link register", i_type(0x67, 0, 8, rd=5, rs1=5), {"x5": 0x2000}, {"pc": 0x2008, "x5": 0x1004})
    yield case("jalr by register 0", i_type(0x67, 0, 0x40, rs1=0), {}, {"pc": 0x0040, "x5": 0x1004})
    yield case("ret", i_type(0x67, 0, 0, rd=0, rs1=1), {"x1": 0x1234}, {"pc": 0x1234})
    for funct3 in range(1, 8):
        yield case(f"opcode 67, funct3 {funct3}", i_type(0x67, funct3, 0), {"x6": 0x2000}, fault(RESERVED))


def memory():
    own = {DATA: 0x84A3_C271}

    def loads(name, funct3, rows):
        for offset, result in rows:
            yield case(f"{name} at byte {offset}", i_type(0x03, funct3, offset), {"x6": DATA}, {"x5": result}, own)
        yield case(f"{name} with a negative offset", i_type(0x03, funct3, -2048), {"x6": DATA + 2048}, {"x5": rows[0][1]}, own)
        yield case(f"{name} of absent bytes", i_type(0x03, funct3, 0), {"x5": 9, "x6": 0x5FFF_FFF0}, {"x5": 0})
        yield case(f"{name} to register 0", i_type(0x03, funct3, 0, rd=0), {"x6": DATA}, {}, own)

    yield from loads("lb", 0, [(0, 0x71), (1, 0xFFFF_FFC2), (2, 0xFFFF_FFA3), (3, 0xFFFF_FF84)])
    yield from loads("lbu", 4, [(0, 0x71), (1, 0xC2), (2, 0xA3), (3, 0x84)])
    yield from loads("lh", 1, [(0, 0xFFFF_C271), (2, 0xFFFF_84A3)])
    yield from loads("lhu", 5, [(0, 0xC271), (2, 0x84A3)])
    yield from loads("lw", 2, [(0, 0x84A3_C271)])
    for name, funct3, offsets in [("lh", 1, [1, 3]), ("lhu", 5, [1, 3]), ("lw", 2, [1, 2, 3])]:
        for offset in offsets:
            yield case(f"{name} misaligned by {offset}", i_type(0x03, funct3, offset), {"x6": DATA}, fault(MISALIGNED), own)
    yield case("lw whose parts are misaligned and whose sum is not", i_type(0x03, 2, -3), {"x6": DATA + 3}, {"x5": 0x84A3_C271}, own)
    yield case("lw onto its own base", i_type(0x03, 2, 0, rd=6), {"x6": DATA}, {"x6": 0x84A3_C271}, own)
    yield case("lw of the instruction itself", i_type(0x03, 2, 0), {"x6": 0x1000}, {"x5": i_type(0x03, 2, 0)})
    yield case("lw from the code chunk", i_type(0x03, 2, 4), {"x6": 0x1000}, {"x5": 0x0BAD_CAFE}, {0x1004: 0x0BAD_CAFE})
    yield case("lw from the chunk next to the code", i_type(0x03, 2, 0), {"x6": 0x1080}, {"x5": 77}, {0x1080: 77})
    yield case("lw from slot 1", i_type(0x03, 2, 0), {"x6": 0x1000_0000}, {"x5": 77}, {0x1000_0000: 77})
    yield case("lw from slot 15", i_type(0x03, 2, -4), {"x6": 0}, {"x5": 77}, {0xFFFF_FFFC: 77})
    yield case("lw wraps around the address space", i_type(0x03, 2, 8), {"x6": 0xFFFF_FFF8}, {"x5": 77}, {0: 77})
    for funct3 in [3, 6, 7]:
        yield case(f"opcode 03, funct3 {funct3}", i_type(0x03, funct3, 0), {"x6": DATA}, fault(RESERVED))
        yield case(f"opcode 03, funct3 {funct3}, misaligned", i_type(0x03, funct3, 1), {"x6": DATA}, fault(RESERVED))

    def stores(name, funct3, rows):
        value = {"x6": DATA, "x7": 0x1234_5678}
        for offset, result in rows:
            yield case(f"{name} at byte {offset}", s_type(0x23, funct3, offset), value, {}, own, {DATA: result})
        yield case(f"{name} with a negative offset", s_type(0x23, funct3, -2048), value | {"x6": DATA + 2048}, {}, own, {DATA: rows[0][1]})
        yield case(f"{name} with bit 5 of the offset", s_type(0x23, funct3, 32), value | {"x6": DATA - 32}, {}, own, {DATA: rows[0][1]})
        yield case(f"{name} of register 0", s_type(0x23, funct3, 0, rs2=0), value, {}, {DATA: 0}, {})
        for slot in [0, 1, 4, 15]:
            yield case(f"{name} to slot {slot}", s_type(0x23, funct3, 0), value | {"x6": slot << 28 | 0x1000}, fault(FORBIDDEN))

    yield from stores("sb", 0, [(0, 0x84A3_C278), (1, 0x84A3_7871), (2, 0x8478_C271), (3, 0x78A3_C271)])
    yield from stores("sh", 1, [(0, 0x84A3_5678), (2, 0x5678_C271)])
    yield from stores("sw", 2, [(0, 0x1234_5678)])
    for name, funct3, offsets in [("sh", 1, [1, 3]), ("sw", 2, [1, 2, 3])]:
        for offset in offsets:
            yield case(f"{name} misaligned by {offset}", s_type(0x23, funct3, offset), {"x6": DATA, "x7": 5}, fault(MISALIGNED), own)
        yield case(f"{name} misaligned where it is forbidden", s_type(0x23, funct3, 1), {"x6": 0x4000_0000}, fault(MISALIGNED))
    yield case("sw to slot 3", s_type(0x23, 2, 0), {"x6": 0x3000_0000, "x7": 5}, {}, {}, {0x3000_0000: 5})
    yield case("sw to the last word of slot 3", s_type(0x23, 2, -4), {"x6": 0x4000_0000, "x7": 5}, {}, {}, {0x3FFF_FFFC: 5})
    yield case("sw past slot 3", s_type(0x23, 2, 4), {"x6": 0x3FFF_FFFC, "x7": 5}, fault(FORBIDDEN))
    yield case("sw below slot 2", s_type(0x23, 2, -4), {"x6": 0x2000_0000, "x7": 5}, fault(FORBIDDEN))
    yield case("sw below the stack pointer", s_type(0x23, 2, -4, rs1=2), {"x7": 5}, {}, {}, {0x200F_FFFC: 5})
    yield case("sw of its own base", s_type(0x23, 2, 0, rs2=6), {"x6": DATA}, {}, own, {DATA: DATA})
    yield case("sw of what is there", s_type(0x23, 2, 0), {"x6": DATA, "x7": 0x84A3_C271}, {}, own)
    for funct3 in range(3, 8):
        yield case(f"opcode 23, funct3 {funct3}", s_type(0x23, funct3, 0), {"x6": DATA}, fault(RESERVED))


def system():
    yield case("ecall 93 exits with 0", 0x0000_0073, {"x17": 93}, {"exited": 1, "exit_code": 0})
    yield case("ecall 93 exits with 255", 0x0000_0073, {"x10": 255, "x17": 93}, {"exited": 1, "exit_code": 255})
    yield case("ecall 93 exits with a code modulo 256", 0x0000_0073, {"x10": 0xFFFF_FF03, "x17": 93}, {"exited": 1, "exit_code": 3})
    yield case("ecall 93 replaces the exit code", 0x0000_0073, {"x17": 93, "exit_code": 7}, {"exited": 1, "exit_code": 0})
    for number in [0, 92, 94, 93 + 256, 4246, 93 | MIN]:
        yield case(f"ecall {number}", 0x0000_0073, {"x17": number}, fault(SYSCALL))
    yield case("ebreak", 0x0010_0073, {}, fault(BREAK))
    for name, word in [
        ("uret", 0x0020_0073),
        ("sret", 0x1020_0073),
        ("mret", 0x3020_0073),
        ("wfi", 0x1050_0073),
        ("sfence.vma", 0x1200_0073),
        ("ecall with rd 1", 0x0000_00F3),
        ("ecall with rs1 1", 0x0000_8073),
        ("ebreak with rd 1", 0x0010_00F3),
        ("csrrw", 0x3400_9073),
        ("rdcycle", 0xC000_22F3),
        ("csrrci", 0x3400_F073),
        ("opcode 73, funct3 4", 0x0000_4073),
    ]:
        yield case(name, word, {"x17": 93}, fault(RESERVED))
    yield case("fence rw, rw", 0x0330_000F)
    yield case("fence.tso", 0x8330_000F)
    yield case("pause", 0x0100_000F)
    yield case("fence with every other bit set", 0xFFFF_8F8F, {"x31": 5})
    yield case("fence.i", 0x0000_100F, {}, fault(RESERVED))
    for funct3 in range(2, 8):
        yield case(f"opcode 0f, funct3 {funct3}", 0x0000_000F | funct3 << 12, {}, fault(RESERVED))


def step():
    yield case("the word of zeros", 0x0000_0000, {}, fault(RESERVED))
    yield case("the word of ones", 0xFFFF_FFFF, {}, fault(RESERVED))
    yield case("absent code", 0x0000_0000, {"pc": 0x0ABC_DEF0}, fault(RESERVED))
    for name, word in [
        ("c.addi", 0x0505_0505),
        ("c.nop", 0x0001_0001),
        ("c.ebreak", 0x9002_9002),
        ("addi with lowest bits 10", i_type(0x12, 0, 1)),
        ("addi with lowest bits 01", i_type(0x11, 0, 1)),
        ("addi with lowest bits 00", i_type(0x10, 0, 1)),
        ("flw", i_type(0x07, 2, 0)),
        ("fsw", s_type(0x27, 2, 0)),
        ("lr.w", r_type(0x2F, 2, 0x08, rs2=0)),
        ("amoadd.w", r_type(0x2F, 2, 0x00)),
        ("addiw", i_type(0x1B, 0, 1)),
        ("addw", r_type(0x3B, 0, 0)),
        ("ld", i_type(0x03, 3, 0)),
        ("fmadd.s", 0x0000_0043),
        ("fadd.s", 0x0000_0053),
        ("vsetvli", 0x0000_7057),
        ("custom-0", 0x0000_000B),
        ("custom-1", 0x0000_002B),
        ("custom-2", 0x0000_005B),
        ("custom-3", 0x0000_007B),
        ("48-bit instruction", 0x0000_001F),
        ("64-bit instruction", 0x0000_003F),
    ]:
        yield case(name, word, {"x6": DATA}, fault(RESERVED))
    add = i_type(0x13, 0, 1)
    for pc in [0x1001, 0x1002, 0x1003, 0x1000_0000, 0x2000_0000, 0xFFFF_FFFC, 0xFFFF_FFFF]:
        yield case(f"fetch at {pc:#x}", add, {"pc": pc}, fault(FETCH))
    yield case("fetch at 0", add, {"pc": 0}, {"x5": 1})
    yield case("fetch at the slot's last word", add, {"pc": 0x0FFF_FFFC}, {"x5": 1})
    yield case("a halted machine", add, {"exited": 1, "exit_code": 0})
    yield case("a machine halted by a fault", add, {"exited": 1, "exit_code": 200, "pc": 0x1002})
    yield case("an exit code of before stays", add, {"exit_code": 7}, {"x5": 1})
    yield case("a fault replaces an exit code of before", 0, {"exit_code": 7}, fault(RESERVED))


FAMILIES = [alu, shift, multiply, branch, memory, system, step]


def main():
    differing = []
    for family in FAMILIES:
        cases = list(family())
        names = [case["name"] for case in cases]
        assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
        path = FOLDER / f"{family.__name__}.json"
        if "--check" not in sys.argv:
            path.write_text(json.dumps(cases, indent=2) + "\n")
        elif [{key: case.get(key) for key in cases[0]} for case in json.loads(path.read_text())] != cases:
            differing.append(path.name)
    if differing:
        sys.exit(f"{', '.join(differing)}: not the cases of cases.py")


if __name__ == "__main__":
    main()
