"""Turns .pt weights into an OpenVINO folder that a box runs without ultralytics, if wanted with INT8 numbers.

What makes boxes and scores out of the last layers' numbers keeps its full precision: it costs little, and boxes would
suffer most there.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np
import openvino as ov
import yaml
from numpy.typing import NDArray

from contracts.model import ModelCard
from edge.detect import DetectorError, Picture
from edge.detect.letterbox import fit, fitted
from edge.detect.openvino_yolo import METADATA_FILE, OpenvinoYoloDetector
from edge.detect.yolo import network

STRIDE: Final = 32


def export(weights: Path, out: Path, *, side: int | None, crops: Sequence[Picture]) -> ModelCard:
    """Write `out`: a network for inputs of `side` pixels (None: what it was trained with), in INT8 if there are crops.

    Nothing is left of a failed try. Raises DetectorError with a sentence that says what to do.
    """
    _prove_sound(weights, out, side)
    if crops:
        _nncf()  # told now, not after the first half of the work
    with tempfile.TemporaryDirectory(prefix="phoan-export-") as scratch, _quiet():
        folder = _exported(weights, Path(scratch), side).rename(Path(scratch) / out.name)
        if crops:
            _to_int8(folder, crops)
        card = OpenvinoYoloDetector(folder, device="cpu", threads=1, min_score=0.25, licence=None).card
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(folder, out)
        except OSError as error:
            shutil.rmtree(out, ignore_errors=True)
            raise DetectorError(f"Nothing can be written to {out}: {error}.") from None
    return card


def _prove_sound(weights: Path, out: Path, side: int | None) -> None:
    if not weights.is_file():
        raise DetectorError(f"The weight file {weights} is missing.")
    if weights.suffix != ".pt":
        raise DetectorError(f"Only .pt weights are exported; {weights.name} is not one.")
    if out.exists():
        raise DetectorError(f"The folder {out} exists already: name another, or remove it.")
    if side is not None and (side < STRIDE or side % STRIDE):
        raise DetectorError(f"The input's side must be a multiple of {STRIDE}, as 320 or 640; {side} is not.")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' notes to engineers and their progress bars out of what the caller prints."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
        warnings.simplefilter("ignore")
        yield


def _exported(weights: Path, scratch: Path, side: int | None) -> Path:
    """The network in OpenVINO's format, not rounded. ultralytics writes beside the weights, so they are copied."""
    copy = scratch / weights.name
    shutil.copyfile(weights, copy)
    options: dict[str, Any] = {"format": "openvino", "nms": False, "device": "cpu", "verbose": False}
    if side is not None:
        options["imgsz"] = side
    return Path(network(copy).export(**options))


def _to_int8(folder: Path, crops: Sequence[Picture]) -> None:
    """Round the folder's network to INT8, such that it changes least on these crops."""
    nncf = _nncf()
    file = next(folder.glob("*.xml"))
    core = ov.Core()
    model = core.read_model(file)
    height, width = (int(part) for part in list(model.input().get_shape())[2:])

    def taken(crop: Picture) -> NDArray[np.float32]:
        return fitted(crop, fit(crop.shape[1], crop.shape[0], width, height), width, height)

    smaller = nncf.quantize(
        model,
        nncf.Dataset(crops, taken),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(crops),
        ignored_scope=nncf.IgnoredScope(names=_decoding(model)),
    )
    whole = file.rename(file.with_suffix(".whole.xml"))
    weights = file.with_suffix(".bin").rename(file.with_suffix(".whole.bin"))
    ov.save_model(smaller, file, compress_to_fp16=False)
    del model, smaller  # they may still read the files
    whole.unlink()
    weights.unlink()
    note = folder / METADATA_FILE
    about = yaml.safe_load(note.read_text(encoding="utf-8")) | {"int8": True, "calibrated_on": len(crops)}
    note.write_text(yaml.safe_dump(about, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _decoding(model: ov.Model) -> list[str]:
    """Names of the operations that make boxes and scores of what the head's layers say, and of all that squash."""
    operations = {operation.get_friendly_name(): operation.get_type_name() for operation in model.get_ordered_ops()}
    squashing = [name for name, kind in operations.items() if kind == "Sigmoid"]
    head = squashing[-1].partition("/")[0]
    return sorted({*squashing, *(name for name in operations if name.startswith(f"{head}/"))})


def _nncf() -> ModuleType:
    try:
        nncf = import_module("nncf")
    except ImportError:
        raise DetectorError("nncf is not installed; install Phố An with the extra `yolo`.") from None
    nncf.set_log_level(logging.ERROR)
    return nncf
