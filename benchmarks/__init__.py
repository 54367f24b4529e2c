"""One module for each figure that the README quotes; each prints one JSON line, last."""
