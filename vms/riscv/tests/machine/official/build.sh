#!/bin/sh
# Builds suite.json from a checkout of https://github.com/riscv-software-src/riscv-tests, which LICENSE covers:
#
#   build.sh CHECKOUT      writes suite.json: by test, the bytes at 0x1000 and at 0x2000_0000
#
# All of rv32ui and rv32um is in it but fence_i and ma_data, which need what the machine does not have: code that is written, and
# misaligned loads and stores. Made from commit 34e6b6d with Debian's gcc-riscv64-unknown-elf 12.2.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
isa=$1/isa
tool=riscv64-unknown-elf
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }

separator='{'
for source in "$isa"/rv32ui/*.S "$isa"/rv32um/*.S; do
    name=$(basename "$source" .S)
    case $name in fence_i | ma_data) continue ;; esac
    "$tool-gcc" -march=rv32im -mabi=ilp32 -nostdlib -nostartfiles -static -Wl,--build-id=none -I"$here" -I"$isa/macros/scalar" \
        -T"$here/link.ld" "$source" -o "$work/elf"
    for section in text data; do
        : >"$work/$section"
        "$tool-objcopy" -O binary --only-section=".$section" "$work/elf" "$work/$section"
    done
    printf '%s\n  "%s": { "text": "%s", "data": "%s" }' "$separator" "$name" "$(hex "$work/text")" "$(hex "$work/data")"
    separator=','
done >"$here/suite.json"
printf '\n}\n' >>"$here/suite.json"
