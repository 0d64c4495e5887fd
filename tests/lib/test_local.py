"""The commands of the local stack that no other test stands on."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("ITHACA_BIN", ROOT / "build" / "bin"))


def ithaca(*words, bin_folder=BIN):
    environment = os.environ | {"ITHACA_BIN": str(bin_folder)}
    return subprocess.run([ROOT / "deploy" / "local" / "ithaca", *words], env=environment, capture_output=True, text=True, timeout=100)


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
