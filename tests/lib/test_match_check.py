"""The stand-alone checker of match certificates, fed with files written from its README alone."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECK = Path(os.environ.get("ITHACA_BIN", ROOT / "build" / "bin")) / "match-check"
MASK = (1 << 64) - 1

# Two mentees, two mentors: Anna (700, 650) and Ben (690, none). The best total is Anna with 1 and Ben with 0: 1340.
SCORES = [{0: 700, 1: 650}, {0: 690}]
CHOSEN = [1, 0]
SURPLUS = [650, 640]
PRICE = [50, 0]


def fnv(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


def mix(mentee, mentor, score):
    z = (mentee << 32) + (mentor << 12) + score
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def certificate(scores=SCORES, chosen=CHOSEN, surplus=SURPLUS, price=PRICE, objective="total"):
    total = sum(scores[i][j] for i, j in enumerate(chosen) if j is not None)
    matched = sum(j is not None for j in chosen)
    used = len({j for j in chosen if j is not None})
    lines = [
        "ithaca-match-certificate 1",
        f"objective {objective}",
        f"snapshot {'a' * 64}",
        f"seed {'b' * 64}",
        f"people {len(scores)} {len(price)}",
        "bonus 0 0 0",
        "scores 0 0 all",
        f"claim {matched} {used} {total} {total}",
        *(f"mentor {j:032x} 1 {value}" for j, value in enumerate(price)),
    ]
    for i, row in enumerate(scores):
        pairs = "".join(f" {j}:{score}" for j, score in row.items())
        partner = "-" if chosen[i] is None else chosen[i]
        lines.append(f"mentee {i:032x} {surplus[i]} {partner} free - {len(row)}{pairs}")
    text = "".join(f"{line} #{fnv(line):016x}\n" for line in lines)
    for j in range(len(price)):
        column = sum(mix(i, j, row[j]) for i, row in enumerate(scores) if j in row) & MASK
        text += f"column {column:016x}\n"
    return f"{text}end {hashlib.sha256(text.encode()).hexdigest()}\n"


@pytest.fixture
def check(tmp_path):
    def run(text):
        path = tmp_path / "certificate.txt"
        path.write_bytes(text.encode())
        done = subprocess.run([CHECK, path], capture_output=True, text=True)
        return done.returncode, done.stdout

    return run


def test_a_good_certificate_holds(check):
    code, told = check(certificate())
    assert code == 0
    assert "no other choice of pairs has a greater total" in told
    assert "total 1340" in told
    assert "all that are allowed" in told


def test_a_certificate_with_a_changed_score_names_the_pair(check):
    code, told = check(certificate().replace("1:650", "1:651"))
    assert code == 1
    assert "mentee 0, mentor 1" in told


def test_a_choice_that_is_not_the_best_is_refused_at_the_better_pair(check):
    code, told = check(certificate(chosen=[0, None], surplus=[700, 0], price=[0, 0]))
    assert code == 1
    assert "a better pair is not ruled out" in told
    assert "mentee 1, mentor 0" in told


def test_figures_that_do_not_add_up_are_refused(check):
    assert check(certificate(surplus=[651, 640]))[0] == 1
    assert check(certificate(price=[51, 0]))[0] == 1
    assert check(certificate(objective="most-then-total"))[0] == 1


def test_a_stable_certificate_names_who_would_rather_have_each_other(check):
    assert check(certificate(chosen=[0, None], surplus=[0, 0], price=[0, 0], objective="stable"))[0] == 0
    code, told = check(certificate(surplus=[0, 0], price=[0, 0], objective="stable"))
    assert code == 1
    assert "mentee 0, mentor 0" in told


@pytest.mark.parametrize("cut", [0, 1, 20, 200, 400, -1])
def test_a_file_cut_short_is_refused(check, cut):
    assert check(certificate()[:cut])[0] == 1


def test_a_file_with_something_added_is_refused(check):
    assert check(certificate() + "\n")[0] == 1


def test_a_file_that_is_not_there_cannot_be_read(tmp_path):
    assert subprocess.run([CHECK, tmp_path / "none"], capture_output=True).returncode == 2
    assert subprocess.run([CHECK], capture_output=True).returncode == 2
