#!/usr/bin/env bash
# The analysers over the contracts: Slither against its answers, then the proofs, by Halmos. The argument is the folder where Slither and
# Halmos are installed (requirements.txt).
set -euo pipefail
tools=$(cd "$1/bin" && pwd)
cd "$(dirname "$0")/.."
export PATH="$tools:$PWD/forge/node_modules/.bin:$PATH" FOUNDRY_PROFILE=analysis
python "$PWD/analysis/mutations.py" --check
# Slither reads every build that lies there, also those of sources that have changed since.
rm -rf ../target/analysis
forge build --quiet
python "$PWD/analysis/slither.py"
# Loops run over small numbers that the proofs name; a bound that cut one short would be said and fail below.
proved=$(halmos --root . --forge-build-out ../target/analysis/out --match-contract Proof --loop 300 \
    --solver-timeout-assertion 300s --no-status 2>&1) || { echo "$proved"; exit 1; }
echo "$proved" | grep -E "PASS|Symbolic test result"
if grep -qE "WARN|ERROR|FAIL|TIMEOUT" <<<"$proved"; then
    echo "$proved"
    exit 1
fi
