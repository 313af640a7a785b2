from datetime import timedelta

import pytest

from core.models import AuditEntry, OutgoingMail
from members.models import Organisation
from members.rules import AffiliationState, OrganisationKind
from sessions_app import reminders
from sessions_app.actions import registrations, waitlist
from sessions_app.actions.registrations import RegistrationRefused
from sessions_app.models import Registration, Session
from sessions_app.rules import LIVE, Admission, Audience, Form, RegistrationState, SessionState
from tests.factories.members import AffiliationFactory, OrganisationFactory, member_person
from tests.factories.sessions import DialogueFactory, RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db


def register(session, person, now, **wish):
    affiliation = person.affiliations.first()
    wish = {"organisation": affiliation and affiliation.organisation, "form": Form.ON_SITE} | wish
    return registrations.register(session=session, person=person, actor=person, now=now, **wish)


def kinds_of_mail(person):
    return list(OutgoingMail.objects.filter(recipient=person).order_by("pk").values_list("kind", flat=True))


def test_registering_gives_a_seat_a_mail_and_a_line_in_the_trail(practitioner, now):
    session = SessionFactory()
    registration = register(session, practitioner, now)
    assert registration.state == RegistrationState.CONFIRMED
    assert kinds_of_mail(practitioner) == ["sessions_app.registration_confirmed"]
    entry = AuditEntry.objects.get(verb="registration.created")
    assert (entry.actor, entry.target_id, entry.codes) == (None, session.pk, {"state": "confirmed"})


def test_registering_twice_gives_one_registration_and_one_mail(practitioner, now):
    session = SessionFactory()
    assert register(session, practitioner, now) == register(session, practitioner, now)
    assert len(kinds_of_mail(practitioner)) == 1


def test_a_full_session_puts_people_in_line(practitioner, now):
    session = SessionFactory(capacity=2, registered=2)
    assert register(session, practitioner, now).state == RegistrationState.WAITLISTED
    assert kinds_of_mail(practitioner) == ["sessions_app.registration_waiting"]


def test_nobody_takes_a_free_seat_past_those_who_wait(practitioner, now):
    session = SessionFactory(capacity=2, registered=1, waiting=1)
    assert register(session, practitioner, now).state == RegistrationState.WAITLISTED


def test_cancelling_holds_the_seat_for_the_first_in_line(now):
    session = SessionFactory(capacity=1, registered=1, waiting=3)
    holder = Registration.objects.confirmed().get()
    first, *others = session.registrations.waiting()
    registrations.cancel(registration=holder, actor=holder.person, now=now)
    first.refresh_from_db()
    assert first.state == RegistrationState.OFFERED
    assert kinds_of_mail(first.person) == ["sessions_app.seat_offered"]
    assert list(session.registrations.waiting()) == others


def test_leaving_the_line_gives_nobody_a_seat(now):
    session = SessionFactory(capacity=1, registered=1, waiting=2)
    first, second = session.registrations.waiting()
    registrations.cancel(registration=first, actor=first.person, now=now)
    assert [row.state for row in (first, second) if not row.refresh_from_db()] == ["withdrawn", "waitlisted"]


def test_cancelling_twice_frees_one_seat(now):
    session = SessionFactory(capacity=2, registered=2, waiting=2)
    holder = session.registrations.confirmed().first()
    for _ in range(2):
        registrations.cancel(registration=holder, actor=holder.person, now=now)
    assert (session.registrations.holding_seat().count(), session.registrations.waiting().count()) == (2, 1)


def test_who_cancelled_may_come_back_at_the_end_of_the_line(practitioner, now):
    session = SessionFactory(capacity=1, registered=0)
    first = register(session, practitioner, now)
    other = member_person()
    register(session, other, now)
    registrations.cancel(registration=first, actor=practitioner, now=now)
    again = register(session, practitioner, now)
    assert again.pk != first.pk
    assert again.state == RegistrationState.WAITLISTED


