"""What can be done with accounts and organisations, for the audit trail (core.audit).

Of an account that is not the team's an entry keeps no key: that somebody signed in is a number, and no more.
"""

from django.utils.translation import gettext_lazy as _

from core.audit import Verb, Who

ACCOUNT = {"on": "members.User", "who": Who.TEAM}
OF_PERSON = {"on": "members.Organisation", "of_one_person": True}

VERBS = (
    Verb("account.added", _("account made"), **ACCOUNT),
    Verb("account.changed", _("account changed"), **ACCOUNT),
    Verb("account.role_given", _("role of the team given"), names_account=True, **ACCOUNT),
    Verb("account.role_taken_back", _("role of the team taken back"), names_account=True, **ACCOUNT),
    Verb("account.closed", _("account closed"), **ACCOUNT),
    Verb("account.data_downloaded", _("own data downloaded"), **ACCOUNT),
    Verb("account.signed_in", _("signed in"), **ACCOUNT),
    Verb("account.sign_in_failed", _("signing in went wrong"), **ACCOUNT),
    Verb("account.password_changed", _("password set or changed"), **ACCOUNT),
    Verb("account.address_changed", _("mail address of an account changed"), **ACCOUNT),
    Verb("account.second_factor_added", _("second step set up"), **ACCOUNT),
    Verb("account.second_factor_removed", _("second step taken away"), **ACCOUNT),
    Verb("account.second_factor_used", _("second step used"), **ACCOUNT),
    Verb("account.second_factor_failed", _("second step went wrong"), **ACCOUNT),
    Verb("account.second_factor_reset", _("second step taken away by a colleague"), **ACCOUNT),
    Verb("affiliation.requested", _("link with the organisation asked for"), who=Who.NOBODY, **OF_PERSON),
    Verb("affiliation.confirmed", _("link with the organisation confirmed"), **OF_PERSON),
    Verb("affiliation.role_given", _("role for the organisation given"), **OF_PERSON),
    Verb("affiliation.track_set", _("track of a colleague set"), **OF_PERSON),
    Verb("affiliation.ended", _("link with the organisation, or a role, ended"), **OF_PERSON),
    Verb("organisation.added", _("organisation added"), on="members.Organisation"),
    Verb("organisation.changed", _("organisation changed"), on="members.Organisation"),
    Verb("organisation.membership_ended", _("membership ended"), on="members.Organisation"),
    Verb("organisation.domain_added", _("mail domain added"), on="members.Organisation"),
    Verb("organisation.domain_confirmed", _("mail domain confirmed"), on="members.Organisation"),
    Verb("organisation.domain_removed", _("mail domain removed"), on="members.Organisation"),
)
