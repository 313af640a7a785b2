"""Countries as a list: ISO 3166-1, with their names in Dutch and English."""

import gettext
from functools import lru_cache

import pycountry
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

FIRST = ("NL", "BE")  # where most organisations are


def choices() -> list[tuple[str, str]]:
    """Code and name in the active language, by name, the likely ones first."""
    names = _names(get_language() or "nl")
    rest = sorted((name.casefold(), code, name) for code, name in names.items() if code not in FIRST)
    return [(code, names[code]) for code in FIRST] + [(code, name) for _key, code, name in rest]


def name_of(code: str) -> str:
    """In the active language; a code that is none as it is."""
    return _names(get_language() or "nl").get(code, code)


def check(code: str) -> None:
    """Validator: raises ValidationError for what is no code of a country."""
    if pycountry.countries.get(alpha_2=code) is None or code != code.upper():
        raise ValidationError(_("Choose a country from the list."))


@lru_cache(maxsize=4)
def _names(language: str) -> dict[str, str]:
    translated = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True)
    return {
        country.alpha_2: translated.gettext(getattr(country, "common_name", country.name))
        for country in pycountry.countries
    }
