"""Checks that the repository names no host and no path that ties it to one place.

Every URL must lead to a host on the list below; no file may name an absolute path of somebody's machine.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOSTS = {
    "aclanthology.org",
    "arxiv.org",
    "creativecommons.org",
    "doi.org",
    "example.com",
    "example.org",
    "ftfy.readthedocs.io",
    "github.com",
    "huggingface.co",
    "json-schema.org",
    "keepachangelog.com",
    "localhost",
    "microsoft.github.io",
    "schemas.openxmlformats.org",
    "schema.org",
    "semver.org",
    "snowballstem.org",
    "www.apache.org",
    "www.example.com",
    "www.w3.org",
    "例子.中国",
}
UNCHECKED = re.compile(r"(^|/)data/|^LICENSE$")
"""Data and licences stay as their authors wrote them."""
URL = re.compile(r"\b(?:https?|ftp|file)://([^\s/'\"<>()\[\]{}`:,;]*)")
PATH = re.compile(r"(?<![\w.~/-])/(?:work|tmp|home|root|opt|srv|mnt|Users|var/folders)/[\w.-]+")


def main() -> int:
    """Prints every place that names a host or a path that it must not; 1 if there is any."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is found as make finds it
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = sorted(name for name in listed.stdout.split("\0") if name and not UNCHECKED.search(name))
    problems = [problem for name in names if (ROOT / name).is_file() for problem in problems_in(name)]
    print("\n".join(problems) or f"{len(names)} files name no foreign host or path")
    return 1 if problems else 0


def problems_in(name: str) -> list[str]:
    """The forbidden words of one file, each with its line."""
    try:
        text = (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:  # A picture.
        return []
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        problems += [f"{name}:{number}: host {host or '(none)'}" for host in URL.findall(line) if host not in HOSTS]
        problems += [f"{name}:{number}: path {path}" for path in PATH.findall(line)]
    return problems


if __name__ == "__main__":
    sys.exit(main())
