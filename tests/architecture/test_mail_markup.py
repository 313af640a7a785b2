"""The HTML of every mail: well formed, in its reader's language, and with nothing to load."""

import re
from datetime import timedelta

import pytest
from django.conf import settings

from core import digest, mail
from core.models import OutgoingMail
from leerlijnen import mails as groups
from leerlijnen.models import Following, GroupMembership
from members import mails as members
from members.models import Affiliation, User
from members.rules import AffiliationState
from quality import mails as quality
from quality.models import Certificate
from sessions_app.mails import guests, invitations, news, organisers, proposals, registrations, series
from sessions_app.models import CurationNote, Guest, Registration, Series, Session
from sessions_app.rules import RegistrationState
from tests.architecture.markup import faults
from tests.architecture.planted import PEOPLE, plant

pytestmark = pytest.mark.django_db

KINDS = {
    str(path.parent.relative_to(settings.BASE_DIR / "templates")).replace("/mail/", ".")
    for path in (settings.BASE_DIR / "templates").glob("*/mail/*/body.html")
}
ELSEWHERE = re.compile(r"(?:src|background)=|url\(|<link|<script", re.IGNORECASE)


def write_one_of_each(world, now):
    """Call every mail there is, on the planted rows."""
    registration = Registration.objects.get(person=world.people["practitioner"])
    session = registration.session
    registration.registered_by = world.people["contact"]
    for state in ("confirmed", "waitlisted", "requested", "rejected"):
        registration.state = RegistrationState(state)
        registrations.registration_result(registration, now=now)
    registration.state, registration.offered_until = RegistrationState.OFFERED, now + timedelta(days=2)
    registrations.seat_offered(registration, now=now)
    registrations.offer_lapsed(registration, now=now)
    registrations.room_changed(registration, now=now)
    registrations.seat_got(registration, now=now)
    guest = Guest.objects.get()
    guests.invited(guest, None, now=now)
    guests.asked(registration, guest, now=now)
    for change in ("planned", "moved", "postponed", "cancelled"):
        guests.changed(guest.session, change, before=session, reason="Een reden.", now=now)
    registrations.registration_cancelled(registration, had_seat=True, now=now)
    registrations.registration_ended(registration, why="staff", had_seat=True, reason="Een reden.", now=now)
    registrations.session_moved(session, [registration], {registration.pk}, before=session, now=now)
    registrations.session_postponed(session, [registration], session, "Een reden.", now=now)
    registrations.session_cancelled(session, [registration], "Een reden.", now=now)
    mail.queue_all([registrations.reminder(registration, step=step) for step in ("T-7d", "T-1d")], now=now)
    reader = world.people["contact"]
    Following.objects.create(person=reader, learning_line=session.learning_line, workstream=session.workstream)
    User.objects.filter(pk=reader.pk).update(mail_choices={"news": "at_once"})
    elsewhere = Session.objects.get(pk=world.places["hosted"]["pk"])
    news.opened(elsewhere, now=now)
    mail.queue(digest.letter(reader, list(OutgoingMail.objects.all()[:5]), key="digest:1"), now=now)
    mail.queue(registrations.last_call(registration), now=now)
    session.registered = 2
    mail.queue_all(organisers.few_registered(session), now=now)
    for change in ("planned", "moved", "postponed", "cancelled"):
        organisers.told(session, change, reason="Een reden.", now=now)

    one = Series.objects.get(title="Reeks van twee")
    rows = list(Registration.objects.of_series(one).filter(person=world.people["contact"]))
    for why in ("registered", "decided", "added"):
        series.registered(one, world.people["contact"], rows, why=why, now=now)
    series.left(one, world.people["contact"], rows, now=now)
    series.planned(one, [world.people["host"]], one.sessions.all(), now=now)

    asked = Session.objects.get(title="SECRET-ASKED")
    note = CurationNote.objects.get(session=asked)
    proposals.submitted(asked, now=now)
    mail.queue_all([*proposals.waits(asked, days=7), *proposals.late(asked)], now=now)
    proposals.question_asked(asked, note, now=now)
    proposals.answered(asked, note, now=now)
    proposals.withdrawn(asked, reason="Een reden.", now=now)
    proposals.decided(asked, reason="Een reden.", now=now)
    proposals.merged(asked, Session.objects.get(title="SECRET-SENT"), now=now)

    dialogue = Session.objects.get(title="SECRET-DIALOGUE")
    OutgoingMail.objects.update(state="sent")  # who never got the invitation hears of no change
    invitations.dialogue_changed(dialogue, "moved", before=dialogue, now=now)
    for invitation in dialogue.invitations.all():
        invitations.send_link(invitation, now=now)
        for invitation.state in ("accepted", "declined"):
            invitation.times_undone = 1
            invitations.answered(invitation, now=now)
            OutgoingMail.objects.update(state="sent")
        invitations.revoked(invitation, now=now)

    asks = GroupMembership.objects.requested().get()
    groups.requested(asks, now=now)
    groups.admitted(asks, now=now)
    groups.refused(asks, now=now)

    newcomer = Affiliation.objects.filter(state=AffiliationState.REQUESTED).get()
    members.affiliation_requested(newcomer, [world.people["contact"]], is_for_staff=False, now=now)
    members.affiliation_confirmed(newcomer, now=now)
    members.affiliation_ended(newcomer, was_confirmed=True, now=now)
    members.account_closed(world.people["practitioner"], email="weg@leden.example", now=now)
    certificate = Certificate.objects.first()
    for is_own in (True, False):
        reader = world.people["contact" if is_own else "quality_coordinator"]
        mail.queue(quality.recertification(certificate, reader, days=90, is_own=is_own), now=now)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_mail_is_well_formed_in_its_readers_language_and_loads_nothing(request, now, language):
    world = plant({role: request.getfixturevalue(role) for role in PEOPLE}, now=now)
    OutgoingMail.objects.all().delete()
    User.objects.update(language=language)
    for person in world.people.values():
        person.refresh_from_db()
    write_one_of_each(world, now)
    written = list(OutgoingMail.objects.all())
    assert {row.kind for row in written} == KINDS
    wrong = []
    for row in written:
        wrong += [f"{row.kind}: {fault}" for fault in faults(row.html, is_mail=True)]
        if f'<html lang="{row.language}"' not in row.html:
            wrong.append(f"{row.kind}: not in {row.language}")
        wrong += [f"{row.kind}: loads {found}" for found in ELSEWHERE.findall(row.html)]
        if re.search(r"\{[{%]|%\(|None", row.text + row.subject + row.html):
            wrong.append(f"{row.kind}: an unfilled place")
    assert wrong == []
