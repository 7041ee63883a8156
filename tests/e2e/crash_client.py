"""A client that works on while the platform dies, and knows afterwards what has to be there."""

import collections
import http.client
import random
import secrets
import time

from crash_watch import deployments, ended
from laptop.api import Api, Refused, fetch
from laptop.deploying import deploy, projects, wait_for_edge

# Between two writes, so that the client leaves the machine to the build that is to be met.
PAUSE = 0.03
MOST_TOKENS = 12
# What is written, and how often.
WRITES = {"point": 8, "make_token": 5, "revoke": 4, "make_project": 1, "trigger": 2}


class Client:
    """Makes writes of all kinds. Its ledger holds each write once it was acknowledged. The one that was under way when the
    platform died may hold or not, but whole; after the restart it is repeated and holds."""

    def __init__(self, place, dice: random.Random):
        self.place = place
        self.api: Api = place.api
        self.dice = dice
        self.repository = place.repository({"index.html": "0"})
        self.url = place.git.url(self.repository.bare.name)
        self.pointed = place.project(self.repository)
        self.versions = [self.deployed(text) for text in ("one", "two", "three")]
        self.side = place.api.post("/projects", {"slug": "side", "repository": self.url})
        self.pointer = pointer_of(self.api.get(f"/projects/{self.pointed['id']}"))
        self.tokens: dict[str, dict] = {}
        self.revoked: list[dict] = []
        self.projects: dict[str, dict] = {}
        self.triggered: dict[str, str] = {}
        self.acknowledged = collections.Counter()
        self.begun: tuple | None = None
        self.commit = ""

    def deployed(self, text: str) -> dict:
        (self.repository.working_copy / "index.html").write_text(text)
        self.repository.commit(text)
        return {**deploy(self.api, self.pointed), "text": text}

    def prepare(self) -> None:
        """A commit for the one deployment that is triggered until the next crash."""
        self.commit = self.repository.commit(f"side {len(self.triggered)}")
        self.begun = None

    def work(self) -> None:
        """Writes until the platform is gone."""
        while True:
            write = self.dice.choices(list(WRITES), list(WRITES.values()))[0]
            try:
                getattr(self, write)()
            except TimeoutError:
                raise
            except ConnectionRefusedError:
                # It never left.
                self.begun = None
                return
            except (OSError, http.client.HTTPException):
                return
            if self.begun:
                self.acknowledged[self.begun[0]] += 1
            self.begun = None
            time.sleep(self.dice.uniform(0, PAUSE))

    def point(self) -> None:
        where, target = f"/projects/{self.pointed['id']}", self.dice.choice(self.versions)
        live, previous, pinned = self.pointer
        method, path, body, becomes = self.dice.choice([
            ("POST", f"/deployments/{target['id']}/promote", {}, self.shown(target["id"])),
            ("POST", "/rollback", {"deployment": target["id"]}, self.shown(target["id"])),
            ("POST", "/rollback", {}, self.pointer if pinned else self.shown(previous)),
            ("DELETE", "/pin", None, (live, previous, False)),
        ])
        self.begun = ("point", becomes)
        self.pointer = pointer_of(self.api.call(method, where + path, body))
        assert self.pointer == becomes

    def shown(self, target: str) -> tuple:
        """The pointer once a person has chosen this deployment: going back pins."""
        ordinals = {version["id"]: version["ordinal"] for version in self.versions}
        live = self.pointer[0]
        return self.pointer if target == live else (target, live, ordinals[target] < ordinals[live])

    def make_token(self) -> None:
        if len(self.tokens) == MOST_TOKENS:
            return
        name = secrets.token_hex(8)
        self.begun = ("make_token", name)
        made = self.api.post("/me/tokens", {"name": name})
        self.tokens[made["id"]] = made

    def revoke(self) -> None:
        if not self.tokens:
            return
        token = self.dice.choice(list(self.tokens.values()))
        self.begun = ("revoke", token)
        self.api.call("DELETE", f"/me/tokens/{token['id']}")
        self.revoked.append(self.tokens.pop(token["id"]))

    def make_project(self) -> None:
        slug = f"p{secrets.token_hex(6)}"
        self.begun = ("make_project", slug)
        self.projects[slug] = self.api.post("/projects", {"slug": slug, "repository": self.url})

    def trigger(self) -> None:
        if self.commit in self.triggered:
            return
        self.begun = ("trigger", self.commit)
        self.triggered[self.commit] = self.api.post(f"/projects/{self.side['id']}/deployments")["id"]

    def check(self) -> None:
        """All that was acknowledged holds, and what was under way holds or does not."""
        kind, what = self.begun or (None, None)
        pointer = pointer_of(self.api.get(f"/projects/{self.pointed['id']}"))
        assert pointer in ([self.pointer, what] if kind == "point" else [self.pointer])
        self.pointer = pointer
        listed = {token["id"]: token["name"] for token in self.api.get("/me/tokens")["tokens"] if token["kind"] == "token"}
        if kind == "revoke" and what["id"] not in listed:
            self.revoked.append(self.tokens.pop(what["id"]))
        if kind == "make_token":
            unknown = [token for token, name in listed.items() if name == what]
            assert len(unknown) <= 1
            # Its text was never told: it can be seen and ended, as a person would.
            for token in unknown:
                self.api.call("DELETE", f"/me/tokens/{token}")
                del listed[token]
        assert listed == {token: made["name"] for token, made in self.tokens.items()}
        assert [name for name, answer in self.signed_in(self.tokens.values()) if answer != 200] == []
        assert [name for name, answer in self.signed_in(self.revoked[-MOST_TOKENS:]) if answer != 403] == []
        if kind == "make_project":
            self.repeat_project(what)
        for slug, project in list(self.projects.items())[-5:]:
            assert self.api.get(f"/projects/{project['id']}")["slug"] == slug
        if kind == "trigger":
            self.triggered[what] = self.api.post(f"/projects/{self.side['id']}/deployments", {"commit": what})["id"]
        self.check_triggers()

    def signed_in(self, tokens) -> list[tuple[str, int]]:
        return [(token["name"], status(Api(self.api.port, token["token"]))) for token in tokens]

    def repeat_project(self, slug: str) -> None:
        """Either nothing of it is there, or all of it."""
        there = [project for project in projects(self.api) if project["slug"] == slug]
        try:
            self.projects[slug] = self.api.post("/projects", {"slug": slug, "repository": self.url})
            assert there == []
        except Refused as refused:
            assert (refused.status, len(there)) == (409, 1), refused
            self.projects[slug] = there[0]

    def check_triggers(self) -> None:
        """Each commit has its one deployment."""
        found = [(deployment["commit"], deployment["id"]) for deployment in deployments(self.api, self.side)]
        assert sorted(found) == sorted(self.triggered.items())

    def check_ends(self) -> None:
        """The deployments are ready, and visitors get what the pointer says."""
        last = self.triggered.get(self.commit)
        if last:
            assert ended(self.place, self.side, last)["status"] == "ready"
        live = self.pointer[0]
        wait_for_edge(self.api, self.pointed, live)
        texts = {version["id"]: version["text"] for version in self.versions}
        assert fetch(self.place.port, self.place.host(self.pointed), "/")[2] == texts[live].encode()

    def check_all(self) -> None:
        """Of the whole ledger what was not looked at after each crash."""
        assert [name for name, answer in self.signed_in(self.revoked) if answer != 403] == []
        known = {project["slug"]: project["id"] for project in projects(self.api)}
        assert {slug: known.get(slug) for slug in self.projects} == {slug: project["id"] for slug, project in self.projects.items()}
        assert {deployment["status"] for deployment in deployments(self.api, self.side)} <= {"ready"}


def pointer_of(project: dict) -> tuple:
    return project["live"], project["previous"], project["pinned"]


def status(api: Api) -> int:
    try:
        api.get("/me")
        return 200
    except Refused as refused:
        return refused.status
