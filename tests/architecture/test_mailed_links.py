"""Mail scanners open links before people do: opening one that is a key changes nothing, however often."""

import pytest
from django.apps import apps
from django.urls import get_resolver, reverse
from django.utils import timezone

from core import links, mail
from core.models import STOP, OutgoingMail
from sessions_app.actions import calendar_addresses
from sessions_app.mails import registrations as mails
from sessions_app.models import GUEST_LINK, LINK_PURPOSE, Guest
from sessions_app.rules import RegistrationState
from tests.factories.members import member_person
from tests.factories.sessions import InvitationFactory, RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db
OURS = ("core", "members", "leerlijnen", "sessions_app", "integrity", "quality")
HINT = "first_opened_at"  # of an invitation: tells staff that it arrived, and nothing else


def addresses_with_a_key(resolver=None, namespace=""):
    """The names of all addresses in which a secret stands."""
    for entry in (resolver or get_resolver()).url_patterns:
        if hasattr(entry, "url_patterns"):
            own = f"{entry.namespace}:" if entry.namespace else ""
            yield from addresses_with_a_key(entry, namespace + own)
        elif "token" in entry.pattern.converters:
            yield namespace + entry.name


def place(state):
    row = RegistrationFactory(state=state)
    return "sessions:place", links.sign(purpose=LINK_PURPOSE, row=row.pk, nonce=row.link_nonce)


def guest():
    row = Guest.objects.create(session=SessionFactory(), email="gast@elders.example", invited_at=timezone.now())
    return "sessions:guest", links.sign(purpose=GUEST_LINK, row=row.pk, nonce=row.link_nonce)


def invitation():
    row = InvitationFactory(state="sent")
    return "sessions:invitation", links.sign(purpose="invitation", row=row.pk, nonce=row.nonce)


def feed():
    person = member_person()
    made = calendar_addresses.make(person=person, actor=person, now=timezone.now())
    return "sessions:personal_feed", made.token


def stop():
    mail.queue(mails.reminder(RegistrationFactory(), step="week"), now=timezone.now())
    row = OutgoingMail.objects.get()
    return "mail-stop", links.sign(purpose=STOP, row=row.pk, nonce=row.message_id.hex)


MAKERS = {
    "mail-stop": [stop],
    "sessions:place": [lambda state=state: place(state) for state in RegistrationState],
    "sessions:guest": [guest],
    "sessions:invitation": [invitation],
    "sessions:invitation_file": [invitation],
    "sessions:personal_feed": [feed],
}
# The file of who accepted, on the device that did; this one did not.
NOTHING_HERE = {"sessions:invitation_file"}


def everything():
    rows = {}
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            rows[model.__name__] = [
                {name: value for name, value in row.items() if name != HINT}
                for row in model._default_manager.order_by("pk").values()
            ]
    return rows


def test_each_address_with_a_key_in_it_is_looked_at_here():
    assert set(addresses_with_a_key()) == set(MAKERS)


@pytest.mark.parametrize("make", [make for makers in MAKERS.values() for make in makers])
def test_opening_a_mailed_link_changes_nothing_however_often(client, make):
    name, token = make()
    address = reverse(name, kwargs={"token": token})
    before = everything()
    for method in (client.head, client.get, client.get, client.head):
        assert method(address).status_code == (404 if name in NOTHING_HERE else 200)
    assert everything() == before
