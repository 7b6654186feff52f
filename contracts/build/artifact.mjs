// The artifact of one contract: canonical text, so that equal sources give equal files.

/** The most bytes of code that Ethereum deploys. */
const CODE_LIMIT = 24576;

/** The artifact's text, and what makes the contract undeployable. */
export function artifactOf({ output }) {
    const { bytecode, deployedBytecode } = output.evm;
    const problems = [];
    if (Object.keys(bytecode.linkReferences).length > 0) problems.push("calls a library that would need linking");
    const size = deployedBytecode.object.length / 2;
    if (size > CODE_LIMIT) problems.push(`has ${size} bytes of code, more than the ${CODE_LIMIT} that can be deployed`);
    const artifact = {
        abi: output.abi.map(sorted).sort(byKindAndName),
        bytecode: `0x${bytecode.object}`,
        deployedBytecode: `0x${deployedBytecode.object}`,
    };
    return { text: `${JSON.stringify(artifact, null, 1)}\n`, problems };
}

function byKindAndName(a, b) {
    const key = (entry) => JSON.stringify([entry.type, entry.name ?? "", entry.inputs ?? []]);
    return key(a) < key(b) ? -1 : 1;
}

/**
 * The same value with every object's keys in order; the order of lists means something and stays. A user-defined value type is shown as what it is
 * encoded as: what reads ABIs (alloy's `sol!`) finds such types only in the contract itself, not in a structure of a base contract.
 */
function sorted(value) {
    if (Array.isArray(value)) return value.map(sorted);
    if (value === null || typeof value !== "object") return value;
    const shown = (key) => (key === "internalType" && !/^(struct|enum|contract) /.test(value[key]) ? value.type : value[key]);
    return Object.fromEntries(
        Object.keys(value)
            .sort()
            .map((key) => [key, sorted(shown(key))]),
    );
}
