"""What officers work on: incidents, and the handover of a shift."""
