"""Mails to those behind a session: its hosts, its proposers and staff. Keys start with `session:<id>:organisers:`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from core import mail
from core.mail import About, Letter
from members.models import User
from sessions_app.models import Registration, Session
from sessions_app.streams import HOSTING, PROPOSALS


def told(
    session: Session,
    change: Literal["planned", "moved", "postponed", "cancelled", "resumed"],
    *,
    but: Iterable[Registration] = (),
    before: Session | None = None,
    reason: str = "",
    people_are_back: bool = False,
    now: datetime,
) -> None:
    """That the session has a date, moved, lost its date, is off or is on after all; with the reason where there is one.

    Not to those of `but`, who hear the same as participants. `before` is the session with the date and place that hold
    no more.
    """
    heard = {registration.person_id for registration in but}
    mail.queue_all(
        [
            Letter(
                key=f"session:{session.pk}:organisers:{change}:{session.sequence}:{person.pk}",
                to=person,
                template="sessions_app/mail/session_organisers",
                context={
                    "session": session,
                    "person": person,
                    "change": change,
                    "has_date": change in ("planned", "moved", "resumed") and session.starts_at is not None,
                    "people_are_back": people_are_back,
                    "before": before,
                    "reason": reason,
                },
                needs_right="sessions_app.curate_session",
            )
            for person in organisers(session)
            if person.pk not in heard
        ],
        now=now,
    )


def few_registered(session: Session, hosts: Iterable[User]) -> list[Letter]:
    """To its hosts, while something can still be done; once for each date. `session` carries `registered`."""
    return [
        Letter(
            key=f"session:{session.pk}:organisers:few:{session.starts_at:%Y-%m-%dT%H:%MZ}:{person.pk}",
            to=person,
            template="sessions_app/mail/few_registered",
            context={"session": session, "person": person, "registered": session.registered},
            needs_right="sessions_app.curate_session",
            expires_at=session.starts_at,
            stream=HOSTING,
            about=About(key=f"session:{session.pk}", title=session.title, view="sessions:participants", row=session.pk),
        )
        for person in {host.pk: host for host in hosts}.values()  # once each, though she has two parts
    ]


def not_open_yet(session: Session, people: Iterable[User]) -> list[Letter]:
    """To `people` of the programme staff: nobody can register for this session yet. Once for each date."""
    return [
        Letter(
            key=f"{_not_open_key(session)}{session.starts_at:%Y-%m-%dT%H:%MZ}:{person.pk}",
            to=person,
            template="sessions_app/mail/not_open_yet",
            context={"session": session, "person": person},
            needs_right="sessions_app.curate_session",
            expires_at=session.starts_at,
            stream=PROPOSALS,
            about=About(
                key=f"session:{session.pk}",
                title=session.title,
                view="admin:sessions_app_session_change",
                row=session.pk,
            ),
        )
        for person in people
    ]


def withdraw_not_open_yet(session: Session) -> None:
    """It has opened, or has another date or none."""
    mail.withdraw(_not_open_key(session))


def _not_open_key(session: Session) -> str:
    return f"session:{session.pk}:organisers:unopened:"


def organisers(session: Session) -> list[User]:
    """Each once, but for closed accounts. Who proposed the topic of a dialogue hears of its date only as its host."""
    hosts = session.hostings.with_person_there().values("person")
    proposers = session.proposers.values("person")
    people = User.objects.filter(is_active=True)
    if session.is_dialogue:
        return list(people.filter(pk__in=hosts))
    return list(people.filter(pk__in=hosts) | people.filter(pk__in=proposers))
