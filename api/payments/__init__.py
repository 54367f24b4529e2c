"""Payment points: the registry of whom they are paid to, its changes by two people, and the patrol with a phone."""
