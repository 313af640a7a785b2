"""Who is coming, and who was there: for the hosts of a session and the Partos team."""

import unicodedata

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from core import spreadsheets
from core.acts import foresee
from core.http import FORM_REFUSED
from core.keys import row_key
from core.moves import Refused
from sessions_app import permissions
from sessions_app.actions import attendance as attendance_actions
from sessions_app.actions import participants as lists
from sessions_app.actions import requests
from sessions_app.forms.requests import DecideForm
from sessions_app.models import Session
from sessions_app.rules import UPCOMING, Form, RegistrationState, gives_seats, seat_pools

R = RegistrationState
LONG_LIST = 40  # rows from which one jumps to a letter
FILES = {
    "csv": (spreadsheets.CSV_TYPE, lambda table, title: spreadsheets.csv_file(table)),
    "xlsx": (spreadsheets.XLSX_TYPE, lambda table, title: spreadsheets.xlsx_file(table, title=title)),
}


def session_with_list(request, pk, *, now):
    """The session, for who may see its list; whoever may not gets a 404 (domain.md 3)."""
    sessions = Session.objects.visible_to(request.user).with_place_in_programme().prefetch_related("hostings")
    session = get_object_or_404(sessions.with_seats(), pk=pk)
    if not permissions.may_see_participants(request.user, session, now=now):
        raise Http404
    return session


@cache_control(private=True, no_store=True)  # names stay in no cache, and Back shows what holds now
@login_required
@require_safe
def participants(request, pk):
    """Who comes, who waits in which order and who asked, for the hosts while they need it, and for staff."""
    now = timezone.now()
    return list_page(request, session_with_list(request, pk, now=now), now=now)


def list_page(request, session, *, form=None, now):
    """The page of participants; with `form`, a decision that was refused, it keeps what was ticked and typed."""
    reads_needs = permissions.reads_needs(request.user)
    rows = session.registrations.order_by().on_the_list(session, with_needs=reads_needs)
    form = form or DecideForm(session=session)
    for row in rows:
        row.ticked = str(row.pk) in form.ticked
    seated = [row for row in rows if row.is_seated]
    keeps = permissions.can_keep_registrations(request.user)
    context = {
        "session": session,
        "seated": seated,
        "letters": by_letter(seated),
        "offered": [row for row in rows if row.state == R.OFFERED],
        "lines": (lines := lines_of(session, rows)),
        "waiting": sum(len(line) for _label, line in lines),
        "asked": [row for row in rows if row.state == R.REQUESTED],
        "answered_by": requests.last_to_answer(session) if session.asked else None,
        "form": form,
        "gives_seats": gives_seats(state=session.state, starts_at=session.starts_at, now=now),
        "online": sum(row.form == "online" for row in seated),
        "in_english": sum(row.needs_language == "en" for row in seated),
        "in_dutch": sum(row.needs_language == "nl" for row in seated),
        "came": sum(row.state == R.ATTENDED for row in seated),
        "with_language": any(row.needs_language for row in rows),
        "with_needs": [row for row in rows if row.needs_text] if reads_needs else [],
        "is_over": bool(session.ends_at and session.ends_at <= now),
        "keeps": keeps,
        "curates": permissions.can_curate(request.user),
        "may_rehearse": session.state in UPCOMING and permissions.may_rehearse(request.user, session),
        "list_closes_at": session.list_closes_at,
        "notes_attendance": session.notes_attendance(now) and permissions.may_note_attendance(request.user, session),
        "noindex": True,
    }
    status = FORM_REFUSED if form.errors else 200
    return render(request, "sessions_app/session_participants.html", context, status=status)


def by_letter(rows):
    """A long list in parts by the first letter of the names, to jump to: pairs of letter and rows.

    A short list is one part without a letter; what does not begin with one stands under “#”.
    """
    if len(rows) < LONG_LIST:
        return [("", rows)] if rows else []
    parts = {}
    for row in rows:
        first = unicodedata.normalize("NFKD", str(row.person))[:1].upper()
        parts.setdefault(first if first.isalpha() else "#", []).append(row)
    return sorted(parts.items())


def lines_of(session, rows):
    """Who stands in which line, the next first: pairs of the form of attendance and rows, of lines that have anybody.

    Of a session with one room the form is empty.
    """
    lines = []
    for forms in seat_pools(session.form):
        line = [row for row in rows if row.place and (row.wished_form or row.form) in forms]
        if line:
            label = Form(forms[0]).label if session.is_hybrid else ""
            lines.append((label, sorted(line, key=lambda row: row.place)))
    return lines


