"""Pressing the button of a page that shows the mails of an act first."""


def agree(client, url, data=None, **how):
    """The answer once what the page showed was agreed to; of an act that mails nobody the first answer."""
    data = data or {}
    page = client.post(url, data, **how)
    context = page.context or {}
    if page.status_code != 200 or not context.get("foreseen"):
        return page
    hidden = dict(context.get("hidden") or []) or {"seen": context["seen"]}
    return client.post(url, hidden | data, **how)
