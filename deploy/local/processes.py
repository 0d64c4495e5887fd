"""Processes that are started, watched, found again after a crash of the supervisor, and stopped."""

import ctypes
import os
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def started_at(pid):
    """When the kernel says that a process began (clock ticks since boot), or None: with the pid it is unique."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def wait_gone(pid, seconds, start=None):
    """True when the process has ended in time."""
    start = start or started_at(pid)
    end = time.monotonic() + seconds
    while started_at(pid) == start and start is not None:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class PidFile:
    """Names a process beyond doubt: pid and start time."""

    def __init__(self, path):
        self.path = path

    def write(self, pid):
        self.path.write_text(f"{pid} {started_at(pid)}\n")

    def pid(self):
        """The process that the file names, if it still runs."""
        try:
            pid, start = self.path.read_text().split()
        except (OSError, ValueError):
            return None
        return int(pid) if started_at(int(pid)) == start else None

    def remove(self):
        self.path.unlink(missing_ok=True)

    def stop(self, how, seconds):
        """Ends what the file names: asked first, then killed. True when something ran."""
        pid = self.pid()
        if pid:
            os.kill(pid, how)
            if not wait_gone(pid, seconds):
                os.kill(pid, signal.SIGKILL)
                wait_gone(pid, 5)
        self.remove()
        return pid is not None


class Process:
    """One program under the supervisor; started again, with growing pauses, when it dies."""

    SLOWEST = 10.0

    def __init__(self, name, command, environment, logs, pids, user=None, stop_signal=signal.SIGTERM):
        self.name, self.command, self.environment, self.user = name, command, environment, user
        self.log = logs / f"{name}.log"
        self.pid_file = PidFile(pids / f"{name}.pid")
        self.stop_signal = stop_signal
        self.child = None
        self.wanted = False
        self.exits = []  # the codes of all its ends that were not asked for
        self.pause = 0.1
        self.retry_at = 0.0
        self.began = 0.0

    def start(self):
        self.wanted = True
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, user=self.user, group=self.user, extra_groups=[] if self.user else None,
                cwd="/", preexec_fn=self._die_with_parent)
        self.pid_file.write(self.child.pid)
        self.began = time.monotonic()

    def _die_with_parent(self):
        _libc.prctl(PR_SET_PDEATHSIG, self.stop_signal)

    @property
    def pid(self):
        return self.child.pid if self.runs() else None

    def runs(self):
        return self.child is not None and self.child.poll() is None

    def watch(self):
        """Notices a death, and starts again when the pause is over. True when it has just died."""
        if not self.wanted or self.runs():
            return False
        now = time.monotonic()
        if self.child:
            self.exits.append(self.child.returncode)
            self.pause = 0.1 if now - self.began > 30 else min(self.pause * 2, self.SLOWEST)
            self.retry_at = now + self.pause
            self.child = None
            return True
        if now >= self.retry_at:
            self.start()
        return False

    def send(self, how):
        """A signal to the process; for drills."""
        if self.runs():
            self.child.send_signal(how)

    def ask_to_stop(self):
        self.wanted = False
        self.send(self.stop_signal)

    def wait_stopped(self, seconds=30):
        """Its exit code; killed (and None) when it takes too long."""
        if self.child is None:
            return 0
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            return None
        finally:
            self.pid_file.remove()

    def stop(self, seconds=30):
        self.ask_to_stop()
        return self.wait_stopped(seconds)

    def last_words(self, lines=15):
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""
