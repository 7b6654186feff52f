#!/bin/sh
# A compiler for Cargo (RUSTC_WRAPPER) that counts coverage in the project's own crates only: LLVM's own pass, which stable Rust can run.
# What is of others is compiled as ever, and soon.
rustc=$1
shift
case " $* " in
    *" --crate-name opml_"*)
        exec "$rustc" "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=3 \
            -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
            -Cllvm-args=-sanitizer-coverage-trace-compares
        ;;
esac
exec "$rustc" "$@"
