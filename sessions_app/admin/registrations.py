from django.contrib import admin, messages
from django.db import transaction
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.asking import fingerprint, to_show_first
from core.http import FORM_REFUSED
from core.keys import row_key
from core.move_buttons import MoveButton, MoveButtons
from core.moves import Refused
from core.old_pages import hold
from sessions_app.actions import registrations, series_registrations, undoing, waitlist
from sessions_app.admin.acts import acts_waiting
from sessions_app.forms.moves import ReasonForm
from sessions_app.models import Registration, Session
from sessions_app.permissions import can_keep_registrations
from sessions_app.rules import LIVE, RegistrationState, gives_seats


def is_asked(row, now):
    session = row.session
    to_come = gives_seats(state=session.state, starts_at=session.starts_at, now=now)
    return to_come and row.state == RegistrationState.REQUESTED


def may_get_seat(row, now):
    """A button at least; whether a seat is free is for the action to say."""
    session = row.session
    to_come = gives_seats(state=session.state, starts_at=session.starts_at, now=now)
    return to_come and row.state in (RegistrationState.WAITLISTED, RegistrationState.OFFERED)


def can_be_cancelled(row, now):
    starts_at = row.session.starts_at
    return row.state in LIVE and (starts_at is None or now < starts_at)


@admin.register(Registration)
class RegistrationAdmin(MoveButtons):
    """Who comes and who waits, per session. People register themselves; who asked for a seat is decided on here.

    Staff can take someone off the list, with a reason.
    """

    change_form_template = "admin/sessions_app/registration/change_form.html"
    change_list_template = "admin/sessions_app/registration/change_list.html"
    list_display = ["person", "organisation", "function", "session", "state", "form", "queued_at"]
    list_filter = ["state", "form", ("session", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["person", "organisation", "session"]
    search_fields = ["person__name", "person__email", "organisation__name", "session__title"]
    date_hierarchy = "queued_at"
    ordering = ["-queued_at"]
    list_per_page = 50
    actions = None
    fields = [
        *("person", "organisation", "function", "session", "state", "place_in_line", "queued_at"),
        *("form", "wished_form", "needs_language", "registered_by", "guest"),
    ]

    move_buttons = [
        MoveButton(
            name="admit",
            label=_("Admit"),
            done=_("Admitted: a seat, or a place in line when the session is full. The person gets a mail."),
            act=lambda row, **who: series_registrations.decide(registration=row, admit=True, **who),
            shows=is_asked,
        ),
        MoveButton(
            name="reject",
            label=_("Do not admit"),
            done=_("Not admitted; the person gets a mail."),
            act=lambda row, **who: series_registrations.decide(registration=row, admit=False, **who),
            shows=is_asked,
            is_danger=True,
            foretell=lambda row: [gettext("This person gets no seat; of a series this holds for all its dates.")],
        ),
        MoveButton(
            name="give-seat",
            label=_("Give a seat now"),
            done=_("The seat is given; the person gets a mail."),
            act=lambda row, **who: waitlist.promote(registration=row, **who),
            shows=may_get_seat,
        ),
    ]

    @admin.display(description=_("place in line"))
    def place_in_line(self, row):
        """Of one who waits, also while she has a seat in the other room; the list of participants tells why."""
        waits = row.state == RegistrationState.WAITLISTED or row.wished_form
        return Registration.objects.place_in_line(row, row.session) if waits else None

    def locked_first(self, row):
        series = row.session.series
        return [series, *series.sessions.order_by("pk")] if series and series.is_whole else [row.session]

    def press(self, button, row, *, actor, now):
        """Of a series a decision holds for all its dates."""
        scope = {"sessions": [row.session_id], "whole_series": row.session.series_id is not None}
        undoing.together(lambda: button.act(row, actor=actor, now=now), name=button.name, **scope, actor=actor, now=now)

    def acts_on(self, request, row, *, now):
        return acts_waiting(request, now=now, sessions=[row.session_id])

    def may_move(self, request, row):
        return can_keep_registrations(request.user)

    def get_urls(self):
        view = self.admin_site.admin_view(self.cancel_view)
        return [path("<path:object_id>/cancel/", view, name="sessions_app_registration_cancel"), *super().get_urls()]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            context["can_be_cancelled"] = self.may_move(request, obj) and can_be_cancelled(obj, timezone.now())
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def changelist_view(self, request, extra_context=None):
        """Filtered to one session, it leads to that session's page of participants, with its files."""
        session = row_key(request.GET.get("session__id__exact"))
        return super().changelist_view(request, {**(extra_context or {}), "session_pk": session})

    def cancel_view(self, request, object_id):
        """Asks the reason that the person reads; POST takes the person off the list."""
        row = self.row_to_move(request, object_id)
        if request.method != "POST":
            return self._cancel_page(request, row)
        with transaction.atomic():
            hold(Session, row.session_id)
            return self._cancel_page(request, self.row_to_move(request, object_id))

    def _cancel_page(self, request, row):
        typed = request.POST if request.method == "POST" else None
        form = ReasonForm(typed, session=row.session, beside=f"{row.pk}/{row.state}")
        foreseen, seen, who = None, "", {"actor": request.user, "now": timezone.now()}
        if request.method == "POST" and form.is_valid():
            seen, is_off = fingerprint(form.arguments()), False

            def do():
                return undoing.together(
                    lambda: registrations.cancel_by_staff(registration=row, **form.arguments(), **who),
                    name="take-off", sessions=[row.session_id], **who,
                )  # fmt: skip

            try:
                foreseen = to_show_first(request, seen, do, now=who["now"])
                is_off = foreseen is None and bool(do())
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.reason)
            if is_off:
                messages.success(request, _("Off the list; the person gets a mail with the reason."))
                return redirect("admin:sessions_app_registration_change", row.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": _("Take off the list"),
            "form": form,
            "foreseen": foreseen,
            "seen": seen if foreseen else "",
        }
        status = FORM_REFUSED if form.errors else 200
        return TemplateResponse(request, "admin/sessions_app/registration/cancel.html", context, status=status)

    def get_queryset(self, request):
        return Registration.objects.visible_to(request.user).order_by("-queued_at")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
