#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A full disk, a real one: cordond's data folder on a small file system of its own, filled under load. While it is full nothing is
decided and cordond says why; with room again it decides, without a restart; what was acknowledged is there.

  disk.py CORDOND CORDON

The file system is a tmpfs in a mount namespace of this test's own (`unshare`, which an ordinary user may where user namespaces are allowed).
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from harness import ALLOWED, DENIED, HELD, HERE, WEST, Cordond, Plan, folder, snapshot, until

MINE = "CORDON_TEST_MOUNTS"  # set: this process is in its own namespace
plan = Plan()
if not os.environ.get(MINE):
    tried = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, text=True) \
        if shutil.which("unshare") else None
    if not tried or tried.returncode:
        plan.skip("a full disk", "no mount namespace here: %s" % (tried.stderr.strip() if tried else "no program unshare"))
        plan.done()
    os.execvpe("unshare", ["unshare", "-rm", sys.executable, os.path.abspath(__file__)] + sys.argv[1:], dict(os.environ, **{MINE: "1"}))

program, cordon = sys.argv[1:3]
gate = snapshot(cordon, os.path.join(HERE, "gate.measure"))
data = os.path.join(folder(), "data")
os.mkdir(data)
room = (os.path.getsize(gate) >> 20) + 8
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dm" % room, "tmpfs", data], check=True)
c = Cordond(program, gate, data=data, settings=["watch=no"], logs=folder())
ballast = os.path.join(data, "ballast")
DISK = {"decide": 507, "ready": 503}


def fill(leave):
    """All but so many bytes."""
    with open(ballast, "ab", buffering=0) as f:
        try:
            while True:
                free = os.statvfs(data).f_bavail * os.statvfs(data).f_frsize - leave
                if free <= 0 or not f.write(b"\0" * min(free, 1 << 20)):
                    return
        except OSError:
            pass


def free():
    os.truncate(ballast, 0)


# ---- it fills up under load ---------------------------------------------------------------------------------------------

requests = [json.dumps(r) for r in (DENIED, HELD, ALLOWED)]
noted = {}  # index: decision, as it was acknowledged
strange = []
lock = threading.Lock()
full = threading.Event()


def note(text):
    """An answer or the refusal of one; anything else is strange."""
    said = json.loads(text)
    if "decision" in said:
        with lock:
            noted[said["envelope"]["journal_index"]] = json.dumps(said["decision"], sort_keys=True)
    elif said.get("refused") == "disk" and said.get("status") == DISK["decide"]:
        full.set()
    else:
        strange.append(text[:300])


def one_by_one(n):
    while not full.is_set():
        r = c.ask("POST", "/v1/decide", requests[n], {"Content-Type": "application/json"})
        if r.status not in (200, DISK["decide"]):
            strange.append(r)
        note(r.body.decode())


def in_batches():
    while not full.is_set():
        r = c.ask("POST", "/v1/batch", "\n".join(requests * 30) + "\n", {"Content-Type": "application/jsonl"})
        lines = r.body.decode().splitlines()
        if r.status != 200 or len(lines) != 90:
            strange.append(r)
        for line in lines:
            note(line)


fill(400 << 10)
threads = [threading.Thread(target=one_by_one, args=(n,)) for n in range(3)] + [threading.Thread(target=in_batches)]
for t in threads:
    t.start()
full.wait(60)
full_by_itself = full.is_set()
full.set()
for t in threads:
    t.join()
plan.check("the records fill the disk, until decisions are refused: %d were acknowledged" % len(noted), full_by_itself and len(noted) > 100)
plan.check("everybody got a decision, or 507 with the reason", not strange, strange[:3])
fill(0)  # what recovery could use


# ---- full ---------------------------------------------------------------------------------------------------------------------

def refused(what, r, status):
    plan.check("full: %s: %d that names the disk" % (what, status),
               r.status == status and r.header("Content-Type") == "application/problem+json" and b"disk" in r.body
               and r.header("Cache-Control") == "no-store" and r.header("Retry-After"), r)


def stays_full():
    return c.ask("POST", "/v1/decide", ALLOWED).status == DISK["decide"]


refused("a decision", c.ask("POST", "/v1/decide", ALLOWED, {"Idempotency-Key": "while full"}), DISK["decide"])
refused("who would be let through by a proxy", c.ask("GET", "/v1/enforce/content.view/site/viewer", headers={"Cordon-Client-Address": WEST}),
        DISK["decide"])
