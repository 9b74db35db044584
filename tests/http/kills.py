#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 of cordond under load at random moments: every acknowledged answer is in the journal, with the bytes that were
answered, and the journal verifies.

  kills.py CORDOND CORDON [--kills N] [--seed N]

Clients ask one by one and in batches and note each answer they got whole. After each kill cordond is started again on the
same data; its recovery is timed. Every noted answer is then looked up by its index: the record has the request and the
decision that was answered. Each tenth time (and at the end) `cordon journal verify` reads the journal while it is at rest.
"""
import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

from harness import ALLOWED, DENIED, HELD, HERE, Cordond, Plan, ask, snapshot, until

p = argparse.ArgumentParser()
p.add_argument("cordond")
p.add_argument("cordon")
p.add_argument("--kills", type=int, default=10)
p.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
a = p.parse_args()
chance = random.Random(a.seed)
print("# seed %d" % a.seed)
plan = Plan()

gate = snapshot(a.cordon, os.path.join(HERE, "gate.measure"))
requests = [json.dumps(r) for r in (DENIED, HELD, ALLOWED)]


class Client(threading.Thread):
    """Asks until the connection is gone; notes what was answered."""

    def __init__(self, c, batch, seed):
        super().__init__(daemon=True)
        self.c = c
        self.batch = batch
        self.chance = random.Random(seed)
        self.noted = []  # (index, decision as text)
        self.wrong = []

    def note(self, text):
        try:
            answer = json.loads(text)
        except ValueError:
            return
        if "decision" not in answer or "envelope" not in answer:
            if answer.get("status") != 503 and answer.get("error", {}).get("status") != 503:
                self.wrong.append(text[:300])
            return
        self.noted.append((answer["envelope"]["journal_index"], json.dumps(answer["decision"], sort_keys=True)))

    def run(self):
        while True:
            try:
                if self.batch:
                    self.one_batch()
                else:
                    r = ask(self.c.port, "POST", "/v1/decide", self.chance.choice(requests),
                            {"Authorization": "Bearer " + self.c.key, "Content-Type": "application/json"}, timeout=10)
                    self.note(r.body)
            except Exception:
                return

    def one_batch(self):
        """A chunked reply: an answer counts when its line is whole, whatever becomes of the rest."""
        text = "\n".join(self.chance.choice(requests) for _ in range(200)).encode() + b"\n"
        with socket.create_connection(("127.0.0.1", self.c.port), timeout=10) as s:
            s.sendall(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n" % (
                self.c.key.encode(), len(text)) + text)
            got = b""
            try:
                while True:
                    piece = s.recv(65536)
                    if not piece:
                        break
                    got += piece
            except OSError:
                pass
            body = got.partition(b"\r\n\r\n")[2]
            lines = b""
            while body:  # undo the chunks
                size, _, rest = body.partition(b"\r\n")
                try:
                    n = int(size, 16)
                except ValueError:
                    break
                lines += rest[:n]
                body = rest[n + 2:]
            for line in lines.split(b"\n")[:-1]:
                self.note(line)
            if not got.endswith(b"0\r\n\r\n"):
                raise OSError("cut")


def verify(data):
    r = subprocess.run([a.cordon, "journal", "verify", os.path.join(data, "journal")], capture_output=True, text=True)
    return r.returncode == 0, r.stdout + r.stderr


c = Cordond(a.cordond, gate)
total = 0
lost = []
wrong = []
slowest = 0.0
ready = True
verified = [True, ""]
for kill in range(a.kills):
    clients = [Client(c, i % 3 == 0, chance.random()) for i in range(6)]
    for t in clients:
        t.start()
    until(lambda: sum(len(t.noted) for t in clients) > 5)
    time.sleep(chance.random() * 0.4)
    c.stop(signal.SIGKILL)
    for t in clients:
        t.join(30)
    if kill % 10 == 9 or kill == a.kills - 1:
        verified = verify(c.data) if verified[0] else verified
    begun = time.monotonic()
    c.start()
    ready = until(lambda: c.ask("GET", "/v1/ready").status == 200) and ready
    slowest = max(slowest, time.monotonic() - begun)
    for t in clients:
        wrong += t.wrong
        total += len(t.noted)
        some = t.noted if len(t.noted) <= 40 else chance.sample(t.noted, 30) + t.noted[-10:]
        for index, decision in some:
            r = c.ask("GET", "/v1/journal/records/%d" % index)
            kept = r.json["record"] if r.status == 200 else None
            if not kept or json.dumps(kept.get("decision"), sort_keys=True) != decision:
                lost.append((index, r.status, str(kept)[:200]))
plan.check("%d kills: %d acknowledged answers, each one looked for is in the journal as it was answered" % (a.kills, total),
           not lost and total > a.kills * 5, lost[:5])
plan.check("no client got anything but whole answers and 503", not wrong, wrong[:5])
if "no command `journal`" in verified[1]:
    plan.skip("cordon journal verify finds nothing", "this cordon has no such command")
else:
    plan.check("cordon journal verify finds nothing", verified[0], verified[1][-2000:])
# How quick it is, is measured where nothing else runs (bench-journal); here it has to come back by itself.
plan.check("it was ready again each time, %.2f s after its start at the most" % slowest, ready, slowest)
plan.same("and it ends well", c.stop(), 0)
plan.done()
