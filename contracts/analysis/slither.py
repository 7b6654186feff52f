"""Holds what Slither finds in the contracts against the answers in slither.md; whatever is not answered, or no longer found, fails.

Run in contracts/ after `FOUNDRY_PROFILE=analysis forge build`. With --list, prints what is found, by detector, as slither.md writes it.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
OUT = HERE.parent.parent / "target/analysis/out"
PLACE = re.compile(r" ?\((?:src|analysis|forge)/[^)]*#[^)]*\)")
HEADING = re.compile(r"^(Dangerous comparisons|Calls stack containing the loop):$")


def words(description: str) -> str:
    """A finding in one line, without the places, so that a line added above it changes nothing."""
    lines = (PLACE.sub("", line).strip().removeprefix("- ") for line in description.splitlines())
    return "; ".join(line for line in lines if line and line != "INLINE ASM" and not HEADING.match(line))


def found() -> set[tuple[str, str]]:
    """Each finding as its detector and its words."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "slither.json"
        command = [str(Path(sys.executable).parent / "slither"), ".", "--ignore-compile", "--filter-paths", "analysis/|forge/"]
        command += ["--foundry-out-directory", str(OUT), "--json", str(report)]
        # Slither asks Foundry for its settings.
        path = f"{HERE.parent / 'forge/node_modules/.bin'}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "FOUNDRY_PROFILE": "analysis"}
        ran = subprocess.run(command, cwd=HERE.parent, env=environment, capture_output=True, text=True)
        if not report.exists():
            sys.exit(f"slither did not run:\n{ran.stdout}{ran.stderr}")
        told = json.loads(report.read_text())
    if not told["success"]:
        sys.exit(f"slither failed: {told['error']}")
    findings = told["results"].get("detectors", [])
    return {(finding["check"], words(finding["description"])) for finding in findings}


def answered() -> set[tuple[str, str]]:
    """What slither.md answers: under a heading for each detector, a line that begins with `- ` for each finding."""
    detector, answers = "", set()
    for line in (HERE / "slither.md").read_text().splitlines():
        if line.startswith("## "):
            detector = line[3:].strip()
        elif line.startswith("- `"):
            answers.add((detector, line[3:].split("`")[0]))
    return answers


def main() -> None:
    findings = found()
    if "--list" in sys.argv:
        for detector in sorted({detector for detector, _ in findings}):
            print(f"\n## {detector}\n")
            print("\n".join(f"- `{what}`" for which, what in sorted(findings) if which == detector))
        return
    answers = answered()
    new, gone = sorted(findings - answers), sorted(answers - findings)
    for word, lines in (("not answered in slither.md", new), ("answered, but not found any more", gone)):
        for detector, what in lines:
            print(f"{word}: {detector}: {what}", file=sys.stderr)
    if new or gone:
        sys.exit(1)
    print(f"slither: {len(findings)} findings, each answered in analysis/slither.md")


if __name__ == "__main__":
    main()
