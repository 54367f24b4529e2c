"""Finds the cameras of a place and puts them into the box's settings: `phoan-edge discover`."""
