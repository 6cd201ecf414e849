"""Experiments that take longer than a chapter may; their results are kept in files beside them."""
