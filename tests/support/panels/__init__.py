"""Statements of dashboards and alert rules, asked as Grafana asks them and read as Grafana reads the answer."""
