"""A static repository becomes a site: what is served, and how."""

import gzip

import pytest
from laptop.api import fetch
from laptop.deploying import deploy, wait_for_edge
from laptop.paths import EXAMPLES


@pytest.fixture(scope="module")
def site(place):
    repository = place.repository_of(EXAMPLES / "plain")
    (repository.working_copy / "long.html").write_text("<p>a page worth compressing</p>" * 100)
    repository.commit("A long page")
    project = place.project(repository)
    deployment = deploy(place.api, project)
    project = wait_for_edge(place.api, project, deployment["id"])
    return place, project, deployment


def get(site, path, headers=None, method="GET"):
    place, project, _ = site
    return fetch(place.port, place.host(project), path, headers, method)


def test_every_file_is_served_with_the_bytes_of_the_repository(site):
    files = [file for file in (EXAMPLES / "plain").rglob("*") if file.is_file() and file.name != "404.html"]
    assert len(files) > 4
    for file in files:
        path = "/" + str(file.relative_to(EXAMPLES / "plain"))
        path = path.removesuffix("index.html").removesuffix(".html")
        status, _, body = get(site, path)
        assert (status, body) == (200, file.read_bytes()), path


def test_a_page_has_one_address_and_the_others_redirect_to_it(site):
    status, headers, _ = get(site, "/about.html?q=1")
    assert (status, headers["location"]) == (308, "/about?q=1")
    status, headers, _ = get(site, "/docs")
    assert (status, headers["location"]) == (308, "/docs/")


def test_what_is_not_there_is_the_nearest_404_page(site):
    root = (EXAMPLES / "plain" / "404.html").read_bytes()
    below = (EXAMPLES / "plain" / "docs" / "404.html").read_bytes()
    for path, page in [("/nothing", root), ("/docs/no/thing", below)]:
        status, headers, body = get(site, path)
        assert (status, body, headers["cache-control"]) == (404, page, "no-store")


def test_encodings_have_their_own_etags_and_answer_conditions(site):
    _, plain, text = get(site, "/long")
    _, brotli, _ = get(site, "/long", {"accept-encoding": "br, gzip"})
    _, gzipped, packed = get(site, "/long", {"accept-encoding": "gzip"})
    assert (plain.get("content-encoding"), brotli["content-encoding"], gzipped["content-encoding"]) == (None, "br", "gzip")
    assert gzip.decompress(packed) == text and len(packed) < len(text) / 5
    assert len({plain["etag"], brotli["etag"], gzipped["etag"]}) == 3
    assert all(headers["vary"].lower() == "accept-encoding" for headers in (plain, brotli, gzipped))
    for headers, accepted in [(plain, ""), (brotli, "br"), (gzipped, "gzip")]:
        condition = {"if-none-match": f'"x", {headers["etag"]}', "accept-encoding": accepted}
        status, answer, body = get(site, "/long", condition)
        assert (status, body, answer["etag"]) == (304, b"", headers["etag"])
    assert get(site, "/long", {"if-none-match": "*"})[0] == 304


def test_ranges_and_head(site):
    whole = (EXAMPLES / "plain" / "assets" / "style.css").read_bytes()
    status, headers, body = get(site, "/assets/style.css", {"range": "bytes=5-14"})
    assert (status, body, headers["content-range"]) == (206, whole[5:15], f"bytes 5-14/{len(whole)}")
    status, headers, _ = get(site, "/assets/style.css", {"range": "bytes=999999-"})
    assert (status, headers["content-range"]) == (416, f"bytes */{len(whole)}")
    status, headers, body = get(site, "/assets/style.css", method="HEAD")
    assert (status, body, headers["content-length"]) == (200, b"", str(len(whole)))


def test_a_deployments_own_address_is_not_for_search_engines(site):
    place, project, deployment = site
    status, headers, body = fetch(place.port, place.host(project, deployment["id"]), "/")
    assert (status, headers["x-robots-tag"]) == (200, "noindex")
    assert body == (EXAMPLES / "plain" / "index.html").read_bytes()


def test_other_hosts_paths_and_methods_show_nothing(site):
    place, project, deployment = site
    assert fetch(place.port, f"nobody.localhost:{place.port}", "/")[0] == 404
    assert fetch(place.port, f"01arz3ndektsv4rrffq69g5fav--{project['slug']}.localhost:{place.port}", "/")[0] == 404
    for path in ["/../../x", "/%2e%2e/x", "/.git/config", "//evil.example/"]:
        status, headers, _ = get(site, path)
        assert status in (400, 404) and "location" not in headers, path
    assert get(site, "/", method="POST")[0] in (403, 405)
