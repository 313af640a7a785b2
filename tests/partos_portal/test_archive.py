"""The file that script/backup packs and script/restore unpacks, without a portal: on each Python that is promised."""

import io
import tarfile

import pytest

from script.lib.backup import DATABASE, MANIFEST, SUMS, write_archive
from script.lib.restore import unpack
from script.lib.trial import CannotStart


@pytest.fixture
def archive(tmp_path):
    sources = {}
    for name in (DATABASE, "media/a/b.txt", MANIFEST):
        sources[name] = tmp_path / name.replace("/", "-")
        sources[name].write_text(f"what is in {name}")
    write_archive(tmp_path / "backup.tar", sources)
    return tmp_path / "backup.tar"


def test_what_was_packed_is_unpacked(archive, tmp_path):
    assert archive.stat().st_mode & 0o777 == 0o600
    unpack(archive, tmp_path / "parts")
    files = [path for path in (tmp_path / "parts").rglob("*") if path.is_file()]
    found = {str(path.relative_to(tmp_path / "parts")): path.read_text() for path in files}
    assert len(found.pop(SUMS).splitlines()) == 3
    assert found == {name: f"what is in {name}" for name in (DATABASE, "media/a/b.txt", MANIFEST)}


def member(name, kind=tarfile.REGTYPE, **fields):
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, 4 if kind == tarfile.REGTYPE else 0
    for field, value in fields.items():
        setattr(info, field, value)
    return info


@pytest.mark.parametrize(
    "strange",
    [
        member("../outside"),
        member("/tmp/outside-of-all"),
        member("link", tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("folder", tarfile.DIRTYPE),
        member("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda info: info.name,
)
def test_what_would_leave_the_folder_or_is_no_file_is_refused(archive, tmp_path, strange):
    with tarfile.open(archive, "a") as file:
        file.addfile(strange, io.BytesIO(b"evil"))
    with pytest.raises(CannotStart):
        unpack(archive, tmp_path / "parts")
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"\0" * 2048])
def test_what_is_no_archive_is_refused(tmp_path, content):
    (tmp_path / "backup.tar").write_bytes(content)
    with pytest.raises(CannotStart):
        unpack(tmp_path / "backup.tar", tmp_path / "parts")
