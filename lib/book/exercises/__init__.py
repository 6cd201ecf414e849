"""Checkers of the book's exercises, one module a chapter.

A checker is a function `check_<exercise>(answer)`: it runs the reader's function and the right one
on generic arrays, large and small, and on the cases that are special. It prints "Correct.", or
says in one sentence what is wrong. `feedback` compares, `mistakes` knows what people get wrong.
"""
