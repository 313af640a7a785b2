"""What someone needs to come: for her and for staff, and not for long."""

from datetime import timedelta

import pytest

from core.models import AuditEntry, OutgoingMail
from members.permissions import standing_of
from partos_portal import retention
from partos_portal.my_data import own_data
from sessions_app.actions import needs, registrations
from sessions_app.actions.needs import NeedsRefused
from sessions_app.models import NeedsNote, Registration
from sessions_app.retention import PERIODS
from sessions_app.rules import LIVE, WITH_A_PLACE, Form, RegistrationState, SessionState
from tests.factories.sessions import RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db
NOTE = "Ik ben doof en heb een tolk nodig."
[PERIOD] = [period for period in PERIODS if period.kind == "needs"]


def texts():
    return list(NeedsNote.objects.values_list("text", flat=True))


def test_a_note_comes_with_a_registration_and_stands_in_no_mail_and_no_trail(practitioner, now):
    registrations.register(
        session=SessionFactory(), person=practitioner, organisation=standing_of(practitioner).organisations[0],
        form=Form.ON_SITE, needs=f"  {NOTE} ", actor=practitioner, now=now,
    )  # fmt: skip
    assert texts() == [NOTE]
    left = [*OutgoingMail.objects.values(), *AuditEntry.objects.values()]
    assert len(left) == 2
    assert "doof" not in str(left)
    assert own_data(practitioner)["registrations"][0]["needs__text"] == NOTE


def test_nothing_typed_leaves_no_row(practitioner, now):
    registrations.register(
        session=SessionFactory(), person=practitioner, organisation=standing_of(practitioner).organisations[0],
        form=Form.ON_SITE, needs="   ", actor=practitioner, now=now,
    )  # fmt: skip
    assert texts() == []


def test_it_is_changed_and_emptied_without_a_trail(practitioner, now):
    row = RegistrationFactory(person=practitioner)
    for text, kept in ((NOTE, [NOTE]), ("Toch niet.", ["Toch niet."]), (" ", []), ("", [])):
        needs.write(registration=row, text=text, actor=practitioner, now=now)
        assert texts() == kept
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("who", ["host", "staff", "contact", "functional_administrator"])
def test_nobody_writes_or_empties_it_for_another(request, host, now, who):
    row = RegistrationFactory(session=SessionFactory(host=host))
    NeedsNote.objects.create(registration=row, text=NOTE, changed_at=now)
    for text in ("Anders.", ""):
        with pytest.raises(NeedsRefused):
            needs.write(registration=row, text=text, actor=request.getfixturevalue(who), now=now)
    assert texts() == [NOTE]


def test_once_the_session_has_started_it_can_only_be_emptied(practitioner, now):
    row = RegistrationFactory(person=practitioner)
    needs.write(registration=row, text=NOTE, actor=practitioner, now=row.session.starts_at - timedelta(seconds=1))
    with pytest.raises(NeedsRefused):
        needs.write(registration=row, text="Anders.", actor=practitioner, now=row.session.starts_at)
    assert texts() == [NOTE]
    needs.write(registration=row, text="", actor=practitioner, now=row.session.starts_at)
    assert texts() == []


@pytest.mark.parametrize("state", [state for state in RegistrationState if state not in WITH_A_PLACE])
def test_nobody_needs_anything_at_a_session_that_she_does_not_come_to(practitioner, now, state):
    row = RegistrationFactory(person=practitioner, state=state)
    with pytest.raises(NeedsRefused):
        needs.write(registration=row, text=NOTE, actor=practitioner, now=now)
    assert texts() == []


@pytest.mark.parametrize("state", RegistrationState)
def test_the_note_of_who_does_not_come_any_more_goes_the_next_night(now, state):
    row = RegistrationFactory(state=state)
    NeedsNote.objects.create(registration=row, text=NOTE, changed_at=now)
    retention.retain(now=now, periods=[PERIOD])
    assert texts() == ([NOTE] if state in WITH_A_PLACE else [])
    assert Registration.objects.get().state == state


def test_what_counts_is_the_end_of_the_session_as_it_is_now(now):
    moved = RegistrationFactory(session=SessionFactory(starts_at=now - timedelta(days=20)))
    NeedsNote.objects.create(registration=moved, text=NOTE, changed_at=now - timedelta(days=40))
    moved.session.starts_at, moved.session.ends_at = now + timedelta(days=1), now + timedelta(days=2)
    moved.session.save()
    retention.retain(now=now, periods=[PERIOD])
    assert texts() == [NOTE]


def test_at_a_postponed_session_it_stays_with_the_seat_and_no_longer_than_a_year(now):
    session = SessionFactory(state=SessionState.ACCEPTED, starts_at=None, ends_at=None)
    for days in (360, 400):
        row = RegistrationFactory(session=session, state=LIVE[-1])
        NeedsNote.objects.create(registration=row, text=str(days), changed_at=now - timedelta(days=days))
    retention.retain(now=now, periods=[PERIOD])
    assert texts() == ["360"]
