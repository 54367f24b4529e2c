"""What sensors, meters and gateways say, each in its own dialect, read into one shape. Pure.

`metric` says what can be measured, `reading` is the one shape, and each other module reads one dialect as it is sent:
topic and payload in, readings and signs of life out. Who subscribes, and what follows, is the box's.
"""
