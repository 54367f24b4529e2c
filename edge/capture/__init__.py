"""A camera's connection: packets as they come, and frames as far as they are needed."""
