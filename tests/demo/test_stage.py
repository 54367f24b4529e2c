from __future__ import annotations

from pathlib import Path

from demo.stage import Stage


def test_who_has_drawn_the_stalls_film_is_done_and_any_other_part_that_ends_is_told(tmp_path: Path) -> None:
    """Else the first demo draws for ever, and what somebody kills is not started again."""
    stage = Stage(tmp_path, lambda _: None)
    stage._drawing = ["drawing-0", "drawing-1"]
    try:
        for name, module in (("drawing-0", "this"), ("drawing-1", "no.such.drawing"), ("broker", "this")):
            stage.processes.start(name, [module]).wait()
        assert stage.ended() == "drawing-1"
        assert stage._drawing == ["drawing-1"]
        stage.processes.start("drawing-1", ["this"]).wait()
        assert stage.ended() == "broker"
    finally:
        stage.stop()
