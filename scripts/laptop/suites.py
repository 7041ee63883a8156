"""Suites of scripts/check: each is a command, its outcome, and how many tests it says it ran."""

import dataclasses
import os
import pathlib
import re
import subprocess
import time

from .paths import ROOT, STATE
from .say import say

# How each runner closes: cargo test, pytest, node --test.
COUNTS = [
    re.compile(r"test result: \w+\. (?P<passed>\d+) passed; (?P<failed>\d+) failed; (?P<skipped>\d+) ignored"),
    re.compile(r"^=* ?(?:(?P<failed>\d+) failed,? ?)?(?:(?P<passed>\d+) passed,? ?)?(?:(?P<skipped>\d+) skipped)?.* in [\d.]+s", re.M),
    re.compile(r"^[#ℹ] pass (?P<passed>\d+)$[\s\S]*?^[#ℹ] fail (?P<failed>\d+)$[\s\S]*?^[#ℹ] skipped (?P<skipped>\d+)$", re.M),
]


@dataclasses.dataclass
class Outcome:
    """What became of a suite."""

    name: str
    passed: int
    failed: int
    skipped: int
    seconds: float
    why: str = ""


def run(name: str, command: list[str], folder: pathlib.Path = ROOT) -> Outcome:
    """Runs a suite with its output in .slipway/logs/check-<name>.log; shows the end of it when it fails."""
    logs = STATE / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"check-{name.replace(' ', '-')}.log"
    say(f"▸ {name}: {' '.join(command)}")
    started = time.monotonic()
    with open(log, "wb") as out:
        code = subprocess.run(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL).returncode
    seconds = time.monotonic() - started
    text = log.read_text(errors="replace")
    outcome = counted(name, text, seconds)
    if code != 0 and outcome.failed == 0:
        # The command failed beside its tests, or is itself the one test.
        outcome.failed = 1
        outcome.passed -= outcome.passed == 1 and not any(pattern.search(text) for pattern in COUNTS)
    if code != 0:
        outcome.why = f"exit {code}, see {log.relative_to(ROOT)}"
        say("\n".join(text.splitlines()[-60:]))
    say(f"  {outcome.passed} passed, {outcome.failed} failed, {outcome.skipped} skipped ({seconds:.0f} s)")
    return outcome


def counted(name: str, text: str, seconds: float) -> Outcome:
    """Adds up what the runners say; a command without a runner is one test."""
    found = [match for pattern in COUNTS for match in pattern.finditer(text) if any(match.groupdict().values())]
    if not found:
        return Outcome(name, 1, 0, 0, seconds)
    total = {key: sum(int(match.group(key) or 0) for match in found) for key in ("passed", "failed", "skipped")}
    return Outcome(name, seconds=seconds, **total)


def close(outcomes: list[Outcome]) -> int:
    """Prints the closing table and says whether all is well. In CI a skipped test counts as a failed one."""
    strict = os.environ.get("CI") == "true"
    print(f"\n{'suite':24} {'passed':>7} {'failed':>7} {'skipped':>8} {'seconds':>8}")
    for outcome in outcomes:
        print(f"{outcome.name:24} {outcome.passed:7} {outcome.failed:7} {outcome.skipped:8} {outcome.seconds:8.0f}  {outcome.why}")
    failed = sum(outcome.failed for outcome in outcomes)
    skipped = sum(outcome.skipped for outcome in outcomes)
    passed = sum(outcome.passed for outcome in outcomes)
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or (strict and skipped) else 0
