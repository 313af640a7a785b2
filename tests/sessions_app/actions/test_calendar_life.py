"""The life of one session in one person's calendar, as the mails write it (peers.md 3, rules 1 and 2)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from core.models import OutgoingMail
from core.moves import Refused
from sessions_app.actions import curation, planning, registrations, resuming, rooms
from sessions_app.actions.planning import Schedule
from sessions_app.rules import Confidentiality, Form, RegistrationState, Resume, SessionState
from tests.factories.sessions import RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db
WHY = {"reason": "De spreker is ziek."}
NOW = datetime(2026, 9, 1, 10, tzinfo=UTC)
SATURDAY = datetime(2026, 10, 24, 12, 15, tzinfo=UTC)  # the day before the clock goes back
SUNDAY = datetime(2026, 10, 25, 13, 15, tzinfo=UTC)


def schedule_of(session, **changed):
    schedule = Schedule(
        **{
            name: getattr(session, name)
            for name in ("starts_at", "ends_at", "form", "place", "online_link", "capacity", "capacity_online")
        }
    )
    return replace(schedule, **changed)


def files(person):
    """Each file that the person was sent, oldest first: method, number and event."""
    found = []
    for mail in OutgoingMail.objects.filter(recipient=person).order_by("pk"):
        for attachment in mail.attachments:
            calendar = Calendar.from_ical(attachment["content"])
            [event] = calendar.walk("VEVENT")
            assert attachment["method"] == calendar["METHOD"]
            found.append((calendar["METHOD"], int(event["SEQUENCE"]), event))
    return found


def register(session, person, now=NOW, form=Form.ON_SITE):
    organisation = person.affiliations.get().organisation
    return registrations.register(
        session=session, person=person, organisation=organisation, form=form, actor=person, now=now
    )


def test_the_file_of_a_closed_space_tells_the_time_alone(practitioner, client):
    session = SessionFactory(
        confidentiality=Confidentiality.CLOSED_SPACE, title="SECRET-TITLE", question="SECRET-ISSUE",
        place="SECRET-PLACE", starts_at=SATURDAY, registration_deadline=SATURDAY,
    )  # fmt: skip
    registration = register(session, practitioner)
    registrations.cancel(registration=registration, actor=practitioner, now=NOW)
    found = files(practitioner)
    assert [method for method, _number, _event in found] == ["REQUEST", "CANCEL"]
    for _method, _number, event in found:
        assert "SECRET" not in event.to_ical().decode()
        assert "URL" not in event
        assert (event["SUMMARY"], event["CLASS"]) == ("Bijeenkomst Netwerk en Leren", "PRIVATE")
        assert event["UID"].startswith(str(session.uid))


def test_no_corrected_typo_raises_the_number_or_mails_anybody(staff):
    session = SessionFactory(registered=1, waiting=1, capacity=1, title="Shift teh Power")
    planning.change(session=session, changes={"title": "Shift the Power", "description": "x"}, actor=staff, now=NOW)
    session.refresh_from_db()
    assert session.sequence == 0
    assert not OutgoingMail.objects.exists()


def test_moving_without_a_new_date_or_place_is_refused_and_mails_nobody(staff, now):
    session = SessionFactory(registered=1)
    with pytest.raises(Refused):
        planning.move(session=session, schedule=schedule_of(session, capacity=5), actor=staff, now=now)
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"starts_at": SUNDAY - timedelta(hours=1)},
        {"ends_at": SUNDAY + timedelta(hours=4)},
        {"place": "Zaal 2 (fictief)"},
        {"form": Form.ONLINE, "online_link": "https://video.example/SECRET-LINK"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_new_start_end_place_or_form_sends_the_same_identity_with_a_higher_number(staff, practitioner, changed):
    session = SessionFactory(starts_at=SUNDAY, registration_deadline=SATURDAY - timedelta(days=7))
    register(session, practitioner)
    planning.move(session=session, schedule=schedule_of(session, **changed), actor=staff, now=NOW)
    (method, number, event), (again, higher, moved) = files(practitioner)
    assert (method, again) == ("REQUEST", "REQUEST")
    assert event["UID"] == moved["UID"]
    assert higher > number
    assert "SECRET" not in moved.to_ical().decode().replace("\r\n ", "")


def test_over_the_clock_change_the_body_and_the_file_say_the_same_hour(staff, practitioner):
    session = SessionFactory(starts_at=SATURDAY, place="Zaal Oud (fictief)")
    register(session, practitioner)
    moved = {"starts_at": SUNDAY, "ends_at": SUNDAY + timedelta(minutes=90), "place": "Zaal Nieuw (fictief)"}
    planning.move(session=session, schedule=schedule_of(session, **moved), actor=staff, now=NOW)
    (_, _, before), (_, _, after) = files(practitioner)
    assert before["DTSTART"].dt == SATURDAY
    assert after["DTSTART"].dt == SUNDAY
    assert before["DTSTART"].dt.hour == after["DTSTART"].dt.hour == 14
    mail = OutgoingMail.objects.get(kind="sessions_app.session_moved")
    for body in (mail.text, mail.html):
        assert "zondag 25 oktober 2026, 14.15-15.45 uur, Nederlandse tijd" in body
        assert "Zaal Nieuw (fictief)" in body
        old = body.index("Dit geldt niet meer")
        assert body.index("zondag 25 oktober 2026, 14.15") < old or body is mail.html
        assert "zaterdag 24 oktober 2026, 14.15-15.45 uur, Nederlandse tijd" in body[old:]
        assert "Zaal Oud (fictief)" in body[old:]


def test_who_gives_up_the_seat_and_comes_back_is_taken_up_again(staff, practitioner):
    session = SessionFactory(starts_at=SATURDAY)
    first = register(session, practitioner)
    registrations.cancel(registration=first, actor=practitioner, now=NOW)
    second = register(session, practitioner)
    session = planning.move(session=session, schedule=schedule_of(session, place="Elders"), actor=staff, now=NOW)
    registrations.cancel_by_staff(registration=second, **WHY, actor=staff, now=NOW)
    register(session, practitioner)
    session = planning.postpone(session=session, **WHY, actor=staff, now=NOW)
    session = planning.plan(
        session=session, schedule=schedule_of(session, starts_at=SUNDAY, ends_at=SUNDAY + timedelta(hours=1)),
        for_whom="Leden", audience="members", actor=staff, now=NOW,
    )  # fmt: skip
    session = planning.cancel(session=session, **WHY, actor=staff, now=NOW)
    written = files(practitioner)
    assert [method for method, _, _ in written] == [
        *("REQUEST", "CANCEL", "REQUEST", "REQUEST", "CANCEL", "REQUEST", "CANCEL", "REQUEST", "CANCEL"),
    ]
    numbers = [number for _, number, _ in written]
    assert all(later > earlier for earlier, later in pairwise(numbers)), numbers
    assert {str(event["UID"]) for _, _, event in written} == {str(written[0][2]["UID"])}


def test_a_session_that_is_taken_up_again_is_newer_than_its_end(staff, practitioner):
    session = SessionFactory(starts_at=SATURDAY)
    register(session, practitioner)
    session = planning.cancel(session=session, **WHY, actor=staff, now=NOW)
    session = resuming.resume(session=session, how=Resume.EMPTY, **WHY, actor=staff, now=NOW)
    session = curation.accept(session=session, actor=staff, now=NOW) if session.state != "accepted" else session
    schedule = schedule_of(session, starts_at=SUNDAY, ends_at=SUNDAY + timedelta(hours=1))
    session = planning.plan(
        session=session, schedule=replace(schedule, registration_deadline=SATURDAY), for_whom="Leden",
        audience="members", admission="direct", confidentiality="internal", actor=staff, now=NOW,
    )  # fmt: skip
    session = planning.open_registration(session=session, actor=staff, now=NOW)
    register(session, practitioner)
    numbers = [number for _, number, _ in files(practitioner)]
    assert all(later > earlier for earlier, later in pairwise(numbers)), numbers


def test_who_loses_the_affiliation_is_told_by_the_calendar_too(staff, practitioner):
    session = SessionFactory(starts_at=SATURDAY)
    register(session, practitioner)
    practitioner.affiliations.update(state="ended")
    registrations.release_lost(now=NOW)
    assert [method for method, _, _ in files(practitioner)] == ["REQUEST", "CANCEL"]
    mail = OutgoingMail.objects.get(kind="sessions_app.registration_ended")
    assert "zaterdag 24 oktober 2026, 14.15-15.45 uur, Nederlandse tijd" in mail.text
    assert session.place not in mail.text  # who is no longer among those who may know it


@pytest.mark.parametrize(
    "state", [RegistrationState.REQUESTED, RegistrationState.WAITLISTED, RegistrationState.OFFERED]
)
@pytest.mark.parametrize("act", ["move", "postpone", "cancel"])
def test_who_has_no_seat_yet_gets_one_mail_with_all_in_it_and_no_file(staff, state, act):
    session = SessionFactory(starts_at=SATURDAY, place="Zaal Oud (fictief)", registered=2, capacity=1)
    until = SATURDAY if state == RegistrationState.OFFERED else None
    row = RegistrationFactory(session=session, state=state, offered_until=until)
    later = {"starts_at": SUNDAY, "ends_at": SUNDAY + timedelta(minutes=90)}
    asked = {"schedule": schedule_of(session, **later)}
    getattr(planning, act)(session=session, **(asked if act == "move" else WHY), actor=staff, now=NOW)
    [mail] = OutgoingMail.objects.filter(recipient=row.person)
    assert mail.attachments == []
    for body in (mail.text, mail.html):
        assert "zaterdag 24 oktober 2026, 14.15-15.45 uur, Nederlandse tijd" in body
        assert "Zaal Oud (fictief)" in body
        assert ("zondag 25 oktober 2026" in body) == (act == "move")


def test_moving_asks_as_much_for_many_as_for_one(staff, now):
    asked = []
    for rows in (1, 30):
        session = SessionFactory(registered=rows, capacity=40)
        planning.move(session=session, schedule=schedule_of(session, place="Elders"), actor=staff, now=now)
        with CaptureQueriesContext(connection) as captured:
            planning.move(session=session, schedule=schedule_of(session, place="Nergens"), actor=staff, now=now)
        asked.append(len(captured))
    assert asked[0] == asked[1]


def test_a_cancelled_session_is_mailed_once_however_many_are_told(staff):
    session = SessionFactory(starts_at=SATURDAY, registered=3, waiting=2, capacity=3)
    planning.cancel(session=session, **WHY, actor=staff, now=NOW)
    kinds = list(OutgoingMail.objects.filter(kind="sessions_app.session_cancelled").values_list("recipient", flat=True))
    assert len(kinds) == len(set(kinds)) == 5
    assert session.__class__.objects.get(pk=session.pk).state == SessionState.CANCELLED


def test_who_attends_a_hybrid_session_online_is_sent_to_no_room(staff, practitioner):
    session = SessionFactory(
        starts_at=SATURDAY, form=Form.HYBRID, place="Zaal Oud (fictief)", capacity=1, capacity_online=1,
        online_link="https://video.example/x",
    )  # fmt: skip
    row = register(session, practitioner, form=Form.ONLINE)
    rooms.attend_otherwise(registration=row, form=Form.ON_SITE, actor=practitioner, now=NOW)
    rooms.attend_otherwise(registration=row, form=Form.ONLINE, actor=practitioner, now=NOW + timedelta(minutes=1))
    registrations.cancel(registration=row, actor=practitioner, now=NOW)
    written = files(practitioner)
    assert [(method, str(event["LOCATION"])) for method, _, event in written] == [
        *(("REQUEST", "Online"), ("REQUEST", "Zaal Oud (fictief)"), ("REQUEST", "Online"), ("CANCEL", "Online")),
    ]
    numbers = [number for _, number, _ in written]
    assert all(later > earlier for earlier, later in pairwise(numbers)), numbers
