from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core import audit
from core.asking import asking_action
from core.move_buttons import MoveButton, MoveButtons
from core.portal_admin import PortalAdmin
from core.templatetags.portal import mark
from leerlijnen import colours
from leerlijnen.actions import groups
from leerlijnen.models import Activity, GroupMembership, LearningLine, PartosRole, Programme, Track, Workstream
from leerlijnen.rules import MEMBERSHIP_MOVES, MembershipState
from members import reauthentication


class FromTheFile(PortalAdmin):
    """Rows that load_programme makes: the document's texts stay as they are, only what is `ours` can be changed."""

    ours: tuple[str, ...] = ()

    def get_readonly_fields(self, request, obj=None):
        return [field.name for field in self.opts.fields if field.name not in ("id", *self.ours)]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return bool(self.ours) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        fields = "+".join(sorted(form.changed_data))
        audit.record(f"{self.opts.model_name}.changed", obj, actor=request.user, now=timezone.now(), fields=fields)


@admin.register(Programme)
class ProgrammeAdmin(FromTheFile):
    list_display = ["document_title", "year"]


@admin.register(LearningLine)
class LearningLineAdmin(FromTheFile):
    ours = ("explanation", "explanation_en", "colour", "tint", "colour_dark")
    list_display = ["title", "programme", "number", "colour"]
    list_filter = ["programme"]
    list_select_related = ["programme"]
    search_fields = ["title"]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        colours.forget_version()


@admin.register(Track)
class TrackAdmin(FromTheFile):
    list_display = ["title", "programme", "goals_in_words", "formats_in_words"]
    list_select_related = ["programme"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("goals", "formats")

    @admin.display(description=_("goals"))
    def goals_in_words(self, track):
        return ", ".join(goal.text for goal in track.goals.all())

    @admin.display(description=_("formats"))
    def formats_in_words(self, track):
        return ", ".join(each.text for each in track.formats.all())


@admin.register(PartosRole)
class PartosRoleAdmin(FromTheFile):
    ours = ("explanation", "explanation_en")
    list_display = ["text", "programme", "order"]
    list_select_related = ["programme"]


@admin.register(Workstream)
class WorkstreamAdmin(FromTheFile):
    ours = ("explanation", "explanation_en")
    list_display = ["title", "programme", "points_in_words"]
    list_select_related = ["programme"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("points")

    @admin.display(description=_("points"))
    def points_in_words(self, workstream):
        return format_html_join("", "<p>{}</p>", ((point.text,) for point in workstream.points.all()))


@admin.register(Activity)
class ActivityAdmin(FromTheFile):
    ours = ("explanation", "explanation_en")
    list_display = ["marked_title", "kind", "learning_line", "track", "co_host"]
    list_filter = ["learning_line__programme", "learning_line", "track__code", "kind"]
    list_select_related = ["learning_line", "track"]
    search_fields = ["title", "verbatim", "code"]

    @admin.display(description=_("title"), ordering="title")
    def marked_title(self, activity):
        return format_html("{} {}", mark(activity.track, activity.learning_line), activity.title)


def foretell_leaving(row):
    """Of somebody who is taken out of a group."""
    others = GroupMembership.objects.leads().of_group(row.activity).exclude(pk=row.pk)
    alone = [gettext("The group has no lead any more.")] if row.is_lead and not others.exists() else []
    return [gettext("This person is in the group no more, and may ask again."), *alone]


@admin.register(GroupMembership)
class GroupMembershipAdmin(MoveButtons):
    """Who is in which group. A group that has no lead yet waits for staff here."""

    list_display = ["person", "activity", "state", "is_lead", "requested_at"]
    list_filter = ["state", "is_lead", "activity"]
    list_select_related = ["person", "activity"]
    show_facets = admin.ShowFacets.ALWAYS
    search_fields = ["person__name", "person__email", "activity__title"]
    ordering = ["-requested_at"]
    actions = ["admit_selected", "refuse_selected"]
    fields = readonly_fields = ["person", "activity", "state", "is_lead", "requested_at", "decided_at"]
    move_buttons = [
        MoveButton(
            name="admit",
            label=_("Let in"),
            done=_("Let in; the person gets a mail about it."),
            act=lambda row, **who: groups.admit(membership=row, **who),
            shows=lambda row, now: MEMBERSHIP_MOVES.allows(row.state, MembershipState.MEMBER),
        ),
        MoveButton(
            name="refuse",
            label=_("Do not let in"),
            done=_("Not let in; the person gets a mail about it."),
            act=lambda row, **who: groups.refuse(membership=row, **who),
            shows=lambda row, now: MEMBERSHIP_MOVES.allows(row.state, MembershipState.REFUSED),
            is_danger=True,
            foretell=lambda row: [gettext("This person does not come into the group, and may ask again.")],
        ),
        MoveButton(
            name="lead",
            label=_("Make lead of the group"),
            done=_("This person now leads the group."),
            act=lambda row, **who: groups.make_lead(membership=row, **who),
            shows=lambda row, now: row.state == MembershipState.MEMBER and not row.is_lead,
        ),
        MoveButton(
            name="leave",
            label=_("Take out of the group"),
            done=_("Taken out of the group."),
            act=lambda row, **who: groups.leave(group=row.activity, person=row.person, **who),
            shows=lambda row, now: row.state == MembershipState.MEMBER,
            is_danger=True,
            foretell=lambda row: foretell_leaving(row),
        ),
    ]

    def move_view(self, request, object_id, name):
        """A lead decides who is in the group: who makes one is asked anew who is there."""
        if request.method == "POST" and name == "lead":
            reauthentication.ask(request)
        return super().move_view(request, object_id, name)

    def locked_first(self, row):
        return [row.activity]

    def get_queryset(self, request):
        return GroupMembership.objects.visible_to(request.user)

    def has_add_permission(self, request):
        return False  # people ask themselves

    def has_change_permission(self, request, obj=None):
        return False  # a membership is not corrected but moved, by the buttons

    def has_delete_permission(self, request, obj=None):
        return False

    def has_move_permission(self, request):
        return request.user.has_perm("leerlijnen.change_groupmembership")

    def may_move(self, request, row):
        return self.has_move_permission(request)

    admit_selected = asking_action(
        description=_("Let in"),
        permissions=["move"],
        act=lambda row, **who: groups.admit(membership=row, **who),
        rows=lambda queryset: queryset.requested(),
        changed=lambda number: (
            ngettext("%(number)s person comes in.", "%(number)s people come in.", number) % {"number": number}
        ),
    )
    refuse_selected = asking_action(
        description=_("Do not let in"),
        permissions=["move"],
        act=lambda row, **who: groups.refuse(membership=row, **who),
        rows=lambda queryset: queryset.requested(),
        changed=lambda number: (
            ngettext("%(number)s person is not let in.", "%(number)s people are not let in.", number)
            % {"number": number}
        ),
    )
