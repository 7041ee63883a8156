"""The Lambda Runtime API for one process at a time, with a clock."""

import http.server
import os
import pathlib
import queue
import re
import signal
import subprocess
import threading
import time


class Runtime:
    """Serves `/next` and `/response`; hands over when each was reached."""

    def __init__(self):
        self.asked: queue.Queue[float] = queue.Queue()
        self.answered: queue.Queue[tuple[float, bytes]] = queue.Queue()
        self.events: queue.Queue[bytes | None] = queue.Queue()
        runtime = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                runtime.asked.put(time.perf_counter())
                event = runtime.events.get()
                if event is None:
                    return
                head = {
                    "lambda-runtime-aws-request-id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
                    "lambda-runtime-deadline-ms": str(int(time.time() * 1000) + 60_000),
                    "lambda-runtime-invoked-function-arn": "arn:aws:lambda:us-east-1:000000000000:function:authorizer",
                    "lambda-runtime-trace-id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
                    "content-type": "application/json",
                }
                self.reply(200, event, head)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0)) if self.headers.get("transfer-encoding") != "chunked" else self.chunks()
                runtime.answered.put((time.perf_counter(), body if self.path.endswith("/response") else b"error: " + body))
                self.reply(202, b'{"status":"OK"}', {"content-type": "application/json"})

            def chunks(self) -> bytes:
                body = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def reply(self, status: int, body: bytes, head: dict[str, str]) -> None:
                lines = [f"HTTP/1.1 {status} OK", *(f"{name}: {value}" for name, value in head.items()), f"content-length: {len(body)}"]
                self.wfile.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

            def log_message(self, *_) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"127.0.0.1:{self.server.server_address[1]}"

    def cold_start(self, command: list[str], environment: dict[str, str], event: bytes, warm: int = 0) -> dict:
        """Starts a process, invokes it once (and `warm` times more), ends it. Milliseconds, CPU-milliseconds of the process
        with its kernel time, and the most memory it held in MB."""
        started = time.perf_counter()
        process = subprocess.Popen(command, env={**environment, "AWS_LAMBDA_RUNTIME_API": self.address}, stdout=subprocess.DEVNULL)
        try:
            ready = self.asked.get(timeout=30)
            begun = time.perf_counter()
            self.events.put(event)
            done, answer = self.answered.get(timeout=30)
            # The process has asked again, so nothing of the first invocation is still to be done.
            self.asked.get(timeout=30)
            later = []
            for _ in range(warm):
                again = time.perf_counter()
                self.events.put(event)
                later.append((self.answered.get(timeout=30)[0] - again) * 1e3)
                self.asked.get(timeout=30)
            # Not rusage: that also counts what the process was before it became this program.
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            peak = int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) / 1e3
        finally:
            process.send_signal(signal.SIGKILL)
            usage = os.wait4(process.pid, 0)[2]
            process.returncode = -9
            self.events.put(None)
        return {
            "init": (ready - started) * 1e3,
            "first": (done - begun) * 1e3,
            "cpu": (usage.ru_utime + usage.ru_stime) * 1e3,
            "peak": peak,
            "warm": later,
            "answer": answer,
        }
