// Compiles every contract and writes its artifact; with --check, compares instead of writing. See README.md.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { artifactOf } from "./build/artifact.mjs";
import { compile } from "./build/compile.mjs";
import { filesUnder } from "./build/sources.mjs";

const home = dirname(fileURLToPath(import.meta.url));
/** Where sources lie and where their artifacts go. */
const rooms = [
    { sources: "src", artifacts: "artifacts" },
    { sources: "test/harness", artifacts: "test/artifacts" },
];
const usage = "usage: node build.mjs [--check]";

const flags = process.argv.slice(2);
if (flags.some((flag) => flag !== "--check")) {
    console.error(usage);
    process.exit(2);
}
const checking = flags.includes("--check");
const complaints = new Set();
const stale = [];
let written = 0;

for (const room of rooms) {
    const fresh = new Map();
    for (const source of filesUnder(home, room.sources, ".sol")) {
        const { messages, contracts } = compile(home, source, { useCache: !checking });
        messages.forEach((message) => complaints.add(message));
        for (const contract of contracts) {
            const path = `${room.artifacts}/${contract.name}.json`;
            const { text, problems } = artifactOf(contract);
            problems.forEach((problem) => complaints.add(`${source}: ${contract.name}: ${problem}\n`));
            if (fresh.has(path)) complaints.add(`${source}: a second contract is named ${contract.name}\n`);
            fresh.set(path, text);
        }
    }
    if (complaints.size > 0) continue;
    mkdirSync(join(home, room.artifacts), { recursive: true });
    for (const [path, text] of fresh) {
        if (read(path) === text) continue;
        if (checking) stale.push(`${path} differs from its source`);
        else writeFileSync(join(home, path), text), written++;
    }
    for (const path of filesUnder(home, room.artifacts, ".json").filter((path) => !fresh.has(path))) {
        if (checking) stale.push(`${path} has no source`);
        else rmSync(join(home, path));
    }
}

if (complaints.size > 0) {
    console.error([...complaints].join("\n"));
    console.error(`${complaints.size} errors or warnings; no artifact of that folder was written`);
    process.exit(1);
}
if (stale.length > 0) {
    console.error(stale.map((line) => `stale: ${line}`).join("\n"));
    console.error("run `node build.mjs` in contracts/ and commit the artifacts");
    process.exit(1);
}
console.log(checking ? "every artifact matches its source" : `artifacts are up to date (${written} written)`);

function read(path) {
    try {
        return readFileSync(join(home, path), "utf8");
    } catch {
        return null;
    }
}
