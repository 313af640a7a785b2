"""What beat asks for, and how often; the journeys run with a quicker one."""

import ast

from celery.schedules import crontab
from django.conf import settings

from partos_portal.celery import app

EACH_MINUTE = {
    "core.tick",
    "core.deliver_mail",
    "members.make_digests",
    "members.end_memberships",
    "sessions_app.queue_reminders",
    "sessions_app.close_registrations",
    "sessions_app.release_seats",
    "sessions_app.expire_offers",
    "sessions_app.forget_dialogues",
    "sessions_app.answer_requests",
}
NIGHTLY = "partos_portal.retain"
OURS = ("core", "members", "leerlijnen", "sessions_app", "integrity", "quality", "partos_portal")


def test_what_people_wait_for_comes_each_minute_and_all_else_each_hour():
    seconds = {name: entry["schedule"] for name, entry in settings.CELERY_BEAT_SCHEDULE.items() if name != NIGHTLY}
    assert seconds == {name: 60 if name in EACH_MINUTE else 3600 for name in seconds}
    assert set(seconds) >= EACH_MINUTE


def test_beat_asks_for_tasks_that_exist_and_that_lapse_when_the_next_comes():
    app.loader.import_default_modules()
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert entry["task"] in app.tasks
        if name != NIGHTLY:
            assert entry["options"]["expires"] == entry["schedule"]


def test_what_is_kept_long_enough_ends_at_night():
    entry = settings.CELERY_BEAT_SCHEDULE[NIGHTLY]
    assert entry["schedule"] == crontab(hour="3", minute="40")
    assert 0 < entry["options"]["expires"] < 86_400


def test_no_task_is_ever_asked_for_later():
    """A task with a long delay is handed out anew once the broker's visibility timeout is over, and done twice."""
    named = []
    for app_folder in OURS:
        for path in (settings.BASE_DIR / app_folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.keyword) and node.arg in ("eta", "countdown"):
                    named.append(f"{path.relative_to(settings.BASE_DIR)}:{node.value.lineno}")
    assert named == []
    delays = [entry["options"]["expires"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    assert all(delays), "what nobody fetched lapses, and is not done late"
