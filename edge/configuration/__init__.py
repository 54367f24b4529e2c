"""Changes of a box's settings while it runs: pushed by the centre, tried, kept as the last good ones or given up."""
