"""`{% csrf_token %}` in every template: as Django's own, and with the mark of whose page it is (core.kept_typing).

settings.TEMPLATES puts it in the place of Django's, so that no form can be without it.
"""

from django import template

from core import kept_typing
from core.visitor_pages import AnyReader

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_token(context: template.Context) -> str:
    token, request = context.get("csrf_token"), context.get("request")
    if not token or token == "NOTPROVIDED":
        return ""
    if isinstance(getattr(request, "user", None), AnyReader):
        return str(token)  # where what is of one reader is put in afterwards
    return kept_typing.hidden_fields(str(token), request)
