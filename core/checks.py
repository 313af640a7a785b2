"""System checks of our own: they catch a misconfigured portal before its users do."""
