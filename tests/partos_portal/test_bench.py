"""The command of the bench: its rows, its parts, and its load; its figures are for a quiet machine."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from script.lib.bench import client
from script.lib.bench.__main__ import PARTS, measure
from script.lib.bench.figures import Figure, at_most, ratio_at_least, table
from script.lib.packages import CannotRun


def test_a_row_has_value_unit_floor_and_ratio():
    figure = Figure("session page", 61.23456, "requests/s", 122.5, ratio_at_least(0.6))
    assert figure.as_row() == {
        "name": "session page", "value": 61.23, "unit": "requests/s", "floor": 122.5, "ratio": 0.5,
    }  # fmt: skip
    assert figure.verdict == "MISSED"


def test_a_figure_without_floor_has_no_ratio():
    figure = Figure("queries", 6, "queries", target=at_most(8))
    assert figure.as_row() == {"name": "queries", "value": 6, "unit": "queries", "floor": None, "ratio": None}
    assert figure.verdict == "ok"
    assert "value <= 8" in table([figure])


def test_a_word_in_no_part_is_refused_with_the_list():
    with pytest.raises(CannotRun) as refused:
        measure("koffie", rounds=1, seconds=0.1)
    assert all(title in str(refused.value) for title in PARTS)


@pytest.fixture
def web_server():
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.headers["Cookie"] else 302)
            self.end_headers()

        def log_message(self, *_):
            """Nothing on the terminal."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_each_request_is_sent_once_and_its_answer_counted(web_server):
    requests = [client.get("/", session="x")] * 5 + [client.get("/")] * 3
    answers = client.drive(web_server, requests, begin=0, seconds=None, threads=2)
    assert answers.statuses == {"200": 5, "302": 3}
    assert len(answers.waited) == 8
    assert answers.per_second > 0
