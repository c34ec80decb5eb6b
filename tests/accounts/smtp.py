"""A mail server on a loopback address, with manners."""

import socketserver
import threading
import time


class MailServer(socketserver.ThreadingTCPServer):
    """`manners`: "well"; "nobody" and "busy" refuse whom a mail is for; "mute" takes
    the mail and says nothing; "gone" takes it and hangs up; "slow" does not greet."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, manners="well"):
        super().__init__(("127.0.0.1", 0), Talk)
        self.manners, self.took, self.greeted = manners, [], 0

    @property
    def port(self):
        return self.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,)).start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        self.server_close()


class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.greeted += 1
        if self.server.manners == "slow":
            time.sleep(30)
        self.say("220 here")
        for line in self.rfile:
            word = line[:4].upper().strip()
            if word == b"QUIT":
                return self.say("221 bye")
            if word == b"RCPT" and self.server.manners in ("nobody", "busy"):
                known = {"nobody": "550 5.1.1 No such person", "busy": "451 Later"}
                self.say(known[self.server.manners])
            elif word == b"DATA":
                self.say("354 go on")
                self.server.took.append(self.read())
                if self.server.manners == "mute":
                    time.sleep(30)
                if self.server.manners in ("gone", "mute"):
                    return None
                self.say("250 taken")
            else:
                self.say("250 fine")
        return None

    def read(self):
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line)
        return b""

    def say(self, words):
        self.wfile.write(f"{words}\r\n".encode())
