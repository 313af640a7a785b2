"""What our views answer with, in one place."""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse

# A form that was refused: the page is the same, with what was typed and what is wrong (RFC 9110, 15.5.21).
FORM_REFUSED = 422


def sign_in_instead_of_404(view):
    """For pages that show more to who is signed in: nobody learns by a 404 what exists, and a link in a mail works."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except Http404:
            if request.user.is_authenticated:
                raise
            return redirect_to_login(request.get_full_path())

    return wrapped


def for_one_reader(response: HttpResponse) -> HttpResponse:
    """What a mailed link opens: kept by no search engine, and the address goes to no other host.

    Not `no-referrer`: under it browsers send forms with the origin "null", which the protection against forged
    requests refuses.
    """
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
