"""Speaker notes with minutes, links from a slide into its chapter, and the slides' front page.

    ```{notes} 3
    What to say. Three minutes.
    ```

A slide is a section. Its label, if it has one, is that of the section of the book that it teaches.
Where a slide quotes a question of the book, the notes get its answers. A slide without notes, notes
without minutes, and a label that the book does not have are warnings, and fail a strict build.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bs4 import BeautifulSoup
from docutils import nodes
from from_book import places
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)
ITEM = re.compile(r"d(\d\d)-")


class notes(nodes.General, nodes.Element):
    """What the speaker says, and the minutes it takes."""


class Notes(SphinxDirective):
    required_arguments = 1
    has_content = True

    def run(self):
        node = notes(minutes=float(self.arguments[0]))
        self.set_source_info(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


def open_notes(writer, node):
    minutes = f"{node['minutes']:g} min"
    writer.body.append(f'<aside class="notes"><p><b>{minutes}</b></p>')


def close_notes(writer, node):
    writer.body.append("</aside>")


def code(writer, node):
    """Write code with its colours, so that a deck needs no script for them."""
    lexer = get_lexer_by_name(node.get("language", "text"))
    coloured = highlight(node.astext().strip("\n"), lexer, HtmlFormatter(nowrap=True))
    writer.body.append(f'<pre><code class="highlight">{coloured.rstrip()}</code></pre>\n')
    raise nodes.SkipNode


@dataclass
class Slide:
    title: str
    anchor: str
    label: str  # of the section of the book, or ""
    minutes: float


def own(section, kind):
    """Return the nodes of a kind in a section, without those of the sections in it."""
    children = (child for child in section.children if not isinstance(child, nodes.section))
    return [node for child in children for node in child.findall(kind)]


def answers(told):
    """Return what the speaker says of the choices of a question, the right one first."""
    letters = dict(zip(told["choices"], "ABCDEF", strict=False))
    reasons = dict(zip(told["choices"], told["reasons"], strict=True))
    right = told["choices"][told["right"]]
    said = [f"The answer is {letters[right]}. {reasons.pop(right)}"]
    said += [f"Not {letters[choice]}: {reason}" for choice, reason in reasons.items()]
    return [nodes.paragraph("", text.strip()) for text in said]


def check(app, doctree):
    """Collect the slides of a deck, and warn about what they lack."""
    env = app.env
    slides = []
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title).astext()
        spoken = own(section, notes)
        if len(spoken) != 1:
            warn(f"the slide {title!r} has {len(spoken)} notes, not one", section)
            spoken = [notes(minutes=0)]
            section += spoken
        for asked in own(section, nodes.container):
            spoken[0] += answers(asked["told"]) if "told" in asked else []
        label = "".join(section["names"][1:2])  # the first name is the title
        if label and label not in places(book(env)):
            warn(f"the book has no section {label!r}", section)
        elif label:
            spoken[0].replace_self([link(env, label), spoken[0]])
        slides.append(Slide(title, section["ids"][-1], label, spoken[0]["minutes"]))
    env.slides = getattr(env, "slides", {}) | {env.docname: slides}


def book(env):
    return env.config.book_doctrees


def warn(message, node):
    logger.warning(message, location=node, type="slide_deck")


def address(env, label):
    """Return the address of a label of the book, seen from a deck."""
    chapter, _ = places(book(env))[label]
    return f"../chapters/{chapter}.html#{label}"


def link(env, label):
    """Return a link to the section of the book, for the foot of a slide."""
    there = nodes.reference("", "in the book", refuri=address(env, label), internal=False)
    return nodes.paragraph("", "", there, classes=["in-the-book"])


def heading(env, label):
    """Return the title of the section of the book that has this label."""
    _, node = places(book(env))[label]
    return node.next_node(nodes.title).astext()


def decks(env):
    """Return the names of the decks in the order of the book's table of contents."""
    contents = Path(env.srcdir, "..", "_toc.yml").read_text()
    chapters = re.findall(r"chapters/([\w-]+)", contents)
    return [chapter for chapter in chapters if chapter in env.slides]


