from leerlijnen import colours as line_colours


def colours(request):
    """The version of the stylesheet with the lines' colours, for its link in base.html. Costs no query."""
    return {"colours_version": line_colours.version}
