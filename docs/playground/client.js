// Questions to the worker, and their answers as promises.

export class Client {
  #worker;
  #waiting = new Map();
  #last = 0;

  constructor() {
    // A worker made of a blob inherits this page's policy, so that it can send nothing either.
    const script = `import ${JSON.stringify(new URL("worker.js", import.meta.url).href)};`;
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    this.#worker = new Worker(address, { type: "module" });
    this.#worker.onmessage = ({ data: { id, answer, failed } }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (failed === undefined) resolve(answer);
      else reject(new Error(failed));
    };
    this.#worker.onerror = (event) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(event.message || "the worker did not start"));
      this.#waiting.clear();
    };
  }

  ask(question, given = {}) {
    return new Promise((resolve, reject) => {
      const id = ++this.#last;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, question, given });
    });
  }
}

// Runs a task again and again, never twice at once: while one runs, only the newest call is kept.
export function newest(task) {
  let running = false;
  let next = null;
  return async function call(...given) {
    next = given;
    if (running) return;
    running = true;
    try {
      while (next) {
        const taken = next;
        next = null;
        await task(...taken);
      }
    } finally {
      running = false;
    }
  };
}
