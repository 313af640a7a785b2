from django import forms
from django.utils.translation import gettext_lazy as _

from core.guarded_admin import GuardedFormSet, GuardedInline
from core.old_pages import GuardedModelForm
from core.portal_admin import PicksRows
from sessions_app.calendar_warnings import warnings_for
from sessions_app.models import Hosting
from sessions_app.rules import HostingPart, SessionState, has_member_content_lead

# From here on people come because of who leads the content.
NEEDS_LEAD = (SessionState.OPEN, SessionState.INVITING, SessionState.CLOSED)


class HostingForm(GuardedModelForm):
    def clean(self):
        cleaned = super().clean()
        organisation = cleaned.get("organisation")
        if cleaned.get("part") == HostingPart.CONTENT_LEAD and organisation and not organisation.may_lead_content:
            self.add_error("organisation", _("A member or partner must lead the content."))
        return cleaned


class HostingFormSet(GuardedFormSet):
    def clean(self):
        super().clean()
        if any(self.errors) or self.instance.state not in NEEDS_LEAD:
            return
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        leads = [row["organisation"].kind for row in kept if row["part"] == HostingPart.CONTENT_LEAD]
        if not has_member_content_lead(leads):
            raise forms.ValidationError(_("A member or partner must lead the content."))
        if all(row["part"] != HostingPart.FACILITATE for row in kept):
            raise forms.ValidationError(_("Tell which organisation facilitates the session."))


class HostingInline(PicksRows, GuardedInline):
    """Who hosts: organisation, part and, if known, its person, who sees who is coming."""

    model = Hosting
    form = HostingForm
    formset = HostingFormSet
    extra = 0
    autocomplete_fields = ["organisation", "person"]


def is_belgian(session):
    """A Belgian organisation takes part; reads the prefetched rows where there are any."""
    return any(hosting.organisation.country == "BE" for hosting in session.hostings.all())


def warnings_of(session):
    return warnings_for(session.starts_at, session.ends_at, belgian=is_belgian(session))
