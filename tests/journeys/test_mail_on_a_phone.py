"""A mail on a phone: titles and addresses without a space in them wrap, too."""

import pytest
from django.template import engines

from tests.harness import browsing
from tests.journeys.pages import LONG

pytestmark = pytest.mark.one_pair
MAIL = """{% extends "core/mail/layout.html" %}
{% block body %}
  <h1>{{ title }}</h1>
  {% include "core/mail/facts.html" %}
  <p><a href="https://example.com/">https://example.com/{{ address }}</a></p>
{% endblock %}"""


def test_a_long_word_in_a_mail_fits_a_phone(browser):
    title = LONG.split()[0] * 2
    html = engines["django"].from_string(MAIL).render({"title": title, "facts": [(title, title)], "address": "x" * 90})
    with browsing.fresh_page(browser, width=390) as page:
        page.set_content(html)
        assert title in page.inner_text("h1")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
