"""The commands of the local stack that no other test stands on."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy" / "local"))

from settings import free_ports  # noqa: E402

BIN = Path(os.environ.get("ITHACA_BIN", ROOT / "build" / "bin"))


ITHACA = ROOT / "deploy" / "local" / "ithaca"


def ithaca(*words, bin_folder=BIN, **more):
    environment = os.environ | {"ITHACA_BIN": str(bin_folder)} | more
    return subprocess.run([ITHACA, *words], env=environment, capture_output=True, text=True, timeout=100)


@pytest.fixture
def wrong_notify(tmp_path):
    """The programs, of which notify has a statement that does not fit."""
    for program in BIN.iterdir():
        (tmp_path / program.name).symlink_to(program)
    (tmp_path / "notify").unlink()
    (tmp_path / "notify").write_text(f'#!/bin/sh\n[ "$1" = check ] && exec {BIN}/identity check\nexec {BIN}/notify "$@"\n')
    (tmp_path / "notify").chmod(0o755)
    tmp_path.chmod(0o755)
    return tmp_path


def test_check_says_whose_statements_do_not_fit(wrong_notify):
    done = ithaca("check")
    assert done.returncode == 0 and "every statement of matching fits" in done.stdout, done.stdout + done.stderr
    done = ithaca("check", bin_folder=wrong_notify)
    assert done.returncode == 1 and "The statements of notify do not fit." in done.stdout, done.stdout + done.stderr


def test_a_command_runs_beside_a_database_and_a_bus_and_ends_as_it_ended():
    done = ithaca("with", "sh", "-c", 'psql -XqAtc "select 1" "$ITHACA_TEST_DATABASE_URL" && [ -d "$ITHACA_TEST_MAILS" ] && exit 7')
    assert (done.returncode, done.stdout) == (7, "1\n"), done.stderr


@pytest.fixture
def address():
    return f"127.0.0.1:{free_ports(1)[0]}"


def test_an_address_that_cannot_be_had_is_named(address, tmp_path):
    host, port = address.split(":")
    with socket.create_server((host, int(port))):
        done = ithaca("up", ITHACA_LISTEN=address, ITHACA_RUN=str(tmp_path / "run"))
    assert done.returncode == 1 and f"{address} is in use" in done.stderr and f"ITHACA_LISTEN={host}:" in done.stderr
    for wrong in ("9300", "no.such.host.example:9300"):
        done = ithaca("up", ITHACA_LISTEN=wrong, ITHACA_RUN=str(tmp_path / "run"))
        assert done.returncode == 1 and wrong in done.stderr and "Traceback" not in done.stderr, done.stderr


def test_a_folder_that_cannot_be_had_is_named(address, tmp_path):
    (tmp_path / "file").write_text("")
    for wrong in (tmp_path / "file", tmp_path / "file" / "below", "/proc/nowhere"):
        done = ithaca("up", ITHACA_LISTEN=address, ITHACA_RUN=str(wrong))
        assert done.returncode == 1 and "Choose another place" in done.stderr and "Traceback" not in done.stderr, done.stderr


@contextlib.contextmanager
def running(environment):
    """`ithaca up --bare`, once it has said where it answers."""
    with subprocess.Popen([ITHACA, "up", "--bare"], env=environment, stdout=subprocess.PIPE, text=True) as supervisor:
        lines = []
        for line in supervisor.stdout:
            lines.append(line)
            if "Ctrl-C stops everything" in line:
                break
        assert "Ithaca answers at" in "".join(lines), lines
        try:
            yield supervisor
        finally:
            supervisor.terminate()


def test_a_run_that_was_killed_is_followed_by_one_that_works_and_a_second_is_refused(address, tmp_path):
    tmp_path.chmod(0o755)
    environment = os.environ | {"ITHACA_BIN": str(BIN), "ITHACA_LISTEN": address, "ITHACA_RUN": str(tmp_path / "run")}
    with running(environment) as killed:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    began = time.monotonic()
    with running(environment) as supervisor:
        assert time.monotonic() - began < 30
        second = ithaca("up", ITHACA_LISTEN=address, ITHACA_RUN=str(tmp_path / "run"))
        assert second.returncode == 1 and "Ithaca runs already" in second.stderr
        assert "Stopped." in ithaca("stop", ITHACA_RUN=str(tmp_path / "run")).stdout
        assert supervisor.wait(60) == 0
    assert "Forgotten." in ithaca("reset", ITHACA_RUN=str(tmp_path / "run")).stdout and not (tmp_path / "run").exists()
