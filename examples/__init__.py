"""Programs around nnlib that pages of the book show."""