r = c.ask("POST", "/v1/batch", "\n".join(requests) + "\n", {"Content-Type": "application/jsonl"})
lines = [json.loads(line) for line in r.body.decode().splitlines()]
plan.check("full: a batch: no line is decided", len(lines) == 3 and all(x.get("refused") == "disk" for x in lines), r)
refused("ready", c.ask("GET", "/v1/ready", key=False), DISK["ready"])
plan.same("full: it is healthy, a restart would not help", c.ask("GET", "/v1/health", key=False).status, 200)
status = c.ask("GET", "/v1/status").json
plan.check("full: the status says so", status["ready"] is False and status["not_ready"] == "disk", status)
plan.same("full: so does the metric", c.metric("cordon_ready"), 0)
plan.check("full: refusals are counted by their reason", c.metric('cordon_no_verdict_total{reason="disk"}') > 2)
plan.check("full: failures of the journal are counted", c.metric("cordon_journal_failures_total") > 0)
plan.check("full: the log names the reason", until(lambda: "No space left on device" in c.log(), 20), [e for e in c.events() if e["event"] != "refused"])
keys = len(c.ask("GET", "/v1/keys").json)
r = c.ask("POST", "/v1/keys", {"label": "never", "roles": ["decide"]})
plan.check("full: no act is done either", r.status in (503, 507) and "secret" not in r.json, r)
plan.same("full: and none is half done", len(c.ask("GET", "/v1/keys").json), keys)
index, decision = sorted(noted.items())[0]
r = c.ask("GET", "/v1/journal/records/%d" % index)
plan.check("full: what is recorded can be read", r.status == 200 and json.dumps(r.json["record"]["decision"], sort_keys=True) == decision, r)

# The timer tries at each full second whether it works; after a try in vain it is as full as before.
said = set()
end = int(time.time()) + 2
while time.time() < end:
    said.add(c.ask("POST", "/v1/decide", ALLOWED).status)
plan.same("full: it stays refused, however often it tries", said, {DISK["decide"]})

# ---- room again ----------------------------------------------------------------------------------------------------------------

free()
r = until(lambda: (lambda r: r.status == 200 and r)(c.ask("POST", "/v1/decide", ALLOWED, {"Idempotency-Key": "while full"})), 30)
plan.check("with room again it decides, without a restart", r and c.process.poll() is None, c.log()[-600:])
plan.check("what was refused had not been decided", r and not r.header("Idempotent-Replayed"), r)
note(r.body.decode())
plan.same("ready", c.ask("GET", "/v1/ready", key=False).status, 200)
plan.same("the metric, too", c.metric("cordon_ready"), 1)
plan.check("the log says that it works again", until(lambda: "the journal works again" in c.log()), c.log()[-600:])
plan.same("acts are done again", c.ask("POST", "/v1/keys", {"label": "now", "roles": ["decide"]}).status, 201)


def lost():
    bad = []
    for index, decision in noted.items():
        r = c.ask("GET", "/v1/journal/records/%d" % index)
        if r.status != 200 or json.dumps(r.json["record"].get("decision"), sort_keys=True) != decision:
            bad.append((index, r))
    return bad


plan.check("each of the %d acknowledged decisions is recorded as it was answered" % len(noted), not lost(), lost()[:2])


def counted():
    """Decisions that a search finds: the index has taken in what it could not write."""
    found, after = 0, ""
    while True:
        rows = c.ask("GET", "/v1/journal/records?verdict=allow&limit=1000" + after).json
        rows = rows if isinstance(rows, list) else rows["records"]
        found += len(rows)
        if len(rows) < 1000:
            return found
        after = "&after=%d" % rows[-1]["index"]


allowed = sum(json.loads(d)["verdict"] == "allow" for d in noted.values())
plan.check("the index has caught up: a search finds all that were allowed", until(lambda: counted() == allowed, 20), (counted(), allowed))

# ---- ended while it is full -----------------------------------------------------------------------------------------------------

fill(0)
plan.check("full again", until(lambda: c.ask("POST", "/v1/decide", DENIED).status == DISK["decide"], 20))
c.stop(signal.SIGKILL)
fill(0)
c.start(wait=False)


def waits():
    """It has come to its databases, or has given up; 20 s is how long it waits for them."""
    if c.process.poll() is not None:
        return True
    files = "/proc/%d/fd" % c.process.pid
    try:
        return any("state.sqlite" in os.readlink(os.path.join(files, f)) for f in os.listdir(files))
    except OSError:
        return False


plan.check("killed and started on the full disk", until(waits))
plan.check("it does not answer", not c.event("listening"), c.log())
free()
until(lambda: c.event("listening") or c.process.poll() is not None)
if c.process.poll() is not None:  # the unit of systemd starts it again
    plan.check("it has ended and says why", c.process.returncode != 0 and re.search("full|No space", c.log()), c.log())
    c.start()
c.port = c.event("listening")["port"]
plan.check("with room it decides", until(lambda: c.ask("POST", "/v1/decide", ALLOWED).status == 200, 30), c.log()[-600:])
plan.check("and nothing is lost", not lost(), lost()[:2])
plan.same("it stops", c.stop(), 0)
r = subprocess.run([cordon, "journal", "verify", os.path.join(data, "journal")], capture_output=True, text=True)
plan.check("cordon journal verify finds nothing", r.returncode == 0 and ", 0 findings" in r.stdout, r.stdout + r.stderr)
r = subprocess.run([cordon, "journal", "replay", os.path.join(data, "journal"), "--snapshots", os.path.join(data, "snapshots")],
                   capture_output=True, text=True)
plan.check("a replay finds no difference", r.returncode == 0 and " 0 different, 0 undecided" in r.stdout, r.stdout + r.stderr)
plan.done()