def items(env):
    """Return {"D01": (sections of the book, slides)} as (text, address), in the lecture's order."""
    found = defaultdict(lambda: ([], []))
    for label in places(book(env)):
        if match := ITEM.match(label):
            found[f"D{match[1]}"][0].append((heading(env, label), address(env, label)))
    for deck in decks(env):
        for slide in env.slides[deck]:
            if match := ITEM.match(slide.label):
                link = (slide.title, f"{deck}.html#/{slide.anchor}")
                found[f"D{match[1]}"][1].append(link)
    return dict(sorted(found.items()))


def front_page(app):
    env = app.env
    rows = [
        {
            "name": deck,
            "title": env.slides[deck][0].title,
            "slides": len(env.slides[deck]),
            "minutes": sum(slide.minutes for slide in env.slides[deck]),
        }
        for deck in decks(env)
    ]
    yield "index", {"title": "Slides", "decks": rows, "items": items(env)}, "front.html"


# What reveal.js greys out, shows under the mouse alone and leaves without a name.
SPEAKER_STYLE = """
.speaker-controls-time span.mute { opacity: 1; color: #666; }
.speaker-controls-time .reset-button:focus-visible { opacity: 1; }
h1 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
"""
FRAMES = {"currentSlide": "This slide", "upcomingSlide": "The next slide"}


def for_everyone(view):
    """Return reveal.js' page for the speaker with a landmark, a heading and names for its parts."""
    for frame, title in FRAMES.items():
        made = f"{frame} = document.createElement( 'iframe' );"
        before, _, after = view.partition(made)
        view = f"{before}{made} {frame}.title = '{title}';{after}"
    soup = BeautifulSoup(view, "html.parser")
    main = soup.new_tag("main")
    for part in [it for it in soup.body.contents if it.name != "script"]:
        main.append(part.extract())
    main.insert(0, soup.new_tag("h1", string="Speaker view"))
    for heading in main.select("h4"):
        heading.name = "h2"
    soup.body.insert(0, main)
    soup.head.append(soup.new_tag("style", string=SPEAKER_STYLE))
    (choice,) = soup.select("select.speaker-layout-dropdown")
    choice["aria-label"] = "Layout"
    (reset,) = soup.select(".reset-button")
    reset.name, reset["type"] = "button", "button"
    return str(soup)


def add_speaker_view(app):
    """Put reveal.js' page for the speaker beside the decks."""
    package = find_spec("sphinx_revealjs").submodule_search_locations[0]
    view = Path(package, "_static", "revealjs", "plugin", "notes", "speaker-view.html").read_text()
    icon = '<link rel="icon" href="_static/favicon.svg">'
    view = "<!DOCTYPE html>\n" + view[view.index("<html") :].replace("</head>", icon + "</head>")
    Path(app.outdir, "speaker.html").write_text(for_everyone(view), encoding="utf-8")
    return []


def forget(app, env, docname):
    getattr(env, "slides", {}).pop(docname, None)


def tell_total(app, doctree, docname):
    """Add to the notes of the first slide how long the deck takes."""
    slides = app.env.slides[docname]
    minutes = sum(slide.minutes for slide in slides)
    text = f"The deck: {len(slides)} slides, {minutes:g} minutes."
    doctree.next_node(notes).insert(0, nodes.paragraph("", text))
    feet = [it for it in doctree.findall(nodes.paragraph) if "in-the-book" in it["classes"]]
    for foot in feet[:1]:
        foot += nodes.Text(f" · Version {app.book_edition['version']} · CC BY 4.0")


def setup(app):
    app.add_node(notes, revealjs=(open_notes, close_notes))
    app.add_node(nodes.literal_block, override=True, revealjs=(code, None))
    app.add_directive("notes", Notes)
    app.connect("doctree-read", check)
    app.connect("doctree-resolved", tell_total)
    app.connect("env-purge-doc", forget)
    app.connect("html-collect-pages", front_page)
    app.connect("html-collect-pages", add_speaker_view)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
