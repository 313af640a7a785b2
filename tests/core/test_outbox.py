"""The outbox: what must never happen is a mail that is lost and a mail that comes twice."""

import os
import subprocess
import sys
import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from core import delivery, links, mail
from core.mail import Letter
from core.models import MailState, OutgoingMail
from tests.harness.smtp import assert_mail_of_the_portal

pytestmark = pytest.mark.django_db
TEMPLATE = "sessions_app/mail/registration_confirmed"
OTHER = "sessions_app/mail/session_opened"  # without a personal link


def put(key="one", to="noor@leden.example", *, now=None, **fields):
    """A row in the outbox, as queue() writes it."""
    now = now or timezone.now()
    return OutgoingMail.objects.create(
        **{
            "key": key, "to": to, "language": "nl", "kind": "test", "subject": f"Onderwerp {key}", "text": "Tekst",
            "queued_at": now, "next_attempt_at": now,
        } | fields
    )  # fmt: skip


def test_a_mail_says_its_language_and_that_no_machine_should_answer():
    for language in ("nl", "en"):
        row = put(f"key-{language}", language=language)
        assert_mail_of_the_portal(delivery.message(row, None).message(), language)


class Name:
    """Stands for what a template reads, without any model."""

    title = "Een bijeenkomst"
    starts_at = None
    pk = 1


def letter(key, **fields):
    return Letter(key=key, to="noor@leden.example", template=TEMPLATE, context={"session": Name()}, **fields)


def test_a_key_that_exists_is_not_queued_again(now):
    mail.queue(letter("session:1:registration:1:confirmed"), now=now)
    mail.queue(letter("session:1:registration:1:confirmed"), now=now)
    assert OutgoingMail.objects.count() == 1


def test_a_withdrawn_key_is_free_again(now):
    mail.queue(letter("session:1:reminder:2:T-7d"), now=now)
    assert mail.withdraw("session:1:reminder:") == 1
    mail.queue(letter("session:1:reminder:2:T-7d"), now=now)
    assert list(OutgoingMail.objects.order_by("pk").values_list("state", flat=True)) == ["withdrawn", "queued"]


def test_withdrawing_one_session_leaves_another_alone(now):
    mail.queue(letter("session:8:reminder:2"), now=now)
    mail.queue(letter("session:81:reminder:2"), now=now)
    mail.withdraw("session:8:")
    assert OutgoingMail.objects.get(key="session:81:reminder:2").state == MailState.QUEUED


def test_a_mail_of_a_change_that_fails_is_never_there(now):
    class Broken(Exception):
        pass

    def change():
        with transaction.atomic():
            mail.queue(letter("a"), now=now)
            raise Broken

    with pytest.raises(Broken):
        change()
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(("language", "subject"), [("nl", "Je bent aangemeld"), ("en", "You are registered")])
def test_a_mail_is_in_the_reader_s_language(now, language, subject):
    mail.queue(letter("a", language=language), now=now)
    row = OutgoingMail.objects.get()
    assert row.subject.startswith(subject)
    assert ("/en/bijeenkomsten/1/" in row.text) == (language == "en")


def test_sending_sends_once_with_a_message_id_of_its_own(smtp_server):
    row = put()
    assert delivery.deliver(clock=timezone.now) == 1
    assert delivery.deliver(clock=timezone.now) == 0
    [message] = smtp_server.messages
    assert message["Message-ID"] == f"<{row.message_id}@localhost>"
    assert OutgoingMail.objects.get().state == MailState.SENT


def test_urgent_goes_before_bulk_and_all_over_one_connection(smtp_server):
    for number in range(5):
        put(f"bulk:{number}")
    put("urgent", urgent=True)
    delivery.deliver(clock=timezone.now)
    subjects = [message["Subject"] for message in smtp_server.messages]
    assert subjects[0] == "Onderwerp urgent"
    assert len(subjects) == 6


def test_a_server_that_cannot_be_reached_costs_no_attempt_and_loses_nothing(smtp_server, settings):
    settings.EMAIL_PORT = 1
    put()
    assert delivery.deliver(clock=timezone.now) == 0
    row = OutgoingMail.objects.get()
    assert (row.state, row.attempts) == (MailState.QUEUED, 0)
    settings.EMAIL_PORT = smtp_server.port
    assert delivery.deliver(clock=lambda: timezone.now() + delivery.PAUSE) == 1


