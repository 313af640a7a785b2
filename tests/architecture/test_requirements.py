"""Whether production's own lock is enough: a developer's .venv holds the requirements of the tests as well."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions

from script.lib.suite import PRODUCTION
from script.lib.trial import ROOT

# What web server, worker and beat load; kombu takes its transport by name, and only once there is a broker.
LOAD = """
import sys
sys.modules |= dict.fromkeys(sys.argv[1:])  # None: an import of it fails, as if it were not installed
import partos_portal.wsgi, gunicorn.workers.sync, celery.bin.worker, celery.bin.beat, psycopg2
from django.core.cache import caches
from django.urls import get_resolver
from partos_portal.celery import app
caches["default"]._cache.get_client()
get_resolver().url_patterns
app.loader.import_default_modules()
app.connection_for_write().transport
"""


def test_production_starts_with_nothing_but_what_its_lock_names():
    locked = re.findall(r"^([\w.-]+)(?:\[.*\])?==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    known = {normal(name) for name in locked}
    absent = [module for module, names in packages_distributions().items() if not known & set(map(normal, names))]
    assert "pytest" in absent
    command = [sys.executable, "-W", "ignore", "-c", LOAD, *absent]
    ran = subprocess.run(command, cwd=ROOT, env=PRODUCTION, stderr=subprocess.PIPE, text=True)
    assert ran.returncode == 0, ran.stderr


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
