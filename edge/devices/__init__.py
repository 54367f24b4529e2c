"""Sensors, meters and gateways as the box knows them: whether they live, and what their readings mean. Pure so far.

Their dialects are read by `contracts.devices`; what reaches the outbox is `edge.events`' and `edge.measure`'s.
"""
