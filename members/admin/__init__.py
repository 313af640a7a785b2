from members.admin import affiliations, organisations, people  # noqa: F401  # registers the pages
