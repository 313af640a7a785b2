from sessions_app.admin import invitations, registrations, sessions  # noqa: F401  # registers the pages
