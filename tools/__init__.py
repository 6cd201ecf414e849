"""What stands behind `make`: `python -m tools book` is `make book`, on systems without make too."""
