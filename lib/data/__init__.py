"""The data of the book, a module for each kind.

    from lib.data import reviews, sunspots, tasks

sunspots      the yearly number of sunspots
reviews       film reviews and their ratings, one split for the whole book
tasks         made sequences that ask for a memory
number_words  the numbers from 1 to 999 in German and in English
words         from a text to its words, and to their numbers
submission    the csv file of a competition
shipped       files inside packages, and what is known of the book's own
"""
