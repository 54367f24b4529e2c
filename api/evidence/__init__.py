"""Evidence: signed exports, and whether one is untouched."""
