from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.asking import fingerprint, to_show_first
from core.http import FORM_REFUSED
from core.move_buttons import MoveButton, MoveButtons
from core.moves import Refused
from sessions_app.actions import invitations, undoing
from sessions_app.admin.acts import acts_waiting
from sessions_app.forms.invitations import InviteForm
from sessions_app.models import Invitation
from sessions_app.rules import INVITATION_MOVES, InvitationState, invitation_is_open


def is_open(invitation, now):
    session = invitation.session
    return invitation_is_open(state=invitation.state, session_state=session.state, ends_at=session.ends_at, now=now)


@admin.register(Invitation)
class InvitationAdmin(MoveButtons):
    """Who is invited to which dialogue and what they answered, until 24 hours after it.

    Django's own log of the admin stays empty: it would keep the names.
    """

    list_display = ["name", "organisation", "function", "session", "state", "sent_at", "first_opened_at", "answered_at"]
    list_filter = ["state", ("session", admin.RelatedOnlyFieldListFilter)]
    show_facets = admin.ShowFacets.ALWAYS
    search_fields = ["name", "organisation__name"]
    ordering = ["session__starts_at", "name"]
    actions = None
    fields = [
        *("session", "name", "email", "organisation", "function", "language"),
        *("state", "sent_at", "first_opened_at", "answered_at"),
    ]
    readonly_fields = fields
    move_buttons = [
        MoveButton(
            name="again",
            label=_("Mail a new link"),
            done=_(
                "A new link is on its way; the older one opens nothing any more. On the device that answered the"
                " invitation stays open until the new link is used."
            ),
            act=lambda row, **who: invitations.send_again(invitation=row, **who),
            shows=is_open,
            foretell=lambda row: [gettext("The older link opens nothing any more. The answer stays.")],
            asks=True,
        ),
        MoveButton(
            name="revoke",
            label=_("Revoke the invitation"),
            done=_("The invitation is revoked; its link opens nothing any more."),
            act=lambda row, **who: invitations.revoke(invitation=row, **who),
            shows=lambda row, now: INVITATION_MOVES.allows(row.state, InvitationState.REVOKED),
            is_danger=True,
            foretell=lambda row: [gettext("The link opens nothing any more. One can be invited anew.")],
        ),
    ]

    def get_queryset(self, request):
        return Invitation.objects.visible_to(request.user).with_dialogue().select_related("organisation")

    def has_change_permission(self, request, obj=None):
        return False  # whom to invite is not corrected but revoked, and invited anew

    def may_move(self, request, row):
        return self.has_add_permission(request)

    def press(self, button, row, *, actor, now):
        undoing.together(
            lambda: button.act(row, actor=actor, now=now),
            name=button.name,
            sessions=[row.session_id],
            actor=actor,
            now=now,
        )

    def acts_on(self, request, row, *, now):
        return acts_waiting(request, now=now, sessions=[row.session_id])

    def changelist_view(self, request, extra_context=None):
        acts_here = acts_waiting(request, now=timezone.now())
        return super().changelist_view(request, {**(extra_context or {}), "acts": acts_here})

    def has_delete_permission(self, request, obj=None):
        return False

    def add_view(self, request, form_url="", extra_context=None):
        """Invite one person; `?session=` chooses the dialogue."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = InviteForm(request.POST or None, initial={"session": request.GET.get("session")})
        foreseen, seen, who = None, "", {"actor": request.user, "now": timezone.now()}
        if request.method == "POST" and form.is_valid():
            session = form.cleaned_data["session"]
            seen = fingerprint({field.name: field.value() for field in form})

            def do():
                return undoing.together(
                    lambda: invitations.invite(**form.cleaned_data, **who),
                    name="invitation", sessions=[session.pk], **who,
                )  # fmt: skip

            try:
                foreseen = to_show_first(request, seen, do, now=who["now"])
                invitation = None if foreseen else do()
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.reason)
                invitation = None
            if invitation:
                messages.success(request, _("The invitation is on its way."))
                return redirect(
                    f"{reverse('admin:sessions_app_invitation_changelist')}?session__id__exact={session.pk}"
                )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Invite to a dialogue"),
            "form": form,
            "foreseen": foreseen,
            "seen": seen if foreseen else "",
        }
        return render(
            request, "admin/sessions_app/invitation/invite.html", context, status=FORM_REFUSED if form.errors else 200
        )

    def log_addition(self, *args):
        pass

    def log_change(self, *args):
        pass

    def log_deletions(self, *args):
        pass
