"""What the pages need beside the library: figures, exercises, experiments, results."""
