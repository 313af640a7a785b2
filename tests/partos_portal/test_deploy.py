"""What docs/operations.md promises about deploy/: its files are right, and no request is lost in an upgrade."""

import configparser
import contextlib
import datetime
import gzip
import http.client
import http.server
import json
import os
import re
import shlex
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.urls import reverse

from core import links
from partos_portal.retention import BACKUPS_KEPT, LOGS_KEPT
from script.lib import processes, reload
from script.lib.packages import find_tool
from script.lib.server import parts
from script.lib.suite import PRODUCTION
from script.lib.trial import ROOT
from tests.harness.portal import Portal
from tests.harness.waiting import eventually, free_port

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("portal*.*"))
SYSTEM_UNITS = [root / "lib/systemd/system" for root in (Path("/"), Path("/usr"), ROOT / ".cache/systemd")]
SYSTEM_UNITS.append(ROOT / ".cache/systemd/usr/lib/systemd/system")
TOKEN = "WzEyLCJub25jZSJd:geheim"
VARIABLE = re.compile(r"^(?:# )?([A-Z_]+)=", re.MULTILINE)


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path):
    program, env = find_tool("systemd-analyze", "systemd", install=False)
    units = [path for path in UNITS if path.is_file()]
    for path in units:
        (tmp_path / path.name).write_text(path.read_text().replace("/srv/portal/current", str(ROOT)))
    common = tmp_path / "portal-.service.d/common.conf"
    common.parent.mkdir()
    common.write_text((DEPLOY / "systemd/portal-.service.d/common.conf").read_text())
    env["SYSTEMD_UNIT_PATH"] = ":".join(map(str, [tmp_path, *SYSTEM_UNITS]))

    ran = subprocess.run(
        [program, "verify", "--man=no", *(tmp_path / path.name for path in units)],
        env=env,
        capture_output=True,
        text=True,
    )

    assert len(units) >= 9
    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")


def unit(name: str) -> configparser.ConfigParser:
    found = configparser.RawConfigParser(strict=False)
    found.optionxform = str
    found.read_string((DEPLOY / f"systemd/{name}").read_text().replace("\\\n", " "))
    return found


def as_the_trial_run_does(part: str) -> list[str]:
    """The command of script/server on Redis, from the name of its program on."""
    env = {"VAR_DIR": "var", "HOST": "localhost", "PORT": "8000", "REDIS_URL": "redis://localhost"}
    return next(known.command for known in parts(env) if known.name == part)[2:]


@pytest.mark.parametrize("part", ["worker", "beat"])
def test_units_and_containers_start_celery_as_the_trial_run_does(part):
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    in_unit = shlex.split(unit(f"portal-{part}.service")["Service"]["ExecStart"])
    assert in_unit[0] == "/srv/portal/current/.venv/bin/celery"
    assert in_unit[1:] == shlex.split(services[part]["command"])[1:] == as_the_trial_run_does(part)[1:]


def test_units_and_containers_start_gunicorn_as_the_trial_run_does_but_with_more_workers():
    containerfile = (DEPLOY / "Containerfile").read_text().replace("\\\n", "")
    commands = [
        shlex.split(unit("portal-web.service")["Service"]["ExecStart"]),
        json.loads(re.findall(r"^CMD (.*)", containerfile, re.MULTILINE)[-1]),
        as_the_trial_run_does("web"),
    ]
    alike = [[word for word in it[1:] if not word.startswith(("--bind=", "--workers="))] for it in commands]
    assert alike[0] == alike[1] == alike[2]


