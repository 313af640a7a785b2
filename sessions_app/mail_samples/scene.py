"""What happens in the samples of this app: sessions, registrations, proposals and a dialogue, all made up."""

from copy import copy
from datetime import datetime, time, timedelta
from functools import cached_property

from core.dates import AMSTERDAM, local
from core.mail_samples import DOMAIN
from leerlijnen import mail_samples as programme
from leerlijnen.rules import TrackCode
from members.mail_samples import FICTIONAL
from members.models import User
from sessions_app.models import CurationNote, Guest, Hosting, Invitation, Proposer, Registration, Series, Session
from sessions_app.rules import (
    Admission,
    Audience,
    Confidentiality,
    Form,
    HostingPart,
    InvitationState,
    Language,
    RegistrationState,
    SeriesRegistration,
    SessionState,
)

REASON = "De spreker is ziek geworden."
ROOM = f"Zaal Voorbeeld {FICTIONAL}, Utrecht"


class Scene(programme.Scene):
    def moment(self, days: int, *, hour: int = 14, minute: int = 15) -> datetime:
        """A weekday, so many days from now or a little later."""
        day = local(self.now).date() + timedelta(days=days)
        day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
        return datetime.combine(day, time(hour, minute), tzinfo=AMSTERDAM)

    def session(self, *, days: int | None = 21, title: str = "Eerste stappen met AI-beleid", **fields) -> Session:
        """Open for registration, with Sam as its host; without `days` it has no date."""
        start = self.moment(days) if days is not None else None
        defaults = {
            "programme": self.programme,
            "learning_line": self.line,
            "track": self.track(TrackCode.PRACTITIONER),
            "state": SessionState.OPEN,
            "question": "Wat mag wel met AI, wat mag niet, en wie beslist daarover?",
            "language": Language.NL,
            "form": Form.ON_SITE,
            "place": ROOM,
            "starts_at": start,
            "ends_at": start and start + timedelta(minutes=90),
            "dated_at": start and self.now,
            "registration_deadline": start and start - timedelta(days=1),
            "capacity": 20,
            "for_whom": "Programmamedewerkers en wie wil meedenken",
            "audience": Audience.MEMBERS,
            "admission": Admission.DIRECT,
            "confidentiality": Confidentiality.INTERNAL,
            "is_demo": True,
            "created_at": self.now,
            "changed_at": self.now,
        }
        session = Session.objects.create(title=title, **defaults | fields)
        host = {"organisation": self.organisation, "person": self.sam}
        Hosting.objects.create(session=session, part=HostingPart.CONTENT_LEAD, **host)
        return session

    def online(self, **fields) -> Session:
        link = "https://video.example/voorbeeld"
        return self.session(form=Form.ONLINE, place="", online_link=link, **fields)

    def hybrid(self) -> Session:
        return self.session(form=Form.HYBRID, online_link="https://video.example/voorbeeld", capacity_online=30)

    def registration(
        self, state: str = RegistrationState.CONFIRMED, session: Session | None = None, **fields
    ) -> Registration:
        """Of Noor."""
        session = session or self.session()
        defaults = {
            "organisation": self.organisation,
            "function": self.noor.function,
            "form": Form.ONLINE if session.form == Form.ONLINE else Form.ON_SITE,
            "queued_at": self.now,
            "changed_at": self.now,
            "offered_until": self.moment(2) if state == RegistrationState.OFFERED else None,
        }
        return Registration.objects.create(session=session, person=self.noor, state=state, **defaults | fields)

    def moved(self, session: Session) -> tuple[Session, Session]:
        """Before and after: a week later, elsewhere."""
        before = copy(session)
        session.starts_at, session.ends_at = self.moment(28), self.moment(28) + timedelta(minutes=90)
        session.place, session.sequence = f"Zaal Oefening {FICTIONAL}, Den Haag", 1
        session.save()
        return before, session

    def postponed(self, session: Session) -> tuple[Session, Session]:
        """Before and after: without a date."""
        before = copy(session)
        session.state, session.sequence = SessionState.ACCEPTED, 1
        session.starts_at = session.ends_at = None
        session.save()
        return before, session

    def cancelled(self, session: Session) -> Session:
        session.state, session.sequence = SessionState.CANCELLED, 1
        session.save()
        return session

    def proposal(self, state: str = SessionState.SUBMITTED, *, title: str = "Een keurmerk voor chatbots?") -> Session:
        """By Noor; with somebody who judges proposals."""
        session = self.session(days=None, title=title, state=state, submitted_at=self.now)
        Proposer.objects.create(session=session, person=self.noor, organisation=self.organisation)
        return session

    @cached_property
    def curator(self) -> User:
        """Of the Partos team, and judges proposals."""
        return self.person("Lotte van der Fictie", is_staff=True, is_superuser=True)

    def note(self, session: Session, text: str) -> CurationNote:
        kind = CurationNote.Kind.QUESTION
        return CurationNote.objects.create(
            session=session, kind=kind, state=session.state, text=text, author=self.curator, at=self.now
        )

    def dialogue(self) -> Session:
        return self.session(
            title="Durven kiezen voor minder Big Tech",
            track=self.leadership,
            state=SessionState.INVITING,
            question="Welke afhankelijkheid durven we als eerste los te laten?",
            audience=Audience.INVITED,
            admission=Admission.INVITATION,
            confidentiality=Confidentiality.CHATHAM_HOUSE,
            capacity=None,
            registration_deadline=None,
        )

    def invitation(self, state: str = InvitationState.SENT, **fields) -> Invitation:
        imane = self.person("Imane Proefstra", "directeur")
        return Invitation.objects.create(
            session=self.dialogue(),
            name=imane.name,
            email=imane.email,
            organisation=self.organisation,
            language=self.language,
            state=state,
            **fields,
        )

    def guest(self) -> Guest:
        """Amara, by her address; whether she has an account is for the sample to say."""
        session = self.session(admission=Admission.INVITATION)
        address = f"amara-modelle@{DOMAIN}"
        return Guest.objects.create(session=session, email=address, language=self.language, invited_at=self.now)

    def series(self) -> Series:
        when = {"created_at": self.now, "changed_at": self.now}
        return Series.objects.create(
            title="AI-beleid in vier middagen", registration=SeriesRegistration.WHOLE, is_demo=True, **when
        )

    def dates(self, series: Series) -> list[Session]:
        """The third is online."""
        titles = [
            "Waar staan we met AI?",
            "Wat mag wel en wat niet?",
            "Proeven op kleine schaal",
            "Onze eigen richtlijn",
        ]
        online = {"form": Form.ONLINE, "place": "", "online_link": "https://video.example/voorbeeld"}
        return [
            self.session(days=12 + 14 * number, title=title, series=series, **(online if number == 2 else {}))
            for number, title in enumerate(titles)
        ]

    def on_the_series(self, series: Series, states: list[str]) -> list[Registration]:
        """Noor, in these states at the dates from the first."""
        dates = self.dates(series)
        return [self.registration(state, session) for session, state in zip(dates, states, strict=False)]
