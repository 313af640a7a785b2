"""The floors: what a page costs at least, behind the same middleware."""

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from script.lib.bench.models import BareRegistration
from sessions_app.models import Session


@lru_cache
def statements() -> dict[str, list[str]]:
    return json.loads(Path(settings.BENCH_STATEMENTS).read_text())


@login_required
def same_sql(request, name):
    """The SQL of a page, and nothing but the rows that it gives."""
    return rows_of(name)


def open_sql(request, name):
    """As `same_sql`, of what nobody signs in for."""
    return rows_of(name)


def rows_of(name):
    rows = []
    with connection.cursor() as cursor:
        for statement in statements()[name]:
            cursor.execute(statement)
            rows += cursor.fetchall()
    return HttpResponse("\n".join(map(str, rows)), content_type="text/plain; charset=utf-8")


def same_bytes(request, name):
    """The bytes of a page, straight from the cache."""
    response = HttpResponse(cache.get(f"bench:{name}"))
    response.headers["Content-Encoding"] = "br"
    return response


@login_required
@require_POST
def bare_registration(request, pk):
    with transaction.atomic():
        session = Session.objects.select_for_update().get(pk=pk)
        taken = BareRegistration.objects.filter(session_id=pk).count()
        BareRegistration.objects.create(session_id=pk, person_id=request.user.pk, waits=taken >= session.capacity)
    return redirect("/")


@login_required
@require_POST
def bare_cancellation(request, pk):
    with transaction.atomic():
        Session.objects.select_for_update().get(pk=pk)
        rows = BareRegistration.objects.filter(session_id=pk)
        rows.filter(person_id=request.user.pk).delete()
        first = rows.filter(waits=True).order_by("pk").first()
        rows.filter(pk=first.pk).update(waits=False)
    return redirect("/")
