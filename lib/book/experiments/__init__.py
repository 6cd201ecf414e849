"""Experiments that take longer than a chapter may; their results are kept in `lib/book/results`.

    python -m lib.book.experiments NAME [--help]

memory_span           how long every cell remembers
learning_curve        what pretrained words are worth, by number of labels
case_study            networks that rate all of IMDB's reviews
fine_tuning           the good practice of transfer learning, line by line
train_word_vectors    the word vectors that ship with the book
train_language_model  the language model that ships with the book
verdict               three small networks that judge a sentence, for a figure to turn

With --check, one of the first four does the runs of its committed results again and compares.
Every process should compute with one thread: OPENBLAS_NUM_THREADS=1.
"""
