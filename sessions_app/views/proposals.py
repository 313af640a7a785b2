from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from core.dates import local
from core.http import FORM_REFUSED
from core.moves import Refused
from core.old_pages import check_shown, under_lock
from leerlijnen.models import Activity, Programme
from members.permissions import standing_of
from sessions_app import permissions
from sessions_app.actions import proposals
from sessions_app.forms.proposals import AnswerForm, QuestionForm, RolesForm, SubjectForm, WhoForm
from sessions_app.mails.proposals import first_answer_by
from sessions_app.models import CurationNote, Session
from sessions_app.rules import FIRST_ANSWER_WORKING_DAYS, PAST, SESSION_MOVES, HostingPart, SessionState

CHECK = "controle"
STEPS = {
    "onderwerp": (SubjectForm, gettext_lazy("Subject")),
    "vraag": (QuestionForm, gettext_lazy("Question")),
    "wie": (WhoForm, gettext_lazy("Who and when")),
    "rollen": (RolesForm, gettext_lazy("Roles of Partos")),
    CHECK: (None, gettext_lazy("Check")),
}
SLUGS = list(STEPS)
# The step in which each gap of rules.submit_gaps is mended.
STEP_OF = {
    "subject": "onderwerp", "track": "onderwerp", "title": "vraag", "question": "vraag", "content_lead": "wie",
    "language": "wie", "partos_roles": "rollen",
}  # fmt: skip

# Where a proposal stands, for the one who made it.
STANDING = {
    SessionState.DRAFT: gettext_lazy("This is a draft. Nobody else sees it until you send it."),
    SessionState.SUBMITTED: gettext_lazy("Your proposal has arrived. Partos has not looked at it yet."),
    SessionState.IN_CURATION: gettext_lazy("Partos is looking at your proposal."),
    SessionState.NEEDS_INFO: gettext_lazy("Partos has a question. Answer it below, and we go on."),
    SessionState.ACCEPTED: gettext_lazy("Your proposal is accepted. Partos looks for a date together with you."),
    SessionState.PARKED: gettext_lazy("We keep your proposal for later."),
    SessionState.DECLINED: gettext_lazy("Your proposal will not be on the agenda."),
    SessionState.MERGED: gettext_lazy("Your proposal goes on together with another one. You are named there too."),
    SessionState.WITHDRAWN: gettext_lazy("You withdrew this proposal."),
    SessionState.PLANNED: gettext_lazy("Your session has a date. Registration has not opened yet."),
    SessionState.INVITING: gettext_lazy("Your session has a date. People are being invited."),
    SessionState.OPEN: gettext_lazy("Your session has a date, and people can register."),
    SessionState.CLOSED: gettext_lazy("Your session has a date. Registration has closed."),
    SessionState.HELD: gettext_lazy("Your session took place."),
    SessionState.FOLLOWED_UP: gettext_lazy("Your session took place, and what came of it is written down."),
    SessionState.ARCHIVED: gettext_lazy("Your session took place, and what came of it is written down."),
    SessionState.CANCELLED: gettext_lazy("Your session has been cancelled."),
}
OVER = (
    *(SessionState.DECLINED, SessionState.MERGED, SessionState.WITHDRAWN, SessionState.CANCELLED),
    *PAST,
)
# What a session has for who comes, and not for who proposed it.
ORGANISERS_OWN = ("online_link", "reminder_steps", "reminder_text")
WITH_REASON = (SessionState.PARKED, SessionState.DECLINED, SessionState.CANCELLED)


