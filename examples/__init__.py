"""Programs around nnlib, which pages of the book show. See the first lines of each."""
