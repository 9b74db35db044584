# SPDX-License-Identifier: Apache-2.0
"""Runs cordond and the proxies of the recipes for tests: free ports, polling with deadlines, ends by pid, TAP.

A test file makes a Plan, calls plan.check(name, condition, told), and ends with plan.done().
"""
import atexit
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


class Plan:
    def __init__(self):
        self.number = 0
        self.failed = 0
        sys.excepthook = self.broke

    def broke(self, kind, value, where):
        """What is not caught ends the test as a failed check that says where, not as a silent end."""
        self.check("the test goes on after check %d" % self.number, False, "".join(traceback.format_exception(kind, value, where))[-1500:])
        print("1..%d" % self.number)
        sys.stdout.flush()

    def check(self, name, good, told=""):
        self.number += 1
        if not good:
            self.failed += 1
        print("%s %d - %s" % ("ok" if good else "not ok", self.number, name))
        if not good and told != "":
            for line in str(told).splitlines()[:20]:
                print("# " + line)
        sys.stdout.flush()
        return good

    def same(self, name, got, wanted):
        return self.check(name, got == wanted, "got %r\nwanted %r" % (got, wanted))

    def skip(self, name, why):
        self.number += 1
        print("ok %d # SKIP %s: %s" % (self.number, name, why))
        print("# SKIPPED: %s: %s" % (name, why))

    def done(self):
        print("1..%d" % self.number)
        sys.exit(1 if self.failed else 0)


def until(condition, seconds=60.0):
    """Polls; the last value of the condition. The deadline is for what never comes: a busy machine may take its time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.01)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


_folders = []
_processes = []


def folder():
    path = tempfile.mkdtemp(prefix="cordon-test-")
    _folders.append(path)
    return path


@atexit.register
def _clean():
    for p in _processes:
        if p.poll() is None:
            try:
                p.send_signal(signal.SIGCONT)
                p.kill()
                p.wait(10)
            except OSError:
                pass
    for path in _folders:
        shutil.rmtree(path, ignore_errors=True)


def spawn(*args, **kw):
    p = subprocess.Popen(*args, **kw)
    _processes.append(p)
    return p


def sanitized(program):
    """Whether its memory is that of the address sanitizer, which keeps what was freed."""
    with open(program, "rb") as f:
        return b"__asan_init" in f.read()


class Reply:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name):
        return self.headers.get(name)

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return "%d %s %s" % (self.status, dict(self.headers), self.body[:600])


def ask(port, method, path, body=None, headers=None, timeout=120, host="127.0.0.1"):
    c = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        try:
            c.request(method, path, body=body, headers=headers or {})
        except (BrokenPipeError, ConnectionResetError):
            if c.sock is None:
                raise  # it never came to a connection
            # refused before all was sent: the reply is there
        r = c.getresponse()
        return Reply(r.status, r.headers, r.read())
    finally:
        c.close()


class Cordond:
    def __init__(self, program, rules, data=None, settings=(), env=None, wait=True, wrap=(), logs=None):
        self.program = program
        self.data = data or folder()
        self.logs = logs or self.data
        self.rules = rules
        self.settings = list(settings)
        self.env = dict(os.environ, **(env or {}))
        self.wrap = list(wrap)
        self.key = None
        self.start(wait)

    def command(self):
        args = self.wrap + [self.program, "--config", "/dev/null", "--data", self.data]
        if not any(s.startswith("listen=") for s in self.settings):
            args += ["--listen", "127.0.0.1:0"]
        kind = "snapshot" if self.rules.endswith(".snapshot") else "rulebooks"
        args += ["--set", "%s=%s" % (kind, self.rules)]
        for s in self.settings:
            args += ["--set", s]
        return args

    def start(self, wait=True):
        self.log_path = os.path.join(self.logs, "test.log")
        self.log_from = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0
        with open(self.log_path, "ab") as log:
            self.process = spawn(self.command(), stderr=log, stdout=subprocess.DEVNULL, env=self.env)
        if not wait:
            return
        line = until(lambda: self.event("listening") or self.process.poll() is not None, 120)
        if not isinstance(line, dict):
            raise RuntimeError("cordond did not start: " + self.log())
        self.port = line["port"]
        with open(os.path.join(self.data, "admin.key")) as f:
            self.key = f.read().strip()

    def log(self):
        with open(self.log_path, "rb") as f:
            f.seek(self.log_from)
            return f.read().decode("utf-8", "replace")

    def events(self, name=None):
        found = []
        for line in self.log().splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if name is None or event.get("event") == name:
                found.append(event)
        return found

    def event(self, name):
        found = self.events(name)
        return found[0] if found else None

    def ask(self, method, path, body=None, headers=None, key=True, timeout=120):
        h = dict(headers or {})
        if key:
            h.setdefault("Authorization", "Bearer " + (self.key if key is True else key))
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            h.setdefault("Content-Type", "application/json")
        return ask(self.port, method, path, body, h, timeout)

    def metric(self, line):
        """Value of one line of /metrics, by its name with labels; None: absent."""
        for row in self.ask("GET", "/metrics").body.decode().splitlines():
            if row.startswith(line + " "):
                return float(row[len(line) + 1:])
        return None

    def make_key(self, *roles, **more):
        r = self.ask("POST", "/v1/keys", dict(label="test " + " ".join(roles), roles=list(roles), **more))
        if r.status != 201:
            raise RuntimeError("no key: %r" % r)
        return r.json["secret"]

    def send(self, which):
        self.process.send_signal(which)

    def stop(self, which=signal.SIGTERM, seconds=60):
        if self.process.poll() is None:
            self.process.send_signal(which)
        return self.process.wait(seconds)


def snapshot(cordon, rules, name="test.snapshot"):
    path = os.path.join(folder(), name)
    subprocess.run([cordon, "build", "--quiet", rules, "-o", path], check=True, stdout=subprocess.DEVNULL)
    return path


# ---- requests for gate.measure

NORTH, EAST, SOUTH, WEST, NOWHERE = "175.45.176.1", "93.84.0.1", "82.137.192.1", "193.99.144.80", "10.0.0.1"


def account(*countries, **more):
    """A request to open an account by somebody with evidence of these countries."""
    kinds = ["billing_address", "card_issuer", "ship_to"]
    evidence = []
    for kind, country in zip(kinds, countries):
        evidence.append({"kind": kind, "value": country if kind == "card_issuer" else {"country": country}})
    party = {"role": "customer", "kind": "person", "relations": [], "evidence": evidence}
    return dict({"action": "account.open", "service": "site", "parties": [party]}, **more)


DENIED = account("RU", "RU")
HELD = account("RU")
ALLOWED = account("DE", "DE")
