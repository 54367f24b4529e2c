"""What the centre tells boxes over the broker of its own accord."""
