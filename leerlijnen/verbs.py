"""What can be done with the programme and its groups, for the audit trail (core.audit)."""

from django.utils.translation import gettext_lazy as _

from core.audit import Verb, Who

IN_GROUP = {"on": "leerlijnen.Activity", "of_one_person": True}

VERBS = (
    Verb("programme.loaded", _("programme loaded from its file"), on="leerlijnen.Programme"),
    Verb("learningline.changed", _("explanation or colour changed"), on="leerlijnen.LearningLine"),
    Verb("partosrole.changed", _("explanation changed"), on="leerlijnen.PartosRole"),
    Verb("workstream.changed", _("explanation changed"), on="leerlijnen.Workstream"),
    Verb("activity.changed", _("explanation changed"), on="leerlijnen.Activity"),
    Verb("membership.requested", _("somebody asked to join the group"), who=Who.NOBODY, **IN_GROUP),
    Verb("membership.admitted", _("somebody was let into the group"), who=Who.TEAM, **IN_GROUP),
    Verb("membership.refused", _("somebody was not let into the group"), who=Who.TEAM, **IN_GROUP),
    Verb("membership.lead", _("the group got a lead"), who=Who.TEAM, **IN_GROUP),
    Verb("membership.unanswered", _("a request to join lapsed without an answer"), who=Who.NOBODY, **IN_GROUP),
    Verb("membership.left", _("somebody left the group"), who=Who.NOBODY, **IN_GROUP),
)
