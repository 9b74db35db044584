#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A disk that hangs, and one that fails to sync, under a running cordond: deadlines are kept, nothing is let through, and a retry gets
what was recorded meanwhile.

  stall.py CORDOND CORDON SHIM

SHIM is stall.c as a library, preloaded into cordond: what its fdatasync does stands in a file that this test writes.
"""
import os
import struct
import subprocess
import sys
import threading
import time

from harness import ALLOWED, DENIED, HELD, HERE, WEST, Cordond, Plan, folder, snapshot, until

plan = Plan()
program, cordon, shim = [os.path.abspath(p) for p in sys.argv[1:4]]
gate = snapshot(cordon, os.path.join(HERE, "gate.measure"))
mood_file = os.path.join(folder(), "mood")
DONE, WAITS, FAILS = range(3)


def mood(n):
    with open(mood_file, "r+b" if os.path.exists(mood_file) else "wb", buffering=0) as f:
        f.write(struct.pack("=q", n))


mood(DONE)
c = Cordond(program, gate, settings=["watch=no"], env={"LD_PRELOAD": shim, "DISK_MOOD": mood_file})


def decide(request=ALLOWED, **headers):
    return c.ask("POST", "/v1/decide", request, headers)


def enforce(client, **headers):
    return c.ask("GET", "/v1/enforce/content.view/site/viewer", headers=dict(headers, **{"Cordon-Client-Address": client}))


def problem(r, *statuses):
    return r.status in statuses and r.header("Content-Type") == "application/problem+json" and r.header("Cache-Control") == "no-store"


plan.same("the disk works: allowed", (decide().status, enforce(WEST).status), (200, 200))

# ---- it hangs --------------------------------------------------------------------------------------------------------------------

mood(WAITS)
SOON = {"Cordon-Timeout": "300ms"}
begun = time.monotonic()
r = decide(**dict(SOON, **{"Idempotency-Key": "late"}))
took = time.monotonic() - begun
plan.check("the disk hangs: a caller's deadline is kept: 504 and no verdict", problem(r, 504) and "verdict" not in r.body.decode(), r)
plan.check("not before its time", took >= 0.3, took)
held = decide(HELD, **dict(SOON, **{"Idempotency-Key": "held"}))
plan.check("nor is who would be held", problem(held, 504), held)
r = enforce(WEST, **SOON)
plan.check("nobody is let through by a proxy", problem(r, 504), r)
plan.same("health and rules are answered meanwhile", [c.ask("GET", p).status for p in ("/v1/health", "/v1/measures")], [200, 200])
patient = []
waiting = threading.Thread(target=lambda: patient.append(decide(DENIED)))
waiting.start()
until(lambda: c.metric("cordon_journal_waiting") > 0)
plan.check("who waits has no answer before it is durable", waiting.is_alive() and not patient)
mood(DONE)
waiting.join(30)
plan.check("the disk goes on: who waited is answered", patient and patient[0].status == 200
           and patient[0].json["decision"]["verdict"] == "deny", patient)
r = decide(**{"Idempotency-Key": "late"})
plan.check("a retry of what came too late gets what was recorded", r.status == 200 and r.header("Idempotent-Replayed") == "true"
           and r.json["decision"]["verdict"] == "allow", r)
index = r.json["envelope"]["journal_index"]
kept = c.ask("GET", "/v1/journal/records/%d" % index).json["record"]
plan.same("it is the record", (kept["decision"], kept["idempotency"]["key"]), (r.json["decision"], "late"))
found = subprocess.run([cordon, "journal", "search", os.path.join(c.data, "journal"), "--idempotency-key", "late"], capture_output=True, text=True)
plan.check("and is found by that key", found.stdout.split()[:1] == [str(index)] and len(found.stdout.splitlines()) == 1, found.stdout + found.stderr)
r = decide(HELD, **{"Idempotency-Key": "held"})
plan.check("the hold is a hold", r.header("Idempotent-Replayed") == "true" and r.json["decision"]["verdict"] == "hold", r)
n = r.json["envelope"]["journal_index"]
plan.check("with its case", until(lambda: c.ask("GET", "/v1/cases/%d" % n).status == 200))

# ---- it fails --------------------------------------------------------------------------------------------------------------------

mood(FAILS)
r = decide(**{"Idempotency-Key": "failed"})
plan.check("a sync fails: 503 that names the journal", problem(r, 503) and r.json["refused"] == "journal", r)
r = enforce(WEST)
plan.check("nobody is let through", problem(r, 503), r)
r = c.ask("GET", "/v1/ready", key=False)
plan.check("not ready, and says why", problem(r, 503) and "journal" in r.json["detail"], r)
plan.check("counted, and logged", c.metric("cordon_journal_failures_total") > 0 and c.metric('cordon_no_verdict_total{reason="journal"}') > 0
           and c.event("journal"), c.log()[-600:])
mood(DONE)
r = until(lambda: (lambda r: r.status == 200 and r)(decide(**{"Idempotency-Key": "failed"})), 30)
plan.check("it works again: decided, without a restart", r and c.process.poll() is None, c.log()[-600:])
plan.check("what was given up had not been decided", r and not r.header("Idempotent-Replayed"), r)
plan.same("ready", c.ask("GET", "/v1/ready", key=False).status, 200)
plan.same("it stops", c.stop(), 0)
r = subprocess.run([cordon, "journal", "verify", os.path.join(c.data, "journal")], capture_output=True, text=True)
plan.check("cordon journal verify finds nothing", r.returncode == 0 and ", 0 findings" in r.stdout, r.stdout + r.stderr)
plan.done()
