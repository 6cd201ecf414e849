"""How pages are finished: sizes of pictures, rules in use, styles and scripts in files."""

import sys
from pathlib import Path

import pytest
import tinycss2
from bs4 import BeautifulSoup

sys.path.append(str(Path(__file__).parents[1] / "_ext"))

import bundles
import pages


def purged(text, names):
    return bundles.purge(tinycss2.parse_stylesheet(text, skip_whitespace=True), names)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (".here { color: red }", ".here{color: red}"),
        (".gone { color: red }", ""),
        (".here .gone, .here, #gone { color: red }", ".here{color: red}"),
        ("tr:nth-child(odd) td { color: red }", "tr:nth-child(odd) td{color: red}"),
        (".here:not(.gone) { color: red }", ".here:not(.gone){color: red}"),
        ('[class*="gone"] { color: red }', '[class*="gone"]{color: red}'),
        ("@media print { .gone { color: red } .here { top: 0 } }", "@media print {.here{top: 0}}"),
        ("@media print { .gone { color: red } }", ""),
        (":root { --a: 1 }", ":root{--a: 1}"),
    ],
)
def test_rules_that_cannot_apply_go(before, after):
    assert purged(before, {"here"}) == after


def test_a_style_sheet_that_cannot_be_read_is_an_error():
    with pytest.raises(ValueError, match="cannot be read"):
        purged(".a { color: red } }", {"a"})


def test_addresses_follow_a_style_sheet():
    text = 'a { b: url("../fonts/x.woff2") } c { d: url(data:image/png,1) }'
    moved = bundles.at_home(text, "_static/styles", "_static")
    assert moved == 'a { b: url("fonts/x.woff2") } c { d: url(data:image/png,1) }'


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="374.4pt" height="230.4pt" viewBox="0 0 1 1"', (499, 307)),
        ('width="20" height="10px"', (20, 10)),
        ('viewBox="0 0 64 32"', (64, 32)),
        ('width="100%" height="100%" viewBox="0 0 64 32"', (64, 32)),
    ],
)
def test_the_size_of_a_picture(tmp_path, attributes, size):
    file = tmp_path / "picture.svg"
    file.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}/>')
    assert pages.size(file) == size


def test_a_picture_without_a_size_is_an_error(tmp_path):
    file = tmp_path / "picture.svg"
    file.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    with pytest.raises(ValueError, match=r"picture\.svg has neither"):
        pages.size(file)


def test_names_in_tables_break_between_their_parts():
    soup = BeautifulSoup("<td><code>a_b.c</code> d_e</td><p><code>a_b</code></p>", "html.parser")
    for _ in range(2):  # a page that did not change is finished again
        pages.let_names_break(soup)
        found = "<td><code>a_<wbr/>b.<wbr/>c</code> d_e</td><p><code>a_b</code></p>"
        assert str(soup) == found


def test_source_maps_go(tmp_path):
    folder = tmp_path / "_static" / "scripts"
    folder.mkdir(parents=True)
    for name in ("a.js", "a.js.map"):
        (folder / name).write_text("")
    pages.drop_source_maps(tmp_path)
    assert [path.name for path in folder.iterdir()] == ["a.js"]


def test_styles_become_classes():
    rules = {}
    soup = BeautifulSoup('<p class="a" style="top: 0">x</p>', "html.parser")
    pages.styles_to_classes(soup, rules)
    (name,) = rules
    assert soup.p.attrs == {"class": ["a", name]}
    assert rules[name].endswith("{ top: 0 }")


def test_the_policy_allows_a_style_by_its_text():
    assert pages.policy().count("sha256") == 0
    assert "style-src 'self' 'sha256-" in pages.policy(["a{}"])
    assert pages.policy(["a{}"]) != pages.policy(["b{}"])


def test_the_policy_names_the_origin_that_python_comes_from():
    assert "https:" not in pages.policy()
    text = pages.policy(origin="https://cdn.example")
    assert "script-src 'self' 'wasm-unsafe-eval' https://cdn.example;" in text
    assert text.endswith("connect-src 'self' https://cdn.example")
