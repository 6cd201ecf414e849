"""Print every deck to PDF, one page a slide: tools/print_slides.py SITE FOLDER [--notes]."""

import functools
import http.server
import shutil
import sys
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Keep the list of requests out of the terminal."""


def main(site, folder, notes=""):
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        sys.exit("slides-pdf: no Chromium or Chrome found; install one, it does the printing")
    Path(folder).mkdir(parents=True, exist_ok=True)
    handler = functools.partial(Handler, directory=site)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        for deck in sorted(Path(site, "slides").glob("*.html")):
            if deck.stem in ("index", "speaker"):
                continue
            shown = "&showNotes=separate-page" if notes else ""
            address = f"http://127.0.0.1:{server.server_port}/slides/{deck.name}"
            page.goto(f"{address}?print-pdf{shown}", wait_until="networkidle")
            page.wait_for_selector(".pdf-page")
            page.evaluate("document.fonts.ready.then(() => true)")
            file = Path(folder, f"{deck.stem}.pdf")
            page.pdf(path=file, prefer_css_page_size=True, print_background=True)
            print(file)
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
