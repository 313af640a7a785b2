"""Samples of the mails to who registers."""

from django.utils.translation import gettext_lazy as _

from core.mail import Letter
from core.mail_samples import Case, Sample
from sessions_app.mail_samples.scene import REASON, Scene
from sessions_app.mails import guests, registrations, requests
from sessions_app.rules import Admission, Form, Loss, RegistrationState

CONFIRMED, REQUESTED = RegistrationState.CONFIRMED, RegistrationState.REQUESTED
WAITLISTED, OFFERED = RegistrationState.WAITLISTED, RegistrationState.OFFERED
WHY_OFF = "Je collega komt al namens jullie organisatie."


def result(scene: Scene, state: str, session=None, **fields) -> None:
    registrations.registration_result(scene.registration(state, session, **fields), now=scene.now)


def room_changed(scene: Scene, form: str) -> None:
    registrations.room_changed(scene.registration(session=scene.hybrid(), form=form), now=scene.now)


def cancelled(scene: Scene, *, had_seat: bool) -> None:
    registration = scene.registration(RegistrationState.CANCELLED)
    registrations.registration_cancelled(registration, had_seat=had_seat, now=scene.now)


def ended(scene: Scene, why: str, *, had_seat: bool = True, reason: str = "") -> None:
    registration = scene.registration(RegistrationState.CANCELLED)
    registrations.registration_ended(registration, why=why, had_seat=had_seat, reason=reason, now=scene.now)


def several_ended(scene: Scene) -> None:
    """Two at once, of which one was a seat."""
    rows = [scene.registration(RegistrationState.CANCELLED, scene.session(days=days)) for days in (14, 28)]
    released = [registrations.Released(row, why=str(Loss.AUDIENCE), had_seat=row == rows[0]) for row in rows]
    registrations.registrations_ended(released, now=scene.now)


def invited(scene: Scene, *, has_account: bool) -> None:
    guests.invited(scene.guest(), scene.person("Amara Modelle") if has_account else None, now=scene.now)


def guest_asked(scene: Scene, reader: str) -> None:
    """Noor holds an invitation that went to Amara; one of the two who hear of it stays away."""
    guest = scene.guest()
    if reader == "team":
        guest.session.hostings.update(person=None)
        assert scene.curator
    registration = scene.registration(REQUESTED, guest.session, guest=guest)
    guests.asked(registration, guest, now=scene.now)


def guest_changed(scene: Scene, change: str) -> None:
    """Told in the language of her account."""
    assert scene.person("Amara Modelle")
    session, before, reason = scene.guest().session, None, ""
    if change == "moved":
        before, session = scene.moved(session)
    elif change == "postponed":
        before, session = scene.postponed(session)
        reason = REASON
    elif change == "cancelled":
        scene.cancelled(session)
        reason = REASON
    guests.changed(session, change, before=before, reason=reason, now=scene.now)  # type: ignore[arg-type]


def asked(scene: Scene, *, decides: bool, is_last: bool = False) -> list[Letter]:
    """For a session with five who ask, of whom one is enough to make the sample."""
    session = scene.session(admission=Admission.BY_APPROVAL)
    row = scene.registration(REQUESTED, session)
    answered_by = session.registration_deadline
    if is_last:
        assert scene.curator
        return [one for one in requests.last_call(session, 5, answered_by=answered_by) if one.to == scene.curator]
    staff = {scene.curator.pk: scene.curator} if decides else {}
    letters = requests.waiting(session, [row] * 5, answered_by=answered_by, staff=staff, now=scene.now)
    return [one for one in letters if one.to == (scene.curator if decides else scene.sam)]


def unanswered(scene: Scene) -> None:
    session = scene.session(admission=Admission.BY_APPROVAL)
    registrations.request_unanswered(scene.registration(RegistrationState.REJECTED, session), now=scene.now)


def refused(scene: Scene, *, note: str = "") -> None:
    registrations.registration_result(scene.registration(RegistrationState.REJECTED), note=note, now=scene.now)


