#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`cordon lists update` against a server on this machine that misbehaves in every way that servers do. TAP.

    tests/lists/update.py CORDON
"""
import hashlib
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

CORDON = sys.argv[1]
DEADLINE = 60  # seconds after which something that never comes is a failure


def house(n, first=0):
    """A list of n companies."""
    rows = ["id,type,name"] + [f"J-{i:05},company,Company number {i} of many" for i in range(first, first + n)]
    return ("\n".join(rows) + "\n").encode()


class Page:
    """What one address answers. `how` is a list of ways, one for each request; the last one stays."""

    def __init__(self, body, how="plain", etag='"1"', modified="Sat, 01 Aug 2026 06:00:00 GMT"):
        self.body, self.how, self.etag, self.modified = body, [how] if isinstance(how, str) else how, etag, modified
        self.requests = []  # headers of each
        self.sent = 0  # bytes of bodies
        self.stalled = threading.Event()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages = {}
        self.release = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def handle_error(self, request, client_address):
        pass  # a client that was killed


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def head(self, status, length, page, **more):
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        if page.etag:
            self.send_header("ETag", page.etag)
        if page.modified:
            self.send_header("Last-Modified", page.modified)
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def body(self, page, data):
        self.wfile.write(data)
        self.wfile.flush()
        page.sent += len(data)

    def do_GET(self):
        page = self.server.pages.get(self.path.split("?")[0])
        if page is None:
            self.send_error(404)
            return
        page.requests.append(dict(self.headers))
        how = page.how.pop(0) if len(page.how) > 1 else page.how[0]
        getattr(self, "do_" + how)(page)

    def wanted(self, page):
        """First byte asked for, if the condition of the request holds."""
        asked = self.headers.get("Range", "")
        same = self.headers.get("If-Range") in (None, page.etag, page.modified)
        return int(asked[6:-1]) if asked.startswith("bytes=") and asked.endswith("-") and same else 0

    def do_plain(self, page):
        if page.etag and self.headers.get("If-None-Match") == page.etag:
            self.head(304, None, page)
            return
        if not page.etag and page.modified and self.headers.get("If-Modified-Since") == page.modified:
            self.head(304, None, page)
            return
        at = self.wanted(page)
        size = len(page.body)
        if at >= size > 0:
            self.head(416, 0, page, Content_Range=f"bytes */{size}")
        elif at:
            self.head(206, size - at, page, Content_Range=f"bytes {at}-{size - 1}/{size}")
            self.body(page, page.body[at:])
        else:
            self.head(200, size, page)
            self.body(page, page.body)

    def do_cut(self, page):
        """Half of what was asked for, then the connection ends."""
        at = self.wanted(page)
        size = len(page.body)
        half = at + (size - at) // 2
        if at:
            self.head(206, size - at, page, Content_Range=f"bytes {at}-{size - 1}/{size}")
        else:
            self.head(200, size, page)
        self.body(page, page.body[at:half])
        self.close_connection = True

    def do_stall(self, page):
        """A part, then silence until the test is over."""
        self.head(200, len(page.body), page)
        self.body(page, page.body[: len(page.body) // 2])
        page.stalled.set()
        self.server.release.wait(DEADLINE)
        self.close_connection = True

    def do_wrong_range(self, page):
        size = len(page.body)
        if "Range" in self.headers:
            self.head(206, size, page, Content_Range=f"bytes 0-{size - 1}/{size}")
            self.body(page, page.body)
        else:
            self.do_cut(page)

    def do_chunked_cut(self, page):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        half = page.body[: len(page.body) // 2]
        self.wfile.write(b"%x\r\n%s\r\n" % (len(half), half))
        self.wfile.flush()
        self.close_connection = True

    def do_status_500(self, page):
        self.send_error(500)

    def do_status_404(self, page):
        self.send_error(404)

    def do_loop(self, page):
        self.send_response(302)
        self.send_header("Location", self.path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_moved(self, page):
        self.send_response(302)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_to_file(self, page):
        self.send_response(302)
        self.send_header("Location", "file:///etc/passwd")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_endless(self, page):
        """More than anybody wants, without saying how much."""
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        chunk = b"x" * 65536
        for _ in range(1024):
            self.wfile.write(chunk)
            page.sent += len(chunk)


class Case:
    def __init__(self):
        self.server = Server()
        self.folder = tempfile.mkdtemp(prefix="cordon-lists-")
        self.config = os.path.join(self.folder, "lists.conf")
        self.store = os.path.join(self.folder, "store")

    def close(self):
        self.server.release.set()
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.folder)

    def page(self, path, *args, **more):
        self.server.pages[path] = Page(*args, **more)
        return self.server.pages[path]

    def write(self, paths, extra="", list_id="house/x", query=""):
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(f"store {self.store}\npause 0\ntries 1\n{extra}\nlist {list_id}\n")
            for path in paths:
                f.write(f"    url {self.server.url(path)}{query}\n")

    def command(self, *words):
        return [CORDON, "lists", "update", "--config", self.config, "--json", "--quiet", *words]

    def update(self, *words, env=None):
        done = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=DEADLINE, check=False,
                              env={**os.environ, "CORDON_LISTS": "", **(env or {})})
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, lines[0] if lines else {}, done.stderr

    def expect(self, status, outcome, reason="", words=(), env=None):
        got, news, errors = self.update(*words, env=env)
        assert got == status, f"exit status {got}, wanted {status}: {news} {errors}"
        assert news.get("outcome") == outcome, f"{news} {errors}"
        assert reason in " ".join(news["reasons"]), f"no reason says `{reason}`: {news}"
        if outcome in ("refused", "failed"):
            assert reason in errors and "cordon: " in errors, f"not loud: {errors}"
        return news

    def in_use(self, list_id="house/x"):
        """The newest version of a list, by what the store says of itself."""
        done = subprocess.run([CORDON, "lists", "show", list_id, "--history", "--lists", self.store],
                              capture_output=True, text=True, timeout=DEADLINE, check=True)
        return json.loads(done.stdout)


def fetched_once_then_304(c):
    page = c.page("/list.csv", house(100))
    c.write(["/list.csv"])
    news = c.expect(0, "activated")
    assert news["entries"] == 100 and news["added"] == 100
    assert news["digest"] == "sha256:" + hashlib.sha256(house(100)).hexdigest()
    sent = page.sent
    c.expect(0, "unchanged")
    assert page.requests[1]["If-None-Match"] == '"1"'
    assert page.sent == sent, "fetched again although it did not change"
    page.body, page.etag = house(101), '"2"'
    assert c.expect(0, "activated")["added"] == 1
    versions = c.in_use()["versions"]
    assert [v["entries"] for v in versions] == [100, 101]
    assert versions[1]["files"][0]["etag"] == '"2"' and versions[1]["files"][0]["url"].endswith("/list.csv")


def last_modified_alone(c):
    page = c.page("/list.csv", house(10), etag="")
    c.write(["/list.csv"])
    c.expect(0, "activated")
    c.expect(0, "unchanged")
    assert page.requests[1]["If-Modified-Since"] == page.modified


def same_bytes_under_a_new_etag(c):
    page = c.page("/list.csv", house(10))
    c.write(["/list.csv"])
    c.expect(0, "activated")
    page.etag = '"other"'
    c.expect(0, "unchanged")
    c.expect(0, "unchanged")
    assert page.requests[2]["If-None-Match"] == '"other"', "the new validator was not kept"


def a_cut_download_is_continued(c):
    page = c.page("/list.csv", house(20000), how=["cut", "cut", "plain"])
    c.write(["/list.csv"], "tries 3")
    news = c.expect(0, "activated")
    assert news["entries"] == 20000
    assert len(page.requests) == 3 and page.sent == len(page.body), "fetched more than once"
    assert page.requests[1]["Range"].startswith("bytes=") and page.requests[1]["If-Range"] == '"1"'


def continued_by_the_next_run(c):
    page = c.page("/list.csv", house(20000), how=["cut", "plain"])
    c.write(["/list.csv"])
    c.expect(3, "failed")
    assert c.expect(0, "activated")["entries"] == 20000
    assert page.sent == len(page.body)
    assert os.listdir(os.path.join(c.store, "partial")) == []


def a_part_of_another_version_is_dropped(c):
    page = c.page("/list.csv", house(20000), how=["cut", "plain"])
    c.write(["/list.csv"])
    c.expect(3, "failed")
    page.body, page.etag = house(20001, 5), '"2"'
    news = c.expect(0, "activated")
    assert news["digest"] == "sha256:" + hashlib.sha256(page.body).hexdigest()


def without_a_strong_validator_nothing_is_continued(c):
    page = c.page("/list.csv", house(20000), how=["cut", "plain"], etag='W/"1"', modified="")
    c.write(["/list.csv"])
    c.expect(3, "failed")
    c.expect(0, "activated")
    assert "Range" not in page.requests[1]


def another_range_than_asked_for(c):
    page = c.page("/list.csv", house(20000), how=["wrong_range", "wrong_range", "plain"])
    c.write(["/list.csv"], "tries 3")
    news = c.expect(0, "activated")
    assert news["digest"] == "sha256:" + hashlib.sha256(page.body).hexdigest()


def killed_and_continued(c):
    page = c.page("/list.csv", house(50000), how=["stall", "plain"])
    c.write(["/list.csv"])
    part = os.path.join(c.store, "partial", "house+x.0")
    with subprocess.Popen(c.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        end = time.monotonic() + DEADLINE
        while not (os.path.exists(part) and os.path.getsize(part) >= len(page.body) // 2):
            assert time.monotonic() < end and running.poll() is None, "nothing was written"
            page.stalled.wait(0.01)
        running.send_signal(signal.SIGKILL)
    news = c.expect(0, "activated")
    assert news["digest"] == "sha256:" + hashlib.sha256(page.body).hexdigest()
    assert page.sent == len(page.body), "the first half was fetched twice"


def nothing_left_to_fetch(c):
    """All of one file is here, the other one failed: only the other one is fetched again."""
    first = c.page("/sdn.csv", b'1,"ONE",-0- ,"SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n')
    c.page("/alt.csv", b'1,11,"aka","ALIAS",-0- \r\n', how=["status_500", "plain"])
    c.write(["/sdn.csv", "/alt.csv"], list_id="us/sdn")
    c.expect(3, "failed", "status 500")
    c.expect(0, "activated")
    assert first.sent == len(first.body)


def silence_ends(c):
    c.page("/list.csv", house(1000), how="stall")
    c.write(["/list.csv"], "stall 1")
    began = time.monotonic()
    c.expect(3, "failed")
    assert time.monotonic() - began < 30


def time_is_limited(c):
    c.page("/list.csv", house(1000), how="stall")
    c.write(["/list.csv"], "stall 40\ntimeout 1")
    c.expect(3, "failed")


def size_is_limited(c):
    page = c.page("/list.csv", b"", how="endless")
    c.write(["/list.csv"], "most 1")
    c.expect(3, "failed", "larger than 1048576 bytes")
    assert os.listdir(os.path.join(c.store, "partial")) == []
    assert page.sent < 64 << 20


def redirects_are_followed_and_limited(c):
    c.page("/list.csv", b"", how="moved")
    c.page("/elsewhere", house(10))
    c.write(["/list.csv"])
    c.expect(0, "activated")
    looping = c.page("/list.csv", b"", how="loop")
    c.expect(3, "failed")
    assert len(looping.requests) < 10
    c.page("/list.csv", b"", how="to_file")
    c.expect(3, "failed")


def errors_of_the_server(c):
    page = c.page("/list.csv", house(10), how=["status_500", "plain"])
    c.write(["/list.csv"], "tries 2")
    c.expect(0, "activated")
    page.how = ["status_500"]
    page.etag = '"2"'
    c.expect(3, "failed", "status 500")
    page.how = ["status_404"]
    before = len(page.requests)
    c.expect(3, "failed", "status 404")
    assert len(page.requests) == before + 1, "404 was tried again"
    known = c.in_use()
    assert known["versions"][-1]["entries"] == 10
    assert [a["outcome"] for a in known["attempts"]] == ["activated", "failed", "failed"]


def nobody_listens(c):
    c.write(["/list.csv"])
    c.server.shutdown()
    c.server.server_close()
    c.expect(3, "failed")
    c.server = Server()


def what_is_not_whole_is_refused(c):
    page = c.page("/list.csv", house(1000))
    c.write(["/list.csv"])
    good = c.expect(0, "activated")["digest"]
    bad = [(b"", "the file is empty"), (b"<html><body>We moved</body></html>", "not the beginning of any list"),
           (house(900), "100 fewer"), (house(1000)[:-20], ""), (house(1000) + b'J-1,company,"', ""),
           (house(1000) + b"J-00001,company,Twice\n", "used twice"), (house(1000) + b"\xff\xfe,company,x\n", ""),
           (house(1000) + b"J-9,comany,x\n", "")]
    for i, (body, why) in enumerate(bad):
        page.body, page.etag = body, f'"bad{i}"'
        c.expect(1, "refused", why)
        known = c.in_use()
        assert "sha256:" + known["versions"][-1]["sha256"] == good and len(known["versions"]) == 1
    page.body, page.etag, page.how = house(1000, 1), '"3"', ["chunked_cut"]
    c.expect(3, "failed")
    page.how = ["plain"]
    c.expect(0, "activated")


def a_configured_share_may_be_missing(c):
    page = c.page("/list.csv", house(1000))
    c.write(["/list.csv"], "shrink 20")
    c.expect(0, "activated")
    page.body, page.etag = house(801), '"2"'
    c.expect(0, "activated")
    page.body, page.etag = house(600), '"3"'
    news = c.expect(1, "refused", "201 fewer")
    c.expect(1, "refused", "201 fewer", words=("house/x", "--accept", "sha256:" + "0" * 64, "--by", "me"))
    c.expect(0, "activated", words=("house/x", "--accept", news["digest"], "--by", "A. Officer"))
    assert c.in_use()["versions"][-1]["accepted_by"] == "A. Officer"


def a_list_that_says_how_many_it_holds(c):
    entry = '{"id":"%s","names":[{"full":"Name %s","kind":"primary"}],"type":"company"}\n'
    head = '{"cordon_list":1,"id":"house/x","issuer":"Us"}\n'
    rows = "".join(entry % (i, i) for i in "abcd")
    page = c.page("/list.jsonl", (head + rows + '{"count":9086,"end":true}\n').encode())
    c.write(["/list.jsonl"])
    c.expect(1, "refused", "it says that it holds 9086 entries and holds 4")
    page.body, page.etag = (head + rows + '{"count":4,"end":true}\n').encode(), '"2"'
    c.expect(0, "activated")


def one_file_of_a_set_changes(c):
    main = c.page("/sdn.csv", b'1,"ONE",-0- ,"SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n')
    alias = c.page("/alt.csv", b'1,11,"aka","FIRST",-0- \r\n')
    c.write(["/sdn.csv", "/alt.csv"], list_id="us/sdn")
    c.expect(0, "activated")
    sent = main.sent
    alias.body, alias.etag = b'1,11,"aka","SECOND",-0- \r\n', '"2"'
    assert c.expect(0, "activated")["changed"] == 1
    assert main.sent == sent
    alias.body, alias.etag = b'2,11,"aka","OF ANOTHER DAY",-0- \r\n', '"3"'
    c.expect(1, "refused", "not of one day")
    assert [f["name"] for f in c.in_use("us/sdn")["versions"][-1]["files"]] == ["sdn.csv", "alt.csv"]


def a_token_stays_out_of_the_store(c):
    c.page("/list.csv", house(10))
    c.write(["/list.csv"], query="?token=${CORDON_TEST_TOKEN}")
    got, news, errors = c.update()
    assert got == 0 and news["outcome"] == "skipped" and "CORDON_TEST_TOKEN" in errors, (got, news, errors)
    c.expect(3, "skipped", words=("house/x",))
    c.expect(0, "activated", env={"CORDON_TEST_TOKEN": "s3cr3t"})
    for folder, _, names in os.walk(c.store):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                assert b"s3cr3t" not in f.read(), name


def two_at_once(c):
    page = c.page("/list.csv", house(10), how=["stall", "plain"])
    c.write(["/list.csv"])
    with subprocess.Popen(c.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        assert page.stalled.wait(DEADLINE)
        got, _, errors = c.update()
        running.send_signal(signal.SIGKILL)
    assert got == 3 and "somebody else is writing" in errors, errors


def several_lists_the_worst_status(c):
    c.page("/a.csv", house(10))
    c.page("/b.csv", b"")
    with open(c.config, "w", encoding="utf-8") as f:
        f.write(f"store {c.store}\ntries 1\nlist house/a\nurl {c.server.url('/a.csv')}\nlist house/b\n"
                f"url {c.server.url('/b.csv')}\nlist house/c\noff on purpose\nurl {c.server.url('/c.csv')}\n")
    done = subprocess.run(c.command(), capture_output=True, text=True, timeout=DEADLINE, check=False)
    news = {n["id"]: n["outcome"] for n in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 1 and news == {"house/a": "activated", "house/b": "refused"}, (done.returncode, news)
    got, one, _ = c.update("house/c")
    assert got == 3 and one["outcome"] == "failed"


def configuration_is_checked(c):
    for text, why in [("list a\n", "without an address"), ("list a\nurl ftp://x/\n", "begins with https"),
                      ("lst a\n", "not a setting"), ("url https://x/\n", "below a `list`"),
                      ("list a\nurl https://x/\nshrink 101\n", "not a value"), ("list a\nurl\n", "without its value"),
                      ("list a\nurl https://x/\nlist a\nurl https://x/\n", "twice"), ("list a\npart x\n", "part is")]:
        with open(c.config, "w", encoding="utf-8") as f:
            f.write(text)
        got, _, errors = c.update()
        assert got == 3 and why in errors and "lists.conf: line" in errors, (text, got, errors)
    c.write(["/list.csv"])
    got, _, errors = c.update("house/y")
    assert got == 2 and "has no list" in errors


TESTS = [fetched_once_then_304, last_modified_alone, same_bytes_under_a_new_etag, a_cut_download_is_continued,
         continued_by_the_next_run, a_part_of_another_version_is_dropped,
         without_a_strong_validator_nothing_is_continued, another_range_than_asked_for, killed_and_continued,
         nothing_left_to_fetch, silence_ends, time_is_limited, size_is_limited, redirects_are_followed_and_limited,
         errors_of_the_server, nobody_listens, what_is_not_whole_is_refused, a_configured_share_may_be_missing,
         a_list_that_says_how_many_it_holds, one_file_of_a_set_changes, a_token_stays_out_of_the_store, two_at_once,
         several_lists_the_worst_status, configuration_is_checked]


def main():
    for i, test in enumerate(TESTS, 1):
        case = Case()
        try:
            test(case)
            print(f"ok {i} - {test.__name__}", flush=True)
        except Exception:  # pylint: disable=broad-except
            print(f"not ok {i} - {test.__name__}")
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True)
        finally:
            case.close()
    print(f"1..{len(TESTS)}")


for proxy in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
    os.environ.pop(proxy, None)
main()
