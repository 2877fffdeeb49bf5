from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.adapters.render.keep import is_untouched, sealed, sealed_json, write, write_beside
from crisis.kernel.errors import CrisisError, NotFound, Refused, Usage


@given(st.text(st.characters(exclude_categories=["Cs"])), st.data())
def test_a_sealed_text_is_untouched_until_a_byte_is_changed(body: str, data: st.DataObject) -> None:
    whole = sealed(body).encode()
    assert is_untouched(whole)
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[at]))
    assert not is_untouched(whole[:at] + bytes([other]) + whole[at + 1 :])
    assert not is_untouched(whole + b"\n")
    assert not is_untouched(whole[:-1])


@pytest.mark.parametrize(
    "foreign", [b"", b"hello", b"[]", b"{}", b'{"seal": 1}', b"[" * 100_000, b"\xff\xfe", b"null", b'{"seal": "x"}\n']
)
def test_what_is_not_ours_is_never_taken_for_ours(foreign: bytes) -> None:
    assert not is_untouched(foreign)


def test_a_sealed_document_is_untouched_until_a_value_is_changed() -> None:
    text = sealed_json({"a": 1, "b": "æ"})
    assert is_untouched(text.encode())
    assert not is_untouched(text.replace("1", "2").encode())
    assert not is_untouched(json.dumps(json.loads(text)).encode())


def test_a_file_that_nobody_changed_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "post-mortem.md"
    write(path, sealed("one\n"))
    path.chmod(0o640)
    write(path, sealed("two\n"))
    assert path.read_text().startswith("two\n")
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("change", [lambda text: text + "x", lambda text: text.replace("one", "One"), lambda _: "mine"])
def test_a_file_that_a_person_changed_stays_as_it_is(tmp_path: Path, change) -> None:
    path = tmp_path / "post-mortem.md"
    write(path, sealed("one\n"))
    path.write_text(change(path.read_text()))
    before = path.read_bytes()
    with pytest.raises(Refused) as raised:
        write(path, sealed("two\n"))
    assert "--output" in raised.value.hint
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["post-mortem.md"]


def test_what_is_beside_a_changed_file_gets_the_next_free_name(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("mine")
    assert write_beside(path, sealed("one\n")) == tmp_path / "a-2.md"
    assert write_beside(path, sealed("two\n")) == tmp_path / "a-2.md"
    assert (path.read_text(), (tmp_path / "a-2.md").read_text()[:3]) == ("mine", "two")


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    target, there = tmp_path / "real.md", tmp_path / "link.md"
    write(target, sealed("one\n"))
    there.symlink_to(target)
    write(there, sealed("two\n"))
    assert there.is_symlink()
    assert target.read_text().startswith("two")


@pytest.mark.parametrize(
    ("name", "error"), [("", Usage), ("gone/a.md", NotFound), ("file/a.md", NotFound), ("x" * 300, Usage)]
)
def test_a_place_that_cannot_be_written_says_why(tmp_path: Path, name: str, error: type[CrisisError]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(error) as raised:
        write(tmp_path / name, sealed("one"))
    assert raised.value.hint


def test_a_device_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(Refused):
        write(pipe, sealed("one"))
