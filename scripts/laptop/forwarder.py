"""Makes a port of this machine's loopback reachable from containers, and from nowhere else."""

import contextlib
import socket
import socketserver
import threading

from .say import Stop


class Forwarder:
    """Listens on another address of this machine and passes every connection on."""

    def __init__(self, address: str, port: int):
        target = ("127.0.0.1", port)

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                with socket.create_connection(target, timeout=10) as onward:
                    onward.settimeout(None)
                    back = threading.Thread(target=pass_on, args=(onward, self.request), daemon=True)
                    back.start()
                    pass_on(self.request, onward)
                    back.join()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        try:
            self.server = Server((address, 0), Handler)
        except OSError as error:
            reason = f"cannot listen on {address}, this machine's address for containers ({error})"
            raise Stop(f"{reason}; use a Docker Engine that runs on this machine itself") from None
        self.url = f"http://{address}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def pass_on(source: socket.socket, target: socket.socket) -> None:
    """Copies until one side ends, and tells the other."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
