"""Tells people who do not look at the wall: in a process of its own, for what it waits for to hold up nobody."""
