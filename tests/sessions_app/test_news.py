"""News of the programme: to who asked for it, and never of what is past."""

from datetime import timedelta

import pytest

from core import digest
from core.models import MailState, OutgoingMail
from leerlijnen.models import Following
from sessions_app.actions import planning, registrations, series
from sessions_app.mails import news
from sessions_app.models import Session
from sessions_app.rules import Admission, Audience, SessionState
from tests.factories.members import OrganisationFactory, UserFactory, member_person
from tests.factories.sessions import RegistrationFactory, SeriesFactory, SessionFactory

pytestmark = pytest.mark.django_db


def follow(person, session, wish="at_once"):
    person.mail_choices = {"news": wish}
    person.save()
    Following.objects.create(person=person, learning_line=session.learning_line, workstream=session.workstream)
    return person


@pytest.fixture
def planned(host, now):
    return SessionFactory(host=host, state=SessionState.PLANNED, starts_at=now + timedelta(days=30))


def mailed():
    return list(OutgoingMail.objects.filter(kind="sessions_app.session_opened").values_list("to", "state"))


def test_opening_tells_who_follows_wants_it_and_may_come(
    planned, practitioner, contact, director, outsider, staff, now
):
    follow(practitioner, planned)
    follow(contact, planned, "digest")
    follow(director, planned, "none")
    follow(outsider, planned)  # at no member
    follow(member_person(is_active=False), planned)
    UserFactory(mail_choices={"news": "at_once"})  # follows nothing
    follow(planned.hostings.exclude(person=None).first().person, planned)
    registered = follow(member_person(), planned)
    RegistrationFactory(session=planned, person=registered)
    planning.open_registration(session=planned, actor=staff, now=now)
    assert mailed() == [(practitioner.email, MailState.QUEUED), (contact.email, MailState.DIGEST)]


def test_a_public_session_is_news_for_everyone_who_follows(planned, outsider, now):
    planned.audience, planned.state = Audience.PUBLIC, SessionState.OPEN
    follow(outsider, planned)
    news.opened(planned, now=now)
    assert [to for to, _ in mailed()] == [outsider.email]


def test_what_is_by_invitation_is_news_to_nobody(planned, practitioner, staff, now):
    planned.admission = Admission.INVITATION
    planned.save()
    follow(practitioner, planned)
    planning.open_registration(session=planned, actor=staff, now=now)
    assert not Session.objects.visible_to(practitioner).filter(pk=planned.pk).exists()
    assert mailed() == []


def test_a_series_that_opens_is_one_news(planned, practitioner, contact, staff, now):
    whole = SeriesFactory(title="Elke week")
    where = {"learning_line": planned.learning_line, "track": planned.track, "programme": planned.programme}
    for days in (20, 27, 34):
        SessionFactory(
            **where, series=whole, starts_at=now + timedelta(days=days), state=SessionState.PLANNED, title="Datum"
        )
    follow(practitioner, planned)
    follow(contact, planned, "digest")
    series.each(series=whole, act=planning.open_registration, states=[SessionState.PLANNED], actor=staff, now=now)
    assert mailed() == [(practitioner.email, MailState.QUEUED), (contact.email, MailState.DIGEST)]
    mail = OutgoingMail.objects.get(recipient=practitioner)
    for body in (mail.text, mail.html):
        assert "Elke week" in body
        assert whole.get_absolute_url() in body


def test_news_that_waits_is_taken_back_when_the_session_is_hidden(planned, practitioner, staff, now):
    follow(practitioner, planned, "digest")
    planning.open_registration(session=planned, actor=staff, now=now)
    changes = {"audience": Audience.INVITED, "admission": Admission.INVITATION}
    planning.change(session=planned, changes=changes, actor=staff, now=now)
    assert mailed() == [(practitioner.email, MailState.WITHDRAWN)]


def test_news_that_waits_is_taken_back_from_who_is_in_the_audience_no_more(planned, practitioner, staff, now):
    planning.change(session=planned, changes={"audience": Audience.MEMBERS_AND_PARTNERS}, actor=staff, now=now)
    partner = follow(member_person(OrganisationFactory(kind="partner")), planned, "digest")
    follow(practitioner, planned, "digest")
    planning.open_registration(session=planned, actor=staff, now=now)
    planning.change(session=planned, changes={"audience": Audience.MEMBERS}, actor=staff, now=now)
    states = {(to, str(state)) for to, state in mailed()}
    assert (practitioner.email, "digest") in states
    assert {state for to, state in states if to == partner.email} == {"withdrawn"}


