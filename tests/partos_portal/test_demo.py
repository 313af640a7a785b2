from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from core.models import OutgoingMail
from members.models import Organisation, User
from partos_portal import demo
from sessions_app.actions import registrations, rooms, series_registrations, waitlist
from sessions_app.models import Registration, Series, Session
from sessions_app.rules import Form, RegistrationState, SessionState

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(db, settings):
    call_command("load_programme", settings.BASE_DIR / "leerlijnen/data/programme_2026.yaml", verbosity=0)


def counts():
    return [model.objects.count() for model in (Organisation, User, Session, Registration)]


def test_loading_twice_doubles_nothing_and_mails_nobody(programme):
    call_command("load_demo", verbosity=0)
    first = counts()
    call_command("load_demo", verbosity=0)
    assert counts() == first
    assert not OutgoingMail.objects.exists()


def test_nobody_loses_a_place_in_it(programme, now):
    call_command("load_demo", verbosity=0)
    assert Registration.objects.live().exists()
    assert registrations.release_lost(now=now) == 0


def test_every_name_in_it_is_marked_and_every_address_goes_nowhere(programme):
    real = set(Organisation.objects.values_list("name", flat=True))
    call_command("load_demo", verbosity=0)
    made = set(Organisation.objects.values_list("name", flat=True)) - real
    assert all(name.endswith("(fictief)") for name in [*made, *User.objects.values_list("name", flat=True)])
    assert all(address.endswith(".example") for address in User.objects.values_list("email", flat=True))
    assert set(Session.objects.values_list("is_demo", flat=True)) == {True}


def test_it_has_sessions_in_the_states_that_people_meet(programme):
    call_command("load_demo", verbosity=0)
    missing = set(SessionState) - set(Session.objects.values_list("state", flat=True))
    assert missing == {"merged", "withdrawn", "followed_up", "archived"}


def test_laid_later_its_dates_move_along(programme, now):
    demo.load(now=now)
    before = Session.objects.get(title="Eerste stappen met AI-beleid").starts_at
    demo.load(now=now.replace(year=now.year + 1))
    assert Session.objects.get(title="Eerste stappen met AI-beleid").starts_at > before


def test_who_registers_after_loading_stands_behind_those_who_wait(programme, now):
    demo.load(now=now)
    assert not Registration.objects.filter(queued_at__gte=now).exists()


def test_what_somebody_tried_with_it_stays_when_it_is_loaded_anew(programme, now):
    demo.load(now=now)
    noor = User.objects.get(email__startswith="noor@")
    seat = noor.registrations.get(session__title="Eerste stappen met AI-beleid")
    registrations.cancel(registration=seat, actor=noor, now=now)
    registrations.register(
        session=seat.session, person=noor, organisation=seat.organisation, form=seat.form, actor=noor, now=now
    )
    before = counts()
    demo.load(now=now)
    assert counts() == before


def test_no_room_in_it_holds_more_than_its_seats(programme, now):
    demo.load(now=now)
    for session in Session.objects.with_seats().exclude(capacity=None):
        for seats in session.seats:
            assert seats.held <= seats.capacity, session


def test_noor_has_a_seat_to_take_a_room_to_wish_for_and_a_line_to_understand(programme, now, client):
    demo.load(now=now)
    noor = User.objects.get(email__startswith="noor@")
    client.force_login(noor)

    def told(title):
        page = client.get(Session.objects.get(title=title).get_absolute_url())
        return page.context["panel"].why

    assert "Er is een plaats voor je vrijgehouden" in told("Wachtwoorden zonder gedoe")
    assert "je organisatie heeft al 1 plaats" in told("Ruimte maken met de buren")
    assert told("Wie schrijft het verslag?") == "Je hebt een plaats online."
    own = {row.session.title: row for row in noor.registrations.all()}
    waitlist.accept(registration=own["Wachtwoorden zonder gedoe"], actor=noor, now=now)
    rooms.attend_otherwise(registration=own["Wie schrijft het verslag?"], form=Form.ON_SITE, actor=noor, now=now)
    assert "Je bent derde in de rij" in told("Wie schrijft het verslag?")


def test_a_seat_that_is_held_is_held_anew_when_it_is_loaded_anew(programme, now):
    demo.load(now=now)
    later = now + timedelta(days=9)
    demo.load(now=later)
    assert Registration.objects.lapsed(later).count() == 0


def test_one_registration_holds_for_all_dates_of_its_series(programme, now):
    demo.load(now=now)
    demo.load(now=now)
    series = Series.objects.get()
    assert series.sessions.count() == 4
    assert [row.sequence for row in series.sessions.order_by("starts_at")] == [0, 0, 1, 0]
    noor = User.objects.get(email__startswith="noor@")
    new = series_registrations.register(
        series=series, person=noor, organisation=noor.affiliations.first().organisation, form=Form.ON_SITE,
        actor=noor, now=now,
    )  # fmt: skip
    assert [row.state for row in new] == [RegistrationState.CONFIRMED] * 4


def test_production_refuses_it(programme, settings):
    settings.TRIAL = False
    with pytest.raises(CommandError, match="for real"):
        call_command("load_demo")
    assert not User.objects.exists()


def test_without_a_programme_it_says_what_to_load_first(db):
    with pytest.raises(CommandError, match="load_programme"):
        call_command("load_demo")
