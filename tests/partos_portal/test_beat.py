"""What beat asks for, and how often; the journeys run with a quicker one."""

from django.conf import settings

from partos_portal.celery import app

EACH_MINUTE = {
    "core.tick",
    "core.deliver_mail",
    "sessions_app.queue_reminders",
    "sessions_app.close_registrations",
    "sessions_app.release_seats",
}


def test_what_people_wait_for_comes_each_minute_and_all_else_each_hour():
    seconds = {name: entry["schedule"] for name, entry in settings.CELERY_BEAT_SCHEDULE.items()}
    assert seconds == {name: 60 if name in EACH_MINUTE else 3600 for name in seconds}
    assert set(seconds) >= EACH_MINUTE


def test_beat_asks_for_tasks_that_exist_and_that_lapse_when_the_next_comes():
    app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in app.tasks
        assert entry["options"]["expires"] == entry["schedule"]
