from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.http import FORM_REFUSED
from core.moves import Refused
from core.old_pages import under_own_lock
from members.actions import accounts, affiliations
from members.forms.profile import AffiliationRequestForm, ProfileForm
from members.models import Affiliation
from members.rules import AffiliationState


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@under_own_lock
def profile(request):
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        accounts.change_profile(person=request.user, changes=form.cleaned_data, now=timezone.now())
        messages.success(request, _("Your profile has been saved."))
        return redirect("members:profile")
    context = {
        "form": form,
        "affiliations": Affiliation.objects.visible_to(request.user).of_person(request.user).live(),
        "has_second_factor": request.user.has_second_factor,
    }
    return render(request, "members/profile.html", context, status=FORM_REFUSED if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def request_affiliation(request):
    form = AffiliationRequestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            affiliation = affiliations.request_affiliation(
                person=request.user,
                organisation=form.cleaned_data["organisation"],
                actor=request.user,
                now=timezone.now(),
            )
        except Refused as refused:
            form.add_error(refused.field, refused.reason)
        else:
            if affiliation.state == AffiliationState.CONFIRMED:
                messages.success(request, _("You are linked to %s.") % affiliation.organisation)
            else:
                messages.success(
                    request,
                    _("We asked %s. You get an answer by mail within ten working days.") % affiliation.organisation,
                )
            return redirect("members:profile")
    return render(
        request, "members/affiliation_request.html", {"form": form}, status=FORM_REFUSED if form.errors else 200
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request, pk):
    """End one's own affiliation, or take back one's own request."""
    if request.method != "POST":  # who had to sign in first comes back by GET
        return redirect("members:profile")
    mine = Affiliation.objects.visible_to(request.user).of_person(request.user).live()
    affiliation = get_object_or_404(mine, pk=pk)
    try:
        affiliations.end(affiliation=affiliation, actor=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.reason)
    else:
        messages.success(request, _("You are no longer linked to %s.") % affiliation.organisation)
    return redirect("members:profile")
