"""Signing in through a provider of the ward's own (OpenID Connect, authorization code with PKCE). Optional."""
