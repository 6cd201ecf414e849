// Run pytest under Pyodide, in Node: core.mjs RELEASE BOOK PACKAGES ARGUMENTS...
// RELEASE is a folder with a release of Pyodide, PACKAGES one with pytest and what it needs.
import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [release, book, packages] = process.argv.slice(2, 5).map((it) => realpathSync(it));
const { loadPyodide } = await import(pathToFileURL(`${release}/pyodide.mjs`));
const python = await loadPyodide({
  indexURL: `${release}/`,
  env: { HOME: "/home/pyodide", PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1", PYTHONDONTWRITEBYTECODE: "1" },
});
await python.loadPackage("numpy", { messageCallback() {} });
for (const [place, root] of [["/book", book], ["/packages", packages]]) {
  python.FS.mkdir(place);
  python.FS.mount(python.FS.filesystems.NODEFS, { root }, place);
}
python.globals.set("arguments", python.toPy(process.argv.slice(5)));
const code = python.runPython(`
import os, sys
os.chdir("/book")
sys.path[:0] = ["/book", "/book/tests/in_page/instead"]
sys.path.append("/packages")  # last: NumPy is Pyodide's own
import pytest
int(pytest.main(["-p", "no:cacheprovider", "-p", "no:faulthandler", "--capture=sys", *arguments]))
`);
process.exit(code);
