"""Grafana as code: dashboards, alert rules, and how both get into a Grafana."""

import warnings

with warnings.catch_warnings():
    # The SDK warns of its own classes of the dashboards that Grafana 12 stores, as soon as they are imported.
    warnings.simplefilter("ignore", DeprecationWarning)
    import grafana_foundation_sdk.builders.dashboard
    import grafana_foundation_sdk.models.dashboardv2beta1  # noqa: F401