def refused_sessions(now):
    yesterday, in_an_hour = now - timedelta(days=1), now + timedelta(hours=1)
    return {
        "cancelled": {"state": SessionState.CANCELLED},
        "planned": {"state": SessionState.PLANNED},
        "closed": {"state": SessionState.CLOSED},
        "started": {"starts_at": now - timedelta(minutes=1)},
        "after the deadline": {"starts_at": in_an_hour, "registration_deadline": yesterday},
        "by invitation": {"admission": Admission.INVITATION},
    }


@pytest.mark.parametrize("case", ["cancelled", "planned", "closed", "started", "after the deadline", "by invitation"])
def test_a_session_that_takes_no_registrations_refuses_and_writes_nothing(practitioner, now, case):
    session = SessionFactory(**refused_sessions(now)[case])
    with pytest.raises(RegistrationRefused):
        register(session, practitioner, now)
    assert not Registration.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_a_dialogue_takes_no_registrations_whatever_its_state(director, now):
    session = DialogueFactory(state=SessionState.OPEN, admission=Admission.DIRECT, audience=Audience.MEMBERS)
    with pytest.raises(RegistrationRefused, match="uitnodiging"):
        register(session, director, now)


@pytest.mark.parametrize(
    ("audience", "kind", "admitted"),
    [
        (Audience.PUBLIC, None, True),
        (Audience.PUBLIC, OrganisationKind.OTHER, True),
        (Audience.MEMBERS, OrganisationKind.MEMBER, True),
        (Audience.MEMBERS, OrganisationKind.ASSOCIATION, True),
        (Audience.MEMBERS, OrganisationKind.PARTNER, False),
        (Audience.MEMBERS, OrganisationKind.MINISTRY, False),
        (Audience.MEMBERS, None, False),
        (Audience.MEMBERS_AND_PARTNERS, OrganisationKind.PARTNER, True),
        (Audience.MEMBERS_AND_PARTNERS, OrganisationKind.OTHER, False),
        (Audience.INVITED, OrganisationKind.MEMBER, False),
    ],
)
def test_only_its_audience_may_register(outsider, now, audience, kind, admitted):
    person = outsider if kind is None else member_person(OrganisationFactory(kind=kind))
    session = SessionFactory(audience=audience)
    if admitted:
        assert register(session, person, now).state == RegistrationState.CONFIRMED
    else:
        with pytest.raises(RegistrationRefused):
            register(session, person, now)


def test_nobody_registers_for_an_organisation_of_others(practitioner, now):
    with pytest.raises(RegistrationRefused) as refused:
        register(SessionFactory(), practitioner, now, organisation=OrganisationFactory())
    assert refused.value.field == "organisation"


def test_a_form_that_the_session_does_not_have_is_refused(practitioner, now):
    with pytest.raises(RegistrationRefused) as refused:
        register(SessionFactory(form=Form.ON_SITE), practitioner, now, form=Form.ONLINE)
    assert refused.value.field == "form"


def test_hybrid_is_two_rooms(now):
    session = SessionFactory(form=Form.HYBRID, capacity=1, capacity_online=1, online_link="https://video.example/x")
    people = [member_person() for _ in range(4)]
    wishes = [Form.ON_SITE, Form.ONLINE, Form.ON_SITE, Form.ONLINE]
    rows = [register(session, person, now, form=form) for person, form in zip(people, wishes, strict=True)]
    assert [row.state for row in rows] == ["confirmed", "confirmed", "waitlisted", "waitlisted"]
    registrations.cancel(registration=rows[1], actor=people[1], now=now)
    assert [row.state for row in rows if not row.refresh_from_db()] == [
        "confirmed", "cancelled", "waitlisted", "offered",
    ]  # fmt: skip


def test_the_online_link_is_only_in_mail_to_those_who_attend_online(now):
    session = SessionFactory(
        form=Form.HYBRID, capacity=5, capacity_online=1, online_link="https://video.example/geheim"
    )
    for form in (Form.ON_SITE, Form.ONLINE, Form.ONLINE):
        register(session, member_person(), now, form=form)
    shown = {
        (mail.kind, "geheim" in mail.text + mail.html + str(mail.attachments)) for mail in OutgoingMail.objects.all()
    }
    assert shown == {
        ("sessions_app.registration_confirmed", False),
        ("sessions_app.registration_confirmed", True),
        ("sessions_app.registration_waiting", False),
    }


