#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments: no acknowledged record is lost, none is invented, and nobody has to repair anything.

    kill.py WRITER CORDON ROUNDS [SEED]

A child appends records, each with its number in it, and prints what is acknowledged. It is killed after a random time; then
another one opens the same journal (automatic recovery) and goes on. After each round the records are read back and compared,
byte by byte, with what was appended under their numbers; after the last one the whole journal is verified.
"""
import os, random, re, subprocess, sys, tempfile, time

writer, cordon, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
seed = int(sys.argv[4]) if len(sys.argv) > 4 else int(time.time())
rng = random.Random(seed)
print("seed", seed)

def text(number):
    bytes_ = 60 + number * 37 % 900
    x = (number * 2654435761 + 7) & 0xFFFFFFFF
    out = '{"at":"2026-10-01T09:00:00Z","by":"t","data":{"n":%d,"x":"' % number
    letters = []
    n = len(out)
    while n < bytes_:
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        letters.append(chr(97 + (x >> 24) % 26))
        n += 1
    return out + "".join(letters) + '"},"event":"test","kind":"event"}'

def check(folder, acknowledged, known):
    """Reads everything. `known`: number of the record at each index, as far as it is settled."""
    out = subprocess.run([writer, "dump", folder], capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(out) >= acknowledged, "%d records were acknowledged, %d are there" % (acknowledged, len(out))
    for index, line in enumerate(out):
        at, payload = line.split(" ", 1)
        assert int(at) == index
        number = int(re.search(r'"n":(\d+)', payload).group(1))
        if index < len(known):
            assert number == known[index], "record %d changed" % index
        else:
            known.append(number)
            assert payload == text(number), "record %d was never appended like this" % index
    for a, b in zip(known, known[1:]):
        assert b > a, "records out of order"
    return len(out)

with tempfile.TemporaryDirectory(prefix="cordon-kill-") as work:
    key, folder = os.path.join(work, "key"), os.path.join(work, "journal")
    subprocess.run([writer, "key", key], check=True)
    acknowledged, known, slowest = 0, [], 0.0
    for n in range(rounds):
        first = n * 10000000
        begun = time.monotonic()
        child = subprocess.Popen([writer, "run", folder, key, str(first)], stdout=subprocess.PIPE)
        line = child.stdout.readline()
        slowest = max(slowest, time.monotonic() - begun)
        assert line.startswith(b"open "), "round %d: it did not open: %r" % (n, line)
        assert int(line.split()[1]) >= acknowledged, "round %d: acknowledged records are gone" % n
        # Killed after some acknowledgements and a random time more, which may be none.
        for _ in range(rng.choice([0, 1, 1, 2, 5, 20])):
            last = child.stdout.readline()
            if last:
                acknowledged = int(last.split()[1])
        deadline = time.monotonic() + rng.random() * 0.03
        while time.monotonic() < deadline:
            pass
        child.kill()
        for last in child.stdout.read().splitlines():
            if re.fullmatch(rb"ack \d+", last):
                acknowledged = max(acknowledged, int(last.split()[1]))
        child.wait()
        check(folder, acknowledged, known)
    begun = time.monotonic()
    child = subprocess.Popen([writer, "append", folder, key, "0", '{"at":"2026-10-01T09:00:00Z","data":{"n":99999999999}}'])
    assert child.wait() == 0
    done = subprocess.run([cordon, "journal", "verify", folder], capture_output=True, text=True)
    print(done.stdout, done.stderr)
    assert done.returncode == 0, "the journal does not verify"
    print("%d rounds, %d records acknowledged, %d found, slowest opening %.3f s" % (rounds, acknowledged, len(known), slowest))
