"""The committed result of a run, and the page of the book made from it."""

import difflib
import hashlib
import json
import platform
import textwrap
from collections import Counter
from importlib.metadata import version
from pathlib import Path

from lib.book import digest
from tools.mutants.reasons import EQUIVALENT, REASONS

RESULT, PAGE = Path("tools/mutants/result.json"), Path("chapters/how-strong.md")


def digest_of_code(root, modules):
    """A digest of what these modules compute; comments and docstrings do not count."""
    told = "\n".join(f"{name} {digest.code_digest(root / name)}" for name in modules)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def change(text, changed):
    """(what stood there, what stands there now), each as one line."""
    sides = {"-": [], "+": []}
    lines = difflib.unified_diff(text.splitlines(), changed.splitlines(), n=0, lineterm="")
    for line in list(lines)[2:]:  # the first two name the files
        if line[0] in sides:
            sides[line[0]].append(" ".join(line[1:].split()))
    return tuple(" ".join(side) for side in sides.values())


def reason(entry):
    """Why nothing notices this mutant; "" if nobody has said so."""
    key = (entry["module"], entry["was"], entry["now"])
    return EQUIVALENT.get(key) or REASONS.get(key, "")


def is_equivalent(entry):
    return (entry["module"], entry["was"], entry["now"]) in EQUIVALENT


def write(root, session, sample, equations, faults):
    """Write what the session found to the committed file; what was not tried is left out."""
    from tools.mutants import mutants

    def entries(kind, wanted):
        for fault in wanted:
            job = f"{kind} {fault.name}"
            if job in session.found:
                text = (root / fault.module).read_text("utf-8")
                was, now = change(text, fault.source(text))
                yield {
                    "name": fault.name,
                    "module": fault.module,
                    "was": was,
                    "now": now,
                    "noticed_by": session.noticed_by(job),
                }

    core = mutants.modules(root)
    spent = sum(float(seconds) for _, seconds in session.found.values())
    chapters = {fault.name: session.found.get(f"chapters {fault.name}") for fault in faults}
    told = {
        "command": "make mutants",
        "seed": mutants.SEED,
        "core": digest_of_code(root, core),
        "tests": digest.content_digest(root / "tests"),
        "tool": f"Cosmic Ray {version('cosmic-ray')}",
        "python": platform.python_version(),
        "minutes": round(spent / 60),
        "possible": sum(
            len(mutants.all_of(module, (root / module).read_text("utf-8"))) for module in core
        ),
        "mutants": list(entries("tests", sample)),
        "equations": list(entries("chapters", equations)),
        "faults": [
            {
                "what": fault.what,
                "kind": fault.kind,
                "module": fault.module,
                "tests": session.found.get(f"tests {fault.name}", ("not tried",))[0],
                "chapters": (chapters[fault.name] or ("not tried",))[0],
            }
            for fault in faults
        ],
    }
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    (root / RESULT).write_text(text, "utf-8")


def interval(seen, number):
    """Wilson's interval, 95 %, in per cent."""
    from statsmodels.stats.proportion import proportion_confint

    return tuple(100 * end for end in proportion_confint(seen, number, method="wilson"))


def _share(seen, number):
    if not number:
        return "none was tried"
    low, high = interval(seen, number)
    return (
        f"{seen} of {number}, {100 * seen / number:.1f} % (95 % interval {low:.1f} to {high:.1f})"
    )


def _code(text):
    """Code in a cell of a table."""
    text = text if len(text) <= 90 else text[:87] + "..."
    return "`` " + (text or "nothing").replace("|", "\\|") + " ``"


def _paragraph(text):
    return textwrap.fill(" ".join(text.split()), 120, break_on_hyphens=False) + "\n"


def _why(entry):
    return ("Equivalent: " if is_equivalent(entry) else "") + reason(entry)


def _by(found):
    """Who noticed it, for a reader: the file of tests or the chapter."""
    if found is None:
        return "no"
    if found == "not tried":
        return "not tried"
    return (
        found.partition("::")[0].partition(":")[0].removeprefix("tests/").removeprefix("chapters/")
    )


