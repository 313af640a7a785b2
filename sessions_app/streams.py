"""What one may choose about mails on sessions (core.streams)."""

from django.utils.translation import gettext_lazy as _

from core.streams import Stream, Wish

# A reminder is about its moment: in a digest it would come too late, or say what the day before said.
REMINDERS = Stream(
    code="reminders",
    label=_("Reminders of sessions that I registered for"),
    hint=_("Usually a week and a day before it begins; its hosts choose."),
    wishes=(Wish.AT_ONCE, Wish.NONE),
)
HOSTING = Stream(
    code="hosting",
    label=_("Few people registered for a session that I host"),
    hint=_("Two weeks before it, when fewer than five have registered. That your session moves, you always hear."),
)
# Somebody has to answer within the deadline, so that this cannot be switched off.
PROPOSALS = Stream(
    code="proposals",
    label=_("Proposals that come in"),
    hint=_(
        "For the Partos team: new proposals, answers to questions, proposals that are taken back, and sessions that "
        "are not open in time."
    ),
    wishes=(Wish.AT_ONCE, Wish.DIGEST),
    shown_with="sessions_app.curate_session",
)
# Those who decide can not switch it off, or a request would wait unseen.
SEAT_REQUESTS = Stream(
    code="seat_requests",
    label=_("People who ask for a seat"),
    hint=_("For the Partos team. When somebody has to decide before the next daily mail, it comes at once."),
    wishes=(Wish.AT_ONCE, Wish.DIGEST),
    default=Wish.DIGEST,
    shown_with="sessions_app.change_registration",
)
REQUESTS_AT_MINE = Stream(
    code="requests_at_mine",
    label=_("People who ask for a seat at a session that I host"),
    hint=_("The Partos team decides; you can tell them what you think of it."),
    default=Wish.DIGEST,
)
# Off by itself: nobody gets mail that was not asked for (domain.md 5.5), and too much mail goes unread.
NEWS = Stream(
    code="news",
    label=_("New on the programme"),
    hint=_("When registration opens for a session of the lines that you follow."),
    default=Wish.NONE,
)
