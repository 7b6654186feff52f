"""Runs an image in Unicorn, without hooks on instructions, from the entry state to the exit system call; prints seconds.

    python unicorn_speed.py IMAGE [--slot N=FILE]... [--call WORD]...

The memory map is that of specs/machine.md; slots 0 to 5 are mapped, FILE is what slot N begins with, the WORDs are those of the
call chunk. One line of output: the seconds between start and exit, the exit code, and the CRC-32 of the first 128 KiB of slot 3.
Unicorn does not count steps: divide those that the machine of vms/mips takes for the same call by the seconds.
"""

import argparse
import sys
import time
import zlib

import unicorn as uc
from unicorn import mips_const as mips

SLOT_BYTES = 1 << 28
SLOTS = 6
WRITABLE = (2, 3)
CALL = 0x1800_0000
ENTRY = 0x1000
NOWHERE = 4
STACK = 0x2010_0000
EXIT = 4246
SYSTEM_CALL = 17


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("image")
    parser.add_argument("--slot", action="append", default=[], metavar="N=FILE")
    parser.add_argument("--call", action="append", default=[], type=lambda word: int(word, 0), metavar="WORD")
    return parser.parse_args()


def machine(options):
    emulator = uc.Uc(uc.UC_ARCH_MIPS, uc.UC_MODE_MIPS32 | uc.UC_MODE_LITTLE_ENDIAN)
    emulator.ctl_set_cpu_model(mips.UC_CPU_MIPS32_24KC)
    for slot in range(SLOTS):
        rights = uc.UC_PROT_READ | (uc.UC_PROT_EXEC if slot == 0 else 0) | (uc.UC_PROT_WRITE if slot in WRITABLE else 0)
        emulator.mem_map(slot * SLOT_BYTES, SLOT_BYTES, rights)
    slots = [(int(slot), path) for slot, _, path in (pair.partition("=") for pair in options.slot)]
    for slot, path in [(0, options.image), *slots]:
        with open(path, "rb") as file:
            emulator.mem_write(slot * SLOT_BYTES, file.read())
    for place, word in enumerate(options.call):
        emulator.mem_write(CALL + 4 * place, word.to_bytes(4, "little"))
    emulator.reg_write(mips.UC_MIPS_REG_29, STACK)
    return emulator


def main():
    emulator = machine(arguments())
    stops = []

    def stop(emulator, number, _):
        stops.append(number)
        emulator.emu_stop()

    emulator.hook_add(uc.UC_HOOK_INTR, stop)
    start = time.perf_counter()
    emulator.emu_start(ENTRY, NOWHERE)
    seconds = time.perf_counter() - start
    number = emulator.reg_read(mips.UC_MIPS_REG_2)
    if stops != [SYSTEM_CALL] or number != EXIT:
        sys.exit(f"the program ended with exceptions {stops} and r2 = {number}, not with the exit system call")
    output = zlib.crc32(emulator.mem_read(3 * SLOT_BYTES, 128 << 10))
    print(f"{seconds:.6f} {emulator.reg_read(mips.UC_MIPS_REG_4)} {output:08x}")


main()