def test_the_example_environment_has_every_variable_of_the_readme():
    listed = re.findall(r"^\| `([A-Z_]+)`", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert sorted(VARIABLE.findall((DEPLOY / "portal.env.example").read_text())) == sorted(listed)


def in_production(environment: Path, *command: str) -> subprocess.CompletedProcess:
    """Run a command by deploy/run, with nothing of this process' environment."""
    user = {"PORTAL_USER": "root"} if os.geteuid() == 0 else {}
    env = {"PATH": os.environ["PATH"], "PORTAL_ENV": str(environment), **user}
    return subprocess.run([DEPLOY / "run", *command], env=env, capture_output=True, text=True)


def test_the_example_environment_is_right_but_for_its_key_and_reads_the_same_for_systemd_and_the_shell(tmp_path):
    """A value in double quotes without $, ` or backslash means the same to both, and to docker compose."""
    example = (DEPLOY / "portal.env.example").read_text()
    assert all(re.fullmatch(r'[A-Z_]+="[^$`\\"]*"', line) for line in example.splitlines() if line and line[0] != "#")
    filled = tmp_path / "portal.env"

    filled.write_text(example)
    ran = in_production(filled, sys.executable, "manage.py", "check", "--deploy")
    assert re.findall(r"^  ([A-Z_]+) is (?:missing|wrong)", ran.stderr, re.MULTILINE) == ["SECRET_KEY", "MFA_KEY"], (
        ran.stderr
    )

    filled.write_text(example.replace('_KEY=""', f'_KEY="{"0a1b2c3d4e5f" * 5}"'))
    ran = in_production(filled, sys.executable, "manage.py", "check", "--deploy", "--fail-level=WARNING")
    assert ran.returncode == 0, ran.stderr
    ran = in_production(filled, "sh", "-c", 'echo "$DEFAULT_FROM_EMAIL in $PWD"')
    assert ran.stdout == f"Netwerk en Leren <portaal@portal.example> in {ROOT}\n", ran.stderr


def test_a_backup_of_a_portal_that_says_nothing_of_a_trial_run_is_of_the_real_one(tmp_path):
    """README: TRIAL may be left out. Only script/backup and script/restore by themselves take that for a trial run."""
    filled = tmp_path / "portal.env"
    nowhere = f"postgres://portal@/portal?host={tmp_path}"
    filled.write_text("".join(f'{name}="{value}"\n' for name, value in PRODUCTION.items() if name != "TRIAL"))
    with filled.open("a") as file:
        file.write(f'VAR_DIR="{tmp_path}"\nDATABASE_URL="{nowhere}"\n')

    ran = in_production(filled, sys.executable, "-m", "script.lib.backup", str(tmp_path))

    assert "No such file or directory" in ran.stderr  # the socket of the database
    assert unit("portal-.service.d/common.conf")["Service"]["Environment"] == "TRIAL=false"
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    own = [service for service in compose["services"].values() if service["image"] == "portal"]
    assert {service["environment"].get("TRIAL") for service in own} == {"false"}


class Upstream(socketserver.ThreadingUnixStreamServer):
    """In the portal's place behind nginx: answers with the headers that it got."""

    class RequestHandlerClass(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    def __init__(self, path: Path):
        super().__init__(str(path), self.RequestHandlerClass)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


def make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "portal.example")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


class Nginx:
    """Debian's nginx with deploy/nginx/portal.conf, in a folder and on ports of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.plain, self.tls = free_port(), free_port()
        self.program, self.env = find_tool("nginx", "nginx", install=False)
        make_certificate(folder)
        site = (DEPLOY / "nginx/portal.conf").read_text()
        for theirs, ours in {
            r"listen \[::\]:.*": "",
            r"listen 80\b": f"listen 127.0.0.1:{self.plain}",
            r"listen 443\b": f"listen 127.0.0.1:{self.tls}",
            r"/etc/letsencrypt/live/portal.example|/var/log/portal|/run/portal|/srv/portal": str(folder),
        }.items():
            site, found = re.subn(theirs, ours, site)
            assert found
        (folder / "site.conf").write_text(site)
        temporary = [
            f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        ]
        user = "user root;" if os.geteuid() == 0 else ""
        self.conf = folder / "nginx.conf"
        self.conf.write_text(
            f"{user} daemon off; pid {folder}/pid; events {{}}"
            f" http {{ access_log off; {' '.join(temporary)} include {folder}/site.conf; }}"
        )

    def command(self, *arguments: str) -> list[str]:
        return [self.program, "-p", str(self.folder), "-e", "stderr", "-c", str(self.conf), *arguments]

    @contextlib.contextmanager
    def running(self):
        child = processes.start(self.command(), env=self.env, stderr=subprocess.DEVNULL)
        try:
            eventually(self.answers, within=10, what="an answer of nginx")
            yield self
        finally:
            processes.stop(child)

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return bool(self.get("/")[0])
        return False

    def get(self, path: str, host: str = "portal.example", **headers: str) -> tuple[int, str]:
        context = ssl._create_unverified_context()
        connection = http.client.HTTPConnection(host)
        with contextlib.closing(connection):
            plain = socket.create_connection(("127.0.0.1", self.tls), timeout=10)
            connection.sock = context.wrap_socket(plain, server_hostname=host)
            connection.request("GET", path, headers={"Host": host, **headers})
            response = connection.getresponse()
            self.headers = response.headers
            return response.status, response.read().decode()


@pytest.fixture
def nginx(tmp_path):
    return Nginx(tmp_path)


def test_nginx_finds_nothing_wrong_with_its_configuration(nginx):
    ran = subprocess.run(nginx.command("-t"), env=nginx.env, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "[warn]" not in ran.stderr


def test_nginx_passes_on_who_asks_and_believes_no_visitor(nginx, tmp_path):
    with Upstream(tmp_path / "web.sock"), nginx.running():
        forged = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "http", "X-Request-ID": "mine"}
        status, body = nginx.get("/", **forged, **{"X-Forwarded-Host": "evil.example"})
    got = json.loads(body)
    assert status == 200
    assert [got["host"], got["x-forwarded-for"], got["x-forwarded-proto"]] == ["portal.example", "127.0.0.1", "https"]
    assert re.fullmatch(r"[0-9a-f]{32}", got["x-request-id"])
    assert "x-forwarded-host" not in got


def test_nginx_has_no_answer_for_another_name(nginx, tmp_path):
    with Upstream(tmp_path / "web.sock"), nginx.running(), pytest.raises(ssl.SSLError):
        nginx.get("/", host="elsewhere.example")


def test_nginx_writes_down_no_token_and_no_query_even_when_the_portal_is_away(nginx, tmp_path):
    paths = [
        *(f"/uitnodiging/{TOKEN}/?naam=geheim", f"/en/uitnodiging/{TOKEN}/", "/bijeenkomsten/12/?q=geheim", "/"),
        *("/en/bijeenkomsten/", f"/{TOKEN}/", "/geheim@leden.example", "/Geheim/"),
    ]
    with nginx.running():  # and nobody at the socket behind it
        assert {nginx.get(path)[0] for path in paths} == {502}
        with Upstream(tmp_path / "web.sock"):
            assert {nginx.get(path)[0] for path in paths} == {200}
    log = (tmp_path / "nginx.log").read_text()
    assert "GET /bijeenkomsten 200" in log
    assert "GET /en/bijeenkomsten 502" in log
    assert (
        log.count("GET / ") == 8 + 1
    )  # with the words that are none of the portal's, and the first look whether it is up
    written = log + "".join(path.read_text() for path in tmp_path.glob("*error.log"))
    assert "geheim" not in written.lower()


@pytest.mark.parametrize("place", ["", "en/"])
def test_nginx_writes_no_line_at_all_of_pages_that_tell_who_was_there(nginx, tmp_path, place):
    """tests/architecture/test_quiet_pages.py has all of them."""
    quiet = [
        *(
            "integriteit/",
            "integriteit",
            "Integriteit/agenda/?q=geheim",
            "%69ntegriteit/",
            "kwaliteit/mijn-organisatie/",
        ),
        *(f"uitnodiging/{TOKEN}/", f"uitnodiging/{TOKEN}/agenda.ics", f"genodigd/{TOKEN}/", f"plaats/{TOKEN}/"),
        *(f"mail/stoppen/{TOKEN}/", f"mijn-agenda/{TOKEN}.ics", "leerlijnen/kleuren.css?v=1"),
    ]
    told = ["bijeenkomsten/7/toegang-en-eten/", "profiel/gegevens/", "mijn-agenda/", "plaatsen/"]
    with Upstream(tmp_path / "web.sock"), nginx.running():
        for word in quiet:
            assert nginx.get(f"/{place}{word}")[0] == 200
            assert nginx.get(f"//{place}{word}")[0] == 200
        for word in told:
            nginx.get(f"/{place}{word}")
    # A line comes after its answer; now that nginx is gone, all of them are there.
    paths = [line.split()[3] for line in (tmp_path / "nginx.log").read_text().splitlines()]
    assert paths[-len(told) :] == [f"/{place}{word.partition('/')[0]}" for word in told]
    assert set(paths[: -len(told)]) == {"/"}  # until it answered


def test_journald_deletes_whole_files_soon_enough():
    """A file goes by the age of its first line, so that a line lives for as long as both."""
    program, env = find_tool("systemd-analyze", "systemd", install=False)
    journal = configparser.RawConfigParser()
    journal.optionxform = str
    journal.read(DEPLOY / "journald/portal.conf")
    spans = [journal["Journal"][name] for name in ("MaxFileSec", "MaxRetentionSec")]
    told = subprocess.run([program, "timespan", *spans], env=env, capture_output=True, text=True, check=True).stdout
    days = [int(microseconds) / 86_400_000_000 for microseconds in re.findall(r"μs: (\d+)", told)]
    assert days[0] == 1
    assert sum(days) <= LOGS_KEPT / datetime.timedelta(days=1)
    assert journal["Journal"]["ForwardToSyslog"] == "no"


def test_logrotate_leaves_no_line_of_nginx_for_longer_than_promised(tmp_path):
    """Thirty days, of which ten without a visitor; a day passes by making the files a day older."""
    program, env = find_tool("logrotate", "logrotate", install=False)
    logs = tmp_path / "logs"
    logs.mkdir(mode=0o755)
    rule = (DEPLOY / "logrotate/portal").read_text()
    assert "access_log /var/log/portal/nginx.log " in (DEPLOY / "nginx/portal.conf").read_text()
    rule = rule.replace("/var/log/portal", str(logs)).replace("create 0640 www-data adm", "create 0640")
    conf, state = tmp_path / "portal", tmp_path / "state"
    conf.write_text(rule.replace("/run/nginx.pid", f"{tmp_path}/none"))
    conf.chmod(0o644)
    log = logs / "nginx.log"
    log.touch()
    for day in range(30):
        if day < 20:
            with log.open("a") as file:
                file.write(f"day {day:02}\n")
        for file in logs.iterdir():
            older = file.stat().st_mtime - 86_400
            os.utime(file, (older, older))
        state.write_text(f'logrotate state -- version 2\n"{log}" 2000-1-1-0:0:0\n')  # long ago, so that it is due
        subprocess.run([program, "-s", str(state), str(conf)], env=env, check=True)
        kept = b"".join(
            gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes() for file in logs.iterdir()
        ).decode()
        days = sorted(map(int, re.findall(r"day (\d+)", kept)))
        assert day >= 20 or len(days) >= min(day + 1, 10)
        # What was written when the day began is a day older than the day itself.
        assert day - min(days, default=day) + 1 <= LOGS_KEPT.days


def test_backups_are_gone_as_soon_as_promised_wherever_they_are_made():
    """Each night those of more than `keep` days go, so that one lives for a day longer at most."""
    commands = [unit("portal-backup.service")["Service"]["ExecStart"]]
    commands.append(yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["backup"]["command"])
    assert unit("portal-backup.timer")["Timer"]["OnCalendar"] == "*-*-* 02:15:00"
    kept = [int(re.search(r"--keep=(\d+)", command)[1]) for command in commands]
    assert [days + 1 for days in kept] == [BACKUPS_KEPT.days, BACKUPS_KEPT.days]


def test_containers_keep_no_log_for_longer_and_the_database_tells_no_values_in_hers():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert {name for name, service in compose.items() if service.get("logging") != {"driver": "journald"}} == set()
    lines = (DEPLOY / "postgresql/portal.conf").read_text().splitlines()
    wanted = dict(line.split(" = ") for line in lines if line and line[0] != "#")
    assert wanted == {"log_min_error_statement": "panic", "log_error_verbosity": "terse"}
    assert dict(re.findall(r"-c (\w+)=(\w+)", compose["database"]["command"])) == wanted


def test_the_manual_puts_each_file_where_it_is_read():
    manual = (ROOT / "docs/operations.md").read_text()
    for file, place in {
        "journald/portal.conf": "/etc/systemd/journald.conf.d/portal.conf",
        "logrotate/portal": "/etc/logrotate.d/portal",
        "postgresql/portal.conf": "/etc/postgresql/15/main/conf.d/portal.conf",
    }.items():
        assert (DEPLOY / file).exists()
        assert re.search(rf"^install .* /srv/portal/current/deploy/{file} {place}$", manual, re.MULTILINE)


def test_gunicorn_writes_no_line_of_a_request():
    settings: dict = {}
    exec((DEPLOY / "gunicorn.conf.py").read_text(), settings)
    assert settings["accesslog"] is None
    started = [unit("portal-web.service")["Service"]["ExecStart"], (DEPLOY / "Containerfile").read_text()]
    assert not any("access-log" in text for text in [*started, (DEPLOY / "portal.env.example").read_text()])


def test_nginx_serves_static_files_itself_and_for_long(nginx, tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static/portal.0123456789ab.css").write_text("body {}")
    with nginx.running():
        status, body = nginx.get("/static/portal.0123456789ab.css")
    assert (status, body) == (200, "body {}")
    assert "immutable" in nginx.headers["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_the_containers_health_check_looks_at_the_web_server_alone(live_server):
    """/healthz answers 503 here, because no beat ran; that is no fault of the web server."""
    port = live_server.url.rpartition(":")[2]
    for port_asked, status in [(port, 0), (str(free_port()), 1)]:
        env = {"PORT": port_asked, "PORTAL_URL": "http://localhost"}
        ran = subprocess.run([sys.executable, DEPLOY / "healthcheck.py"], env=env, capture_output=True, text=True)
        assert ran.returncode == status, ran.stderr


@pytest.mark.django_db
def test_sessions_and_mailed_links_outlive_a_new_secret_key_while_the_old_one_is_a_fallback(
    client, practitioner, settings
):
    client.force_login(practitioner)
    token = links.sign(purpose="invitation", row=12, nonce="nonce")
    old, settings.SECRET_KEY = settings.SECRET_KEY, "new-" * 16
    settings.SECRET_KEY_FALLBACKS = [old]

    assert links.read(token, purpose="invitation") == (12, "nonce")
    assert client.get(reverse("members:profile")).status_code == 200

    # And what was made with the new key is read by who has it as a fallback only, as in the first step of a rotation.
    token = links.sign(purpose="invitation", row=12, nonce="nonce")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = old, [settings.SECRET_KEY]
    assert links.read(token, purpose="invitation") == (12, "nonce")
    assert client.get(reverse("members:profile")).status_code == 200

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "third-" * 10, []
    with pytest.raises(links.BadLink):
        links.read(token, purpose="invitation")
    assert client.get(reverse("members:profile")).status_code == 302


def test_no_visitor_sees_an_error_while_the_web_server_reloads_and_restarts(tmp_path):
    with Portal(tmp_path) as portal:
        portal.python("from script.lib.prepare import collect_static, load; load(demo=True); collect_static()")
        env = portal.env | {"LOG_LEVEL": "WARNING"}
        result = reload.run(6, 20, reloads=1, env=env)
    assert result["first_errors"] == []
    assert [result["visitors"], result["errors"], result["reloads"], result["restarts"]] == [120, 0, 1, 1]
