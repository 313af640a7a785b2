import logging
import tempfile
from datetime import timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core import clocks
from core.models import Heartbeat, OutgoingMail
from partos_portal.watch import metrics

BEAT_IS_LATE = timedelta(minutes=3)
MAIL_IS_LATE = timedelta(minutes=15)
log = logging.getLogger(__name__)


@never_cache
@require_safe
def healthz(request):
    """For monitoring: 200 when all is well, else 503; ages in seconds, null when there is nothing to measure.

    It holds no names and no counts of people, because it answers everyone.
    """
    now = timezone.now()
    report: dict[str, bool | int | None] = {"database": False, "broker": broker_answers()}
    report |= {"beat_age": None, "oldest_unsent_mail": None}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        report["database"] = True
        beat = Heartbeat.objects.filter(name="beat").first()
        report["beat_age"] = int((now - beat.at).total_seconds()) if beat else None
        oldest = (
            OutgoingMail.objects.unsent()
            .filter(attempts=0)
            .exclude(act__waits_until__gt=now)
            .order_by("queued_at")
            .first()
        )
        report["oldest_unsent_mail"] = int((now - oldest.queued_at).total_seconds()) if oldest else None
    except DatabaseError:
        pass  # the report says so
    well = (
        report["database"]
        and report["broker"]
        and report["beat_age"] is not None
        and -clocks.MARGIN.total_seconds() <= report["beat_age"] < BEAT_IS_LATE.total_seconds()
        and (report["oldest_unsent_mail"] or 0) < MAIL_IS_LATE.total_seconds()
    )
    return JsonResponse({"well": well, **report}, status=200 if well else 503)


@never_cache
@require_safe
def numbers(request):
    """For Prometheus, and who has METRICS_TOKEN as bearer token; 404 for others, and without a token."""
    given = request.headers.get("Authorization", "").encode()
    expected = f"Bearer {settings.METRICS_TOKEN}".encode()
    if not (settings.METRICS_TOKEN and constant_time_compare(given, expected)):
        raise Http404
    return HttpResponse(metrics.page(now=timezone.now()), content_type=metrics.CONTENT_TYPE)


def broker_answers() -> bool:
    """Whether a message can be left there: for the trial run's files also that they are whole, and can be written."""
    try:
        with current_app.connection_for_write(connect_timeout=1) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)
            if folder := broker.transport_options.get("data_folder_out"):
                with tempfile.TemporaryFile(dir=folder):
                    pass
                for table in Path(broker.transport_options["control_folder"]).glob("*.exchange"):
                    broker.default_channel.get_table(table.stem)
    except Exception as error:  # a torn file of the broker can raise anything
        log.warning("the broker does not answer: %s", type(error).__name__)
        return False
    return True
