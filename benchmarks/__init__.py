"""How fast nnlib is beside its peers. Run all of it by `python -m benchmarks.run`."""
