"""Brings the accounts that the database wants into the broker (docs/decisions/017)."""
