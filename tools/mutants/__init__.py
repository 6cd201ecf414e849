"""How strong the checks are: faults put into the code one at a time, and who notices.

    python -m tools mutants     a sample of small faults over the numerical core
    python -m tools faults      faults chosen by hand

Cosmic Ray makes the mutants and keeps the results, so that a run goes on where it was stopped.

mutants.py    which places are mutated, and which of the mutants are drawn
faults.py     the faults chosen by hand
coverage.py   which tests and which chapters run a line
trials.py     copies of the repository, in which a fault is tried
in_tests.py   a plugin of pytest for those copies
in_chapter.py runs the cells of a chapter there
report.py     the committed result, and the page of the book made from it
"""
