"""Stand-ins of the chat services on a loopback address, each as strict as its own."""

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECRET = "SEC-of-the-group"


class Chat:
    """`manners`: "well"; "busy" asks to wait; "gone" does not know the robot; "mute"
    takes the message and hangs up."""

    def __init__(self, kind, manners="well"):
        self.kind, self.manners, self.got = kind, manners, []

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.host = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,)).start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()

    @property
    def address(self):
        return f"{self.host}/hook?access_token=a"

    def answer(self, path, told):
        """Status, headers and body."""
        if self.manners == "busy":
            return BUSY[self.kind]
        if self.manners == "gone":
            return GONE[self.kind]
        problem = CHECKS[self.kind](parse_qs(urlsplit(path).query), told)
        if problem:
            return 400, {}, {"errcode": 310000, "code": 19021, "errmsg": problem}
        self.got.append(told)
        return WELL[self.kind]

    def titles(self):
        return [json.dumps(told, ensure_ascii=False) for told in self.got]


def _sign(key, text):
    made = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(made).decode()


def _wecom(query, told):
    return "" if told["msgtype"] == "text" and told["text"]["content"] else "text"


def _dingtalk(query, told):
    (at,), (sign,) = query["timestamp"], query["sign"]
    is_fresh = abs(time.time() * 1000 - int(at)) < 3_600_000
    if not is_fresh or sign != _sign(SECRET, f"{at}\n{SECRET}"):
        return "sign not match"
    link = told["link"]
    return "" if link["title"] and link["text"] and link["messageUrl"] else "link"


def _feishu(query, told):
    at = told["timestamp"]
    is_fresh = abs(time.time() - int(at)) < 3600
    if not is_fresh or told["sign"] != _sign(f"{at}\n{SECRET}", ""):
        return "sign match fail"
    ((line,),) = told["content"]["post"]["zh_cn"]["content"]
    return "" if line["tag"] == "a" and line["href"] else "post"


def _slack(query, told):
    return "<!" if "<!" in told["text"] else ""


def _discord(query, told):
    return "" if told["allowed_mentions"] == {"parse": []} else "calls everybody"


CHECKS = {
    "wecom": _wecom,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
    "slack": _slack,
    "discord": _discord,
}
WELL: dict[str, Any] = {
    "wecom": (200, {}, {"errcode": 0, "errmsg": "ok"}),
    "dingtalk": (200, {}, {"errcode": 0, "errmsg": "ok"}),
    "feishu": (200, {}, {"code": 0, "msg": "success"}),
    "slack": (200, {}, "ok"),
    "discord": (204, {}, ""),
}
BUSY = {
    "wecom": (200, {}, {"errcode": 45009, "errmsg": "reach max api limit"}),
    "dingtalk": (200, {}, {"errcode": 130101, "errmsg": "send too fast"}),
    "feishu": (200, {}, {"code": 11232, "msg": "frequency limited"}),
    "slack": (429, {"Retry-After": "30"}, "rate_limited"),
    "discord": (429, {"Retry-After": "2.5"}, {"retry_after": 2.5}),
}
GONE: dict[str, Any] = {
    "wecom": (200, {}, {"errcode": 93000, "errmsg": "invalid webhook url"}),
    "dingtalk": (200, {}, {"errcode": 300001, "errmsg": "token is not exist"}),
    "feishu": (400, {}, {"code": 19001, "msg": "param invalid"}),
    "slack": (404, {}, "no_service"),
    "discord": (404, {}, {"code": 10015, "message": "Unknown Webhook"}),
}


def _handler(chat):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told = json.loads(body)
            if chat.manners == "mute":
                chat.got.append(told)
                self.close_connection = True
                return
            status, headers, answer = chat.answer(self.path, told)
            text = answer if isinstance(answer, str) else json.dumps(answer)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *words):
            pass

    return Handler
