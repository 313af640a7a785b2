"""What was called off by mistake comes back whole: seats, line, offers, wishes, hosts and guests, one mail each."""

from datetime import timedelta

import pytest

from core.models import OutgoingMail
from core.moves import Refused
from sessions_app.actions import guests, planning, resuming, waitlist
from sessions_app.models import SeriesMembership, Session
from sessions_app.rules import Admission, Form, InvitationState, RegistrationState, Resume, SessionState
from tests.factories.sessions import (
    DialogueFactory,
    InvitationFactory,
    RegistrationFactory,
    SeriesFactory,
    SessionFactory,
)

pytestmark = pytest.mark.django_db
S, R = SessionState, RegistrationState
WHY = {"reason": "De verkeerde bijeenkomst was afgelast."}


def called_off(session, staff, now):
    """And everybody has read so."""
    planning.cancel(session=session, reason="De spreker is ziek.", actor=staff, now=now)
    OutgoingMail.objects.filter(state="queued").update(state="sent")
    return Session.objects.get(pk=session.pk)


def resume(session, staff, now, how=Resume.AS_IT_WAS):
    return resuming.resume(session=session, how=how, **WHY, actor=staff, now=now)


def places(session):
    return list(session.registrations.order_by("queued_at", "pk").values_list("person", "state", "form", "wished_form"))


def told(kind="sessions_app.session_resumed"):
    return OutgoingMail.objects.filter(kind=kind, state="queued")


def test_everybody_is_back_in_the_same_order_with_one_mail_each(staff, host, now):
    session = SessionFactory(registered=19, waiting=5, capacity=20, host=host, form=Form.HYBRID, capacity_online=1,
                             online_link="https://video.example/x")  # fmt: skip
    RegistrationFactory(session=session, form=Form.ONLINE, wished_form=Form.ON_SITE, wished_at=now)
    RegistrationFactory(session=session, state=R.OFFERED)
    session.registrations.filter(state=R.WAITLISTED).update(form=Form.ONLINE)
    before = places(session)
    line = session.registrations.in_line(session, (Form.ONLINE,))
    off = called_off(session, staff, now)
    assert not off.registrations.live().exists()
    back = resume(off, staff, now + timedelta(hours=1))
    assert (back.state, back.starts_at, back.place) == (S.OPEN, session.starts_at, session.place)
    assert places(back) == before
    assert back.registrations.in_line(back, (Form.ONLINE,)) == line
    readers = list(told().values_list("recipient", flat=True))
    assert sorted(readers) == sorted(person for person, *_rest in before)  # each once
    assert OutgoingMail.objects.filter(state="queued").exclude(recipient__in=readers).count() == 1  # the host
    seat = told().filter(recipient=before[0][0]).get()
    assert "Je hebt je plek weer" in seat.text
    assert WHY["reason"] in seat.text


def test_a_calendar_that_took_it_out_takes_it_in_again(staff, now):
    session = SessionFactory(registered=1)
    off = called_off(session, staff, now)
    [out] = OutgoingMail.objects.get(kind="sessions_app.session_cancelled").attachments
    resume(off, staff, now)
    [again] = told().get().attachments
    assert "METHOD:REQUEST" in again["content"]
    assert number(again) > number(out)


def number(file):
    return next(int(line.partition(":")[2]) for line in file["content"].split("\r\n") if line.startswith("SEQUENCE"))


def test_the_host_reads_a_true_sentence(staff, host, now):
    session = SessionFactory(registered=1, host=host)
    resume(called_off(session, staff, now), staff, now)
    text = OutgoingMail.objects.get(recipient=host, state="queued").text
    assert "De bijeenkomst gaat toch door" in text
    assert "geaccepteerd" not in text
    assert "Je voorstel" not in text


def test_without_its_date_all_keep_what_they_had_and_wait_for_a_new_one(staff, host, now):
    session = SessionFactory(registered=2, waiting=1, host=host)
    before = places(session)
    back = resume(called_off(session, staff, now), staff, now, Resume.WITHOUT_DATE)
    assert (back.state, back.starts_at) == (S.ACCEPTED, None)
    assert places(back) == before
    assert told().count() == 3
    assert not [row for row in told() if row.attachments]
    assert all("zodra er een nieuwe datum is" in row.text for row in told())


