"""A leadership dialogue in a director's calendar: others read that calendar too (domain.md 4.3; peers.md 3, rule 1)."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from icalendar import Calendar

from core import links
from core.models import MailState, OutgoingMail
from sessions_app.actions import invitations, planning
from sessions_app.actions.planning import Schedule
from sessions_app.calendar_feed import personal_feed
from sessions_app.models import Invitation
from tests.factories.members import UserFactory
from tests.factories.sessions import DialogueFactory, InvitationFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 1, 10, tzinfo=UTC)
SATURDAY = datetime(2026, 10, 24, 12, 15, tzinfo=UTC)  # the day before the clock goes back
SUNDAY = datetime(2026, 10, 25, 13, 15, tzinfo=UTC)
WHY = {"reason": "De voorzitter is ziek."}
NEXT = Schedule(starts_at=SUNDAY, ends_at=SUNDAY + timedelta(minutes=90), form="on_site", place="SECRET-HALL")


@pytest.fixture
def dialogue():
    return DialogueFactory(
        starts_at=SATURDAY, title="SECRET-SUBJECT", question="SECRET-QUESTION", place="SECRET-PLACE",
        online_link="https://video.example/secret-link",
    )  # fmt: skip


@pytest.fixture
def invitation(dialogue):
    return InvitationFactory(session=dialogue, state="sent", name="SECRET-NAME", email="directie@stiltevrede.example")


def answer(invitation, accepts, *, now=NOW):
    row = Invitation.objects.get(pk=invitation.pk)
    invitations.answer(invitation=row, accepts=accepts, link_nonce=row.nonce, device=row.nonce, now=now)


def leave():
    """All that waits goes to the mail server."""
    OutgoingMail.objects.waiting().update(state=MailState.SENT)


def files():
    """What left with mails, oldest first: method, number and event."""
    found = []
    for mail in OutgoingMail.objects.filter(state=MailState.SENT).order_by("pk"):
        for attachment in mail.attachments:
            calendar = Calendar.from_ical(attachment["content"])
            [event] = calendar.walk("VEVENT")
            assert attachment["method"] == calendar["METHOD"]
            assert "SECRET" not in attachment["content"].replace("\r\n ", "").upper()
            found.append((str(calendar["METHOD"]), int(event["SEQUENCE"]), event))
    return found


def test_each_change_is_newer_than_the_last_and_the_identity_stays(dialogue, invitation, staff):
    answer(invitation, True)
    leave()
    answer(invitation, False)
    leave()
    answer(invitation, True)
    leave()
    planning.move(session=dialogue, schedule=NEXT, actor=staff, now=NOW)
    leave()
    postponed = planning.postpone(session=dialogue, **WHY, actor=staff, now=NOW)
    leave()
    planning.plan(session=postponed, schedule=NEXT, for_whom="Directeuren", actor=staff, now=NOW)
    leave()
    planning.cancel(session=postponed, **WHY, actor=staff, now=NOW)
    leave()
    written = files()
    assert [method for method, _, _ in written] == [
        *("REQUEST", "CANCEL", "REQUEST", "REQUEST", "CANCEL", "REQUEST", "CANCEL"),
    ]
    numbers = [number for _, number, _ in written]
    assert all(later > earlier for earlier, later in pairwise(numbers)), numbers
    assert {str(event["UID"]) for *_, event in written} == {str(written[0][2]["UID"])}
    first, *_, last = written
    assert (first[2]["DTSTART"].dt, last[2]["DTSTART"].dt) == (SATURDAY, SUNDAY)
    assert first[2]["CLASS"] == "PRIVATE"
    assert first[2]["ATTENDEE"] == "mailto:directie@stiltevrede.example"


def test_a_yes_is_mailed_once_with_date_zone_place_and_link_and_no_subject_in_the_heading(dialogue, invitation):
    answer(invitation, True)
    answer(invitation, True)
    [mail] = OutgoingMail.objects.filter(kind="sessions_app.invitation_answered")
    for body in (mail.text, mail.html):
        assert "zaterdag 24 oktober 2026, 14.15-15.45 uur, Nederlandse tijd" in body
        assert "SECRET-PLACE" in body
        assert dialogue.online_link in body
    assert "SECRET" not in mail.subject
    assert mail.needs_right == "sessions_app.view_invitation"


def test_a_no_at_once_needs_no_mail(invitation):
    answer(invitation, False)
    assert not OutgoingMail.objects.exists()


def test_a_yes_that_was_undone_before_its_mail_left_sends_the_no_alone(invitation):
    answer(invitation, True)
    answer(invitation, False, now=NOW + timedelta(seconds=1))
    waiting = OutgoingMail.objects.waiting()
    assert [mail.attachments[0]["method"] for mail in waiting] == ["CANCEL"]


def test_who_had_accepted_is_told_that_the_invitation_is_taken_back_and_nobody_else(invitation, staff):
    answer(invitation, True)
    leave()
    invitations.revoke(invitation=Invitation.objects.get(pk=invitation.pk), actor=staff, now=NOW)
    [mail] = OutgoingMail.objects.waiting()
    assert (mail.kind, mail.attachments[0]["method"]) == ("sessions_app.invitation_changed", "CANCEL")
    leave()
    (_, first, _), (_, second, _) = files()
    assert second > first
    other = InvitationFactory(session=invitation.session, state="sent")
    invitations.revoke(invitation=other, actor=staff, now=NOW)
    assert not OutgoingMail.objects.waiting().exists()


def test_after_the_end_taking_back_tells_nobody(invitation, staff):
    answer(invitation, True)
    leave()
    row = Invitation.objects.get(pk=invitation.pk)
    invitations.revoke(invitation=row, actor=staff, now=invitation.session.ends_at)
    assert not OutgoingMail.objects.waiting().exists()


@pytest.mark.parametrize("state", ["sent", "declined"])
def test_who_never_accepted_gets_no_file(dialogue, staff, state):
    InvitationFactory(session=dialogue, state=state)
    planning.move(session=dialogue, schedule=NEXT, actor=staff, now=NOW)
    [mail] = OutgoingMail.objects.all()
    assert mail.attachments == []
    for body in (mail.text, mail.html):
        assert "zondag 25 oktober 2026" in body
        assert "zaterdag 24 oktober 2026" in body


def test_ones_own_feed_has_the_number_of_the_mails(dialogue, invitation):
    person = UserFactory(email=invitation.email)
    for accepts in (True, False, True):
        answer(invitation, accepts)
        leave()
    [event] = Calendar.from_ical(personal_feed(person, language="nl", now=NOW)).walk("VEVENT")
    assert int(event["SEQUENCE"]) == files()[-1][1]


def test_all_mails_of_an_answer_are_forgotten_with_the_dialogue(dialogue, invitation):
    answer(invitation, True)
    leave()
    invitations.forget(session=dialogue, now=dialogue.ends_at + timedelta(days=1))
    assert not OutgoingMail.objects.exists()


def test_the_page_of_who_accepted_gives_the_date_without_subject_or_place(client, settings, now):
    dialogue = DialogueFactory(title="SECRET-SUBJECT", question="SECRET-QUESTION", place="SECRET-PLACE")
    invitation = InvitationFactory(session=dialogue, state="sent")
    token = links.sign(purpose="invitation", row=invitation.pk, nonce=invitation.nonce)
    page = f"/uitnodiging/{token}/"
    assert client.get(f"{page}agenda.ics").status_code == 404
    client.post(page, {"answer": "accept"})
    assert f"{page}agenda.ics" in client.get(page).content.decode()
    response = client.get(f"{page}agenda.ics")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/calendar")
    assert "no-store" in response["Cache-Control"]
    [event] = Calendar.from_ical(response.content).walk("VEVENT")
    assert event["DTSTART"].dt == dialogue.starts_at
    assert b"SECRET" not in response.content
    assert token.encode() not in response.content.replace(b"\r\n ", b"")
    client.post(page, {"answer": "decline"})
    assert client.get(f"{page}agenda.ics").status_code == 404
