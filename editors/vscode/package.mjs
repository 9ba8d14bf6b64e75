// Makes openclaw-config-<version>.vsix of this folder, or the file that an argument names.

import { copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { createVSIX } from "@vscode/vsce";

const here = fileURLToPath(new URL(".", import.meta.url));
copyFileSync(new URL("../../LICENSE", import.meta.url), new URL("LICENSE", import.meta.url));
await createVSIX({
  cwd: here,
  packagePath: process.argv[2],
  allowMissingRepository: true,
});
