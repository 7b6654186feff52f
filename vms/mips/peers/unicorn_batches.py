"""Runs batches of programs in Unicorn and tells what every instruction found: a peer of the machine for its tests.

Batches come in on stdin, results go out on stdout, one result for each batch, until stdin ends. All numbers are little-endian
words of 32 bits.

    batch    regions · { address · bytes · writable · the bytes } · limit · often · every · cases · { state }
    state    pc · hi · lo · r1 … r31
    result   for each case: how it ended (0 at the limit, 1 by an exception, 2 by a refused access) · that one's number ·
             instructions begun · samples · { state } · the state at the end · the bytes of every writable region

Regions are whole pages that do not lie in one another's windows (see `physical`); nothing else is mapped, and every case begins
with the regions as sent. A case runs up to `limit` instructions. Samples are the states before its first `often` instructions and
before every one whose number is a multiple of `every`. The pc at the end is that of the instruction begun last (the one at the
limit is begun and not executed), or the address of a refused fetch.
"""

import os
import struct
import sys

import unicorn as uc
from unicorn import mips_const as mips

NOWHERE = 0x7FFF_FFFC
LIMIT, EXCEPTION, ACCESS = 0, 1, 2
RESERVED = 20
REGISTERS = [mips.UC_MIPS_REG_HI, mips.UC_MIPS_REG_LO, *(mips.UC_MIPS_REG_0 + number for number in range(1, 32))]
STATE = struct.Struct("<34I")
MASK = 0xFFFF_FFFF


class Input:
    """Words and bytes of stdin."""

    def __init__(self, stream):
        self.stream = stream

    def bytes(self, count):
        data = self.stream.read(count)
        if len(data) != count:
            sys.exit(0 if not data else "the input ends inside a batch")
        return data

    def words(self, count):
        return struct.unpack(f"<{count}I", self.bytes(4 * count))


def physical(address):
    """Where the processor looks for `address`: from 0x8000_0000 on it has the kernel's windows into the first 512 MiB."""
    return address & 0x1FFF_FFFF if 0x8000_0000 <= address < 0xC000_0000 else address


class Batch:
    """A batch, and a machine with its memory."""

    def __init__(self, given):
        (count,) = given.words(1)
        self.regions = []
        for _ in range(count):
            address, length, writable = given.words(3)
            self.regions.append((address, given.bytes(length), writable))
        self.limit, self.often, self.every, cases = given.words(4)
        self.cases = [STATE.unpack(given.bytes(STATE.size)) for _ in range(cases)]
        self.open()

    def writable(self):
        return [(address, data) for address, data, writable in self.regions if writable]

    def open(self):
        self.emulator = uc.Uc(uc.UC_ARCH_MIPS, uc.UC_MODE_MIPS32 | uc.UC_MODE_LITTLE_ENDIAN)
        self.emulator.ctl_set_cpu_model(mips.UC_CPU_MIPS32_24KC)
        for address, data, writable in self.regions:
            rights = uc.UC_PROT_READ | (uc.UC_PROT_WRITE if writable else 0) | (uc.UC_PROT_EXEC if address >> 28 == 0 else 0)
            self.emulator.mem_map(physical(address), len(data), rights)
            self.emulator.mem_write(physical(address), data)
        self.fresh = self.emulator.context_save()
        self.emulator.hook_add(uc.UC_HOOK_CODE, self.before_instruction)
        self.emulator.hook_add(uc.UC_HOOK_INTR, self.after_exception)
        self.emulator.hook_add(uc.UC_HOOK_INSN_INVALID, self.after_invalid)
        self.emulator.hook_add(uc.UC_HOOK_MEM_INVALID, self.after_access)

    def state(self, pc):
        return STATE.pack(pc & MASK, *(value & MASK for value in self.emulator.reg_read_batch(REGISTERS)))

    def before_instruction(self, emulator, pc, _size, _data):
        if self.end is not None:
            emulator.emu_stop()
            return
        self.pc = pc
        if self.begun < self.often or self.begun % self.every == 0:
            self.samples.append(self.state(pc))
        self.begun += 1
        if self.begun > self.limit:
            self.stop(LIMIT, 0)

    def after_exception(self, _emulator, number, _data):
        self.stop(EXCEPTION, number)

    def after_invalid(self, _emulator, _data):
        self.stop(EXCEPTION, RESERVED)
        return False

    def after_access(self, _emulator, kind, address, _size, _value, _data):
        if kind in (uc.UC_MEM_FETCH_UNMAPPED, uc.UC_MEM_FETCH_PROT):
            self.pc = address
        self.stop(ACCESS, kind)
        return False

    def stop(self, kind, number):
        if self.end is None:
            self.end = (kind, number)
            self.last = self.state(self.pc)
            self.memory = b"".join(bytes(self.emulator.mem_read(address, len(data))) for address, data in self.writable())
            self.emulator.emu_stop()

    def run(self, case):
        emulator = self.emulator
        emulator.context_restore(self.fresh)
        for address, data in self.writable():
            emulator.mem_write(address, data)
        pc, *registers = case
        emulator.reg_write_batch(list(zip(REGISTERS, registers)))
        self.end, self.begun, self.samples, self.pc = None, 0, [], pc
        try:
            emulator.emu_start(pc, NOWHERE)
        except uc.UcError as error:
            if self.end is None:
                raise
            self.open()  # After an error the next run of the same machine can crash.
        head = struct.pack("<4I", *self.end, self.begun, len(self.samples))
        return b"".join([head, *self.samples, self.last, self.memory])


def main():
    given = Input(sys.stdin.buffer)
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # QEMU's "pmon" instruction prints to stdout.
    while True:
        batch = Batch(given)
        for case in batch.cases:
            output.write(batch.run(case))
        output.flush()


main()
