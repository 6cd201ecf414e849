"""Run the cells of a page: what they print, show and draw goes to the page as it comes."""

import ast
import base64
import io
import linecache
import sys
import traceback

NAMES = {"__name__": "__main__"}
KEPT = 200_000  # signs of output, per run
AT_ONCE = 2_000


class Printed(io.TextIOBase):
    """Standard output or error as the page sees it: in pieces, and cut where it never ends."""

    def __init__(self, send):
        self.send, self.waiting, self.size = send, [], 0

    def write(self, text):
        if "building the font cache" in text:  # Matplotlib says so on every first figure
            return len(text)
        room = KEPT - self.size
        self.size += len(text)
        if room > 0:
            self.waiting.append(text[:room])
            if len(text) >= room:
                self.waiting.append(f"\n[cut: a cell shows {KEPT:,} signs at most]\n")
            if sum(map(len, self.waiting)) > AT_ONCE:
                self.flush()
        return len(text)

    def flush(self):
        if self.waiting:
            self.send("text", "".join(self.waiting))
            self.waiting = []


def run(code, name, send):
    """Run a cell called `name`; send(kind, text) gets texts, pictures and errors. True if all went
    well."""
    out = Printed(send)
    before = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = out
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    try:
        tree = ast.parse(code, name)
        last = tree.body.pop().value if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), NAMES)
        if last is not None:
            show(eval(compile(ast.Expression(last), name, "eval"), NAMES), send, out)
        out.flush()
        draw(send)
        return True
    except BaseException as error:
        out.flush()
        send("error", explained(error))
        return False
    finally:
        sys.stdout, sys.stderr = before


def show(value, send, out):
    """Show the value of a cell's last line, as a notebook does."""
    if value is None:
        return
    if type(value).__name__ == "Figure":
        picture(value, send)
    else:
        out.write(f"{value!r}\n")


def draw(send):
    """Send all open figures, and close them."""
    if "matplotlib.pyplot" in sys.modules:
        plt = sys.modules["matplotlib.pyplot"]
        for number in plt.get_fignums():
            picture(plt.figure(number), send)
        plt.close("all")


def picture(figure, send):
    """Send a figure as a picture that cannot run anything."""
    file = io.BytesIO()
    figure.savefig(file, format="svg", bbox_inches="tight")
    send("picture", "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode())
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(figure)


def explained(error):
    """Return what went wrong: in a line where the error knows one, else with the lines of cells."""
    if hasattr(error, "_render_traceback_"):
        return "\n".join(error._render_traceback_())
    if isinstance(error, SyntaxError):
        return "".join(traceback.format_exception_only(error))
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith("cell")]
    lines = traceback.format_list(frames) if frames else []
    return "".join([*lines, *traceback.format_exception_only(error)])
