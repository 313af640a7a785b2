"""The portal's speed, each figure beside a floor that was measured in the same run; see docs/performance.md.

It is a small Django app as well, with the floors' views and their one table, that only its own settings install.
"""
