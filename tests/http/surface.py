#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cordond as its callers and those who attack it see it: keys, roles, limits, errors, deadlines, reloads, TLS, shutdown.

  surface.py CORDOND CORDON
"""
import http.client
import http.server
import json
import os
import re
import signal
import socket
import struct
import ssl
import stat
import subprocess
import sys
import threading
import time

from harness import (ALLOWED, DENIED, EAST, HELD, HERE, NORTH, NOWHERE, ROOT, WEST, Cordond, Plan, account, ask, folder,
                     free_port, sanitized, snapshot, until)

plan = Plan()
program, cordon = sys.argv[1:3]
gate = snapshot(cordon, os.path.join(HERE, "gate.measure"))


def raw(port, text, timeout=60):
    """Sends bytes, gives everything that comes back until the end."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as s:
        try:
            s.sendall(text)
            got = b""
            while True:
                piece = s.recv(65536)
                if not piece:
                    return got
                got += piece
        except OSError:
            return got


def problem(r, status, code=None):
    return (r.status == status and r.header("Content-Type") == "application/problem+json" and r.json["status"] == status
            and (code is None or r.json["type"].endswith("/" + code)) and r.header("Cache-Control") == "no-store")


# ---- settings and start -----------------------------------------------------------------------------------------------

def run(*args):
    p = subprocess.run([program] + list(args), capture_output=True, text=True, timeout=60)
    return p.returncode, p.stdout, p.stderr


plan.check("--help", run("--help")[0] == 0 and "Usage: cordond" in run("--help")[1])
status, text, _ = run("--print-config")
with open(os.path.join(folder(), "c.conf"), "w") as f:
    f.write(text + "\n" + re.sub(r"(?m)^#(\w+ = .*?)(\s+# \(restart\))?$", r"\1", text))
plan.check("the default file, with every setting taken out of its comment, is right",
           run("--config", f.name, "--check-config")[0] == 0, run("--config", f.name, "--check-config")[2])
with open(os.path.join(ROOT, "man", "cordond.conf.5")) as m:
    manual = m.read()
for setting in re.findall(r"(?m)^#(\w+) = ", text):
    plan.check("cordond.conf(5) has " + setting, ".It Ic %s " % setting in manual)
with open(os.path.join(folder(), "c.conf"), "w") as f:
    f.write("# mine\nlisten = 127.0.0.1:0\n  idle_tme = 5s\n")
status, _, told = run("-c", f.name, "--check-config")
plan.check("a misspelt setting: file, line, column, suggestion",
           status == 3 and "c.conf:3:3:" in told and "did you mean `idle_time`?" in told, told)
for bad, wanted in (("rate = many", "whole number"), ("idle_time = 5 parsecs", "unit"), ("watch = maybe", "yes or no"),
                    ("listen = somewhere", "address"), ("rate = 1\nrate = 2", "line 1 already"),
                    ("listen = 0.0.0.0:8920", "beyond this machine"), ("tls_key = x", "go together")):
    with open(f.name, "w") as f:
        f.write(bad + "\n")
    status, _, told = run("-c", f.name, "--check-config")
    plan.check("refused: " + bad.replace("\n", " and "), status == 3 and wanted in told, told)
plan.check("an unknown option", run("--nope")[0] == 2)
status, _, told = run("-c", "/dev/null", "-d", folder(), "-s", "listen=0.0.0.0:0", "-s", "allow_plain=yes", "-s", "snapshot=" + gate)
plan.check("beyond loopback without a key: refused, and says what to do", status == 3 and "--first-key" in told, told)

wide = folder()
status, _, told = run("-c", "/dev/null", "-d", wide, "-s", "listen=0.0.0.0:0", "-s", "allow_plain=yes", "-s", "snapshot=" + gate, "--first-key")
plan.check("--first-key makes one", status == 0 and os.path.getsize(os.path.join(wide, "admin.key")) > 20, told)
c = Cordond(program, gate, data=wide, settings=["listen=0.0.0.0:0", "allow_plain=yes"])
plan.check("told to, and with a key, it listens beyond loopback, and asks for the key",
           (c.ask("GET", "/v1/keys").status, c.ask("GET", "/v1/keys", key=False).status) == (200, 401))
c.stop()

