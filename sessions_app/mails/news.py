"""What is new on the programme, for who asked for it. Keys are `session:<id>:news:<person>:<date>`."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from core import mail
from core.mail import About, Letter
from core.models import MailState, OutgoingMail
from leerlijnen.models import Following
from members.models import Affiliation, User
from members.rules import OrganisationKind
from sessions_app.models import Session
from sessions_app.rules import SessionState, admits
from sessions_app.streams import NEWS

# What it tells, and what decides who hears it.
TOLD = frozenset(
    {
        *("title", "question", "language", "for_whom", "doors_open_at", "registration_deadline"),
        *("audience", "admission"),
    }
)


def prefix_to_guests(session: int) -> str:
    """Of what goes to who was invited by address."""
    return f"session:{session}:guest:"


def prefix(session: Session) -> str:
    return f"session:{session.pk}:news:"


def opened(session: Session, *, now: datetime, only: Collection[int] | None = None) -> None:
    """That registration is open, to who follows its line or workstream, belongs to its audience and wants to know.

    Of these to the people `only`, where given. Told of this date once, also when registration opens again; of a series
    once, of the date that opens first. Of what is not on the programme, such as a session by invitation, nobody hears.
    """
    if session.state != SessionState.OPEN or not session.starts_at:
        return
    if not Session.objects.listed().filter(pk=session.pk).exists():
        return
    context = {"session": session}  # the same for all, so that it is rendered once a language
    about = About(key=f"session:{session.pk}", title=session.title, view="sessions:detail", row=session.pk)
    readers = followers(session) if only is None else followers(session).filter(pk__in=only)
    if session.series:
        about = About(
            key=f"series:{session.series.pk}", title=session.series.title, view="sessions:series", row=session.series.pk
        )
        readers = readers.exclude(pk__in=have_heard_of(about))
    mail.queue_all(
        [
            Letter(
                key=f"{prefix(session)}{person.pk}:{session.starts_at:%Y-%m-%dT%H:%MZ}",
                to=person,
                template="sessions_app/mail/session_opened",
                context=context,
                expires_at=min(session.registration_deadline or session.starts_at, session.starts_at),
                stream=NEWS,
                about=about,
            )
            for person in readers
        ],
        now=now,
    )


def have_heard_of(about: About):
    """The people whose news under this heading has left or waits."""
    rows = OutgoingMail.objects.filter(stream=NEWS.code, about__key=about.key).exclude(state=MailState.WITHDRAWN)
    return rows.exclude(recipient=None).values("recipient")


def renew(session: Session, *, now: datetime) -> None:
    """What it tells changed, or for whom it is: whose news still waits gets it as it is now, or none any more."""
    waiting = OutgoingMail.objects.waiting().filter(key__startswith=prefix(session))
    readers = [pk for pk in waiting.values_list("recipient", flat=True) if pk]
    withdraw(session)
    if readers:
        opened(session, now=now, only=readers)


def withdraw(session: Session) -> None:
    """Nobody can register any more: it is news no longer."""
    mail.withdraw(prefix(session))


def withdraw_from(session: Session, person: User) -> None:
    """She registered: to her it is news no longer, and what waits for who is invited says that she did not register."""
    as_guest = Q(key__startswith=prefix_to_guests(session.pk), to__iexact=person.email)
    rows = OutgoingMail.objects.not_left().filter(Q(key__startswith=f"{prefix(session)}{person.pk}:") | as_guest)
    mail.withdraw_rows(rows)


def followers(session: Session):
    """Who wants news of this session, without who is in it already. One query."""
    kinds = [kind for kind in OrganisationKind if admits(session.audience, [kind])]
    following = Following.objects.of(learning_line=session.learning_line, workstream=session.workstream)
    people = User.objects.filter(
        NEWS.wanted(), Exists(following.filter(person=OuterRef("pk"))), is_active=True
    ).exclude(pk__in=session.registrations.live().values("person"))
    if not admits(session.audience, []):
        there = Affiliation.objects.confirmed().filter(person=OuterRef("pk"), organisation__kind__in=kinds)
        people = people.filter(Exists(there))
    hosts = session.hostings.exclude(person=None).values("person")
    return people.exclude(pk__in=hosts).order_by("pk")
