"""Which of a network's own classes are which of ours, the LABELS of edge.detect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from edge.detect import LABELS

SAME_AS: Mapping[str, str] = {
    "backpack": "bag",
    "handbag": "bag",
    "suitcase": "bag",
    "pedestrian": "person",
    "people": "person",
    "motorbike": "motorcycle",
    "motor": "motorcycle",
}
"""Names that networks (COCO, VisDrone) use for what LABELS calls otherwise."""


def labels_of(names: Mapping[int, str]) -> dict[int, int]:
    """A network's class numbers to indices into LABELS; classes that are none of them are absent."""
    wanted = {label: index for index, label in enumerate(LABELS)}
    mapped = {number: SAME_AS.get(name, name) for number, name in names.items()}
    return {number: wanted[name] for number, name in mapped.items() if name in wanted}


def words(labels: Iterable[int]) -> tuple[str, ...]:
    """The labels behind indices, each once, in the order of LABELS."""
    return tuple(LABELS[index] for index in sorted(set(labels)))
