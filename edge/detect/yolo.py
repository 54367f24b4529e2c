"""Networks that only ultralytics runs: .pt weights and TensorRT engines.

Needs the extra `yolo` (ultralytics and torch), which a box without a strong processor does without. ultralytics is kept
from the network (it would report its use and install packages by itself) and from running code that a .pt file brings.
"""

from __future__ import annotations

import os
import pickle
import threading
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np

from contracts.model import ModelCard
from edge.detect import LABELS, Detections, DetectorError, Picture
from edge.detect.card import digest_of, short_licence
from edge.detect.classes import labels_of, words

GPU_BATCH: Final = 16
INPUT_PX: Final = 640
"""The side of a network's input where it names none: what ultralytics takes."""

_MANNERS = {
    "YOLO_OFFLINE": "true",
    "YOLO_AUTOINSTALL": "false",
    "YOLO_VERBOSE": "false",
    "ULTRALYTICS_SAFE_LOAD": "true",
}


def ultralytics() -> ModuleType:
    """The library, taught manners. Raises DetectorError when it is not installed."""
    for name, value in _MANNERS.items():
        os.environ.setdefault(name, value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of torch, about torch
            library = import_module("ultralytics")
            import_module("torch")  # ultralytics itself imports it only when first used
    except ImportError:
        raise DetectorError("ultralytics is not installed; install Phố An with the extra `yolo`.") from None
    return library


def network(weights: Path) -> Any:
    """The weights as ultralytics holds them. Raises DetectorError."""
    library = ultralytics()
    try:
        loaded = library.YOLO(str(weights), task="detect")
        if not isinstance(loaded.names, dict):
            raise TypeError("no class names")
    except (ImportError, OSError) as error:
        raise DetectorError(f"The network {weights} needs what is not installed here: {_first_line(error)}.") from None
    except (TypeError, ValueError, RuntimeError, EOFError, KeyError, AttributeError, pickle.UnpicklingError):
        raise DetectorError(f"The network {weights} cannot be read: copy or export it again.") from None
    return loaded


class YoloDetector:
    """Runs one ultralytics network."""

    def __init__(self, weights: Path, *, device: str, threads: int, min_score: float, licence: str | None) -> None:
        self.name = weights.stem
        self.batch = 1 if device == "cpu" else GPU_BATCH
        self._device = device
        self._min_score = min_score
        self._network = network(weights)
        self._alone = threading.Lock()
        self._labels = labels_of(self._network.names)
        if not self._labels:
            raise DetectorError(f"The network {weights} knows no class that Phố An uses ({', '.join(LABELS)}).")
        if device == "cpu":
            import_module("torch").set_num_threads(threads)
        side = self._network.overrides.get("imgsz")
        side = side if isinstance(side, int) else None
        self.inputs = ((side or INPUT_PX, side or INPUT_PX),)
        self.card = ModelCard(
            name=self.name[:80],
            digest=digest_of(weights),
            licence=licence or short_licence((self._network.ckpt or {}).get("license")),
            source=f"ultralytics {ultralytics().__version__}",
            input_width=side,
            input_height=side,
            classes=words(self._labels.values()),
        )

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """See edge.detect.Detector."""
        if not pictures:
            return []
        with self._alone:
            results = self._network.predict(
                list(pictures),
                conf=self._min_score,
                device=self._device,
                classes=list(self._labels),
                nms=False,  # where a network can do without
                rect=False,  # a picture gives the same boxes alone and in a batch
                verbose=False,
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


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [error.__class__.__name__])[0].rstrip(".")
