import hashlib
import json
from pathlib import Path

import members

VENDOR = Path(__file__).parent.parent / "vendor"
DATA = Path(members.__file__).parent / "data"


def test_what_the_tests_brought_in_is_what_was_written_down():
    for entry in json.loads((VENDOR / "vendor.json").read_text()):
        assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"], entry["file"]


def test_the_list_of_mail_providers_tells_where_and_when_it_is_from():
    """Who changes the list writes down what it is now."""
    [entry] = json.loads((DATA / "vendor.json").read_text())
    assert all(entry[key] for key in ("package", "version", "source", "date", "licence"))
    assert hashlib.sha256((DATA / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
