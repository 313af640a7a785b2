"""Codes that people copy from a mail or an app into a form: only their letters and digits count."""

from core.cleaning import normal


def tidy(text: str) -> str:
    """Letters and digits in their plain form, capitals: what a copy adds (spaces, hyphens, quotes) is left out."""
    return "".join(sign for sign in normal("NFKC", text).upper() if sign.isalnum() and sign.isascii())
