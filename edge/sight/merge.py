"""Puts what was found in overlapping crops together: one box a person, in normalised coordinates of the frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import supervision as sv
from numpy.typing import NDArray

from edge.detect import Detections
from edge.sight.regions import Region

RIM_PX: Final = 2.0
"""A box that ends this close to a crop's inner rim is a person cut in two."""

OVERLAP: Final = 0.7
"""Two boxes are one person when the smaller lies in the other by this share. Half a person from one crop lies in the
whole one from another, where an IoU would keep both."""


_Placed = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]


def merge(found: Sequence[tuple[Region, Detections]], width: int, height: int) -> sv.Detections:
    """All detections of a frame of `width` x `height` pixels, in pixels, without cut or doubled ones."""
    parts = [_placed(region, detections, width, height) for region, detections in found]
    if not parts:
        return sv.Detections.empty()
    boxes, scores, labels = (np.concatenate(values) for values in zip(*parts, strict=True))
    whole = sv.Detections(xyxy=boxes, confidence=scores, class_id=labels)
    if len(whole) < 2:
        return whole
    return whole.with_nms(threshold=OVERLAP, class_agnostic=False, overlap_metric=sv.OverlapMetric.IOS)


def _placed(region: Region, detections: Detections, width: int, height: int) -> _Placed:
    """A region's boxes, scores and labels in the frame's pixels, without those that the region's inner rim cuts."""
    boxes = detections.boxes / region.scale + np.array([region.x, region.y, region.x, region.y], np.float32)
    rim = RIM_PX / region.scale
    keep = ~(
        ((boxes[:, 0] < region.x + rim) & (region.x > 0))
        | ((boxes[:, 1] < region.y + rim) & (region.y > 0))
        | ((boxes[:, 2] > region.x + region.width - rim) & (region.x + region.width < width))
        | ((boxes[:, 3] > region.y + region.height - rim) & (region.y + region.height < height))
    )
    return boxes[keep].astype(np.float32), detections.scores[keep], detections.labels[keep]
