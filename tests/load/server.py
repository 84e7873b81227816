"""`netdissect annotate serve` as a process, and a client of it."""

import http.client
import json
import signal
import subprocess
import time
import urllib.parse


class Server:
    def __init__(self, program, folder, *options, port=0):
        self.words = [program, "annotate", "serve", "--task", str(folder), *map(str, options)]
        self.port = port
        self.log = open(folder.parent / "server.log", "a")
        self.start()

    def start(self):
        words = [*self.words, "--port", str(self.port)]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=self.log, text=True)
        self.link = self.process.stdout.readline().strip()
        if not self.link:
            raise AssertionError(f"{' '.join(words)}: ended with {self.process.wait()}, no link")
        self.port = urllib.parse.urlsplit(self.link).port

    def kill(self):
        """As a machine's memory killer would."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self, by=signal.SIGTERM):
        """Returns the exit status."""
        self.process.send_signal(by)
        status = self.process.wait(timeout=30)
        self.process.stdout.close()
        return status

    def memory(self, what="VmRSS"):
        """MiB that the process has now; "VmHWM": has had at most."""
        with open(f"/proc/{self.process.pid}/status") as status:
            line = next(each for each in status if each.startswith(what + ":"))
        return int(line.split()[1]) / 1024


class Client:
    """One connection, which is kept."""

    def __init__(self, port, headers=None, timeout=30):
        self.port, self.headers, self.timeout = port, headers or {}, timeout
        self.connection = None

    def ask(self, method, path, content=None, **headers):
        """The status and the body; JSON as such. Error where the server cannot be reached."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                         timeout=self.timeout)
        body = None if content is None else json.dumps(content)
        sent = {**({"Content-Type": "application/json"} if body is not None else {}),
                **self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
        try:
            self.connection.request(method, path, body, sent)
            reply = self.connection.getresponse()
            self.reply_headers = reply.headers
            data = reply.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        is_json = reply.headers.get("Content-Type", "").startswith("application/json")
        return reply.status, json.loads(data) if is_json else data

    def post(self, path, content):
        return self.ask("POST", path, content)

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def until(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"expected {what} within {seconds} s")
        time.sleep(0.02)
