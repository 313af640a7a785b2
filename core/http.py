"""What our views answer with, in one place."""

# A form that was refused: the page is the same, with what was typed and what is wrong (RFC 9110, 15.5.21).
FORM_REFUSED = 422