def test_anew_nobody_is_back_and_the_host_hears_that(staff, host, now):
    session = SessionFactory(registered=3, host=host)
    back = resume(called_off(session, staff, now), staff, now, Resume.EMPTY)
    assert (back.state, back.starts_at) == (S.ACCEPTED, None)
    assert not back.registrations.live().exists()
    [mail] = OutgoingMail.objects.filter(state="queued")
    assert mail.recipient == host
    assert "Er is nu niemand aangemeld" in mail.text
    again = planning.cancel(session=back, reason="Toch niet.", actor=staff, now=now)
    resume(again, staff, now, Resume.EMPTY)
    assert not again.registrations.live().exists()


def test_who_left_the_organisation_stays_off_and_the_next_gets_the_seat(staff, now):
    session = SessionFactory(registered=2, waiting=1, capacity=2)
    gone, stays, waits = session.registrations.order_by("queued_at")
    off = called_off(session, staff, now)
    gone.person.affiliations.all().delete()
    back = resuming.who_comes_back(off)
    assert [row.pk for row in back.rows] == [stays.pk, waits.pk]
    assert list(back.lost) == [gone.pk]
    assert len(back.lines) == 3
    resume(off, staff, now)
    assert dict(session.registrations.values_list("pk", "state")) == {
        gone.pk: R.CANCELLED, stays.pk: R.CONFIRMED, waits.pk: R.OFFERED
    }  # fmt: skip
    mails = OutgoingMail.objects.filter(recipient=waits.person, state="queued")
    assert [row.kind for row in mails] == ["sessions_app.session_resumed"]  # and no second one about the seat
    assert "vrijgehouden tot" in mails[0].text
    assert not OutgoingMail.objects.filter(recipient=gone.person, state="queued").exists()


def test_who_registered_elsewhere_meanwhile_is_back_and_reads_it(staff, now):
    session = SessionFactory(registered=2)
    busy, free = session.registrations.order_by("queued_at")
    off = called_off(session, staff, now)
    RegistrationFactory(session=SessionFactory(starts_at=session.starts_at), person=busy.person)
    assert resuming.who_comes_back(off).elsewhere == {busy.person_id}
    resume(off, staff, now)
    clash = "Op dat moment heb je je ook voor een andere bijeenkomst aangemeld"
    assert clash in told().get(recipient=busy.person).text
    assert clash not in told().get(recipient=free.person).text


def test_who_gave_up_the_series_meanwhile_does_not_come_back(staff, now):
    series = SeriesFactory()
    session, other = SessionFactory(series=series), SessionFactory(series=series)
    rows = [RegistrationFactory(session=session) for _ in range(2)]
    for row in rows:
        SeriesMembership.objects.create(series=series, person=row.person, since=now)
    gives_up = RegistrationFactory(session=other, person=rows[0].person)
    off = called_off(session, staff, now)
    gives_up.state, gives_up.changed_at = R.CANCELLED, now + timedelta(minutes=1)
    gives_up.save()
    SeriesMembership.objects.filter(person=gives_up.person).delete()
    resume(off, staff, now + timedelta(minutes=2))
    assert list(session.registrations.live().values_list("person", flat=True)) == [rows[1].person_id]


def test_guests_and_invited_directors_hear_that_it_is_on(staff, now):
    session = SessionFactory(state=S.PLANNED, admission=Admission.INVITATION)
    guests.invite(session=session, addresses=["gast@buiten.example"], actor=staff, now=now)
    OutgoingMail.objects.update(state="sent")
    resume(called_off(session, staff, now), staff, now)
    assert "gaat toch door" in OutgoingMail.objects.get(to="gast@buiten.example", state="queued").text
    dialogue = DialogueFactory()
    invitation = InvitationFactory(session=dialogue, state=InvitationState.ACCEPTED)
    back = resume(called_off(dialogue, staff, now), staff, now)
    assert back.state == S.INVITING
    mail = OutgoingMail.objects.get(to=invitation.email, state="queued")
    assert "gaat toch door" in mail.subject
    assert "METHOD:REQUEST" in mail.attachments[0]["content"]


