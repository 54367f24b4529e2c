"""Looks at the box and everything it needs, and says in plain words what is wrong: `phoan-edge doctor`."""
