"""Rules: small state machines over what is in a zone. Values and a clock go in, values come out; no I/O."""
