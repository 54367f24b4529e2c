"""Brings dashboards, alert rules and what they need into a running Grafana, over its HTTP API."""
