from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.http import FORM_REFUSED
from core.moves import Refused
from core.visitor_pages import kept_for_visitors
from leerlijnen import permissions
from leerlijnen.actions import groups
from leerlijnen.models import Activity, GroupMembership
from leerlijnen.rules import MembershipState
from members.models import Affiliation


@require_safe
@kept_for_visitors
def group_list(request):
    """What groups there are is public; who is in them is not."""
    activities = Activity.objects.visible_to(request.user).groups().select_related("learning_line", "track")
    return render(request, "leerlijnen/group_list.html", {"groups": activities})


@login_required
@require_safe
def group(request, slug):
    """A group for who may see it: what it is, who leads it, and, for who is in it, with whom."""
    return group_page(request, find_group(request, slug))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def request_to_join(request, slug):
    group = find_group(request, slug)
    if request.method != "POST":
        return redirect("leerlijnen:group", slug)
    try:
        groups.request_to_join(group=group, person=request.user, actor=request.user, now=timezone.now())
    except Refused as refusal:
        return group_page(request, group, refusal=refusal)
    return redirect("leerlijnen:group", slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request, slug):
    group = find_group(request, slug)
    if request.method == "POST":
        groups.leave(group=group, person=request.user, actor=request.user, now=timezone.now())
        messages.success(request, _("You are not in this group any more."))
    return redirect("leerlijnen:group", slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def admit(request, slug, pk):
    return decide(request, slug, pk, groups.admit, _("%(name)s is now in the group, and hears so by mail."))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request, slug, pk):
    return decide(request, slug, pk, groups.refuse, _("%(name)s is not let in, and hears so by mail."))


def decide(request, slug, pk, action, done):
    group = find_group(request, slug)
    seen = GroupMembership.objects.visible_to(request.user).of_group(group)
    if not permissions.can_admit(request.user, seen.live().of_person(request.user).first()):
        raise Http404
    if request.method != "POST":
        return redirect("leerlijnen:group", slug)
    membership = get_object_or_404(seen, pk=pk)
    try:
        action(membership=membership, actor=request.user, now=timezone.now())
    except Refused as refusal:
        return group_page(request, group, refusal=refusal)
    messages.success(request, done % {"name": membership.person})
    return redirect("leerlijnen:group", slug)


def find_group(request, slug):
    activities = Activity.objects.visible_to(request.user).groups().with_group_size()
    return get_object_or_404(activities.select_related("learning_line", "track"), slug=slug)


def group_page(request, group, *, refusal=None):
    person = request.user
    confirmed = Affiliation.objects.confirmed().select_related("organisation")
    seen = (
        GroupMembership.objects.visible_to(person)
        .of_group(group)
        .live()
        .select_related("person")
        .prefetch_related(Prefetch("person__affiliations", queryset=confirmed, to_attr="confirmed"))
    )
    own = next((row for row in seen if row.person_id == person.pk), None)
    is_in = permissions.is_in(person, own)
    admits = permissions.can_admit(person, own)
    may_know = is_in or permissions.may_know_of_people(person)
    context = {
        "group": group,
        "own": own,
        "is_in": is_in,
        "may_ask": own is None and permissions.may_ask_to_join(person),
        "may_know": may_know,
        "leads": GroupMembership.objects.leads().of_group(group).select_related("person") if may_know else [],
        "people": [row for row in seen if row.state == MembershipState.MEMBER] if is_in or admits else [],
        "requests": [row for row in seen if row.state == MembershipState.REQUESTED] if admits else [],
        "refusal": refusal,
    }
    return render(request, "leerlijnen/group.html", context, status=FORM_REFUSED if refusal else 200)
