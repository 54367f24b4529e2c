"""Any network that ultralytics loads: .pt, .onnx, an OpenVINO folder or a TensorRT engine.

Needs the extra `yolo` (ultralytics and torch), which a box without a strong processor does without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edge.detect import LABELS, Detections, DetectorError, Picture

SAME_AS: Mapping[str, str] = {
    "backpack": "bag",
    "handbag": "bag",
    "suitcase": "bag",
    "pedestrian": "person",
    "people": "person",
    "motorbike": "motorcycle",
}
"""Names that networks (COCO, VisDrone) use for what LABELS calls otherwise."""


GPU_BATCH = 16


def labels_of(names: Mapping[int, str]) -> dict[int, int]:
    """A network's class numbers to indices into LABELS; classes that are none of them are absent."""
    wanted = {label: index for index, label in enumerate(LABELS)}
    mapped = {number: SAME_AS.get(name, name) for number, name in names.items()}
    return {number: wanted[name] for number, name in mapped.items() if name in wanted}


class YoloDetector:
    """Runs one ultralytics network."""

    def __init__(self, weights: str, *, device: str, min_score: float) -> None:
        self.name = Path(weights).stem
        self.batch = 1 if device == "cpu" else GPU_BATCH
        self._device = device
        self._min_score = min_score
        self._network = _load(weights)
        self._labels = labels_of(self._network.names)
        if not self._labels:
            raise DetectorError(f"The network {weights} knows no class that Phố An uses ({', '.join(LABELS)}).")

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """See edge.detect.Detector."""
        if not pictures:
            return []
        results = self._network.predict(
            list(pictures), conf=self._min_score, device=self._device, classes=list(self._labels), verbose=False
        )
        return [self._detections(result) for result in results]

    def _detections(self, result: Any) -> Detections:
        found = result.boxes
        classes = found.cls.cpu().numpy().astype(int)
        return Detections(
            found.xyxy.cpu().numpy().astype(np.float32).reshape(-1, 4),
            found.conf.cpu().numpy().astype(np.float32),
            np.array([self._labels[number] for number in classes], np.int64),
        )


def _load(weights: str) -> Any:
    """Load the network. A bare name such as yolo26n.pt may be downloaded by ultralytics where there is a network."""
    path = Path(weights)
    if not path.exists() and len(path.parts) > 1:
        raise DetectorError(f"The weight file {weights} is missing; copy it there or correct detector.weights.")
    try:
        from ultralytics import YOLO
    except ImportError:
        raise DetectorError("ultralytics is not installed; install Phố An with the extra `yolo`.") from None
    try:
        return YOLO(weights, task="detect")
    except (FileNotFoundError, ConnectionError, OSError) as error:
        raise DetectorError(
            f"The weight file {weights} is missing and cannot be downloaded ({error.__class__.__name__});"
            " fetch it on a machine with internet and copy it to this box."
        ) from None
