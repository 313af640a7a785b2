"""Whether the portal's port is free, told before anything is installed: it needs nothing but Python itself."""

import os
import shlex
import socket
import sys

from script.lib.trial import CannotStart, port_of


def check(host: str, port: int, arguments: list[str]) -> None:
    """Raise CannotStart when the port is not to be had, with the command that asks for another."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            again = shlex.join(["script/server", *arguments])
            raise CannotStart(
                f"Port {port} of {host} is not to be had ({error.strerror}); stop what uses it, or choose another:"
                f" PORT={port % 65535 + 1} {again}"
            ) from None


def main() -> None:
    if {"-h", "--help"} & set(sys.argv):
        return
    try:
        check(os.environ.get("HOST") or "127.0.0.1", port_of(os.environ), sys.argv[1:])
    except CannotStart as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
