"""No old page overwrites a newer one: of a session, by its hosts and by staff."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core import dates
from core.dates import local
from core.models import AuditEntry, OutgoingMail
from leerlijnen.rules import PartosRoleCode
from tests.factories.leerlijnen import PartosRoleFactory
from tests.factories.members import OrganisationFactory
from tests.factories.sessions import SessionFactory
from tests.harness.forms import fill, form_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def reminders(host):
    """A session of the host with reminders, and their page."""
    session = SessionFactory(host=host, reminder_steps="T-7d T-1d", reminder_text="")
    return session, reverse("sessions:reminders", args=[session.pk])


def test_a_text_that_another_host_added_stays_when_an_older_page_unticks_a_step(client, host, reminders):
    session, address = reminders
    client.force_login(host)
    older, newer = client.get(address), client.get(address)
    assert client.post(address, fill(newer, {"text": "Neem je badge mee"})).status_code == 302
    assert client.post(address, fill(older, {"steps": ["T-7d"]})).status_code == 302
    session.refresh_from_db()
    assert (session.reminder_steps, session.reminder_text) == ("T-7d", "Neem je badge mee")


def test_two_texts_for_one_reminder_are_both_shown_and_neither_is_lost(client, host, reminders):
    session, address = reminders
    client.force_login(host)
    older, newer = client.get(address), client.get(address)
    client.post(address, fill(newer, {"text": "Neem je badge mee"}))
    refused = client.post(address, fill(older, {"text": "Lees het stuk", "steps": ["T-7d"]}))
    session.refresh_from_db()
    assert refused.status_code == 422
    assert (session.reminder_steps, session.reminder_text) == ("T-7d T-1d", "Neem je badge mee")
    assert "Neem je badge mee" in refused.text
    assert form_in(refused)["text"] == "Lees het stuk"
    assert client.post(address, fill(refused, {})).status_code == 422  # nothing was chosen
    assert client.post(address, fill(refused, {"stays-text": "mine"})).status_code == 302
    session.refresh_from_db()
    assert (session.reminder_steps, session.reminder_text) == ("T-7d", "Lees het stuk")


def change_page(session):
    return reverse("admin:sessions_app_session_change", args=[session.pk])


def move_page(session, name):
    return reverse("admin:sessions_app_session_move", args=[session.pk, name])


@pytest.fixture
def session():
    session = SessionFactory(capacity=4, registered=4, waiting=3, title="Oude titel", for_whom="Iedereen")
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    return session


def on(moment):
    """As a field for a moment sends it."""
    return f"{local(moment):%Y-%m-%dT%H:%M}"


def sent(desk, address, page, typed):
    """Press the button, and once more when the calendar warns or mails are shown first."""
    answer = desk.post(address, fill(page, typed))
    return desk.post(address, fill(answer, {})) if answer.status_code == 200 else answer


def test_an_older_page_of_moving_changes_the_place_and_leaves_the_newer_date(desk, session):
    address = move_page(session, "move")
    older, newer = desk.get(address), desk.get(address)
    later = session.starts_at + timedelta(days=7)
    typed = {"starts_at": on(later), "ends_at": on(later + timedelta(hours=2))}
    assert sent(desk, address, newer, typed).status_code == 302
    assert sent(desk, address, older, {"place": "Zaal 9 (fictief)"}).status_code == 302
    session.refresh_from_db()
    assert on(session.starts_at) == on(later)
    assert (session.place, session.sequence) == ("Zaal 9 (fictief)", 2)
    mails = OutgoingMail.objects.filter(kind__contains="moved").order_by("pk")
    assert mails
    assert all(local(later).strftime("%-d") in mail.text for mail in mails)


def test_two_dates_for_one_session_move_nothing_until_one_is_chosen(desk, session):
    address = move_page(session, "move")
    older, newer = desk.get(address), desk.get(address)
    first, second = (session.starts_at + timedelta(days=days) for days in (7, 14))
    assert sent(desk, address, newer, {"starts_at": on(first), "ends_at": on(first + timedelta(hours=2))})
    refused = desk.post(
        address, fill(older, {"starts_at": on(second), "ends_at": on(second + timedelta(hours=2)), "place": "Zaal 9"})
    )
    session.refresh_from_db()
    assert refused.status_code == 422
    assert (on(session.starts_at), session.sequence) == (on(first), 1)
    assert session.place != "Zaal 9"
    assert dates.day(first) in refused.text
    assert form_in(refused)["starts_at"] == on(second)
    chosen = {"stays-starts_at": "theirs", "stays-ends_at": "theirs"}
    assert sent(desk, address, refused, chosen).status_code == 302
    session.refresh_from_db()
    assert (on(session.starts_at), session.place) == (on(first), "Zaal 9")


def test_seats_that_a_colleague_added_stay_when_an_older_page_corrects_words(desk, session):
    older, newer = desk.get(change_page(session)), desk.get(change_page(session))
    assert sent(desk, change_page(session), newer, {"capacity": "6"}).status_code == 302
    assert session.registrations.filter(state="offered").count() == 2
    assert desk.post(change_page(session), fill(older, {"description": "Beter beschreven"})).status_code == 302
    session.refresh_from_db()
    assert (session.capacity, session.description) == (6, "Beter beschreven")
    assert AuditEntry.objects.filter(verb="session.changed").order_by("pk").last().codes["fields"] == "description"


def test_a_title_that_a_colleague_corrected_stays_when_an_older_page_changes_for_whom(desk, session):
    older, newer = desk.get(change_page(session)), desk.get(change_page(session))
    assert desk.post(change_page(session), fill(newer, {"title": "Nieuwe titel"})).status_code == 302
    assert desk.post(change_page(session), fill(older, {"for_whom": "Programmamedewerkers"})).status_code == 302
    session.refresh_from_db()
    assert (session.title, session.for_whom) == ("Nieuwe titel", "Programmamedewerkers")


def test_two_titles_write_nothing_and_a_choice_is_safe_against_a_third(desk, session):
    address = change_page(session)
    older = desk.get(address)
    assert desk.post(address, fill(desk.get(address), {"title": "Van B"})).status_code == 302
    refused = desk.post(address, fill(older, {"title": "Van A", "for_whom": "Directies"}))
    assert refused.status_code == 422
    assert desk.post(address, fill(desk.get(address), {"title": "Van C"})).status_code == 302
    again = desk.post(address, fill(refused, {"stays-title": "mine"}))
    assert again.status_code == 422
    assert "Van C" in again.text
    session.refresh_from_db()
    assert (session.title, session.for_whom) == ("Van C", "Iedereen")
    assert desk.post(address, fill(again, {"stays-title": "mine"})).status_code == 302
    session.refresh_from_db()
    assert (session.title, session.for_whom) == ("Van A", "Directies")


def test_the_same_correction_by_two_is_no_clash(desk, session):
    address = change_page(session)
    older, newer = desk.get(address), desk.get(address)
    for page in (newer, older):
        assert desk.post(address, fill(page, {"title": "Zelfde titel"})).status_code == 302


def test_a_page_refused_for_something_else_still_guards_what_it_was_made_from(desk, session):
    """The guard is not made anew from the row on the way."""
    address = change_page(session)
    refused = desk.post(address, fill(desk.get(address), {"title": "Van A", "capacity": "0"}))
    assert refused.status_code == 422
    assert desk.post(address, fill(desk.get(address), {"title": "Van B"})).status_code == 302
    assert desk.post(address, fill(refused, {"capacity": "9"})).status_code == 422
    session.refresh_from_db()
    assert (session.title, session.capacity) == ("Van B", 4)


def test_a_page_without_what_it_was_made_from_overwrites_nothing(desk, session):
    address = change_page(session)
    data = fill(desk.get(address), {"title": "Met de hand"})
    for mark in ({"made_from": "verzonnen"}, {"made_from": None}):
        assert desk.post(address, {k: v for k, v in (data | mark).items() if v is not None}).status_code == 422
    session.refresh_from_db()
    assert session.title == "Oude titel"


def test_ticked_lists_of_two_are_compared_as_a_whole(desk, session):
    address = change_page(session)
    codes = (PartosRoleCode.LEGITIMISE, PartosRoleCode.CONNECT)
    roles = [str(PartosRoleFactory(programme=session.programme, code=code).pk) for code in codes]
    older, newer = desk.get(address), desk.get(address)
    assert desk.post(address, fill(newer, {"partos_roles": roles[:1]})).status_code == 302
    assert desk.post(address, fill(older, {"title": "Nieuw"})).status_code == 302
    assert [str(role.pk) for role in session.partos_roles.all()] == roles[:1]
    assert desk.post(address, fill(older, {"partos_roles": roles})).status_code == 422


def row_of(page, organisation):
    """The prefix of an organisation's row among the hosts."""
    formset = page.context["inline_admin_formsets"][0].formset
    return next(form.prefix for form in formset.initial_forms if form.instance.organisation == organisation)


