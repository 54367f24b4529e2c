"""A fleet of boxes without cameras: the real outbox and the real link of each, fed with made-up events and samples.

What it hands over it also writes into a ledger, so that afterwards the database can be held against it, record by
record, whatever was killed in between.
"""
