"""Loudspeakers: what the centre has the box say, and what the box says by its own rule when it may be a fire.

`journal` remembers, `turn` decides what is next, `sounds` keeps what is heard, `announcer` puts them together, and each
kind of speaker is a module of its own.
"""