@pytest.fixture
def helper_row(session):
    return session.hostings.create(organisation=OrganisationFactory(name="Meehelpers"), part="co_host")


def test_a_host_that_a_colleague_took_away_does_not_come_back(desk, session, helper_row):
    address = change_page(session)
    older, newer = desk.get(address), desk.get(address)
    prefix = row_of(newer, helper_row.organisation)
    assert desk.post(address, fill(newer, {f"{prefix}-DELETE": "on"})).status_code == 302
    assert desk.post(address, fill(older, {"title": "Nieuw"})).status_code == 302
    assert not session.hostings.filter(part="co_host").exists()


def test_a_row_that_was_changed_here_and_taken_away_there_comes_back_as_a_new_one(desk, session, helper_row):
    address = change_page(session)
    older, newer = desk.get(address), desk.get(address)
    prefix = row_of(newer, helper_row.organisation)
    assert desk.post(address, fill(newer, {f"{prefix}-DELETE": "on"})).status_code == 302
    other = OrganisationFactory(name="Anderen")
    refused = desk.post(address, fill(older, {f"{prefix}-organisation": str(other.pk), "title": "Nieuw"}))
    assert refused.status_code == 422
    assert "Anderen" in refused.text
    assert sent(desk, address, refused, {}).status_code == 302
    session.refresh_from_db()
    assert (session.title, session.hostings.get(part="co_host").organisation) == ("Nieuw", other)


