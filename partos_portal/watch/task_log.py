"""A line and a count for each task that ends; a task carries the id of the request that asked for it.

These are Celery's signals. A task that beat or a command asked for goes by its own id.
"""

import logging
import time

from celery.signals import before_task_publish, task_postrun, task_prerun

from partos_portal.watch import logs, metrics

log = logging.getLogger("portal.task")


@before_task_publish.connect
def take_along(headers, **_):
    headers["request_id"] = logs.request_id.get()


@task_prerun.connect
def begin(task, task_id, **_):
    name = task.request.get("request_id") or logs.request_id.get() or task_id
    task.request.begun = time.perf_counter(), logs.request_id.set(name)


@task_postrun.connect
def end(task, state, **_):
    """A task that is over before it began, such as one that expired, is not told of."""
    if not task.request.get("begun"):
        return
    begun, before = task.request.begun
    seconds = time.perf_counter() - begun
    outcome = str(state or "unknown").lower()
    fields = {"task": task.name, "outcome": outcome, "ms": round(seconds * 1000)}
    log.info("{task} {outcome} in {ms} ms".format(**fields), extra={"fields": fields})
    metrics.count_task(task=task.name, outcome=outcome, seconds=seconds)
    logs.request_id.reset(before)
