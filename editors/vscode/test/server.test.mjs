// The server itself, started as the extension starts it.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const { clientOptions, serverOptions } = require("../out/options.js");
const protocol = require("vscode-languageserver-protocol/node");

const { command, args } = serverOptions({ path: "", target: "2026.4.29" });
const absent = spawnSync(command, ["--version"]).error !== undefined;

test("it finds what is wrong in a config for the target", { skip: absent && "it is not installed" }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-config-"));
  const server = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const connection = protocol.createProtocolConnection(
    new protocol.StreamMessageReader(server.stdout),
    new protocol.StreamMessageWriter(server.stdin),
  );
  try {
    connection.listen();
    const published = new Promise((resolve) =>
      connection.onNotification(protocol.PublishDiagnosticsNotification.type, resolve),
    );
    const rootUri = pathToFileURL(folder).href;
    const told = { processId: process.pid, rootUri, capabilities: {} };
    const { capabilities } = await connection.sendRequest(protocol.InitializeRequest.type, told);
    assert.ok(capabilities.textDocumentSync);
    await connection.sendNotification(protocol.InitializedNotification.type, {});
    const path = join(folder, "openclaw.json");
    const text = "{ tts: { auto: 'always' } }"; // a key of later releases
    writeFileSync(path, text);
    const [{ language: languageId }] = clientOptions().documentSelector;
    const textDocument = { uri: pathToFileURL(path).href, languageId, version: 1, text };
    await connection.sendNotification(protocol.DidOpenTextDocumentNotification.type, { textDocument });
    const { uri, diagnostics } = await published;
    assert.equal(uri, textDocument.uri);
    assert.deepEqual(diagnostics.map(({ code }) => code), ["unknown-key"]);
    await connection.sendRequest(protocol.ShutdownRequest.type);
    const ended = new Promise((resolve) => server.once("exit", resolve));
    await connection.sendNotification(protocol.ExitNotification.type);
    assert.equal(await ended, 0);
  } finally {
    connection.dispose();
    server.kill();
    rmSync(folder, { recursive: true });
  }
});
