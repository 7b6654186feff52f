// Source files and what they import.

import { readFileSync, readdirSync } from "node:fs";
import { join, posix, sep } from "node:path";

/** Paths of the files below `folder` that end in `suffix`, relative to `home`, sorted; none when there is no folder. */
export function filesUnder(home, folder, suffix) {
    let entries;
    try {
        entries = readdirSync(join(home, folder), { recursive: true });
    } catch {
        return [];
    }
    return entries
        .filter((entry) => entry.endsWith(suffix))
        .map((entry) => posix.join(folder, entry.split(sep).join("/")))
        .sort();
}

/** `source` and everything that it imports, by path, as the compiler's input wants it; imports are relative. */
export function closureOf(home, source) {
    const found = new Map();
    const waiting = [source];
    while (waiting.length > 0) {
        const path = waiting.pop();
        if (found.has(path)) continue;
        const content = readFileSync(join(home, path), "utf8");
        found.set(path, { content });
        for (const [, target] of content.matchAll(/^\s*import\b[^;]*?["'](\.[^"']+)["']\s*;/gm)) {
            waiting.push(posix.join(posix.dirname(path), target));
        }
    }
    return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