@require_safe
def propose(request):
    """What putting something on the agenda is, and one's own proposals with where they stand."""
    person = request.user
    standing = standing_of(person)
    programme = Programme.objects.visible_to(person).order_by("-year").first()
    own = _own(person).exclude(Session.objects.thrown_away()).order_by("-changed_at") if person.is_authenticated else []
    context = {
        "programme": programme,
        "partos_roles": programme.partos_roles.all() if programme else [],
        "organisations": [row for row in standing.organisations if row.may_lead_content],
        "may_propose": standing.may_propose and programme is not None,
        "activity": _activity_asked_for(request),
        "running": [session for session in own if session.state not in OVER],
        "over": [session for session in own if session.state in OVER],
        "working_days": FIRST_ANSWER_WORKING_DAYS,
    }
    return render(request, "sessions_app/proposal_start.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request):
    """Begin a draft for one of one's own organisations, in an activity when it was chosen on that page."""
    if request.method != "POST":  # who had to sign in first comes back by GET
        return redirect("sessions:propose")
    now = timezone.now()
    programme = Programme.objects.visible_to(request.user).order_by("-year").first()
    organisations = {str(row.pk): row for row in standing_of(request.user).organisations}
    chosen = organisations.get(request.POST.get("organisation", ""))
    if chosen is None and len(organisations) == 1:
        chosen = next(iter(organisations.values()))
    if chosen is None or programme is None:
        messages.error(request, _("Choose an organisation that you work for."))
        return redirect("sessions:propose")
    try:
        session = proposals.start_draft(
            person=request.user, organisation=chosen, programme=programme, actor=request.user, now=now
        )
        if activity := _activity_asked_for(request):
            where = {"learning_line": activity.learning_line, "track": activity.track, "activity": activity}
            proposals.save_draft(session=session, changes=where, actor=request.user, now=now)
    except Refused as refused:
        messages.error(request, refused.reason)
        return redirect("sessions:propose")
    return redirect("sessions:proposal_step", pk=session.pk, step=SLUGS[0])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@under_lock(Session)
def step(request, pk, step):
    """One step of the form. What is right in it is kept, also when something else is missing or wrong."""
    if step not in STEPS:
        raise Http404
    session = _own_or_404(request, pk)
    if not permissions.may_edit_proposal(request.user, session):
        messages.info(request, _("This proposal has been sent in; you can no longer change it."))
        return redirect("sessions:proposal", pk=pk)
    if step == CHECK:
        return check(request, session)
    now = timezone.now()
    form = STEPS[step][0](
        request.POST if request.method == "POST" else None,
        session=session,
        person=request.user,
        today=local(now).date(),
        complete="later" not in request.POST,
    )
    if request.method == "POST":
        is_right = form.is_valid()
        try:
            if not form.is_stale:
                proposals.save_draft(session=session, **form.draft_values(), actor=request.user, now=now)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.reason)
            is_right = False
        if is_right and "later" in request.POST:
            messages.success(request, _("Your draft has been kept. You find it here."))
            return redirect("sessions:propose")
        if is_right:
            return redirect("sessions:proposal_step", pk=pk, step=SLUGS[SLUGS.index(step) + 1])
    context = {
        **_step_context(session, step),
        "form": form,
        "previous": SLUGS[SLUGS.index(step) - 1] if step != SLUGS[0] else "",
    }
    return render(request, "sessions_app/proposal_step.html", context, status=FORM_REFUSED if form.errors else 200)


def check(request, session, refusal=None):
    """The last step: all that was filled in, what is missing, and the button that sends it."""
    gaps = [(gap.reason, STEP_OF[gap.field]) for gap in proposals.gaps_of(session)]
    context = {
        **_step_context(session, CHECK),
        **_parts(session),
        "gaps": gaps,
        "refusal": refusal,
        "previous": SLUGS[-2],
    }
    return render(request, "sessions_app/proposal_check.html", context, status=FORM_REFUSED if refusal else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@under_lock(Session)
def submit(request, pk):
    """Send it in. A second click finds it sent, and shows the same confirmation."""
    session = _own_or_404(request, pk)
    if request.method != "POST":
        return redirect("sessions:proposal_step", pk=pk, step=CHECK)
    if session.state == SessionState.DRAFT:
        try:
            check_shown(request.POST, session)
            proposals.submit(session=session, actor=request.user, now=timezone.now())
        except Refused as refused:
            session.refresh_from_db(fields=["state"])
            if session.state == SessionState.DRAFT:
                return check(request, session, refused)
    return redirect("sessions:proposal_sent", pk=pk)


@login_required
@require_safe
def sent(request, pk):
    """What happens now, and when."""
    session = _own_or_404(request, pk)
    if session.state != SessionState.SUBMITTED:
        return redirect("sessions:proposal", pk=pk)
    context = {"session": session, "answer_by": first_answer_by(session), "noindex": True}
    return render(request, "sessions_app/proposal_sent.html", context)


@login_required
@require_safe
def proposal(request, pk):
    """Where the proposal stands, what staff asked, and what was decided, with its reason."""
    return _proposal_page(request, _own_or_404(request, pk), AnswerForm())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@under_lock(Session)
def answer(request, pk):
    session = _own_or_404(request, pk)
    if request.method != "POST":
        return redirect("sessions:proposal", pk=pk)
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            check_shown(request.POST, session)
            proposals.answer(session=session, text=form.cleaned_data["text"], actor=request.user, now=timezone.now())
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.reason)
        else:
            messages.success(request, _("Your answer has been sent. Partos goes on with your proposal."))
            return redirect("sessions:proposal", pk=pk)
    return _proposal_page(request, session, form, status=FORM_REFUSED)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@under_lock(Session)
