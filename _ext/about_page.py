"""What a page says about itself: what it is about, its address, edition, changes and licence.

Descriptions, the edition and its licence stand on every page. What needs the book's own address, a
canonical link, a sitemap and a card with a picture for those who share a link, is there only where
that address is known: from ``BOOK_ADDRESS``, or from ``GITHUB_REPOSITORY`` for GitHub Pages.
"""

import os
import re
import subprocess
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from docutils import nodes
from section_search import squeeze, text_of

CARD = "_static/card.png"
LENGTH = 155  # letters of a description that search engines show
OTHERS = {
    "404": "This page does not exist.",
    "genindex": "The index of the book: terms, and the functions of its library.",
    "search": "Search the sections, terms, equations and functions of the book.",
    "slides/index": "Slides for a lecture, a deck for each chapter, and where each item is taught.",
}
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def site_address(environment=os.environ):
    """Return the address of the book, with a slash at its end, or "" where nobody knows it."""
    if address := environment.get("BOOK_ADDRESS"):
        return f"{address.rstrip('/')}/"
    owner, _, name = environment.get("GITHUB_REPOSITORY", "").partition("/")
    if not name:
        return ""
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def git(folder, *words):
    """Return what git says, or "" where there is no git, or no history."""
    try:
        answer = subprocess.run(
            ["git", "-C", folder, *words], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return answer.stdout.strip()


def edition(root):
    """Return {version, commit, date} of the book; the last two are "" outside a repository."""
    citation = Path(root, "CITATION.cff").read_text(encoding="utf-8")
    commit, _, date = git(root, "log", "-1", "--format=%h %cs").partition(" ")
    version = re.search(r"^version: (\S+)$", citation, re.MULTILINE)[1]
    return {"version": version, "commit": commit, "date": date}


def changed(root, path):
    """Return the day on which a file changed last, or "" where the history does not tell."""
    if not path or git(root, "rev-parse", "--is-shallow-repository") != "false":
        return ""
    return git(root, "log", "-1", "--format=%cs", "--", path)


def shortened(text):
    """Return as many whole sentences as a description holds, or the beginning of the first."""
    if len(text) <= LENGTH:
        return text
    ends = [match.end() for match in re.finditer(r"[.?!](?= )", text[: LENGTH + 1])]
    return text[: ends[-1]] if ends else text[:LENGTH].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def description(app, pagename, doctree):
    """Return what a page is about: its overview, or else its first paragraph; a deck's slides."""
    if doctree is None:
        return OTHERS.get(app.config.site_folder + pagename, "")
    if app.config.site_folder:
        titles = [title.astext() for title in doctree.findall(nodes.title)]
        return shortened(f"Slides: {', '.join(titles)}.")
    for note in doctree.findall(nodes.admonition):
        if note.next_node(nodes.title).astext() == "Overview":
            parts = list(note.findall(nodes.list_item))
            return shortened(squeeze(" ".join(map(text_of, parts))))
    paragraphs = doctree.findall(nodes.paragraph)
    texts = [squeeze(text_of(it)) for it in paragraphs if "lecture-item" not in it["classes"]]
    return shortened(next(filter(None, texts), ""))


def tags(context, about, address):
    """Return the elements for the head of a page."""
    found = [f'<meta name="description" content="{escape(about)}">'] if about else []
    found.append(f'<link rel="license" href="{LICENCE}">')
    if address:
        title = re.sub("<.*?>", "", context.get("title", ""))
        card = {
            "og:type": "article",
            "og:title": title,
            "og:description": about,
            "og:url": context["pageurl"],
            "og:image": f"{address}{CARD}",
            "og:image:width": "1200",
            "og:image:height": "630",
            "og:image:alt": "A recurrent perceptron, unrolled through time: one copy for each step",
        }
        found += [
            f'<meta property="{name}" content="{escape(text)}">' for name, text in card.items()
        ]
        found.append('<meta name="twitter:card" content="summary_large_image">')
    return "".join(f"\n    {tag}" for tag in found)


def set_address(app, config):
    if address := site_address():
        config.html_baseurl = address + config.site_folder


def describe(app, pagename, templatename, context, doctree):
    about = description(app, pagename, doctree)
    # docutils and the theme have a tag for the viewport each; one is enough
    others = re.sub(r'<meta name="viewport"[^>]*>\s*', "", context.get("metatags") or "")
    context["metatags"] = others + tags(context, about, site_address())
    context["edition"] = app.book_edition
    source = app.env.doc2path(pagename, base=False) if doctree is not None else ""
    context["changed"] = changed(app.srcdir, source)


def start(app):
    root = app.srcdir if not app.config.site_folder else Path(app.srcdir).parent
    app.book_edition = edition(root)


def draw_card(file):
    """Draw the picture that goes with a shared link, 1200 by 630 pixels."""
    import matplotlib.pyplot as plt

    from lib.book.figures import perceptron, style

    with plt.rc_context():
        style.use()
        figure = perceptron.unrolled(steps=4)
        figure.set_size_inches(12, 6.3)
        figure.axes[0].set_position((0.05, 0.03, 0.9, 0.77))
        figure.suptitle("Recurrent Neural Networks, Unrolled", fontsize=34, y=0.95)
        file.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(file, dpi=100, facecolor="white", bbox_inches=None)
        plt.close(figure)


def not_found(app):
    if not app.config.site_folder:
        yield "404", {"title": "Not found"}, "404.html"


def front_door(app, error):
    """Write the page behind the book's bare address, which leads on to the first one."""
    if error is not None or app.config.site_folder or app.builder.name != "html":
        return
    first = app.builder.get_target_uri(app.config.root_doc)
    title = escape(app.config.html_title or app.config.project)
    text = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="refresh" content="0; url={first}">\n<title>{title}</title></head>\n'
        f'<body><main><h1>{title}</h1>\n<p><a href="{first}">The first page</a></p></main></body>\n'
        "</html>\n"
    )
    Path(app.outdir, "index.html").write_text(text, encoding="utf-8")