def test_the_digest_tells_the_corrected_title(planned, practitioner, staff, now):
    follow(practitioner, planned, "digest")
    planning.open_registration(session=planned, actor=staff, now=now)
    planning.change(session=planned, changes={"title": "Een beter woord"}, actor=staff, now=now)
    assert [state for _, state in mailed()] == [MailState.WITHDRAWN, MailState.DIGEST]
    new = OutgoingMail.objects.get(kind="sessions_app.session_opened", state=MailState.DIGEST)
    assert "Een beter woord" in new.subject


def test_other_seats_are_no_news(planned, practitioner, staff, now):
    follow(practitioner, planned, "digest")
    planning.open_registration(session=planned, actor=staff, now=now)
    planning.change(session=planned, changes={"capacity": 30}, actor=staff, now=now)
    assert mailed() == [(practitioner.email, MailState.DIGEST)]


def test_who_registers_reads_of_it_in_no_digest(planned, practitioner, contact, member_organisation, staff, now):
    for person in (practitioner, contact):
        follow(person, planned, "digest")
    planning.open_registration(session=planned, actor=staff, now=now)
    registrations.register(
        session=planned, person=practitioner, organisation=member_organisation, form="on_site", actor=practitioner,
        now=now,
    )  # fmt: skip
    assert sorted(mailed()) == sorted([(practitioner.email, MailState.WITHDRAWN), (contact.email, MailState.DIGEST)])


def test_opening_again_tells_nobody_twice(planned, practitioner, staff, now):
    follow(practitioner, planned)
    planning.open_registration(session=planned, actor=staff, now=now)
    OutgoingMail.objects.update(state=MailState.SENT)
    planning.close(session=planned, actor=staff, now=now)
    planning.open_registration(session=planned, actor=staff, now=now)
    assert len(mailed()) == 1


def test_what_closed_or_was_cancelled_is_not_in_the_digest(planned, practitioner, staff, now):
    follow(practitioner, planned, "digest")
    planning.open_registration(session=planned, actor=staff, now=now)
    planning.cancel(session=planned, reason="Ziek.", actor=staff, now=now)
    monday = now + timedelta(days=7 - now.weekday())
    assert digest.make_due(now=monday.replace(hour=10)) == 0
    assert mailed() == [(practitioner.email, MailState.WITHDRAWN)]


def test_the_digest_tells_the_date_as_it_is_now(planned, practitioner, staff, now):
    follow(practitioner, planned, "digest")
    planning.open_registration(session=planned, actor=staff, now=now)
    names = planning.Schedule.__dataclass_fields__
    schedule = {name: getattr(planned, name) for name in names} | {
        "starts_at": planned.starts_at + timedelta(days=1),
        "ends_at": planned.ends_at + timedelta(days=1),
    }
    planning.move(session=planned, schedule=planning.Schedule(**schedule), actor=staff, now=now)
    assert [state for _, state in mailed()] == [MailState.WITHDRAWN, MailState.DIGEST]
    old, new = OutgoingMail.objects.filter(kind="sessions_app.session_opened").order_by("pk")
    assert old.subject != new.subject


def test_moving_tells_nobody_anew_whose_news_had_left(planned, practitioner, staff, now):
    follow(practitioner, planned)
    planning.open_registration(session=planned, actor=staff, now=now)
    OutgoingMail.objects.update(state=MailState.SENT)
    news.renew(planned, now=now)
    assert len(mailed()) == 1


@pytest.mark.parametrize("people", [1, 30])
def test_telling_everyone_costs_the_same(planned, people, now, django_assert_num_queries):
    organisation = OrganisationFactory()
    for _ in range(people):
        follow(member_person(organisation), planned)
    planned.state = SessionState.OPEN
    with django_assert_num_queries(3):
        news.opened(planned, now=now)
    assert len(mailed()) == people
    assert len(set(OutgoingMail.objects.values_list("text", flat=True))) == people  # each with a mark of its own
