"""Are these the same boxes? Compares what two detectors found in the same picture."""

from __future__ import annotations

import numpy as np
from supervision.detection.utils.iou_and_nms import box_iou_batch

from edge.detect import Detections


def shared(one: Detections, other: Detections, *, iou: float) -> float:
    """How many of the boxes of `one` have an own counterpart of the same class in `other`, as a share of all boxes."""
    if not len(one.boxes) or not len(other.boxes):
        return float(len(one.boxes) == len(other.boxes))
    alike = box_iou_batch(one.boxes, other.boxes) * (one.labels[:, np.newaxis] == other.labels)
    pairs = 0
    while alike.size and alike.max() >= iou:
        row, column = np.unravel_index(alike.argmax(), alike.shape)
        alike = np.delete(np.delete(alike, row, axis=0), column, axis=1)
        pairs += 1
    return pairs / max(len(one.boxes), len(other.boxes))
