"""The one command of all experiments: its first argument is the module that does the work."""

import argparse
from importlib import import_module

from lib.book import experiments

NAMES = (
    "memory_span",
    "learning_curve",
    "case_study",
    "fine_tuning",
    "train_word_vectors",
    "train_language_model",
    "verdict",
)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m lib.book.experiments",
        description=experiments.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="NAME", choices=NAMES)
    parser.add_argument("options", nargs=argparse.REMAINDER, help="of that experiment")
    given = parser.parse_args(arguments)
    import_module(f"lib.book.experiments.{given.name}").main(given.options)


if __name__ == "__main__":
    main()