c = Cordond(program, gate, settings=["public_url=https://gate.example", "log_requests=no"])
key_file = os.path.join(c.data, "admin.key")
plan.check("the first key is in a file that only its owner reads", stat.S_IMODE(os.stat(key_file).st_mode) == 0o600)
plan.check("its secret is not in the log", c.key not in c.log())
status, _, told = run("-c", "/dev/null", "-d", c.data, "-s", "listen=127.0.0.1:0", "-s", "snapshot=" + gate)
plan.check("a second cordond on the same data: refused", status == 3 and told, told)

# ---- decide ------------------------------------------------------------------------------------------------------------

decider = c.make_key("decide")
reader = c.make_key("read")
for name, request, verdict in (("denied", DENIED, "deny"), ("held", HELD, "hold"), ("allowed", ALLOWED, "allow")):
    r = c.ask("POST", "/v1/decide", request, key=decider)
    plan.check("decide: " + name, r.status == 200 and r.json["decision"]["verdict"] == verdict
               and r.header("Cache-Control") == "no-store", r)
r = c.ask("POST", "/v1/decide", dict(DENIED, at="2022-03-10T09:00:00Z"))
with open(os.path.join(folder(), "r.json"), "w") as f:
    json.dump(DENIED, f)
same = subprocess.run([cordon, "decide", gate, f.name, "--at", "2022-03-10T09:00:00Z"], capture_output=True, text=True).stdout
plan.check("with the replay role the caller chooses the instant; the same bytes as on the command line",
           r.status == 200 and json.dumps(r.json["decision"]) == json.dumps(json.loads(same)["decision"])
           and b'"decision":' + json.dumps(json.loads(same)["decision"], ensure_ascii=False, separators=(",", ":")).encode()
           in r.body, (r, same[:300]))
r = c.ask("POST", "/v1/decide", dict(DENIED, at="2022-03-10T09:00:00Z"), key=decider)
plan.check("without it: refused", problem(r, 403), r)
r = c.ask("POST", "/v1/decide", '{"action":"account.open","service":"site","partys":[]}', {"Content-Type": "application/json"})
plan.check("a misspelt member: 400 with a pointer and a suggestion",
           r.status in (400, 422) and r.json.get("pointer") == "/partys" and "parties" in r.json.get("hint", ""), r)
r = c.ask("POST", "/v1/decide", "{", {"Content-Type": "application/json"})
plan.check("no JSON: 400 with line and column", problem(r, 400) and r.json["line"] == 1 and "column" in r.json, r)

# ---- idempotency, trace, deadlines -------------------------------------------------------------------------------------

h = {"Idempotency-Key": "order-4711"}
first = c.ask("POST", "/v1/decide", DENIED, h, key=decider)
again = c.ask("POST", "/v1/decide", DENIED, h, key=decider)
plan.check("the same idempotency key: the recorded answer, byte by byte",
           first.status == again.status == 200 and first.body == again.body
           and again.header("Idempotent-Replayed") == "true" and not first.header("Idempotent-Replayed"), (first, again))
r = c.ask("POST", "/v1/decide", ALLOWED, h, key=decider)
plan.check("with another body: a conflict", r.status in (409, 422) and r.header("Content-Type") == "application/problem+json", r)
r = c.ask("POST", "/v1/decide", DENIED, h)
plan.check("another key's idempotency key is another's", r.status == 200 and r.body != first.body, r)
r = c.ask("POST", "/v1/decide", DENIED, {"Idempotency-Key": "x" * 300})
plan.check("an idempotency key that is too long: 400", problem(r, 400), r)
trace = "4bf92f3577b34da6a3ce929d0e0e4736"
r = c.ask("POST", "/v1/decide", DENIED, {"traceparent": "00-%s-00f067aa0ba902b7-01" % trace})
back = r.header("traceparent") or ""
plan.check("traceparent passes through with a span of its own",
           back.startswith("00-" + trace) and back.endswith("-01") and "00f067aa0ba902b7" not in back
           and r.json.get("envelope", {}).get("trace") == trace, r)
r = c.ask("POST", "/v1/decide", DENIED, {"traceparent": "00-%s-zz-01" % trace})
plan.check("a wrong traceparent is replaced", re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", r.header("traceparent") or "")
           and trace not in r.header("traceparent"), r)
