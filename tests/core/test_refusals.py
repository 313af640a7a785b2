"""Addresses that the mail server refuses for good: they get nothing, others do, and nothing is lost in silence."""

import smtplib
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from core import delivery, mail, refusals
from core.models import AuditEntry, MailState, OutgoingMail, RefusedAddress
from tests.core.test_outbox import letter, put

pytestmark = pytest.mark.django_db
GONE = "weg@leden.example"


def refused(code, words, number=1):
    return smtplib.SMTPRecipientsRefused({f"{n}@leden.example": (code, words) for n in range(number)})


@pytest.mark.parametrize(
    ("error", "about_address"),
    [
        (refused(550, b"No such user here"), True),
        (refused(550, b"5.1.1 no such user"), True),
        (refused(550, b"5.2.1 mailbox disabled"), True),
        (refused(551, b"User not local"), True),
        (refused(553, b"5.1.3 bad address"), True),
        (refused(550, b"5.7.1 blocked as spam"), False),
        (refused(550, b"5.2.2 mailbox full"), False),
        (refused(550, "5.10.1 unknown"), False),
        (refused(450, b"greylisted"), False),
        (refused(552, b"mailbox full"), False),
        (refused(554, b"5.7.1 policy"), False),
        (refused(550, b"no", number=2), False),
        (smtplib.SMTPDataError(550, b"message refused"), False),
        (smtplib.SMTPSenderRefused(550, b"no such sender", "x@y.example"), False),
        (OSError("away"), False),
    ],
)
def test_only_what_is_about_the_address_itself_stops_its_mail(error, about_address):
    assert refusals.is_about_address(error) == about_address


def note(address=GONE, *, now, recipient=None, **fields):
    """The address stands on the list, because a mail to it was refused; gives its row."""
    refused_on = put(**{"key": f"refused {address}", "to": address, "recipient": recipient, "now": now} | fields)
    refusals.note(refused_on, "550 weg", now=now)
    return RefusedAddress.objects.get(address=address)


def deliver(now):
    return delivery.deliver(clock=lambda: now)


def test_a_refused_address_gets_nothing_more_while_others_do(smtp_server, now):
    smtp_server.refused |= {GONE, "Weg@leden.example"}
    for key, to in (("a", "Weg@leden.example"), ("b", GONE), ("c", "noor@leden.example")):
        put(key, to=to, now=now)
    assert deliver(now) == 1
    row = RefusedAddress.objects.get()
    assert (row.address, row.answer, row.refused_at) == (GONE, "550 No such user here", now)
    smtp_server.refused.clear()  # so that a mail that is tried would arrive
    put("later", to=GONE, now=now)
    put("other", to="sam@leden.example", now=now)
    assert deliver(now + timedelta(minutes=1)) == 1
    assert [message["To"] for message in smtp_server.messages] == ["noor@leden.example", "sam@leden.example"]
    held = OutgoingMail.objects.filter(state=MailState.HELD)
    assert set(held.values_list("key", flat=True)) == {"a", "b", "later"}
    assert all("refused" in error or error.startswith("550") for error in held.values_list("error", flat=True))


def test_a_whole_batch_to_refused_addresses_keeps_no_other_mail_waiting(smtp_server, now):
    note(now=now)
    for number in range(2 * delivery.BATCH):
        put(f"gone {number}", to=GONE, now=now)
    put("last", to="noor@leden.example", now=now)
    assert deliver(now) == 1
    assert [message["Subject"] for message in smtp_server.messages] == ["Onderwerp last"]
    assert OutgoingMail.objects.filter(state=MailState.HELD, key__startswith="gone").count() == 2 * delivery.BATCH


def test_one_run_looks_at_no_more_mails_than_its_limit_however_many_it_holds(smtp_server, now):
    note(now=now)
    for number in range(3 * delivery.BATCH):
        put(f"gone {number}", to=GONE, now=now)
    assert delivery.deliver(clock=lambda: now, limit=2 * delivery.BATCH) == 0
    assert OutgoingMail.objects.filter(state=MailState.HELD, key__startswith="gone").count() == 2 * delivery.BATCH


def test_a_held_key_is_not_queued_again_and_can_be_withdrawn(now):
    put("session:1:reminder:1", state=MailState.HELD, now=now)
    mail.queue(letter("session:1:reminder:1"), now=now)
    assert OutgoingMail.objects.count() == 1
    assert mail.withdraw("session:1:") == 1


def test_trying_again_sends_what_is_still_of_use_and_nothing_that_is_past(smtp_server, staff, client, now):
    smtp_server.refused.add(GONE)
    put("confirmed", to=GONE, now=now)
    put("past", to=GONE, now=now, expires_at=now + timedelta(hours=1))
    put("session:1:cancelled", to=GONE, now=now)
    deliver(now)
    mail.withdraw("session:1:")
    smtp_server.refused.clear()
    row = RefusedAddress.objects.get()
    later = now + timedelta(hours=2)
    refusals.try_again(refused=row, actor=staff, now=later)
    assert deliver(later) == 1
    assert [message["Subject"] for message in smtp_server.messages] == ["Onderwerp confirmed"]
    assert not RefusedAddress.objects.exists()
    assert AuditEntry.objects.get().verb == "mail.address_tried_again"


def test_staff_see_the_list_and_try_again_by_a_button(client, staff, practitioner, now):
    row = note(practitioner.email, recipient=practitioner, now=now)
    put("held", to=practitioner.email, recipient=practitioner, state=MailState.HELD, now=now)
    note("x@y.example", now=now, needs_right="no.right")
    client.force_login(staff)
    page = client.get("/admin/core/refusedaddress/").content.decode()
    assert practitioner.email in page
    assert "550 weg" in page
    assert "x@y.example" not in page
    assert "550 weg" in client.get(f"/admin/members/user/{practitioner.pk}/change/").content.decode()
    response = client.post(f"/admin/core/refusedaddress/{row.pk}/move/try-again/")
    assert response.url == "/admin/core/refusedaddress/"
    assert OutgoingMail.objects.get(key="held").state == MailState.QUEUED


