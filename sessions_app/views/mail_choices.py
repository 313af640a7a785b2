from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import digest
from core.http import FORM_REFUSED
from core.old_pages import under_own_lock
from sessions_app.actions import mail_choices
from sessions_app.forms.mail_choices import MailChoicesForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@under_own_lock
def choose(request):
    form = MailChoicesForm(request.POST if request.method == "POST" else None, person=request.user)
    if request.method == "POST" and form.is_valid():
        mail_choices.choose(
            person=request.user,
            wishes=form.wishes,
            lines=form.cleaned_data["lines"],
            workstreams=form.cleaned_data["workstreams"],
            now=timezone.now(),
        )
        messages.success(request, _("Your choices about mail have been saved."))
        return redirect("sessions:mail_choices")
    context = {"form": form, "digest_at": digest.AT}
    return render(request, "sessions_app/mail_choices.html", context, status=FORM_REFUSED if form.errors else 200)
