#!/usr/bin/env bash
# Builds the plugin, plays iris.yaml with it, and holds the result against scikit-learn's. Needs Rust, Python and a built opml-run.
set -euo pipefail
opml_run=$(realpath "${OPML_RUN:-$(dirname "$0")/../../target/debug/opml-run}")
cd "$(dirname "$0")"
cargo build --quiet --locked
plugin=$(realpath "${CARGO_TARGET_DIR:-target}/debug/libopml_plugin_sklearn.so")
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# The spec with the plugin and the source where they are now; and the same with a proposer that does not lie.
sed "s#\./target/debug/libopml_plugin_sklearn\.so#$plugin#; s#source: iris\.json#source: $PWD/iris.json#" iris.yaml >"$work/lie.yaml"
sed 's#^  proposer: .*#  proposer: honest#' "$work/lie.yaml" >"$work/honest.yaml"
cd "$work"
for spec in lie honest; do
    "$opml_run" "$spec.yaml" --report "$spec.json" >"$spec.txt" || { cat "$spec.txt"; exit 1; }
done
grep -q 'verdict: the challenger is right, the proposer loses its bond (by execution)' lie.txt
grep -q 'accepted' honest.txt

python3 - "$OLDPWD" <<'END'
import json, sys
from pathlib import Path

here = Path(sys.argv[1])
lie, honest = (json.loads(Path(name).read_text()) for name in ("lie.json", "honest.json"))
expected = json.loads((here / "expected.json").read_text())["iris.json"]
line = next(line for line in (here / "iris.yaml").read_text().splitlines() if line.startswith("input:"))
flower = json.loads(line.removeprefix("input:"))
probabilities = expected["probabilities"][expected["flowers"].index(flower)]
assert lie["dispute"]["verdict"] == "challenger", lie["dispute"]["verdict"]
assert lie["output"]["root"] != lie["output"]["true_root"] == honest["output"]["root"], "the lie's roots"
assert honest["dispute"] is None and honest["output"]["final"], "the honest result"
given = honest["output"]["values"]
assert len(given) == len(probabilities) and all(abs(a - b) < 1e-6 for a, b in zip(given, probabilities)), given
print("the challenger wins; the probabilities are scikit-learn's:", *(f"{value:.6f}" for value in given))
END
