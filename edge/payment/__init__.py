"""The payment codes that a camera sees: is the one on display still the shop's own?

`reader` reads codes in a picture and `appearance` tells how their place looks; `candidate` weighs readings until they
are sure, and `point` decides. All but the reader are pure.
"""
