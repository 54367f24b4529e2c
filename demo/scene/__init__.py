"""A market stall with payment boards as a camera sees it, drawn: for the demo, the tests and `make bench-qr`.

Real codes on boards in perspective, before the sample film's street; hands, telephones and people pass, light changes,
a sticker is put over a code. Every scene knows its truth: what happens from when until when, and how large a code is in
the picture. `board`, `stall` and `passers` draw; `script` says what happens; `scene` composes pictures, `lens` makes
them a camera's, and `encoded` is its H.264. All follow from a seed.
"""
