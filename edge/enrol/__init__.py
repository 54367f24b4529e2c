"""How a box comes to belong to a centre, `phoan-edge enrol`, and how it keeps its certificate good afterwards."""
