"""Histories of a project: what people and builders do, each in their order, and what ECS says of it, in none."""

import random
from typing import NamedTuple

ROUNDS = 14
# How a task ends, as ECS puts it: members of the event's detail, and of its container.
EXITS = {
    "spot": ({"stopCode": "SpotInterruption", "stoppedReason": "Your Spot Task was interrupted."}, {"exitCode": 143}),
    "terminated": ({"stopCode": "TerminationNotice", "stoppedReason": "The host is going away."}, {}),
    "never-ran": ({"stopCode": "TaskFailedToStart", "stoppedReason": "Timeout waiting for network interface."}, {}),
    "exit-0": ({"stopCode": "EssentialContainerExited"}, {"exitCode": 0}),
    "exit-1": ({"stopCode": "EssentialContainerExited"}, {"exitCode": 1}),
    "killed": ({"stopCode": "EssentialContainerExited"}, {"exitCode": 137}),
    "memory": ({"stopCode": "EssentialContainerExited"}, {"exitCode": 1, "reason": "OutOfMemoryError: Container killed"}),
    "image": ({"stopCode": "TaskFailedToStart", "stoppedReason": "CannotPullContainerError: not found"}, {}),
}
LOST = ("spot", "terminated", "never-ran")
FAILURES = ("clone-failed", "build-failed", "output-missing")


class Step(NamedTuple):
    """One thing that is done, or that ECS says."""

    what: str
    # The deployment's place in the project's order of triggers: 1, 2 …
    deployment: int
    attempt: int = 0
    version: int = 0
    # The token that a builder shows.
    token: str = ""
    # The environment of a trigger, the code of a failure, the exit of a task, the state of one on its way.
    says: str = ""


class Author:
    """Writes a project's history round by round, knowing what has become of it so far. What is in a round happens at once,
    but for the steps of one lane, which happen in their order."""

    def __init__(self, dice: random.Random):
        self.dice = dice
        self.most = dice.choice([1, 2, 2, 3, 3, 4])
        # What goes live is told to the edge, one project at a time, and so takes its time: few do.
        self.environments = ["production", "preview"] if dice.random() < 0.3 else ["preview"]
        # Of each deployment what ECS will say, in the order of arrival; of each builder what it has yet to do.
        self.deliveries: dict[int, list[Step]] = {}
        self.builders: dict[tuple[int, int], list[Step]] = {}

    def round(self, seen: dict) -> list[list[Step]]:
        lanes = [self.person(seen), self.builder(seen)]
        for _ in range(self.dice.choice([0, 1, 1, 2, 2])):
            lanes.append(self.said(seen))
        return [lane for lane in lanes if lane]

    def person(self, seen: dict) -> list[Step]:
        triggered = len(self.deliveries)
        if not triggered or (triggered < self.most and self.dice.random() < 0.3):
            self.deliveries[triggered + 1] = self.arrivals(triggered + 1)
            return [Step("trigger", triggered + 1, says=self.dice.choice(self.environments))]
        if self.dice.random() < 0.06:
            open_ones = [number for number, now in seen.items() if not now.is_over()]
            return [Step("cancel", self.dice.choice(open_ones or list(seen)))]
        return []

    def builder(self, seen: dict) -> list[Step]:
        """The next of what one builder does; sometimes of one whose time is over, because nobody has told it."""
        current = [(number, now.attempt) for number, now in seen.items() if now.ticket]
        for builder in current:
            self.builders.setdefault(builder, self.work(*builder))
        busy = [builder for builder, work in self.builders.items() if work]
        chosen = [builder for builder in busy if builder in current]
        if not chosen or self.dice.random() < 0.1:
            chosen = busy
        if not chosen or self.dice.random() < 0.25:
            return []
        work = self.builders[self.dice.choice(chosen)]
        return [work.pop(0) for _ in range(min(len(work), self.dice.randint(1, 3)))]

    def work(self, number: int, attempt: int) -> list[Step]:
        own, other = f"{attempt} own", f"{attempt} other"
        register, thief = Step("register", number, attempt, token=own), Step("register", number, attempt, token=other)
        upload, commit = Step("upload", number, attempt, token=own), Step("commit", number, attempt, token=own)
        failure = Step("failure", number, attempt, token=own, says=self.dice.choice(FAILURES))
        steps = [register] + self.rarely(register) + self.rarely(thief)
        if self.dice.random() < 0.7:
            steps += [upload, *self.rarely(upload), commit, *self.rarely(commit), *self.rarely(failure)]
        else:
            steps += [*self.rarely(upload), failure, *self.rarely(failure)]
        # Some die on the way.
        return steps if self.dice.random() < 0.75 else steps[: self.dice.randrange(len(steps))]

    def rarely(self, step: Step) -> list[Step]:
        return [step] if self.dice.random() < 0.15 else []

    def said(self, seen: dict) -> list[Step]:
        """The next that ECS says of a deployment: mostly of the one that builds, sometimes of one that is over or waits."""
        speaking = [number for number in seen if self.deliveries[number]]
        if not speaking:
            return []
        weights = [8 if seen[number].ticket else 2 if seen[number].is_over() else 1 for number in speaking]
        return [self.deliveries[self.dice.choices(speaking, weights)[0]].pop(0)]

    def arrivals(self, number: int) -> list[Step]:
        """The events of both attempts' tasks: some repeated, some dropped, some early, some late."""
        placed = []
        for attempt in (1, 2):
            lost = self.dice.random() < (0.65 if attempt == 1 else 0.5)
            exit_ = self.dice.choice([name for name in EXITS if (name in LOST) == lost])
            told = [
                Step("passing", number, attempt, 1, says="PROVISIONING"),
                Step("passing", number, attempt, 2, says="PENDING"),
                Step("running", number, attempt, 3),
                Step("running", number, attempt, 4),
                Step("passing", number, attempt, 5, says="DEPROVISIONING"),
                # Not every one is news: versions decide, not what is said.
                Step("stopped", number, attempt, self.dice.choice([6, 6, 6, 4]), says=exit_),
            ]
            for event in told:
                times = self.dice.choice([0, 1, 1, 2] if event.what != "passing" else [0, 0, 1])
                # A builder that exits by itself has first done its work, mostly.
                late = 4 if event.what == "stopped" and exit_ not in LOST else 0
                placed += [(8 * attempt + event.version + late + self.dice.uniform(-4, 4), event) for _ in range(times)]
        if self.dice.random() < 0.1:
            placed.append((self.dice.uniform(8, 24), Step("running", number, 3, 3)))
        return [event for _, event in sorted(placed)]
