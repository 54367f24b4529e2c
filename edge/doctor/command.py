"""`phoan-edge doctor`: what a technician types, and what they read.

The exit code is 0 when all is well, 1 when there is something to look after, and 2 when there is a fault to mend.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import threading
from typing import Any, Final

from contracts.report import BoxReport, Finding, Level
from edge.discover import clock
from edge.discover.command import read_ports
from edge.doctor.cameras.camera import Way
from edge.doctor.cameras.measure import Length
from edge.doctor.checks import CHECKING, warn
from edge.doctor.examination import Wish, examine
from edge.doctor.language import Lang, add_language, language_of
from edge.doctor.sending import Reports
from edge.doctor.settings import Box
from edge.doctor.words import SIGNS, head, sentence

EXIT: Final = {Level.OK: 0, Level.WARN: 1, Level.BAD: 2}
STOPPED: Final = 130
_ORDER: Final = (Level.BAD, Level.WARN, Level.OK)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `phoan-edge doctor`."""
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--quick", action="store_true", help="do without the detector, and measure cameras briefly")
    parser.add_argument("--no-send", action="store_true", help="keep the report from the centre")
    parser.add_argument("--no-passwords", action="store_true", help="do not try makers' default passwords")
    parser.add_argument("--onvif-ports", default=",".join(map(str, clock.PORTS)), help="default: %(default)s")
    add_language(parser)


def run(arguments: argparse.Namespace) -> int:
    """Examine, say, and report. Raises SettingsError for options that cannot be used."""
    logging.getLogger().setLevel(logging.ERROR)  # what is found is said once, below
    lang = language_of(arguments)
    way = Way(
        length=Length(1.0, 3.0) if arguments.quick else Length(),
        onvif_ports=read_ports(arguments.onvif_ports),
        try_passwords=not arguments.no_passwords,
    )
    try:
        box, report = examine(Wish(arguments.config, way, detector=not arguments.quick))
        kept = () if arguments.no_send else _told(box, report)
    except KeyboardInterrupt:
        return _leave(STOPPED)
    if arguments.json:
        print(json.dumps(as_json(report, lang), ensure_ascii=False, indent=2))
    else:
        print(as_text(report, lang, kept))
    return _leave(EXIT[report.level])


def _leave(code: int) -> int:
    """The exit code; where a check still hangs inside a library, the end at once, since the interpreter would be torn
    apart under it.
    """
    if any(thread.name.startswith(CHECKING) for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def _told(box: Box, report: BoxReport) -> tuple[Finding, ...]:
    """Bring the report to the centre; what to say when it has to wait."""
    if box.settings is None or box.settings.centre is None:
        return ()
    sent = Reports(box.settings.data_dir, box.settings.centre).send(report)
    return () if sent else (warn("report_kept"),)


def as_text(report: BoxReport, lang: Lang, more: tuple[Finding, ...] = ()) -> str:
    """The report as people read it: the gravest first."""
    lines = [head(report.findings, report.level, lang), ""]
    for level in _ORDER:
        lines += [f"{SIGNS[level]} {sentence(one, lang)}" for one in (*report.findings, *more) if one.level is level]
    return "\n".join(lines)


def as_json(report: BoxReport, lang: Lang) -> dict[str, Any]:
    """The report for a program: the same, with its sentences."""
    return {
        "at": report.at.isoformat(),
        "version": report.version,
        "seconds": report.seconds,
        "level": report.level.value,
        "findings": [
            {"code": one.code, "level": one.level.value, "values": one.values, "says": sentence(one, lang)}
            for one in report.findings
        ],
    }