@cache_control(private=True, no_store=True)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request, pk):
    """POST asks whether to admit, or not, those who were ticked, in numbers; with `sure` it does it.

    GET leads to the page with the list.
    """
    now = timezone.now()
    session = session_with_list(request, pk, now=now)
    if not permissions.can_keep_registrations(request.user):
        raise Http404
    if request.method != "POST":
        return redirect("sessions:participants", pk)
    form = DecideForm(request.POST, session=session)
    if not form.is_valid():
        return list_page(request, session, form=form, now=now)

    def act():
        return requests.decide_all(
            session=session,
            registrations=form.keys,
            admit=form.admits,
            note=form.cleaned_data["note"],
            actor=request.user,
            now=now,
        )

    try:
        done = act() if "sure" in request.POST else foresee(act, now=now).outcome
    except Refused as refused:
        form.add_error("who", refused.reason)
        return list_page(request, session, form=form, now=now)
    if "sure" not in request.POST:
        context = {"session": session, "form": form, "done": done, "states": done.states, "noindex": True}
        return render(request, "sessions_app/session_decide.html", context)
    for row, reason in done.refused:
        messages.error(request, f"{row.person}: {reason}")
    if done.number:
        messages.success(request, in_words(done))
    return redirect("sessions:participants", pk)


def in_words(done):
    """What became of those that were decided about, in one sentence."""
    seats, line, none = (done.states[state] for state in (R.CONFIRMED, R.WAITLISTED, R.REJECTED))
    parts = [
        ngettext("%(number)s person has a seat", "%(number)s people have a seat", seats) % {"number": seats},
        ngettext("%(number)s person is in the line", "%(number)s people are in the line", line) % {"number": line},
        ngettext("%(number)s person has no seat", "%(number)s people have no seat", none) % {"number": none},
    ]
    parts = [part for part, number in zip(parts, (seats, line, none), strict=True) if number]
    return f"{', '.join(parts)}. {_('Each gets a mail.')}"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def participants_file(request, pk):
    """POST gives the list as a file and leaves a trail; GET leads to the page with the buttons."""
    now = timezone.now()
    session = session_with_list(request, pk, now=now)
    page = redirect("sessions:participants", pk)
    if request.method != "POST":
        return page
    name = request.POST.get("format", "")
    content_type, written = FILES.get(name) or FILES["csv"]
    name = name if name in FILES else "csv"
    try:
        table = lists.hand_out(
            session=session,
            file_format=name,
            with_addresses="addresses" in request.POST,
            with_needs="needs" in request.POST,
            actor=request.user,
            now=now,
        )
    except Refused as refused:
        messages.error(request, refused.reason)
        return page
    response = HttpResponse(written(table, _("Participants")), content_type=content_type)
    word = _("Participants").lower()
    response["Content-Disposition"] = f'attachment; filename="{word}-{session.pk}.{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def session_to_note(request, pk):
    """The session, for who may tick off who is here, at any time; others get a 404."""
    sessions = Session.objects.visible_to(request.user).with_place_in_programme().prefetch_related("hostings")
    session = get_object_or_404(sessions, pk=pk)
    if not permissions.may_note_attendance(request.user, session) or session.is_closed_space:
        raise Http404
    return session


@cache_control(private=True, no_store=True)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def attendance(request, pk):
    """A row for everyone with a seat, to tap; POST notes one of them, and comes back to the row."""
    now = timezone.now()
    session = session_to_note(request, pk)
    page = reverse("sessions:attendance", args=[session.pk])
    if not session.notes_attendance(now):
        messages.info(request, when_it_can_be_noted(session, now=now))
        return redirect(session)
    if request.method == "POST":
        number, _colon, state = request.POST.get("note", "").partition(":")
        row = session.registrations.filter(pk=row_key(number)).first()
        if row is None:
            messages.error(request, _("This person is not on the list any more."))
            return redirect(page)
        try:
            attendance_actions.note(registration=row, state=state, actor=request.user, now=now)
        except Refused as refused:
            messages.error(request, refused.reason)
            return redirect(page)
        return redirect(f"{page}#r{row.pk}")
    rows = session.registrations.order_by().seated().on_the_list(session)
    context = {
        "session": session,
        "rows": rows,
        "letters": by_letter(rows),
        "came": sum(row.state == R.ATTENDED for row in rows),
        "absent": sum(row.state == R.NO_SHOW for row in rows),
        "left": sum(row.state == R.CONFIRMED for row in rows),
        "has_started": session.starts_at <= now,
        "closes_at": session.list_closes_at,
        "noindex": True,
    }
    return render(request, "sessions_app/session_attendance.html", context)


def when_it_can_be_noted(session, *, now):
    if session.starts_at and now < session.starts_at:
        return _("Who is here can be noted from an hour before the start.")
    return _("Who was there could be noted until two weeks after the end.")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def attendance_rest(request, pk):
    """POST notes of everyone who was not ticked that they were not there; GET leads to the page."""
    session = session_to_note(request, pk)
    if request.method == "POST":
        try:
            number = attendance_actions.note_rest_absent(session=session, actor=request.user, now=timezone.now())
        except Refused as refused:
            messages.error(request, refused.reason)
        else:
            done = ngettext(
                "Noted: %(number)s person was not there. You can still correct it.",
                "Noted: %(number)s people were not there. You can still correct it.",
                number,
            )
            messages.success(request, done % {"number": number})
    return redirect("sessions:attendance", pk)