def test_a_code_that_arrives_frees_the_address(client, smtp_server, practitioner, now):
    note(practitioner.email, recipient=practitioner, now=now)
    put("held", to=practitioner.email, recipient=practitioner, state=MailState.HELD, now=now)
    smtp_server.refused.add(practitioner.email)
    EmailAddress.objects.create(user=practitioner, email=practitioner.email, verified=True, primary=True)
    client.post("/account/login/code/", {"email": practitioner.email})
    assert RefusedAddress.objects.exists()
    smtp_server.refused.clear()
    client.post("/account/login/code/", {"email": practitioner.email})
    assert smtp_server.to(practitioner.email)
    assert not RefusedAddress.objects.exists()
    assert OutgoingMail.objects.get(key="held").state == MailState.QUEUED


def test_another_address_takes_over_what_waited(practitioner, contact, now):
    note(practitioner.email, recipient=practitioner, now=now)
    put("mine", to=practitioner.email, recipient=practitioner, state=MailState.HELD, now=now)
    put("other", to=GONE, recipient=contact, state=MailState.HELD, now=now)
    practitioner.email = "nieuw@leden.example"
    practitioner.save()
    refusals.follow(practitioner, now=now)
    row = OutgoingMail.objects.get(key="mine")
    assert (row.state, row.to) == (MailState.QUEUED, "nieuw@leden.example")
    assert OutgoingMail.objects.get(key="other").state == MailState.HELD
    assert not RefusedAddress.objects.exists()


JAN = "jan.dewit+nl@leden.example"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (b"5.1.1 <jan.dewit+nl@leden.example>: no such user", "550 5.1.1 •••: no such user"),
        (b"5.1.1 User jan.dewit unknown at Leden.Example", "550 5.1.1 User ••• unknown at •••"),
        (b"5.1.1 jan.dewit+nl: unknown", "550 5.1.1 •••: unknown"),
        (b"5.1.1 forwarded to sam@elders.example, who is gone", "550 5.1.1 forwarded to •••, who is gone"),
        (b'5.1.1 "sam de wit"@elders.example', "550 5.1.1 •••"),
        (b"5.1.1 <sam> is no user", "550 5.1.1 ••• is no user"),
        ("5.1.1 sam\uff20elders.example is gone".encode(), "550 5.1.1 ••• is gone"),
        (b"5.1.1 sam(at)elders.example is gone", "550 5.1.1 ••• is gone"),
        (b"5.1.1 see https://help.example/?to=jan.dewit%40leden.example", "550 5.1.1 see https://•••"),
        (b"5.1.1 " + b"x" * 485 + b" sam@elders.example", "550 5.1.1 " + "x" * 485 + " •••"),
        (b"5.1.1 No such mailbox; check the spelling", "550 5.1.1 No such mailbox; check the spelling"),
        (b"5.1.1 Janneke is not nl", "550 5.1.1 Janneke is not nl"),
    ],
)
def test_the_servers_answer_is_kept_without_addresses(said, kept):
    assert refusals.answer_of(refused(550, said), to=JAN) == kept
    assert delivery.describe(smtplib.SMTPDataError(550, said), to=JAN) == f"SMTPDataError: {kept}"[:500]


@pytest.mark.parametrize("code", [550, 554, 450])
def test_no_list_keeps_an_address_that_the_server_named(monkeypatch, smtp_server, now, code):
    async def refuse(server, session, envelope, address, options):
        return f"{code} 5.1.1 <{address}> was {address.partition('@')[0]}, now <sam@elders.example>"

    monkeypatch.setattr(smtp_server, "handle_RCPT", refuse)
    put("to jan", to=JAN, now=now)
    deliver(now)
    row = OutgoingMail.objects.get()
    kept = [row.error, *RefusedAddress.objects.values_list("answer", flat=True)]
    assert all(str(code) in text for text in kept)
    assert [word for word in ("@", "jan", "sam", "leden", "elders") if word in " ".join(kept)] == []


def test_an_address_goes_with_the_mail_on_which_it_was_refused_and_what_else_waited_is_tried_again(smtp_server, now):
    note(now=now, key="dialogue:1:invitation:1:sent")
    note("ander@leden.example", now=now)
    put("later", to=GONE.upper(), state=MailState.HELD, error="550", now=now)
    put("other", to="ander@leden.example", state=MailState.HELD, error="550", now=now)

    mail.forget("dialogue:1:")

    assert RefusedAddress.objects.get().address == "ander@leden.example"
    assert OutgoingMail.objects.get(key="other").state == MailState.HELD
    smtp_server.refused |= {GONE, GONE.upper()}
    deliver(now)
    assert RefusedAddress.objects.get(address=GONE).mail.key == "later"


def test_a_refusal_that_comes_when_the_mail_is_gone_leaves_no_address(now):
    row = put("dialogue:1:invitation:1:sent", to=GONE, now=now)
    mail.forget("dialogue:1:")
    refusals.note(row, "550 weg", now=now)
    assert not RefusedAddress.objects.exists()


@pytest.mark.parametrize("rows", [1, 30])
def test_looking_for_refused_addresses_costs_no_query_a_mail(smtp_server, rows, now, django_assert_num_queries):
    for number in range(rows):
        put(str(number), now=now)
    with django_assert_num_queries(9 + 2 * rows):  # claim, the next claim, and each mail's look and its end
        assert delivery.deliver(clock=timezone.now) == rows