r = c.ask("POST", "/v1/decide", DENIED, {"Cordon-Timeout": "0ms"})
plan.check("a deadline that has passed: 504, not decided", problem(r, 504), r)
r = c.ask("POST", "/v1/decide", DENIED, {"Cordon-Timeout": "90s"})
plan.check("a deadline that is kept", r.status == 200, r)
r = c.ask("POST", "/v1/decide", DENIED, {"Cordon-Timeout": "soon"})
plan.check("a deadline that is none: 400", problem(r, 400, "timeout"), r)

# ---- who may ------------------------------------------------------------------------------------------------------------

before = {w: c.metric('cordond_refused_total{reason="%s"}' % w) for w in ("no_key", "bad_key", "role", "size", "malformed", "rate")}
r = c.ask("POST", "/v1/decide", DENIED, key=False)
plan.check("no key: 401", problem(r, 401, "no-key") and r.header("WWW-Authenticate", ).startswith("Bearer"), r)
r = c.ask("POST", "/v1/decide", DENIED, key="cdn_nobody_nothing")
plan.check("a key that is none: 401", problem(r, 401, "bad-key"), r)
r = c.ask("POST", "/v1/decide", DENIED, key=reader)
plan.check("the wrong role: 403", problem(r, 403, "role"), r)
r = c.ask("GET", "/v1/keys", key=reader)
plan.check("keys are for the role admin", problem(r, 403), r)
r = c.ask("GET", "/v1/keys")
plan.check("keys are listed without their secrets", r.status == 200 and c.key.encode() not in r.body and decider.encode() not in r.body
           and b'"hash"' not in r.body, r)
gone = c.make_key("decide")
name = [k["key"] for k in c.ask("GET", "/v1/keys").json if k["label"] == "test decide"][-1]
r = c.ask("POST", "/v1/keys/%s/revoke" % name, {"why": "test"})
plan.check("a key is revoked", r.status == 200, r)
plan.check("and no longer valid", c.ask("POST", "/v1/decide", DENIED, key=gone).status == 401)
slow = c.make_key("decide", rate=1, burst=2)
begun = time.monotonic()
got = []
while sum(r.status == 429 for r in got) < 5 and time.monotonic() - begun < 60:
    got.append(c.ask("POST", "/v1/decide", ALLOWED, key=slow))
took = time.monotonic() - begun
limited = [r for r in got if r.status == 429]
allowed = [r for r in got if r.status == 200]
plan.check("a key's rate: 429 with Retry-After, and no more than it allows in that time", len(limited) == 5 and got[0].status == 200
           and len(allowed) + 5 == len(got) and len(allowed) <= 2 + took + 1 and int(limited[0].header("Retry-After")) >= 1,
           (took, [r.status for r in got]))
plan.check("other keys are not slowed", c.ask("POST", "/v1/decide", ALLOWED, key=decider).status == 200)

# ---- what is not read -----------------------------------------------------------------------------------------------------

