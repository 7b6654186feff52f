#!/usr/bin/env bash
# Builds the fuzz targets and runs each for some seconds from its seeds: run.sh [TARGET…] [--seconds N]
# Fails on the first crash, hang or excess of memory, and says which input makes it. README.md says more.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"

seconds=20
targets=()
while [ $# -gt 0 ]; do
    case $1 in
        --seconds) seconds=${2:?--seconds needs a number}; shift 2 ;;
        -*) echo "usage: run.sh [TARGET…] [--seconds N]" >&2; exit 2 ;;
        *) targets+=("$1"); shift ;;
    esac
done
if [ ${#targets[@]} = 0 ]; then
    for file in targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi
for target in "${targets[@]}"; do
    [ -f "targets/$target.rs" ] || { echo "there is no target $target; there are: $(ls targets | sed 's/\.rs$//' | tr '\n' ' ')" >&2; exit 2; }
done

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$here/target}
RUSTC_WRAPPER=$here/counted.sh cargo build --locked "${targets[@]/#/--bin=}"
builds=$CARGO_TARGET_DIR/debug

# Folders with inputs to begin with, most of them what the repository has anyway. ONNX's own node tests are there once
# converters/onnx/conformance/install.sh has put them.
root=$(cd ../.. && pwd)
seeds() {
    case $1 in
        onnx) printf '%s\n' "$root"/converters/python/tests/exports corpus/onnx-tests ;;
        spec) printf '%s\n' "$root"/specs/pipelines "$root"/examples/converter-plugin "$root"/examples/models "$root"/converters/python/tests/exports ;;
        text_graph) printf '%s\n' "$root"/examples/{counter,life,tiles} ;;
    esac
}

# Of ONNX's tests only the models, and of these the small ones.
mkdir -p corpus/onnx-tests
for model in "$root"/target/python-onnx/lib/python3*/site-packages/onnx/backend/test/data/node/*/model.onnx; do
    if [ -f "$model" ] && [ "$(stat -c %s "$model")" -lt 2048 ]; then
        test=$(dirname "$model")
        cp -u "$model" "corpus/onnx-tests/${test##*/}.onnx"
    fi
done

# Runs one target and says how it went.
fuzz() {
    local target=$1 log=artifacts/$1.log folder
    mkdir -p "corpus/$target" "artifacts/$target"
    local arguments=(-max_total_time="$seconds" -timeout=30 -rss_limit_mb=1536 -max_len=16384 -print_final_stats=1
        -artifact_prefix="artifacts/$target/")
    if [ -f "dictionaries/$target.dict" ]; then arguments+=(-dict="dictionaries/$target.dict"); fi
    local folders=("corpus/$target")
    while read -r folder; do if [ -d "$folder" ]; then folders+=("$folder"); fi; done < <(seeds "$target")
    if ! "$builds/$target" "${arguments[@]}" "${folders[@]}" >"$log" 2>&1; then
        grep -vE '^#[0-9]' "$log" | tail -n 40 | cut -c1-300
        local found
        found=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
        echo "$target: FAILED; the input is $here/$found; to see it again: $builds/$target -timeout=30 $here/$found"
        return 1
    fi
    local covered speed memory
    covered=$(grep -E '^#[0-9]+.*cov: ' "$log" | tail -n 1 | sed -E 's/.*cov: ([0-9]+).*corp: ([0-9]+).*/\1 edges, \2 inputs kept/')
    speed=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
    memory=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")
    echo "$target: passed; $covered, $speed executions/s, $memory MiB at most"
}

# As many at a time as there are processors, or FUZZ_JOBS.
jobs=${FUZZ_JOBS:-$(nproc)}
running=0
failed=0
for target in "${targets[@]}"; do
    if [ "$running" -ge "$jobs" ]; then
        wait -n || failed=1
        running=$((running - 1))
    fi
    fuzz "$target" &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
    wait -n || failed=1
    running=$((running - 1))
done
exit $failed
