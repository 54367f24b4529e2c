"""A YOLO network in OpenVINO's or ONNX's format, run by OpenVINO alone: a box needs neither ultralytics nor torch.

Reads what ultralytics and `phoan-edge model export` write: the network and, in metadata.yaml or inside the ONNX file,
its class names. NMS-free networks give boxes; others give candidates, from which overlapping ones are taken out here.
"""

from __future__ import annotations

import ast
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import openvino as ov
import openvino.properties as properties
import openvino.properties.hint as hint
import yaml
from numpy.typing import NDArray

from contracts.model import ModelCard
from edge.detect import LABELS, NOTHING, Detections, DetectorError, Picture
from edge.detect.card import digest_of, short_licence
from edge.detect.classes import labels_of, words
from edge.detect.letterbox import Fit, fit, fitted

METADATA_FILE: Final = "metadata.yaml"
FOLDER_ENDING: Final = "_openvino_model"
SAME_THING_IOU: Final = 0.7
"""Two boxes of one class that overlap more are one thing: what ultralytics takes when nothing is said."""


def reads(weights: Path) -> bool:
    """Whether OpenVINO runs these weights by itself."""
    return weights.is_dir() or weights.suffix in {".xml", ".onnx"}


class OpenvinoYoloDetector:
    """Runs one network: one picture a request, `threads` requests at once."""

    def __init__(self, weights: Path, *, device: str, threads: int, min_score: float, licence: str | None) -> None:
        self.batch = threads
        self._min_score = min_score
        core = ov.Core()
        file = _network_file(weights)
        model = _read(core, file)
        about = _metadata(model, file)
        self._labels = labels_of(about["names"])
        if not self._labels:
            raise DetectorError(f"The network {weights} knows no class that Phố An uses ({', '.join(LABELS)}).")
        shape = _fixed_input(model, about)
        self._height, self._width = shape
        self.inputs = ((self._width, self._height),)
        self._compiled = _compile(core, model, device, threads)
        self._queue = ov.AsyncInferQueue(self._compiled, threads)
        self._queue.set_callback(self._keep)
        self._found: dict[int, Detections] = {}
        self._alone = threading.Lock()
        self.name = weights.name.removesuffix(FOLDER_ENDING) if weights.is_dir() else weights.stem
        self.card = ModelCard(
            name=self.name[:80],
            digest=digest_of(file.parent if file.suffix == ".xml" else file),
            licence=licence or short_licence(about.get("license")),
            source=f"ultralytics {about.get('version', '')}".strip()[:120],
            input_width=self._width,
            input_height=self._height,
            classes=words(self._labels.values()),
        )

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """See edge.detect.Detector."""
        with self._alone:
            self._found = {}
            for index, picture in enumerate(pictures):
                how = fit(picture.shape[1], picture.shape[0], self._width, self._height)
                self._queue.start_async({0: fitted(picture, how, self._width, self._height)}, (index, how))
            self._queue.wait_all()
            return [self._found[index] for index in range(len(pictures))]

    def _keep(self, request: ov.InferRequest, about: tuple[int, Fit]) -> None:
        index, how = about
        output = request.get_output_tensor(0).data[0]
        boxes, scores, numbers = _boxes(output) if output.shape[-1] == 6 else _candidates(output)
        keep = (scores >= self._min_score) & np.isin(numbers, list(self._labels))
        boxes, scores, numbers = boxes[keep], scores[keep], numbers[keep]
        if output.shape[-1] != 6:
            kept = _distinct(boxes, scores, numbers, self._min_score)
            boxes, scores, numbers = boxes[kept], scores[kept], numbers[kept]
        if not len(boxes):
            self._found[index] = NOTHING
            return
        labels = np.array([self._labels[int(number)] for number in numbers], np.int64)
        self._found[index] = Detections(how.back(boxes), scores.astype(np.float32), labels)


_Found = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]


