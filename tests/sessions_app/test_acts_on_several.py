"""Series, dialogues, lists, corrections and places: who is mailed stands there first, waits, and can be taken back."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core.models import Act, MailState, OutgoingMail
from sessions_app.actions import series_memberships, undoing
from sessions_app.models import Invitation, Registration, Series, SeriesMembership, Session
from sessions_app.rules import Admission, InvitationState, RegistrationState, SessionState
from tests.factories.leerlijnen import PartosRoleFactory
from tests.factories.members import OrganisationFactory
from tests.factories.sessions import (
    DialogueFactory,
    InvitationFactory,
    RegistrationFactory,
    SeriesFactory,
    SessionFactory,
)
from tests.harness.asking import agree
from tests.sessions_app.test_admin_moves import LIST, change
from tests.sessions_app.test_admin_sessions import fields_of
from tests.sessions_app.test_series_pages import rows_of
from tests.sessions_app.test_undoing import rows, waiting_mail

pytestmark = pytest.mark.django_db
S, R = SessionState, RegistrationState


def tell(desk, url, data=None):
    """The page that shows the mails of an act, which has done nothing."""
    page = desk.post(url, data or {})
    assert page.status_code == 200, page
    assert page.context["foreseen"].mails
    assert not OutgoingMail.objects.exists()
    assert not Act.objects.exists()
    return page


def take_back(desk, page):
    """Press *Ongedaan maken* on the page that shows what waits."""
    act = Act.objects.get()
    url = reverse("admin:sessions_app_session_act", args=[act.target_id, act.pk, "undo"])
    shown = desk.get(page).text
    assert url in shown
    assert "<strong></strong>" not in shown  # it says what was done
    answer = desk.post(url, {"back": page}, follow=True)
    assert answer.redirect_chain[-1][0] == page
    assert "ongedaan gemaakt" in answer.text
    assert not waiting_mail().exists()
    assert not Act.objects.exists()


@pytest.fixture
def dates(now, host):
    one = SeriesFactory()
    for days in (7, 14):
        SessionFactory(series=one, state=S.PLANNED, starts_at=now + timedelta(days=days), host=host)
    return one


def test_a_series_is_made_after_its_mails_were_shown_and_unmade_while_they_wait(desk, now, host):
    first = SessionFactory(state=S.PLANNED, starts_at=now + timedelta(days=7), host=host)
    before = rows(first)
    url = reverse("admin:sessions_app_session_series", args=[first.pk])
    asked = {"title": "Leerkring", "registration": "whole", "how": "rule", "every": "1", "unit": "weeks", "times": "3"}
    page = desk.post(url, asked)
    sent = rows_of(page) | asked
    told = tell(desk, url, sent)
    assert "1 persoon krijgt een mail" in told.text
    assert not Series.objects.exists()
    assert desk.post(url, sent | {"seen": told.context["seen"]}).status_code == 302
    made = Series.objects.get()
    assert made.sessions.count() == 3
    take_back(desk, change(first))
    assert not Series.objects.exists()
    assert Session.objects.get() == first
    assert rows(first) == before


def test_a_date_is_added_and_taken_away_again_with_who_is_on_the_whole(desk, dates, now, practitioner):
    dates.sessions.update(state=S.OPEN)
    series_memberships.begin(dates, practitioner, organisation=practitioner.affiliations.get().organisation, now=now)
    url = reverse("admin:sessions_app_series_date", args=[dates.pk])
    start = (now + timedelta(days=21)).replace(minute=0)
    when = {"starts_at": f"{start:%Y-%m-%dT%H:%M}", "ends_at": f"{start + timedelta(hours=1):%Y-%m-%dT%H:%M}"}
    told = tell(desk, url, when)
    assert told.context["foreseen"].people == 2
    assert desk.post(url, when | {"seen": told.context["seen"]}).status_code == 302
    assert (dates.sessions.count(), Registration.objects.count()) == (3, 1)
    take_back(desk, reverse("admin:sessions_app_series_change", args=[dates.pk]))
    assert (dates.sessions.count(), Registration.objects.count()) == (2, 0)
    assert SeriesMembership.objects.count() == 1


def test_all_dates_are_closed_with_one_undo_and_what_mails_nobody_asks_nothing(desk, dates):
    dates.sessions.update(state=S.OPEN)
    page = reverse("admin:sessions_app_series_change", args=[dates.pk])
    shown = desk.get(page).context["dates_shown"]
    close = reverse("admin:sessions_app_series_all", args=[dates.pk, "close"])
    assert desk.post(close, {"shown": shown}).status_code == 302
    assert set(dates.sessions.values_list("state", flat=True)) == {S.CLOSED}
    take_back(desk, page)
    assert set(dates.sessions.values_list("state", flat=True)) == {S.OPEN}


def test_several_sessions_of_the_list_are_taken_back_as_one_on_the_list_and_on_each_page(desk, staff, now):
    sessions = [SessionFactory(state=S.OPEN), SessionFactory(state=S.OPEN)]
    data = {"action": "close", "_selected_action": [row.pk for row in sessions]}
    assert "Niemand krijgt een mail" in desk.post(LIST, data).text
    desk.post(LIST, data | {"sure": "1"})
    assert {row.state for row in Session.objects.all()} == {S.CLOSED}
    for row in sessions:
        assert "Meerdere bijeenkomsten" in desk.get(change(row)).text
    take_back(desk, LIST)
    assert {row.state for row in Session.objects.all()} == {S.OPEN}


def test_more_seats_show_who_is_asked_and_are_taken_back_with_the_words(desk, now):
    session = SessionFactory(capacity=1, registered=1, waiting=3, starts_at=now + timedelta(days=9))
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    before = rows(session)
    data = fields_of(desk.get(change(session))) | {"capacity": "3", "title": "Betere titel"}
    told = tell(desk, change(session), data)
    assert "2 mensen krijgen een mail" in told.text
    assert rows(session) == before
    assert "wachtte" not in "".join(str(one) for one in told.context["messages"])  # nothing is done yet
    assert agree(desk, change(session), data).status_code == 302
    assert session.registrations.filter(state=R.OFFERED).count() == 2
    take_back(desk, change(session))
    assert rows(session) == before


def test_a_word_is_corrected_at_once(desk):
    session = SessionFactory(registered=2, starts_at=None, state=S.ACCEPTED)
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    data = fields_of(desk.get(change(session))) | {"title": "Betere titel"}
    assert desk.post(change(session), data).status_code == 302
    assert Session.objects.get().title == "Betere titel"
    assert not Act.objects.exists()


def test_an_invitation_that_is_withdrawn_costs_the_place_at_once_and_says_that_there_is_no_way_back(
    desk, now, guest_with_a_seat
):
    session, row = guest_with_a_seat
    data = fields_of(desk.get(change(session))) | {"guests-0-DELETE": "on"}
    told = tell(desk, change(session), data)
    assert "Dit kun je niet ongedaan maken" in told.text
    assert "Tot dan kun je" not in told.text
    assert agree(desk, change(session), data).status_code == 302
    row.refresh_from_db()
    assert (row.state, session.guests.count()) == (R.CANCELLED, 0)
    assert OutgoingMail.objects.get().next_attempt_at > now
    page = desk.get(change(session)).text
    assert "/undo/" not in page
    assert "/send/" in page


@pytest.fixture
def guest_with_a_seat(now, practitioner):
    session = SessionFactory(audience="invited", admission=Admission.INVITATION, starts_at=now + timedelta(days=9))
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    session.guests.create(email=practitioner.email, invited_at=now)
    organisation = practitioner.affiliations.get().organisation
    return session, RegistrationFactory(
        session=session, person=practitioner, organisation=organisation, needs_invitation=True
    )


def test_taking_one_off_the_list_shows_two_mails_and_is_taken_back(desk, dates, now):
    session = dates.sessions.first()
    Session.objects.filter(pk=session.pk).update(state=S.OPEN, capacity=1)
    row = RegistrationFactory(session=session)
    RegistrationFactory(session=session, state=R.WAITLISTED)
    series_memberships.begin(dates, row.person, organisation=row.organisation, now=now)
    before = rows(session), list(SeriesMembership.objects.values())
    url = reverse("admin:sessions_app_registration_cancel", args=[row.pk])
    why = {"reason": "De zaal is te klein."}
    told = tell(desk, url, why)
    assert told.context["foreseen"].people == 2
    assert agree(desk, url, why).status_code == 302
    assert not SeriesMembership.objects.exists()
    shown = Session.objects.get(pk=session.pk).sequence
    take_back(desk, reverse("admin:sessions_app_registration_change", args=[row.pk]))
    assert (rows(session), list(SeriesMembership.objects.values())) == before
    # A calendar may have seen that the place ended, two higher: what stands again has to be higher still.
    assert Session.objects.get(pk=session.pk).sequence > shown + 2


def test_admitting_waits_and_is_taken_back(desk, now):
    session = SessionFactory(admission=Admission.BY_APPROVAL)
    row = RegistrationFactory(session=session, state=R.REQUESTED)
    page = reverse("admin:sessions_app_registration_change", args=[row.pk])
    url = reverse("admin:sessions_app_registration_move", args=[row.pk, "admit"])
    desk.post(url, {"shown": desk.get(page).context["shown"]})
    row.refresh_from_db()
    assert row.state == R.CONFIRMED
    assert waiting_mail().get().next_attempt_at > now
    take_back(desk, page)
    row.refresh_from_db()
    assert row.state == R.REQUESTED


# Dialogues


def test_an_invitation_is_shown_waits_and_is_taken_back_unread(desk, now):
    dialogue = DialogueFactory(state=S.PLANNED)
    who = {"session": dialogue.pk, "name": "Imane Proefstra", "email": "imane@horizonhulp.example", "language": "nl"}
    data = who | {"organisation": OrganisationFactory().pk, "function": "directeur"}
    url = reverse("admin:sessions_app_invitation_add")
    told = tell(desk, url, data)
    assert "Imane Proefstra" in told.text
    assert not Invitation.objects.exists()
    assert agree(desk, url, data).status_code == 302
    assert waiting_mail().get().next_attempt_at > now
    take_back(desk, reverse("admin:sessions_app_invitation_changelist"))
    assert not Invitation.objects.exists()
    assert Session.objects.get(pk=dialogue.pk).state == S.PLANNED


@pytest.mark.parametrize("name", ["again", "revoke"])
def test_mailing_again_and_revoking_are_shown_and_taken_back_with_the_link(desk, now, name):
    row = InvitationFactory(
        session=DialogueFactory(state=S.INVITING), state=InvitationState.ACCEPTED, device="toestel", sent_at=now
    )
    link = {one: getattr(row, one) for one in ("state", "nonce", "device", "link_is_spent", "sent_at")}
    url = reverse("admin:sessions_app_invitation_move", args=[row.pk, name])
    told = desk.get(url)
    assert "1 persoon krijgt een mail" in told.text
    assert "Tot dan kun je alles ongedaan maken" in told.text
    desk.post(url, dict(told.context["hidden"]))
    row.refresh_from_db()
    assert row.nonce != link["nonce"]
    take_back(desk, reverse("admin:sessions_app_invitation_change", args=[row.pk]))
    row.refresh_from_db()
    assert {one: getattr(row, one) for one in link} == link


# Who, and where to


@pytest.mark.parametrize("back", ["https://elders.example/", "//elders.example/", "javascript:x", "admin"])
def test_the_button_leads_to_no_other_site(desk, staff, now, back):
    session = SessionFactory()
    undoing.together(lambda: None, name="several", sessions=[session.pk], actor=staff, now=now)
    url = reverse("admin:sessions_app_session_act", args=[session.pk, Act.objects.get().pk, "undo"])
    assert desk.post(url, {"back": back}).url == change(session)


@pytest.mark.parametrize("who", ["integrity_coordinator", "quality_coordinator", "functional_administrator"])
def test_others_of_the_team_see_no_act(request, client, staff, now, who):
    session = SessionFactory(title="Leerkring")
    undoing.together(lambda: None, name="several", sessions=[session.pk], actor=staff, now=now)
    client.force_login(request.getfixturevalue(who))
    for page in (LIST, reverse("admin:sessions_app_invitation_changelist")):
        assert "Leerkring" not in client.get(page).text


def test_mails_that_wait_stand_in_the_outbox_as_waiting(desk, now):
    session = SessionFactory(capacity=1, registered=1, waiting=1, starts_at=now + timedelta(days=9))
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    agree(desk, change(session), fields_of(desk.get(change(session))) | {"capacity": "2"})
    mail = OutgoingMail.objects.get()
    assert (mail.state, mail.act) == (MailState.QUEUED, Act.objects.get())