r = c.ask("POST", "/v1/decide", "x" * (1 << 20) + "y", {"Content-Type": "application/json"})
plan.check("a body above the limit: 413", problem(r, 413), r)
r = ask(c.port, "POST", "/v1/decide", iter([b"x" * 65536] * 20), {"Authorization": "Bearer " + c.key, "Content-Type": "application/json"})
plan.check("the same in chunks: 413", problem(r, 413), r)
r = c.ask("POST", "/v1/decide", "a=b", {"Content-Type": "application/x-www-form-urlencoded"})
plan.check("another content type: 415 that names the right one", problem(r, 415) and "application/json" in r.json["detail"], r)
r = c.ask("GET", "/v1/decide")
plan.check("another method: 405 with Allow", problem(r, 405) and r.header("Allow") == "POST", r)
r = c.ask("GET", "/v2/decide")
plan.check("another path: 404", problem(r, 404), r)
r = c.ask("GET", "/v1/measures/%zz")
plan.check("a wrong escape in the path: 400", problem(r, 400), r)
r = c.ask("GET", "/v1/cases?stauts=open")
plan.check("an unknown argument: 400 with a suggestion", problem(r, 400) and "status" in r.json.get("hint", ""), r)
r = c.ask("GET", "/v1/journal/tile/../../../etc/passwd")
plan.check("a path out of the tiles: 404", r.status == 404, r)
got = raw(c.port, b"POST /v1/decide HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
plan.check("Content-Length beside Transfer-Encoding: 400 and closed", got.startswith(b"HTTP/1.1 400"), got)
got = raw(c.port, b"POST /v1/decide HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345")
plan.check("two Content-Lengths: 400 and closed", got.startswith(b"HTTP/1.1 400"), got)
got = raw(c.port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 garbage\r\n\r\n")
plan.check("no HTTP: refused", b"200" not in got[:20], got)
got = raw(c.port, b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100000 + b"\r\n\r\n")
plan.check("headers too large: refused", re.match(rb"HTTP/1.1 4(31|13|14)", got) or got == b"", got[:100])


# Clients that go away while their decision is on its way to the disk: in the middle of it, at once, or before.
wanted = json.dumps(ALLOWED).encode()
whole = (b"POST /v1/decide HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + decider.encode() + b"\r\nContent-Type: application/json"
         b"\r\nContent-Length: %d\r\n\r\n" % len(wanted)) + wanted
for i in range(120):
    with socket.create_connection(("127.0.0.1", c.port), timeout=60) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.sendall(whole if i % 3 else whole[:-1 - i])
        if i % 3 == 2:
            s.settimeout(0.0005 * (i % 7 + 1))
            try:
                s.recv(1)
            except (socket.timeout, BlockingIOError):
                pass
plan.check("clients that reset their connections leave nothing under way",
           until(lambda: c.metric("cordond_requests_in_flight") == 1 and c.metric("cordond_connections") == 1),
           (c.metric("cordond_requests_in_flight"), c.metric("cordond_connections")))
plan.check("and decisions go on", c.ask("POST", "/v1/decide", ALLOWED, key=decider).status == 200)
two = raw(c.port, whole + whole.replace(b"Host: x", b"Host: x\r\nConnection: close"))
plan.check("two requests sent at once get two answers", two.count(b"HTTP/1.1 200 OK") == 2, two[:3000])

few = Cordond(program, gate, settings=["connections_per_address=3", "threads=3"])
held = [socket.create_connection(("127.0.0.1", few.port), timeout=60) for _ in range(3)]
for s in held:  # each is there, whichever thread has it
    s.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
    plan.check("one of three connections is served", s.recv(1000).startswith(b"HTTP/1.1 200"))
with socket.create_connection(("127.0.0.1", few.port), timeout=60) as s:
    try:
        plan.check("the fourth from one address is closed", s.recv(1) == b"")
    except ConnectionResetError:
        plan.check("the fourth from one address is closed", True)
for s in held:
    s.close()


def refused_connections():
    try:
        return few.metric('cordond_refused_total{reason="connections"}')
    except (OSError, http.client.HTTPException):
        return None


plan.check("that was counted, and there is room again", until(lambda: (refused_connections() or 0) >= 1), few.log()[-1000:])
few.stop()

# Slow clients meet a cordond of their own with short limits: on a busy machine everybody else would be slow, too.
short = Cordond(program, gate, settings=["request_time=1s", "idle_time=1s"])


def loris(head, piece):
    """One piece of a request every tenth of a second, for as long as it is taken: whether it is cut, and when."""
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", short.port), timeout=10) as s:
        try:
            s.sendall(head)
            s.settimeout(0.1)
            while time.monotonic() - begun < 60:
                try:
                    s.sendall(piece)
                    if s.recv(1000) == b"":
                        return True, time.monotonic() - begun
                except socket.timeout:
                    continue
        except OSError:
            return True, time.monotonic() - begun
    return False, time.monotonic() - begun


def counted(what):
    """A figure of a server whose limits are short for this test, too: asked until it answers."""
    def once():
        try:
            return (short.metric(what),)
        except (OSError, http.client.HTTPException):
            return None
    return until(once)[0]


cut = [loris(b"POST /v1/decide HTTP/1.1\r\nHost: x\r\nX-A: ", b"a")]
plan.check("headers that never end are cut", cut[-1][0], cut)
cut.append(loris(b"POST /v1/decide HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + short.key.encode()
                 + b"\r\nContent-Length: 100000\r\n\r\n", b"{"))
plan.check("a body that never ends is cut, after its second", cut[-1][0] and cut[-1][1] >= 0.9, cut)
with socket.create_connection(("127.0.0.1", short.port), timeout=60) as s:
    try:
        plan.check("a connection without a request is closed", s.recv(10) == b"")
    except ConnectionResetError:
        plan.check("a connection without a request is closed", True)
plan.check("slowness was counted", until(lambda: counted('cordond_refused_total{reason="slow"}') > 0), short.log()[-1000:])
plan.check("and logged without what they sent", until(lambda: short.event("cut")) and short.key not in short.log(), short.log()[-1500:])
short.stop()
after = {w: c.metric('cordond_refused_total{reason="%s"}' % w) for w in before}
plan.check("each was counted by its reason", all(after[w] > before[w] for w in before), (before, after))
log = c.log()
plan.check("and logged without what they sent", '"event":"refused"' in log and decider not in log
           and "127.0.0.1:" not in log.replace("http://127.0.0.1:", "") and "order-4711" not in log and "garbage" not in log, log[-1500:])
plan.check("every line of the log is JSON", all(json.loads(line) for line in log.splitlines()))

# ---- enforcement ------------------------------------------------------------------------------------------------------------


def enforce(client, more=None, path="/v1/enforce/content.view/site/viewer", method="GET"):
    return c.ask(method, path, headers=dict({"Cordon-Client-Address": client}, **(more or {})), key=decider)


r = enforce(WEST)
plan.check("enforce: allowed is 200", r.status == 200 and r.header("Cordon-Verdict") == "allow" and r.header("Cordon-Decision"), r)
r = enforce(NORTH)
plan.check("a law: 451 with Link rel=blocked-by, no-store",
           r.status == 451 and re.fullmatch(r'<https?://[^>]+>; rel="blocked-by"', r.header("Link") or "")
           and r.header("Cache-Control") == "no-store", r)
r = enforce(NORTH, {"Cordon-Refuse-With": "403"})
plan.check("403 for proxies that know no other, with the status in a header", r.status == 403 and r.header("Cordon-Status") == "451"
           and r.header("Link"), r)
r = enforce(EAST)
plan.check("a policy: 403 without Link", r.status == 403 and not r.header("Link"), r)
r = enforce(NOWHERE)
plan.check("place unknown: not let through", r.status == 451 and r.header("Cordon-Verdict") == "hold", r)
r = c.ask("GET", "/v1/enforce/content.view/site/viewer", key=decider)
plan.check("no address from the proxy: not let through", r.status == 400, r)
r = enforce("999.1.1.1")
plan.check("no address at all: not let through", r.status in (400, 422), r)
r = enforce(WEST, path="/v1/enforce/content.watch/site/viewer")
plan.check("an action that the rulebook does not know: not let through", r.status >= 400, r)
r = enforce(NORTH, {"Idempotency-Key": "old"})
r = enforce(NORTH, {"Idempotency-Key": "old"})
plan.check("a client's idempotency key chooses no older answer", r.status == 451 and not r.header("Idempotent-Replayed"), r)
r = enforce(NORTH, path="/v1/enforce/content.view/site/viewer/any/path%zz?x=%00", method="POST")
plan.check("whatever path and method a proxy appends", r.status == 451, r)

# ---- batches ------------------------------------------------------------------------------------------------------------------

J = {"Content-Type": "application/jsonl"}
lines = [json.dumps(x) for x in (DENIED, HELD, ALLOWED)] + ["{", ""] + [json.dumps(ALLOWED)]
r = c.ask("POST", "/v1/batch", "\n".join(lines), J, key=decider)
answers = [json.loads(x) for x in r.body.decode().splitlines()]
verdicts = [a["decision"]["verdict"] if "decision" in a else "error" for a in answers]
plan.check("a batch answers line by line, a wrong line in its place", r.status == 200
           and [v for v in verdicts if v] [:4] == ["deny", "hold", "allow", "error"] and verdicts[-1] == "allow", verdicts)
one = c.ask("POST", "/v1/decide", DENIED, key=decider).json["decision"]
plan.check("with the bytes of single answers", {k: v for k, v in answers[0]["decision"].items() if k not in ("at", "changes_at")}
           == {k: v for k, v in one.items() if k not in ("at", "changes_at")})
r = c.ask("POST", "/v1/batch", "", J, key=decider)
plan.check("an empty batch", r.status == 200 and r.body == b"", r)
r = c.ask("POST", "/v1/batch", "\n".join(lines), J, key=reader)
plan.check("a batch with the wrong role: 403", problem(r, 403), r)


def stream(port, key):
    """A batch by hand: answers must come while lines are still being sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as s:
        s.sendall(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\n" % key.encode())
        text = (json.dumps(DENIED) + "\n").encode()
        got = b""
        for i in range(3):
            s.sendall(b"%x\r\n%s\r\n" % (len(text), text))
            seen = got.count(b'"verdict":"deny"')
            while got.count(b"}\n") < i + 1:
                piece = s.recv(65536)
                if not piece:
                    return False
                got += piece
        s.sendall(b"0\r\n\r\n")
        while True:
            piece = s.recv(65536)
            if not piece:
                return got.endswith(b"0\r\n\r\n") and got.startswith(b"HTTP/1.1 200")
            got += piece


plan.check("a batch is answered while it is being sent", stream(c.port, decider))


def rss(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) * 1024


def never_reads():
    """Sends lines as long as they are taken and reads nothing; gives how much was taken and how the memory grew."""
    text = ((json.dumps(DENIED) + "\n") * 200).encode()
    before = rss(c.process.pid)
    sent = 0
    with socket.create_connection(("127.0.0.1", c.port), timeout=10) as s:
        s.sendall(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\n" % decider.encode())
        s.settimeout(0.5)
        try:
            while sent < 200000000:
                s.sendall(b"%x\r\n%s\r\n" % (len(text), text))
                sent += len(text)
        except OSError:
            pass
        grown = rss(c.process.pid) - before
    return sent, grown


sent, grown = never_reads()
plan.check("who sends a batch and reads nothing is held back, in bounded memory", sent < 100000000 and (grown < 64 << 20 or sanitized(program)), (sent, grown))
plan.check("and cordond goes on", until(lambda: c.ask("POST", "/v1/decide", ALLOWED, key=decider).status == 200))

# ---- the server's own ------------------------------------------------------------------------------------------------------------

plan.check("health for everybody", c.ask("GET", "/v1/health", key=False).json == {"status": "ok"})
plan.check("ready for everybody", c.ask("GET", "/v1/ready", key=False).json == {"status": "ready"})
r = c.ask("GET", "/", key=False)
plan.check("the status page on this machine", r.status == 200 and b"geodata" in r.body and b"holds" in r.body and b"duties" in r.body, r)
r = c.ask("GET", "/metrics", key=False)
rows = r.body.decode()
for wanted in ("cordond_requests_total", "cordon_geodata_age_seconds", 'cordon_holds_open{age="hour"}', "cordon_duties_open",
               "cordon_commit_seconds_bucket", 'cordond_decisions_total{verdict="deny"}'):
    plan.check("metrics have " + wanted, wanted in rows)
plan.check("metrics are well-formed", all(re.fullmatch(r'# (HELP|TYPE) .*|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? -?[0-9.]+', x)
                                           for x in rows.splitlines()), rows)
r = c.ask("GET", "/v1/duties.csv")
plan.check("duties as CSV", r.status == 200 and r.body.startswith(b"decision,number,measure") and r.header("Content-Type").startswith("text/csv"), r)

# ---- reload ---------------------------------------------------------------------------------------------------------------------

conf = os.path.join(folder(), "cordond.conf")
with open(conf, "w") as f:
    f.write("rate = 0\n")
rules = os.path.join(folder(), "rules.measure")
with open(os.path.join(HERE, "gate.measure")) as f:
    source = f.read()
with open(rules, "w") as f:
    f.write(source)


class Configured(Cordond):
    def command(self):
        args = super().command()
        args[args.index("/dev/null")] = conf
        return args


d = Configured(program, rules, settings=["watch=no"])
old = d.ask("POST", "/v1/decide", DENIED).json
with open(conf, "w") as f:
    f.write("rate = 0\nlistn = 1\n")
d.send(signal.SIGHUP)
plan.check("wrong settings are refused, loudly", until(lambda: d.event("settings_refused")))
with open(conf, "w") as f:
    f.write("rate = 0\n")
with open(rules, "w") as f:
    f.write(source.replace("customer based in RU", "customer based in Rusia"))
failures = d.metric("cordon_reload_failures_total")
d.send(signal.SIGHUP)
plan.check("a broken rulebook is refused", until(lambda: d.metric("cordon_reload_failures_total") > failures))
r = d.ask("POST", "/v1/decide", DENIED)
plan.check("and the old one stays", r.status == 200 and r.json["snapshot"] == old["snapshot"], r)
with open(rules, "w") as f:
    f.write(source.replace("customer is new and customer based in RU", "customer is new and customer based in {RU, BY}"))
d.send(signal.SIGHUP)
plan.check("a good one is taken", until(lambda: d.ask("POST", "/v1/decide", DENIED).json["snapshot"] != old["snapshot"]))
r = d.ask("POST", "/v1/decide", account("BY", "BY"))
plan.check("and decides", r.json["decision"]["verdict"] == "deny", r)

# a change on disk, without being told: a cordond that watches
watching = Cordond(program, rules, settings=["watch=yes"])
old = watching.ask("POST", "/v1/decide", DENIED).json["snapshot"]
with open(rules, "a") as f:
    f.write(source[source.index("measure policy/accounts"):source.index("measure law/listed")].replace("policy/accounts", "policy/more"))
plan.check("a changed rulebook is taken by itself", until(lambda: watching.ask("POST", "/v1/decide", DENIED).json["snapshot"] != old, 60),
           watching.log()[-600:])
watching.stop()

# ---- stop -----------------------------------------------------------------------------------------------------------------------

results = []


def keep_asking():
    while True:
        try:
            results.append(d.ask("POST", "/v1/decide", ALLOWED).status)
        except OSError:
            return
        except Exception as e:
            results.append(repr(e))
            return


threads = [threading.Thread(target=keep_asking) for _ in range(4)]
for t in threads:
    t.start()
# one that is refused before its end, so that what counts the others does not count it
d.ask("POST", "/v1/decide", "x" * (1 << 20) + "y", {"Content-Type": "application/json"})
until(lambda: len(results) > 50)
plan.same("SIGTERM under load: ends well", d.stop(), 0)
for t in threads:
    t.join(20)
plan.check("nobody got half an answer", set(results) <= {200, 503} and results.count(200) > 50, set(results))
plan.check("the log says so", d.event("stopped"))

# ---- TLS, witness ----------------------------------------------------------------------------------------------------------------

pushed = []


class Witness(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        pushed.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


outside = http.server.HTTPServer(("127.0.0.1", 0), Witness)
threading.Thread(target=outside.serve_forever, daemon=True).start()
where = folder()
made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                       "-subj", "/CN=localhost", "-keyout", where + "/k.pem", "-out", where + "/c.pem"], capture_output=True)
if made.returncode == 0:
    witness = os.path.join(where, "checkpoint")
    t = Cordond(program, gate, settings=["tls_certificate=%s/c.pem" % where, "tls_key=%s/k.pem" % where, "witness_file=" + witness,
                                           "witness_url=http://127.0.0.1:%d/" % outside.server_address[1]])
    context = ssl.create_default_context(cafile=where + "/c.pem")
    context.check_hostname = False

    def secure(path, body, kind):
        conn = http.client.HTTPSConnection("127.0.0.1", t.port, context=context, timeout=20)
        conn.request("POST", path, body, {"Authorization": "Bearer " + t.key, "Content-Type": kind})
        r = conn.getresponse()
        return r.status, r.read()

    status, text = secure("/v1/decide", json.dumps(DENIED), "application/json")
    plan.check("TLS: decide", status == 200 and json.loads(text)["decision"]["verdict"] == "deny", text)
    status, text = secure("/v1/batch", (json.dumps(DENIED) + "\n") * 500, "application/jsonl")
    plan.check("TLS: a batch", status == 200 and text.count(b"\n") == 500, (status, text[:200]))
    plan.check("each checkpoint goes to the witness's file", until(lambda: os.path.exists(witness) and os.path.getsize(witness) > 0))
    plan.check("and to its address", until(lambda: pushed and pushed[0].count(b"\n") >= 4), pushed[:1])
    t.stop()
else:
    plan.skip("TLS", "no openssl program")

plan.same("stops", c.stop(), 0)
plan.done()
