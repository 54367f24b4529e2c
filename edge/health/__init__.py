"""Camera health: whether a camera still shows what it was mounted to show, or is covered, blurred, moved, too dark,
frozen, silent or wrong in its clock. Measures and decisions are pure; edge.health.watch holds what they remember.
"""
