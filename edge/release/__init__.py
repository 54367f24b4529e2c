"""How a box is installed, and brought to the version that the centre names: edge.release.update begins there."""
