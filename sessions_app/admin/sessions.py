from copy import copy

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.messages.storage import default_storage
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core import acts, kept_typing
from core.asking import asking_action, asking_page, fingerprint, to_show_first
from core.guarded_admin import GuardedInline
from core.http import FORM_REFUSED
from core.keys import row_key
from core.moves import Refused
from core.old_pages import GuardedModelForm, hold
from core.portal_admin import PortalAdmin
from core.templatetags.portal import clock, mark, short_date
from sessions_app.actions import curation, guests, planning, resuming, session_state, undoing
from sessions_app.admin.acts import act_view, acts_waiting
from sessions_app.admin.filters import AskedFilter, ContentLeadFilter, MonthFilter
from sessions_app.admin.hostings import HostingInline, is_belgian, warnings_of
from sessions_app.admin.moves import BY_NAME, moves_of
from sessions_app.admin.planning import planning_view
from sessions_app.admin.seats import telling_of_the_line
from sessions_app.admin.series import make_series_view, may_make_series
from sessions_app.calendar_warnings import warnings_for
from sessions_app.forms.planning import DateTimeInput, PrepareForm
from sessions_app.models import Guest, Proposer, Session
from sessions_app.permissions import (
    can_curate,
    may_note_attendance,
    may_rehearse,
    may_see_participants,
    may_set_reminders,
)
from sessions_app.rules import CHANGEABLE, DATED, UPCOMING, SessionState, plan_gaps

NOT_TYPED = {*kept_typing.OF_THE_PORTAL, "seen", "sure"}  # the page adds them itself, each time
CHANGE = "admin:sessions_app_session_change"
OVERFULL = gettext_noop("%(held)s people have a seat and there are %(seats)s now. Nobody is thrown out.")


class SessionForm(GuardedModelForm):
    """What staff may correct; the rules that the action asks are asked here too, so that the sentence has its field."""

    class Meta:
        widgets = {
            "question": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
            "description": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
            "partos_roles": forms.CheckboxSelectMultiple,
        }

    def clean(self):
        cleaned = super().clean()
        session = self.instance
        if session.state in DATED:
            asked = ("starts_at", "ends_at", "form", "place", "online_link", "capacity", "capacity_online", "for_whom")
            values = {name: cleaned.get(name, getattr(session, name)) for name in asked}
            for gap in plan_gaps(**values, is_dialogue=session.is_dialogue):
                field = gap.field if gap.field in self.fields else None
                if field not in self.errors:
                    self.add_error(field, gap.reason)
            deadline = cleaned.get("registration_deadline")
            if deadline and deadline > session.starts_at:
                self.add_error("registration_deadline", _("Registration must close before the session starts."))
        self._check_correction()
        if not cleaned.get("partos_roles"):
            self.add_error("partos_roles", _("Choose at least one of the four roles of Partos."))
        return cleaned

    def _check_correction(self):
        """A correction takes away nothing that opening asked; who hosts is asked by the rows of the hosts."""
        corrected = copy(self.instance)
        for name in CHANGEABLE & set(self.cleaned_data):
            setattr(corrected, name, self.cleaned_data[name])
        for gap in planning.change_gaps(corrected, self.changed_data, now=timezone.now()):
            if gap.field in self.fields and gap.field not in self.errors:
                self.add_error(gap.field, gap.reason)


class ProposerInline(GuardedInline):
    model = Proposer
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class GuestInline(GuardedInline):
    """Who is invited by address; a tick takes the invitation back."""

    model = Guest
    extra = 0
    readonly_fields = ["email", "invited_at"]

    def has_add_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).order_by("email")


def sessions_changed(number):
    """How many sessions an action on several changes."""
    return ngettext("%(number)s session changes.", "%(number)s sessions change.", number) % {"number": number}


def on_several(description, act):
    """One move of each session that was chosen, taken back as one."""
    return asking_action(
        description=description,
        permissions=["change"],
        act=lambda row, **who: act(session=row, **who),
        changed=sessions_changed,
        together=lambda do, *, rows, **who: undoing.together(
            do, name="several", sessions=[row.pk for row in rows], **who
        ),
    )


