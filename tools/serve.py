"""Show the built site on this machine alone: tools/serve.py DIRECTORY PORT."""

import functools
import http.server
import sys


def main(directory, port):
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=directory)
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), handler)
    except (OSError, OverflowError, ValueError) as error:
        sys.exit(f"serve: port {port}: {error}; choose another: make serve PORT=8001")
    print(f"The book is at http://127.0.0.1:{server.server_port}/ (Ctrl-C stops it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main(*sys.argv[1:])
