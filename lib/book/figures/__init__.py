"""The drawings of the book. Needs matplotlib; `import lib` does not import this package."""
