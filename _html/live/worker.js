// Python for one page, in a worker: the page can end it at any moment.
const base = new URL(".", self.location);
const get = async (address) => {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return answer.arrayBuffer();
};

let python, run;
const there = new Set();

async function start(from, wanted) {
  const own = Promise.all(["lib.zip", "page.py"].map((name) => get(new URL(name, base))));
  own.catch(() => {}); // said where it is awaited
  const { loadPyodide } = await import(new URL("pyodide.mjs", from));
  const env = { MPLBACKEND: "agg", HOME: "/home/pyodide" };
  python = await loadPyodide({ indexURL: from.href, env, packages: wanted });
  const [archive, runner] = await own;
  await library("lib.zip", archive);
  python.FS.writeFile("live_page.py", new TextDecoder().decode(runner));
  run = python.pyimport("live_page").run;
}

// What is there already is not loaded again.
async function packages(names) {
  let failed = "";
  await python.loadPackage(names, { messageCallback() {}, errorCallback: (text) => (failed ||= text) });
  if (failed) throw new Error(failed);
}

async function library(name, archive) {
  if (there.has(name)) return;
  python.unpackArchive(archive ?? (await get(new URL(name, base))), "zip");
  python.runPython("import importlib; importlib.invalidate_caches()");
  there.add(name);
}

self.onmessage = async ({ data: { id, from, parts, figures, rest } }) => {
  const say = (kind, text) => self.postMessage({ id, kind, text });
  try {
    const wanted = figures ? ["numpy", "matplotlib"] : ["numpy"];
    if (!run) await start(new URL(from, base), wanted);
    await packages(wanted); // start says nothing of what failed
    if (rest) await library("lib-rest.zip");
    self.postMessage({ id, kind: "begins" });
    for (const { key, code, shown } of parts) {
      const name = typeof key === "number" ? `cell ${key + 1}` : "cell";
      const well = run(code, name, shown ? say : (kind, text) => kind === "error" && say(kind, text));
      self.postMessage({ id, kind: "ran", key, well });
      if (!well) break;
    }
  } catch (error) {
    self.postMessage({ id, kind: "lost", text: String(error.message || error) });
  }
  self.postMessage({ id, kind: "done" });
};