def anchored(html, base):
    """Return a page whose relative addresses begin at the site's root, wherever it is shown."""
    return re.sub(
        r'\b(href|src|action)="(?!#|/|[a-z]+:)(?:\./)?([^"]*)"',
        lambda match: f'{match[1]}="{base}{match[2]}"',
        html,
    )


def loosened(html, base):
    """Undo `anchored`."""
    return re.sub(rf'\b(href|src|action)="{re.escape(base)}', r'\1="', html)


def lost_page(app):
    """Return the page for addresses that lead nowhere, and where the site's root will be."""
    return Path(app.outdir, "404.html"), urlsplit(site_address()).path or "/"


def loosen(app, error):
    """A page kept from an earlier build is finished like the others, with relative addresses."""
    page, base = lost_page(app)
    if error is None and app.builder.name == "html" and page.exists():
        page.write_text(loosened(page.read_text(encoding="utf-8"), base), encoding="utf-8")


def sitemap(address, pages):
    places = "".join(f"  <url><loc>{escape(address + page)}</loc></url>\n" for page in pages)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{places}</urlset>\n'
    )


def finish(app, error):
    if error is not None or app.config.site_folder or app.builder.name != "html":
        return
    address, root = site_address(), Path(app.outdir)
    page, base = lost_page(app)
    page.write_text(anchored(page.read_text(encoding="utf-8"), base), encoding="utf-8")
    if address:
        draw_card(root / CARD)
        decks = sorted(f"slides/{it.stem}.html" for it in Path(app.srcdir, "slides").glob("*.md"))
        pages = [f"{docname}.html" for docname in sorted(app.env.found_docs)]
        text = sitemap(address, [*pages, "genindex.html", "slides/index.html", *decks])
        (root / "sitemap.xml").write_text(text, encoding="utf-8")


def setup(app):
    app.add_config_value("site_folder", "", "html", [str])
    app.connect("config-inited", set_address)
    app.connect("builder-inited", start)
    app.connect("html-page-context", describe)
    app.connect("html-collect-pages", not_found)
    app.connect("build-finished", front_door, priority=100)  # before others write a bare one
    app.connect("build-finished", loosen, priority=850)
    app.connect("build-finished", finish, priority=950)  # when all pages are as they will be
    return {"parallel_read_safe": True, "parallel_write_safe": True}