def test_after_the_start_nobody_cancels_and_nobody_moves_up(now):
    session = SessionFactory(capacity=1, registered=1, waiting=1, starts_at=now - timedelta(minutes=5))
    holder = session.registrations.confirmed().get()
    with pytest.raises(RegistrationRefused):
        registrations.cancel(registration=holder, actor=holder.person, now=now)
    assert waitlist.fill_seats(session, actor=None, now=now) == []


def test_raising_the_number_of_seats_fills_them_in_order(now):
    session = SessionFactory(capacity=1, registered=1, waiting=3)
    Session.objects.filter(pk=session.pk).update(capacity=3)
    session.refresh_from_db()
    got = waitlist.fill_seats(session, actor=None, now=now)
    assert [row.queued_at for row in got] == sorted(row.queued_at for row in got)
    assert (len(got), session.registrations.waiting().count()) == (2, 1)


def test_by_approval_asks_first_and_the_decision_is_mailed(practitioner, staff, now):
    session = SessionFactory(admission=Admission.BY_APPROVAL, capacity=1)
    row = register(session, practitioner, now)
    assert row.state == RegistrationState.REQUESTED
    row = registrations.decide(registration=row, admit=True, actor=staff, now=now)
    assert row.state == RegistrationState.CONFIRMED
    with pytest.raises(RegistrationRefused):
        registrations.decide(registration=row, admit=False, actor=staff, now=now)
    other = register(session, member_person(), now)
    assert registrations.decide(registration=other, admit=True, actor=staff, now=now).state == "waitlisted"
    assert kinds_of_mail(practitioner) == ["sessions_app.registration_requested", "sessions_app.registration_confirmed"]


def test_only_programme_staff_decide_and_only_before_the_start(practitioner, host, staff, now):
    session = SessionFactory(admission=Admission.BY_APPROVAL, host=host)
    row = RegistrationFactory(session=session, state=RegistrationState.REQUESTED)
    for actor in (practitioner, host, row.person):
        with pytest.raises(RegistrationRefused):
            registrations.decide(registration=row, admit=True, actor=actor, now=now)
    for moment in (session.starts_at, session.starts_at + timedelta(days=1)):
        with pytest.raises(RegistrationRefused):
            registrations.decide(registration=row, admit=True, actor=staff, now=moment)
    Session.objects.update(state=SessionState.HELD)
    with pytest.raises(RegistrationRefused):
        registrations.decide(registration=row, admit=True, actor=staff, now=now)
    row.refresh_from_db()
    assert row.state == RegistrationState.REQUESTED
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("state", LIVE)
def test_staff_take_someone_off_the_list_with_a_reason(staff, now, state):
    session = SessionFactory(capacity=1, starts_at=now + timedelta(days=6))
    row = RegistrationFactory(session=session, state=state)
    next_one = RegistrationFactory(session=session, state=RegistrationState.WAITLISTED)
    reminders.queue_due(now=now)
    registrations.cancel_by_staff(registration=row, reason="Alleen wie ook 9 mei was.", actor=staff, now=now)
    row.refresh_from_db()
    next_one.refresh_from_db()
    assert row.state == RegistrationState.CANCELLED
    assert next_one.state == RegistrationState.OFFERED
    letter = OutgoingMail.objects.get(kind="sessions_app.registration_ended", recipient=row.person)
    assert "Alleen wie ook 9 mei was." in letter.text
    assert "Alleen wie ook 9 mei was." in letter.html
    assert not OutgoingMail.objects.unsent().filter(kind="sessions_app.reminder", recipient=row.person).exists()
    entry = AuditEntry.objects.get(verb="registration.ended")
    assert entry.actor == staff
    assert entry.codes == {"old": str(state), "new": "cancelled", "why": "staff"}
    registrations.cancel_by_staff(registration=row, reason="Nog eens.", actor=staff, now=now)
    assert kinds_of_mail(row.person).count("sessions_app.registration_ended") == 1


