"""Boxes as technicians run them: how one comes in and is shut out, what it reports, how it is set and renewed."""
