"""The programme's fixed words and the moves of a group's membership (domain.md 1, 4.4). No query, no clock."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.moves import Moves


class TrackCode(TextChoices):
    PRACTITIONER = "practitioner", "Practitioner"
    LEADERSHIP = "leadership", "Leadership"


class WorkstreamCode(TextChoices):
    """Which of the two a workstream is, in each year's programme: its page stands in the app of that name."""

    INTEGRITY = "integrity", "Integrity"
    QUALITY = "quality", "Quality"


class ActivityKind(TextChoices):
    WORKING_GROUP = "working_group", _("working group")
    NETWORK_SESSIONS = "network_sessions", _("network sessions")
    LEADERSHIP_DIALOGUE = "leadership_dialogue", _("leadership dialogue")
    TRAJECTORY = "trajectory", _("trajectory")
    PEER_SPACE = "peer_space", _("peer space")


class PartosRoleCode(TextChoices):
    """The four points on the basis of which Partos facilitates every session."""

    CREATE_SPACE = "create_space_for_alignment", _("create space for alignment")
    LEGITIMISE = "legitimise_difficult_agendas", _("legitimise difficult agendas")
    SURFACE = "surface_systemic_contradictions", _("make systemic contradictions visible")
    CONNECT = "connect_across_silos", _("connect across silos")


class MembershipState(TextChoices):
    REQUESTED = "requested", _("asked to join")
    MEMBER = "member", _("in the group")
    REFUSED = "refused", _("refused")
    LEFT = "left", _("left")


MOST_REQUESTS_A_DAY = 3  # of one person to one group, taken back or not: each is a mail to who leads it
MEMBERSHIP_MOVES = Moves(
    {
        MembershipState.REQUESTED: [MembershipState.MEMBER, MembershipState.REFUSED, MembershipState.LEFT],
        MembershipState.MEMBER: [MembershipState.LEFT],
        MembershipState.REFUSED: [],
        MembershipState.LEFT: [],
    }
)
LIVE_MEMBERSHIPS = (MembershipState.REQUESTED, MembershipState.MEMBER)
GROUP_KINDS = (ActivityKind.WORKING_GROUP, ActivityKind.PEER_SPACE)

PAPER, DARK_PAPER, WHITE = "#FBF8F2", "#15181C", "#FFFFFF"
LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3, for text


def luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB`, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two `#RRGGBB` colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def too_faint(colour: str, *grounds: str) -> float | None:
    """The lowest contrast with one of `grounds`, where it is too low to read text by; else None."""
    ratio = min(contrast(colour, ground) for ground in grounds)
    return ratio if ratio < LEAST_CONTRAST else None
