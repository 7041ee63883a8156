"""What a person sees while something takes its time."""

import contextlib
import sys
import threading
import time


class Stop(Exception):
    """Something a person has to know and do; printed without a traceback."""


def say(text: str = "") -> None:
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(what: str):
    """Shows a step with its elapsed time: ticking on a terminal, one line when it is over elsewhere."""
    started = time.monotonic()
    over = threading.Event()

    def tick() -> None:
        while not over.wait(1):
            print(f"\r  … {what} ({time.monotonic() - started:.0f} s)", end="", file=sys.stderr, flush=True)

    ticking = sys.stderr.isatty()
    thread = threading.Thread(target=tick, daemon=True)
    if ticking:
        thread.start()
    failed = True
    try:
        yield
        failed = False
    finally:
        over.set()
        if ticking:
            thread.join()
            print("\r\033[K", end="", file=sys.stderr)
        say(f"  {'✗' if failed else '✓'} {what} ({time.monotonic() - started:.1f} s)")


def wait_for(what: str, check, seconds: float, every: float = 0.1):
    """Asks until the answer is true, or stops with what was waited for."""
    until = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > until:
            raise Stop(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(every)
