#!/bin/sh
# Builds the kernels' image, or, with --check, compares a fresh build with the committed one.
#
#   build.sh            kernels.bin (slot 0 from address 0) is written
#   build.sh --check    exit 1 when a fresh build differs from kernels.bin
#
# Needs what vms/guest/build.sh needs: Debian's rustc-web, rust-web-src, lld-19. Without them --check says so and passes.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
rustc=${GUEST_RUSTC:-/usr/bin/rustc}
linker=${GUEST_LINKER:-ld.lld-19}

missing=
command -v "$rustc" >/dev/null 2>&1 || missing="$rustc (package rustc-web)"
command -v "$linker" >/dev/null 2>&1 || missing="$missing $linker (package lld-19)"
if [ -z "$missing" ]; then
    sysroot=$("$rustc" --print sysroot)
    [ -e "$sysroot/lib/rustlib/src/rust/library/core" ] || missing="library sources (package rust-web-src)"
fi
if [ -n "$missing" ]; then
    echo "SKIP: the kernels' image was NOT rebuilt and NOT compared; missing: $missing" >&2
    [ "${1:-}" = --check ] && exit 0
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=${GUEST_TARGET_DIR:-$work/target}
cargo_home=${CARGO_HOME:-$HOME/.cargo}
source=$(cd "$here/../../../.." && pwd)

flags="-C linker=$linker -C link-arg=-T$source/vms/guest/link.ld -C link-arg=--oformat=binary -C relocation-model=static"
flags="$flags -C llvm-args=-pre-RA-sched=source"
flags="$flags --remap-path-prefix=$source=/opml --remap-path-prefix=$sysroot=/rust --remap-path-prefix=$cargo_home=/cargo"
(
    cd "$here"
    RUSTC=$rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=$flags CARGO_TARGET_DIR=$target \
        cargo build --quiet --locked --release --target mipsel-unknown-none \
        -Zbuild-std=core,compiler_builtins -Zbuild-std-features=compiler-builtins-mem
)
image=$target/mipsel-unknown-none/release/kernels

if [ "${1:-}" = --check ]; then
    cmp "$image" "$here/kernels.bin" && echo "the kernels' image is what its sources give"
else
    cp "$image" "$here/kernels.bin" && chmod 644 "$here/kernels.bin"
    echo "kernels.bin: $(wc -c <"$image") bytes"
fi