SEATS = _("Registrations and seats")
RIGHT = "sessions_app.view_registration"
SAMPLES = [
    Sample(
        "sessions_app/mail/registration_confirmed",
        SEATS,
        _("You are registered"),
        _("At once when someone registers and there is a seat, or when the organisers give one."),
        Scene,
        (
            Case(lambda scene: result(scene, CONFIRMED), "on-site", _("on site")),
            Case(lambda scene: result(scene, CONFIRMED, scene.online()), "online", _("online")),
            Case(lambda scene: result(scene, CONFIRMED, scene.hybrid()), "hybrid", _("hybrid")),
            Case(
                lambda scene: result(scene, CONFIRMED, scene.hybrid(), wished_form="on_site", wished_at=scene.now),
                "meanwhile",
                _("online, and in line for a seat on site"),
            ),
            Case(
                lambda scene: result(scene, CONFIRMED, registered_by=scene.sam),
                "colleague",
                _("registered by a colleague"),
            ),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/registration_requested",
        SEATS,
        _("We have your request"),
        _("At once when someone asks for a seat at a session for which the organisers decide."),
        Scene,
        (Case(lambda scene: result(scene, REQUESTED)),),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/registration_waiting",
        SEATS,
        _("On the waiting list"),
        _("At once when someone registers for a session that is full."),
        Scene,
        (
            Case(lambda scene: result(scene, WAITLISTED), "time", _("who came first")),
            Case(
                lambda scene: result(scene, WAITLISTED, scene.session(most_per_organisation=2)),
                "fair",
                _("shared fairly over organisations"),
            ),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/registration_rejected",
        SEATS,
        _("No seat this time"),
        _("When the organisers do not give the seat that someone asked for."),
        Scene,
        (
            Case(refused),
            Case(
                lambda scene: refused(scene, note="In het voorjaar is er een tweede."),
                "note",
                _("with a sentence"),
            ),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/request_unanswered",
        SEATS,
        _("Nobody answered a request for a seat"),
        _("At the registration deadline, or before the start, to who asked for a seat and has no answer."),
        Scene,
        (Case(unanswered),),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/seats_asked",
        SEATS,
        _("To the team and the hosts: people ask for a seat"),
        _("In the daily mail when somebody asks; again to the team a working day before the portal answers."),
        Scene,
        (
            Case(lambda scene: asked(scene, decides=True), "team", _("to the Partos team")),
            Case(lambda scene: asked(scene, decides=False), "host", _("to the hosts")),
            Case(lambda scene: asked(scene, decides=True, is_last=True), "last", _("the last call")),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/seat_offered",
        SEATS,
        _("A seat is held"),
        _("When a seat comes free, to the first in line. Not from a day before the start."),
        Scene,
        (Case(lambda scene: registrations.seat_offered(scene.registration(OFFERED), now=scene.now)),),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/seat_last_call",
        SEATS,
        _("Do you take the seat?"),
        _("A day before the seat that is held goes to the next in line."),
        Scene,
        (Case(lambda scene: [registrations.last_call(scene.registration(OFFERED))]),),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/offer_lapsed",
        SEATS,
        _("The seat went to someone else"),
        _("When nobody answered in time for the seat that was held."),
        Scene,
        (
            Case(
                lambda scene: registrations.offer_lapsed(scene.registration(RegistrationState.CANCELLED), now=scene.now)
            ),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/seat_got",
        SEATS,
        _("You have a seat after all"),
        _("When someone who waited gets a seat: accepted, given by the organisers, or on the last day."),
        Scene,
        (Case(lambda scene: registrations.seat_got(scene.registration(), now=scene.now)),),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/room_changed",
        SEATS,
        _("From on site to online, or back"),
        _("When there is a seat in the form that someone asked for."),
        Scene,
        (
            Case(lambda scene: room_changed(scene, Form.ONLINE), "online", _("online now")),
            Case(lambda scene: room_changed(scene, Form.ON_SITE), "on-site", _("on site now")),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/registration_cancelled",
        SEATS,
        _("Cancelled by oneself"),
        _("At once when someone gives up a seat, declines one or leaves the list."),
        Scene,
        (
            Case(lambda scene: cancelled(scene, had_seat=True), "seat", _("had a seat")),
            Case(lambda scene: cancelled(scene, had_seat=False), "waited", _("waited")),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/registrations_ended",
        SEATS,
        _("You are off several lists"),
        _("When somebody loses places at several sessions at once, such as when a membership ends. One mail for all."),
        Scene,
        (Case(several_ended),),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/registration_ended",
        SEATS,
        _("Taken off the list"),
        _("When the team takes someone off the list, or someone may no longer come."),
        Scene,
        (
            Case(lambda scene: ended(scene, "staff", reason=WHY_OFF), "staff", _("by the team, with a reason")),
            Case(lambda scene: ended(scene, Loss.AFFILIATION), "affiliation", _("no longer at the organisation")),
            Case(lambda scene: ended(scene, Loss.AUDIENCE), "audience", _("for others now")),
            Case(lambda scene: ended(scene, Loss.INVITATION), "invitation", _("invitation taken back")),
            Case(lambda scene: ended(scene, Loss.ACCOUNT), "account", _("account off")),
            Case(lambda scene: ended(scene, Loss.AUDIENCE, had_seat=False), "waited", _("waited")),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/guest_invited",
        SEATS,
        _("Invited to a session"),
        _("When the team invites an address to a session that is by invitation."),
        Scene,
        (
            Case(lambda scene: invited(scene, has_account=True), "account", _("with an account")),
            Case(lambda scene: invited(scene, has_account=False), "none", _("without an account")),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/guest_changed",
        SEATS,
        _("The session to which you are invited changes"),
        _("When such a session gets a date, moves, is postponed, cancelled, or on after all. To who did not register."),
        Scene,
        (
            Case(lambda scene: guest_changed(scene, "planned"), "planned", _("has a date")),
            Case(lambda scene: guest_changed(scene, "moved"), "moved", _("moved")),
            Case(lambda scene: guest_changed(scene, "postponed"), "postponed", _("postponed")),
            Case(lambda scene: guest_changed(scene, "cancelled"), "cancelled", _("cancelled")),
            Case(lambda scene: guest_changed(scene, "resumed"), "resumed", _("on after all")),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/guest_asked",
        SEATS,
        _("To the hosts and the team: somebody asks to come"),
        _("When somebody asks for a seat by an invitation that was sent to another address."),
        Scene,
        (
            Case(lambda scene: guest_asked(scene, "team"), "team", _("to the Partos team")),
            Case(lambda scene: guest_asked(scene, "host"), "host", _("to the hosts")),
        ),
        RIGHT,
    ),
]
