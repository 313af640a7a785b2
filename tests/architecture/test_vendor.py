import hashlib
import json

import pytest
from django.conf import settings

VENDOR = settings.BASE_DIR / "static" / "vendor"
ENTRIES = json.loads((VENDOR / "vendor.json").read_text())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_a_vendored_file_is_what_its_package_holds(entry):
    assert all(entry[key] for key in ("package", "version", "source", "licence"))
    assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


def test_every_vendored_file_is_listed_with_its_licence():
    files = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}
    assert files - {"vendor.json"} == {entry["file"] for entry in ENTRIES}
    assert all((VENDOR / entry["file"]).parent.joinpath("LICENSE").exists() for entry in ENTRIES)
