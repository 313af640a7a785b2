"""System checks of our own: they catch a misconfigured portal before its users do.

Those tagged `deploy` run with `manage.py check --deploy`; outside the trial run they must all be silent.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.http.request import validate_host

LOCAL_MAIL = ("console", "dummy", "filebased", "locmem")
LOCAL_CACHE = ("dummy", "filebased", "locmem")


@register(Tags.urls)
def portal_address(app_configs, **kwargs) -> list[CheckMessage]:
    """The address in our mails is one that we answer to, and outside the trial run an encrypted one."""
    address = urlsplit(settings.PORTAL_URL)
    found: list[CheckMessage] = []
    if not validate_host(address.hostname or "", settings.ALLOWED_HOSTS):
        found.append(
            Error(
                f"Links in mails lead to {address.hostname}, which is not in ALLOWED_HOSTS.",
                hint="Add it to ALLOWED_HOSTS, or mend PORTAL_URL.",
                id="portal.E001",
            )
        )
    if not settings.TRIAL and address.scheme != "https":
        found.append(Error("PORTAL_URL does not start with https://.", hint="Serve it over TLS.", id="portal.E002"))
    return found


@register(Tags.security, deploy=True)
def real_mail(app_configs, **kwargs) -> list[CheckMessage]:
    """Outside the trial run mail goes to a mail server."""
    backend = settings.EMAIL_BACKEND.split(".")
    if settings.TRIAL or not set(backend) & set(LOCAL_MAIL):
        return []
    return [Error(f"Mail reaches nobody with {backend[-2]} as backend.", hint="Set EMAIL_URL.", id="portal.E003")]


@register(Tags.security, deploy=True)
def tasks_in_the_worker(app_configs, **kwargs) -> list[CheckMessage]:
    """Tasks run in the worker, never inside a page's request."""
    if not getattr(settings, "CELERY_TASK_ALWAYS_EAGER", False):
        return []
    return [Error("Celery runs tasks in the web server.", hint="Leave CELERY_TASK_ALWAYS_EAGER out.", id="portal.E004")]


@register(Tags.caches, deploy=True)
def shared_cache(app_configs, **kwargs) -> list[CheckMessage]:
    """All processes count on the same cache: the rate limits of signing in are in it."""
    kind = str(settings.CACHES["default"]["BACKEND"]).split(".")[-2]
    if kind not in LOCAL_CACHE or (settings.TRIAL and kind == "filebased"):
        return []
    return [Error(f"Rate limits do not hold with {kind} as cache.", hint="Set REDIS_URL.", id="portal.E005")]


@register(Tags.security, deploy=True)
def real_broker(app_configs, **kwargs) -> list[CheckMessage]:
    """Outside the trial run wake-ups travel by Redis."""
    if settings.TRIAL or not settings.CELERY_BROKER_URL.startswith(("filesystem:", "memory:")):
        return []
    return [Error("The broker keeps its messages in files.", hint="Set REDIS_URL.", id="portal.E006")]
