"""The centre's HTTP face: sign-in, cameras, events, pictures and the live feed; serves the wall's page, too."""
