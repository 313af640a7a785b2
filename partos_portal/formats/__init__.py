"""Dates and times in the admin, written as on the pages of the portal; for Django's FORMAT_MODULE_PATH."""