def _boxes(output: NDArray[np.float32]) -> _Found:
    """An NMS-free network's rows: x1 y1 x2 y2 score class."""
    return output[:, :4].copy(), output[:, 4].copy(), output[:, 5].astype(np.int64)


def _candidates(output: NDArray[np.float32]) -> _Found:
    """Other networks' columns: centre x, centre y, width, height, then a score for each class."""
    centre, half, scores = output[:2].T, output[2:4].T / 2, output[4:]
    boxes = np.concatenate([centre - half, centre + half], axis=1)
    numbers = scores.argmax(axis=0)
    return boxes, scores.max(axis=0), numbers.astype(np.int64)


def _distinct(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], numbers: NDArray[np.int64], min_score: float
) -> NDArray[np.int64]:
    """Which candidates are the best of their place and class, best first."""
    corners_and_sizes = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    kept = cv2.dnn.NMSBoxesBatched(
        corners_and_sizes.astype(float).tolist(),
        scores.astype(float).tolist(),
        numbers.tolist(),
        min_score,
        SAME_THING_IOU,
    )
    return np.array(kept, np.int64).reshape(-1)


def _network_file(weights: Path) -> Path:
    if not weights.is_dir():
        return weights
    files = sorted(weights.glob("*.xml"))
    if len(files) != 1:
        raise DetectorError(
            f"The folder {weights} must hold one network (.xml) and holds {len(files)}; export it again."
        )
    return files[0]


def _read(core: ov.Core, file: Path) -> ov.Model:
    try:
        return core.read_model(file)
    except RuntimeError:
        raise DetectorError(f"The network {file} cannot be read: copy or export it again.") from None


def _metadata(model: ov.Model, file: Path) -> Mapping[str, Any]:
    """What ultralytics noted about the network; `names` is there for sure. Raises DetectorError."""
    about: dict[str, Any] = {}
    if file.suffix == ".onnx":
        for key in ("names", "imgsz", "license", "version"):
            if model.has_rt_info(["framework", key]):
                about[key] = str(model.get_rt_info(["framework", key]).value)
        about |= {key: _literal(about[key]) for key in ("names", "imgsz") if key in about}
    else:
        note = file.parent / METADATA_FILE
        try:
            read = yaml.safe_load(note.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            raise DetectorError(f"The file {note} is missing or damaged; export the network again.") from None
        about = read if isinstance(read, dict) else {}
    if not isinstance(about.get("names"), dict):
        raise DetectorError(f"The network {file} does not say what its classes are; export it with `phoan-edge model`.")
    return about


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None


def _fixed_input(model: ov.Model, about: Mapping[str, Any]) -> tuple[int, int]:
    """Height and width of the input; a network that takes any size gets the one that it was exported for."""
    shape = model.input().get_partial_shape()
    if shape.is_dynamic:
        height, width = about.get("imgsz") or (640, 640)
        model.reshape([1, 3, height, width])
    elif shape[0].get_length() != 1:
        model.reshape([1, *[part.get_length() for part in list(shape)[1:]]])
    fixed = model.input().get_shape()
    return int(fixed[2]), int(fixed[3])


def _compile(core: ov.Core, model: ov.Model, device: str, threads: int) -> ov.CompiledModel:
    name = "CPU" if device == "cpu" else device.removeprefix("intel:").upper()
    if name.split(".")[0] not in {one.split(".")[0] for one in core.available_devices}:
        raise DetectorError(
            f"OpenVINO finds no device {device} here, only {', '.join(core.available_devices).lower()}"
            " (write cpu, intel:gpu or intel:npu)."
        )
    settings: dict[Any, Any] = {hint.performance_mode(): hint.PerformanceMode.THROUGHPUT}
    if name == "CPU":
        settings |= {properties.num_streams(): threads, properties.inference_num_threads(): threads}
        settings |= {hint.enable_cpu_pinning(): False}  # see edge.detect.ssdlite
    return core.compile_model(model, name, settings)
