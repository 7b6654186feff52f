// One source file through the compiler. Each file is compiled with only what it imports, so that a contract's code (and
// its code hash) is a function of its own sources.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { closureOf } from "./sources.mjs";

const solc = createRequire(import.meta.url)("solc");

const settings = {
    optimizer: { enabled: true, runs: 100000 },
    viaIR: true,
    evmVersion: "prague",
    metadata: { appendCBOR: false, bytecodeHash: "none" },
};

/** Sources compiled for fewer runs than the others, because their code would not fit otherwise. */
const fewerRuns = { "src/service/Service.sol": 600 };

/** Compiles `source`: messages worth failing for, and its contracts as {name, node (syntax tree), output}. */
export function compile(home, source, { useCache }) {
    const outputs = ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences", "evm.deployedBytecode.object"];
    const runs = fewerRuns[source] ?? settings.optimizer.runs;
    const input = JSON.stringify({
        language: "Solidity",
        sources: closureOf(home, source),
        settings: { ...settings, optimizer: { enabled: true, runs }, outputSelection: { [source]: { "": ["ast"], "*": outputs } } },
    });
    const output = JSON.parse(useCache ? cached(home, input) : solc.compile(input));
    const messages = (output.errors ?? [])
        .filter((error) => error.severity !== "info")
        .map((error) => error.formattedMessage ?? error.message);
    const tree = output.sources?.[source]?.ast?.nodes ?? [];
    const contracts = Object.entries(output.contracts?.[source] ?? {}).map(([name, result]) => ({
        name,
        node: tree.find((node) => node.nodeType === "ContractDefinition" && node.name === name),
        output: result,
    }));
    return { messages, contracts: contracts.filter(wanted) };
}

/** Concrete contracts, and interfaces whose documentation carries `@custom:artifact`. */
function wanted({ node }) {
    if (node.contractKind === "contract") return !node.abstract;
    return node.contractKind === "interface" && /@custom:artifact\b/.test(node.documentation?.text ?? "");
}

function cached(home, input) {
    const key = createHash("sha256").update(solc.version()).update(input).digest("hex");
    const folder = join(home, "node_modules/.cache/opml");
    const path = join(folder, `${key}.json`);
    try {
        return readFileSync(path, "utf8");
    } catch {
        const output = solc.compile(input);
        mkdirSync(folder, { recursive: true });
        writeFileSync(path, output);
        return output;
    }
}
