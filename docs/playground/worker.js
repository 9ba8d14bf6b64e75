// Python, in a thread of its own: typing never waits for it.

import { loadPyodide } from "./pyodide/pyodide.mjs";

const near = (name) => new URL(name, import.meta.url).href;

async function fetched(name, kind) {
  const response = await fetch(near(name));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response[kind]();
}

async function start() {
  const [python, archive, bridge] = await Promise.all([
    loadPyodide({ indexURL: near("pyodide/") }),
    fetched("openclaw_config.zip", "arrayBuffer"),
    fetched("playground.py", "text"),
  ]);
  const folder = "/lib/openclaw-config";
  python.unpackArchive(archive, "zip", { extractDir: folder });
  python.FS.writeFile(`${folder}/playground.py`, bridge);
  // An empty folder, so that no file of Pyodide's stands beside the config.
  python.FS.mkdirTree("/config");
  python.FS.chdir("/config");
  python.runPython(`import sys; sys.path.insert(0, "${folder}")`);
  return python.pyimport("playground").answer;
}

const started = start();

self.onmessage = async ({ data: { id, question, given } }) => {
  try {
    const answer = await started;
    self.postMessage({ id, answer: JSON.parse(answer(question, JSON.stringify(given))) });
  } catch (error) {
    // Of a traceback only the last line's type: the rest may quote the config.
    const last = String(error.message ?? error).trim().split("\n").pop();
    self.postMessage({ id, failed: error.type ?? last });
  }
};
