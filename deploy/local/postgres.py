"""A private Postgres cluster: made once, one database, for each service a schema, an owner and a login."""

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from processes import Process, wait_gone
from settings import Trouble, write_private

VERSIONS = Path("/usr/lib/postgresql")
CONFIGURATION = """
listen_addresses = '127.0.0.1'
max_connections = 300
shared_buffers = 128MB
fsync = on
synchronous_commit = on
jit = off
password_encryption = scram-sha-256
log_line_prefix = '%m %u %a '
log_min_duration_statement = 1000
unix_socket_permissions = 0777
"""
# Who: as whom, from where, how.
ACCESS = """
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""
SERVICE = """
do $$ begin
  if to_regrole('{s}_owner') is null then create role {s}_owner; end if;
  if to_regrole('{s}_svc') is null then create role {s}_svc; end if;
end $$;
alter role {s}_owner login password '{owner}' noinherit;
alter role {s}_svc login password '{svc}' noinherit;
alter role {s}_owner set search_path = {s};
alter role {s}_svc set search_path = {s};
alter role {s}_svc set statement_timeout = '5s';
alter role {s}_svc set lock_timeout = '2s';
alter role {s}_svc set idle_in_transaction_session_timeout = '10s';
grant connect on database ithaca to {s}_owner, {s}_svc;
grant temporary on database ithaca to {s}_owner;
create schema if not exists {s} authorization {s}_owner;
revoke all on schema {s} from public;
"""
CLOSED = """
revoke all on database ithaca from public;
revoke all on schema public from public;
"""


def programs():
    """The folder of the newest installed server."""
    found = sorted(VERSIONS.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise Trouble("Postgres is not installed. `make run` installs it; or: apt-get install postgresql-15")
    return found[-1].parent


class Postgres:
    def __init__(self, options, secrets, port):
        self.options, self.secrets, self.port = options, secrets, port
        self.user = "postgres" if os.geteuid() == 0 else None
        self.bin = programs()
        self.home = self._home()
        self.cluster = self.home / "data"
        self.socket_dir = self.home

    def _home(self):
        """Under the data folder; where the user postgres cannot get there (a clone in /root), under /var/lib."""
        mark = hashlib.sha256(str(self.options.data).encode()).hexdigest()[:12]
        aside = Path("/var/lib/postgresql") / f"ithaca-{mark}"
        home = self.options.data / "pg"
        too_long = len(str(home)) > 80  # a socket's path holds 107 bytes
        if self.user and (too_long or aside.exists() or not self._reachable(self.options.data)):
            return aside
        if too_long:
            raise Trouble(f"The path {home} is too long for Postgres's socket; use a shorter ITHACA_RUN.")
        return home

    def _reachable(self, path):
        return subprocess.run(["test", "-x", path], user=self.user, group=self.user, extra_groups=[]).returncode == 0

    def url(self, user="postgres", password=None, database="ithaca"):
        password = password or self.secrets.get("postgres.superuser", 16)
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def service_url(self, service, role):
        """Over the socket, which costs both ends less than TCP does."""
        password = self.secrets.get(f"postgres.{service}_{role}", 16)
        return f"postgresql://{service}_{role}:{password}@/ithaca?host={quote(str(self.socket_dir), safe='')}&port={self.port}"

    def make(self):
        """The cluster, unless it stands already."""
        if (self.cluster / "PG_VERSION").exists():
            return
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(mode=0o755)
        if self.user:
            owner = pwd.getpwnam(self.user)
            os.chown(self.home, owner.pw_uid, owner.pw_gid)
        password_file = self.home / "password"
        write_private(password_file, self.secrets.get("postgres.superuser", 16))
        if self.user:
            os.chown(password_file, owner.pw_uid, owner.pw_gid)
        fresh = self.home / "making"
        self._run([self.bin / "initdb", "-D", fresh, "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8",
                   "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-instructions"])
        password_file.unlink()
        with open(fresh / "postgresql.conf", "a") as file:
            file.write(CONFIGURATION)
        (fresh / "pg_hba.conf").write_text(ACCESS)
        fresh.rename(self.cluster)

    def _run(self, command):
        done = subprocess.run([str(word) for word in command], user=self.user, group=self.user, cwd="/",
                              extra_groups=[] if self.user else None, capture_output=True, text=True)
        if done.returncode:
            raise Trouble(f"{command[0]} failed:\n{done.stdout}{done.stderr}")

    def end_earlier_run(self):
        """A server that outlived its supervisor is stopped; what a crash left behind is tidied by Postgres itself."""
        pid_file = self.cluster / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split()[0])
            is_ours = Path(f"/proc/{pid}/cwd").resolve() == self.cluster.resolve()
        except (OSError, ValueError, IndexError):
            return
        if is_ours:
            os.kill(pid, signal.SIGINT)
            if not wait_gone(pid, 20):
                raise Trouble(f"A Postgres of an earlier run (process {pid}) does not end. Stop it: kill -QUIT {pid}")

    def process(self):
        command = [self.bin / "postgres", "-D", self.cluster, "-p", self.port, "-k", self.socket_dir]
        return Process("postgres", [str(word) for word in command], {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                       self.options.logs, self.options.data / "pid", self.user, stop_signal=signal.SIGINT)

    def wait_ready(self, process, seconds=20):
        end = time.monotonic() + seconds
        while True:
            ready = subprocess.run([self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0
            if ready:
                return
            if not process.runs() or time.monotonic() > end:
                raise Trouble(f"Postgres does not start:\n{process.last_words()}")
            time.sleep(0.05)

    def sql(self, text, database="ithaca"):
        """Runs statements as the superuser; rows come back as text."""
        environment = {"PATH": "/usr/bin:/bin", "PGOPTIONS": "--client-min-messages=warning", "PGHOST": "127.0.0.1",
                       "PGPORT": str(self.port), "PGUSER": "postgres", "PGPASSWORD": self.secrets.get("postgres.superuser", 16)}
        done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", database], input=text, text=True,
                              capture_output=True, env=environment)
        if done.returncode:
            raise Trouble(f"psql: {done.stderr}")
        return done.stdout

    def make_database(self, services):
        if not self.sql("select 1 from pg_database where datname = 'ithaca'", "postgres"):
            self.sql("create database ithaca", "postgres")
            self.sql(CLOSED)
        self.sql("".join(SERVICE.format(s=service, owner=self.secrets.get(f"postgres.{service}_owner", 16),
                                        svc=self.secrets.get(f"postgres.{service}_svc", 16)) for service in services))

    def forget(self):
        shutil.rmtree(self.home, ignore_errors=True)
