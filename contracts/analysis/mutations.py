"""Takes one defence after another out of the contracts and says whether its test notices; one that survives fails.

    python3 contracts/analysis/mutations.py [name …]
    python3 contracts/analysis/mutations.py --check   only that each still finds its text, and that pitfalls.md names what there is

It works in a copy, `target/mutations`. A mutation takes a minute or two: the contract is compiled, what embeds it is built, its suite is run.
pitfalls.md says what each defence is against.
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WORK = ROOT / "target/mutations"
TREE = WORK / "tree"

# Suites: the package and the test target.
STAGES, LAST_MOVE, MIPS = (("opml-contracts-test", target) for target in ("stages", "last_move", "mips"))
MOVES, RULES, CLOCKS, VERDICTS, DELIVERY = (
    ("opml-chain-embedded", target) for target in ("moves", "rules", "clocks", "verdicts", "delivery")
)


@dataclass
class Mutation:
    """`old`, which stands once in `file`, becomes `new`; then a test of `suite` must fail."""

    name: str
    file: str
    old: str
    new: str
    suite: tuple[str, str]


def unchecked(name: str, file: str, check: str, suite: tuple[str, str]) -> Mutation:
    """The check `check` is never looked at."""
    return Mutation(name, file, f"if ({check})", f"if (false && ({check}))", suite)


MUTATIONS = [
    # The end state and the hand-off between stages.
    unchecked("end-output", "stages/InstructionStage.sol", "proven != endMemory", STAGES),
    Mutation("end-halted", "stages/InstructionStage.sol", "!exited || exitCode != 0", "exitCode != 0", STAGES),
    Mutation("end-exit-code", "stages/InstructionStage.sol", "!exited || exitCode != 0", "!exited", STAGES),
    unchecked("machine-program", "stages/InstructionStage.sol", "program != claim.program", STAGES),
    unchecked("machine-inputs", "stages/InstructionStage.sol", "inputs != claim.inputs", STAGES),
    Mutation("call-chunk", "stages/InstructionStage.sol", "work.call.blockIndex = work.blockIndex", "work.call.blockIndex = 0", STAGES),
    unchecked("block-start", "stages/InstructionStage.sol", "proven != input", STAGES),
    unchecked("most-steps", "stages/InstructionStage.sol", "count > MAX_STEPS || arity < 2", STAGES),
    unchecked("graph-node-table", "stages/GraphStage.sol", "proven != graph.nodeTable", STAGES),
    unchecked("graph-inputs", "stages/GraphStage.sol", "inputs != claim.inputs", STAGES),
    unchecked("graph-locals", "stages/NodeInputs.sol", "proven != expected", STAGES),
    unchecked("graph-two-roots", "stages/NodeInputs.sol", "nodes[place - 1] != slots[input]", STAGES),
    unchecked("graph-output", "stages/GraphStage.sol", "proven != opened.anchor", STAGES),
    unchecked("node-output", "stages/NodeStage.sol", "proven != claim.output", STAGES),
    unchecked("loop-carry", "stages/LoopStage.sol", "proven != position.anchor", STAGES),
    unchecked("loop-feed", "stages/LoopStage.sol", "proven != feeds", STAGES),
    Mutation("loop-body", "stages/LoopStage.sol", "bodyOf(loop, bodies, position.lower)", "bodyOf(loop, bodies, 0)", STAGES),
    unchecked("surplus", "tree/Packed.sol", "payload.length != 0", STAGES),
    # Positions.
    unchecked("padding-named", "game/Moves.sol", "lower >= from.count", MOVES),
    unchecked("padding-shown", "game/Moves.sol", "roots[child] != absent", MOVES),
    unchecked("children-fold", "game/Moves.sol", "folded != from.disputed", MOVES),
    unchecked("children-shown", "game/Moves.sol", "given != from.children", MOVES),
    Mutation(
        "position-named",
        "game/Game.sol",
        "Moves.hashSent(position);\n        if (given != state.position)",
        "Moves.hashSent(position);\n        if (false && (given != state.position))",
        MOVES,
    ),
    Mutation(
        "last-position-named",
        "game/Game.sol",
        "Moves.hash(last, stage, pre);\n        if (given != state.position)",
        "Moves.hash(last, stage, pre);\n        if (false && (given != state.position))",
        LAST_MOVE,
    ),
    Mutation("game-over", "game/Game.sol", "_games[game].position = NO_POSITION;\n", "", LAST_MOVE),
    Mutation("shared-trace", "game/Game.sol", "else if (shared != opening)", "else if (false && (shared != opening))", MOVES),
    unchecked("movers", "game/Game.sol", "msg.sender != party && msg.sender != delegateOf[party]", RULES),
    # Clocks.
    Mutation("clock-runs-out", "game/Game.sol", "if (used > allowance) revert", "if (false && (used > allowance)) revert", CLOCKS),
    unchecked("clock-still-runs", "game/Game.sol", "used <= allowance", CLOCKS),
    Mutation("clock-charged-once", "game/Game.sol", "        state.since = Clock.present();\n", "", CLOCKS),
    Mutation("clock-grows", "game/Clock.sol", "unit * (games - 1)", "0 * unit * (games - 1)", CLOCKS),
    # Gas.
    unchecked("gas-step", "vms/Replay.sol", "!done", LAST_MOVE),
    unchecked("gas-delivery", "service/Service.sol", "gasleft() < needed", DELIVERY),
    unchecked("delivery-once", "service/Service.sol", "entry.delivered", DELIVERY),
    unchecked("delivery-accepted", "service/Service.sol", "!accepted", DELIVERY),
    # Money.
    Mutation("half-burnt", "service/Results.sol", "_burn(half);", "", VERDICTS),
    Mutation("winner-first", "service/Results.sol", "(remainder - first) / closing", "(remainder - first * 0) / closing", RULES),
    Mutation("share-burnt", "service/Games.sol", "_burn(_burntShare(msg.value));", "", VERDICTS),
    Mutation("withdrawn-once", "service/Money.sol", "credit[msg.sender] = 0;", "", RULES),
    unchecked("exact-payment", "service/Money.sol", "msg.value != needed", RULES),
    # Results.
    unchecked("exact-size", "service/Tasks.sol", "given != needed", RULES),
    unchecked("window-for-finality", "service/Results.sol", "block.timestamp <= until", RULES),
    unchecked("games-before-finality", "service/Results.sol", "winner.openGames != 0", RULES),
    Mutation("refund-after-deadline", "service/Tasks.sol", "block.timestamp <= entry.deadline || ", "", RULES),
    Mutation("refund-without-results", "service/Tasks.sol", " || entry.earliest != 0)", ")", RULES),
    Mutation("commitment-life", "service/Results.sol", " && block.timestamp <= committed + COMMITMENT_LIFE", "", RULES),
    Mutation("commitment-sender", "service/Results.sol", "encode(task, output, msg.sender, salt)", "encode(task, output, address(0), salt)", RULES),
    Mutation("stale-hint", "service/Results.sol", "while (_results[earlier].status == RESULT_DEAD)", "while (false && (_results[earlier].status == RESULT_DEAD))", RULES),
    unchecked("one-game-each", "service/Games.sol", "_games[game].defender != address(0)", RULES),
    unchecked("window-for-games", "service/Games.sol", "block.timestamp > until", RULES),
    unchecked("verdict-after-finality", "service/Games.sol", "_tasks[entry.task].settled != 0", RULES),
    unchecked("program-entered", "service/Tasks.sol", "program != _models[number].program", RULES),
    unchecked("task-once", "service/Tasks.sol", "_tasks[task].requester != address(0)", RULES),
    # Models.
    Mutation("code-hashes", "service/Models.sol", "codes[stage] = implementation.codehash;", "", RULES),
    unchecked("bounds", "service/Models.sol", "given < least || given > most", RULES),
    # The machines.
    unchecked("code-proof", "vms/witness/Witness.sol", "node != memoryRoot", MIPS),
    unchecked("data-proof", "vms/witness/Witness.sol", "proven != expected", MIPS),
]


def sh(*command: str, cwd: Path = TREE) -> subprocess.CompletedProcess:
    """Runs a command and gives what it printed."""
    return subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def suite(mutation: Mutation) -> subprocess.CompletedProcess:
    """Runs the mutation's suite."""
    package, target = mutation.suite
    return sh("cargo", "test", "--quiet", "--target-dir", str(WORK / "target"), "-p", package, "--test", target)


