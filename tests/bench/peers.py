"""The peers: what a team would pick instead, on a Postgres and a nats-server of their own with default, durable settings."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from ithaca import GO
from measure import RUN_IN

HERE = pathlib.Path(__file__).parent
POSTGRES_BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
# Below those that the system gives to connections.
POSTGRES_PORT, NATS_PORT, HTTP_PORT = 15632, 14322, 18180
NATS = GO if os.environ.get("PEERS_NATS") == "ours" else {}

# What runs, and as what; "gateway" is what takes the requests.
STACKS = {
    "moleculer": [("service", "moleculer/service.js", {}), ("gateway", "moleculer/gateway.js", {})],
    "nest": [("service", "nest/app.js", {"ROLE": "service"}), ("gateway", "nest/app.js", {"ROLE": "gateway"})],
    "fastify": [("gateway", "fastify/server.js", {"ENROLL": "cte"})],
}


def wait_for_port(port, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing answers on port {port}")


class Ground:
    """Postgres and NATS for the peers, under one folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.postgres = self.folder / "pg"
        self.nats = None
        self.posted = 0

    def as_postgres(self, *argv):
        subprocess.run(["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", *map(str, argv)],
                       check=True, stdout=subprocess.DEVNULL, cwd="/")

    def install(self):
        """Copies the peers, fetches their packages from npm and makes keys and tokens."""
        shutil.copytree(HERE / "peers", self.folder, dirs_exist_ok=True)
        for peer in ("moleculer", "nest", "fastify"):
            if not (self.folder / peer / "node_modules").exists():
                subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=self.folder / peer, check=True)
        subprocess.run(["node", self.folder / "lib/keys.js"], check=True, stdout=subprocess.DEVNULL)

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.install()
        fresh = not self.postgres.exists()
        if fresh:
            self.postgres.mkdir()
            shutil.chown(self.postgres, "postgres", "postgres")
            self.as_postgres(POSTGRES_BIN / "initdb", "-D", self.postgres, "-A", "trust", "-U", "postgres")
            with open(self.postgres / "postgresql.conf", "a") as conf:
                conf.write(f"port = {POSTGRES_PORT}\nlisten_addresses = '127.0.0.1'\n")
        self.as_postgres(POSTGRES_BIN / "pg_ctl", "-D", self.postgres, "-l", self.postgres / "log", "-o", f"-k {self.postgres}", "-w", "start")
        if fresh:
            self.psql("postgres", "-c", "create database peer")
            self.psql("peer", "-f", HERE / "peers/sql/schema.sql", "-f", HERE / "peers/sql/after.sql")
        self.psql("peer", "-c", "truncate programs.enrollment, programs.outbox")
        self.psql("peer", "-c", RUN_IN)
        conf = self.folder / "nats.conf"
        conf.write_text(f'host: 127.0.0.1\nport: {NATS_PORT}\njetstream {{ store_dir: "{self.folder}/js", max_file: 8GB }}\n')
        self.nats = subprocess.Popen(["nats-server", "-c", str(conf)], env=dict(os.environ, **NATS),
                                     stderr=open(self.folder / "nats.log", "w"))
        wait_for_port(NATS_PORT)

    def psql(self, database, *argv):
        subprocess.run(["psql", "-q", "-h", "127.0.0.1", "-p", str(POSTGRES_PORT), "-U", "postgres", "-v", "ON_ERROR_STOP=1",
                        *map(str, argv), database], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def postmaster(self):
        return int((self.postgres / "postmaster.pid").read_text().split()[0])

    def stop(self):
        if self.nats:
            self.nats.terminate()
            self.nats.wait()
        if (self.postgres / "postmaster.pid").exists():
            self.as_postgres(POSTGRES_BIN / "pg_ctl", "-D", self.postgres, "-m", "fast", "stop")


class Peer:
    """One peer; all of them may run at once, on the ground's one database."""
    cursor_name, join_path = "after", "enrollments"
    join_body = '{"role":"mentee","note":"I would like to move from support into data work; evenings suit me best."}'

    def __init__(self, name, ground):
        self.name, self.ground = name, ground
        self.material = ground.folder / "run"
        self.port = HTTP_PORT + list(STACKS).index(name)
        self.processes = []

    @property
    def posted(self):
        return self.ground.posted

    @posted.setter
    def posted(self, posted):
        self.ground.posted = posted

    def sign_in(self):
        """Their tokens last."""

    def start(self):
        for role, script, more in STACKS[self.name]:
            env = dict(os.environ, NODE_ENV="production", AUTH_CACHE="1", NATS_URL=f"nats://127.0.0.1:{NATS_PORT}", PGHOST=str(self.ground.postgres),
                       PGPORT=str(POSTGRES_PORT), HTTP_PORT=str(self.port), PEER_ROOT=str(self.ground.folder), **more)
            folder, name = script.split("/")
            log = open(self.ground.folder / f"{self.name}-{role}.log", "w")
            process = subprocess.Popen(["node", name], cwd=self.ground.folder / folder, env=env, stdout=log, stderr=log)
            self.processes.append((role, process))
        wait_for_port(self.port)
        time.sleep(1)

    def roles(self):
        pids = {"gateway": [], "service": [], "postgres": [self.ground.postmaster()], "nats": [self.ground.nats.pid]}
        for role, process in self.processes:
            pids[role].append(process.pid)
        return pids

    def stop(self):
        for _, process in self.processes:
            process.send_signal(signal.SIGTERM)
        for _, process in self.processes:
            process.wait()
        self.processes = []
