#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 behind a million records, in the middle of a batch: how long until cordond listens again.

  recovery.py CORDOND CORDON [--records N] [--limit SECONDS]

For script/nightly: with a limit it asserts a time, and so wants the machine for itself. What is timed is the whole start: program, snapshot,
journal, state and index, up to the line in the log that says that it listens. A start with nothing to recover stands beside it.
"""
import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from harness import ALLOWED, HERE, Cordond, Plan, snapshot, until

p = argparse.ArgumentParser()
p.add_argument("cordond")
p.add_argument("cordon")
p.add_argument("--records", type=int, default=1000000)
p.add_argument("--limit", type=float)
a = p.parse_args()
plan = Plan()
c = Cordond(a.cordond, snapshot(a.cordon, os.path.join(HERE, "gate.measure")), settings=["watch=no"])
line = (json.dumps(ALLOWED) + "\n").encode()
PIECE = 1000


def batch(lines):
    """Sends a batch without end; gives the number of answers once there are enough, while more are on their way."""
    answered = [0]
    s = socket.create_connection(("127.0.0.1", c.port))
    s.sendall(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\n" % c.key.encode())

    def read():
        rest = b""
        try:
            while True:
                piece = s.recv(1 << 20)
                if not piece:
                    return
                rest += piece
                answered[0] += rest.count(b'"journal_index"')
                rest = rest[-14:]  # shorter than what is counted
        except OSError:
            return

    def write():
        try:
            while True:
                s.sendall(b"%x\r\n%s\r\n" % (len(line) * PIECE, line * PIECE))
        except OSError:
            return

    for work in (read, write):
        threading.Thread(target=work, daemon=True).start()
    until(lambda: answered[0] >= lines or c.process.poll() is not None, 600)
    return answered[0]


def start():
    begun = time.monotonic()
    c.start()
    return time.monotonic() - begun


c.stop()
idle = start()
times = []
told = 0
for records in (a.records, PIECE, PIECE):  # the second and third time it has to recover as well, behind as many records
    told += batch(records)
    c.stop(signal.SIGKILL)
    times.append(start())
    kept = c.metric("cordon_journal_durable_records")
    plan.check("killed in the middle of a batch, %d answers, %d records: listens after %.2f s (%.2f s with an empty journal)"
               % (told, kept, times[-1], idle), kept >= told, (kept, told))
    r = c.ask("POST", "/v1/decide", ALLOWED)
    plan.check("and decides", r.status == 200 and r.json["envelope"]["journal_index"] >= kept, r)
    n = r.json["envelope"]["journal_index"]
    rows = c.ask("GET", "/v1/journal/records?newest=yes&limit=1").json
    rows = rows if isinstance(rows, list) else rows["records"]
    plan.check("the index has it all", rows and rows[0]["index"] == n, rows)
if a.limit is None:
    plan.skip("recovery in time", "no --limit was given")
else:
    plan.check("behind %d records it listened again within %.1f s" % (a.records, a.limit), max(times) <= a.limit, times)
plan.same("it stops", c.stop(), 0)
r = subprocess.run([a.cordon, "journal", "verify", os.path.join(c.data, "journal")], capture_output=True, text=True)
plan.check("cordon journal verify finds nothing", r.returncode == 0 and ", 0 findings" in r.stdout, r.stdout + r.stderr)
plan.done()
