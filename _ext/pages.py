"""Finish the pages once they are written: what no theme or template says of itself.

* Images get their size, so that nothing moves when they arrive and a link into a page lands where
  it should; all but the first wait until the reader comes near them.
* Long names of code in a table break where a part of them ends, when a phone is too narrow.
* What pages load is bundled: see bundles.py.
* Styles and scripts within a page move to files of their own, and a content security policy in the
  page's head allows no others, nor any other origin.
"""

import gc
import hashlib
import re
from base64 import b64encode
from os.path import relpath
from pathlib import Path
from xml.etree import ElementTree

import bundles
from bs4 import BeautifulSoup

POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'wasm-unsafe-eval'",  # Python in the page is WebAssembly
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
ELSEWHERE = ("slides", "_static", "reports")  # built by others, or no pages
UNITS = {"": 1, "px": 1, "pt": 4 / 3, "in": 96, "cm": 96 / 2.54, "mm": 9.6 / 2.54}
END_OF_PART = re.compile(r"(?<=[_./,(\[])(?=\w)")
LENGTH = re.compile(r"([\d.]+)(px|pt|in|cm|mm|)$")


def built(app):
    """Return the files of the pages that this builder wrote, in order."""
    root = Path(app.outdir)
    pages = (page.relative_to(root) for page in sorted(root.rglob("*.html")))
    return [root / page for page in pages if page.parts[0] not in ELSEWHERE]


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def size(picture):
    """Return width and height of an SVG file in CSS pixels; ValueError where it does not say."""
    root = ElementTree.parse(picture).getroot()
    lengths = [LENGTH.match(root.get(name, "")) for name in ("width", "height")]
    if all(lengths):
        return tuple(round(float(length[1]) * UNITS[length[2]]) for length in lengths)
    box = root.get("viewBox", "").split()
    if len(box) != 4:
        raise ValueError(f"{picture.name} has neither width and height nor a viewBox")
    return round(float(box[2])), round(float(box[3]))


def finish_images(soup, page):
    """Write the size of each image; all but the first of a page are loaded late."""
    for number, image in enumerate(soup.find_all("img")):
        file = page.parent / image.get("src", "")
        if file.suffix == ".svg" and file.is_file() and not image.get("width"):
            image["width"], image["height"] = map(str, size(file))
        image["decoding"] = "async"
        if number:
            image["loading"] = "lazy"


def let_names_break(soup):
    """Allow a line to end within code in tables, after the parts of a name: `recurrent_`."""
    for code in soup.select(":is(td, th) code"):
        for text in code.find_all(string=END_OF_PART):
            first, *others = END_OF_PART.split(text)
            text.replace_with(first, *(it for part in others for it in (soup.new_tag("wbr"), part)))


def styles_to_classes(soup, rules):
    """Turn attributes of style into classes, and add their rules to `rules`."""
    for element in soup.find_all(style=True):
        style = element.attrs.pop("style")
        name = f"style-{digest(style)}"
        element["class"] = [*element.get("class", []), name]
        # As strong as an attribute of style against a page's own rules, but not against scripts.
        rules[name] = f"{f'.{name}' * 5} {{ {style} }}"


def preload_formulas(soup, page, root):
    """Ask for the font of formulas early: when it comes, a page with many of them moves."""
    if soup.find("math"):
        address = Path(relpath(root, page.parent), "_static", "math.woff2").as_posix()
        link = soup.new_tag("link", rel="preload", href=address, type="font/woff2")
        link.attrs |= {"as": "font", "crossorigin": ""}
        soup.head.append(link)


def policy(styles=(), origin=""):
    """Return the policy.

    styles  the texts of style sheets that scripts may write
    origin  another origin from which the page's Python comes, if it does
    """
    hashes = [b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in styles]
    allowed = [POLICY["style-src"], *(f"'sha256-{it}'" for it in hashes)]
    sources = POLICY | {"style-src": " ".join(allowed)}
    if origin:
        sources["script-src"] += f" {origin}"
        sources["connect-src"] = f"'self' {origin}"
    return "; ".join(f"{name} {source}" for name, source in sources.items())


def add_policy(soup, text):
    """Put the policy where it comes before everything that it is about."""
    for old in soup.find_all("meta", attrs={"http-equiv": "Content-Security-Policy"}):
        old.decompose()
    tag = soup.new_tag("meta")
    tag["http-equiv"] = "Content-Security-Policy"
    tag["content"] = text
    first = soup.head.find("meta", charset=True)
    first.insert_after(tag) if first else soup.head.insert(0, tag)


def drop_source_maps(root):
    """Remove the maps of scripts and styles that a theme brings: no reader's browser loads them."""
    for path in sorted(root.glob("_static/**/*.map")):
        path.unlink()


def finish(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    root = Path(app.outdir)
    soups = {}
    for page in built(app):
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        if soup.head is None:  # a page that only leads to another
            continue
        soups[page] = soup

    rules = {}
    for page, soup in soups.items():
        finish_images(soup, page)
        let_names_break(soup)
        preload_formulas(soup, page, root)
        styles_to_classes(soup, rules)
    bundles.bundle(root, soups, rules)
    text = policy(app.config.policy_styles, app.config.policy_origin)
    shown = ""
    for page, soup in soups.items():
        add_policy(soup, text)
        shown += str(soup)
        page.write_text(str(soup), encoding="utf-8")
    for image in root.glob("_images/*"):  # of earlier builds too; Sphinx keeps them all
        if image.name not in shown:
            image.unlink()
    drop_source_maps(root)


def setup(app):
    # Documents and parsed pages are millions of objects that live to the end: to look for dead
    # ones among them so often took a tenth of a build.
    gc.set_threshold(200_000, 20, 100)
    app.add_config_value("policy_styles", [], "html", [list])
    app.add_config_value("policy_origin", "", "html", [str])
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
