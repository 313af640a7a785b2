from django.http import HttpResponse
from django.views.decorators.http import require_safe

from leerlijnen import colours

YEAR, FIVE_MINUTES = 31_536_000, 300  # seconds


@require_safe
def stylesheet(request):
    """The colours of the lines. Under its own version it stays the same for ever, under another only for a moment."""
    css = colours.stylesheet()
    response = HttpResponse(css, content_type="text/css; charset=utf-8")
    if request.GET.get("v") == colours.version_of(css):
        response["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        response["Cache-Control"] = f"public, max-age={FIVE_MINUTES}"
    return response
