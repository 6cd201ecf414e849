"""Bundle what pages load: one style sheet with the rules in use, one script, fonts with few signs.

A theme and its extensions bring a dozen style sheets, as many scripts, and thousands of icons. Most
pages load the same ones. Of those the style sheets become one, without the rules whose classes
occur in no page and no script; the scripts become one, which runs when the page is there; and the
fonts of icons keep the icons that the remaining rules or pages show.
"""

import hashlib
import re
from collections import Counter
from posixpath import normpath, relpath
from urllib.parse import urlsplit

import fonts
import tinycss2

EARLY = "theme.js"  # runs before anything is painted
THEME = "pydata-sphinx-theme.js"
# Its last step lays out a whole page to see which boxes scroll; book.js does that bit by bit.
MEASURES = re.compile(
    r'"complete"===document\.readyState\?(\w)\(\):window\.addEventListener\("load",\1\)'
)
UNUSED = "DOCUMENTATION_OPTIONS.pagename"  # only the theme's version switcher asks for it
PRIVATE = re.compile(r"[\ue000-\uf8ff]")
NESTED = {"media", "supports", "layer", "container"}


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def local(root, page, address):
    """Return the path in the site of what a page loads from `address`."""
    return normpath((page.parent.relative_to(root) / urlsplit(address).path).as_posix())


def link_to(root, page, path, version):
    here = page.parent.relative_to(root).as_posix()
    return f"{relpath(path, here)}?v={version}"


def most_common(lists):
    """Return the list that most pages have."""
    return list(Counter(map(tuple, lists)).most_common(1)[0][0]) if lists else []


# Style sheets


def words(text):
    return set(re.findall(r"[\w-]+", text))


def names_in(soup):
    """Return every class, every id and every kind of element of a page."""
    found = set()
    for element in soup.find_all(True):
        found |= {element.name, element.get("id", ""), *element.get("class", [])}
    return found


def parts(tokens):
    """Split a list of selectors at its commas."""
    part = []
    for token in tokens:
        if token == ",":
            yield part
            part = []
        else:
            part.append(token)
    yield part


def in_use(selector, names):
    """Tell whether the classes and ids that a selector asks for can occur.

    What stands in parentheses is not looked at: :not(...) and its kind do not ask for it.
    """
    after_dot = False
    for token in selector:
        if token.type == "hash" and token.value not in names:
            return False
        if after_dot and token.type == "ident" and token.value not in names:
            return False
        after_dot = token == "."
    return True


def purge(rules, names):
    """Return the text of the rules without those whose selectors cannot apply."""
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [part for part in parts(rule.prelude) if in_use(part, names)]
            if selectors:
                written = ",".join(tinycss2.serialize(part).strip() for part in selectors)
                kept.append(f"{written}{{{short(tinycss2.serialize(rule.content))}}}")
        elif rule.type == "at-rule" and rule.at_keyword in NESTED and rule.content is not None:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if text := purge(inner, names):
                kept.append(f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{text}}}")
        elif rule.type == "at-rule" and rule.at_keyword != "charset":
            kept.append(short(rule.serialize()))
        elif rule.type == "error":
            raise ValueError(f"a style sheet cannot be read: {rule.message}")
    return "".join(kept)


def short(text):
    """Return rules without comments and needless space."""
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", text, flags=re.S)).strip()


def at_home(text, folder, home):
    """Return a style sheet of one folder rewritten for another."""

    def moved(match):
        address = match[1].strip("\"' ")
        if not address or urlsplit(address).scheme or address.startswith(("#", "/")):
            return match[0]
        return f'url("{relpath(normpath(f"{folder}/{address}"), home)}")'

    return re.sub(r"url\(((?:\"[^\"]*\"|'[^']*'|[^)\"']*))\)", moved, text)


def read_sheet(root, path, home):
    """Return the rules of a style sheet and of those that it imports, rewritten for a folder."""
    folder = path.rpartition("/")[0]
    text = at_home((root / path).read_text(encoding="utf-8"), folder, home)
    found = []
    for rule in tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True):
        if rule.type == "at-rule" and rule.at_keyword == "import":
            address = next(it.value for it in rule.prelude if it.type in ("string", "url"))
            base = home if "url" in {it.type for it in rule.prelude} else folder
            found += read_sheet(root, normpath(f"{base}/{address}"), home)
        else:
            found.append(rule)
    return found


FACE = re.compile(r"@font-face\s*\{[^{}]*\}")
ESCAPED = re.compile(r"\\(e[0-9a-f]{3}|f[0-8][0-9a-f]{2})\s?", re.I)


def cut_icons(root, style, home, shown):
    """Cut the fonts of icons in a style sheet to what it and the pages (`shown`) show."""
    style = ESCAPED.sub(lambda match: chr(int(match[1], 16)), style)
    rest = FACE.sub("", style)
    icons = set(PRIVATE.findall(rest)) | shown
    done = {}

    def cut(match):
        family = re.search(r"font-family:\s*[\"']?([^\"';}]+)", match[0])[1].strip()
        file = re.search(r"url\(\"?([^\")?#]+\.woff2)", match[0])
        if file is None or "/webfonts/" not in file[1]:
            return match[0]
        if family not in rest:
            return ""
        source = root / normpath(f"{home}/{file[1]}")
        if source not in done:
            target = root / home / f"icons-{source.stem}.woff2"
            done[source] = fonts.cut_known(source, icons, target) and target.name
        if not done[source]:
            return ""
        return re.sub(r"src:[^;}]*", f'src:url("{done[source]}") format("woff2")', match[0])

    return FACE.sub(cut, style)


