"""Requests that nobody means well by: each gets its error, and the server lives on, answers others
quickly meanwhile and takes no more memory.

    python3 hostile.py PROGRAM [--connections 1000]
"""

import argparse
import contextlib
import json
import pathlib
import resource
import signal
import socket
import subprocess
import tempfile
import threading
import time

import task_folder
from server import Client, Server

UNITS = 6
QUICK = 1.0  # seconds, of a machine that builds and tests other things meanwhile


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def check_equal(found, expected, what):
    check(found == expected, f"{what}: expected {expected!r}, found {found!r}")


def raw(port, data, timeout=10):
    """What the server says to these bytes, until it closes or is silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(data)
        reply = b""
        with contextlib.suppress(ConnectionResetError):
            while True:
                part = connection.recv(65536)
                reply += part
                if not part or (b"\r\n\r\n" in reply and b"Connection: close" not in reply):
                    return reply
    return reply


def status_of(reply):
    check(reply.startswith(b"HTTP/1.1 "), f"no reply: {reply[:80]!r}")
    return int(reply.split()[1])


def request(line, port, *headers, body=b""):
    lines = [line, f"Host: 127.0.0.1:{port}", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Tests:
    def __init__(self, server, folder, task, connections):
        self.server, self.folder, self.task = server, folder, task
        self.connections = connections
        self.port = server.port

    def quickly(self, what):
        """Somebody else asks for a unit and for the page meanwhile. Returns the seconds it took."""
        start = time.perf_counter()
        client = Client(self.port, timeout=5)
        status, reply = client.post("/api/next", {"annotator": "somebody else", "unit": None})
        check_equal(status, 200, f"{what}: somebody else")
        check_equal(client.ask("GET", "/index.html")[0], 200, f"{what}: somebody else")
        client.close()
        seconds = time.perf_counter() - start
        check(seconds < QUICK, f"{what}: somebody else waits {seconds:.2f} s")
        return seconds

    def answer(self, identity="x", **changes):
        return task_folder.answer(self.task, 0, "a person", identity, **changes)

    def test_page_is_served_and_nothing_else(self):
        client = Client(self.port)
        for path in ["/", "/index.html", "/annotate.js", "/page.css", "/sheets/0001.jpg", "/task.js",
                     "/overview.html", "/overview.js", "/overview.css", "/api/overview"]:
            check_equal(client.ask("GET", path)[0], 200, path)
        script = client.ask("GET", "/task.js")[1].decode()
        check('"served":true' in script, script[:200])
        for secret in ["salt", "negatives", "negative"]:
            check(secret not in script, f"task.js says {secret}")
        for name in ["Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy",
                     "Cache-Control"]:
            check(len(client.reply_headers.get_all(name) or []) == 1, f"header {name}")
        check("frame-ancestors 'none'" in client.reply_headers["Content-Security-Policy"], "frames")
        for path in ["/notes.txt", "/export.json", "/answers.jsonl", "/.lock", "/annotate.html", "/sheets",
                     "/sheets/", "/sheets/0007.jpg", "/sheets/0001.jpg/", "//index.html",
                     "/INDEX.HTML", "/index.html/", "/index.html%00", "/api", "/api/", "/api/nothing"]:
            check_equal(client.ask("GET", path)[0], 404, path)

    def test_paths_lead_nowhere(self):
        (self.folder / "page" / "sheets" / "link.jpg").symlink_to("/etc/passwd")
        for path in ["/../export.json", "/sheets/../../export.json", "/%2e%2e/export.json",
                     "/..%2fexport.json", "/%2e%2e%2fexport.json", "/sheets/..%2f..%2fexport.json",
                     "/..\\export.json", "/..%5cexport.json", "/%252e%252e/export.json",
                     "/%c0%ae%c0%ae/export.json", "/./../export.json", "//etc/passwd",
                     "/sheets/link.jpg", "/%", "/%zz", "/%u002e%u002e/export.json",
                     "/....//export.json", "/;/../export.json"]:
            reply = raw(self.port, request(f"GET {path} HTTP/1.1", self.port))
            check_equal(status_of(reply), 404, path)
            check(b"negative" not in reply and b"root:" not in reply, f"{path} shows a file")
        for target in ["*", "http://127.0.0.1/export.json", "export.json", ""]:
            reply = raw(self.port, request(f"GET {target} HTTP/1.1", self.port))
            check_equal(status_of(reply), 400, repr(target))

    def test_methods(self):
        client = Client(self.port)
        for method, path in [("GET", "/api/next"), ("GET", "/api/answer"), ("PUT", "/api/answer"),
                             ("DELETE", "/index.html"), ("OPTIONS", "/api/next"),
                             ("PATCH", "/api/release"), ("POST", "/index.html"),
                             ("POST", "/api/overview")]:
            content = {} if method == "POST" else None
            check_equal(client.ask(method, path, content)[0], 405, f"{method} {path}")
            check("Allow" in client.reply_headers, f"{method} {path}: Allow")
        check_equal(status_of(raw(self.port, request("BREW /index.html HTTP/1.1", self.port))), 400,
                    "BREW")
        status, body = client.ask("HEAD", "/index.html")
        check_equal((status, body), (200, b""), "HEAD")

    def test_types(self):
        client = Client(self.port)
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; "
                     "boundary=x", "application/jsonx", ""]:
            check_equal(client.ask("POST", "/api/next", {"annotator": "a", "unit": None},
                                   Content_Type=kind)[0], 415, kind)
        check_equal(client.ask("POST", "/api/next", {"annotator": "a", "unit": None},
                               Content_Encoding="gzip")[0], 415, "gzip")
        check_equal(client.ask("POST", "/api/next", {"annotator": "a", "unit": None},
                               Content_Type="application/json; charset=utf-8")[0], 200, "charset")

    def test_bodies(self):
        head = ["Content-Type: application/json"]
        for body in [b"{", b"[]", b"null", b"7", b'"x"', b"{}", b'{"annotator": 5}', b"\xff\xfe",
                     b'{"annotator": "a\xff", "unit": 0}', b'{"annotator": "", "unit": null}',
                     b'{"annotator": "a", "unit": -1}', b'{"annotator": "a", "unit": 6}',
                     b'{"annotator": "a", "unit": 1e99}', b'{"annotator": "a", "unit": "0"}',
                     b'{"annotator": "' + b"a" * 201 + b'", "unit": null}',
                     b'{"annotator": "a", "unit": 99999999999999999999}',
                     b"[" * 60000, b'{"annotator": ' + b"[" * 60000, b'{"a":' * 10000]:
            for path in ["/api/next", "/api/renew", "/api/answer"]:
                reply = raw(self.port, request(f"POST {path} HTTP/1.1", self.port, *head, body=body))
                check_equal(status_of(reply), 400, f"{path} {body[:40]}")
                check(b'"error"' in reply, f"{path} {body[:40]}: no message")
        check_equal(status_of(raw(self.port, request("POST /api/next HTTP/1.1", self.port, *head))),
                    400, "no body")
        for size in [65537, 10 ** 7, 10 ** 11, 10 ** 30]:
            reply = raw(self.port, request("POST /api/answer HTTP/1.1", self.port, *head,
                                           f"Content-Length: {size}"))
            check_equal(status_of(reply), 413, f"body of {size} bytes")
        large = request("POST /api/answer HTTP/1.1", self.port, *head, body=b"x" * 300000)
        check_equal(status_of(raw(self.port, large)), 413, "a body that is sent, too large")

    def test_answers(self):
        client = Client(self.port)
        post = lambda **changes: client.post("/api/answer", self.answer(**changes))
        for changes in [{"task": "another"}, {"unit": 99}, {"layer": "conv1"}, {"label": " "},
                        {"group": "vegetable"}, {"crossed": [7, 3]}, {"crossed": [3, 7, 12]},
                        {"crossed": "3, 7"}, {"seconds": -1}, {"annotator": " "}, {"id": ""},
                        {"label": "x" * 201}, {"label": None}, {"crossed": [3, [[7]]]}]:
            status, reply = post(**changes)
            check_equal(status, 400, changes)
            check(reply["error"].startswith("answer: "), reply)
        for _ in range(3):
            check_equal(post(crossed=[3]), (422, {"error": "uncrossed"}), "a negative left")
        check_equal(post(id="first"), (200, {"saved": "first"}), "an answer")
        check_equal(post(id="first"), (200, {"saved": "first"}), "the same again")
        check_equal(post(id="first", label="lamp")[0], 409, "its id for another")
        check_equal(post(id="second", label="lamp")[0], 200, "another in its place")
        check_equal(post(id="skip", annotator="b", crossed=[], label="", group="",
                         skipped="cannot tell")[0], 200, "a skip")
        lines = (self.folder / "answers.jsonl").read_text().splitlines()
        check_equal([json.loads(line)["id"] for line in lines], ["first", "second", "skip"], "file")
        overview = client.ask("GET", "/api/overview")[1]
        check_equal([overview[key] for key in ("answers", "refused", "skipped", "units", "wanted")],
                    [1, 3, 1, UNITS, 3], "overview")
        check_equal(overview["per_unit"][0]["label"], "lamp", "the label that counts")

    def test_origins_and_hosts(self):
        client = Client(self.port)
        own = f"http://127.0.0.1:{self.port}"
        work = {"annotator": "a", "unit": None}
        for headers, status in [({"Origin": own}, 200), ({"Origin": "http://evil.example"}, 403),
                                ({"Origin": "null"}, 403), ({"Origin": own + "0"}, 403),
                                ({"Sec_Fetch_Site": "cross-site"}, 403),
                                ({"Sec_Fetch_Site": "same-site"}, 403),
                                ({"Sec_Fetch_Site": "same-origin"}, 200),
                                ({"Host": f"evil.example:{self.port}"}, 421),
                                ({"Host": f"127.0.0.1.evil.example:{self.port}"}, 421),
                                ({"Host": f"localhost:{self.port}"}, 200),
                                ({"Host": f"LocalHost:{self.port}",
                                  "Origin": f"http://LocalHost:{self.port}"}, 200)]:
            check_equal(client.ask("POST", "/api/next", work, **headers)[0], status, headers)
        # A link from elsewhere may open the page, but no answers.
        check_equal(client.ask("GET", "/", Sec_Fetch_Site="cross-site")[0], 200, "a link")
        check_equal(client.ask("GET", "/api/overview", Sec_Fetch_Site="cross-site")[0], 403, "api")
        check_equal(client.ask("GET", "/", Host="evil.example")[0], 421, "rebinding")
        for host in [b"", b"Host: 127.0.0.1\r\nHost: evil.example\r\n"]:
            check_equal(status_of(raw(self.port, b"GET / HTTP/1.1\r\n" + host + b"\r\n")), 400, host)

    def test_heads(self):
        port = self.port
        for data, status in [
                (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 400),  # somebody tries TLS
                (b"GET / HTTP/2.0\r\n\r\n", 400), (b"GET /\r\n\r\n", 400),
                (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n", 414),
                (b"x" * 5000, 414),
                (request("GET / HTTP/1.1", port, "X: " + "a" * 5000), 431),
                (request("GET / HTTP/1.1", port, *["X: y"] * 65), 431),
                (request("GET / HTTP/1.1", port, *["X: " + "y" * 1000] * 60), 431),
                (request("GET / HTTP/1.1", port, "X : y"), 400),
                (request("GET / HTTP/1.1", port, " X: y"), 400),
                (request("GET / HTTP/1.1", port, "X: a\0b"), 400),
                (request("GET / HTTP/1.1", port, "X: a\nY: b"), 400),
                (request("POST /api/next HTTP/1.1", port, "Transfer-Encoding: chunked",
                         "Content-Type: application/json") + b"5\r\nhello\r\n0\r\n\r\n", 501),
                (request("POST /api/next HTTP/1.1", port, "Content-Length: 2",
                         "Content-Length: 3"), 400),
                (request("POST /api/next HTTP/1.1", port, "Content-Length: -1"), 400),
                (request("POST /api/next HTTP/1.1", port, "Content-Length: 0x2"), 400)]:
            check_equal(status_of(raw(port, data)), status, data[:60])
        # Many overlapping ranges would make a large reply of a small file.
        ranges = "Range: bytes=" + ",".join(["0-"] * 500)
        reply = raw(port, request("GET /sheets/0001.jpg HTTP/1.1", port, ranges, "Connection: close"))
        check_equal(status_of(reply), 200, "ranges")
        check(len(reply) < 30000, f"ranges: {len(reply)} bytes")
        # Two requests at once: two replies, in order.
        two = request("GET /annotate.js HTTP/1.1", port) + request("GET /nothing HTTP/1.1", port,
                                                                   "Connection: close")
        reply = b""
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(two)
            while part := connection.recv(65536):
                reply += part
        check(reply.startswith(b"HTTP/1.1 200") and b"HTTP/1.1 404" in reply, reply[:200])

    def test_slow_clients(self):
        """A byte now and then, of heads and of bodies: others do not wait, and it ends."""
        count, ended = 64, []
        texts = [request("GET / HTTP/1.1", self.port),
                 request("POST /api/next HTTP/1.1", self.port, "Content-Type: application/json",
                         "Content-Length: 40000") + b"{"]
        connections = []
        for i in range(count):
            connections.append(socket.create_connection(("127.0.0.1", self.port), timeout=20))
            if i % 2 == 1:
                connections[-1].sendall(texts[1])
        worst = 0
        for second in range(4):
            for i, connection in enumerate(connections):
                connection.sendall(texts[0][second:second + 1] if i % 2 == 0 else b" ")
            worst = max(worst, self.quickly(f"{count} slow clients"))
            time.sleep(1)
        for connection in connections:
            reply = b""
            with contextlib.suppress(ConnectionResetError):
                while part := connection.recv(4096):
                    reply += part
            ended.append(status_of(reply))
            connection.close()
        check_equal(ended, [408] * count, "what slow clients get in the end")
        print(f"{count} clients that send a byte a second: others wait at most {worst:.3f} s")

    def test_replies_that_nobody_fetches(self):
        before = self.server.memory()
        connections = []
        for _ in range(200):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.connect(("127.0.0.1", self.port))
            connection.sendall(request("GET /sheets/0001.jpg HTTP/1.1", self.port) * 100)
            connections.append(connection)
        self.quickly("replies that nobody fetches")
        grown = self.server.memory() - before
        for connection in connections:
            connection.close()
        check(grown < 100, f"memory has grown by {grown:.0f} MiB")

    def test_connections_opened_and_left(self):
        before, files = self.server.memory(), []
        done, worst = threading.Event(), 0.0

        def open_all():
            for _ in range(self.connections):
                files.append(socket.create_connection(("127.0.0.1", self.port), timeout=20))
            done.set()

        opener = threading.Thread(target=open_all, daemon=True)
        opener.start()
        while not done.is_set() and opener.is_alive():
            worst = max(worst, self.quickly("connections opened and left"))
        opener.join()
        check(done.is_set(), "connections cannot be opened")
        for _ in range(20):
            worst = max(worst, self.quickly("connections opened and left"))
        now = self.server.memory()
        for each in files:
            each.close()
        check(now - before < 50, f"memory has grown from {before:.0f} to {now:.0f} MiB")
        print(f"{self.connections} connections opened and left: others wait at most "
              f"{worst:.3f} s, {before:.0f} MiB resident before, {now:.0f} MiB then")

    def test_many_who_come_and_go(self):
        def storm():
            for _ in range(200):
                with contextlib.suppress(OSError):
                    with socket.create_connection(("127.0.0.1", self.port), timeout=5) as each:
                        each.sendall(b"GET / HT")
                        # Closed by a reset.
                        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

        team = [threading.Thread(target=storm, daemon=True) for _ in range(8)]
        for each in team:
            each.start()
        while any(each.is_alive() for each in team):
            self.quickly("connections that are reset")


def test_token(program, place):
    folder = place / "with_token"
    task_folder.make(folder, 1)
    token = "0123456789abcdefTOKEN"
    server = Server(program, folder, "--token", token)
    check_equal(server.link, f"http://127.0.0.1:{server.port}/?token={token}", "link")
    client = Client(server.port)
    work = {"annotator": "a", "unit": None}
    for path in ["/", "/task.js", "/api/overview", f"/?token={token}x", f"/?token={token[:-1]}",
                 "/?token=", "/nothing"]:
        check_equal(client.ask("GET", path)[0], 401, path)
    for cookie in ["", "netdissect=", f"netdissect_{server.port}={token}x", f"x={token}"]:
        check_equal(client.ask("POST", "/api/next", work, Cookie=cookie)[0], 401, cookie)
    check_equal(client.ask("GET", f"/?token={token}")[0], 200, "the link")
    cookie = client.reply_headers["Set-Cookie"]
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"]:
        check(part in cookie, cookie)
    pair = cookie.split(";")[0]
    check_equal(client.ask("POST", "/api/next", work, Cookie=f"a=b; {pair}; c=d")[0], 200, "cookie")
    check_equal(client.ask("GET", "/", Cookie=pair)[0], 200, "cookie")
    check_equal(server.stop(signal.SIGINT), 130, "exit status after SIGINT")


def test_other_address(program, place):
    """From all addresses, a token is made; two links have two."""
    folder = place / "for_others"
    task_folder.make(folder, 1)
    tokens = set()
    for _ in range(2):
        server = Server(program, folder, "--host", "0.0.0.0")
        token = server.link.split("?token=")[1]
        check(len(token) == 32 and int(token, 16) >= 0, server.link)
        tokens.add(token)
        client = Client(server.port)
        check_equal(client.ask("GET", "/")[0], 401, "without the token")
        check_equal(client.ask("GET", f"/?token={token}")[0], 200, "with it")
        check_equal(server.stop(), 143, "exit status after SIGTERM")
    check_equal(len(tokens), 2, "tokens")


def test_restart(program, place):
    """What a crash and other programs leave in the files is said, and nothing of it is lost."""
    folder = place / "restarted"
    task = task_folder.make(folder, 2)
    answer = lambda identity, **changes: json.dumps(
        task_folder.answer(task, 0, identity, identity, **changes))
    whole = [answer("a"), answer("a"), "no answer", answer("b", task="another"),
             answer("c", crossed=[]), answer("a", label="lamp"), answer("d")]
    log = folder / "answers.jsonl"
    log.write_text("\n".join(whole) + "\n" + answer("e")[:70])
    server = Server(program, folder, "--answers", 3)
    check_equal(log.read_text(), "\n".join(whole) + "\n", "the file without its cut line")
    check_equal((folder / "answers.jsonl.cut").read_text(), answer("e")[:70], "the cut line")
    said = (place / "server.log").read_text()
    for words in ["1 line of 70 bytes", "1 answers are there again", "jsonl:3", "jsonl:4", "jsonl:5",
                  "jsonl:6", "4 lines do not count"]:
        check(words in said, f"not said: {words}\n{said}")
    client = Client(server.port)
    for _ in range(2):
        check_equal(client.post("/api/answer", json.loads(answer("e", crossed=[7])))[0], 422, "e")
    second = subprocess.run([program, "annotate", "serve", "--task", str(folder), "--port", "0"],
                            capture_output=True, text=True, timeout=60)
    check_equal(second.returncode, 1, "a second server of the folder")
    check("in use by process" in second.stderr, second.stderr)
    server.kill()
    server.start()
    client = Client(server.port)
    overview = client.ask("GET", "/api/overview")[1]
    check_equal([overview["answers"], overview["refused"]], [2, 2], "answers and refusals kept")
    check_equal(client.post("/api/next", {"annotator": "e", "unit": None})[1]["unit"], 1, "unit")
    check_equal(client.post("/api/answer", json.loads(answer("e")))[1], {"saved": "e"}, "e")
    check_equal(server.stop(), 143, "exit status")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--connections", type=int, default=1000)
    options = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    needed = options.connections + 100
    check(limit == resource.RLIM_INFINITY or limit >= needed, f"open files: {limit}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, limit))
    with tempfile.TemporaryDirectory(prefix="netdissect-load-") as name:
        place = pathlib.Path(name)
        folder = place / "run"
        task = task_folder.make(folder, UNITS)
        server = Server(options.program, folder, "--answers", 3)
        tests = Tests(server, folder, task, options.connections)
        for test in [each for each in dir(tests) if each.startswith("test_")]:
            start = time.perf_counter()
            getattr(tests, test)()
            tests.quickly(test)
            check(server.process.poll() is None, f"{test}: the server has ended")
            print(f"{test}: passed, {time.perf_counter() - start:.1f} s")
        check_equal(server.stop(), 143, "exit status after SIGTERM")
        for test in [test_token, test_other_address, test_restart]:
            test(options.program, place)
            print(f"{test.__name__}: passed")


if __name__ == "__main__":
    main()
