"""MQTT to TimescaleDB: takes what boxes send, commits it once, and tells them so."""
