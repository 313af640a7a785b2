import pytest
from django.core.management import CommandError, call_command

from core.models import OutgoingMail
from members.models import Organisation, User
from partos_portal import demo
from sessions_app.actions import registrations
from sessions_app.models import Registration, Session
from sessions_app.rules import SessionState

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


def test_production_refuses_it(programme, settings):
    settings.TRIAL = False
    with pytest.raises(CommandError, match="for real"):
        call_command("load_demo")
    assert not User.objects.exists()


def test_without_a_programme_it_says_what_to_load_first(db):
    with pytest.raises(CommandError, match="load_programme"):
        call_command("load_demo")
