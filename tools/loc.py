#!/usr/bin/python3
"""Lines of each part of the source, and how long its functions are: median, 90th percentile, maximum."""

import subprocess
from collections import defaultdict


def part_of(path):
    words = path.split("/")
    return "/".join(words[:2]) if words[0] in ("services", "proto", "tests") and len(words) > 2 else words[0]


def files(*patterns):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", *patterns], capture_output=True, text=True, check=True)
    return listed.stdout.split()


def function_lengths(paths):
    command = ["ctags", "-f", "-", "--languages=C", "--langmap=C:.c.h", "--kinds-C=f", "--fields=ne", *paths]
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        name, path, *rest = line.split("\t")
        numbers = dict(word.split(":", 1) for word in rest if word.startswith(("line:", "end:")))
        if "end" in numbers:
            yield path, name, int(numbers["end"]) - int(numbers["line"]) + 1


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def main():
    lines, lengths, longest = defaultdict(int), defaultdict(list), []
    for path in files("*.c", "*.h", "*.sql", "*.proto", "*.py"):
        with open(path, encoding="utf-8") as file:
            lines[part_of(path)] += sum(1 for _ in file)
    sources = [path for path in files("*.c", "*.h")]
    for path, name, length in function_lengths(sources):
        lengths[part_of(path)].append(length)
        longest.append((length, name, path))
    print(f"{'part':24}{'lines':>8}{'functions':>11}{'median':>8}{'p90':>6}{'max':>6}")
    for part in sorted(lines):
        found = lengths[part]
        figures = f"{percentile(found, 0.5):8}{percentile(found, 0.9):6}{max(found):6}" if found else ""
        print(f"{part:24}{lines[part]:8}{len(found):11}{figures}")
    for length, name, path in sorted(longest, reverse=True)[:5]:
        print(f"{length:4} lines  {name}  {path}")


if __name__ == "__main__":
    main()
