"""The mailed link to an invitation by address, in the hands of another: it lets nobody in before the organisers did."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from core import links
from core.models import AuditEntry, OutgoingMail
from core.moves import Refused
from members.actions import affiliations
from partos_portal.erasure import close_account
from sessions_app.actions import guests, planning, registrations, series_registrations
from sessions_app.mails.guests import link_of
from sessions_app.models import Guest, Registration, Session
from sessions_app.rules import Admission, Audience, Form, RegistrationState, SessionState
from tests.factories.members import UserFactory, member_person
from tests.factories.sessions import DialogueFactory, RegistrationFactory, SessionFactory
from tests.members.test_sign_in import mailed_code

pytestmark = pytest.mark.django_db
R = RegistrationState
INVITED = "nadia@horizonhulp.example"
MASKED = "n•••@horizonhulp.example"


@pytest.fixture
def session(host):
    """By invitation, with room, and with more to tell than its mail does."""
    return SessionFactory(
        host=host,
        audience=Audience.INVITED,
        admission=Admission.INVITATION,
        form=Form.HYBRID,
        capacity_online=5,
        online_link="https://video.example/geheim",
        description="Alleen voor wie komt.",
    )


@pytest.fixture
def invitation(session, staff, now):
    [guest] = guests.invite(session=session, addresses=[INVITED], actor=staff, now=now)
    OutgoingMail.objects.all().delete()
    return guest


def link(guest):
    secret = link_of(guest)
    return reverse(secret.view, kwargs={"token": links.sign(purpose="guest", row=secret.row, nonce=secret.nonce)})


def text(response):
    return " ".join(response.content.decode().split())


def own(session, person):
    return session.registrations.filter(person=person)


def ask(guest, person, now, **fields):
    """By the action, as the page does."""
    wish = {"organisation": None, "form": Form.ON_SITE} | fields
    return guests.ask(guest=guest, person=person, actor=person, now=now, **wish)


def decide(row, staff, now, *, admit=True):
    return series_registrations.decide(registration=row, admit=admit, actor=staff, now=now)


# What must never happen


def test_a_forwarded_link_gives_no_seat_however_empty_the_session(client, invitation, session, outsider, now):
    client.force_login(outsider)
    client.post(link(invitation), {"form": "on_site"})
    row = own(session, outsider).get()
    assert row.state == R.REQUESTED
    assert not session.registrations.holding_seat().exists()
    # Nor by any other way round.
    for url in ("sessions:register", "sessions:register_colleague"):
        client.post(reverse(url, args=[session.pk]), {"form": "on_site"})
    client.post(reverse("sessions:my_place", args=[session.pk]), {"act": "accept"})
    row.refresh_from_db()
    assert row.state == R.REQUESTED
    assert own(session, outsider).count() == 1
    registrations.release_lost(now=now)
    row.refresh_from_db()
    assert row.state == R.REQUESTED


def test_sending_it_twice_asks_once_and_mails_once(client, invitation, session, outsider, host, staff):
    client.force_login(outsider)
    for _ in range(2):
        assert client.post(link(invitation), {"form": "on_site"}).url == session.get_absolute_url()
    assert own(session, outsider).count() == 1
    assert sorted(OutgoingMail.objects.values_list("to", "kind")) == sorted(
        [
            (outsider.email, "sessions_app.registration_requested"),
            (host.email, "sessions_app.guest_asked"),
            (staff.email, "sessions_app.guest_asked"),
        ]
    )


def test_two_people_on_one_link_both_wait_and_who_was_invited_registers_herself(
    client, invitation, session, outsider, now
):
    second, invitee = UserFactory(), UserFactory(email=INVITED)
    for person in (outsider, second):
        client.force_login(person)
        client.post(link(invitation), {"form": "on_site"})
    assert set(session.registrations.filter(guest=invitation).values_list("state", flat=True)) == {R.REQUESTED}
    client.force_login(invitee)
    assert client.get(link(invitation)).url == reverse("sessions:register", args=[session.pk])
    client.post(reverse("sessions:register", args=[session.pk]), {"form": "on_site"})
    assert own(session, invitee).get().state == R.CONFIRMED
    assert {own(session, person).get().state for person in (outsider, second)} == {R.REQUESTED}


def test_an_invitation_that_was_taken_back_opens_nothing_and_takes_no_request(
    client, invitation, outsider, staff, session, now
):
    url = link(invitation)
    held = Guest.objects.get(pk=invitation.pk)  # as read by somebody who is just about to ask
    guests.take_back(guest=invitation, actor=staff, now=now)
    for person in (None, outsider):
        if person:
            client.force_login(person)
        for answer in (client.get(url), client.post(url, {"form": "on_site"})):
            assert answer.status_code == 404
            assert session.title not in text(answer)
    with pytest.raises(Refused, match="ingetrokken"):
        ask(held, outsider, now)
    assert not own(session, outsider).exists()


def test_a_link_of_before_does_not_open_an_invitation_that_was_made_anew(client, invitation, session, staff, now):
    url = link(invitation)
    guests.take_back(guest=invitation, actor=staff, now=now)
    [anew] = guests.invite(session=session, addresses=[INVITED], actor=staff, now=now)
    assert client.get(url).status_code == 404
    assert client.get(link(anew)).status_code == 200


def test_a_scanner_that_opens_it_changes_nothing(client, invitation, outsider):
    def everything():
        rows = [list(model.objects.order_by("pk").values()) for model in (Guest, Registration, Session)]
        return rows, AuditEntry.objects.count(), OutgoingMail.objects.count()

    before = everything()
    for person in (None, outsider):
        if person:
            client.force_login(person)
        for method in (client.head, client.get, client.get):
            answer = method(link(invitation))
            assert answer.status_code == 200
            assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
            assert "no-store" in answer.headers["Cache-Control"]
    assert everything() == before


def test_the_link_tells_what_its_mail_told_and_neither_names_nor_the_online_link(client, invitation, session, outsider):
    RegistrationFactory(session=session, person=UserFactory(name="Geheime Deelnemer (fictief)"))
    client.force_login(outsider)
    pages = [client.get(link(invitation)), client.post(link(invitation), {"form": "nergens"})]
    client.logout()
    pages.append(client.get(link(invitation)))
    for page in pages:
        assert session.title in text(page)
        assert session.place in text(page)
        assert MASKED in text(page)
        for hidden in (INVITED, "Geheime", "geheim", session.description, "Kofi"):
            assert hidden not in text(page)


def test_who_asked_reads_no_more_than_before_until_admitted(client, invitation, session, outsider, staff, now):
    row = ask(invitation, outsider, now)
    client.force_login(outsider)
    pages = {
        "detail": session.get_absolute_url(),
        "place": reverse("sessions:my_place", args=[session.pk]),
        "mine": reverse("sessions:mine"),
    }
    for url in pages.values():
        page = client.get(url)
        assert page.status_code == 200
        for hidden in (session.description, "video.example", INVITED):
            assert hidden not in text(page)
    for name in ("sessions:calendar", "sessions:participants"):
        assert client.get(reverse(name, args=[session.pk])).status_code == 404
    assert "video.example" not in OutgoingMail.objects.get(to=outsider.email).text
    decide(row, staff, now)
    assert session.description in text(client.get(pages["detail"]))
    assert client.get(reverse("sessions:calendar", args=[session.pk])).status_code == 200


def test_nobody_signs_the_link_for_another_purpose_or_row(client, invitation, session, staff, now):
    secret = link_of(invitation)
    [other] = guests.invite(session=session, addresses=["ander@elders.example"], actor=staff, now=now)
    wrong = [
        links.sign(purpose="registration", row=secret.row, nonce=secret.nonce),
        links.sign(purpose="guest", row=other.pk, nonce=secret.nonce),
        links.sign(purpose="guest", row=secret.row, nonce=""),
        "vals",
    ]
    for token in wrong:
        assert client.get(reverse("sessions:guest", kwargs={"token": token})).status_code == 404


# What comes of it


def test_the_page_says_to_whom_it_was_sent_and_as_whom_one_is_signed_in(client, invitation, session, outsider):
    page = text(client.get(link(invitation)))
    assert "Log in met dat adres" in page
    client.force_login(outsider)
    page = text(client.get(link(invitation)))
    assert f"Deze uitnodiging is gestuurd aan {MASKED}. Jij bent ingelogd als {outsider.email}." in page
    assert "Vragen of je mag komen" in page


def test_a_visitor_who_sends_the_form_is_asked_to_sign_in(client, invitation):
    answer = client.post(link(invitation), {"form": "on_site"})
    assert answer.url.startswith(reverse("account_request_login_code"))
    assert not Registration.objects.filter(guest=invitation).exists()


def test_the_conveners_read_who_asks_and_by_which_invitation(
    client, invitation, session, practitioner, host, staff, now
):
    organisation = practitioner.affiliations.get().organisation
    ask(invitation, practitioner, now, organisation=organisation, function="Adviseur")
    to_staff, to_host = (OutgoingMail.objects.get(to=person.email) for person in (staff, host))
    for mail in (to_staff, to_host):
        for told in (str(practitioner), organisation.name, "Adviseur", session.title, "/deelnemers/"):
            assert told in mail.text
        assert mail.needs_right == "sessions_app.view_registration"
    assert INVITED in to_staff.text
    # A host reads no addresses of others (domain.md 3).
    assert MASKED in to_host.text
    assert INVITED not in to_host.text + to_host.html
    for person, shown, hidden in ((staff, INVITED, MASKED), (host, MASKED, INVITED)):
        client.force_login(person)
        page = text(client.get(reverse("sessions:participants", args=[session.pk])))
        assert f"vraagt het met de uitnodiging aan {shown}" in page
        assert hidden not in page


def test_asking_anew_on_one_day_mails_the_conveners_no_second_time(invitation, outsider, staff, now):
    row = ask(invitation, outsider, now)
    registrations.cancel(registration=row, actor=outsider, now=now)
    again = ask(invitation, outsider, now)
    assert again.pk != row.pk
    assert again.state == R.REQUESTED
    assert OutgoingMail.objects.filter(to=staff.email, kind="sessions_app.guest_asked").count() == 1


def test_who_is_admitted_comes_and_stays_and_loses_the_seat_when_the_invitation_is_taken_back(
    client, invitation, session, outsider, staff, now
):
    row = ask(invitation, outsider, now)
    assert not Session.objects.visible_to(UserFactory()).filter(pk=session.pk).exists()
    decide(row, staff, now)
    row.refresh_from_db()
    assert row.state == R.CONFIRMED
    assert registrations.release_lost(now=now) == 0
    client.force_login(outsider)
    assert client.get(link(invitation)).url == session.get_absolute_url()
    guests.take_back(guest=Guest.objects.get(pk=invitation.pk), actor=staff, now=now)
    row.refresh_from_db()
    assert row.state == R.CANCELLED
    assert OutgoingMail.objects.filter(to=outsider.email, kind="sessions_app.registration_ended").exists()


def test_taking_the_invitation_back_ends_what_was_asked_by_it_and_the_mail_about_it(invitation, outsider, staff, now):
    row = ask(invitation, outsider, now)
    guests.take_back(guest=Guest.objects.get(pk=invitation.pk), actor=staff, now=now)
    with pytest.raises(Refused):
        decide(row, staff, now)
    registrations.release_lost(now=now)
    row.refresh_from_db()
    assert row.state == R.CANCELLED
    assert set(OutgoingMail.objects.filter(kind="sessions_app.guest_asked").values_list("state", flat=True)) == {
        "withdrawn"
    }


def test_who_is_not_admitted_has_no_place(invitation, session, outsider, staff, now):
    row = ask(invitation, outsider, now)
    decide(row, staff, now, admit=False)
    assert own(session, outsider).get().state == R.REJECTED
    assert not Session.objects.visible_to(outsider).filter(pk=session.pk).exists()


def test_who_is_admitted_to_a_full_session_waits_in_line(staff, outsider, now):
    session = SessionFactory(capacity=1, registered=1)
    [guest] = guests.invite(session=session, addresses=[INVITED], actor=staff, now=now)
    row = ask(guest, outsider, now)
    decide(row, staff, now)
    row.refresh_from_db()
    assert row.state == R.WAITLISTED
    assert registrations.release_lost(now=now) == 0


def test_who_may_register_anyway_needs_nobodys_leave(client, practitioner, staff, now):
    session = SessionFactory()
    [guest] = guests.invite(session=session, addresses=[INVITED], actor=staff, now=now)
    client.force_login(practitioner)
    assert client.get(link(guest)).url == reverse("sessions:register", args=[session.pk])
    with pytest.raises(Refused, match="zelf aanmelden"):
        ask(guest, practitioner, now)


@pytest.mark.parametrize("case", ["deadline", "cancelled", "started", "closed", "planned", "postponed"])
def test_what_keeps_everyone_out_keeps_out_who_asks(client, session, invitation, outsider, staff, now, case):
    words = {
        "deadline": "sluitingsdatum",
        "cancelled": "Deze bijeenkomst gaat niet door.",
        "started": "gesloten",
        "closed": "gesloten",
        "planned": "nog niet",
        "postponed": "uitgesteld",
    }[case]
    if case == "cancelled":
        planning.cancel(session=session, reason="Ziek.", actor=staff, now=now)
    elif case == "postponed":
        planning.postpone(session=session, reason="Ziek.", actor=staff, now=now)
    else:
        moment = now - timedelta(minutes=1)
        changes = {
            "deadline": {"registration_deadline": moment},
            "started": {"starts_at": moment},
            "closed": {"state": SessionState.CLOSED},
            "planned": {"state": SessionState.PLANNED},
        }[case]
        Session.objects.filter(pk=session.pk).update(**changes)
    invitee = UserFactory(email=INVITED)
    for person in (None, outsider, invitee):
        if person:
            client.force_login(person)
        page = client.get(link(invitation))
        assert page.status_code == 200
        assert words in text(page)
        assert '<form method="post" novalidate' not in page.content.decode()
    client.force_login(outsider)
    assert client.post(link(invitation), {"form": "on_site"}).status_code == 422
    assert not own(session, outsider).exists()
    with pytest.raises(Refused):
        ask(Guest.objects.get(pk=invitation.pk), outsider, now)


def test_a_dialogue_has_no_such_link(client, outsider, now):
    guest = Guest.objects.create(session=DialogueFactory(), email=INVITED, invited_at=now)
    assert client.get(link(guest)).status_code == 404
    with pytest.raises(Refused):
        ask(guest, outsider, now)


def test_who_left_the_organisation_for_which_she_asked_is_not_admitted(invitation, practitioner, contact, staff, now):
    affiliation = practitioner.affiliations.get()
    row = ask(invitation, practitioner, now, organisation=affiliation.organisation)
    affiliations.end(affiliation=affiliation, actor=contact, now=now)
    with pytest.raises(Refused):
        decide(row, staff, now)
    with pytest.raises(Refused, match="organisatie"):
        ask(invitation, member_person(), now, organisation=affiliation.organisation)


def test_closing_the_account_that_was_invited_keeps_who_was_admitted(invitation, session, outsider, staff, now):
    invitee = UserFactory(email=INVITED)
    admitted = ask(invitation, outsider, now)
    decide(admitted, staff, now)
    asked = ask(invitation, UserFactory(), now)
    close_account(person=invitee, actor=invitee, now=now)
    assert not Guest.objects.filter(email=INVITED).exists()
    assert not OutgoingMail.objects.filter(text__contains=INVITED).exists()
    assert not OutgoingMail.objects.filter(text__contains=MASKED).exists()
    assert registrations.release_lost(now=now) == 1
    admitted.refresh_from_db()
    asked.refresh_from_db()
    assert (admitted.state, asked.state) == (R.CONFIRMED, R.CANCELLED)


def test_closing_the_account_that_asked_takes_the_request_along(invitation, session, outsider, now):
    ask(invitation, outsider, now)
    close_account(person=outsider, actor=outsider, now=now)
    assert own(session, outsider).get().state == R.WITHDRAWN
    assert not OutgoingMail.objects.filter(text__contains="Specimen").exists()


def test_one_stays_on_it_while_signing_in_making_an_account_and_changing_addresses(client, invitation, outsider):
    url = link(invitation)
    EmailAddress.objects.create(user=outsider, email=outsider.email, verified=True, primary=True)
    ways = re.findall(r'href="(/account/[a-z/]+\?next=[^"]+)"', client.get(url).content.decode())
    [sign_in, sign_up] = [way for way in ways if "next=" + quote(url) in way]
    assert 'name="next"' in client.get(sign_in).content.decode()
    answer = client.post(sign_in.split("?")[0], {"email": outsider.email, "next": url})
    answer = client.post(answer.url, {"code": mailed_code(), "next": url})
    assert answer.url == url
    [leave] = re.findall(r'href="(/account/logout/\?next=[^"]+)"', client.get(url).content.decode())
    assert 'name="next"' in client.get(leave).content.decode()
    assert client.post("/account/logout/", {"next": url}).url == url
    assert 'name="next"' in client.get(sign_up).content.decode()
    client.post("/account/signup/", {"email": INVITED, "name": "Nadia Nieuw (fictief)", "next": url})
    answer = client.post("/account/confirm-email/", {"code": mailed_code()})
    assert answer.url == url
    assert client.get(url).url == reverse("sessions:register", args=[invitation.session_id])