def test_nobody_is_taken_off_the_list_without_right_reason_or_time(staff, host, now):
    session = SessionFactory(host=host)
    row = RegistrationFactory(session=session)
    for actor, reason, moment in (
        (host, "Vol.", now),
        (row.person, "Vol.", now),
        (staff, " ", now),
        (staff, "Vol.", session.starts_at),
    ):
        with pytest.raises(RegistrationRefused):
            registrations.cancel_by_staff(registration=row, reason=reason, actor=actor, now=moment)
    row.refresh_from_db()
    assert row.state == RegistrationState.CONFIRMED


def leave_organisation(person):
    person.affiliations.update(state=AffiliationState.ENDED)


def leave_audience(person):
    Organisation.objects.filter(affiliations__person=person).update(kind=OrganisationKind.OTHER)


def lose_account(person):
    type(person).objects.filter(pk=person.pk).update(is_active=False)


LEAVINGS = {"affiliation": leave_organisation, "audience": leave_audience, "account": lose_account}
WHY = {
    "affiliation": "je werkt daar volgens het portaal niet meer",
    "audience": "andere organisaties",
    "account": "account",
}


@pytest.mark.parametrize("why", LEAVINGS)
def test_a_freed_seat_passes_over_who_may_no_longer_come(now, why):
    session = SessionFactory(capacity=1, registered=1, waiting=3)
    first, second, third = session.registrations.waiting()
    LEAVINGS[why](first.person)
    holder = session.registrations.confirmed().get()
    registrations.cancel(registration=holder, actor=holder.person, now=now)
    assert [row.state for row in (first, second, third) if not row.refresh_from_db()] == [
        "waitlisted", "offered", "waitlisted",
    ]  # fmt: skip


@pytest.mark.parametrize("why", LEAVINGS)
def test_who_may_no_longer_come_makes_room_and_reads_why(now, why):
    session = SessionFactory(capacity=2, registered=2, waiting=2)
    past = RegistrationFactory(session=SessionFactory(starts_at=now - timedelta(days=1), state=SessionState.HELD))
    stays, goes = session.registrations.confirmed()
    waits_in_vain, moves_up = session.registrations.waiting()
    for row in (past, goes, waits_in_vain):
        LEAVINGS[why](row.person)
    assert registrations.release_lost(now=now) == 2
    states = [row.state for row in (past, stays, goes, waits_in_vain, moves_up) if not row.refresh_from_db()]
    assert states == ["confirmed", "confirmed", "cancelled", "cancelled", "offered"]
    assert kinds_of_mail(goes.person) == ["sessions_app.registration_ended"]
    assert WHY[why] in OutgoingMail.objects.get(recipient=goes.person).text
    assert {entry.codes["why"] for entry in AuditEntry.objects.filter(verb="registration.ended")} == {why}
    assert registrations.release_lost(now=now) == 0


def test_who_came_as_the_public_or_works_elsewhere_too_keeps_the_seat(outsider, now):
    public = SessionFactory(audience=Audience.PUBLIC)
    kept = [RegistrationFactory(session=public, person=outsider), RegistrationFactory(session=SessionFactory())]
    AffiliationFactory(person=kept[1].person, state=AffiliationState.ENDED)
    postponed = RegistrationFactory(session=SessionFactory(state=SessionState.ACCEPTED, starts_at=None))
    leave_organisation(postponed.person)
    assert registrations.release_lost(now=now) == 1
    assert [row.state for row in (*kept, postponed) if not row.refresh_from_db()] == [
        "confirmed", "confirmed", "cancelled",
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [1, 30])
def test_looking_for_lost_places_costs_the_same_for_many(now, rows, django_assert_num_queries):
    SessionFactory(registered=rows, waiting=rows, capacity=rows)
    with django_assert_num_queries(2):
        registrations.release_lost(now=now)


def test_giving_up_everything_at_once_frees_every_seat(practitioner, now):
    full = SessionFactory(capacity=1)
    register(full, practitioner, now)
    waiting = register(full, member_person(), now)
    RegistrationFactory(session=SessionFactory(starts_at=now - timedelta(days=3)), person=practitioner)
    assert registrations.cancel_all_of(practitioner, actor=practitioner, now=now) == 1
    waiting.refresh_from_db()
    assert waiting.state == RegistrationState.OFFERED
