"""The moves of a session that staff make, as data: a button, the form it asks, the action it calls."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sessions_app.actions import curation, guests, invitations, planning, resuming, series
from sessions_app.forms.moves import MoveForm, ReasonForm
from sessions_app.forms.planning import (
    AcceptForm,
    AskForm,
    GuestsForm,
    MergeForm,
    PlanForm,
    ResumeForm,
    ScheduleForm,
)
from sessions_app.models import Session
from sessions_app.rules import SESSION_MOVES, UPCOMING, SessionState

S = SessionState


@dataclass(frozen=True)
class SessionMove:
    """`states` are those from which the button shows; the action has the last word.

    `over` is True for what one does after the planned end, False for what one does before it or without a date.
    """

    name: str
    label: str | Promise
    done: str | Promise
    act: Callable[..., Any]
    states: tuple[str, ...]
    explanation: str | Promise = ""
    form: type[MoveForm] = MoveForm
    only_dialogues: bool | None = None
    over: bool | None = None
    is_danger: bool = False
    only_in_series: bool = False

    def shows(self, session: Session, now: datetime) -> bool:
        fits = self.only_dialogues is None or self.only_dialogues == session.is_dialogue
        is_over = session.ends_at is not None and session.ends_at <= now
        in_time = self.over is None or self.over == is_over
        in_series = not self.only_in_series or session.series_id is not None
        return fits and in_time and in_series and session.state in self.states

    @property
    def sets_a_date(self) -> bool:
        return issubclass(self.form, ScheduleForm)


def leading_to(state: str) -> tuple[str, ...]:
    """The states that `state` may follow."""
    return tuple(old for old in SESSION_MOVES.table if SESSION_MOVES.allows(old, state))


SESSION_MOVE_BUTTONS = [
    SessionMove(
        name="take",
        label=_("Take into curation"),
        done=_("The proposal is being considered."),
        act=curation.take_into_curation,
        states=(S.SUBMITTED, S.NEEDS_INFO),
        explanation=_("You begin to weigh the proposal. The proposer sees it, and gets no mail."),
    ),
    SessionMove(
        name="ask",
        label=_("Ask a question"),
        done=_("The question is on its way to the proposer."),
        act=curation.ask,
        states=leading_to(S.NEEDS_INFO),
        form=AskForm,
        explanation=_("The proposer gets a mail, and can change the proposal and answer."),
    ),
    SessionMove(
        name="accept",
        label=_("Accept"),
        done=_("The proposal is accepted; the proposer gets a mail."),
        act=curation.accept,
        states=(S.IN_CURATION,),
        form=AcceptForm,
        explanation=_("The session comes into the programme, without a date yet. The proposer gets a mail."),
    ),
    SessionMove(
        name="merge",
        label=_("Merge"),
        done=_("The two go on as one; the proposers of both get a mail."),
        act=curation.merge,
        states=leading_to(S.MERGED),
        form=MergeForm,
        explanation=_(
            "This proposal ends, and goes on in another session. The proposers of both are named there. Once the mails"
            " have left there is no way back."
        ),
    ),
    SessionMove(
        name="park",
        label=_("Park"),
        done=_("The proposal is parked; the proposer gets a mail."),
        act=curation.park,
        states=leading_to(S.PARKED),
        form=ReasonForm,
    ),
    SessionMove(
        name="decline",
        label=_("Decline"),
        done=_("The proposal is declined; the proposer gets a mail."),
        act=curation.decline,
        states=leading_to(S.DECLINED),
        form=ReasonForm,
        is_danger=True,
    ),
    SessionMove(
        name="reopen",
        label=_("Take up again"),
        done=_("The session is taken up again; the proposer gets a mail."),
        act=curation.reopen,
        states=(S.PARKED, S.DECLINED, S.WITHDRAWN),
        form=ReasonForm,
        explanation=_("You weigh the proposal once more. The proposer gets a mail with the reason."),
    ),
    SessionMove(
        name="resume",
        label=_("Take up again"),
        done=_("The session is taken up again; everyone who is back gets a mail."),
        act=resuming.resume,
        states=(S.CANCELLED,),
        form=ResumeForm,
        explanation=_("Who is back has the same seat or place in line as before, and gets one mail."),
    ),
    SessionMove(
        name="plan",
        label=_("Set a date"),
        done=_("The date is set. Open the session when people can register."),
        act=planning.plan,
        states=(S.ACCEPTED,),
        form=PlanForm,
    ),
    SessionMove(
        name="open",
        label=_("Open for registration"),
        done=_("People can register."),
        act=planning.open_registration,
        states=leading_to(S.OPEN),
        only_dialogues=False,
    ),
    SessionMove(
        name="start-inviting",
        label=_("Start inviting"),
        done=_("Invitations can go out."),
        act=invitations.start_inviting,
        states=leading_to(S.INVITING),
        only_dialogues=True,
    ),
    SessionMove(
        name="invite",
        label=_("Invite by address"),
        done=_("Invited: these people can register, and get a mail."),
        act=guests.invite,
        states=guests.INVITABLE,
        form=GuestsForm,
        only_dialogues=False,
        explanation=_(
            "For people outside the audience of this session, or when it is by invitation. Each signs in with the"
            " address that you invite. It gives no right to anything else."
        ),
    ),
    SessionMove(
        name="close",
        label=_("Close"),
        done=_("Registration is closed."),
        act=planning.close,
        states=leading_to(S.CLOSED),
        explanation=_("Nobody can register any more. The waiting list stays: a freed seat still finds its next owner."),
    ),
    SessionMove(
        name="move",
        label=_("Move the session"),
        done=_("The session is moved; everyone concerned gets a mail."),
        act=planning.move,
        states=UPCOMING,
        over=False,
        form=ScheduleForm,
        explanation=_(
            "Hosts, proposers and everyone who is registered or waits get a mail with the new date and place."
        ),
    ),
    SessionMove(
        name="held",
        label=_("Mark as held"),
        done=_("The session is marked as held."),
        act=planning.mark_held,
        states=leading_to(S.HELD),
        over=True,
    ),
    SessionMove(
        name="take-back-held",
        label=_("It was not held yet"),
        done=_("The session is closed again, and no longer marked as held."),
        act=resuming.take_back_held,
        states=(S.HELD,),
        form=ReasonForm,
        explanation=_(
            "For a session that was marked as held by mistake. Who was there stays noted. Nobody gets a mail."
        ),
    ),
    SessionMove(
        name="postpone",
        label=_("Postpone"),
        done=_("The date is dropped; everyone concerned gets a mail."),
        act=planning.postpone,
        states=UPCOMING,
        over=False,
        form=ReasonForm,
        explanation=_(
            "The date is dropped. Who registered keeps the place, and hears that a new date follows. Hosts and"
            " proposers get a mail with the reason."
        ),
    ),
    SessionMove(
        name="cancel",
        label=_("Cancel the session"),
        done=_("The session is cancelled; everyone concerned gets a mail."),
        act=planning.cancel,
        states=leading_to(S.CANCELLED),
        over=False,
        form=ReasonForm,
        explanation=_(
            "Hosts, proposers and everyone who is registered or waits get a mail with the reason. All registrations"
            " end."
        ),
        is_danger=True,
    ),
    SessionMove(
        name="not-held",
        label=_("It was not held"),
        done=_("The session is cancelled; nobody gets a mail."),
        act=planning.mark_not_held,
        states=leading_to(S.CANCELLED),
        over=True,
        form=ReasonForm,
        explanation=_("For a session that did not take place. All registrations end, and nobody gets a mail."),
        is_danger=True,
    ),
    SessionMove(
        name="leave-series",
        label=_("Take out of the series"),
        done=_("The session goes on by itself."),
        act=series.leave,
        states=(S.ACCEPTED, *UPCOMING),
        explanation=_("The session keeps its date and who is registered. It is no longer named with the other dates."),
        only_in_series=True,
    ),
]
BY_NAME = {move.name: move for move in SESSION_MOVE_BUTTONS}


def moves_of(session: Session, now: datetime) -> list[SessionMove]:
    """The moves that the session can make now."""
    return [move for move in SESSION_MOVE_BUTTONS if move.shows(session, now)]
