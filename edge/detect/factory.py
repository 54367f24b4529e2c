"""Makes the detector that the settings name. Networks are imported only when they are wanted."""

from __future__ import annotations

from edge.config import SsdliteSettings, YoloSettings
from edge.detect import Detector


def load(settings: SsdliteSettings | YoloSettings) -> Detector:
    """The detector, ready to run. Raises DetectorError with a sentence that says what to do."""
    match settings:
        case SsdliteSettings():
            from edge.detect.ssdlite import SsdliteDetector

            return SsdliteDetector(threads=settings.threads, min_score=settings.min_score)
        case YoloSettings():
            from edge.detect.yolo import YoloDetector

            return YoloDetector(settings.weights, device=settings.device, min_score=settings.min_score)