def test_a_busy_server_is_tried_again_later_and_longer_each_time(smtp_server, now):
    smtp_server.busy = True
    put(now=now)
    moment = now
    for attempt, wait in enumerate(delivery.BACK_OFF, start=1):
        delivery.deliver(clock=lambda moment=moment: moment)
        row = OutgoingMail.objects.get()
        assert (row.state, row.attempts, row.next_attempt_at) == (MailState.QUEUED, attempt, moment + wait)
        moment += wait
    delivery.deliver(clock=lambda: moment)
    assert OutgoingMail.objects.get().state == MailState.FAILED


def test_an_address_that_is_refused_for_good_fails_and_holds_up_nobody(smtp_server):
    smtp_server.refused.add("weg@leden.example")
    put("gone", to="weg@leden.example")
    put("other")
    assert delivery.deliver(clock=timezone.now) == 1
    assert OutgoingMail.objects.get(key="gone").state == MailState.HELD
    assert OutgoingMail.objects.get(key="other").state == MailState.SENT


def test_staff_can_send_a_failed_mail_again(smtp_server, now):
    put(state=MailState.FAILED, attempts=8, error="550")
    assert delivery.send_again(OutgoingMail.objects.all(), now=now) == 1
    assert delivery.deliver(clock=timezone.now) == 1


def test_a_lost_answer_gives_a_second_copy_with_the_same_message_id(smtp_server, now):
    smtp_server.silent = True
    put(now=now)
    delivery.deliver(clock=lambda: now)
    smtp_server.silent = False
    delivery.deliver(clock=lambda: now + timedelta(hours=1))
    first, second = smtp_server.messages
    assert first["Message-ID"] == second["Message-ID"]


def test_a_dead_worker_s_mail_is_taken_over_after_the_lease_and_not_before(smtp_server, settings, now):
    put(state=MailState.SENDING, claim=uuid.uuid4(), claimed_at=now)
    lease = timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    assert delivery.deliver(clock=lambda: now + lease - timedelta(seconds=1)) == 0
    assert delivery.deliver(clock=lambda: now + lease) == 1


def test_a_slow_worker_that_lost_its_claim_leaves_the_mail_alone(smtp_server, now):
    put(now=now)
    claim, rows, _held = delivery.claim_batch(now=now)
    OutgoingMail.objects.update(claim=uuid.uuid4())  # another worker took it over
    assert delivery.send_batch(rows, claim=claim, clock=lambda: now) == (0, True)
    assert smtp_server.messages == []


def test_a_mail_that_is_of_no_use_any_more_is_not_sent(smtp_server, now):
    put(now=now, expires_at=now)
    assert delivery.deliver(clock=lambda: now) == 0
    assert OutgoingMail.objects.get().state == MailState.WITHDRAWN


def test_a_link_stands_in_the_sent_mail_and_not_in_the_database(smtp_server):
    link = links.SecretLink(view="sessions:invitation", purpose="invitation", row=7, nonce="geheim")
    put(text="Klik: [link x]", html="<a href='[link x]'>Klik</a>", secret_link=link.as_json(), link_mark="[link x]")
    delivery.deliver(clock=timezone.now)
    [message] = smtp_server.messages
    sent = message.get_body(("plain",)).get_content()
    token = sent.split("/uitnodiging/")[1].split("/")[0]
    assert links.read(token, purpose="invitation") == (7, "geheim")
    row = OutgoingMail.objects.get()
    assert token in message.get_body(("html",)).get_content()
    assert token not in str(vars(row))
    assert row.text_for_staff == "Klik: •••"
    with pytest.raises(links.BadLink):
        links.read(token, purpose="something_else")


