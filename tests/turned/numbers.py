"""Which English words are still possible after so many German ones."""

from collections import Counter, defaultdict

from lib.data import number_words

SOURCE, _ = number_words.table(number_words.german)
TARGET, _ = number_words.table(number_words.english)
DUE = {"aligned": 1, "one": 2, "two": 3, "encoder": 5}
STATES = [
    {"number": 325, "read": 3, "pattern": "aligned"},
    {"number": 325, "read": 5, "pattern": "aligned"},
    {"number": 999, "read": 2, "pattern": "one"},
    {"number": 1, "read": 1, "pattern": "two"},
    {"number": 101, "read": 0, "pattern": "encoder"},
    {"number": 617, "read": 4, "pattern": "encoder"},
    {"number": 40, "read": 1, "pattern": "one"},
]


def limit(place, read):
    answers = defaultdict(Counter)
    for words, word in zip(SOURCE[:, :read], TARGET[:, place], strict=True):
        answers[tuple(words)][word] += 1
    return sum(max(found.values()) for found in answers.values()) / 999


def expected(state, told):
    own = SOURCE[state["number"] - 1]
    due = [min(place + DUE[state["pattern"]], 5) for place in range(5)]
    counts = []
    for place in range(5):
        known = min(state["read"], due[place])
        left = (SOURCE[:, :known] == own[:known]).all(axis=1)
        counts.append(Counter(TARGET[left, place]))
    return {
        "candidates": [len(count) for count in counts],
        "shares": [max(count.values()) / count.total() for count in counts],
        "limits": [limit(place, due[place]) for place in range(5)],
    }
