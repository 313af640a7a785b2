"""Mails about proposals. Keys start with `proposal:<id>:`, and end with the person."""

from datetime import datetime

from core import mail
from core.dates import is_day_off, working_days_after
from core.mail import About, Letter
from core.models import OutgoingMail
from core.streams import Stream
from members.models import User
from sessions_app.models import CurationNote, Session
from sessions_app.permissions import curators
from sessions_app.rules import FIRST_ANSWER_WORKING_DAYS
from sessions_app.streams import PROPOSALS


def first_answer_by(session: Session) -> datetime | None:
    """Until when the proposer waits for the first answer; None while it has not been sent in."""
    if session.submitted_at is None:
        return None
    return working_days_after(session.submitted_at, FIRST_ANSWER_WORKING_DAYS, is_day_off)


def letter(name: str, session: Session, person: User, *, key: str, stream: Stream | None = None, **context) -> Letter:
    """The one place where the context of these mails is made: for sending, preview and test."""
    return Letter(
        key=f"proposal:{session.pk}:{key}:{person.pk}",
        to=person,
        template=f"sessions_app/mail/{name}",
        context={"session": session, "person": person, "answer_by": first_answer_by(session), **context},
        needs_right="sessions_app.curate_session",
        stream=stream,
        about=about(session) if stream else None,
    )


def about(session: Session) -> About:
    """For the digest of staff."""
    return About(
        key=f"session:{session.pk}", title=session.title, view="admin:sessions_app_session_change", row=session.pk
    )


def submitted(session: Session, *, now: datetime) -> None:
    """To the proposers, that it came in and when they hear; to programme staff, that there is one to judge."""
    letters = [letter("proposal_submitted", session, person, key="submitted") for person in proposers(session)]
    letters += [letter("proposal_received", session, person, key="received", stream=PROPOSALS) for person in curators()]
    mail.queue_all(letters, now=now)


def waits(session: Session, *, days: int) -> list[Letter]:
    """To programme staff: this proposal waits for its first answer for so many working days."""
    return [
        letter(
            "proposal_waits",
            session,
            person,
            key=f"waits:{session.submitted_at:%Y%m%d}:{days}",
            stream=PROPOSALS,
            days=days,
        )
        for person in curators()
    ]


def late(session: Session) -> list[Letter]:
    """To the proposers, once: staff have not answered in time."""
    key = f"late:{session.submitted_at:%Y%m%d}"
    return [letter("proposal_late", session, person, key=key) for person in proposers(session)]


def question_asked(session: Session, note: CurationNote, *, now: datetime) -> None:
    """The question of staff, and where to answer it."""
    key = f"question:{note.pk}"
    mail.queue_all(
        [letter("proposal_question", session, person, key=key, note=note) for person in proposers(session)], now=now
    )


def withdraw_waiting(session: Session) -> None:
    """A proposer has gone on: what staff's last step wrote, and still waits in case it is undone, is out of date."""
    rows = OutgoingMail.objects.not_left().filter(key__startswith=f"proposal:{session.pk}:", act__isnull=False)
    mail.withdraw_rows(rows)


def answered(session: Session, note: CurationNote, *, now: datetime) -> None:
    """To programme staff, what the proposer answered to their question."""
    _to_staff("answered", session, key=f"answered:{note.pk}", text=note.text, now=now)


def withdrawn(session: Session, *, reason: str, now: datetime) -> None:
    """To programme staff, with the reason where there is one."""
    _to_staff("withdrawn", session, key=f"withdrawn:{now:%Y%m%dT%H%M%S}", text=reason, now=now)


def _to_staff(news: str, session: Session, *, key: str, text: str, now: datetime) -> None:
    letters = [
        letter("proposal_news", session, person, key=key, stream=PROPOSALS, news=news, text_of_proposer=text)
        for person in curators()
    ]
    mail.queue_all(letters, now=now)


def decided(session: Session, *, now: datetime, reason: str = "") -> None:
    """Accepted, parked, declined or taken up again, with the reason where there is one."""
    key = f"{session.state}:{now:%Y%m%dT%H%M%S}"
    mail.queue_all(
        [letter("proposal_decided", session, person, key=key, reason=reason) for person in proposers(session)], now=now
    )


def merged(session: Session, into: Session, *, now: datetime) -> None:
    """To the proposers of both, once each: the two go on as one, and all are credited.

    Who may not see the other, as a leadership dialogue, does not read its title.
    """
    letters = []
    for person in {*proposers(session), *proposers(into)}:
        shows = Session.objects.visible_to(person).filter(pk=into.pk).exists()
        letters.append(
            letter("proposal_merged", session, person, key=f"merged:{into.pk}", into=into if shows else None)
        )
    mail.queue_all(letters, now=now)


def proposers(session: Session) -> list[User]:
    """The people credited, but for closed accounts."""
    rows = session.proposers.filter(person__is_active=True).select_related("person")
    return [row.person for row in rows]
