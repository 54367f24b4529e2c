"""From frames to tracks: where to look, what is there, who it is. Detectors are `edge.detect`."""
