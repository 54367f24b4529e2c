"""The payment codes that a camera sees: is the one on display still the shop's own?

`reader` reads codes in the part of a frame that `view` cuts out, `nature` says what a code is to the point and
`appearance` how its place looks; `candidate` weighs readings until they are sure, and `point` decides, by the table in
`state`. `watch` puts these together for one point, `rounds` goes round all points, and `alarms` makes events of what is
decided. `allowed` keeps who may be paid where. `codes` is the technician's command. Decisions are pure.
"""
