"""Stands between the builder and the API, and counts."""

import http.client
import http.server
import pathlib
import shlex
import threading

from .paths import BINARIES


class CountingProxy:
    """Passes requests on to a port of this machine; keeps (method, last part of the path, bytes of the body)."""

    def __init__(self):
        self.target = 0
        self.requests: list[tuple[str, str, int]] = []
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                proxy.requests.append((self.command, self.path.split("?")[0].rsplit("/", 1)[-1], len(body)))
                onward = http.client.HTTPConnection("127.0.0.1", proxy.target, timeout=60)
                kept = {name: value for name, value in self.headers.items() if name.lower() not in ("connection", "content-length")}
                onward.request(self.command, self.path, body or None, kept)
                answer = onward.getresponse()
                content = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("connection", "content-length", "transfer-encoding", "date", "server"):
                        self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                onward.close()

            do_GET = do_POST

            def log_message(self, *_) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]

    def image(self, folder: pathlib.Path) -> list[str]:
        """Arguments for the platform: the same builder, told this address of the API."""
        wrapper = folder / "counted-builder"
        wrapper.write_text(f"#!/bin/sh\nSLIPWAY_API_URL=http://127.0.0.1:{self.port} exec {shlex.quote(str(BINARIES / 'builder'))}\n")
        wrapper.chmod(0o755)
        return ["--image", f"slipway/builder={wrapper}"]

    def taken(self) -> list[tuple[str, str, int]]:
        """What was counted since the last time."""
        taken, self.requests = self.requests, []
        return taken
