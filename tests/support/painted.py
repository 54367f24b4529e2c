"""A small YOLO network that finds painted rectangles, made on the spot: no trained weights can be had here.

The network is yolo26n as ultralytics defines it. Its body keeps random weights; one of its heads learns, in some
seconds on one CPU core, to find magenta (person), green (car), cyan (backpack) and yellow (chair) rectangles in it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

from edge.detect import Picture
from edge.detect.yolo import ultralytics

COLOURS = {0: (255, 0, 255), 2: (0, 255, 0), 24: (255, 255, 0), 56: (0, 255, 255)}
"""COCO's class numbers and what they look like: blue, green, red."""

SIDE = 128
CELL = 8
CELLS = SIDE // CELL
SCENES = 128
STEPS = 500
BATCH = 8
FAR, NEAR = 0.35, 0.2
"""How far from a thing's middle a cell is still a bit, and surely, of it; as a share of the thing."""


@dataclass(frozen=True, slots=True)
class Thing:
    number: int
    box: tuple[int, int, int, int]


Scene = tuple[Picture, list[Thing]]


def scene(random: np.random.Generator, width: int = SIDE, height: int = SIDE, scale: float = 1.0) -> Scene:
    """One to three rectangles of 28 to 60 pixels (times `scale`) that do not touch, on noise."""
    noise = random.normal(random.integers(60, 160), 12, (height, width, 3))
    picture = np.clip(noise, 0, 255).astype(np.uint8)
    things: list[Thing] = []
    for _ in range(random.integers(1, 4)):
        wide, high = (int(size * scale) for size in random.integers(28, 60, 2))
        left, top = int(random.integers(0, width - wide)), int(random.integers(0, height - high))
        box = (left, top, left + wide, top + high)
        if any(_close(box, other.box) for other in things):
            continue
        number = int(random.choice(list(COLOURS)))
        cv2.rectangle(picture, (left, top), (left + wide - 1, top + high - 1), COLOURS[number], -1)
        things.append(Thing(number, box))
    return picture, things


def weights(file: Path) -> Path:
    """Make the network and write it as .pt."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _weights(file)


def _weights(file: Path) -> Path:
    library, torch = ultralytics(), import_module("torch")
    torch.set_num_threads(1)  # many small layers: a second core costs more than it brings
    torch.manual_seed(26)
    random = np.random.default_rng(26)
    yolo = library.YOLO("yolo26n.yaml")
    scenes = [scene(random) for _ in range(SCENES)]
    body = _pictures_tensor(torch, scenes)
    features = _features(torch, yolo.model, body)
    _teach(torch, yolo.model.model[-1], features, scenes)
    coco = yaml.safe_load((Path(str(library.__file__)).parent / "cfg/datasets/coco.yaml").read_text(encoding="utf-8"))
    yolo.model.names = dict(coco["names"])
    yolo.ckpt = {"train_args": {"imgsz": SIDE, "task": "detect"}}
    yolo.save(file)
    return file


def _pictures_tensor(torch: ModuleType, scenes: list[Scene]) -> Any:
    pictures = np.stack([picture for picture, _ in scenes])[..., ::-1].transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(pictures, np.float32) / 255)


def _features(torch: ModuleType, network: Any, pictures: Any) -> Any:
    """What the body makes of the pictures, once its normalisation knows their statistics."""
    layers = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for layer in layers:
        layer.momentum = None  # average over all that passes
        layer.reset_running_stats()
    kept: list[Any] = []
    with torch.no_grad():
        network.train()
        for some in pictures.split(16):
            network(some)
        network.eval()
        hook = network.model[-1].register_forward_pre_hook(lambda _, inputs: kept.append(inputs[0][0].clone()))
        for some in pictures.split(16):
            network(some)
        hook.remove()
    for layer in layers:
        layer.momentum = 0.03
    return torch.cat(kept)


def _teach(torch: ModuleType, head: Any, features: Any, scenes: list[Scene]) -> None:
    """Train the NMS-free head at its finest level; the coarser levels say nothing. The other head becomes its copy."""
    classes, boxes, sure, counts = (torch.from_numpy(part) for part in _targets(scenes))
    box_head, class_head = head.one2one_cv2[0], head.one2one_cv3[0]
    parameters = [*box_head.parameters(), *class_head.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=STEPS)
    loss_of = torch.nn.BCEWithLogitsLoss(reduction="none")
    box_head.train()
    class_head.train()
    for _ in range(STEPS):
        some = torch.randint(0, len(scenes), (BATCH,))
        is_thing = sure[some]
        off = (box_head(features[some]) - boxes[some]).abs().sum(1)[is_thing].mean()
        wrong = (loss_of(class_head(features[some]), classes[some]).sum(1) * counts[some]).sum() / is_thing.sum()
        optimizer.zero_grad()
        (off + wrong).backward()
        optimizer.step()
        schedule.step()
    box_head.eval()
    class_head.eval()
    with torch.no_grad():
        for level in (1, 2):
            head.one2one_cv3[level][2].weight.zero_()
            head.one2one_cv3[level][2].bias.fill_(-20)
        head.cv2.load_state_dict(head.one2one_cv2.state_dict())
        head.cv3.load_state_dict(head.one2one_cv3.state_dict())


_Array = NDArray[Any]


def _targets(scenes: list[Scene]) -> tuple[_Array, _Array, _Array, _Array]:
    """For each cell: its classes, its distances to the thing's sides in cells, whether it is one's middle, whether it
    counts at all.
    """
    shape = (len(scenes), CELLS, CELLS)
    classes = np.zeros((len(scenes), 80, CELLS, CELLS), np.float32)
    boxes = np.zeros((len(scenes), 4, CELLS, CELLS), np.float32)
    sure, counts = np.zeros(shape, bool), np.ones(shape, bool)
    middle = (np.arange(CELLS) + 0.5) * CELL
    for index, (_, things) in enumerate(scenes):
        for thing in things:
            x1, y1, x2, y2 = thing.box
            aside = np.abs(middle - (x1 + x2) / 2)[np.newaxis] / (x2 - x1)
            above = np.abs(middle - (y1 + y2) / 2)[:, np.newaxis] / (y2 - y1)
            off = np.maximum(aside, above)
            near = off < NEAR
            counts[index] &= near | (off >= FAR)
            sure[index] |= near
            classes[index, thing.number][near] = 1
            sides = np.stack(np.broadcast_arrays(*_distances(middle, thing.box))) / CELL
            boxes[index][:, near] = sides[:, near]
    return classes, boxes, sure, counts


def _distances(middle: _Array, box: tuple[int, int, int, int]) -> tuple[_Array, ...]:
    x1, y1, x2, y2 = box
    across, down = middle[np.newaxis], middle[:, np.newaxis]
    return across - x1, down - y1, x2 - across, y2 - down


def _close(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] <= other[2] + 6 and other[0] <= one[2] + 6 and one[1] <= other[3] + 6 and other[1] <= one[3] + 6
