// Which contracts are machines, by the name that specs give them: `@custom:machine name` in a contract's documentation.

/** The machine's name, if the contract is one. */
export function machineOf({ node }) {
    return node.documentation?.text.match(/@custom:machine\s+([a-z0-9-]+)/)?.[1];
}

/** The artifact `machines.json`: machines' names and contracts, sorted. */
export function machinesText(machines) {
    return `${JSON.stringify(Object.fromEntries([...machines].sort()), null, 1)}\n`;
}
