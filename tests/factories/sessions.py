from datetime import timedelta

import factory
from django.utils import timezone

from leerlijnen.rules import TrackCode
from members.rules import OrganisationKind
from sessions_app.models import Hosting, Invitation, Proposer, Registration, Series, Session
from sessions_app.rules import (
    Admission,
    Audience,
    Confidentiality,
    Form,
    HostingPart,
    Language,
    RegistrationState,
    SeriesRegistration,
    SessionState,
)
from tests.factories.leerlijnen import LearningLineFactory, ProgrammeFactory, TrackFactory
from tests.factories.members import LONG_AGO, OrganisationFactory, member_person


class SessionFactory(factory.django.DjangoModelFactory):
    """Open for registration in three weeks, hosted by a member; say `state=` for another.

    `registered=N` adds N confirmed people, `waiting=N` people in the queue, `host=person` a content lead with a face.
    """

    class Meta:
        model = Session
        skip_postgeneration_save = True

    programme = factory.SubFactory(ProgrammeFactory)
    learning_line = factory.SubFactory(LearningLineFactory, slug="digital-readiness", number=1)
    track = factory.SubFactory(TrackFactory)
    state = SessionState.OPEN
    title = factory.Sequence(lambda n: f"Bijeenkomst {n}")
    question = "Wat vragen we ons af?"
    language = Language.NL
    form = Form.ON_SITE
    place = "Zaal 1 (fictief)"
    starts_at = factory.LazyFunction(lambda: timezone.now().replace(microsecond=0) + timedelta(days=21))
    ends_at = factory.LazyAttribute(lambda row: row.starts_at and row.starts_at + timedelta(minutes=90))
    dated_at = factory.LazyAttribute(lambda row: row.starts_at and LONG_AGO)
    registration_deadline = factory.LazyAttribute(lambda row: row.starts_at and row.starts_at - timedelta(days=1))
    capacity = 20
    for_whom = "Programmamedewerkers"
    audience = Audience.MEMBERS
    admission = Admission.DIRECT
    confidentiality = Confidentiality.INTERNAL
    created_at = LONG_AGO
    changed_at = LONG_AGO

    @factory.post_generation
    def hosts(self, create, extracted, **kwargs):
        if create:
            Hosting.objects.create(
                session=self, organisation=OrganisationFactory(), part=HostingPart.CONTENT_LEAD, person=None
            )
            Hosting.objects.create(session=self, organisation=partos(), part=HostingPart.FACILITATE)

    @factory.post_generation
    def host(self, create, extracted, **kwargs):
        if create and extracted:
            Hosting.objects.filter(session=self, part=HostingPart.CONTENT_LEAD).update(
                person=extracted, organisation=extracted.affiliations.first().organisation
            )

    @factory.post_generation
    def registered(self, create, extracted, **kwargs):
        for _ in range(extracted or 0):
            RegistrationFactory(session=self)

    @factory.post_generation
    def waiting(self, create, extracted, **kwargs):
        for _ in range(extracted or 0):
            RegistrationFactory(session=self, state=RegistrationState.WAITLISTED)


class SeriesFactory(factory.django.DjangoModelFactory):
    """For which people register as a whole; give it to SessionFactory(series=…)."""

    class Meta:
        model = Series

    title = factory.Sequence(lambda n: f"Reeks {n}")
    registration = SeriesRegistration.WHOLE
    created_at = LONG_AGO
    changed_at = LONG_AGO


class DialogueFactory(SessionFactory):
    """A leadership dialogue that invites, in three weeks."""

    track = factory.SubFactory(TrackFactory, code=TrackCode.LEADERSHIP)
    state = SessionState.INVITING
    audience = Audience.INVITED
    admission = Admission.INVITATION
    confidentiality = Confidentiality.CHATHAM_HOUSE
    capacity = None


class ProposerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Proposer

    session = factory.SubFactory(SessionFactory, state=SessionState.SUBMITTED, starts_at=None)
    person = factory.LazyFunction(member_person)
    organisation = factory.LazyAttribute(lambda row: row.person.affiliations.first().organisation)


class RegistrationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Registration

    session = factory.SubFactory(SessionFactory)
    person = factory.LazyFunction(member_person)
    organisation = factory.LazyAttribute(lambda row: organisation_of(row.person))
    form = Form.ON_SITE
    state = RegistrationState.CONFIRMED
    queued_at = factory.Sequence(lambda n: LONG_AGO + timedelta(minutes=n))
    changed_at = LONG_AGO
    offered_until = factory.LazyAttribute(
        lambda row: timezone.now() + timedelta(days=2) if row.state == RegistrationState.OFFERED else None
    )


class InvitationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Invitation

    session = factory.SubFactory(DialogueFactory)
    name = factory.Sequence(lambda n: f"Directeur {n} (fictief)")
    email = factory.Sequence(lambda n: f"directeur{n}@leden.example")
    organisation = factory.SubFactory(OrganisationFactory)


def organisation_of(person):
    affiliation = person.affiliations.first()
    return affiliation and affiliation.organisation


def partos():
    return OrganisationFactory._meta.model.objects.get_or_create(
        name="Partos", defaults={"kind": OrganisationKind.ASSOCIATION}
    )[0]