@admin.register(Session)
class SessionAdmin(PortalAdmin):
    """Proposals and sessions. Words and seats are corrected here; state, date and place change by moves."""

    form = SessionForm
    change_form_template = "admin/sessions_app/session/change_form.html"
    change_list_template = "admin/sessions_app/session/change_list.html"
    list_display = ["shown_title", "place_in_programme", "state", "start", "form", "seats_taken"]
    list_filter = [
        *("state", "learning_line", "track", "workstream", MonthFilter, "form"),
        *(ContentLeadFilter, AskedFilter),
    ]
    date_hierarchy = "starts_at"
    search_fields = ["title", "question", "place"]
    list_per_page = 50
    actions = ["take", "open", "close", "held"]
    inlines = [HostingInline, ProposerInline, GuestInline]
    formfield_overrides = {
        models.URLField: {"assume_scheme": "https"},
        models.DateTimeField: {"form_class": forms.DateTimeField, "widget": DateTimeInput},
    }
    readonly_fields = [
        *("programme", "shown_state", "learning_line", "track", "workstream", "activity", "period_wished", "form"),
        *(
            "starts_at",
            "ends_at",
            "place",
            "doors_open_at",
            "online_link",
            "sequence",
            "submitted_at",
            "accepted_total",
        ),
    ]
    fieldsets = [
        (None, {"fields": ["shown_state", "title", "question", "description", "language", "partos_roles"]}),
        (
            _("In the programme"),
            {"fields": ["programme", "learning_line", "track", "workstream", "activity", "period_wished"]},
        ),
        (
            _("Date and place"),
            {
                "fields": ["starts_at", "ends_at", "form", "place", "doors_open_at", "online_link"],
                "description": _(
                    "All of this changes by “Set a date” and “Move the session”, because people are told."
                ),
            },
        ),
        (
            _("Registration"),
            {
                "fields": [
                    *("for_whom", "audience", "admission", "confidentiality"),
                    *("registration_deadline", "capacity", "capacity_online"),
                    *("offer_hours", "most_per_organisation"),
                ]
            },
        ),
    ]

    # Who and what

    def get_queryset(self, request):
        rows = Session.objects.visible_to(request.user).exclude(Session.objects.not_sent_in())
        return rows.with_seats().with_place_in_programme()

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and can_curate(request.user)

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and can_curate(request.user)

    def has_delete_permission(self, request, obj=None):
        return False  # what people registered for, and what was decided, stays on record

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("planning/", wrap(self.planning), name="sessions_app_session_planning"),
            path("planning/<int:year>/", wrap(self.planning), name="sessions_app_session_planning_year"),
            path("<path:object_id>/series/", wrap(self.series_view), name="sessions_app_session_series"),
            path("<path:object_id>/move/<slug:name>/", wrap(self.move_view), name="sessions_app_session_move"),
            path("<path:object_id>/act/<int:act>/<slug:name>/", wrap(self.act_view), name="sessions_app_session_act"),
            *super().get_urls(),
        ]

    # List

    @admin.display(description=_("session"), ordering="title")
    def shown_title(self, session):
        return str(session)

    @admin.display(description=_("learning line or workstream"), ordering="learning_line")
    def place_in_programme(self, session):
        if session.learning_line:
            track = f" · {session.track}" if session.track else ""
            return format_html("{} {}{}", mark(session.track, session.learning_line), session.learning_line, track)
        return format_html("{} {}", mark(), session.workstream) if session.workstream else "–"

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, session):
        return format_html('<span class="pill">{}</span>', session.get_state_display())

    @admin.display(description=_("start"), ordering="starts_at")
    def start(self, session):
        return f"{short_date(session.starts_at)} {clock(session.starts_at)}" if session.starts_at else "–"

    @admin.display(description=_("seats taken"))
    def seats_taken(self, session):
        """`18 / 20`, how many wait, and how many ask for a seat, with the way to where one decides."""
        if session.is_dialogue or session.state not in DATED:
            return "–"
        taken = f"{session.held} / {session.all_seats if session.all_seats is not None else '∞'}"
        if session.waiting:
            waiting = ngettext("%(number)s waits", "%(number)s wait", session.waiting) % {"number": session.waiting}
            taken = f"{taken}, {waiting}"
        if not session.asked:
            return taken
        asked = ngettext("%(number)s asks", "%(number)s ask", session.asked) % {"number": session.asked}
        return format_html(
            '{}, <a href="{}#asked">{}</a>', taken, reverse("sessions:participants", args=[session.pk]), asked
        )

    take = on_several(_("Take into curation"), curation.take_into_curation)
    open = on_several(_("Open for registration"), planning.open_registration)
    close = on_several(_("Close"), planning.close)
    held = on_several(_("Mark as held"), planning.mark_held)

    def changelist_view(self, request, extra_context=None):
        acts_here = acts_waiting(request, now=timezone.now())
        return super().changelist_view(request, {**(extra_context or {}), "acts": acts_here})

    # One session

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            now = timezone.now()
            context |= {
                "acts": acts_waiting(request, now=now, sessions=[obj.pk]),
                "moves": moves_of(obj, now) if self.has_change_permission(request, obj) else [],
                "warnings": warnings_of(obj) if obj.starts_at and obj.state in UPCOMING else [],
                "may_make_series": may_make_series(obj) and self.has_change_permission(request, obj),
                "gaps": session_state.opening_gaps(obj, now=now) if obj.state == SessionState.PLANNED else [],
                "notes": obj.notes.select_related("author"),
                "history": obj.history.select_related("author").reverse(),
                "sees_participants": may_see_participants(request.user, obj, now=now)
                and (obj.starts_at is not None or obj.date_dropped_at is not None),
                "may_set_reminders": obj.state in UPCOMING and may_set_reminders(request.user, obj),
                "may_rehearse": obj.state in UPCOMING and may_rehearse(request.user, obj),
                "notes_attendance": obj.notes_attendance(now) and may_note_attendance(request.user, obj),
            }
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """A correction that mails people, such as seats that are offered, shows the mails first, and can be undone."""
        key = row_key(object_id) if request.method == "POST" and object_id else None
        if key is None or not self.has_change_permission(request):
            return super().changeform_view(request, object_id, form_url, extra_context)
        now = timezone.now()
        sent = [(name, value) for name, values in request.POST.lists() for value in values if name not in NOT_TYPED]

        def save(of):
            return undoing.together(
                lambda: super(SessionAdmin, self).changeform_view(of, object_id, form_url, extra_context),
                name="correct",
                sessions=Session.objects.filter(pk=key).values_list("pk", flat=True),
                with_words=True,
                only_with_mails=True,
                actor=request.user,
                now=now,
            )

        rehearsed = copy(request)
        rehearsed._messages = default_storage(rehearsed)  # what it says is not true yet
        seen = fingerprint(sorted(sent))
        foreseen = to_show_first(request, seen, lambda: save(rehearsed), now=now)
        if foreseen is None:
            return save(request)
        session = self.get_object(request, object_id)
        return asking_page(
            self,
            request,
            title=_("Save the changes"),
            sentences=[sessions_changed(1)],
            original=session,
            hidden=[*sent, ("seen", seen)],
            foreseen=foreseen,
        )

    def save_model(self, request, obj, form, change):
        """Through the action, which locks the row, writes the trail and fills seats that came free."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in CHANGEABLE}
        roles = form.cleaned_data["partos_roles"] if "partos_roles" in form.changed_data else None
        if not changes and roles is None:
            return
        with telling_of_the_line(request, obj):
            planning.change(session=obj, changes=changes, partos_roles=roles, actor=request.user, now=timezone.now())
        if obj.state in DATED and {"capacity", "capacity_online"} & set(changes):
            for held, seats in planning.overfull(obj, obj):
                messages.warning(request, gettext(OVERFULL) % {"held": held, "seats": seats})

    def construct_change_message(self, request, form, formsets, add=False):
        """Without who was invited: Django's log would keep the address after the row has gone."""
        formsets = [formset for formset in formsets or [] if formset.model is not Guest]
        return super().construct_change_message(request, form, formsets, add)

    def save_formset(self, request, form, formset, change):
        if formset.model is Guest:
            formset.save(commit=False)  # tells which are ticked; taking back is an action of its own
            for guest in formset.deleted_objects:
                guests.take_back(guest=guest, actor=request.user, now=timezone.now())
            return
        before = _hosts(form.instance)
        formset.save()
        if formset.has_changed():
            session_state.record(
                "session.hostings_changed",
                form.instance,
                also={"hostings": (before, _hosts(form.instance))},
                actor=request.user,
                now=timezone.now(),
            )

    def series_view(self, request, object_id):
        if not self.has_change_permission(request):
            raise PermissionDenied
        session = self.get_object(request, unquote(object_id))
        if session is None:
            raise Http404
        return make_series_view(self, request, session, belgian=is_belgian(session))

    def move_view(self, request, object_id, name):
        """The page of one move: what it does, what it asks, who gets which mail, and why it was refused.

        What asks nothing shows the mails at once. What asks something shows them once it is filled in, and is done when
        the button is pressed again for the same; it is done at once when nobody gets a mail and nothing speaks against.
        """
        if request.method != "POST":
            return self._move_page(request, object_id, name)
        with transaction.atomic():
            keys = {row_key(object_id) or 0, row_key(request.POST.get("into")) or 0}
            for key in sorted(keys):  # as merging locks them
                hold(Session, key)
            return self._move_page(request, object_id, name)

    def _move_page(self, request, object_id, name):
        if not self.has_change_permission(request):
            raise PermissionDenied
        session = self.get_object(request, unquote(object_id))
        move = BY_NAME.get(name)
        if session is None or move is None:
            raise Http404
        now = timezone.now()
        form = move.form(request.POST if request.method == "POST" else None, session=session)
        asks = bool(form.visible_fields())
        warnings, foreseen, refusal = [], None, ""
        if request.method == "POST" and form.is_valid():
            seen = typed_in(form)
            try:
                if asks and request.POST.get("seen") != seen:
                    warnings = self._warnings(session, move, form)
                    foreseen = self._foresee(move, session, form.arguments(), request, now=now)
                if not warnings and not (foreseen and foreseen.mails):
                    undoing.do(move.act, session=session, name=name, **form.arguments(), actor=request.user, now=now)
                    messages.success(request, move.done)
                    return redirect(CHANGE, session.pk)
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.reason)
        elif request.method != "POST" and not asks:
            try:
                foreseen = self._foresee(move, session, {}, request, now=now)
            except Refused as refused:
                refusal = refused.reason
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": session,
            "title": move.label,
            "move": move,
            "form": form,
            "warnings": warnings,
            "foreseen": foreseen,
            "seen": typed_in(form) if warnings or (foreseen and asks) else "",
            "refusal": refusal,
            "gaps": session_state.opening_gaps(session, now=now) if name == "open" else [],
            "back": resuming.who_comes_back(session) if name == "resume" else None,
        }
        status = FORM_REFUSED if form.errors else 200
        return TemplateResponse(request, "admin/sessions_app/session/move.html", context, status=status)

    def _foresee(self, move, session, arguments, request, *, now):
        who = {"actor": request.user, "now": now}
        found = acts.foresee(lambda: undoing.do(move.act, session=session, name=move.name, **arguments, **who), now=now)
        return found.seen_by(request.user)

    def _warnings(self, session, move, form):
        """What the calendar and the seats say against it."""
        if not move.sets_a_date:
            return []
        schedule = form.schedule()
        if not schedule.starts_at or not schedule.ends_at or schedule.ends_at <= schedule.starts_at:
            return []  # the action refuses it
        return [
            *warnings_for(schedule.starts_at, schedule.ends_at, belgian=is_belgian(session)),
            *(
                gettext(OVERFULL) % {"held": held, "seats": seats}
                for held, seats in planning.overfull(session, schedule)
            ),
        ]

    @method_decorator(require_POST)
    def act_view(self, request, object_id, act, name):
        """Take back what was done with a session, or let its mails leave at once."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        session = self.get_object(request, unquote(object_id))
        if session is None:
            raise Http404
        return act_view(request, session, act, name)

    def add_view(self, request, form_url="", extra_context=None):
        """Put a session on the agenda for members who asked by phone or in a meeting."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = PrepareForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                session = curation.prepare(**form.arguments(), actor=request.user, now=timezone.now())
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.reason)
            else:
                messages.success(request, _("The session is on the agenda, without a date yet."))
                return redirect(CHANGE, session.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Put a session on the agenda for a member"),
            "form": form,
        }
        status = FORM_REFUSED if form.errors else 200
        return TemplateResponse(request, "admin/sessions_app/session/move.html", context, status=status)

    def has_add_permission(self, request):
        return super().has_add_permission(request) and can_curate(request.user)

    def planning(self, request, year=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return planning_view(self, request, year)


def _hosts(session):
    """Which organisations do what, as the history keeps it: without the people who do it for them."""
    rows = session.hostings.select_related("organisation").order_by("part", "organisation__name")
    return "\n".join(f"{row.organisation}: {row.get_part_display()}" for row in rows)


def typed_in(form):
    """Names what was typed in a form, so that what was shown for it holds for nothing else."""
    return fingerprint({field.name: field.value() for field in form.visible_fields()})
