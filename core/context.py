from django.urls import NoReverseMatch, resolve, reverse
from django.urls.exceptions import Resolver404
from django.utils.translation import get_language, override


def portal(request):
    """What every page's frame needs: the same page in the other language. Costs no query."""
    other = "en" if get_language() == "nl" else "nl"
    return {"other_language": other, "other_language_url": translated_path(request, other)}


def translated_path(request, language: str) -> str:
    """The address of this page in `language`, with its filters; the front page where it has no translation."""
    try:
        match = request.resolver_match or resolve(request.path_info)
        with override(language):
            path = reverse(match.view_name, args=match.args, kwargs=match.kwargs)
    except (NoReverseMatch, Resolver404):
        with override(language):
            return reverse("home")
    query = request.META.get("QUERY_STRING", "")
    return f"{path}?{query}" if query and request.method == "GET" else path
