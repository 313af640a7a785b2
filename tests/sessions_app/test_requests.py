"""Who asks for a seat is heard of, decided about in one go, and has an answer before the start (domain.md 4.2)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core import digest
from core.dates import is_day_off, working_days_before
from core.models import MailState, OutgoingMail
from core.moves import Refused
from members.permissions import standing_of
from sessions_app import reminders
from sessions_app.actions import registrations, requests
from sessions_app.models import answered_by
from sessions_app.rules import Admission, RegistrationState, request_answered_by
from tests.factories.members import member_person
from tests.factories.sessions import RegistrationFactory, SeriesFactory, SessionFactory

pytestmark = pytest.mark.django_db
R = RegistrationState
KIND = "sessions_app.seats_asked"


def asking(number, *, now, **fields):
    """A session by approval in three weeks, and so many who asked for a seat."""
    session = SessionFactory(admission=Admission.BY_APPROVAL, **fields)
    rows = [
        RegistrationFactory(session=session, state=R.REQUESTED, queued_at=now - timedelta(minutes=number - place))
        for place in range(number)
    ]
    return session, rows


def states(rows):
    for row in rows:
        row.refresh_from_db()
    return [row.state for row in rows]


def mails(kind):
    return OutgoingMail.objects.exclude(state=MailState.WITHDRAWN).filter(kind=kind)


# Who hears of it


def test_staff_and_hosts_hear_of_five_who_ask_in_one_line_of_the_daily_mail(now, staff, host):
    session, _rows = asking(5, now=now, host=host)
    reminders.queue_requests(now=now)
    told = mails(KIND)
    assert sorted(told.values_list("recipient", flat=True)) == sorted([staff.pk, host.pk])
    assert set(told.values_list("state", flat=True)) == {MailState.DIGEST}
    assert all("5 mensen" in mail.subject and session.title in mail.subject for mail in told)
    moment = digest.next_moment(now)
    digest.make_due(now=moment)
    daily = OutgoingMail.objects.get(recipient=staff, kind="core.digest")
    assert "5 mensen" in daily.text
    assert reverse("sessions:participants", args=[session.pk]) in daily.text


def test_each_minute_writes_nothing_new_and_a_newer_request_changes_the_number(now, staff):
    session, _rows = asking(2, now=now)
    for minute in range(5):
        reminders.queue_requests(now=now + timedelta(minutes=minute))
    assert "2 mensen" in mails(KIND).get(recipient=staff).subject
    RegistrationFactory(session=session, state=R.REQUESTED, queued_at=now)
    reminders.queue_requests(now=now + timedelta(minutes=6))
    assert "3 mensen" in mails(KIND).get(recipient=staff).subject


def test_who_was_told_in_one_daily_mail_is_not_told_the_same_again(now, staff):
    asking(2, now=now)
    reminders.queue_requests(now=now)
    moment = digest.next_moment(now)
    digest.make_due(now=moment)
    reminders.queue_requests(now=moment + timedelta(days=3))
    assert mails(KIND).count() == 1


def test_what_is_decided_or_taken_back_stands_in_no_daily_mail(now, staff):
    session, (first, second) = asking(2, now=now)
    reminders.queue_requests(now=now)
    registrations.cancel(registration=first, actor=first.person, now=now)
    reminders.queue_requests(now=now)
    assert "1 persoon" in mails(KIND).get().subject
    requests.decide_all(session=session, registrations=[second.pk], admit=True, actor=staff, now=now)
    reminders.queue_requests(now=now)
    assert not mails(KIND).exists()


def test_staff_hear_at_once_when_the_daily_mail_would_come_too_late(now, staff):
    now = digest.next_moment(now) + timedelta(minutes=1)  # so that the next one is nearly a day away, whatever the hour
    start = now + timedelta(hours=5)
    asking(1, now=now, starts_at=start, registration_deadline=start - timedelta(hours=1))
    reminders.queue_requests(now=now)
    assert mails(KIND).get(recipient=staff).state == MailState.QUEUED


def test_staff_hear_once_more_a_working_day_before_the_portal_answers(now, staff, host):
    _session, rows = asking(3, now=now, host=host)
    last = working_days_before(answered_by(rows[0]), 1, is_day_off)
    reminders.queue_requests(now=now)
    reminders.queue_requests(now=last - timedelta(minutes=1))
    assert mails(KIND).filter(recipient=staff).count() == 1
    for minute in range(3):
        reminders.queue_requests(now=last + timedelta(minutes=minute))
    call = mails(KIND).get(key__contains=":last:")
    assert (call.recipient, call.state) == (staff, MailState.QUEUED)
    assert "3 aanvragen" in call.subject


# The answer that goes out by itself


@pytest.mark.parametrize(
    ("asked", "deadline", "answer"),
    [
        (-72, -24, -24),  # at the deadline
        (-72, None, -24),  # or a day before the start
        (-26, -24, -2),  # asked too near the deadline for anybody to decide: two hours before the start
        (-20, -24, -2),
        (-2, None, -1),  # halfway
    ],
)
def test_who_asked_has_an_answer_before_the_start(now, asked, deadline, answer):
    hours = lambda number: now + timedelta(hours=number)  # noqa: E731  # all in hours from the start
    moment = request_answered_by(
        asked_at=hours(asked), starts_at=now, deadline=None if deadline is None else hours(deadline)
    )
    assert moment == hours(answer)


def test_whom_nobody_answered_hears_it_at_the_deadline_and_has_no_seat(now):
    session, rows = asking(3, now=now)
    requests.answer_unanswered(now=session.registration_deadline - timedelta(minutes=1))
    assert set(states(rows)) == {R.REQUESTED}
    assert requests.answer_unanswered(now=session.registration_deadline) == 3
    assert set(states(rows)) == {R.REJECTED}
    assert requests.answer_unanswered(now=session.registration_deadline) == 0
    told = mails("sessions_app.request_unanswered")
    assert sorted(told.values_list("recipient", flat=True)) == sorted(row.person_id for row in rows)
    assert "niet op tijd" in told[0].text


def test_nobody_is_without_an_answer_once_the_session_has_started(now):
    session, rows = asking(2, now=now, registration_deadline=None)
    late = RegistrationFactory(session=session, state=R.REQUESTED, queued_at=session.starts_at - timedelta(minutes=30))
    requests.answer_unanswered(now=session.starts_at - timedelta(seconds=1))
    assert set(states([*rows, late])) == {R.REJECTED}


def test_who_has_an_answer_already_or_asks_at_a_postponed_session_keeps_it(now, staff):
    session, (asked, admitted) = asking(2, now=now)
    registrations.decide(registration=admitted, admit=True, actor=staff, now=now)
    type(session).objects.filter(pk=session.pk).update(starts_at=None, ends_at=None, state="accepted")
    assert requests.answer_unanswered(now=now + timedelta(days=60)) == 0
    assert states([asked, admitted]) == [R.REQUESTED, R.CONFIRMED]


def test_the_mail_that_confirms_a_request_promises_an_answer_before_the_start(now, practitioner):
    session = SessionFactory(admission=Admission.BY_APPROVAL)
    registrations.register(
        session=session,
        person=practitioner,
        organisation=standing_of(practitioner).organisations[0],
        form=session.form,
        actor=practitioner,
        now=now,
    )
    assert "in elk geval antwoord voordat het begint" in mails("sessions_app.registration_requested").get().text


# Many at once


def test_those_who_fit_get_a_seat_and_the_rest_a_place_in_line_with_one_mail_each(now, staff):
    session, rows = asking(5, now=now, capacity=3)
    done = requests.decide_all(
        session=session, registrations=[row.pk for row in rows], admit=True, note="Tot dan!", actor=staff, now=now
    )
    assert states(rows) == [R.CONFIRMED] * 3 + [R.WAITLISTED] * 2
    assert dict(done.states) == {R.CONFIRMED: 3, R.WAITLISTED: 2}
    sent = OutgoingMail.objects.filter(recipient__in=[row.person for row in rows])
    assert sent.count() == 5
    assert all("Tot dan!" in mail.text and "Tot dan!" in mail.html for mail in sent)


def test_who_may_no_longer_come_holds_up_nobody(now, staff):
    session, (gone, stays) = asking(2, now=now)
    gone.person.affiliations.update(state="ended")
    done = requests.decide_all(session=session, registrations=[gone.pk, stays.pk], admit=True, actor=staff, now=now)
    assert states([gone, stays]) == [R.REQUESTED, R.CONFIRMED]
    assert [row for row, _reason in done.refused] == [gone]


def test_a_request_for_a_series_is_decided_for_all_its_dates_with_one_mail(now, staff):
    series = SeriesFactory()
    dates = [SessionFactory(series=series, admission=Admission.BY_APPROVAL) for _ in range(3)]
    person = member_person()
    rows = [RegistrationFactory(session=date, person=person, state=R.REQUESTED) for date in dates]
    requests.decide_all(
        session=dates[0], registrations=[rows[0].pk], admit=False, note="Volgend jaar weer.", actor=staff, now=now
    )
    assert set(states(rows)) == {R.REJECTED}
    assert "Volgend jaar weer." in OutgoingMail.objects.get(recipient=person).text


def test_hosts_do_not_decide(now, host):
    session, rows = asking(1, now=now, host=host)
    with pytest.raises(Refused):
        requests.decide_all(session=session, registrations=[rows[0].pk], admit=True, actor=host, now=now)
    assert states(rows) == [R.REQUESTED]


# The pages


def decide(client, session, **data):
    return client.post(reverse("sessions:decide", args=[session.pk]), data)


def test_the_page_asks_first_and_says_in_numbers_what_will_happen(client, now, staff):
    session, rows = asking(5, now=now, capacity=3)
    client.force_login(staff)
    page = decide(client, session, everyone="on", decision="admit", note="Welkom.").content.decode()
    assert "<strong>3</strong> mensen krijgen een plaats" in page
    assert "<strong>2</strong> mensen komen op de wachtlijst" in page
    assert "Welkom." in page
    assert set(states(rows)) == {R.REQUESTED}
    assert not OutgoingMail.objects.exists()
    done = decide(client, session, who=[row.pk for row in rows], decision="admit", note="Welkom.", sure="1")
    assert done.status_code == 302
    assert states(rows) == [R.CONFIRMED] * 3 + [R.WAITLISTED] * 2


def test_what_was_ticked_and_typed_stays_when_it_is_refused(client, now, staff):
    session, rows = asking(2, now=now)
    client.force_login(staff)
    nobody = decide(client, session, decision="admit", note="Mijn zin")
    assert nobody.status_code == 422
    assert "Mijn zin" in nobody.content.decode()
    long = decide(client, session, decision="admit", note="x" * 501, who=[rows[1].pk])
    assert long.status_code == 422
    assert f'id="decide-{rows[1].pk}" checked' in long.content.decode()
    assert set(states(rows)) == {R.REQUESTED}


@pytest.mark.parametrize(("who", "status"), [("staff", 200), ("host", 404), ("practitioner", 404)])
def test_only_who_decides_reaches_the_decision(client, request, now, host, who, status):
    session, rows = asking(1, now=now, host=host)
    client.force_login(request.getfixturevalue(who))
    assert decide(client, session, who=[rows[0].pk], decision="admit").status_code == status


def test_the_number_who_ask_stands_where_hosts_and_staff_look(client, now, host, staff):
    session, _rows = asking(2, now=now, host=host)
    link = f"{reverse('sessions:participants', args=[session.pk])}#asked"
    client.force_login(host)
    assert link in client.get(reverse("sessions:mine")).content.decode()
    client.force_login(staff)
    changelist = reverse("admin:sessions_app_session_changelist")
    assert link in client.get(changelist).content.decode()
    SessionFactory(title="Zonder aanvragen")
    assert "Zonder aanvragen" not in client.get(changelist, {"asked": "yes"}).content.decode()


@pytest.mark.parametrize("number", [1, 30])
def test_the_page_costs_the_same_for_one_and_thirty_who_ask(client, now, staff, number, django_assert_num_queries):
    session, _rows = asking(number, now=now)
    client.force_login(staff)
    address = reverse("sessions:participants", args=[session.pk])
    client.get(address)
    with django_assert_num_queries(8):
        client.get(address)
