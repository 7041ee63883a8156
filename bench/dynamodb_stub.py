"""A DynamoDB that answers every request with one item, over TLS on loopback. A process of its own, so that its work is
counted to nobody who is measured. Prints its port."""

import http.server
import json
import pathlib
import ssl
import sys

FOLDER = pathlib.Path(sys.argv[1])
ANSWER = (FOLDER / "answer.json").read_bytes()


class Stub(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if not self.headers["x-amz-target"].endswith(".GetItem") or not self.headers["authorization"].startswith("AWS4-HMAC-SHA256 "):
            raise ValueError(f"not a signed GetItem: {request}")
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {len(ANSWER)}\r\n\r\n"
        self.wfile.write(head.encode() + ANSWER)

    def log_message(self, *_) -> None:
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(FOLDER / "server.pem", FOLDER / "server.key")
# The handshake belongs to the thread of its connection, not to the one that accepts.
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_address[1], flush=True)
server.serve_forever()
