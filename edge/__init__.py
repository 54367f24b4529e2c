"""The edge box: pulls frames from cameras, decides what matters, and keeps it until the centre has it."""
