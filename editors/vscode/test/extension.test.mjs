// The manifest, the grammar and what the client is told.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";

const require = createRequire(import.meta.url);
const { clientOptions, ID, serverOptions } = require("../out/options.js");
const read = (name) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");
const manifest = JSON.parse(read("package.json"));

// --- the manifest

test("every file that the manifest names is there", () => {
  const { languages, grammars } = manifest.contributes;
  const named = [manifest.main, languages[0].configuration, grammars[0].path];
  for (const name of named) {
    assert.ok(existsSync(new URL(`../${name}`, import.meta.url)), name);
  }
});

test("the grammar and the language are those of one another", () => {
  const [language] = manifest.contributes.languages;
  const [grammar] = manifest.contributes.grammars;
  assert.equal(grammar.language, language.id);
  assert.equal(JSON.parse(read(grammar.path)).scopeName, grammar.scopeName);
  assert.deepEqual(language.filenames, ["openclaw.json", "openclaw.json5"]);
});

test("no workspace can say which program is run", () => {
  const settings = manifest.contributes.configuration.properties;
  assert.equal(settings["openclaw-config.path"].scope, "machine");
});

test("every setting is one that is read", () => {
  const source = read("src/extension.ts");
  // The client itself reads its trace.
  const names = Object.keys(manifest.contributes.configuration.properties).map((name) =>
    name.replace(`${ID}.`, ""),
  );
  assert.deepEqual(names, ["path", "target", "trace.server"]);
  for (const name of ["path", "target"]) {
    assert.ok(source.includes(`settings.get("${name}"`), name);
  }
});

test("the brackets and comments are those of JSON5", () => {
  const language = JSON.parse(read("language-configuration.json"));
  assert.deepEqual(language.comments, { lineComment: "//", blockComment: ["/*", "*/"] });
  assert.deepEqual(language.brackets, [["{", "}"], ["[", "]"]]);
  assert.match("dm-policy", new RegExp(`^${language.wordPattern}$`));
});

// --- the client

test("the server is started over standard input and output", () => {
  assert.deepEqual(serverOptions({ path: "openclaw-config", target: "" }), {
    command: "openclaw-config",
    args: ["lsp"],
  });
});

test("settings say which program and which target", () => {
  assert.deepEqual(serverOptions({ path: " /opt/bin/oc ", target: "2026.4.29" }), {
    command: "/opt/bin/oc",
    args: ["lsp", "--target", "2026.4.29"],
  });
  assert.equal(serverOptions({ path: " ", target: " " }).command, ID);
});

test("the server is told of configs and of JSON5 files on disk", () => {
  const selector = clientOptions().documentSelector;
  assert.ok(selector.every((one) => one.scheme === "file"));
  assert.equal(selector[0].language, manifest.contributes.languages[0].id);
  assert.equal(selector[1].pattern, "**/*.json5");
});

// --- the grammar

const wasm = readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
const [{ path, scopeName }] = manifest.contributes.grammars;
const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async () => textmate.parseRawGrammar(read(path), path),
});
const grammar = await registry.loadGrammar(scopeName);

/** The tokens of a text, each with the most particular of its scopes but for the language. */
function tokens(text) {
  const found = [];
  let state = textmate.INITIAL;
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    for (const { startIndex, endIndex, scopes } of tokens) {
      const scope = scopes.at(-1).replace(".openclaw-json5", "");
      const piece = line.slice(startIndex, endIndex);
      if (piece.trim() !== "" && !scope.startsWith("punctuation")) {
        found.push([piece, scope]);
      }
    }
  }
  return found;
}

/** The scope of a piece of a text. */
function scope(text, piece) {
  return tokens(text).find(([one]) => one === piece)?.[1];
}

const KEY = "support.type.property-name";
const CASES = [
  ["{ gateway: { port: 18789 } }", "gateway", KEY],
  ["{ gateway: { port: 18789 } }", "port", KEY],
  ["{ gateway: { port: 18789 } }", "18789", "constant.numeric"],
  ["{ mаin_$1: 1 }", "mаin_$1", KEY],
  ["{ 'a-b': 1 }", "a-b", KEY],
  ['{ "a": "b" }', "b", "string.quoted.double"],
  ["{ a: 'b' }", "b", "string.quoted.single"],
  ["{ a: 'it\\'s' }", "\\'", "constant.character.escape"],
  ["{ a: '\\u00e9' }", "\\u00e9", "constant.character.escape"],
  ["{ a: '\\u00' }", "\\u", "invalid.illegal.escape"],
  ['{ a: "${HOME_KEY}" }', "${HOME_KEY}", "variable.other.environment"],
  ['{ a: "$${HOME_KEY}" }', "$$", "constant.character.escape"],
  ['{ a: "${home}" }', '${home}', "string.quoted.double"],
  ["{ $include: './a.json5' }", "$include", "keyword.control.include"],
  ["{ a: $include }", "$", "invalid.illegal.unexpected"],
  ["// note", "// note", "comment.line.double-slash"],
  ["{ /* a: 1 */ }", " a: 1 ", "comment.block"],
  ["{ /* a\n b: 1 */ c: 2 }", "c", KEY],
  ["[true, null, -Infinity]", "true", "constant.language"],
  ["[true, null, -Infinity]", "null", "constant.language"],
  ["[true, null, -Infinity]", "-Infinity", "constant.numeric"],
  ["[0xFF, +.5, 5., 1e-3]", "0xFF", "constant.numeric"],
  ["[0xFF, +.5, 5., 1e-3]", "+.5", "constant.numeric"],
  ["[0xFF, +.5, 5., 1e-3]", "5.", "constant.numeric"],
  ["[0xFF, +.5, 5., 1e-3]", "1e-3", "constant.numeric"],
  ["{ a: 1, }", "a", KEY],
  ["{ a: [{ b: 1 }, { c: 2 }] }", "c", KEY],
  ["{ a: 'x\\\ny', b: 1 }", "b", KEY],
  // An open string ends with its line, so that the rest keeps its colours.
  ["{ a: 'x,\n b: 1 }", "1", "constant.numeric"],
];

for (const [text, piece, expected] of CASES) {
  test(`${JSON.stringify(text)}: ${JSON.stringify(piece)} is ${expected}`, () => {
    assert.equal(scope(text, piece), expected, JSON.stringify(tokens(text)));
  });
}

test("nothing of a valid config is coloured as an error", () => {
  const text = read("test/sample.json5");
  assert.deepEqual(tokens(text).filter(([, one]) => one.startsWith("invalid")), []);
});
