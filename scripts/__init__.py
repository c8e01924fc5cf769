"""What builds, records and checks the book. Run a module by `python -m scripts.NAME`."""
