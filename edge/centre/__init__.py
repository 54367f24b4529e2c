"""The ways to the centre: the outbox and its MQTT link, uploads, and the live line."""
