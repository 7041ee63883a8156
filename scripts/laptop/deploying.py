"""Projects and deployments, as the demo and the tests make them."""

from .api import Api
from .say import Stop, say, wait_for


def project_for(api: Api, slug: str, repository: str, branch: str = "main", settings: dict | None = None) -> dict:
    """The project of this slug, made when there is none."""
    repository = repository.rstrip("/").removesuffix(".git")
    for project in projects(api):
        if project["slug"] == slug and project["repository"] != repository:
            raise Stop(f"the project {slug} is of {project['repository']}; forget it with --reset")
        if project["slug"] == slug:
            return project
    new = {"slug": slug, "repository": repository, "branch": branch, "settings": settings or {}}
    return api.post("/projects", new)


def projects(api: Api, deleted: bool = False):
    """All projects of the account, or those that can be restored, page by page."""
    after = ""
    while True:
        page = api.get(f"/projects?deleted={str(deleted).lower()}{after}")
        yield from page["projects"]
        if not page["next"]:
            return
        after = f"&after={page['next']}"


def deploy(api: Api, project: dict, show=None, **trigger) -> dict:
    """Deploys and waits until the deployment is over; stops when it is not ready."""
    place = f"/projects/{project['id']}"
    accepted = api.post(f"{place}/deployments", trigger)
    deployment = api.follow(project["id"], accepted["id"], show)
    if deployment["status"] != "ready":
        failure = deployment.get("failure", {})
        raise Stop(f"the deployment is {deployment['status']}: {failure.get('code')}: {failure.get('message')}")
    return deployment


def wait_for_edge(api: Api, project: dict, live: str) -> dict:
    """Waits until the edge knows that this deployment is live."""

    def synced():
        now = api.get(f"/projects/{project['id']}")
        return now if now["live"] == live and now["edge"]["synced"] else None

    return wait_for(f"the edge to know that {live} is live", synced, 30)


def show_line(line: dict) -> None:
    """One log line on a terminal."""
    mark = {"slipway": "▸", "stderr": "!", "stdout": " "}[line["stream"]]
    say(f"    {line['stage']:7} {mark} {line['text']}")
