"""Show the book, build it again whenever a source is saved, and let the browser show that."""

import sys
from pathlib import Path

from livereload import Server

from tools import build

SUFFIXES = "bib css csv html js json md npz png py svg toml typed".split()


def rebuild():
    try:
        build.pages()
    except SystemExit:  # the author reads what is wrong, mends it and saves again
        return


def main(port):
    server = Server()
    for folder in build.FOLDERS:
        for place in {path.parent for path in Path(folder).rglob("*.*")}:
            for suffix in SUFFIXES:
                server.watch(f"{place.as_posix()}/*.{suffix}", rebuild)
    for name in build.FILES:
        server.watch(name, rebuild)
    print(f"The book is at http://127.0.0.1:{port}/ and follows every save (Ctrl-C stops it)")
    server.serve(root="_build/html", port=int(port), host="127.0.0.1", restart_delay=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
