from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.http import FORM_REFUSED
from core.moves import Refused
from core.old_pages import check_shown, hold, under_lock
from members import consequences, reauthentication
from members.actions import affiliations, organisations
from members.forms.organisation import OrganisationForm
from members.models import Affiliation, Organisation, User
from members.permissions import standing_of
from members.reauthentication import asks_again
from members.rules import HANDED_OUT_BY_CONTACT, AffiliationState, Role, TrackProfile

PEOPLE_ON_A_PAGE = 50


@login_required
@require_safe
def mine(request):
    """Where one belongs and whom to ask; a contact of the only one goes straight to its people."""
    standing = standing_of(request.user)
    own = standing.organisations
    if len(own) == 1 and standing.has_role(Role.CONTACT, own[0]):
        return redirect("members:people", pk=own[0].pk)
    contacts = list(Affiliation.objects.contacts().at(own).select_related("person"))
    rows = [
        {
            "organisation": organisation,
            "roles": [row for row in standing.affiliations if row.organisation_id == organisation.pk],
            "contacts": [row.person for row in contacts if row.organisation_id == organisation.pk],
            "is_contact": standing.has_role(Role.CONTACT, organisation),
        }
        for organisation in own
    ]
    return render(request, "members/organisation_mine.html", {"rows": rows})


@login_required
@require_safe
def people(request, pk):
    organisation = get_object_or_404(Organisation.objects.managed_by(request.user), pk=pk)
    linked = User.objects.linked_to(organisation)
    page = Paginator(linked, PEOPLE_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "members/organisation_people.html", {"organisation": organisation, "page": page})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@under_lock(Organisation)
def data(request, pk):
    managed = Organisation.objects.managed_by(request.user).prefetch_related("mail_domains")
    organisation = get_object_or_404(managed, pk=pk)
    form = OrganisationForm(request.POST if request.method == "POST" else None, instance=organisation)
    if request.method == "POST" and form.is_valid():
        try:
            organisations.change_data(
                organisation=organisation,
                changes=form.changes,
                domains=form.cleaned_data["domains"],
                actor=request.user,
                now=timezone.now(),
            )
        except organisations.OrganisationRefused as refused:
            form.add_error(refused.field, refused.reason)
        else:
            messages.success(request, _("The data of your organisation have been saved."))
            return redirect("members:people", pk=pk)
    return render(
        request,
        "members/organisation_data.html",
        {"organisation": organisation, "form": form, "waiting": form.waiting_domains},
        status=FORM_REFUSED if form.errors else 200,
    )


@login_required
@require_safe
def colleague(request, pk):
    return colleague_page(request, managed_affiliation(request, pk))


def sent_from_the_page_of_a_colleague(view):
    """A form of that page, which shows what was refused. Who had to sign in first comes back by GET, and finds it."""

    @login_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def wrapped(request, pk):
        affiliation = managed_affiliation(request, pk)
        if request.method != "POST":
            return redirect("members:colleague", pk=pk)
        with transaction.atomic():
            hold(Organisation, affiliation.organisation_id)
            affiliation = managed_affiliation(request, pk)
            try:
                check_shown(request.POST, affiliation)
                return view(request, affiliation)
            except Refused as refused:
                return colleague_page(request, affiliation, refused)

    return wrapped


@sent_from_the_page_of_a_colleague
def confirm(request, affiliation):
    affiliations.confirm(affiliation=affiliation, actor=request.user, now=timezone.now())
    messages.success(request, _("%s is confirmed and gets a mail about it.") % affiliation.person)
    return redirect("members:people", pk=affiliation.organisation_id)


@sent_from_the_page_of_a_colleague
def end(request, affiliation):
    if Affiliation.objects.of_person(affiliation.person).at([affiliation.organisation]).with_power().exists():
        reauthentication.ask(request)
    affiliations.end(affiliation=affiliation, actor=request.user, now=timezone.now())
    messages.success(request, _("%s is no longer linked to your organisation.") % affiliation.person)
    return redirect("members:organisation" if affiliation.person == request.user else people_url(affiliation))


@sent_from_the_page_of_a_colleague
@asks_again()
def hand_out_role(request, affiliation):
    role = request.POST.get("role", "")
    affiliations.hand_out_role(affiliation=affiliation, role=role, actor=request.user, now=timezone.now())
    messages.success(request, _("The role has been handed out."))
    return redirect("members:colleague", pk=affiliation.pk)


@sent_from_the_page_of_a_colleague
@asks_again()
def take_back_role(request, affiliation):
    affiliations.take_back_role(affiliation=affiliation, actor=request.user, now=timezone.now())
    messages.success(request, _("The role has been taken back."))
    return redirect("members:organisation" if affiliation.person == request.user else people_url(affiliation))


@sent_from_the_page_of_a_colleague
@asks_again()
def set_track_profile(request, affiliation):
    profile = request.POST.get("profile", "")
    affiliations.set_track_profile(affiliation=affiliation, profile=profile, actor=request.user, now=timezone.now())
    messages.success(request, _("The track has been saved."))
    return redirect("members:colleague", pk=affiliation.pk)


def managed_affiliation(request, pk) -> Affiliation:
    """One of an organisation that the person keeps, ended ones too, so that an old page gets a sentence; or 404."""
    rows = Affiliation.objects.managed_by(request.user).select_related("person", "organisation")
    return get_object_or_404(rows, pk=pk)


def people_url(affiliation: Affiliation) -> str:
    return reverse("members:people", kwargs={"pk": affiliation.organisation_id})


def colleague_page(request, affiliation: Affiliation, refused: Refused | None = None):
    here = Affiliation.objects.managed_by(request.user).live().at([affiliation.organisation])
    roles = list(here.of_person(affiliation.person))
    held = {row.role for row in roles}
    context = {
        "affiliation": affiliation,
        "person": affiliation.person,
        "organisation": affiliation.organisation,
        "is_confirmed": affiliation.state == AffiliationState.CONFIRMED,
        "is_own": affiliation.person == request.user,
        "further_roles": [row for row in roles if row.role != Role.COLLEAGUE],
        "roles_to_give": [(role.value, role.label) for role in HANDED_OUT_BY_CONTACT if role not in held],
        "profiles": TrackProfile.choices,
        "refused": refused,
        "foretold": consequences.foretell_ending([affiliation], now=timezone.now()) if roles else [],
    }
    return render(request, "members/colleague.html", context, status=FORM_REFUSED if refused else 200)