def test_who_was_not_told_yet_that_it_was_off_hears_nothing(staff, now):
    session = SessionFactory(registered=2)
    off = planning.cancel(session=session, reason="Verkeerd.", actor=staff, now=now)
    resume(off, staff, now)
    assert not OutgoingMail.objects.filter(state="queued").exists()
    assert session.registrations.confirmed().count() == 2


def test_who_was_not_told_yet_that_it_was_off_hears_only_that_the_date_is_gone(staff, now):
    session = SessionFactory(registered=2)
    off = planning.cancel(session=session, reason="Verkeerd.", actor=staff, now=now)
    resume(off, staff, now, how=Resume.WITHOUT_DATE)
    assert not told().exists()
    read = told("sessions_app.session_postponed")
    assert set(read.values_list("recipient", flat=True)) == {row.person_id for row in session.registrations.all()}
    assert "METHOD:CANCEL" in read[0].attachments[0]["content"]


def test_registration_stays_closed_when_its_deadline_has_passed(staff, now):
    session = SessionFactory(registered=1)
    off = called_off(session, staff, now)
    assert resume(off, staff, session.registration_deadline).state == S.CLOSED


def test_what_is_over_comes_back_only_when_it_was_noted_as_not_held_and_mails_nobody(staff, now):
    session = SessionFactory(registered=2, state=S.CLOSED)
    later = session.ends_at + timedelta(days=1)
    off = planning.mark_not_held(session=session, **WHY, actor=staff, now=later)
    back = resume(off, staff, later)
    assert (back.state, back.registrations.confirmed().count()) == (S.CLOSED, 2)
    assert not OutgoingMail.objects.exists()
    other = called_off(SessionFactory(registered=1), staff, now)
    assert Resume.AS_IT_WAS not in resuming.ways(other, now=later)
    with pytest.raises(Refused):
        resume(other, staff, later)


@pytest.mark.parametrize("state", [state for state in S if state != S.CANCELLED])
def test_nothing_else_is_resumed(staff, now, state):
    session = SessionFactory(state=state)
    for how in Resume:
        with pytest.raises(Refused):
            resume(session, staff, now, how)
    assert Session.objects.get(pk=session.pk).state == state


def test_only_programme_staff_resume_and_only_with_a_reason(practitioner, host, staff, now):
    off = called_off(SessionFactory(registered=1), staff, now)
    for person in (practitioner, host):
        with pytest.raises(Refused):
            resume(off, person, now)
    with pytest.raises(Refused) as refused:
        resuming.resume(session=off, how=Resume.AS_IT_WAS, reason=" ", actor=staff, now=now)
    assert refused.value.field == "reason"
    assert not off.registrations.live().exists()


def test_held_by_mistake_is_taken_back_and_attendance_stays(staff, now):
    session = SessionFactory(state=S.CLOSED)
    came = RegistrationFactory(session=session, state=R.ATTENDED)
    planning.mark_held(session=session, actor=staff, now=session.ends_at)
    back = resuming.take_back_held(session=session, **WHY, actor=staff, now=session.ends_at)
    assert back.state == S.CLOSED
    came.refresh_from_db()
    assert came.state == R.ATTENDED
    assert not OutgoingMail.objects.exists()
    assert planning.mark_held(session=back, actor=staff, now=session.ends_at).state == S.HELD


@pytest.mark.parametrize("state", [state for state in S if state != S.HELD])
def test_only_what_was_held_is_taken_back(staff, now, state):
    with pytest.raises(Refused):
        resuming.take_back_held(session=SessionFactory(state=state), **WHY, actor=staff, now=now)


@pytest.mark.parametrize("number", [1, 30])
def test_the_number_of_people_costs_no_queries(staff, now, number, django_assert_max_num_queries):
    off = called_off(SessionFactory(registered=number, capacity=40), staff, now)
    with django_assert_max_num_queries(55):
        resume(off, staff, now)


def test_a_seat_that_was_held_is_held_anew(staff, now):
    session = SessionFactory(waiting=1)
    waitlist.fill_seats(Session.objects.get(pk=session.pk), actor=None, now=now)
    off = called_off(session, staff, now)
    later = now + timedelta(days=5)
    resume(off, staff, later)
    row = session.registrations.get()
    assert (row.state, row.offered_until > later) == (R.OFFERED, True)
