import logging
import time

from django.conf import settings
from django.db import connection

from partos_portal.watch import logs, metrics

log = logging.getLogger("portal.request")


class Counter:
    """Counts the queries that run inside `connection.execute_wrapper`."""

    number = 0

    def __call__(self, execute, sql, params, many, context):
        self.number += 1
        return execute(sql, params, many, context)


def tell_of_each_request(get_response):
    """Write a line and count, for each request, and send its id back in X-Request-ID; outermost, to measure all.

    Of a quiet page (partos_portal.watch.logs) nothing is written, and counted only that one failed.
    """

    def middleware(request):
        name = logs.id_of(request)
        response = quietly(request) if logs.is_quiet(request.path_info) else aloud(request, name)
        response.headers["X-Request-ID"] = name
        return response

    def quietly(request):
        begun = time.perf_counter()
        with logs.working_quietly():
            response = get_response(request)
        if response.status_code >= 500:
            seconds = time.perf_counter() - begun
            method = metrics.method_of(request)
            metrics.count_request(method=method, route="-", status=response.status_code, seconds=seconds)
        return response

    def aloud(request, name):
        begun = time.perf_counter()
        queries = Counter()
        with logs.working_for(name), connection.execute_wrapper(queries):
            response = get_response(request)
            seconds = time.perf_counter() - begun
            is_static = request.path_info.startswith(settings.STATIC_URL)
            route = "static" if is_static else logs.route_of(request)
            # Only who was looked up already: telling of a request costs no query.
            person = getattr(request, "_cached_user", None)
            fields = {
                "method": metrics.method_of(request),
                "route": route,
                "status": response.status_code,
                "ms": round(seconds * 1000),
                "queries": queries.number,
                "user": person.pk if person and person.pk else "-",
            }
            message = "{method} {route} {status} in {ms} ms, {queries} queries, user {user}".format(**fields)
            log.log(logging.DEBUG if is_static else logging.INFO, message, extra={"fields": fields})
            metrics.count_request(method=fields["method"], route=route, status=response.status_code, seconds=seconds)
        return response

    return middleware