def test_a_commit_wakes_the_worker_once(now, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        mail.queue(letter("a"), now=now)
        mail.queue(letter("b"), now=now)
    assert len(callbacks) == 1


def test_attachments_and_html_are_sent_along(smtp_server):
    put(
        html="<p>Hoi</p>",
        attachments=[{"name": "a.ics", "content_type": "text/calendar", "content": "BEGIN:VCALENDAR"}],
    )
    delivery.deliver(clock=timezone.now)
    [message] = smtp_server.messages
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar"]


def test_of_several_calendars_one_is_in_the_body_and_each_is_a_part_that_names_its_method(smtp_server):
    words = ["een", "twee", "drie"]
    files = [
        {"name": f"{word}.ics", "content_type": "application/ics", "method": "CANCEL",
         "content": f"BEGIN:VCALENDAR\r\nX-WORD:{word} é\r\nEND:VCALENDAR\r\n"}
        for word in words
    ]  # fmt: skip
    put("one", attachments=files)
    delivery.deliver(clock=timezone.now)
    [message] = smtp_server.messages
    parts = [part for part in message.walk() if part.get_content_type() in ("text/calendar", "application/ics")]
    assert [
        (part.get_content_type(), part.get_filename(), part.get_content_disposition(), part.get_param("method"))
        for part in parts
    ] == [
        ("text/calendar", None, None, "CANCEL"),
        ("application/ics", "een.ics", "attachment", None),
        ("text/calendar", "twee.ics", "attachment", "CANCEL"),
        ("text/calendar", "drie.ics", "attachment", "CANCEL"),
    ]
    texts = [part.get_payload(decode=True).decode() for part in parts]
    assert [word for text in texts for word in words if f"X-WORD:{word} é" in text] == ["een", *words]


def test_a_calendar_that_names_its_method_goes_as_an_alternative_and_as_a_file(smtp_server):
    """RFC 6047: what Outlook and Gmail take for an invitation; the file has another type, so that none sees two."""
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:één\r\nEND:VCALENDAR\r\n"
    file = {"name": "a.ics", "content_type": "application/ics", "content": calendar, "method": "REQUEST"}
    put(html="<p>Hoi</p>", attachments=[file])
    delivery.deliver(clock=timezone.now)
    [message] = smtp_server.messages
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics")
    ]
    [part] = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert (part.get_param("method"), part.get_content_charset()) == ("REQUEST", "utf-8")
    assert part.get_content_disposition() is None
    [file_sent] = message.iter_attachments()
    assert file_sent.get_filename() == "a.ics"
    assert part.get_content().splitlines() == file_sent.get_content().decode().splitlines() == calendar.splitlines()


def test_a_broker_that_is_down_costs_a_line_in_the_log_and_no_error():
    code = "import django; django.setup(); from core import mail; mail.wake()"
    env = os.environ | {"REDIS_URL": "redis://127.0.0.1:1/0"}
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, "broker cannot be reached" in ran.stderr) == (0, True)


@pytest.mark.parametrize("typed", ["[[link:foo:bar:baz:1:x]]", "[link aaaaaaaaaaaaaaaaaaaaaaaa]", "{{ secret_link }}"])
def test_nothing_that_people_type_becomes_a_link(smtp_server, now, typed):
    class Typed(Name):
        title = typed

    link = links.SecretLink(view="sessions:invitation", purpose="invitation", row=7, nonce="geheim")
    context = {"session": Typed()}
    mail.queue(Letter(key="a", to="noor@leden.example", template=OTHER, context=context, secret_link=link), now=now)
    delivery.deliver(clock=timezone.now)
    [message] = smtp_server.messages
    body = message.get_body(("plain",)).get_content()
    assert typed in body
    assert "/uitnodiging/" not in body


def test_a_mail_that_cannot_be_put_together_holds_up_no_other(smtp_server):
    put("broken", urgent=True, secret_link={"view": "no:such", "purpose": "p", "row": 1, "nonce": "n"}, link_mark="x")
    put("other")
    assert delivery.deliver(clock=timezone.now) == 1
    broken = OutgoingMail.objects.get(key="broken")
    assert (broken.state, broken.attempts) == (MailState.QUEUED, 1)


def test_what_is_withdrawn_while_a_worker_has_it_in_hand_does_not_leave(smtp_server, now):
    put("session:8:reminder:1", now=now)
    claim, rows, _held = delivery.claim_batch(now=now)
    assert mail.withdraw("session:8:") == 1
    assert delivery.send_batch(rows, claim=claim, clock=lambda: now) == (0, True)
    assert smtp_server.messages == []
