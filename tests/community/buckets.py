"""A store that speaks like S3, on this machine: as much of it as we use."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Store:
    def __init__(self):
        self.files = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def _handler(its_store):
    return type("Handler", (_Handler,), {"store": its_store})


class _Handler(BaseHTTPRequestHandler):
    store: Store

    def log_message(self, *args):
        """Says nothing."""

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_PUT(self):
        if "Authorization" not in self.headers:
            return self.answer(403)
        size = int(self.headers["Content-Length"])
        self.store.files[urlsplit(self.path).path] = self.rfile.read(size)
        return self.answer(200, ETag='"1"')

    def do_GET(self):
        address = urlsplit(self.path)
        asked = parse_qs(address.query)
        if not ("Authorization" in self.headers or "X-Amz-Signature" in asked):
            return self.answer(403)
        if (body := self.store.files.get(address.path)) is None:
            return self.answer(404)
        kind = asked.get("response-content-type", ["binary/octet-stream"])[0]
        modified = "Mon, 23 Nov 2026 08:00:00 GMT"
        return self.answer(
            200, body, Content_Type=kind, ETag='"1"', Last_Modified=modified
        )

    do_HEAD = do_GET  # noqa: N815 - the name that the library calls

    def do_DELETE(self):
        self.store.files.pop(urlsplit(self.path).path, None)
        return self.answer(204)