def try_out(mutation: Mutation) -> str:
    """`caught`, or what went otherwise."""
    path = TREE / "contracts/src" / mutation.file
    text = path.read_text()
    if text.count(mutation.old) != 1:
        return f"stale: its text stands {text.count(mutation.old)} times in {mutation.file}"
    path.write_text(text.replace(mutation.old, mutation.new))
    try:
        # Warnings, as of unused errors, would keep the contract from being written.
        built = sh("node", "build.mjs", cwd=TREE / "contracts")
        if built.returncode != 0:
            return f"does not compile:\n{built.stdout}"
        ran = suite(mutation)
        if ran.returncode == 0:
            return "SURVIVED"
        failed = [line for line in ran.stdout.splitlines() if line.startswith("---- ")]
        if not failed:
            return f"its suite did not run:\n{ran.stdout[-2000:]}"
        return f"caught by {len(failed)}: {', '.join(line.split()[1] for line in failed[:3])}"
    finally:
        path.write_text(text)


def check() -> None:
    """Each mutation finds its text, pitfalls.md names each of them, and what it names exists."""
    wrong = []
    for mutation in MUTATIONS:
        found = (ROOT / "contracts/src" / mutation.file).read_text().count(mutation.old)
        if found != 1:
            wrong.append(f"{mutation.name}: its text stands {found} times in {mutation.file}")
    names = {mutation.name for mutation in MUTATIONS}
    page = (ROOT / "contracts/analysis/pitfalls.md").read_text()
    named = set(re.findall(r"`([a-z0-9-]+)`", page))
    wrong += [f"pitfalls.md does not name {name}" for name in sorted(names - named)]
    wrong += [f"pitfalls.md names {name}, which is no mutation" for name in sorted(named - names) if "-" in name]
    rooms = ["contracts/test/tests", "contracts/analysis/proofs", "backends", "framework", "vms/mips/tests"]
    sources = [path for room in rooms for path in (ROOT / room).rglob("*") if path.suffix in (".rs", ".sol")]
    text = "\n".join(path.read_text() for path in sources)
    functions = set(re.findall(r"\b(?:fn|function) (\w+)", text))
    tests = {name for name in re.findall(r"`(\w+_\w+)`", page) if not name.isupper()}
    known = functions | {path.stem for path in sources}
    wrong += [f"pitfalls.md names {name}, which is no test" for name in sorted(tests - known)]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"mutations: {len(names)}, each in its place and named in pitfalls.md with tests that exist")


def main() -> None:
    if sys.argv[1:] == ["--check"]:
        return check()
    chosen = [mutation for mutation in MUTATIONS if not sys.argv[1:] or mutation.name in sys.argv[1:]]
    shutil.rmtree(TREE, ignore_errors=True)
    # Copies are as new as they are, or what was built of an older tree would pass for theirs.
    skipped = shutil.ignore_patterns("target", ".git", ".opml")
    shutil.copytree(ROOT, TREE, symlinks=True, ignore=skipped, copy_function=shutil.copy)
    sound = {mutation.suite for mutation in chosen}
    for mutation in {mutation.suite: mutation for mutation in chosen}.values():
        if (ran := suite(mutation)).returncode != 0:
            sys.exit(f"{mutation.suite} fails as it is:\n{ran.stdout[-4000:]}")
    print(f"{len(sound)} suites hold; {len(chosen)} mutations", flush=True)
    bad = 0
    for mutation in chosen:
        said = try_out(mutation)
        bad += not said.startswith("caught")
        print(f"{mutation.name:<24} {said}", flush=True)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
