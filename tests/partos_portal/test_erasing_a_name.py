"""Erasing finds a person's full name however it is written, and touches nothing that merely shares a word with it."""

import re

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.template.defaultfilters import linebreaksbr
from django.utils.html import escape

from core.models import MailState, OutgoingMail
from members import mails as members_mails
from members.rules import AffiliationState
from partos_portal.erasure import close_account
from sessions_app.actions import colleagues
from sessions_app.mails import series as series_mails
from tests.core.test_outbox import put
from tests.factories.members import AffiliationFactory, UserFactory
from tests.factories.sessions import RegistrationFactory, SeriesFactory, SessionFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "written",
    [
        "Zoë van 't Hoff-Merk",
        "ZOË VAN 'T HOFF-MERK",
        "zoe\u0308 van\u00a0 \u2019t Hoff\u2011Merk",
        "Zoë\nvan\t't   Hoff-\nMerk",
        "Zo\u00adë van 't\u200b Ho\u200cff-Me\ufeffrk",
        "\u202eZoë\u202c van\u2060 't Hoff-Merk",
        "\uff3a\uff4f\u00eb van 't Hoff-Merk",
        "_Zoë van 't Hoff-Merk_",
    ],
)
def test_a_full_name_is_found_however_it_is_written(written, now):
    person = UserFactory(name="Zoë van 't Hoff-Merk", email="zoe.merk@leden.example")
    session = SessionFactory(question=f"Wat vindt {written}, en Zoë?")
    put("sent", state=MailState.SENT, subject="Over", text=f"Aan {written}.", html=f"<p>Aan {escape(written)}.</p>")
    put("failed", state=MailState.FAILED, text=f"Aan {written}.", html=f"<p>{linebreaksbr(escape(written))}</p>")
    put("digest", html="<p>Zoë<br>van&nbsp;&#x27;t Hoff-Merk</p>", about={"key": "a", "title": written, "url": ""})

    close_account(person=person, actor=person, now=now)

    session.refresh_from_db()
    assert re.fullmatch(r"Wat vindt \W*\[…\]\W*, en Zoë\?", session.question.replace("_", ""))
    mails = {row.key: row for row in OutgoingMail.objects.filter(kind="test")}
    assert {key: row.state for key, row in mails.items()} == {"sent": "sent", "failed": "failed", "digest": "queued"}
    assert mails["digest"].html == "<p>[…]</p>"
    told = [text for row in mails.values() for text in (row.subject, row.text, row.html)]
    told.append(mails["digest"].about["title"])
    assert [text for text in told if any(part in text.lower() for part in ("zo", "hoff", "merk", "\uff3a"))] == []
    assert OutgoingMail.objects.can_be_sent_again().get().key == "failed"


def test_a_name_that_a_calendar_breaks_in_two_is_found_and_the_calendar_stays_one(now):
    person = UserFactory(name="Zegge Kenmerk", email="zegge@leden.example")
    event = f"BEGIN:VEVENT\r\nSUMMARY:{'x' * 62} Zeg\r\n ge Kenmerk spreekt\r\nEND:VEVENT\r\n"
    put("seat", attachments=[{"name": "a.ics", "content_type": "text/calendar", "content": event}])
    close_account(person=person, actor=person, now=now)
    left = OutgoingMail.objects.get(key="seat").attachments[0]["content"]
    assert left.replace("\r\n ", "") == f"BEGIN:VEVENT\r\nSUMMARY:{'x' * 62} […] spreekt\r\nEND:VEVENT\r\n"


@pytest.mark.parametrize("state", [MailState.SENT, MailState.FAILED, MailState.QUEUED, MailState.WITHDRAWN])
@pytest.mark.parametrize("name", ["An", "Zegge Kenmerk"])
def test_mail_that_merely_shares_a_word_is_left_as_it_is(state, name, now):
    person = UserFactory(name=name, email="an@leden.example")
    words = "An idea: an open day, by Zegge and by Kenmerk, for jan.an@leden.example and an@leden.example.org"
    put("other", state=state, subject=words, text=words, html=f"<p>{words}</p>", error=words)
    LogEntry.objects.create(user=UserFactory(), object_repr=words, action_flag=CHANGE)
    session = SessionFactory(title=words, question=words)
    close_account(person=person, actor=person, now=now)
    row = OutgoingMail.objects.get(key="other")
    session.refresh_from_db()
    assert {row.subject, row.text, row.error, session.title, session.question} == {words}
    assert (row.html, row.state) == (f"<p>{words}</p>", state)
    assert LogEntry.objects.get().object_repr == words


def test_mails_that_tell_of_somebody_with_a_single_name_are_found_by_their_keys(
    contact, host, member_organisation, now
):
    person = UserFactory(name="An", email="an@leden.example")
    AffiliationFactory(person=person, organisation=member_organisation)
    newcomer = AffiliationFactory(person=person, state=AffiliationState.REQUESTED)
    to_contact = {"recipient": contact, "to": contact.email}
    subject = "An vraagt om koppeling"
    put(f"affiliation:{newcomer.pk}:requested:{contact.pk}", state=MailState.BUNDLED, subject=subject, **to_contact)
    items = {"text": f"- {subject}\n- An open dag", "html": f"<li>{subject}</li>"}
    put(f"digest:{contact.pk}:2026-11-30", state=MailState.SENT, **items, **to_contact)
    put(f"session:7:asked:3:{person.pk}:2026-11-30:{host.pk}", state=MailState.SENT, text="An wil komen")
    kept = put(f"session:7:asked:3:{person.pk}9:2026-11-30:{host.pk}", state=MailState.SENT, text="An wil komen")
    members_mails.contacts_told(person.affiliations.first(), [contact], what=["contactpersoon"], by="partos", now=now)
    heard = OutgoingMail.objects.get(kind="members.contacts_told")
    assert "An (an@leden.example)" in heard.text
    assert "<bdi>An</bdi>" in heard.html
    colleague = AffiliationFactory(organisation=member_organisation).person
    colleagues.register(
        session=SessionFactory(title="An open day"), colleague=colleague, organisation=member_organisation,
        form="on_site", actor=person, now=now,
    )  # fmt: skip
    told = OutgoingMail.objects.get(recipient=colleague)
    assert "An heeft je aangemeld" in told.text
    row = RegistrationFactory(
        person=colleague, organisation=member_organisation, registered_by=person, session__series=SeriesFactory()
    )
    series_mails.registered(row.session.series, colleague, [row], why="registered", now=now)
    of_series = OutgoingMail.objects.get(kind="sessions_app.series_registered")
    assert "An heeft je aangemeld voor" in of_series.text
    assert "<bdi>An</bdi> heeft je aangemeld voor" in of_series.html

    close_account(person=person, actor=person, now=now)

    digest = OutgoingMail.objects.get(key__startswith="digest:")
    assert (digest.text, digest.html) == ("- […]\n- An open dag", "<li>[…]</li>")
    assert list(OutgoingMail.objects.filter(key__contains=":asked:")) == [kept]
    assert not OutgoingMail.objects.filter(key__contains=":requested:", recipient=contact).exists()
    told.refresh_from_db()
    heard.refresh_from_db()
    assert "[…] ([…]) kreeg dit" in heard.text
    assert not re.search(r"\bAn\b", heard.subject + heard.text + heard.html)
    of_series.refresh_from_db()
    assert "heeft je aangemeld" not in told.text + told.html + of_series.text + of_series.html
    assert "An open day" in told.text
