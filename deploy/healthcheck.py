"""For the container's HEALTHCHECK: does this web server answer, and does the database answer to it?

A beat that is late or a broker that is gone make /healthz answer 503 too, but a new web server would mend neither.
"""

import http.client
import json
import os
import sys
from urllib.parse import urlsplit


def main() -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=4)
    connection.request("GET", "/healthz", headers={"Host": urlsplit(os.environ["PORTAL_URL"]).netloc})
    report = json.load(connection.getresponse())
    sys.exit(0 if report["database"] else "the database does not answer")


if __name__ == "__main__":
    main()
