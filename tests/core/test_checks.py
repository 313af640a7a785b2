import pytest
from django.core.checks import run_checks

PRODUCTION = {
    "TRIAL": False,
    "PORTAL_URL": "https://portal.example",
    "ALLOWED_HOSTS": ["portal.example"],
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://x"}},
    "CELERY_BROKER_URL": "redis://broker.example/0",
}


def ours() -> set[str]:
    found = run_checks(include_deployment_checks=True)
    return {message.id for message in found if message.id.startswith("portal.")}


@pytest.fixture
def production(settings):
    for name, value in PRODUCTION.items():
        setattr(settings, name, value)
    return settings


def test_a_good_production_is_not_complained_about(production):
    assert ours() == set()


@pytest.mark.parametrize(
    ("setting", "value", "complaint"),
    [
        ("ALLOWED_HOSTS", ["other.example"], "portal.E001"),
        ("PORTAL_URL", "http://portal.example", "portal.E002"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "portal.E003"),
        ("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend", "portal.E003"),
        ("CELERY_TASK_ALWAYS_EAGER", True, "portal.E004"),
        ("CACHES", {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}, "portal.E005"),
        ("CACHES", {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}, "portal.E005"),
        ("CELERY_BROKER_URL", "filesystem://", "portal.E006"),
    ],
)
def test_a_wrong_setting_is_told(production, setting, value, complaint):
    setattr(production, setting, value)
    assert ours() == {complaint}


def test_the_trial_run_may_keep_mail_and_messages_in_files(settings, tmp_path):
    settings.TRIAL = True
    settings.PORTAL_URL = "http://localhost:8000"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": tmp_path}
    }
    settings.CELERY_BROKER_URL = "filesystem://"
    settings.ALLOWED_HOSTS = ["localhost"]
    assert ours() == set()
