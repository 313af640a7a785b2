"""What script/server and script/manage take for granted where the environment says nothing."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent


class CannotStart(Exception):
    """One sentence that says what is wrong and what to do."""


def environment() -> dict[str, str]:
    """The environment of the portal's processes; makes the folder for its data and, once, its secret keys.

    From here on what this process and its children write is for their owner only: the folder holds addresses, mails,
    codes and keys.

    Raises CannotStart for a port, a folder or an address that cannot be right.
    """
    env = {name: value for name, value in os.environ.items() if value}  # set to nothing is not set
    env.setdefault("TRIAL", "true")
    env.setdefault("VAR_DIR", str(ROOT / "var"))
    env.setdefault("PORT", "8000")
    env["PYTHONUNBUFFERED"] = "1"
    port_of(env)
    env.setdefault("PORTAL_URL", f"http://localhost:{env['PORT']}")
    for name, schemes in {
        "DATABASE_URL": {"postgres", "postgresql", "psql", "pgsql", "sqlite"},
        "REDIS_URL": {"redis", "rediss", "unix"},
    }.items():
        check_address(name, env.get(name, ""), schemes)
    folder = Path(env["VAR_DIR"])
    os.umask(0o077)
    try:
        for name in ("broker", "broker-control", "cache", "mail", "media"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        keep_to_owner(folder)
        for name in ("SECRET_KEY", "MFA_KEY"):
            if name not in env:
                env[name] = secret_key(folder / name.lower())
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        why = error.strerror
        raise CannotStart(
            f"The folder {folder} cannot be written to ({why}); change its rights, or name another: VAR_DIR=/path"
        ) from None
    return env


def port_of(env: Mapping[str, str]) -> int:
    """Raises CannotStart for what is no port."""
    given = env.get("PORT") or "8000"
    if not (given.isdecimal() and 0 < int(given) < 65536):
        raise CannotStart(f"PORT is {given!r}; give a number from 1 to 65535.")
    return int(given)


def check_address(name: str, address: str, schemes: set[str]) -> None:
    """Raise CannotStart when `address` has none of the schemes, or a port that is no number, or names nothing."""
    if not address:
        return
    example = "postgres://user:password@localhost:5432/portal" if name == "DATABASE_URL" else "redis://localhost:6379/0"
    wrong = CannotStart(f"{name} cannot be read as an address; write it like {example} (an @ in a password as %40).")
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in schemes or not (parts.netloc or parts.path.strip("/")):
        raise wrong
    if name == "DATABASE_URL" and not parts.path.strip("/"):
        raise wrong


def keep_to_owner(folder: Path) -> None:
    """What was written before the umask held; someone else's folder that we may write in stays as it is."""
    for path in (folder, *folder.rglob("*")):
        with suppress(PermissionError, FileNotFoundError):
            if not path.is_symlink() and path.stat().st_mode & 0o077:
                path.chmod(path.stat().st_mode & 0o700)


def secret_key(path: Path) -> str:
    """A key of this folder's portal; made once, and readable by its owner only."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with open(handle, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text()
