"""Checkers of the book's exercises, one module a chapter.

A checker is a function `check_<exercise>(answer)`: it runs the reader's function on generic random
arrays, compares the result with the book's own through `feedback.judge`, and names the mistake
where it recognises one.
"""
