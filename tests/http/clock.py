#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A wall clock that is unset, set, set back and unset again under a running cordond: while it is wrong nothing is decided and cordond says
why; once it is right it decides, without a restart.

  clock.py CORDOND CORDON SHIM

SHIM is clock.c as a library, preloaded into cordond alone: what it adds to the clock stands in a file that this test writes.
"""
import calendar
import json
import os
import signal
import struct
import subprocess
import sys
import time

from harness import ALLOWED, DENIED, HERE, WEST, Cordond, Plan, folder, snapshot, until

plan = Plan()
program, cordon, shim = [os.path.abspath(p) for p in sys.argv[1:4]]
gate = snapshot(cordon, os.path.join(HERE, "gate.measure"))
shift_file = os.path.join(folder(), "shift")
with open(shift_file, "wb") as f:
    f.write(struct.pack("=q", 0))
HOUR = 3600


def shift(seconds):
    """From now on cordond's clock is so many seconds ahead of the real one."""
    with open(shift_file, "r+b", buffering=0) as f:
        f.write(struct.pack("=q", seconds))


def unset():
    """As after a start without a battery: 1 January 1970."""
    shift(60 - int(time.time()))


def decide(request=ALLOWED, **headers):
    return c.ask("POST", "/v1/decide", request, headers)


def at(r):
    return calendar.timegm(time.strptime(r.json["decision"]["at"], "%Y-%m-%dT%H:%M:%SZ"))


def decides():
    r = until(lambda: (lambda r: r.status == 200 and r)(decide()), 30)
    return r and abs(at(r) - time.time()) < 30 and c.process.poll() is None and r


def refuses(what, detail, reason="clock"):
    """Everything that a client could take for an answer."""
    def problem(name, r):
        plan.check("%s: %s: 503 that names the clock" % (what, name),
                   r.status == 503 and r.header("Content-Type") == "application/problem+json" and b"clock" in r.body
                   and r.header("Retry-After") and r.header("Cache-Control") == "no-store", r)
    r = decide()
    problem("a decision", r)
    plan.check("%s: it says %s" % (what, detail), detail in r.json["detail"], r)
    r = c.ask("POST", "/v1/batch", "\n".join(json.dumps(x) for x in (ALLOWED, DENIED)) + "\n", {"Content-Type": "application/jsonl"})
    lines = [json.loads(line) for line in r.body.decode().splitlines()]
    plan.check(what + ": no line of a batch is decided", len(lines) == 2 and all(x.get("refused") == "clock" for x in lines), r)
    problem("a proxy's question", c.ask("GET", "/v1/enforce/content.view/site/viewer", headers={"Cordon-Client-Address": WEST}))
    problem("ready", c.ask("GET", "/v1/ready", key=False))
    plan.same(what + ": healthy", c.ask("GET", "/v1/health", key=False).status, 200)
    status = c.ask("GET", "/v1/status").json
    plan.check(what + ": the status says so", status["ready"] is False and status["not_ready"] == "clock", status)
    plan.same(what + ": so does the metric", c.metric("cordon_ready"), 0)
    plan.check(what + ": refusals are counted", c.metric('cordon_no_verdict_total{reason="clock"}') > 0)
    plan.check(what + ": the log says so", any(detail.split()[-1] in e.get("detail", "") for e in c.events("clock")), c.log()[-800:])
    r = c.ask("POST", "/v1/keys", {"label": "never", "roles": ["decide"]})
    plan.check(what + ": no act is dated by such a clock", r.status == 503 and "secret" not in r.json, r)


def right_again(what):
    shift(0)
    told = len(c.events("clock"))
    plan.check("%s: set right, it decides for the right instant, without a restart" % what, decides(), c.log()[-800:])
    plan.same(what + ": ready again", (c.ask("GET", "/v1/ready", key=False).status, c.metric("cordon_ready")), (200, 1))
    plan.check(what + ": and says so", any("right again" in e["detail"] for e in c.events("clock")[told - 1:]), c.log()[-800:])


# ---- the first start of all, with an unset clock ----------------------------------------------------------------------------

witness = os.path.join(folder(), "checkpoint")
unset()
c = Cordond(program, gate, settings=["watch=no", "witness_file=" + witness], env={"LD_PRELOAD": shim, "CLOCK_SHIFT": shift_file}, wait=False)
if not plan.check("a first start with an unset clock waits and says why", until(lambda: c.event("waiting") or c.event("listening"), 20)
                  and c.event("waiting") and c.event("clock"), c.log()):
    plan.done()
plan.check("and does not answer", c.process.poll() is None and not c.event("listening"), c.log())
c.stop(signal.SIGTERM)
plan.check("it can be stopped meanwhile", c.process.returncode is not None)
c.start(wait=False)
until(lambda: c.event("waiting"))
shift(0)
plan.check("the clock is set: it begins", until(lambda: c.event("listening")), c.log())
c.port = c.event("listening")["port"]
with open(os.path.join(c.data, "admin.key")) as f:
    c.key = f.read().strip()
r = decides()
plan.check("and decides for the right instant", r, c.log())

# ---- set back while it runs ---------------------------------------------------------------------------------------------------

first = decide(DENIED, **{"Idempotency-Key": "before"})
shift(-HOUR)
refuses("an hour back", "gone back")
right_again("an hour back")
r = decide(DENIED, **{"Idempotency-Key": "before"})
plan.same("what was answered before is answered again", (r.status, r.body), (200, first.body))
last = at(decide())
shift(-2)
r = decide()
plan.check("two seconds back: time stands still rather than going back", r.status == 200 and at(r) >= last, r)
shift(0)
unset()
refuses("unset", "not set")
right_again("unset")

# ---- wrong at a start that is not the first -------------------------------------------------------------------------------------

for what, how, detail in (("started an hour back", lambda: shift(-HOUR), "gone back"), ("started unset", unset, "not set")):
    plan.check("decided", decides())
    c.stop(signal.SIGKILL)
    how()
    c.start()
    refuses(what, detail)
    right_again(what)

# ---- ahead ------------------------------------------------------------------------------------------------------------------------

indexes = []
for _ in range(3):
    r = decide()
    indexes.append((r.json["envelope"]["journal_index"], at(r)))
shift(HOUR)
r = decide()
plan.check("a clock that is ahead cannot be told from the right one", r.status == 200 and at(r) - time.time() > HOUR - 30, r)
shift(0)
r = decide()
plan.check("set right it has gone back behind what is recorded: refused", r.status == 503 and r.json["refused"] == "clock", r)
shift(HOUR)  # an hour later
r = decide()
plan.check("until the time has come again", r.status == 200, r)
plan.check("records stand in the order of their instants, and the witness has a checkpoint",
           all(a < b and s <= t for (a, s), (b, t) in zip(indexes, indexes[1:])) and until(lambda: os.path.exists(witness)), indexes)
plan.same("it stops", c.stop(), 0)
r = subprocess.run([cordon, "journal", "export", os.path.join(c.data, "journal")], capture_output=True, text=True)
instants = [json.loads(line)["record"]["at"] for line in r.stdout.splitlines()]
plan.check("no record is dated before the one in front of it, and none by a clock that was unset", instants == sorted(instants) and len(instants) > 10
           and instants[0] > "2026", instants[:40])
r = subprocess.run([cordon, "journal", "verify", os.path.join(c.data, "journal")], capture_output=True, text=True)
plan.check("cordon journal verify finds nothing", r.returncode == 0 and ", 0 findings" in r.stdout, r.stdout + r.stderr)
plan.done()
