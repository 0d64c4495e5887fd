"""The whole platform as processes of this machine: made, started in order, kept running, stopped in order."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import settings
from contract import Contract
from nats import Nats
from postgres import Postgres
from processes import PidFile, Process
from settings import Secrets, Trouble

HERE = Path(__file__).resolve().parent
START_SECONDS = 30


class Stack:
    """up() and stop(); between them the processes are in `processes` by name, and watched by a thread."""

    def __init__(self, options):
        self.options = options
        self.processes = {}
        self.failures = []  # (name, what) of ends that were not clean
        self._lock = threading.RLock()
        self._ending = threading.Event()
        self._watcher = None

    # -- start

    def up(self):
        self._check_gateway_port()
        self._make_folders()
        self._take_lock()
        try:
            self._end_earlier_run()
            self._plan()
            self._start_dependencies()
            self._migrate()
            self._start_services()
        except BaseException:
            self.stop()
            raise
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def up_dependencies(self):
        """Just Postgres, NATS and the mailbox."""
        self._make_folders()
        self._take_lock()
        try:
            self._end_earlier_run()
            self._plan()
            self._start_dependencies()
        except BaseException:
            self.stop()
            raise

    def _check_gateway_port(self):
        host, port = settings.listen_address(self.options.listen)
        if port and not settings.is_free(port, host):
            if running(self.options):
                raise Trouble(f"Ithaca runs already (data in {self.options.data}). `make stop` ends it.")
            raise Trouble(f"{self.options.listen} is in use by another program. Choose another address: "
                          f"ITHACA_LISTEN={host}:{settings.next_free_port(port + 1)} make run")

    def _make_folders(self):
        try:
            for folder in (self.options.data, self.options.logs, self.options.data / "pid", self.options.data / "mail"):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Trouble(f"{error.filename} cannot be made ({error.strerror}). Choose another place: ITHACA_RUN=/path make run") from None

    def _take_lock(self):
        self.lock_file = open(self.options.data / "lock", "w")
        try:
            fcntl.flock(self.lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(f"Ithaca runs already (data in {self.options.data}). `make stop` ends it.") from None

    def _end_earlier_run(self):
        """What outlived an earlier supervisor is stopped, and its log says so no more."""
        for path in sorted((self.options.data / "pid").glob("*.pid")):
            if path.stem == "postgres":
                path.unlink()  # Postgres knows itself better: see end_earlier_run there
            elif PidFile(path).stop(signal.SIGTERM, 25):
                print(f"Stopped {path.stem} of an earlier run.")
        self.secrets = Secrets(self.options.data)
        Postgres(self.options, self.secrets, 0).end_earlier_run()
        PidFile(self.options.data / "supervisor.pid").write(os.getpid())

    def _plan(self):
        """Every process with its ports, address and secrets."""
        self.contract = None
        names = []
        if self.options.services != ("none",):
            self.contract = Contract(self.options.contract)
            names = list(self.options.services or self.contract.services)
        ports = settings.free_ports(5 + len(names))
        chosen = [self.options.postgres_port, self.options.nats_port, self.options.smtp_port, self.options.mail_page_port]
        postgres_port, nats_port, smtp_port, page_port = (own or free for own, free in zip(chosen, ports))
        self.service_names = names
        self.postgres = Postgres(self.options, self.secrets, postgres_port)
        self.nats = Nats(self.options, self.secrets, nats_port, self.contract)
        self.smtp_url = f"smtp://127.0.0.1:{smtp_port}"
        self.mail_page = f"http://127.0.0.1:{page_port}"
        self.mail_folder = self.options.data / "mail"
        host, port = settings.listen_address(self.options.listen)
        self.listen = f"{host}:{port or ports[4]}"
        self.url = f"http://{self.listen}"
        self.metrics = {name: f"127.0.0.1:{port}" for name, port in zip(names + ["gateway"], ports[5:] + settings.free_ports(1))}
        mailbox = [sys.executable, str(HERE / "mailcatcher.py"), "--folder", str(self.mail_folder), "--smtp", str(smtp_port),
                   "--page", str(page_port)]
        self.processes = {"postgres": self.postgres.process(), "nats": self.nats.process(), "mailbox": self._process("mailbox", mailbox)}
        for name in names + (["gateway"] if names else []):
            self.processes[name] = self._process(name, [str(self.options.bin / name)], self.environment(name))
        settings.write_private(self.options.data / "state.json", json.dumps({
            "url": self.url, "mail_page": self.mail_page, "metrics": self.metrics, "postgres_port": postgres_port,
            "nats_port": nats_port, "smtp_url": self.smtp_url}, indent=1))

    def _process(self, name, command, environment=None):
        return Process(name, command, environment or {"PATH": "/usr/bin:/bin"}, self.options.logs, self.options.data / "pid")

    def environment(self, name):
        """What the process of that name is told: its own addresses and keys, and nobody else's."""
        known = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "ITHACA_NATS_URL": self.nats.url(name),
                 "ITHACA_METRICS_LISTEN": self.metrics[name],
                 "ITHACA_RPC_KEYS": ",".join(f"{target}={self.secrets.rpc_key(target, name)}"
                                             for target in self.contract.targets_of(name))}
        if name == "gateway":
            # Everybody here comes from one address, and nobody stands in front who must learn of a stop.
            known |= {"ITHACA_LISTEN": self.listen, "ITHACA_SITE": self.site_id(), "ITHACA_LIMIT_AUTH": "2000/60",
                      "ITHACA_STOP_DELAY": "0s", "ITHACA_DOCS": str(settings.ROOT / "build" / "docs")}
        else:
            known |= {"ITHACA_DATABASE_URL": self.postgres.service_url(name, "svc"),
                      "ITHACA_RPC_ROOT": self.secrets.rpc_root(name),
                      "ITHACA_MASTER_KEY": self.secrets.get(f"master.{name}")}
        if name == "identity":
            known |= {"ITHACA_SITE": self.site_id(), "ITHACA_ATTEMPTS_PER_ADDRESS": "10000"}
        if name == "programs":
            known |= {"ITHACA_SAFETY_PUBLIC_KEY": self.secrets.safety_public_key(), "ITHACA_OBJECTS": str(self.options.data / "objects"),
                      "ITHACA_PUBLIC_URL": self.url}
        if name == "notify":
            known |= {"ITHACA_SMTP_URL": self.smtp_url, "ITHACA_PUBLIC_URL": self.url,
                      "ITHACA_MAIL_FROM": "Ithaca <no-reply@ithaca.example>"}
        passed = {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")}
        return known | passed | self.options.environment.get("*", {}) | self.options.environment.get(name, {})

    def site_id(self):
        return "site-" + self.secrets.get("site", 8)

    def _start_dependencies(self):
        self.postgres.make()
        self.nats.make()
        for name in ("postgres", "nats", "mailbox"):
            self.processes[name].start()
        self.postgres.wait_ready(self.processes["postgres"])
        self.nats.wait_ready(self.processes["nats"])
        self.postgres.make_database(self.service_names)

    def _migrate(self):
        missing = [name for name in self.service_names + ["gateway"] if not (self.options.bin / name).exists()]
        if missing:
            raise Trouble(f"Not built: {', '.join(missing)} (in {self.options.bin}). Run make first.")
        with ThreadPoolExecutor(4) as several:
            list(several.map(self._migrate_one, self.service_names))

    def _migrate_one(self, name):
        environment = self.environment(name) | {"ITHACA_OWNER_DATABASE_URL": self.postgres.service_url(name, "owner")}
        with open(self.options.logs / f"{name}.log", "a") as log:
            code = subprocess.run([str(self.options.bin / name), "migrate"], env=environment, stdout=log, stderr=log, cwd="/").returncode
        if code:
            raise Trouble(f"{name} cannot bring its schema up to date:\n{self.processes[name].last_words()}")

    def check(self):
        """On fresh schemas: which services say that a statement of theirs does not fit. They say which, and why."""
        self._migrate()
        return [name for name in self.service_names
                if subprocess.run([str(self.options.bin / name), "check"], env=self.environment(name), cwd="/").returncode]

    def _start_services(self):
        started = [self.processes[name] for name in self.service_names + ["gateway"]]
        for process in started:
            process.start()
        end = time.monotonic() + START_SECONDS
        for process in started:
            self.wait_ready(process.name, end - time.monotonic())

    def is_ready(self, name):
        try:
            with urllib.request.urlopen(f"http://{self.metrics[name]}/readyz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def wait_ready(self, name, seconds=START_SECONDS):
        """Until the process answers that it can work."""
        end = time.monotonic() + seconds
        process = self.processes[name]
        while not self.is_ready(name):
            if not process.runs() and not self._watcher:
                raise Trouble(f"{name} ended while starting:\n{process.last_words()}")
            if time.monotonic() > end:
                raise Trouble(f"{name} is not ready after {START_SECONDS} s:\n{process.last_words()}")
            time.sleep(0.02)

    # -- while it runs

    def _watch(self):
        while not self._ending.wait(0.1):
            with self._lock:
                for process in self.processes.values():
                    if process.watch():
                        self._tell_death(process)

    def _tell_death(self, process):
        code = process.exits[-1]
        what = signal.Signals(-code).name if code < 0 else f"exit {code}"
        print(f"{process.name} ended ({what}) and starts again; see {process.log}", file=sys.stderr)

    def stop_process(self, name, seconds=30):
        """Stops one process and leaves it stopped; its exit code."""
        with self._lock:
            return self.processes[name].stop(seconds)

    def start_process(self, name):
        with self._lock:
            self.processes[name].start()

    def kill(self, name, how=signal.SIGKILL):
        """A signal to one process, which the supervisor then starts again if it dies."""
        self.processes[name].send(how)

    # -- stop

    def stop(self):
        """The gateway first, then the services, then what they stand on. Notes whoever did not end well."""
        self._ending.set()
        if self._watcher:
            self._watcher.join()
        dependencies = ("postgres", "nats", "mailbox")
        self._stop_together([name for name in self.processes if name == "gateway"])
        self._stop_together([name for name in self.processes if name not in dependencies])
        self._stop_together([name for name in dependencies if name in self.processes])
        PidFile(self.options.data / "supervisor.pid").remove()

    def _stop_together(self, names):
        stopping = [self.processes[name] for name in names if self.processes[name].child and self.processes[name].wanted]
        for process in stopping:
            process.ask_to_stop()
        for process in stopping:
            code = process.wait_stopped()
            if code != 0 and process.name != "nats":
                self.failures.append((process.name, "did not end in time" if code is None else f"ended with {code}"))


def running(options):
    """The supervisor's pid when a stack runs with this data."""
    return PidFile(options.data / "supervisor.pid").pid()


def stop_running(options):
    """Ends a stack from elsewhere. True when one ran."""
    return PidFile(options.data / "supervisor.pid").stop(signal.SIGTERM, 60)


def reset(options):
    """Forgets everything a stack has kept."""
    stop_running(options)
    if (options.data / "secrets.json").exists():
        postgres = Postgres(options, Secrets(options.data), 0)
        postgres.end_earlier_run()
        postgres.forget()
        shutil.rmtree(options.data)
