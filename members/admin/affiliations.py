"""Who is what for which organisation."""

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.admin_log import LeavesNoName
from core.asking import asking_action
from core.http import FORM_REFUSED
from core.move_buttons import MoveButton, MoveButtons
from core.moves import Refused
from members import consequences, reauthentication
from members.actions import affiliations
from members.models import Affiliation
from members.rules import MOVES, AffiliationState, Role, TrackProfile


@admin.register(Affiliation)
class AffiliationAdmin(LeavesNoName, MoveButtons):
    """Adding one here links a person without being asked, such as the first contact of an organisation."""

    list_display = ["person", "organisation", "role", "track_profile", "state", "requested_at"]
    list_filter = ["state", "role", "track_profile", "organisation__kind"]
    list_select_related = ["person", "organisation"]
    show_facets = admin.ShowFacets.ALWAYS
    search_fields = ["person__name", "person__email", "organisation__name"]
    ordering = ["-requested_at"]
    autocomplete_fields = ["person", "organisation"]
    actions = ["confirm_selected", "end_selected"]
    fields = [
        *("person", "organisation", "role", "track_profile"),
        *("state", "requested_at", "confirmed_at", "ended_at"),
    ]
    readonly_fields = ["state", "requested_at", "confirmed_at", "ended_at"]
    move_buttons = [
        MoveButton(
            name="confirm",
            label=_("Confirm"),
            done=_("Confirmed; the person gets a mail about it."),
            act=lambda row, **who: affiliations.confirm(affiliation=row, **who),
            shows=lambda row, now: MOVES.allows(row.state, AffiliationState.CONFIRMED),
        ),
        MoveButton(
            name="leadership",
            label=_("To the leadership track"),
            done=_("The track has been saved."),
            act=lambda row, **who: affiliations.set_track_profile(
                affiliation=row, profile=TrackProfile.LEADERSHIP, **who
            ),
            shows=lambda row, now: (
                row.state == AffiliationState.CONFIRMED and row.track_profile != TrackProfile.LEADERSHIP
            ),
        ),
        MoveButton(
            name="practitioner",
            label=_("To the practitioner track"),
            done=_("The track has been saved."),
            act=lambda row, **who: affiliations.set_track_profile(
                affiliation=row, profile=TrackProfile.PRACTITIONER, **who
            ),
            shows=lambda row, now: (
                row.state == AffiliationState.CONFIRMED and row.track_profile != TrackProfile.PRACTITIONER
            ),
        ),
        MoveButton(
            name="take-back",
            label=_("Take back this role"),
            done=_("The role has been taken back."),
            act=lambda row, **who: affiliations.take_back_role(affiliation=row, **who),
            shows=lambda row, now: row.role != Role.COLLEAGUE and row.state == AffiliationState.CONFIRMED,
            is_danger=True,
            foretell=lambda row: [
                gettext("This person keeps the link, and loses the role %(role)s.") % {"role": row.get_role_display()},
                *consequences.without_contact({row.pk}, [row.organisation]),
            ],
        ),
        MoveButton(
            name="end",
            label=_("End the affiliation"),
            done=_("Ended, with all roles for this organisation; the person gets a mail about it."),
            act=lambda row, **who: affiliations.end(affiliation=row, **who),
            shows=lambda row, now: row.role == Role.COLLEAGUE and MOVES.allows(row.state, AffiliationState.ENDED),
            is_danger=True,
            foretell=lambda row: consequences.foretell_ending([row], now=timezone.now()),
        ),
    ]

    def locked_first(self, row):
        return [row.organisation]

    def get_queryset(self, request):
        return Affiliation.objects.visible_to(request.user)

    def has_change_permission(self, request, obj=None):
        return False  # an affiliation is not corrected but moved, by the buttons

    def has_delete_permission(self, request, obj=None):
        return False

    def has_move_permission(self, request):
        return request.user.has_perm("members.change_affiliation")

    def may_move(self, request, row):
        return self.has_move_permission(request)

    def move_view(self, request, object_id, name):
        """Who gives or takes a role, or ends a link, is asked anew who is there; confirming is no gift of power."""
        if request.method == "POST" and name != "confirm":
            reauthentication.ask(request)
        return super().move_view(request, object_id, name)

    def add_view(self, request, form_url="", extra_context=None):
        """What the action refuses comes back as an error of the form, with what was chosen."""
        try:
            return super().add_view(request, form_url, extra_context)
        except Refused as refused:
            request.refused = refused
        response = super().add_view(request, form_url, extra_context)
        response.status_code = FORM_REFUSED
        return response

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        refused = getattr(request, "refused", None)
        return (
            type(form.__name__, (form,), {"clean": lambda self: self.add_error(None, refused.reason)})
            if refused
            else form
        )

    def save_model(self, request, obj, form, change):
        reauthentication.ask(request)
        chosen = {name: form.cleaned_data[name] for name in ("person", "organisation", "role", "track_profile")}
        obj.pk = affiliations.appoint(**chosen, actor=request.user, now=timezone.now()).pk
        obj.refresh_from_db()

    confirm_selected = asking_action(
        description=_("Confirm"),
        permissions=["move"],
        act=lambda row, **who: affiliations.confirm(affiliation=row, **who),
        rows=lambda queryset: queryset.requested(),
        changed=lambda number: (
            ngettext("%(number)s person is linked.", "%(number)s people are linked.", number) % {"number": number}
        ),
    )
    end_selected = asking_action(
        description=_("End the affiliation"),
        permissions=["move"],
        act=lambda row, **who: affiliations.end(affiliation=row, **who),
        rows=lambda queryset: queryset.live().select_related("person", "organisation"),
        foretell=lambda rows: consequences.foretell_ending(rows, now=timezone.now()),
        check=reauthentication.ask,
        changed=lambda number: (
            ngettext("%(number)s affiliation ends.", "%(number)s affiliations end.", number) % {"number": number}
        ),
    )
