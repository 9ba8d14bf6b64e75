// What is packed: all that the extension loads, and nothing else of this folder.

import assert from "node:assert/strict";
import Module, { createRequire } from "node:module";
import { relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { listFiles } from "@vscode/vsce";

const here = fileURLToPath(new URL("..", import.meta.url));
const packed = await listFiles({ cwd: here });

test("every module that the extension loads is packed", () => {
  // The editor gives the module `vscode`; here it is one of which every name is a class.
  const editor = new Proxy({}, { get: () => class {} });
  const require = createRequire(import.meta.url);
  const before = new Set(Object.keys(require.cache));
  const load = Module._load;
  Module._load = (name, ...rest) => (name === "vscode" ? editor : load(name, ...rest));
  const { activate, deactivate } = require("../out/extension.js");
  Module._load = load;
  assert.equal(typeof activate, "function");
  assert.equal(typeof deactivate, "function");
  const loaded = Object.keys(require.cache)
    .filter((path) => !before.has(path))
    .map((path) => relative(here, path));
  assert.ok(loaded.some((path) => path.includes("vscode-languageserver-protocol")));
  assert.deepEqual(loaded.filter((path) => !packed.includes(path)), []);
});

test("sources, tests and tools are not packed", () => {
  const own = packed.filter((path) => !path.startsWith("node_modules/")).sort();
  assert.deepEqual(
    own.filter((path) => path !== "LICENSE"),
    [
      "README.md",
      "language-configuration.json",
      "out/extension.js",
      "out/options.js",
      "package.json",
      "syntaxes/openclaw-json5.tmLanguage.json",
    ],
  );
  assert.ok(!packed.some((path) => /node_modules\/(typescript|@vscode)\//.test(path)));
});
