import hashlib
import json
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "vendor"


def test_what_the_tests_brought_in_is_what_was_written_down():
    for entry in json.loads((VENDOR / "vendor.json").read_text()):
        assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"], entry["file"]
