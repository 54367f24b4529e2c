"""The payment codes that a camera sees: is the one on display still the shop's own?

`reader` reads codes in a picture; `candidate` weighs readings until they are sure, and `point` decides from them and from
how the place looks, both pure.
"""
