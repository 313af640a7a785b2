"""Inviting by address: it lets one person register for one session, and nothing more."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core.models import AuditEntry, OutgoingMail
from core.moves import Refused
from sessions_app.actions import guests, registrations
from sessions_app.models import Guest, Registration, Session
from sessions_app.rules import Admission, Audience, Form, RegistrationState, SessionState
from tests.factories.sessions import DialogueFactory, RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db


def by_invitation(**fields):
    return SessionFactory(audience=Audience.INVITED, admission=Admission.INVITATION, **fields)


def register(session, person, now):
    return registrations.register(
        session=session, person=person, organisation=None, form=Form.ON_SITE, actor=person, now=now
    )


def invite(session, *addresses, actor, now):
    return guests.invite(session=session, addresses=addresses, actor=actor, now=now)


def test_who_is_invited_may_see_and_register_and_nobody_else(client, outsider, practitioner, staff, now):
    session = by_invitation(place="Zaal 4")
    client.force_login(outsider)
    assert client.get(session.get_absolute_url()).status_code == 404
    invite(session, outsider.email.upper(), actor=staff, now=now)
    page = client.get(session.get_absolute_url())
    assert "Zaal 4" in page.content.decode()
    assert page.context["panel"].label == "Aanmelden"
    assert register(session, outsider, now).state == RegistrationState.CONFIRMED
    client.force_login(practitioner)
    assert client.get(session.get_absolute_url()).status_code == 404
    with pytest.raises(Refused, match="uitnodiging"):
        register(session, practitioner, now)


def test_a_guest_at_one_session_has_no_right_at_another(outsider, staff, now):
    invite(SessionFactory(), outsider.email, actor=staff, now=now)
    with pytest.raises(Refused):
        register(SessionFactory(), outsider, now)
    assert not Session.objects.visible_to(outsider).filter(audience=Audience.INVITED).exists()


def test_each_invited_address_gets_one_mail_however_often_it_is_invited(outsider, staff, now):
    session = SessionFactory()
    for _ in range(2):
        invite(session, outsider.email, "iemand@elders.example", actor=staff, now=now)
    assert sorted(OutgoingMail.objects.values_list("to", flat=True)) == ["iemand@elders.example", outsider.email]
    assert AuditEntry.objects.filter(verb="guest.invited").count() == 2
    assert all("@" not in str(entry.codes) for entry in AuditEntry.objects.all())


@pytest.mark.parametrize("case", ["dialogue", "held", "closed", "started", "host"])
def test_nobody_is_invited_where_that_makes_no_sense(staff, host, now, case):
    session = {
        "dialogue": lambda: DialogueFactory(),
        "held": lambda: SessionFactory(state=SessionState.HELD),
        "closed": lambda: SessionFactory(state=SessionState.CLOSED),
        "started": lambda: SessionFactory(starts_at=now - timedelta(minutes=1)),
        "host": lambda: SessionFactory(host=host),
    }[case]()
    with pytest.raises(Refused):
        invite(session, "iemand@elders.example", actor=host if case == "host" else staff, now=now)
    assert not Guest.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_a_guest_keeps_the_seat_while_invited_and_loses_it_when_taken_back(outsider, staff, now):
    session = SessionFactory()
    [guest] = invite(session, outsider.email, actor=staff, now=now)
    row = register(session, outsider, now)
    assert registrations.release_lost(now=now) == 0
    guests.take_back(guest=guest, actor=staff, now=now)
    assert registrations.release_lost(now=now) == 1
    assert Registration.objects.get(pk=row.pk).state == RegistrationState.CANCELLED


def test_staff_invite_a_list_on_the_page_of_the_session_and_read_which_line_is_wrong(client, staff, now):
    session = SessionFactory()
    client.force_login(staff)
    url = reverse("admin:sessions_app_session_move", args=[session.pk, "invite"])
    typed = "een@elders.example\nTwee@elders.example; een@elders.example\ngeen adres"
    refused = client.post(url, {"addresses": typed})
    assert refused.status_code == 422
    assert "geen adres" in refused.context["form"].errors["addresses"][0]
    assert "Twee@elders.example" in refused.content.decode()  # what was typed is kept
    client.post(url, {"addresses": typed.replace("geen adres", "")})
    assert list(session.guests.values_list("email", flat=True)) == ["een@elders.example", "twee@elders.example"]
    page = client.get(reverse("admin:sessions_app_session_change", args=[session.pk])).content.decode()
    assert "twee@elders.example" in page


def test_an_invited_address_never_stands_on_a_page_for_others(client, host, outsider, staff, now):
    session = SessionFactory(host=host)
    invite(session, "geheim@elders.example", outsider.email, actor=staff, now=now)
    RegistrationFactory(session=session)
    for person in (host, outsider):
        client.force_login(person)
        for url in (session.get_absolute_url(), reverse("sessions:participants", args=[session.pk])):
            assert "geheim@" not in client.get(url).content.decode()