def styles_to_files(root, soups):
    """Replace every style sheet that a page holds by a file."""
    for page, soup in soups.items():
        for style in soup.find_all("style"):
            path = f"_static/style-{digest(style.string)}.css"
            (root / path).write_text(short(style.string), encoding="utf-8")
            link = soup.new_tag("link", rel="stylesheet")
            link["href"] = link_to(root, page, path, digest(style.string))
            style.replace_with(link)


def bundle_styles(root, soups, rules, extra):
    """Replace the style sheets that most pages load by one of the rules in use."""
    home = "_static"
    sheets = {
        page: list(
            dict.fromkeys(
                local(root, page, link["href"]) for link in soup.find_all("link", rel="stylesheet")
            )
        )
        for page, soup in soups.items()
    }
    shared = most_common([found for found in sheets.values() if found])
    names = extra.union(*map(names_in, soups.values()))
    text = "".join(purge(read_sheet(root, path, home), names) for path in shared)
    text += "".join(rules[name] for name in sorted(rules))
    shown = set(PRIVATE.findall("".join(soup.get_text() for soup in soups.values())))
    text = cut_icons(root, text, home, shown)
    (root / home / "site.css").write_text(text, encoding="utf-8")
    for page, soup in soups.items():
        if not shared or not set(shared) <= set(sheets[page]):
            own = [rules[name] for name in sorted(names_in(soup) & set(rules))]
            if own:
                soup.head.append(soup.new_tag("style", string="".join(own)))
            continue
        place = None
        for link in soup.find_all("link", rel="stylesheet"):
            if local(root, page, link["href"]) in shared:
                place = place or link.insert_before(soup.new_tag("link"))[0]
                link.decompose()
        place["rel"] = "stylesheet"
        place["href"] = link_to(root, page, f"{home}/site.css", digest(text))


# Scripts


def key(root, page, script):
    """Return what tells one script from another: its path, or its text."""
    return local(root, page, script["src"]) if script.get("src") else script.string or ""


def source(root, name):
    """Return the text of a script, given its key."""
    if "\n" in name or not name.endswith(".js"):
        return name
    text = (root / name).read_text(encoding="utf-8")
    if name.endswith(f"/{THEME}"):
        text, found = MEASURES.subn("0", text)
        if found != 1:
            raise ValueError(
                f"{THEME} has changed: its last step is no longer the one to leave out"
            )
    return re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.M)


def runs(script):
    return script.get("type", "text/javascript") in ("text/javascript", "module")


def is_no_setting(script):
    """Sort the settings first: the scripts within a head say what those in files shall do."""
    return script.has_attr("src") or script.find_parent("head") is None


def bundle_scripts(root, soups):
    """Replace the scripts that most pages load by one; every other becomes a file, and waits."""
    home = "_static"
    scripts, apart = {}, set()
    for page, soup in soups.items():
        early = None
        for script in filter(runs, soup.find_all("script")):
            name = key(root, page, script)
            if script.has_attr("data-cfasync") or UNUSED in name:  # theme.js does what it did
                script.decompose()
            elif name.endswith(f"/{EARLY}"):
                early = script.extract()
        if early is not None:
            charset = soup.head.find("meta", charset=True)
            charset.insert_after(early) if charset else soup.head.insert(0, early)
        alone = soup.find_all("script", attrs={"data-alone": True})  # they fetch what lies beside
        apart |= {key(root, page, script) for script in alone}
        scripts[page] = [
            it for it in soup.find_all("script") if runs(it) and it is not early and it not in alone
        ]

    lists = {
        page: list(dict.fromkeys(key(root, page, it) for it in sorted(found, key=is_no_setting)))
        for page, found in scripts.items()
    }
    sources = {name: source(root, name) for found in lists.values() for name in found}
    shared = most_common([found for found in lists.values() if found])
    text = "".join(f"{sources[name]}\n;\n" for name in shared)
    (root / home / "site.js").write_text(text, encoding="utf-8")
    for page, soup in soups.items():
        together = bool(shared) and set(shared) <= set(lists[page])
        place = None
        for script in scripts[page]:
            name = key(root, page, script)
            if together and name in shared:
                if place is None:
                    place = soup.new_tag("script")
                    script.insert_before(place)
                place.attrs |= {k: v for k, v in script.attrs.items() if k.startswith("data-")}
                script.decompose()
                continue
            if not script.get("src"):
                file = f"{home}/script-{digest(name)}.js"
                (root / file).write_text(name, encoding="utf-8")
                script.string = ""
                script["src"] = link_to(root, page, file, digest(name))
            script["defer"] = ""
        if together:
            place["src"] = link_to(root, page, f"{home}/site.js", digest(text))
            place["defer"] = ""
        for preload in soup.find_all("link", rel="preload"):
            if preload.get("as") == "script":
                preload.decompose()
    texts = [*sources.values(), *(source(root, name) for name in sorted(apart))]
    return words("".join(texts))


def bundle(root, soups, rules):
    """Bundle what the pages {file: parsed page} load; `rules` join the style sheet."""
    bundle_styles(root, soups, rules, bundle_scripts(root, soups))
    styles_to_files(root, soups)
