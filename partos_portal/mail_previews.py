"""The pages in the admin on which the team looks at every mail that the portal sends, on made-up people and dates."""

from itertools import groupby

from django.contrib import admin
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from core.mail_samples import Sample, Seen, in_one_colour, look
from partos_portal.mail_samples import visible_to

# The switches: what stands in the address, and its words. The first is what one gets unasked.
LANGUAGES = {"nl": _("Dutch"), "en": _("English")}
COLOURS = {"licht": _("light"), "donker": _("dark")}
WIDTHS = {"breed": _("desktop"), "smal": _("phone")}
# Of the mail itself, in its frame: a style of its own, and nothing to load, run, send or lead away.
FRAME_POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "sandbox",
    ]
)


def listed(request):
    """Every kind of mail that the reader may look at, under its heading."""
    samples = visible_to(request.user)
    groups = [(about, list(of)) for about, of in groupby(samples, key=lambda sample: str(sample.about))]
    return page(request, "list", title=_("Mail previews"), groups=groups)


def preview(request, kind):
    """One kind: its words, the mail in a frame, its text, and the calendar file that goes with it."""
    sample = found(request, kind)
    chosen = choices(request, sample)
    seen = made(request, sample, chosen)
    return page(
        request,
        "preview",
        title=sample.name,
        sample=sample,
        seen=seen,
        chosen=chosen,
        switches=switches(sample, chosen),
        address="?" + address(chosen),
    )


@xframe_options_sameorigin
def framed(request, kind):
    """The HTML of one mail as its reader gets it, for the frame on its page alone."""
    sample = found(request, kind)
    chosen = choices(request, sample)
    html = in_one_colour(made(request, sample, chosen).html, is_dark=chosen["kleur"] == "donker")
    return HttpResponse(html, headers={"Content-Security-Policy": FRAME_POLICY, "Cache-Control": "no-store"})


def found(request, kind: str) -> Sample:
    """404 for a kind that does not exist, and for one that the reader may not see."""
    for sample in visible_to(request.user):
        if sample.kind == kind:
            return sample
    raise Http404


def choices(request, sample: Sample) -> dict[str, str]:
    """What was asked, or the first of each switch where that makes no sense; a mail is in the reader's language."""
    asked = request.GET
    language = asked.get("taal", translation.get_language())
    return {
        "geval": sample.case(asked.get("geval", "")).code,
        "taal": language if language in LANGUAGES else next(iter(LANGUAGES)),
        "kleur": asked["kleur"] if asked.get("kleur") in COLOURS else next(iter(COLOURS)),
        "breedte": asked["breedte"] if asked.get("breedte") in WIDTHS else next(iter(WIDTHS)),
    }


def made(request, sample: Sample, chosen: dict[str, str]) -> Seen:
    return look(sample, sample.case(chosen["geval"]), language=chosen["taal"], now=timezone.now())


def address(chosen: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in chosen.items() if value)


def switches(sample: Sample, chosen: dict[str, str]) -> list[dict]:
    """For each its label and its choices, as links that keep the other switches as they are."""
    cases = {case.code: case.label for case in sample.cases}
    rows = [(_("Case"), "geval", cases)] if len(cases) > 1 else []
    rows += [(_("Language"), "taal", LANGUAGES), (_("Colours"), "kleur", COLOURS), (_("Width"), "breedte", WIDTHS)]
    return [
        {
            "label": label,
            "choices": [
                {"label": words, "address": "?" + address(chosen | {name: value}), "is_on": chosen[name] == value}
                for value, words in values.items()
            ],
        }
        for label, name, values in rows
    ]


def page(request, name: str, **context) -> TemplateResponse:
    context = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, f"admin/mail_previews/{name}.html", context)


def for_the_team(view):
    """As the pages of the admin; a method that changes things is refused to everyone."""
    return require_safe(admin.site.admin_view(view))


urlpatterns = [
    path("", for_the_team(listed), name="mail-previews"),
    path("<str:kind>/", for_the_team(preview), name="mail-preview"),
    path("<str:kind>/html/", for_the_team(framed), name="mail-preview-html"),
]
