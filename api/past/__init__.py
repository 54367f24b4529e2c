"""What happened: events, figures and timelines."""
