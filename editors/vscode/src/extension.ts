/** Starts `openclaw-config lsp` for the configs that are open, and again when its settings change. */

import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

import { clientOptions, ID, serverOptions } from "./options";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration(`${ID}.path`) || change.affectsConfiguration(`${ID}.target`)) {
        await deactivate();
        await start();
      }
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.dispose();
}

async function start(): Promise<void> {
  const settings = vscode.workspace.getConfiguration(ID);
  const path = settings.get("path", ID);
  const options = serverOptions({ path, target: settings.get("target", "") });
  client = new LanguageClient(ID, "OpenClaw config", options, clientOptions());
  try {
    await client.start();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await vscode.window.showErrorMessage(
      `'${path} lsp' does not start: ${why}. It needs pip install 'openclaw-config[lsp]'; the setting ` +
        "openclaw-config.path says where the program is.",
    );
  }
}
