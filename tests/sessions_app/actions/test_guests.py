"""Inviting by address: it lets one person register for one session, and nothing more."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core import dates
from core.models import AuditEntry, MailState, OutgoingMail
from core.moves import Refused
from sessions_app.actions import guests, planning, registrations
from sessions_app.mails import guests as guest_mails
from sessions_app.models import Guest, Registration, Session
from sessions_app.rules import Admission, Audience, Form, RegistrationState, SessionState
from tests.factories.members import UserFactory
from tests.factories.sessions import DialogueFactory, RegistrationFactory, SessionFactory
from tests.harness.forms import press

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
    assert Registration.objects.get(pk=row.pk).state == RegistrationState.CANCELLED


def registered_member(session, person, now):
    organisation = person.affiliations.get().organisation
    return registrations.register(
        session=session, person=person, organisation=organisation, form=Form.ON_SITE, actor=person, now=now
    )


def test_a_guest_whose_address_changes_keeps_the_place(client, outsider, staff, now):
    session = SessionFactory(admission=Admission.INVITATION)
    [guest] = invite(session, outsider.email, actor=staff, now=now)
    register(session, outsider, now)
    outsider.email = "thijs@nieuwewerkgever.example"
    outsider.save()
    assert registrations.release_lost(now=now) == 0
    client.force_login(outsider)
    assert session.place in client.get(session.get_absolute_url()).content.decode()
    guests.take_back(guest=guest, actor=staff, now=now)
    assert not session.registrations.live().exists()


def test_a_member_loses_the_place_too_where_one_comes_by_invitation(practitioner, staff, now):
    session = SessionFactory(admission=Admission.INVITATION)
    [guest] = invite(session, practitioner.email, actor=staff, now=now)
    row = registered_member(session, practitioner, now)
    assert registrations.release_lost(now=now) == 0
    guests.take_back(guest=guest, actor=staff, now=now)
    assert Registration.objects.get(pk=row.pk).state == RegistrationState.CANCELLED
    letter = OutgoingMail.objects.get(kind="sessions_app.registration_ended")
    assert "heeft de uitnodiging ingetrokken" in letter.text


def test_who_registered_before_it_was_by_invitation_stays(practitioner, staff, now):
    session = SessionFactory()
    registered_member(session, practitioner, now)
    planning.change(session=session, changes={"admission": Admission.INVITATION}, actor=staff, now=now)
    assert registrations.release_lost(now=now) == 0


def test_staff_invite_a_list_on_the_page_of_the_session_and_read_which_line_is_wrong(client, staff, now):
    session = SessionFactory()
    client.force_login(staff)
    url = reverse("admin:sessions_app_session_move", args=[session.pk, "invite"])
    typed = "een@elders.example\nTwee@elders.example; een@elders.example\ngeen adres"
    refused = client.post(url, {"addresses": typed, "language": "nl"})
    assert refused.status_code == 422
    assert "geen adres" in refused.context["form"].errors["addresses"][0]
    assert "Twee@elders.example" in refused.content.decode()  # what was typed is kept
    press(client, url, {"addresses": typed.replace("geen adres", ""), "language": "nl"})
    assert list(session.guests.values_list("email", flat=True)) == ["een@elders.example", "twee@elders.example"]
    page = client.get(reverse("admin:sessions_app_session_change", args=[session.pk])).content.decode()
    assert "twee@elders.example" in page


def test_who_has_no_account_reads_in_the_language_that_staff_chose(client, outsider, staff, now):
    session = SessionFactory()
    client.force_login(staff)
    typed = {"addresses": f"guest@elders.example\n{outsider.email}", "language": "en"}
    press(client, reverse("admin:sessions_app_session_move", args=[session.pk, "invite"]), typed)
    planning.cancel(session=session, reason="Ziek.", actor=staff, now=now)
    languages = OutgoingMail.objects.values_list("to", "kind", "language")
    assert {(to, language) for to, kind, language in languages if ".guest_" in kind} == {
        ("guest@elders.example", "en"),
        (outsider.email, "nl"),
    }
    letter = OutgoingMail.objects.get(to="guest@elders.example", kind="sessions_app.guest_invited")
    assert letter.text.startswith("You are invited")


def test_an_invited_address_never_stands_on_a_page_for_others(client, host, outsider, staff, now):
    session = SessionFactory(host=host)
    invite(session, "geheim@elders.example", outsider.email, actor=staff, now=now)
    RegistrationFactory(session=session)
    for person in (host, outsider):
        client.force_login(person)
        for url in (session.get_absolute_url(), reverse("sessions:participants", args=[session.pk])):
            assert "geheim@" not in client.get(url).content.decode()


# What who was invited and did not register hears


DECLINER = "afgezegd@elders.example"


@pytest.fixture
def with_guests(staff, outsider, now):
    """Two addresses that did not register, one of them with an account; one who did, and one who gave it up."""
    session = by_invitation(
        place="Zaal 4 (fictief)", form=Form.HYBRID, capacity_online=3, online_link="https://v.example"
    )
    decliner, comer = UserFactory(email=DECLINER), UserFactory(email="komt@elders.example")
    invite(session, outsider.email, "los@elders.example", DECLINER, comer.email, actor=staff, now=now)
    register(session, comer, now)
    given_up = register(session, decliner, now)
    registrations.cancel(registration=given_up, actor=decliner, now=now)
    OutgoingMail.objects.all().delete()
    return session


def told(kind="sessions_app.guest_changed"):
    return OutgoingMail.objects.filter(kind=kind).order_by("to")


def change_date(session, staff, now, **changes):
    fields = ("starts_at", "ends_at", "form", "place", "online_link", "registration_deadline", "capacity")
    schedule = {name: getattr(session, name) for name in (*fields, "capacity_online")} | changes
    return planning.move(session=session, schedule=planning.Schedule(**schedule), actor=staff, now=now)


def test_who_registers_before_such_a_mail_left_does_not_read_that_she_did_not(with_guests, outsider, staff, now):
    change_date(with_guests, staff, now, place="Zaal 5 (fictief)")
    register(with_guests, outsider, now)
    waits = OutgoingMail.objects.exclude(state=MailState.WITHDRAWN).filter(to=outsider.email)
    assert [mail.kind for mail in waits] == ["sessions_app.registration_confirmed"]
    assert "Zaal 5" in waits[0].text
    assert told().filter(to="los@elders.example").exclude(state=MailState.WITHDRAWN).exists()


def test_who_did_not_register_hears_of_a_new_date_and_place_once(with_guests, outsider, staff, now):
    old, new = with_guests.starts_at, with_guests.starts_at + timedelta(days=7)
    change_date(with_guests, staff, now, starts_at=new, ends_at=new + timedelta(hours=1), place="Zaal 5 (fictief)")
    mails = list(told())
    assert [mail.to for mail in mails] == sorted(["los@elders.example", outsider.email])
    assert [mail.recipient for mail in mails if mail.to == outsider.email] == [outsider]
    for mail in mails:
        for part in (mail.text, mail.html):
            for said in (dates.day(new), dates.day(old), "Nederlandse tijd", "Zaal 5", "Zaal 4", "Je hebt je nog niet"):
                assert said in part
            assert "op locatie)" not in part  # how one attends is not chosen yet
        assert "v.example" not in mail.text
        assert mail.secret_link["view"] == "sessions:guest"
        assert mail.attachments == []
    assert set(told("sessions_app.session_moved").values_list("to", flat=True)) == {"komt@elders.example"}


def test_who_did_not_register_hears_of_postponing_and_of_the_date_that_follows(with_guests, staff, now):
    old = with_guests.starts_at
    planning.postpone(session=with_guests, reason="De spreker is ziek.", actor=staff, now=now)
    assert told().count() == 2
    for mail in told():
        for said in (dates.day(old), "Nederlandse tijd", "Zaal 4", "De spreker is ziek.", "nog geen nieuwe datum"):
            assert said in mail.text
    told().delete()
    new = now + timedelta(days=60)
    planning.plan(
        session=with_guests,
        schedule=planning.Schedule(
            starts_at=new, ends_at=new + timedelta(hours=1), form=Form.ON_SITE, place="Zaal 6 (fictief)", capacity=20
        ),
        for_whom="Genodigden",
        audience=Audience.INVITED,
        admission=Admission.INVITATION,
        actor=staff,
        now=now,
    )
    assert told().count() == 2
    for mail in told():
        for said in (dates.day(new), "Zaal 6"):
            assert said in mail.text


def test_who_did_not_register_hears_of_cancelling(with_guests, staff, now):
    planning.cancel(session=with_guests, reason="Te weinig animo.", actor=staff, now=now)
    assert told().count() == 2
    for mail in told():
        for said in (dates.day(with_guests.starts_at), "Zaal 4", "Te weinig animo.", "gaat niet door"):
            assert said in mail.text
        assert mail.link_mark not in mail.text


def test_who_was_taken_back_and_who_is_of_the_past_hears_nothing(with_guests, staff, now):
    for guest in with_guests.guests.all():
        guests.take_back(guest=guest, actor=staff, now=now)
    Guest.objects.create(session=with_guests, email="laat@elders.example", invited_at=now)
    ended = {"starts_at": now - timedelta(hours=2), "ends_at": now - timedelta(hours=1)}
    Session.objects.filter(pk=with_guests.pk).update(state=SessionState.CLOSED, **ended)
    planning.mark_not_held(session=with_guests, reason="Ging niet door.", actor=staff, now=now)
    assert not told().exists()


@pytest.mark.parametrize("number", [1, 30])
def test_telling_many_costs_as_much_as_telling_one(staff, now, number, django_assert_num_queries):
    session = by_invitation()
    invite(session, *(f"gast{n}@elders.example" for n in range(number)), actor=staff, now=now)
    for n in range(number):
        UserFactory(email=f"gast{n}@elders.example")
    OutgoingMail.objects.update(state=MailState.SENT)
    with django_assert_num_queries(5):
        guest_mails.changed(session, "cancelled", now=now)
    assert told().count() == number


def test_a_pasted_list_invites_each_mailbox_once(client, staff):
    session = by_invitation()
    client.force_login(staff)
    url = reverse("admin:sessions_app_session_move", args=[session.pk, "invite"])
    pasted = (
        'Noor de Wit <noor@buiten.example>; "Bakker, Sam" <SAM@buiten.example>\r\n'
        "•\tgast@buiten.example\u200b mailto:noor@buiten.example?subject=Hallo"
    )
    assert press(client, url, {"addresses": pasted, "language": "nl"}).status_code == 302
    invited = list(session.guests.order_by("email").values_list("email", flat=True))
    assert invited == ["gast@buiten.example", "noor@buiten.example", "sam@buiten.example"]


@pytest.mark.parametrize("wrong", ["ırem@kantoor.example", "ſam@kantoor.example", "sam.kantoor.example"])
def test_a_list_with_an_address_that_cannot_be_mailed_invites_nobody_and_stays_on_the_page(client, staff, now, wrong):
    session = by_invitation()
    client.force_login(staff)
    url = reverse("admin:sessions_app_session_move", args=[session.pk, "invite"])
    response = client.post(url, {"addresses": f"gast@buiten.example\n{wrong}", "language": "nl"})
    assert response.status_code == 422
    assert wrong in str(response.context["form"].errors["addresses"])
    assert wrong in response.content.decode()
    with pytest.raises(Refused):
        invite(session, wrong, actor=staff, now=now)
    assert not session.guests.exists()
