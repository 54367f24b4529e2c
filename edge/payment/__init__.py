"""The payment codes that a camera sees: is the one on display still the shop's own?

`point` decides from what was read and how the place looks; `candidate` weighs readings until they are sure. Both pure.
"""
