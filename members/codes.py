"""Mailed codes are stored nowhere: what the sign-in flow keeps between two requests is a keyed digest.

allauth puts the code that it mails into the session. Our adapter gives it the digest instead and remembers the code
itself only for the length of the request, so that the mail can name it.
"""

from django.utils.crypto import salted_hmac

from core.codes import tidy


def digest(code: str) -> str:
    return salted_hmac("members.codes", tidy(code), algorithm="sha256").hexdigest()


def keep_for_this_request(request, code: str) -> str:
    """Remember the code until the response is made; gives its digest."""
    codes = request.__dict__.setdefault("_mailed_codes", {})
    codes[digest(code)] = code
    return digest(code)


def reveal(request, kept: str) -> str:
    """The code behind a digest that this request made. Raises KeyError for any other."""
    return request._mailed_codes[kept]
