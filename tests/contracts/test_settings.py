from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from contracts.inventory import Inventory
from contracts.settings import Settings, SettingsError, load


class Sample(Settings):
    name: str
    port: int = 1
    password: SecretStr | None = None


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "sample.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_variables_of_the_environment_are_filled_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOAN_TEST_SECRET", "open sesame")
    sample = load(Sample, written(tmp_path, "name: x\npassword: ${PHOAN_TEST_SECRET}\n"))
    assert sample.password == SecretStr("open sesame")
    assert "sesame" not in repr(sample)


def test_a_variable_may_be_told_by_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("open sesame\n", encoding="utf-8")
    monkeypatch.setenv("PHOAN_TEST_SECRET_FILE", str(tmp_path / "secret"))
    text = "name: x\npassword: ${PHOAN_TEST_SECRET}\n"
    assert load(Sample, written(tmp_path, text)).password == SecretStr("open sesame")
    monkeypatch.setenv("PHOAN_TEST_SECRET", "said outright")
    assert load(Sample, written(tmp_path, text)).password == SecretStr("said outright")


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be read: No such file"), (b"\xff\xfe", "is not written in UTF-8")]
)
def test_a_file_that_tells_nothing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    monkeypatch.setenv("PHOAN_TEST_SECRET_FILE", str(tmp_path / "secret"))
    with pytest.raises(SettingsError, match=rf"secret, which PHOAN_TEST_SECRET_FILE names, {said}.*\.$"):
        load(Sample, written(tmp_path, "name: ${PHOAN_TEST_SECRET}"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nmae: x\nname: y", "field nmae is not known here; check its spelling."),
        ("port: 1", "field name is missing."),
        ("name: x\nport: many", "field port: Input should be a valid integer"),
        ("name: x\nport: many\nport2: 1", "(1 more mistakes)."),
        ("name: ${NO_SUCH_VARIABLE}", "names the environment variable NO_SUCH_VARIABLE, which is not set."),
        ("- a\n- b", "must hold fields, `name: value`, and holds none."),
        ("", "must hold fields"),
        ("name: [unclosed", "is not YAML"),
        (b"name: \xff\xfe", "is not YAML"),
        ("name: &a [*a]", "refers to itself without end"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_field(tmp_path: Path, text: str | bytes, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load(Sample, path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert said in message
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize("line", ["password: [hunter2]", "password: hunter2: oops", "password: 'hunter2"])
def test_a_secret_that_does_not_fit_is_not_quoted(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(Sample, written(tmp_path, f"name: x\n{line}\n"))
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent.yaml: cannot be read: No such file"):
        load(Sample, tmp_path / "absent.yaml")


WARD = {"id": "an-luu", "name": "An Lưu", "sites": [{"id": "cho", "name": "Chợ", "kind": "market"}]}
CAMERA = {"id": "cho-1", "name": "Cổng", "site": "cho"}
BOX = {"id": "b", "name": "b", "ward": "an-luu", "cameras": [CAMERA]}


@pytest.mark.parametrize(
    ("boxes", "said"),
    [
        ([{**BOX, "ward": "nowhere"}], "box b stands in ward nowhere, which is not listed"),
        ([{**BOX, "cameras": [{**CAMERA, "site": "x"}]}], "camera cho-1 stands at site x, which is not in ward an-luu"),
        ([{**BOX, "cameras": [CAMERA, CAMERA]}], "camera cho-1 is listed twice"),
        ([{**BOX, "site": "x"}], "box b stands at site x, which is not in ward an-luu"),
        ([BOX, {**BOX, "cameras": []}], "box b is listed twice"),
        ([{**BOX, "token": "t" * 32}, {**BOX, "id": "c", "cameras": [], "token": "t" * 32}], "the same token"),
    ],
)
def test_an_inventory_must_agree_with_itself(boxes: list[object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Inventory.model_validate({"wards": [WARD], "boxes": boxes})
