"""Checkers of the exercises of chapter 1, the recurrent perceptron."""
