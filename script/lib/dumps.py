"""The whole database in one file, and back: PostgreSQL by its own programs, SQLite by its own backup."""

import contextlib
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

from script.lib.packages import SERVICES, environment_for, postgres_folder
from script.lib.trial import CannotStart

# Who has the key of a session is signed in, so no copy of them is kept: after a restore everyone signs in anew.
LEFT_OUT = ["django_session", "usersessions_usersession"]


def tables() -> list[str]:
    """The tables of the portal's database, but for those that no backup holds."""
    from django.db import connection

    with connection.cursor() as cursor:
        found = connection.introspection.table_names(cursor)
    return sorted(set(found) - set(LEFT_OUT))


def count_rows() -> dict[str, int]:
    """How many rows each table has."""
    from django.db import connection

    counts = {}
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            counts[table] = cursor.fetchone()[0]
    return counts


def dump(path: Path) -> dict[str, int]:
    """Write the database to `path`; gives the counts of rows of that very moment. Raises CannotStart."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with frozen_moment() as snapshot:
            left_out = [f"--exclude-table-data={table}" for table in LEFT_OUT]
            run_on_postgres("pg_dump", "--format=custom", f"--snapshot={snapshot}", *left_out, f"--file={path}")
            return count_rows()
    return dump_sqlite(path)


@contextlib.contextmanager
def frozen_moment() -> Iterator[str]:
    """All that is read within sees the database as it is now; gives the name by which pg_dump sees the same."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def dump_sqlite(path: Path) -> dict[str, int]:
    from django.db import connection

    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        there = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in there.intersection(LEFT_OUT):
            copy.execute(f'DELETE FROM "{table}"')
        copy.commit()
        copy.execute("VACUUM")  # what was deleted is still in the file until then
        return {table: copy.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables()}


def load(path: Path) -> None:
    """Fill the empty database from a file that `dump` wrote. Raises CannotStart, and on PostgreSQL leaves it empty."""
    from django.db import connection

    if connection.vendor == "postgresql":
        name = connection.settings_dict["NAME"]
        whole = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
        run_on_postgres("pg_restore", *whole, f"--dbname={name}", str(path))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        return
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(path)) as copy:
        copy.backup(connection.connection)
    connection.close()  # so that it finds the tables


def run_on_postgres(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the portal's database; no password shows in the list of processes."""
    from django.db import connection

    found, env = find_program(program)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    for name, value in connection.get_connection_params().items():
        # libpq reads each of its options from a variable too, such as sslmode from PGSSLMODE.
        if isinstance(value, str | int):
            env[names.get(name, f"PG{name.upper()}")] = str(value)
    ran = subprocess.run([found, *arguments], env=env, capture_output=True, text=True)
    if ran.returncode:
        raise CannotStart(f"{program} failed: {' '.join(ran.stderr.split())[:500]}")


def find_program(name: str) -> tuple[str, dict[str, str]]:
    """One of PostgreSQL's programs, and the environment that it wants. Raises CannotStart."""
    folder = postgres_folder(name)
    if not folder:
        raise CannotStart(f"There is no {name} on this machine; on Debian: sudo apt install postgresql-client")
    return str(folder / name), environment_for(SERVICES if folder.is_relative_to(SERVICES) else None)
