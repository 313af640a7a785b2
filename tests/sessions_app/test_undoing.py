"""A move shows first who gets which mail, waits, and can be taken back whole."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from core import acts, audit, delivery, digest, mail
from core.models import Act, AuditEntry, MailState, OutgoingMail
from core.moves import Refused
from members.models import User
from partos_portal.retention import retain
from sessions_app.actions import curation, guests, planning, proposals, registrations, resuming, undoing
from sessions_app.models import CurationNote, Hosting, Proposer, Registration, Session
from sessions_app.reminders import queue_due
from sessions_app.rules import RegistrationState, Resume, SessionState
from tests.factories.sessions import RegistrationFactory, SessionFactory
from tests.sessions_app.proposing import proposal
from tests.sessions_app.test_admin_moves import change, move, press, typed

pytestmark = pytest.mark.django_db
S, R = SessionState, RegistrationState
WHY = {"reason": "De spreker is ziek."}
DAY = timedelta(days=1)


def do(act, session, staff, now, **arguments):
    undoing.do(act, session=session, actor=staff, now=now, name="test", **arguments)
    return Act.objects.latest("pk")


def rows(session):
    """All that a move changes, but for what calendars count with and when it last changed."""
    leave = {"sequence", "changed_at", "_state"}
    models = (Registration, CurationNote, Hosting, Proposer)
    of = [
        *Session.objects.filter(pk=session.pk),
        *(row for model in models for row in model.objects.filter(session=session).order_by("pk")),
    ]
    return [{name: value for name, value in vars(row).items() if name not in leave} for row in of]


def waiting_mail():
    return OutgoingMail.objects.filter(state__in=[MailState.QUEUED, MailState.DIGEST])


# Before


def test_a_rehearsal_counts_the_mails_and_shows_one_of_each_kind(staff, host, now):
    session = SessionFactory(registered=28, waiting=2, host=host)
    english = session.registrations.first().person
    User.objects.filter(pk=english.pk).update(language="en")
    foreseen = acts.foresee(lambda: planning.cancel(session=session, **WHY, actor=staff, now=now), now=now)
    assert [(one.kind, one.number) for one in foreseen.told] == [
        ("sessions_app.session_cancelled", 30), ("sessions_app.session_organisers", 1)
    ]  # fmt: skip
    assert (foreseen.people, foreseen.mails) == (31, 31)
    assert [seen.language for seen in foreseen.told[0].samples] == ["en", "nl"]
    for seen in foreseen.told[0].samples:
        assert WHY["reason"] in seen.text
    planning.cancel(session=session, **WHY, actor=staff, now=now)
    sent = OutgoingMail.objects.filter(kind="sessions_app.session_cancelled", language="nl").earliest("pk")
    assert foreseen.told[0].samples[1].text == sent.text


def test_a_rehearsal_leaves_nothing_behind(staff, host, now, django_capture_on_commit_callbacks):
    session = SessionFactory(registered=3, waiting=2, host=host)
    mail.withdraw("nothing")
    before, entries = rows(session), AuditEntry.objects.count()
    for act in (planning.cancel, planning.postpone):
        with django_capture_on_commit_callbacks() as callbacks:
            acts.foresee(lambda act=act: act(session=session, **WHY, actor=staff, now=now), now=now)
        assert callbacks == []  # nobody is woken, and no cache is dropped
    assert rows(session) == before
    assert AuditEntry.objects.count() == entries
    assert not OutgoingMail.objects.exists()
    assert not Act.objects.exists()


def test_its_personal_links_are_dead(staff, schedule, now):
    session = SessionFactory(registered=1)
    foreseen = acts.foresee(lambda: planning.move(session=session, schedule=schedule, actor=staff, now=now), now=now)
    [seen] = foreseen.told[0].samples
    assert "/voorbeeld/" in seen.text
    assert session.registrations.get().link_nonce not in seen.text
    assert "[" not in seen.text


@pytest.mark.parametrize("number", [1, 30])
def test_the_number_of_people_costs_a_rehearsal_no_queries(staff, host, now, number, django_assert_num_queries):
    session = SessionFactory(registered=number, capacity=40, host=host)
    with django_assert_num_queries(35):
        acts.foresee(lambda: planning.cancel(session=session, **WHY, actor=staff, now=now), now=now)


def test_who_may_not_read_a_mail_sees_only_how_many_there_are(staff, quality_coordinator, now):
    session = SessionFactory(registered=2)
    found = acts.foresee(lambda: planning.cancel(session=session, **WHY, actor=staff, now=now), now=now)
    assert found.seen_by(staff).told[0].samples
    one = found.seen_by(quality_coordinator).told[0]
    assert (one.number, one.samples) == (2, ())


@pytest.mark.parametrize("people", [0, 1, 30])
def test_the_page_shows_the_mails_first_and_the_button_does_it(desk, people):
    session = SessionFactory(registered=people, capacity=40)
    page = desk.post(move(session, "cancel"), WHY)
    if not people:
        assert page.status_code == 302  # nobody to tell: no second press
        assert Session.objects.get(pk=session.pk).state == S.CANCELLED
        return
    assert page.status_code == 200
    assert ("1 persoon krijgt een mail" if people == 1 else "30 mensen krijgen een mail") in page.text
    assert WHY["reason"] in page.text
    assert Session.objects.get(pk=session.pk).state == S.OPEN
    other = desk.post(move(session, "cancel"), {"reason": "Iets anders.", "seen": page.context["seen"]})
    assert other.status_code == 200  # what was seen holds for nothing else
    assert "Iets anders." in other.text
    assert desk.post(move(session, "cancel"), {**WHY, "seen": page.context["seen"]}).status_code == 302
    assert Session.objects.get(pk=session.pk).state == S.CANCELLED


def test_a_move_that_asks_nothing_shows_it_on_its_one_page(desk):
    session = SessionFactory(state=S.OPEN, registered=1)
    page = desk.get(move(session, "close"))
    assert "Niemand krijgt een mail" in page.text
    assert desk.post(move(session, "close")).status_code == 302


def test_the_page_of_resuming_says_in_numbers_who_comes_back(desk, staff, now):
    session = SessionFactory(registered=20, waiting=6)
    planning.cancel(session=session, **WHY, actor=staff, now=now)
    OutgoingMail.objects.update(state=MailState.SENT)
    page = desk.get(move(session, "resume"))
    assert "Terug met een plek: 20" in page.text
    assert "Terug in de rij, in dezelfde volgorde: 6" in page.text
    page = desk.post(move(session, "resume"), {**WHY, "how": "as_it_was"})
    assert "26 mensen krijgen een mail" in page.text
    assert (
        desk.post(move(session, "resume"), {**WHY, "how": "as_it_was", "seen": page.context["seen"]}).status_code == 302
    )
    assert session.registrations.live().count() == 26


# Waiting


def test_the_mails_of_a_move_wait_and_then_leave(staff, now, mailoutbox):
    session = SessionFactory(registered=2)
    act = do(planning.cancel, session, staff, now, **WHY)
    assert act.waits_until - now == timedelta(minutes=settings.MAIL_UNDO_MINUTES)
    assert delivery.deliver(clock=lambda: act.waits_until - timedelta(seconds=1)) == 0
    assert mailoutbox == []
    assert delivery.deliver(clock=lambda: act.waits_until) == 2


def test_answers_to_ones_own_act_do_not_wait(staff, practitioner, now, mailoutbox):
    session = SessionFactory(registered=1, waiting=1, capacity=1)
    do(planning.close, session, staff, now)
    mine = session.registrations.get(state=R.CONFIRMED)
    registrations.cancel(registration=mine, actor=mine.person, now=now)
    assert delivery.deliver(clock=lambda: now) == 2  # hers, and the offer to the next


def test_what_waits_leaves_before_what_changes_for_its_reader_meanwhile(staff, now, mailoutbox):
    """Else one reads "you keep your registration" after "you are off the list"."""
    session = SessionFactory(registered=2, waiting=1, capacity=2)
    later = planning.Schedule(**{name: getattr(session, name) for name in planning.Schedule.__dataclass_fields__})
    later = replace(later, starts_at=later.starts_at + DAY, ends_at=later.ends_at + DAY)
    do(planning.move, session, staff, now, schedule=later)
    leaving, staying = session.registrations.filter(state=R.CONFIRMED).select_related("person").order_by("pk")
    offered = session.registrations.select_related("person").get(state=R.WAITLISTED)

    registrations.cancel(registration=leaving, actor=leaving.person, now=now)

    assert delivery.deliver(clock=lambda: now) == 4
    for row, words in ((leaving, "Je blijft aangemeld"), (offered, "Je houdt je plek in de rij")):
        read = [letter.body for letter in mailoutbox if letter.to == [row.person.email]]
        assert [words in text for text in read] == [True, False]
    assert OutgoingMail.objects.get(recipient=staying.person).state == MailState.QUEUED


@pytest.mark.parametrize(
    ("act", "goes_on"),
    [(curation.ask, proposals.answer), (curation.ask, proposals.withdraw), (curation.accept, proposals.withdraw)],
)
def test_a_proposer_who_went_on_meanwhile_reads_no_older_step(staff, practitioner, now, act, goes_on):
    session = proposal(practitioner, state=S.IN_CURATION)
    do(act, session, staff, now, **({"question": "Voor wie?"} if act is curation.ask else {}))
    assert waiting_mail().filter(recipient=practitioner).exists()
    goes_on(
        session=session, actor=practitioner, now=now, **({"text": "Voor leden."} if goes_on is proposals.answer else {})
    )
    assert not waiting_mail().filter(recipient=practitioner).exists()


def test_what_waits_is_in_no_digest_yet(staff, now):
    row = OutgoingMail(key="x", state=MailState.DIGEST, queued_at=now, next_attempt_at=now + timedelta(minutes=5),
                       to="a@b.example", language="nl", kind="x", subject="x", text="x")  # fmt: skip
    row.save()
    assert not digest.items_until(now + timedelta(minutes=1)).exists()
    assert digest.items_until(now + timedelta(minutes=5)).exists()


def test_health_does_not_call_a_mail_late_that_is_meant_to_wait(client, staff, now):
    act = do(planning.cancel, SessionFactory(registered=1), staff, now - timedelta(minutes=20), **WHY)
    Act.objects.filter(pk=act.pk).update(waits_until=now + timedelta(minutes=5))
    assert client.get("/healthz").json()["oldest_unsent_mail"] is None


def test_send_now_lets_them_leave_once_and_then_nothing_can_be_undone(desk, staff, now, mailoutbox):
    session = SessionFactory(registered=2)
    press(desk, move(session, "cancel"), WHY)
    act = Act.objects.get()
    page = desk.get(change(session))
    assert "Mails aan 2 mensen wachten tot" in page.text
    send, undo = (
        reverse("admin:sessions_app_session_act", args=[session.pk, act.pk, name]) for name in ("send", "undo")
    )
    for button in (send, undo):
        assert button in page.text
        assert desk.get(button).status_code == 405
    assert "2 mails gaan nu weg" in desk.post(send, follow=True).text
    assert delivery.deliver(clock=lambda: now + timedelta(seconds=30)) == 2
    for button in (send, undo):
        assert "de mails zijn al weg" in desk.post(button, follow=True).text
    assert Session.objects.get(pk=session.pk).state == S.CANCELLED
    assert not Act.objects.exists()


def test_two_moves_one_after_the_other_mail_nobody_twice(staff, schedule, now):
    session = SessionFactory(registered=2)
    do(planning.move, session, staff, now, schedule=schedule)
    do(planning.cancel, session, staff, now, **WHY)
    assert sorted(waiting_mail().values_list("kind", flat=True)) == ["sessions_app.session_cancelled"] * 2


@pytest.mark.parametrize("minutes", [0])
def test_without_a_wait_nothing_is_kept_and_all_leaves_at_once(staff, now, settings, minutes):
    settings.MAIL_UNDO_MINUTES = minutes
    session = SessionFactory(registered=1)
    undoing.do(planning.cancel, session=session, actor=staff, now=now, name="cancel", **WHY)
    assert not Act.objects.exists()
    assert delivery.deliver(clock=lambda: now) == 1


# Taking back

ACTS = {
    "cancel": (planning.cancel, WHY),
    "postpone": (planning.postpone, WHY),
    "move": (planning.move, "schedule"),
    "close": (planning.close, {}),
}


@pytest.mark.parametrize("name", ACTS)
def test_undoing_puts_everything_back_and_nobody_is_mailed(desk, staff, host, schedule, now, mailoutbox, name):
    session = SessionFactory(registered=3, waiting=2, capacity=3, host=host)
    RegistrationFactory(session=session, state=R.OFFERED)
    before = rows(session)
    act, asked = ACTS[name]
    done = do(act, session, staff, now, **({"schedule": schedule} if asked == "schedule" else asked))
    assert rows(session) != before
    response = desk.post(reverse("admin:sessions_app_session_act", args=[session.pk, done.pk, "undo"]), follow=True)
    assert "ongedaan gemaakt" in response.text
    assert rows(session) == before
    assert not waiting_mail().exists()
    assert delivery.deliver(clock=lambda: now + timedelta(hours=1)) == 0
    assert audit.trail_of(session)[0].verb == "session.undone"
    assert not Act.objects.exists()


def test_the_number_for_calendars_goes_on_and_never_back(staff, schedule, now):
    session = SessionFactory(registered=1)
    moved = do(planning.move, session, staff, now, schedule=schedule)
    shown = Session.objects.get(pk=session.pk).sequence
    undoing.undo(act=moved.pk, actor=staff, now=now)
    again = Session.objects.get(pk=session.pk)
    assert again.starts_at == session.starts_at
    assert again.sequence > shown + 2  # a feed may have shown that a place ended, which counts two


def test_a_reminder_that_the_move_withdrew_waits_again(staff, now):
    session = SessionFactory(registered=1, starts_at=now + timedelta(days=6))
    assert queue_due(now=now) == 1
    done = do(planning.postpone, session, staff, now, **WHY)
    assert not waiting_mail().filter(kind="sessions_app.reminder").exists()
    undoing.undo(act=done.pk, actor=staff, now=now)
    assert waiting_mail().get().kind == "sessions_app.reminder"
    assert queue_due(now=now) == 0


def test_opening_is_undone_until_somebody_registered(staff, practitioner, now):
    session = SessionFactory(state=S.PLANNED)
    done = do(planning.open_registration, session, staff, now)
    who = {"person": practitioner, "organisation": practitioner.affiliations.get().organisation, "form": "on_site"}
    registrations.register(session=session, **who, actor=practitioner, now=now)
    with pytest.raises(Refused, match="daarna"):
        undoing.undo(act=done.pk, actor=staff, now=now)
    assert Session.objects.get(pk=session.pk).state == S.OPEN
    assert waiting_mail().count() == 1


def test_a_later_move_keeps_an_earlier_one_from_being_undone(staff, schedule, now):
    session = SessionFactory(registered=1)
    first = do(planning.move, session, staff, now, schedule=schedule)
    second = do(planning.cancel, session, staff, now, **WHY)
    with pytest.raises(Refused):
        undoing.undo(act=first.pk, actor=staff, now=now)
    undoing.undo(act=second.pk, actor=staff, now=now)
    assert waiting_mail().get().kind == "sessions_app.session_moved"


def test_correcting_a_word_meanwhile_stays_and_keeps_nothing_from_being_undone(staff, now):
    session = SessionFactory(registered=1)
    done = do(planning.postpone, session, staff, now, **WHY)
    planning.change(session=session, changes={"description": "Beter."}, actor=staff, now=now)
    undoing.undo(act=done.pk, actor=staff, now=now)
    again = Session.objects.get(pk=session.pk)
    assert (again.state, again.description, again.starts_at) == (S.OPEN, "Beter.", session.starts_at)


def test_merging_and_inviting_and_resuming_are_undone_too(staff, practitioner, now):
    one, other = proposal(practitioner, state=S.IN_CURATION), proposal(practitioner, state=S.ACCEPTED)
    Proposer.objects.filter(session=other).delete()
    merged = do(curation.merge, one, staff, now, into=other)
    undoing.undo(act=merged.pk, actor=staff, now=now)
    one.refresh_from_db()
    assert (one.state, one.merged_into, other.proposers.count()) == (S.IN_CURATION, None, 0)
    session = SessionFactory(registered=2)
    invited = do(guests.invite, session, staff, now, addresses=["gast@buiten.example"])
    undoing.undo(act=invited.pk, actor=staff, now=now)
    assert not session.guests.exists()
    planning.cancel(session=session, **WHY, actor=staff, now=now)
    OutgoingMail.objects.update(state=MailState.SENT)
    before = rows(session)
    resumed = do(resuming.resume, session, staff, now, how=Resume.AS_IT_WAS, **WHY)
    undoing.undo(act=resumed.pk, actor=staff, now=now)
    assert rows(session) == before


def test_after_its_time_nothing_is_undone_and_the_row_goes(staff, now):
    session = SessionFactory(registered=1)
    done = do(planning.cancel, session, staff, now, **WHY)
    with pytest.raises(Refused):
        undoing.undo(act=done.pk, actor=staff, now=done.waits_until)
    with pytest.raises(Refused):
        undoing.send_now(act=done.pk, actor=staff, now=done.waits_until)
    retain(now=done.waits_until)
    assert not Act.objects.exists()
    assert waiting_mail().count() == 1


def test_the_row_names_nobody(staff, now):
    session = SessionFactory(registered=2)
    done = do(planning.cancel, session, staff, now, **WHY)
    written = str([vars(done), Act.objects.filter(pk=done.pk).values()])
    for person in [staff, *User.objects.filter(registrations__session=session)]:
        assert person.email not in written
        assert person.name not in written
    assert WHY["reason"] not in written


@pytest.mark.parametrize("who", ["practitioner", "host", "quality_coordinator", "functional_administrator"])
def test_nobody_but_programme_staff_undoes_or_sends(request, client, staff, now, who):
    session = SessionFactory(registered=1)
    done = do(planning.cancel, session, staff, now, **WHY)
    person = request.getfixturevalue(who)
    client.force_login(person)
    for name in ("undo", "send"):
        url = reverse("admin:sessions_app_session_act", args=[session.pk, done.pk, name])
        assert client.post(url).status_code in (302, 403)
    for act in (undoing.undo, undoing.send_now):
        with pytest.raises(Refused):
            act(act=done.pk, actor=person, now=now)
    assert Session.objects.get(pk=session.pk).state == S.CANCELLED
    assert Act.objects.filter(pk=done.pk).exists()


def test_a_mail_that_left_keeps_all_as_it_is(staff, now):
    session = SessionFactory(registered=2)
    done = do(planning.cancel, session, staff, now, **WHY)
    one = waiting_mail().earliest("pk")
    OutgoingMail.objects.filter(pk=one.pk).update(state=MailState.SENT)
    with pytest.raises(Refused), transaction.atomic():
        undoing.undo(act=done.pk, actor=staff, now=now)
    assert Session.objects.get(pk=session.pk).state == S.CANCELLED
    assert waiting_mail().count() == 1


def test_the_page_of_a_plan_shows_warnings_and_mails_together(desk, practitioner, now):
    session = proposal(practitioner, state=S.ACCEPTED)
    page = desk.post(move(session, "plan"), typed(now))
    assert page.context["foreseen"].people == 1
    assert "De bijeenkomst heeft een datum" in page.text


def test_a_postponed_session_gets_a_new_date_with_everybody_and_both_steps_can_be_undone(staff, host, schedule, now):
    session = SessionFactory(registered=2, waiting=1, capacity=2, host=host)
    line = list(session.registrations.order_by("pk").values("person", "state", "queued_at"))
    with_date = rows(session)
    do(planning.postpone, session, staff, now, **WHY)
    undoing.undo(act=Act.objects.get().pk, actor=staff, now=now)
    assert rows(session) == with_date
    do(planning.postpone, session, staff, now, **WHY)
    OutgoingMail.objects.filter(act__isnull=False).update(state=MailState.SENT)
    Act.objects.all().delete()
    dropped, shown = rows(session), Session.objects.get(pk=session.pk).sequence
    fields = {"for_whom": "Programmamedewerkers", "audience": "members", "admission": "direct"}
    new = replace(schedule, capacity=2)
    planned = do(planning.plan, session, staff, now, schedule=new, confidentiality="internal", **fields)
    again = Session.objects.get(pk=session.pk)
    assert (again.state, again.starts_at, again.sequence) == (S.PLANNED, schedule.starts_at, shown + 1)
    assert list(session.registrations.order_by("pk").values("person", "state", "queued_at")) == line
    kinds = sorted(waiting_mail().values_list("kind", flat=True))
    assert kinds == ["sessions_app.session_moved"] * 3 + ["sessions_app.session_organisers"]
    files = [mail.attachments[0]["content"] for mail in waiting_mail().filter(kind=kinds[0]) if mail.attachments]
    assert len(files) == 2  # who waits has nothing in her calendar
    for content in files:
        assert "METHOD:REQUEST" in content
        assert f"SEQUENCE:{shown + 1}" in content
    undoing.undo(act=planned.pk, actor=staff, now=now)
    assert rows(session) == dropped
    assert not waiting_mail().exists()
    assert Session.objects.get(pk=session.pk).sequence > again.sequence
