/** What the client is told, from the user's settings. Knows nothing of a running editor. */

import type { LanguageClientOptions, ServerOptions } from "vscode-languageclient/node";

export const ID = "openclaw-config";

export interface Settings {
  /** The program, by its name on the path or by its path. */
  path: string;
  /** A version of OpenClaw, or empty where the project's settings say it. */
  target: string;
}

/** How the server is started: it speaks over its standard input and output. */
export function serverOptions(settings: Settings): ServerOptions {
  const target = settings.target.trim();
  return {
    command: settings.path.trim() || ID,
    args: ["lsp", ...(target ? ["--target", target] : [])],
  };
}

/** Which files the server is told of: configs, and JSON5 files, which configs may include. */
export function clientOptions(): LanguageClientOptions {
  return {
    documentSelector: [
      { scheme: "file", language: "openclaw-json5" },
      { scheme: "file", pattern: "**/*.json5" },
    ],
  };
}
