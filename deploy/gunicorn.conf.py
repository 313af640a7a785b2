"""How gunicorn runs the portal, in the trial run and for real; its address comes by its command line, or from systemd.

It writes no line for a request: the portal does (core/middleware.py), without addresses of visitors and of pages. It
does not load the portal before its workers fork, so that a reload (HUP) reads new code.
"""

import os

# Two a core, because each serves one request at a time and waits for the database in between.
workers = int(os.environ.get("WEB_CONCURRENCY") or 2 * (os.cpu_count() or 1))
max_requests, max_requests_jitter = 2000, 200  # then a worker makes room for a fresh one
control_socket_disable = True
accesslog = None
loglevel = "warning"
