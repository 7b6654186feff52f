// Compiles every contract and writes its artifact; with --check, compares instead of writing. See README.md.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { artifactOf } from "./build/artifact.mjs";
import { machineOf, machinesText } from "./build/machines.mjs";
import { compile } from "./build/compile.mjs";
import { filesUnder } from "./build/sources.mjs";

const home = dirname(fileURLToPath(import.meta.url));
/** Where sources lie and where their artifacts go. */
const rooms = [
    { sources: "src", artifacts: "artifacts" },
    { sources: "test/harness", artifacts: "test/artifacts" },
];
const usage = "usage: node build.mjs [--check] [source folder or file …]";

const given = process.argv.slice(2);
const checking = given.includes("--check");
const wanted = given.filter((word) => word !== "--check");
if (wanted.some((word) => word.startsWith("-"))) {
    console.error(usage);
    process.exit(2);
}
const complaints = new Set();
const stale = [];
let written = 0;

for (const room of rooms) {
    const fresh = new Map();
    const machines = new Map();
    for (const source of filesUnder(home, room.sources, ".sol").filter(isWanted)) {
        const { messages, contracts } = compile(home, source, { useCache: !checking });
        messages.forEach((message) => complaints.add(message));
        for (const contract of contracts) {
            const path = `${room.artifacts}/${contract.name}.json`;
            const { text, problems } = artifactOf(contract);
            problems.forEach((problem) => complaints.add(`${source}: ${contract.name}: ${problem}\n`));
            if (fresh.has(path)) complaints.add(`${source}: a second contract is named ${contract.name}\n`);
            if (messages.length + problems.length === 0) place(path, text);
            fresh.set(path, text);
            const machine = machineOf(contract);
            if (machines.has(machine)) complaints.add(`${source}: a second contract is the machine ${machine}\n`);
            if (machine) machines.set(machine, contract.name);
        }
    }
    if (wanted.length > 0 || complaints.size > 0) continue;
    if (machines.size > 0) {
        const path = `${room.artifacts}/machines.json`;
        place(path, machinesText(machines));
        fresh.set(path, "");
    }
    for (const path of filesUnder(home, room.artifacts, ".json").filter((path) => !fresh.has(path))) {
        if (checking) stale.push(`${path} has no source`);
        else rmSync(join(home, path));
    }
}

if (complaints.size > 0) {
    console.error([...complaints].join("\n"));
    console.error(`${complaints.size} errors or warnings; contracts that have any were not written`);
}
if (stale.length > 0) {
    console.error(stale.map((line) => `stale: ${line}`).join("\n"));
    console.error("run `node build.mjs` in contracts/ and commit the artifacts");
}
if (complaints.size + stale.length > 0) process.exit(1);
console.log(checking ? "every artifact matches its source" : `artifacts are up to date (${written} written)`);

function isWanted(source) {
    return wanted.length === 0 || wanted.some((word) => source === word || source.startsWith(`${word.replace(/\/$/, "")}/`));
}

function place(path, text) {
    if (read(path) === text) return;
    if (checking) {
        stale.push(`${path} differs from its source`);
        return;
    }
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
    written++;
}

function read(path) {
    try {
        return readFileSync(join(home, path), "utf8");
    } catch {
        return null;
    }
}
