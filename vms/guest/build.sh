#!/bin/sh
# Builds the guest image of each machine into images/, or, with --check, compares fresh builds with what is there.
# The file `machines` lists them: a name, the target that the guest is compiled for, options of the compiler.
#
#   build.sh                    images/<root>.bin (slot 0 from address 0) are written and images/<machine> names its own
#   build.sh --check            exit 1 when a fresh build differs from the image that images/<machine> names
#   build.sh --to FILE MACHINE  writes the image of one machine to FILE only
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
    echo "SKIP: the guest images were NOT rebuilt and NOT compared; missing: $missing" >&2
    [ "${1:-}" = --check ] && exit 0
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
builds=${GUEST_TARGET_DIR:-$work/target}
cargo_home=${CARGO_HOME:-$HOME/.cargo}
source=$(cd "$here/../.." && pwd)

flags="-C linker=$linker -C link-arg=-T$here/link.ld -C link-arg=--oformat=binary -C relocation-model=static"
flags="$flags --remap-path-prefix=$source=/opml --remap-path-prefix=$sysroot=/rust --remap-path-prefix=$cargo_home=/cargo"

# build: compiles for $target with $options besides the common flags; leaves the image at $image
build() {
    (
        cd "$here"
        RUSTC=$rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS="$flags $options" CARGO_TARGET_DIR=$builds \
            cargo build --quiet --locked --release --target "$target" \
            -Zbuild-std=core,compiler_builtins -Zbuild-std-features=compiler-builtins-mem
    )
    image=$builds/$target/release/guest
}

done_with=0
while read -r machine target options; do
    name=$here/images/$machine
    case ${1:-} in
    --check)
        build
        cmp "$image" "$here/images/$(cat "$name").bin" || exit 1
        echo "the guest image of $machine is what its sources give"
        ;;
    --to)
        [ "$machine" = "${3:?which machine}" ] || continue
        build
        cp "$image" "$2" && chmod 644 "$2"
        ;;
    *)
        build
        root=$(cd "$source" && cargo run --quiet -p opml-commit --example slot_root -- "$image")
        cp "$image" "$here/images/$root.bin" && chmod 644 "$here/images/$root.bin"
        echo "$root" >"$name"
        echo "images/$root.bin: $(wc -c <"$image") bytes for $machine"
        ;;
    esac
    done_with=$((done_with + 1))
done <"$here/machines"
[ "$done_with" -gt 0 ] || { echo "no such machine: ${3:-}" >&2 && exit 1; }
