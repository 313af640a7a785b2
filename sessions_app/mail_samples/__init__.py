"""Samples of the mails about sessions (core.mail_samples)."""

from sessions_app.mail_samples import changes, proposals, seats, several

SAMPLES = [*seats.SAMPLES, *changes.SAMPLES, *several.SAMPLES, *proposals.SAMPLES]
