"""manage.py in the environment of the trial run."""

import os
import sys

from script.lib.trial import ROOT, CannotStart, environment


def main() -> None:
    try:
        env = environment()
    except CannotStart as error:
        sys.exit(str(error))
    os.execve(sys.executable, [sys.executable, str(ROOT / "manage.py"), *sys.argv[1:]], env)


if __name__ == "__main__":
    main()
