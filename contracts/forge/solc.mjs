#!/usr/bin/env node
// The pinned JavaScript compiler as Foundry calls a native one: `--version`, and `--standard-json` on standard input.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const solc = createRequire(new URL("../package.json", import.meta.url))("solc");

if (process.argv.includes("--version")) {
    console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version().replace(/\.Emscripten.*/, ".Linux.g++")}`);
} else if (process.argv.includes("--standard-json")) {
    process.stdout.write(solc.compile(readFileSync(0, "utf8")));
} else {
    console.error(`solc: unknown arguments ${process.argv.slice(2).join(" ")}`);
    process.exit(1);
}