def page(told):
    """Return the text of the page."""
    mutants, equations, faults = told["mutants"], told["equations"], told["faults"]
    killed = [each for each in mutants if each["noticed_by"]]
    alive = [each for each in mutants if not each["noticed_by"]]
    same = [each for each in alive if is_equivalent(each)]
    seen = [each for each in equations if each["noticed_by"]]
    total, found = Counter(m["module"] for m in mutants), Counter(m["module"] for m in killed)
    tried = {
        side: [each for each in faults if each[side] != "not tried"]
        for side in ("tests", "chapters")
    }
    caught = {side: sum(each[side] is not None for each in tried[side]) for side in tried}
    lines = [
        "(how-strong)=",
        "# How strong are these checks",
        "",
        _paragraph(
            """A test that cannot fail says nothing. So the code of the book is broken on purpose,
            in one place at a time, and we count how often the tests notice, and how often the cells
            of the chapters notice by themselves. A change that was noticed is called *killed*, one
            that was not is called a *survivor*."""
        ),
        _paragraph(
            f"""`{told["command"]}` makes all of this anew and writes this page. {told["tool"]}
            makes the changes, under Python {told["python"]}: it exchanges signs, comparisons,
            functions, arguments and numbers, drops transposes and calls, turns conditions round.
            Type hints, texts and the sentences of errors are left alone. Of {told["possible"]:,}
            changes that are possible in the numerical core, {len(mutants)} were drawn by a fixed
            seed, in proportion to the modules' sizes and at least four from each. For each of them
            the tests that run the changed line are run, the quickest first, until one fails. All
            trials on this page took {told["minutes"]} minutes, added up over two workers on a busy
            machine."""
        ),
        "## What the tests notice",
        "",
        _paragraph(
            f"""The tests killed {_share(len(killed), len(mutants))}. {len(same)} of the
            {len(alive)} survivors are equivalent: they compute the same, so that nothing could
            notice them. Without these it is {_share(len(killed), len(mutants) - len(same))}."""
        ),
        "| Module | Changes | Killed |",
        "|---|---:|---:|",
        *(f"| `{name}` | {total[name]} | {found[name]} |" for name in sorted(total)),
        f"| all | {len(mutants)} | {len(killed)} |",
        "",
        "The survivors:",
        "",
        "| Module | Was | Became | Why nothing notices |",
        "|---|---|---|---|",
        *(
            f"| `{each['module'].removeprefix('lib/')}` | {_code(each['was'])} |"
            f" {_code(each['now'])} | {_why(each)} |"
            for each in alive
        ),
        "",
        "## What the chapters notice by themselves",
        "",
        _paragraph(
            f"""Here no test runs, only the cells of the chapters that reach the changed line, the
            cheapest chapter first, until a cell fails. These changes are drawn from the equations
            alone: arithmetic, comparisons, arguments and functions in the cells, the gradients, the
            training and the tasks. The chapters killed {_share(len(seen), len(equations))}."""
        ),
        *_chapters(seen),
        "## Faults chosen by hand",
        "",
        _paragraph(
            f"""Changes at random are mostly coarse. These are faults that people make: gates in the
            wrong order, a mask that is ignored, one batch for ever. The tests noticed
            {caught["tests"]} of {len(tried["tests"])}, the chapters alone {caught["chapters"]} of
            {len(tried["chapters"])}."""
        ),
    ]
    for kind in dict.fromkeys(each["kind"] for each in faults):
        lines += [f"| {kind[0].upper()}{kind[1:]} | Tests | Chapters alone |", "|---|---|---|"]
        lines += [
            f"| {each['what']} | {_by(each['tests'])} | {_by(each['chapters'])} |"
            for each in faults
            if each["kind"] == kind
        ]
        lines.append("")
    return "\n".join(lines)


def _chapters(seen):
    if not seen:
        return []
    counts = Counter(_by(each["noticed_by"]) for each in seen)
    return [
        "| The chapter that failed first | Changes |",
        "|---|---:|",
        *(
            f"| [](/chapters/{name.removesuffix('.md')}) | {n} |"
            for name, n in counts.most_common()
        ),
        "",
    ]


def write_page(root):
    """Write the page from the committed result."""
    told = json.loads((root / RESULT).read_text("utf-8"))
    (root / PAGE).write_text(page(told), "utf-8")
    alive = [each for each in told["mutants"] if not each["noticed_by"]]
    print(f"{RESULT} and {PAGE}: {len(alive)} of {len(told['mutants'])} mutants survive the tests")
    for each in alive:
        if not reason(each):
            print(f"no reason given: {each['name']}: {each['was']!r} -> {each['now']!r}")
