"""Makes the detector that the settings name. Networks are imported only when they are wanted."""

from __future__ import annotations

from pathlib import Path

from edge.config import SsdliteSettings, YoloSettings
from edge.detect import Detector, DetectorError


def load(settings: SsdliteSettings | YoloSettings) -> Detector:
    """The detector, ready to run. Raises DetectorError with a sentence that says what to do."""
    match settings:
        case SsdliteSettings():
            from edge.detect.ssdlite import SsdliteDetector

            return SsdliteDetector(threads=settings.threads, min_score=settings.min_score)
        case YoloSettings():
            return _yolo(settings)


def _yolo(settings: YoloSettings) -> Detector:
    from edge.detect.openvino_yolo import OpenvinoYoloDetector, reads
    from edge.detect.yolo import YoloDetector

    weights = Path(settings.weights)
    if not weights.exists():
        raise DetectorError(f"The weight file {weights} is missing; copy it there or correct detector.weights.")
    kind: type[OpenvinoYoloDetector] | type[YoloDetector] = OpenvinoYoloDetector if reads(weights) else YoloDetector
    return kind(
        weights,
        device=settings.device,
        threads=settings.threads,
        min_score=settings.min_score,
        licence=settings.licence,
    )
