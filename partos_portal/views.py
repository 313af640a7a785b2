from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core.http import FORM_REFUSED
from core.moves import Refused
from core.visitor_pages import kept_for_visitors
from members.forms.closing import CloseAccountForm
from members.reauthentication import asks_again
from partos_portal.erasure import close_account as close
from partos_portal.my_data import hand_out


@require_safe
@kept_for_visitors
def privacy(request):
    return render(request, "pages/privacy.html")


@require_safe
@kept_for_visitors
def accessibility(request):
    return render(request, "pages/accessibility.html")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@asks_again(on_get=True, keeps_typed=False)
def my_data(request):
    """What the portal keeps about the reader; POST downloads it as JSON."""
    if request.method != "POST":
        return render(request, "members/my_data.html")
    response = JsonResponse(
        hand_out(person=request.user, now=timezone.now()), json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    response["Content-Disposition"] = 'attachment; filename="netwerk-en-leren.json"'
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@asks_again()
def close_account(request):
    """Says what happens; a POST in which that was ticked does it."""
    form = CloseAccountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            close(person=request.user, actor=request.user, now=timezone.now())
        except Refused as refused:
            form.add_error(None, refused.reason)
        else:
            logout(request)
            messages.success(request, _("Your account has been closed. Thank you for taking part."))
            return redirect("account_request_login_code")
    return render(request, "members/close_account.html", {"form": form}, status=FORM_REFUSED if form.errors else 200)
