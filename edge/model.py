"""`phoan-edge model`: turn weights into a network for the box, and tell which network the box runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from contracts.settings import load
from edge.config import EdgeSettings
from edge.detect import DetectorError
from edge.detect.factory import load as load_detector


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `phoan-edge model`."""
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("show", help="print the card of the network that the settings name, as JSON")
    export = actions.add_parser("export", help="turn .pt weights into an OpenVINO folder that a box runs")
    export.add_argument("weights", type=Path, help="a .pt file of ultralytics")
    export.add_argument("--out", type=Path, required=True, help="the folder to write; it must not exist")
    export.add_argument("--imgsz", type=int, help="side of the input in pixels (default: what it was trained with)")
    export.add_argument("--int8", action="store_true", help="round to INT8: smaller and faster on most boxes")
    export.add_argument(
        "--calibrate", type=Path, nargs="+", default=[], metavar="FILE", help="videos or pictures of your cameras"
    )
    export.add_argument("--crop", type=int, default=240, help="as analysis.region_px in the box's settings")


def run(arguments: argparse.Namespace) -> int:
    """Carry out one action. Raises DetectorError or SettingsError with a sentence for the caller."""
    if arguments.action == "show":
        detector = load_detector(load(EdgeSettings, arguments.config).detector)
        print(detector.card.model_dump_json(indent=2, exclude_none=True))
    else:
        _export(arguments)
    return 0


def _export(arguments: argparse.Namespace) -> None:
    if arguments.int8 and not arguments.calibrate:
        raise DetectorError(
            "INT8 needs pictures to calibrate with: name videos or pictures of your cameras: --calibrate."
        )
    if arguments.calibrate and not arguments.int8:
        raise DetectorError("Only INT8 is calibrated: write --int8 too, or leave --calibrate out.")
    if arguments.crop < 32:
        raise DetectorError(f"A crop must have at least 32 pixels a side; {arguments.crop} is too small.")
    from edge.detect.calibration import crops
    from edge.detect.export import export

    pictures = crops(arguments.calibrate, arguments.crop) if arguments.int8 else []
    card = export(arguments.weights, arguments.out, side=arguments.imgsz, crops=pictures)
    print(f"{arguments.out} is ready: {card.name}, {card.input_width} x {card.input_height} pixels,")
    print(f"finds {', '.join(card.classes)}; licence {card.licence}; digest {card.digest}")