def withdraw(request, pk):
    """Shows what withdrawing means; POST does it."""
    session = _own_or_404(request, pk)
    refusal = None
    if request.method == "POST":
        was_draft = session.state == SessionState.DRAFT
        try:
            check_shown(request.POST, session)
            proposals.withdraw(session=session, actor=request.user, now=timezone.now())
        except Refused as refused:
            refusal = refused
        else:
            text = _("The draft has been thrown away.") if was_draft else _("Your proposal has been withdrawn.")
            messages.success(request, text)
            return redirect("sessions:propose")
    elif not SESSION_MOVES.allows(session.state, SessionState.WITHDRAWN):
        return redirect("sessions:proposal", pk=pk)
    context = {"session": session, "refusal": refusal, "noindex": True}
    return render(request, "sessions_app/proposal_withdraw.html", context, status=FORM_REFUSED if refusal else 200)


def _own(person):
    return Session.objects.visible_to(person).proposed_by(person).with_place_in_programme()


def _own_or_404(request, pk):
    rows = _own(request.user).select_related("programme")
    return get_object_or_404(rows.prefetch_related("proposers", "hostings__organisation", "partos_roles"), pk=pk)


def _activity_asked_for(request):
    slug = request.GET.get("activiteit") or request.POST.get("activiteit")
    if not slug or "\x00" in slug:
        return None
    rows = Activity.objects.visible_to(request.user).select_related("learning_line", "track")
    return rows.filter(slug=slug).first()


def _step_context(session, slug):
    return {
        "session": session,
        "steps": [title for _form, title in STEPS.values()],
        "number": SLUGS.index(slug) + 1,
        "title": STEPS[slug][1],
        "noindex": True,
    }


def _parts(session):
    hostings = session.hostings.all()
    return {
        "content_leads": [row.organisation for row in hostings if row.part == HostingPart.CONTENT_LEAD],
        "roles": session.partos_roles.all(),
    }


def _last(notes, kind):
    """The last of its kind; none when its writer was erased and the text went with it."""
    note = next((note for note in reversed(notes) if note.kind == kind), None)
    return note if note and note.text else None


def _history(session, notes):
    """What happened when, oldest first: moments, words, and what was written or corrected."""
    rows = [row for row in session.history.all() if row.field not in ORGANISERS_OWN]
    moves = [(row.at, row.words, "") for row in rows if row.is_move]
    moves += [
        (
            row.at,
            _("%(field)s changed") % {"field": row.name_of_field},
            _("“%(old)s” became “%(new)s”") % {"old": row.was, "new": row.became},
        )
        for row in rows
        if not row.is_move and row.field and row.old
    ]
    texts = [(note.at, note.get_kind_display(), note.text) for note in notes]
    return sorted(moves + texts, key=lambda row: row[0])


def _proposal_page(request, session, form, *, status=200):
    notes = list(session.notes.order_by("at", "pk"))
    context = {
        **_parts(session),
        "session": session,
        "goes_on_in": session.merged_into_id and _own(request.user).filter(pk=session.merged_into_id).first(),
        "form": form,
        "answer_by": first_answer_by(session),
        "standing": STANDING.get(session.state, ""),
        "history": _history(session, notes),
        "question": _last(notes, CurationNote.Kind.QUESTION) if session.state == SessionState.NEEDS_INFO else None,
        "reason": _last(notes, CurationNote.Kind.REASON) if session.state in WITH_REASON else None,
        "may_edit": permissions.may_edit_proposal(request.user, session),
        "may_withdraw": SESSION_MOVES.allows(session.state, SessionState.WITHDRAWN),
        "noindex": True,
    }
    return render(request, "sessions_app/proposal.html", context, status=status)
