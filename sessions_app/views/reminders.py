from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import mail
from core.http import FORM_REFUSED
from core.links import HIDDEN
from core.moves import Refused
from core.old_pages import under_lock
from sessions_app import permissions
from sessions_app.actions import session_reminders
from sessions_app.forms.reminders import RemindersForm
from sessions_app.mails.registrations import reminder
from sessions_app.models import Registration, Session
from sessions_app.reminder_steps import Step
from sessions_app.rules import Form, RegistrationState


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@under_lock(Session)
def reminders(request, pk):
    """When people are reminded of a session and what is added, for its host and staff, with the mail as it will be."""
    rows = Session.objects.visible_to(request.user).dated().select_related("track").prefetch_related("hostings")
    session = get_object_or_404(rows, pk=pk)
    if not permissions.may_set_reminders(request.user, session):
        raise Http404
    form = RemindersForm(request.POST if request.method == "POST" else None, session=session)
    if request.method == "POST" and form.is_valid():
        try:
            session_reminders.set_reminders(
                session=session, **form.cleaned_data, actor=request.user, now=timezone.now()
            )
        except Refused as refused:
            form.add_error(refused.field, refused.reason)
        else:
            messages.success(request, _("Kept. This is how the reminders go out."))
            return redirect("sessions:reminders", pk=pk)
    context = {
        "session": session,
        "form": form,
        "has_steps": bool(session.reminder_steps),
        "preview": preview(session, request.user),
        "noindex": True,
    }
    return render(request, "sessions_app/session_reminders.html", context, status=FORM_REFUSED if form.errors else 200)


def preview(session, person):
    """The mail as somebody who attends reads it, with the personal link hidden."""
    form = Form.ON_SITE if session.is_hybrid else session.form
    attends = Registration(pk=0, session=session, person=person, form=form, state=RegistrationState.CONFIRMED)
    letter = reminder(attends, step=Step.DAY)
    return mail.render(letter.template, letter.context | {"secret_link": HIDDEN}, language=get_language())
