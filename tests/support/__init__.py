"""Real things for tests: a database server, a broker, cameras good and bad. None of it stands in for our own code."""
