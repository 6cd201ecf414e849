// Python for one page, in a worker: the page can end it at any moment, whatever runs.
const base = new URL(".", self.location);
const get = async (address) => {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return answer.arrayBuffer();
};

let python, run;
const there = new Set();

async function start(from) {
  const { loadPyodide } = await import(new URL("pyodide.mjs", from));
  python = await loadPyodide({ indexURL: from.href, env: { MPLBACKEND: "agg", HOME: "/home/pyodide" } });
  await packages(["numpy"]);
  await library("lib.zip");
  const runner = new TextDecoder().decode(await get(new URL("page.py", base)));
  python.FS.writeFile("/home/pyodide/live_page.py", runner);
  run = python.pyimport("live_page").run;
}

async function packages(names) {
  const wanted = names.filter((name) => !there.has(name));
  if (!wanted.length) return;
  let failed = "";
  await python.loadPackage(wanted, { messageCallback() {}, errorCallback: (text) => (failed ||= text) });
  if (failed) throw new Error(failed);
  wanted.forEach((name) => there.add(name));
}

async function library(name) {
  if (there.has(name)) return;
  const site = python.runPython("import site; site.getsitepackages()[0]");
  python.unpackArchive(await get(new URL(name, base)), "zip", { extractDir: site });
  python.runPython("import importlib; importlib.invalidate_caches()");
  there.add(name);
}

self.onmessage = async ({ data: { id, from, parts, figures, rest } }) => {
  const say = (kind, text) => self.postMessage({ id, kind, text });
  try {
    if (!run) await start(new URL(from, base));
    if (figures) await packages(["matplotlib"]);
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
