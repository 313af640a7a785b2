"""Choosing one's mail: what must never happen is that what changes a seat can be switched off, or that news is lost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core import delivery, digest, links, mail, streams
from core.digest import DIGEST
from core.mail import About, Letter
from core.models import AuditEntry, MailState, OutgoingMail
from core.streams import Wish
from members.actions import mail_choices
from members.streams import REQUESTS
from sessions_app.streams import NEWS, PROPOSALS, REMINDERS
from tests.factories.leerlijnen import LearningLineFactory
from tests.factories.members import UserFactory

pytestmark = pytest.mark.django_db


class Title:
    title, starts_at, pk = "Een bijeenkomst", None, 1


def put(person, key="session:1:news:1", *, stream=REQUESTS, about="session:1", now, **fields):
    mail.queue(
        Letter(
            key=key,
            to=person,
            template="sessions_app/mail/session_opened",
            context={"session": Title()},
            stream=stream,
            about=About(key=about, title=f"Over {about}", view="sessions:detail", row=1),
            **fields,
        ),
        now=now,
    )
    return OutgoingMail.objects.filter(key=key).order_by("-pk").first()


def choose(person, now, **wishes):
    mail_choices.choose(person=person, wishes=wishes, now=now)
    person.refresh_from_db()


# What one may choose


def test_a_letter_without_a_stream_goes_at_once_whatever_one_chose(practitioner, now):
    for each in streams.registered():
        choose(practitioner, now, **{each.code: each.wishes[-1]})
    assert put(practitioner, stream=None, now=now).state == MailState.QUEUED


@given(st.dictionaries(st.sampled_from(["", "registration", "seat", "digest", "news"]), st.sampled_from([*Wish, ""])))
def test_no_choice_that_anyone_can_write_switches_off_what_has_no_stream(choices):
    class Person:
        mail_choices = choices

    assert Letter(key="a", to=Person(), template="t", context={}).wish == Wish.AT_ONCE
    assert PROPOSALS.wish_of(Person()) != Wish.NONE


@pytest.mark.parametrize("wishes", [{"registration": "none"}, {"proposals": "none"}, {"reminders": "digest"}, {"": ""}])
def test_what_is_not_offered_cannot_be_chosen(practitioner, now, wishes):
    with pytest.raises(ValueError, match="no such choice"):
        mail_choices.choose(person=practitioner, wishes=wishes, now=now)
    practitioner.refresh_from_db()
    assert practitioner.mail_choices == {}


@pytest.mark.parametrize(
    ("wish", "states"),
    [(Wish.AT_ONCE, ["queued"]), (Wish.DIGEST, ["digest"]), (Wish.NONE, [])],
)
def test_a_mail_is_written_as_its_reader_chose(practitioner, now, wish, states):
    choose(practitioner, now, requests=wish)
    put(practitioner, now=now)
    assert list(OutgoingMail.objects.values_list("state", flat=True)) == states


def test_news_comes_to_nobody_who_did_not_ask_for_it(practitioner, now):
    put(practitioner, stream=NEWS, now=now)
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(("wish", "state"), [(Wish.NONE, MailState.WITHDRAWN), (Wish.AT_ONCE, MailState.QUEUED)])
def test_what_waits_for_the_digest_follows_a_new_choice(practitioner, contact, now, wish, state):
    for person in (practitioner, contact):
        choose(person, now, requests=Wish.DIGEST)
    row, other = put(practitioner, now=now), put(contact, key="other", now=now)
    choose(practitioner, now, requests=wish)
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.state, other.state) == (state, MailState.DIGEST)


def test_choosing_leaves_no_trail(practitioner, now):
    choose(practitioner, now, requests=Wish.NONE)
    assert not AuditEntry.objects.exists()


# The page


def page_of(client, **typed):
    return client.post("/profiel/mail/", typed)


def test_the_page_asks_staff_alone_about_proposals(client, practitioner, staff):
    for person, number in ((practitioner, 0), (staff, 1)):
        client.force_login(person)
        assert client.get("/profiel/mail/").content.decode().count("Voorstellen die binnenkomen") == number


def test_choices_and_lines_are_saved_together(client, practitioner):
    learning_line = LearningLineFactory()
    client.force_login(practitioner)
    typed = {
        "reminders": "none",
        "requests": "digest",
        "news": "digest",
        "certificates": "at_once",
        "hosting": "at_once",
        "requests_at_mine": "digest",
    }
    assert page_of(client, **typed).status_code == 422  # news of which line?
    practitioner.refresh_from_db()
    assert practitioner.mail_choices == {}
    assert page_of(client, **typed, lines=[learning_line.pk]).url == "/profiel/mail/"
    practitioner.refresh_from_db()
    assert practitioner.mail_choices == {"reminders": "none", "requests": "digest", "news": "digest"}
    assert practitioner.followings.get().learning_line == learning_line
    assert page_of(client, **typed | {"news": "none"}).status_code == 302
    assert not practitioner.followings.exists()


@pytest.mark.parametrize("typed", [{}, {"reminders": "digest"}, {"reminders": "x" * 5000}])
def test_a_choice_that_is_not_there_is_told(client, practitioner, typed):
    client.force_login(practitioner)
    assert page_of(client, **typed).status_code == 422


# The link in the mail


def stop_url(row):
    token = links.sign(purpose="stop", row=row.pk, nonce=row.message_id.hex)
    return reverse("mail-stop", kwargs={"token": token})


def one_click(row):
    """As a mail provider posts it: no cookie, no token of a form, nothing but the fixed words (RFC 8058)."""
    return Client(enforce_csrf_checks=True).post(
        stop_url(row), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )


def test_looking_at_the_link_changes_nothing(client, practitioner, now):
    row = put(practitioner, now=now)
    for method in ("get", "head", "get"):
        response = getattr(client, method)(stop_url(row))
        assert response.status_code == 200
    practitioner.refresh_from_db()
    assert (practitioner.mail_choices, response.cookies) == ({}, {})
    assert practitioner.email not in response.content.decode()


def test_one_click_of_a_mail_provider_switches_off_this_stream_and_no_other(practitioner, now):
    row = put(practitioner, now=now)
    waiting = put(practitioner, key="waits", now=now)
    reminder = put(practitioner, key="reminder", stream=REMINDERS, now=now)
    for _ in range(2):
        assert one_click(row).status_code == 200
        practitioner.refresh_from_db()
        assert practitioner.mail_choices == {"requests": "none"}
    waiting.refresh_from_db()
    reminder.refresh_from_db()
    assert (waiting.state, reminder.state) == (MailState.WITHDRAWN, MailState.QUEUED)
    put(practitioner, key="later", now=now)
    assert not OutgoingMail.objects.filter(key="later").exists()


def test_a_link_of_another_mail_or_purpose_or_of_a_closed_account_opens_nothing(client, practitioner, contact, now):
    row, other = put(practitioner, now=now), put(contact, key="other", now=now)
    always = put(practitioner, key="always", stream=None, now=now)
    tokens = [
        links.sign(purpose="stop", row=row.pk, nonce=other.message_id.hex),
        links.sign(purpose="stop", row=row.pk, nonce="niets"),
        links.sign(purpose="stop", row=always.pk, nonce=always.message_id.hex),
        links.sign(purpose="invitation", row=row.pk, nonce=row.message_id.hex),
        f"{row.pk}:{row.message_id.hex}",
    ]
    for token in tokens:
        assert client.post(reverse("mail-stop", kwargs={"token": token})).status_code == 404, token
    practitioner.is_active = False
    practitioner.save()
    assert client.post(stop_url(row)).status_code == 404
    assert not AuditEntry.objects.exists()


def test_the_link_stands_in_header_and_text_of_what_can_be_off_and_nowhere_else(smtp_server, practitioner, now):
    row = put(practitioner, now=now)
    put(practitioner, key="always", stream=None, now=now)
    put(practitioner, key="staff", stream=PROPOSALS, now=now)
    delivery.deliver(clock=timezone.now)
    sent = {message["Message-ID"][1:37]: message for message in smtp_server.messages}
    ours = sent.pop(str(row.message_id))
    assert ours["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = ours["List-Unsubscribe"].strip().strip("<>")
    assert address in ours.get_body(("plain",)).get_content()
    assert address in ours.get_body(("html",)).get_content()
    assert one_click_at(address).status_code == 200
    practitioner.refresh_from_db()
    assert practitioner.mail_choices == {"requests": "none"}
    for message in sent.values():
        assert message["List-Unsubscribe"] is None
        assert "/mail/stoppen/" not in message.as_string()
    row.refresh_from_db()
    assert address not in str(vars(row))
    assert row.text_for_staff.endswith("•••\n")


def one_click_at(address):
    path = "/" + address.split("/", 3)[3]
    return Client(enforce_csrf_checks=True).post(
        path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )


# The digest


@pytest.fixture
def monday(now):
    """Monday 2 March 2026, 7.30 in Amsterdam."""
    return now.replace(year=2026, month=3, day=2, hour=6, minute=30, second=0)


@pytest.fixture
def reader(practitioner, now):
    choose(practitioner, now, requests=Wish.DIGEST)
    return practitioner


def digests():
    return OutgoingMail.objects.filter(kind="core.digest")


def test_a_digest_is_made_at_its_moment_once_and_over_a_crash(reader, monday):
    put(reader, now=monday - timedelta(hours=20))
    put(reader, key="b", about="session:2", now=monday - timedelta(hours=2))
    put(reader, key="c", now=monday - timedelta(hours=1))
    assert digest.make_due(now=monday - timedelta(minutes=1)) == 0

    class Killed(BaseException):
        pass

    def die_at_the_items(execute, sql, params, many, context):
        if "bundled" in str(params).lower():  # the mail is written, its items are not marked yet
            raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(die_at_the_items), pytest.raises(Killed):
        digest.make_due(now=monday)
    assert not digests().exists()
    assert digest.make_due(now=monday) == 1
    assert digest.make_due(now=monday + timedelta(minutes=1)) == 0
    put(reader, key="late", now=monday + timedelta(minutes=2))
    assert digest.make_due(now=monday + timedelta(hours=3)) == 0
    assert digest.make_due(now=monday + timedelta(days=1)) == 1
    assert digests().count() == 2
    first = digests().order_by("pk").first()
    assert first.text.index("Over session:1") < first.text.index("Over session:2")  # the newest item first
    assert first.text.count("Over session:1") == 1
    assert (first.recipient, first.stream) == (reader, DIGEST.code)


def test_a_digest_without_anything_left_is_not_sent(reader, monday):
    put(reader, key="session:1:news:1", now=monday - timedelta(hours=2))
    put(reader, key="past", now=monday - timedelta(hours=2), expires_at=monday - timedelta(hours=1))
    mail.withdraw("session:1:")
    assert digest.make_due(now=monday) == 0
    assert not digests().exists()


def test_who_chose_otherwise_meanwhile_gets_no_digest(reader, monday):
    put(reader, now=monday - timedelta(hours=2))
    type(reader).objects.update(mail_choices={"requests": "none"})  # in the same moment, from another page
    assert digest.make_due(now=monday) == 0
    assert OutgoingMail.objects.get().state == MailState.WITHDRAWN


def test_nothing_is_made_at_the_weekend_and_nothing_is_lost_by_it(reader, monday):
    put(reader, now=monday - timedelta(days=3))
    assert digest.make_due(now=monday - timedelta(days=1)) == 0
    assert digest.make_due(now=monday) == 1


def test_one_click_on_a_digest_switches_off_what_comes_in_it(reader, monday):
    put(reader, now=monday - timedelta(hours=2))
    digest.make_due(now=monday)
    assert one_click(digests().get()).status_code == 200
    reader.refresh_from_db()
    assert reader.mail_choices == {"requests": "none", "requests_at_mine": "none"}  # the latter is in it by itself


def test_a_digest_of_several_rights_is_seen_in_the_admin_by_who_has_them_all(
    reader, staff, functional_administrator, monday
):
    put(reader, now=monday - timedelta(hours=2), needs_right="members.view_affiliation")
    put(reader, key="b", now=monday - timedelta(hours=2), needs_right="leerlijnen.view_groupmembership")
    digest.make_due(now=monday)
    row = digests().get()
    assert OutgoingMail.objects.visible_to(staff).filter(pk=row.pk).exists()
    assert not OutgoingMail.objects.visible_to(functional_administrator).filter(pk=row.pk).exists()


@pytest.mark.parametrize("people", [1, 30])
def test_a_digest_costs_the_same_for_each(practitioner, monday, people, django_assert_max_num_queries):
    for number in range(people):
        person = UserFactory(mail_choices={"requests": "digest"})
        put(person, key=f"k{number}", now=monday - timedelta(hours=2))
    with django_assert_max_num_queries(1 + 10 * people):
        assert digest.make_due(now=monday) == people
