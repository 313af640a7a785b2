"""Samples of the mails about proposals and leadership dialogues."""

from django.utils.translation import gettext_lazy as _

from core.mail import Letter
from core.mail_samples import Case, Sample
from sessions_app.mail_samples.scene import REASON, Scene
from sessions_app.mails import invitations, proposals
from sessions_app.rules import InvitationState, SessionState

QUESTION = "Welke organisaties doen nu al mee?\nEn wie leidt het gesprek?"
ANSWER = "Drie leden doen mee. Ik leid het gesprek zelf."
NOT_NOW = "We wachten tot er een tweede lid meedoet."


def submitted(scene: Scene) -> None:
    assert scene.curator
    proposals.submitted(scene.proposal(), now=scene.now)


def waits(scene: Scene) -> list[Letter]:
    assert scene.curator
    return proposals.waits(scene.proposal(), days=7)


def question(scene: Scene) -> None:
    session = scene.proposal(SessionState.NEEDS_INFO)
    proposals.question_asked(session, scene.note(session, QUESTION), now=scene.now)


def answered(scene: Scene) -> None:
    session = scene.proposal(SessionState.IN_CURATION)
    proposals.answered(session, scene.note(session, ANSWER), now=scene.now)


def withdrawn(scene: Scene, reason: str) -> None:
    assert scene.curator
    proposals.withdrawn(scene.proposal(SessionState.WITHDRAWN), reason=reason, now=scene.now)


def decided(scene: Scene, state: str, reason: str = "") -> None:
    proposals.decided(scene.proposal(state), reason=reason, now=scene.now)


def merged(scene: Scene) -> None:
    into = scene.proposal(SessionState.IN_CURATION, title="AI-beleid in de praktijk")
    proposals.merged(scene.proposal(SessionState.MERGED), into, now=scene.now)


def dialogue_changed(scene: Scene, change: str) -> None:
    session = scene.invitation().session
    before = None
    if change == "moved":
        before, session = scene.moved(session)
    elif change == "postponed":
        before, session = scene.postponed(session)
    else:
        scene.cancelled(session)
    invitations.dialogue_changed(session, change, before=before, now=scene.now)


def answered_invitation(scene: Scene, state: str, **fields) -> None:
    invitations.answered(scene.invitation(state, **fields), now=scene.now)


PROPOSALS, DIALOGUES = _("Proposals"), _("Leadership dialogues")
RIGHT, INVITE = "sessions_app.curate_session", "sessions_app.view_invitation"
SAMPLES = [
    Sample(
        "sessions_app/mail/proposal_submitted",
        PROPOSALS,
        _("Your proposal came in"),
        _("At once when someone sends in a proposal. To those who proposed it."),
        Scene,
        (Case(submitted),),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/proposal_received",
        PROPOSALS,
        _("To the team: a new proposal"),
        _("At once when someone sends in a proposal. To those who judge proposals."),
        Scene,
        (Case(submitted),),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/proposal_waits",
        PROPOSALS,
        _("To the team: a proposal waits"),
        _("After 7 and after 10 working days without a first answer."),
        Scene,
        (Case(waits),),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/proposal_late",
        PROPOSALS,
        _("Our answer is late"),
        _("When the team did not answer a proposal in time. To those who proposed it, once."),
        Scene,
        (Case(lambda scene: proposals.late(scene.proposal())),),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/proposal_question",
        PROPOSALS,
        _("A question about your proposal"),
        _("When the team asks something before it decides."),
        Scene,
        (Case(question),),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/proposal_news",
        PROPOSALS,
        _("To the team: an answer, or taken back"),
        _("When the proposer answers a question, or takes the proposal back."),
        Scene,
        (
            Case(answered, "answered", _("an answer")),
            Case(lambda scene: withdrawn(scene, REASON), "withdrawn", _("taken back")),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/proposal_decided",
        PROPOSALS,
        _("What became of your proposal"),
        _("When the team accepts, parks or declines a proposal, or takes it up again."),
        Scene,
        (
            Case(lambda scene: decided(scene, SessionState.ACCEPTED), "accepted", _("accepted")),
            Case(lambda scene: decided(scene, SessionState.PARKED, NOT_NOW), "parked", _("parked")),
            Case(lambda scene: decided(scene, SessionState.DECLINED, NOT_NOW), "declined", _("declined")),
            Case(lambda scene: decided(scene, SessionState.IN_CURATION), "again", _("taken up again")),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/proposal_merged",
        PROPOSALS,
        _("Two proposals go on as one"),
        _("When the team merges two proposals. To those who proposed either."),
        Scene,
        (Case(merged),),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/invitation",
        DIALOGUES,
        _("Invitation to a leadership dialogue"),
        _("When the team sends an invitation, with the one personal link."),
        Scene,
        (Case(lambda scene: invitations.send_link(scene.invitation(), now=scene.now)),),
        INVITE,
    ),
    Sample(
        "sessions_app/mail/invitation_changed",
        DIALOGUES,
        _("The dialogue changed"),
        _("When a dialogue moves or is off, or an invitation is taken back. To those who were invited."),
        Scene,
        (
            Case(lambda scene: dialogue_changed(scene, "moved"), "moved", _("moved")),
            Case(lambda scene: dialogue_changed(scene, "postponed"), "postponed", _("postponed")),
            Case(lambda scene: dialogue_changed(scene, "cancelled"), "cancelled", _("cancelled")),
            Case(lambda scene: dialogue_changed(scene, "resumed"), "resumed", _("on after all")),
            Case(
                lambda scene: invitations.revoked(scene.invitation(InvitationState.ACCEPTED), now=scene.now),
                "revoked",
                _("the invitation was taken back"),
            ),
        ),
        INVITE,
    ),
    Sample(
        "sessions_app/mail/invitation_answered",
        DIALOGUES,
        _("Your answer to the invitation"),
        _("At once when somebody accepts, or takes that back. With the date for the calendar."),
        Scene,
        (
            Case(lambda scene: answered_invitation(scene, InvitationState.ACCEPTED), "yes", _("accepted")),
            Case(
                lambda scene: answered_invitation(scene, InvitationState.DECLINED, times_undone=1),
                "no",
                _("declined after all"),
            ),
        ),
        INVITE,
    ),
]
