#!/bin/sh
# Builds the guest image of each machine into images/, or, with --check, compares a fresh build with what is there.
#
#   build.sh            images/<root>.bin (slot 0 from address 0) is written and images/mips names it
#   build.sh --check    exit 1 when a fresh build differs from the image that images/mips names
#   build.sh --to FILE  writes the image to FILE only
#
# Needs a rustc with its library sources beside it and lld: on Debian, the packages rustc-web, rust-web-src, lld-19.
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
    echo "SKIP: the guest image was NOT rebuilt and NOT compared; missing: $missing" >&2
    [ "${1:-}" = --check ] && exit 0
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=${GUEST_TARGET_DIR:-$work/target}
cargo_home=${CARGO_HOME:-$HOME/.cargo}
source=$(cd "$here/../.." && pwd)

flags="-C linker=$linker -C link-arg=-T$here/link.ld -C link-arg=--oformat=binary -C relocation-model=static -C llvm-args=-pre-RA-sched=source"
flags="$flags --remap-path-prefix=$source=/opml --remap-path-prefix=$sysroot=/rust --remap-path-prefix=$cargo_home=/cargo"
(
    cd "$here"
    RUSTC=$rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=$flags CARGO_TARGET_DIR=$target \
        cargo build --quiet --locked --release --target mipsel-unknown-none \
        -Zbuild-std=core,compiler_builtins -Zbuild-std-features=compiler-builtins-mem
)
image=$target/mipsel-unknown-none/release/guest

case ${1:-} in
--check)
    cmp "$image" "$here/images/$(cat "$here/images/mips").bin" && echo "the guest image is what its sources give"
    ;;
--to)
    cp "$image" "$2" && chmod 644 "$2"
    ;;
*)
    root=$(cd "$source" && cargo run --quiet -p opml-commit --example slot_root -- "$image")
    cp "$image" "$here/images/$root.bin" && chmod 644 "$here/images/$root.bin"
    echo "$root" >"$here/images/mips"
    echo "images/$root.bin: $(wc -c <"$image") bytes"
    ;;
esac
