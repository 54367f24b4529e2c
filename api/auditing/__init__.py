"""The audit log: entering, reading, anchoring and checking it."""
