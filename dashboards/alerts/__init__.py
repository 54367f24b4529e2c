"""Alert rules for the operators of a centre, and to whom they go."""
