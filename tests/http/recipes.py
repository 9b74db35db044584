#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The recipes against the real programs: what cordond says arrives at the client, and without cordond nothing passes.

  recipes.py CORDOND CORDON

Each proxy stands before a backend that counts what reaches it. cordond is then stopped (SIGSTOP: it hangs with its
connections open), ended (connections refused), replaced by a server that closes each connection in the middle of its reply,
and by one that answers 200 with nothing else, 301 and 500.
"""
import http.server
import os
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
import time

from harness import (EAST, NORTH, NOWHERE, ROOT, SOUTH, WEST, Cordond, Plan, ask, folder, free_port, snapshot, spawn,
                     until)

plan = Plan()


class Backend(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """What the proxies protect; `passed` counts what reached it."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Secret)
        self.passed = 0
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Secret(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.passed += 1
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"secret")

    def log_message(self, *args):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass  # the proxy went away


class Broken(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Stands where cordond stood and answers each connection with these bytes, then closes it."""
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port, text):
        self.text = text
        super().__init__(("127.0.0.1", port), Cut)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def end(self):
        self.shutdown()
        self.server_close()


class Cut(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.settimeout(5)
        try:
            self.request.recv(65536)
            self.request.sendall(self.server.text)
        except OSError:
            pass


# ---- the proxies, from the files of recipes/

def nginx(cordond_port, key, backend_port):
    where = folder()
    port = free_port()
    recipe = os.path.join(ROOT, "recipes", "nginx")
    with open(os.path.join(recipe, "cordon-upstream.conf")) as f:
        upstream = f.read().replace("127.0.0.1:8920", "127.0.0.1:%d" % cordond_port)
    with open(os.path.join(recipe, "cordon-server.conf")) as f:
        server = f.read()
    use = "".join(line[1:] for line in server.splitlines(True)[2:9])
    assert "auth_request     /_cordon;" in use, use
    with open(os.path.join(where, "nginx.conf"), "w") as f:
        f.write("""
worker_processes 1; daemon off; pid %(where)s/pid; error_log %(where)s/error.log;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path %(where)s/b; proxy_temp_path %(where)s/p; fastcgi_temp_path %(where)s/f;
    uwsgi_temp_path %(where)s/u; scgi_temp_path %(where)s/s;
    set_real_ip_from 127.0.0.1; real_ip_header X-Test-Client;   # so that the test can be anywhere
    map "" $cordon_authorization { default "Bearer %(key)s"; }
    %(upstream)s
    server {
        listen 127.0.0.1:%(port)d;
        %(server)s
        location / { %(use)s proxy_pass http://127.0.0.1:%(backend)d; }
    }
}
""" % dict(where=where, key=key, upstream=upstream, port=port, server=server, use=use, backend=backend_port))
    p = spawn(["nginx", "-e", where + "/error.log", "-c", where + "/nginx.conf"], stderr=subprocess.DEVNULL)
    return p, port


def haproxy(cordond_port, key, backend_port):
    where = folder()
    port = free_port()
    recipe = os.path.join(ROOT, "recipes", "haproxy")
    with open(os.path.join(recipe, "haproxy.cfg")) as f:
        text = f.read()
    line = "    http-request lua.cordon"
    assert line in text
    text = text.replace(line, "    http-request set-src req.hdr(X-Test-Client)\n" + line, 1)
    with open(os.path.join(where, "haproxy.cfg"), "w") as f:
        f.write(text)
    env = dict(os.environ, CORDON_LUA=os.path.join(recipe, "cordon.lua"), CORDON_KEY=key,
               CORDON_URL="http://127.0.0.1:%d" % cordond_port, SITE_ADDRESS="127.0.0.1:%d" % port,
               BACKEND_ADDRESS="127.0.0.1:%d" % backend_port)
    p = spawn(["haproxy", "-f", os.path.join(where, "haproxy.cfg"), "-db"], env=env, stdout=subprocess.DEVNULL,
              stderr=open(os.path.join(where, "log"), "w"))
    return p, port


class Envoy(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Envoy's HTTP ext_authz filter by its protocol: the check request has the client's method, host and path behind
    path_prefix, no body, the allowed headers and those to add; 200 passes, 5xx and silence are errors (failure_mode_allow:
    false: status_on_error), anything else goes to the client with the allowed headers."""
    daemon_threads = True

    def __init__(self, cordond_port, key, backend_port):
        super().__init__(("127.0.0.1", 0), EnvoyClient)
        self.cordond = cordond_port
        self.key = key
        self.backend = backend_port
        with open(os.path.join(ROOT, "recipes", "envoy", "envoy.yaml")) as f:
            text = f.read()
        self.prefix = text.split("path_prefix: ")[1].split("\n")[0]
        self.allowed = [line.split("exact:")[1].strip() for line in
                        text.split("allowed_client_headers:")[1].split("allowed_up")[0].splitlines() if "exact:" in line]
        assert "failure_mode_allow: false" in text and "ServiceUnavailable" in text
        threading.Thread(target=self.serve_forever, daemon=True).start()


class EnvoyClient(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, headers=(), body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        s = self.server
        check = {"Host": self.headers.get("Host", ""), "Content-Length": "0", "authorization": "Bearer " + s.key,
                 "x-envoy-external-address": self.headers.get("X-Test-Client", "")}
        try:
            r = ask(s.cordond, self.command, s.prefix + self.path, None, check, timeout=1)
        except Exception:
            return self.answer(503)
        if r.status >= 500 or r.headers.defects:  # Envoy takes no reply whose headers do not end
            return self.answer(503)
        if r.status != 200:
            kept = [(n, v) for n, v in r.headers.items() if n.lower() in s.allowed]
            return self.answer(r.status, kept, r.body)
        inner = ask(s.backend, "GET", self.path)
        return self.answer(inner.status, (), inner.body)

    def log_message(self, *args):
        pass


# ---- what holds for each

def up(port):
    try:
        ask(port, "GET", "/", headers={"X-Test-Client": NOWHERE}, timeout=5)
        return True
    except OSError:
        return False


def answers(name, port, backend):
    def get(client, path="/page?x=%zz&y=1"):
        for _ in range(20):  # on a busy machine a proxy may give up waiting for its verdict, and nothing passes then either
            before = backend.passed
            r = ask(port, "GET", path, headers={"X-Test-Client": client})
            passed = backend.passed - before
            if r.status not in (503, 504) or passed:
                break
        return r, passed

    r, passed = get(WEST)
    plan.check(name + ": allowed: the page", r.status == 200 and r.body == b"secret" and passed == 1, r)
    r, passed = get(WEST, "/")
    plan.check(name + ": allowed at the root", r.status == 200 and passed == 1, r)
    r, passed = get(NORTH)
    plan.check(name + ": refused by law: 451 with Link and no-store",
               r.status == 451 and passed == 0 and 'rel="blocked-by"' in (r.header("Link") or "")
               and r.header("Cache-Control") == "no-store" and r.header("Cordon-Verdict") == "deny", r)
    r, passed = get(EAST)
    plan.check(name + ": refused by policy: 403", r.status == 403 and passed == 0 and not r.header("Link"), r)
    r, passed = get(SOUTH)
    plan.check(name + ": limited, and nobody limits here: refused", r.status == 451 and passed == 0, r)
    r, passed = get(NOWHERE)
    plan.check(name + ": place not known: held, refused", r.status == 451 and passed == 0
               and r.header("Cordon-Verdict") == "hold", r)


def nothing_passes(name, what, port, backend, seconds=20):
    before = backend.passed
    statuses = []
    started = time.monotonic()
    for client in (NORTH, WEST):
        try:
            statuses.append(ask(port, "GET", "/", headers={"X-Test-Client": client}, timeout=60).status)
        except OSError as e:
            statuses.append(repr(e))
    took = time.monotonic() - started
    plan.check("%s: %s: 503, and nothing passes" % (name, what), statuses == [503, 503] and backend.passed == before,
               "%r, %d passed" % (statuses, backend.passed - before))
    plan.check("%s: %s: said in time" % (name, what), took < 2 * seconds, "%.1f s" % took)


CUTS = [
    ("the reply is cut in its status line", b"HTTP/1.1 2"),
    ("the reply is cut in its headers", b"HTTP/1.1 200 OK\r\nCordon-Ver"),
    ("the connection closes without a word", b""),
    ("a server error", b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    ("no HTTP", b"SSH-2.0-OpenSSH_9.2\r\n"),
]


def run(name, start, settings=()):
    backend = Backend()
    c = Cordond(program, gate, settings=settings)
    key = c.make_key("decide")
    process, port = start(c.port, key, backend.port)
    if not plan.check(name + ": starts", until(lambda: up(port))):
        return
    answers(name, port, backend)
    c.send(signal.SIGSTOP)
    nothing_passes(name, "cordond hangs", port, backend)
    c.send(signal.SIGCONT)
    r = until(lambda: ask(port, "GET", "/", headers={"X-Test-Client": WEST}).status == 200)
    plan.check(name + ": cordond goes on: allowed again", r)
    r = ask(port, "GET", "/", headers={"X-Test-Client": NORTH})
    plan.check(name + ": and what the law refuses still is", r.status == 451, r)
    cordond_port = c.port
    c.stop(signal.SIGKILL)
    nothing_passes(name, "cordond is gone", port, backend)
    for what, text in CUTS:
        b = Broken(cordond_port, text)
        nothing_passes(name, what, port, backend)
        b.end()
    if process:
        process.terminate()
        process.wait(10)


program, cordon = sys.argv[1:3]
gate = snapshot(cordon, os.path.join(ROOT, "tests", "http", "gate.measure"))

for proxy, start in (("nginx", nginx), ("haproxy", haproxy)):
    if shutil.which(proxy) or os.path.exists("/usr/sbin/" + proxy):
        os.environ["PATH"] += ":/usr/sbin"
        run(proxy, start)
    else:
        plan.skip(proxy, "not installed")


def envoy(cordond_port, key, backend_port):
    e = Envoy(cordond_port, key, backend_port)
    return None, e.server_address[1]


run("envoy's protocol", envoy, ["enforce_address_header=X-Envoy-External-Address"])
plan.done()