def test_who_takes_away_a_row_that_a_colleague_changed_has_to_say_so_twice(desk, session, helper_row):
    address = change_page(session)
    older, newer = desk.get(address), desk.get(address)
    prefix = row_of(newer, helper_row.organisation)
    other = OrganisationFactory(name="Anderen")
    assert desk.post(address, fill(newer, {f"{prefix}-organisation": str(other.pk)})).status_code == 302
    refused = desk.post(address, fill(older, {f"{prefix}-DELETE": "on"}))
    assert refused.status_code == 422
    assert "Anderen" in refused.text
    kept = desk.post(address, fill(refused, {f"{prefix}-stays-DELETE": "theirs"}))
    assert kept.status_code == 302
    assert session.hostings.get(part="co_host").organisation == other
    assert desk.post(address, fill(refused, {f"{prefix}-stays-DELETE": "mine"})).status_code == 302
    assert not session.hostings.filter(part="co_host").exists()


def test_a_host_that_a_colleague_added_stays(desk, session):
    address = change_page(session)
    older = desk.get(address)
    session.hostings.create(organisation=OrganisationFactory(name="Meehelpers"), part="co_host")
    assert desk.post(address, fill(older, {"title": "Nieuw"})).status_code == 302
    assert session.hostings.filter(part="co_host").exists()


@pytest.mark.parametrize("name", ["cancel", "postpone", "close"])
def test_a_move_is_not_made_on_a_session_that_is_not_what_the_page_showed(desk, session, name):
    address = move_page(session, name)
    older = desk.get(address)
    later = session.starts_at + timedelta(days=7)
    typed = {"starts_at": on(later), "ends_at": on(later + timedelta(hours=2))}
    assert sent(desk, move_page(session, "move"), desk.get(move_page(session, "move")), typed).status_code == 302
    refused = desk.post(address, fill(older, {"reason": "Niet nu"}))
    assert refused.status_code == 422
    session.refresh_from_db()
    assert session.state == "open"
    assert sent(desk, address, refused, {}).status_code == 302
