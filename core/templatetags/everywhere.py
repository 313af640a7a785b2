"""What every template has without loading it: settings.TEMPLATES names this among the builtins."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import kept_typing
from core.visitor_pages import AnyReader

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_token(context: template.Context) -> str:
    """In the place of Django's own, so that no form is without it: with the mark of whose page it is."""
    token, request = context.get("csrf_token"), context.get("request")
    if not token or token == "NOTPROVIDED":  # Django's word for a page made without a request
        return ""
    if isinstance(getattr(request, "user", None), AnyReader):
        return str(token)  # where what is of one reader is put in afterwards
    return kept_typing.hidden_fields(str(token), request)


@register.filter
def bdi(name: Any) -> SafeString | list[SafeString]:
    """The name of a person or an organisation, or a list of them: what is written from right to left turns no other.

    Nothing stays nothing.
    """
    if isinstance(name, list | tuple):
        return [format_html("<bdi>{}</bdi>", one) for one in name]
    return format_html("<bdi>{}</bdi>", name) if name not in (None, "") else SafeString()
