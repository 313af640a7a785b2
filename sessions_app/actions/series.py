"""Making and keeping a series: several dated sessions from one, and what staff do with all of them in one go.

Its dates are sessions that stand by themselves: one is moved, postponed or cancelled by `planning`, as any session.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.dates import as_long_before
from core.moves import Refused
from leerlijnen.models import Programme
from members.models import Language, User
from sessions_app.actions import planning
from sessions_app.actions.session_state import SessionRefused, check_curates, check_years, locked, record
from sessions_app.mails import organisers
from sessions_app.mails import series as mails
from sessions_app.models import Guest, Hosting, Proposer, Series, Session
from sessions_app.repetition import Span, check_spans
from sessions_app.rules import SessionState

# What a date of a series has from the first one; it gets its own state, number and moment.
COPIED = (
    *("programme", "activity", "learning_line", "track", "workstream", "title", "question", "description"),
    *("language", "form", "place", "online_link", "capacity", "capacity_online", "for_whom", "audience"),
    *("admission", "confidentiality", "offer_hours", "most_per_organisation", "reminder_steps", "reminder_text"),
    *("is_demo", "series", "submitted_at"),
)
MAKING = (SessionState.PLANNED, SessionState.OPEN)


@transaction.atomic
def make(
    *, session: Session, title: str, registration: str, spans: Sequence[Span], actor: User, now: datetime
) -> Series:
    """Make a series of a session that has a date, which is its first, and of a copy of it at each of `spans`.

    The copies have a date and are not open yet. Hosts and proposers of all of them get one mail. Raises SessionRefused
    for a leadership dialogue, without a date, and for what is in a series already; RuleRefused for wrong dates.
    """
    session = locked(session, actor)
    if session.is_dialogue:
        raise SessionRefused(_("A leadership dialogue is no series: each one is by invitation."))
    if session.series_id:
        raise SessionRefused(_("This session is in a series already."))
    if session.state not in MAKING:
        raise SessionRefused(_("Set the first date; the other dates take its time, place and seats."))
    if not title.strip():
        raise SessionRefused(_("Give the series a title."), field="title")
    taken = [session.starts_at] if session.starts_at else []
    check_spans(spans, taken=taken, years=Programme.objects.years(now), now=now)
    series = Series.objects.create(
        title=title.strip(), registration=registration, is_demo=session.is_demo, created_at=now, changed_at=now
    )
    session.series, session.changed_at = series, now
    session.save()
    record("session.in_series", session, actor=actor, now=now, series=series.pk)
    for span in spans:
        _copy(session, span, actor=actor, now=now)
    mails.planned(series, organisers.organisers(session), series.sessions.order_by("starts_at", "pk"), now=now)
    audit.record("series.made", series, actor=actor, now=now, dates=len(spans) + 1)
    return series


@transaction.atomic
def add(*, series: Series, span: Span, actor: User, now: datetime) -> Session:
    """Add one date, like the last one of the series; while the others are open it opens too.

    Who is registered for the whole is registered for it, and hears so. Raises SessionRefused when no date of the series
    is left to be like, RuleRefused for a wrong date, and as `planning.open_registration` does.
    """
    check_curates(actor)
    series = Series.objects.locked(series.pk)
    dates = list(series.sessions.select_related("track").filter(starts_at__isnull=False).order_by("starts_at", "pk"))
    stands = [row for row in dates if row.state != SessionState.CANCELLED]
    if not stands:
        raise SessionRefused(_("No date of this series is left. Make a new series of a session that has a date."))
    check_years(now, starts_at=span.starts_at, ends_at=span.ends_at)
    taken = [row.starts_at for row in stands if row.starts_at]
    check_spans([span], taken=taken, years=Programme.objects.years(now), now=now)
    template = stands[-1]
    template.series = series
    session = _copy(template, span, actor=actor, now=now)
    series.changed_at = now
    series.save()
    audit.record("series.date_added", series, actor=actor, now=now, session=session.pk)
    organisers.told(session, "planned", now=now)
    if any(row.state == SessionState.OPEN for row in stands):
        session = planning.open_registration(session=session, actor=actor, now=now)
    return session


@transaction.atomic
def leave(*, session: Session, actor: User, now: datetime) -> Session:
    """Take a session out of its series; it goes on by itself, and who is registered stays so."""
    session = locked(session, actor)
    if session.series_id is None:
        raise SessionRefused(_("This session is in no series."))
    number = session.series_id
    session.series, session.changed_at = None, now
    session.save()
    record("session.out_of_series", session, actor=actor, now=now, series=number)
    return session


@transaction.atomic
def change(*, series: Series, title: str, registration: str, actor: User, now: datetime) -> Series:
    """Correct the title, or for what people register; who is registered stays so.

    Raises SessionRefused without a title.
    """
    check_curates(actor)
    series = Series.objects.locked(series.pk)
    if not title.strip():
        raise SessionRefused(_("Give the series a title."), field="title")
    series.title, series.registration, series.changed_at = title.strip(), registration, now
    series.save()
    audit.record("series.changed", series, actor=actor, now=now)
    return series


def each(
    *, series: Series, act: Callable[..., object], states: Sequence[str], actor: User, now: datetime
) -> tuple[list[Session], list[tuple[Session, Refused]]]:
    """Do one thing with every date that is in one of `states`, lowest key first, each in its own transaction.

    Gives the dates with which it was done, and those that refused with their reason: one stops no other.
    """
    done, refused = [], []
    for session in list(series.sessions.filter(state__in=states).order_by("pk")):
        try:
            act(session=session, actor=actor, now=now)
        except Refused as reason:
            refused.append((session, reason))
        else:
            done.append(session)
    return done, refused


def _copy(first: Session, span: Span, *, actor: User, now: datetime) -> Session:
    """A session with a date, like `first`: the same words, hosts, roles, place, seats and guests, and the deadline and
    the doors as long before its start.
    """
    session = Session(
        **{name: getattr(first, name) for name in COPIED},
        state=SessionState.PLANNED,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        registration_deadline=_as_long_before(first.registration_deadline, first, span),
        doors_open_at=_as_long_before(first.doors_open_at, first, span),
        dated_at=now,
        created_at=now,
        changed_at=now,
    )
    session.save()
    session.partos_roles.set(first.partos_roles.all())
    Hosting.objects.bulk_create(
        Hosting(session=session, organisation_id=row.organisation_id, part=row.part, person_id=row.person_id)
        for row in first.hostings.order_by("pk")
    )
    Proposer.objects.bulk_create(
        Proposer(session=session, person_id=row.person_id, organisation_id=row.organisation_id)
        for row in first.proposers.order_by("pk")
    )
    languages = dict(first.guests.values_list("email", "language"))
    Guest.objects.bulk_create(
        Guest(session=session, email=address, language=languages.get(address, Language.NL), invited_at=now)
        for address in sorted(Guest.objects.let_in_at(first))
    )
    record("session.planned", session, actor=actor, now=now, old="series", series=first.series_id)
    return session


def _as_long_before(moment: datetime | None, first: Session, span: Span) -> datetime | None:
    """As `as_long_before`, of the start of the first one; nothing when that has no such moment."""
    if moment is None or first.starts_at is None:
        return None
    return as_long_before(moment, first.starts_at, span.starts_at)
