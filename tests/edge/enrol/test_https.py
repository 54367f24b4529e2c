"""What the box has with the API over https: the centre's own authority counts, and no other."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from contracts.event import Severity
from contracts.settings import load
from edge.centre.live import TRANSIENT, Live
from edge.centre.outbox import MediaKind, Medium, Outbox
from edge.centre.uplink import Uplink
from edge.centre.upload import Uploader, UploadError
from edge.config import CentreSettings, EdgeSettings
from edge.enrol import command
from edge.footage.media import MediaStore
from edge.footage.settings import UplinkSettings
from edge.supervise import Supervisor
from tests.support.centres import Centre
from tests.support.certificates import TestAuthority
from tests.support.samples import event
from tests.support.waiting import eventually

PICTURE = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8


@pytest.fixture
def settings(centre: Centre, tmp_path: Path) -> CentreSettings:
    command.enrol(f"{centre.code('hop-https')}@{centre.address}", tmp_path / "etc", tmp_path / "data")
    found = load(EdgeSettings, tmp_path / "etc" / "edge.yaml").centre
    assert found
    return found


@pytest.fixture
def strange(settings: CentreSettings, tmp_path: Path) -> CentreSettings:
    """The same centre, and somebody else's authority."""
    return settings.model_copy(update={"tls_ca": TestAuthority(tmp_path / "other").ca})


def live_boxes(centre: Centre) -> set[str]:
    hub = centre.api.server.config.app.state.hub  # type: ignore[union-attr]
    return {box.name for box in hub._boxes}


def test_the_live_line_comes_up_over_https_and_ends_with_the_token(centre: Centre, settings: CentreSettings) -> None:
    live, supervisor = Live(settings), Supervisor()
    supervisor.keep_running("live", lambda: live.run(supervisor.stop), transient=TRANSIENT, longest_s=0.5)
    try:
        eventually(lambda: "hop-https" in live_boxes(centre))
        with psycopg.connect(centre.database, autocommit=True) as db:
            db.execute("UPDATE boxes SET token_sha256 = NULL WHERE id = 'hop-https'")
        eventually(lambda: "hop-https" not in live_boxes(centre))
    finally:
        supervisor.stop.set()
        supervisor.join(5)
    assert not supervisor.failed


def test_the_live_line_is_not_made_to_whom_another_authority_vouches_for(strange: CentreSettings) -> None:
    with pytest.raises(TRANSIENT, match="certificate verify failed"):
        Live(strange).run(Supervisor().stop)


def uploader(settings: CentreSettings, folder: Path) -> tuple[Uploader, Outbox]:
    """With one picture to send."""
    folder.mkdir(exist_ok=True)
    outbox = Outbox(folder / "outbox.db", max_records=100)
    media = MediaStore(folder / "media", max_bytes=1_000_000)
    digest = media.put(PICTURE, Severity.HIGH)
    outbox.append_event(event(), [Medium(digest, MediaKind.SNAPSHOT)])
    return Uploader(settings, outbox, media, Uplink(UplinkSettings(), "Asia/Ho_Chi_Minh", outbox)), outbox


def test_pictures_go_over_https(settings: CentreSettings, tmp_path: Path) -> None:
    sending, outbox = uploader(settings, tmp_path / "box")
    supervisor = Supervisor()
    supervisor.keep_running("uploads", lambda: sending.run(supervisor.stop), transient=(UploadError,))
    assert len(outbox.uploads()) == 1
    eventually(lambda: not outbox.uploads())
    assert not supervisor.failed
    supervisor.stop.set()
    supervisor.join(5)
    outbox.close()


def test_pictures_do_not_go_to_whom_another_authority_vouches_for(strange: CentreSettings, tmp_path: Path) -> None:
    sending, outbox = uploader(strange, tmp_path / "box")
    with pytest.raises(UploadError, match="certificate verify failed"):
        sending.run(Supervisor().stop)
    assert len(outbox.uploads()) == 1
    outbox.close()


def test_without_an_authority_of_its_own_only_the_systems_count(settings: CentreSettings, tmp_path: Path) -> None:
    public = CentreSettings(url=settings.url, token=SecretStr("x" * 40))
    sending, outbox = uploader(public, tmp_path / "box")
    with pytest.raises(UploadError, match="certificate verify failed"):
        sending.run(Supervisor().stop)
    outbox.close()
