"""Mail domains that say nothing of an organisation: of providers, and those under which others register theirs.

Both lists come with the portal and are asked of nobody: the Public Suffix List (publicsuffix.org, in the package
publicsuffixlist), and `data/free_mail_domains.txt`, with its source on top.
"""

from functools import cache
from pathlib import Path

from publicsuffixlist import PublicSuffixList

PROVIDERS = Path(__file__).parent / "data" / "free_mail_domains.txt"


@cache
def _providers() -> frozenset[str]:
    lines = PROVIDERS.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def is_shared(domain: str) -> bool:
    """Whether people of more than one organisation can have addresses at `domain`, or at what it is part of.

    `gmail.com`, `mail.yahoo.nl`, `co.uk` and `nl` are; `organisation.nl` and `mail.organisation.co.uk` are not.
    """
    own = _suffixes().privatesuffix(domain)
    return own is None or not _providers().isdisjoint({domain, own})
