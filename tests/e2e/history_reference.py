"""What a history comes to, told from the whole of it rather than step by step.

A deployment's life is cut into stretches: it waits, then comes its first attempt, then perhaps a second. In each stretch the
first thing that ends it decides. Only what is newer than all that was said before of the same attempt's task counts.
"""

from collections.abc import Iterator
from typing import NamedTuple

from histories import LOST, Step

CODES = {"exit-0": "builder-exited", "exit-1": "builder-exited", "killed": "out-of-memory", "memory": "out-of-memory", "image": "image-unavailable"}


class Seen(NamedTuple):
    """What can be seen of a deployment."""

    state: str
    superseded: bool = False
    failure: str | None = None
    attempt: int = 0
    # The newest that was heard of the current attempt's task.
    version: int = 0
    token: str | None = None
    ticket: bool = False

    def is_over(self) -> bool:
        return self.state in ("ready", "failed", "canceled")


class Call(NamedTuple):
    """A step that was taken, and the answer it had."""

    step: Step
    answer: str
    # A builder's token was looked at already; its deployment was not over then.
    entered: bool = False


def seen(story: list[Step]) -> dict[int, Seen]:
    """What has become of each deployment of a project."""
    births = {step.deployment: at for at, step in enumerate(story) if step.what == "trigger"}
    kinds = {step.deployment: step.says for step in story if step.what == "trigger"}
    found: dict[int, Seen] = {}
    # From where in the story on the project's turn is free; None when it is taken to its end.
    free: int | None = -1
    while free is not None:
        waiting = [number for number in births if number not in found and waits_at(story, births, kinds, number, free)]
        later = [number for number in births if births[number] > free]
        if waiting:
            # Production before previews; of each there is one.
            number, began = min(waiting, key=lambda number: kinds[number] == "preview"), free
        elif later:
            number, began = later[0], births[later[0]]
        else:
            break
        found[number], free = turn(story, number, began)
    for number in births:
        if number not in found:
            left = leaves(story, births, kinds, number)
            found[number] = Seen("canceled", superseded=left[1] == "superseded") if left else Seen("queued")
    return found


def waits_at(story: list[Step], births: dict, kinds: dict, number: int, place: int) -> bool:
    """Whether a deployment that has not begun waits at a place of the story."""
    left = leaves(story, births, kinds, number)
    return births[number] < place and (left is None or left[0] > place)


def leaves(story: list[Step], births: dict, kinds: dict, number: int) -> tuple[int, str] | None:
    """Where and how a deployment that does not begin stops to wait: canceled, or superseded by the next of its environment."""
    next_one = next((births[other] for other in births if births[other] > births[number] and kinds[other] == kinds[number]), None)
    ways = [(next_one, "superseded"), (first_cancel(story, number, births[number]), "canceled")]
    return min([(at, way) for at, way in ways if at is not None], default=None)


def first_cancel(story: list[Step], number: int, born: int) -> int | None:
    return next((at for at, step in enumerate(story) if at > born and step.what == "cancel" and step.deployment == number), None)


def turn(story: list[Step], number: int, began: int) -> tuple[Seen, int | None]:
    """What has become of a deployment whose turn came at a place, and where its turn was over."""
    first = Stretch(story, number, 1, began)
    if first.lost is None or (first.end is not None and first.end < first.lost):
        return first.seen(), first.end
    second = Stretch(story, number, 2, first.lost)
    return second.seen(), second.end


class Stretch:
    """One attempt: all that concerns the deployment from the attempt's beginning on."""

    def __init__(self, story: list[Step], number: int, attempt: int, began: int):
        self.attempt = attempt
        self.own = [(at, step) for at, step in enumerate(story) if at > began and step.deployment == number]
        said = [(at, step) for at, step in self.own if step.what in ("running", "stopped") and step.attempt == attempt]
        self.news = [(at, step) for at, step in said if all(step.version > other.version for place, other in said if place < at)]
        stops = [(at, step) for at, step in self.news if step.what == "stopped"]
        self.lost = next((at for at, step in stops if step.says in LOST and attempt == 1), None)
        ends = [at for at, step in self.own if step.what in ("commit", "failure", "cancel")]
        ends += [at for at, step in stops if at != self.lost]
        self.end = min(ends, default=None)

    def seen(self) -> Seen:
        within = [(at, step) for at, step in self.own if self.end is None or at <= self.end]
        token = next((step.token for _, step in within if step.what == "register" and step.attempt == self.attempt), None)
        version = max((step.version for at, step in self.news if self.end is None or at <= self.end), default=0)
        common = {"attempt": self.attempt, "version": version, "token": token}
        if self.end is None:
            return Seen("building" if version else "queued", ticket=True, **common)
        last = within[-1][1]
        match last.what:
            case "commit":
                return Seen("ready", **common)
            case "cancel":
                return Seen("canceled", **common)
            case "failure":
                return Seen("failed", failure=last.says, **common)
            case _:
                return Seen("failed", failure=CODES.get(last.says, "task-lost"), **common)


def orders(story: list[Step], lanes: list[list[Call]]) -> Iterator[list[Step]]:
    """Every story that these calls can have made: each lane in its order, the lanes in any, the answers as they were."""
    if not any(lanes):
        yield story
    for at, lane in enumerate(lanes):
        if lane:
            for longer, rest in after(story, lane):
                yield from orders(longer, [*lanes[:at], rest, *lanes[at + 1 :]])


def after(story: list[Step], lane: list[Call]) -> Iterator[tuple[list[Step], list[Call]]]:
    """The story with the lane's next call in it, if that can have had its answer here, and what is left of the lane."""
    call, rest = lane[0], lane[1:]
    step = call.step
    longer = [*story, step]
    if step.what in ("running", "stopped", "passing"):
        yield longer, rest
        return
    now = seen(story).get(step.deployment)
    match step.what:
        case "trigger":
            expected, story = "starts" if seen(longer)[step.deployment].attempt else "waits", longer
        case "cancel":
            expected, story = ("409", story) if now.is_over() else ("ok", longer)
        case "register":
            then = seen(longer)[step.deployment]
            expected, story = "401" if then.token != step.token else "409" if then.is_over() else "ok", longer
        case "manifest" | "urls":
            expected = "401" if now.token != step.token else "409" if now.is_over() else "ok"
        case "commit" if not call.entered:
            expected = "401" if now.token != step.token else "ok" if now.state == "ready" else "409" if now.is_over() else "enters"
        case "commit":
            given_up = not now.is_over() and now.attempt != step.attempt
            expected = "409" if given_up or (now.is_over() and now.state != "ready") else "ok"
            story = story if now.is_over() or given_up else longer
        case "failure":
            expected = "ok" if call.entered else "401" if now.token != step.token else "enters"
            story = longer if call.entered and not now.is_over() and now.attempt == step.attempt else story
    if expected == "enters":
        yield story, [call._replace(entered=True), *rest]
    elif expected == call.answer:
        yield story, rest
