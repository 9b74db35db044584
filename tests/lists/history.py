#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OFAC's list from August 2021 to May 2024 through `cordon lists take`, `diff` and `show`, day by day. TAP.

    tests/lists/history.py CORDON ROOT

The files (sdn_history.tar.xz and INDEX.tsv, 309 days) are looked for under $CORDON_SHARED, `shared` beside the repository
and in the two folders above it; without them the test is skipped, loudly. Every sixteenth day, the largest steps and the day on
which the file was empty; all of them when CORDON_ROUNDS is 309 or more (script/nightly).
"""
import csv
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile

CORDON, ROOT = sys.argv[1], sys.argv[2]
PLACE = "data/lists/ofac/sdn-history-2021-2024"
NOTABLE = {"sdn_202405040136.csv"}  # 0 bytes


def find():
    places = [os.environ.get("CORDON_SHARED", "")]
    places += [os.path.join(ROOT, up, "shared") for up in ("..", "../..", "../../..")]
    return next((os.path.join(p, PLACE) for p in places if p and os.path.exists(os.path.join(p, PLACE))), None)


def cordon(*words):
    done = subprocess.run([CORDON, "lists", *words], capture_output=True, text=True, timeout=300, check=False,
                          env={**os.environ, "CORDON_LISTS": ""})
    return done.returncode, done.stdout, done.stderr


def instant(name):
    """sdn_202108180939.csv"""
    year, month, day, hour, minute = re.match(r"sdn_(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)", name).groups()
    return f"{year}-{month}-{day}T{hour}:{minute}:00Z"


def choose(days):
    if int(os.environ.get("CORDON_ROUNDS") or 0) >= len(days):
        return days
    return [d for i, d in enumerate(days) if i % 16 == 0 or d["file"] in NOTABLE or i == len(days) - 1]


def main():
    folder = find()
    if not folder:
        print("# SKIPPED: the 309 days of sdn.csv are not at hand")
        print("1..0 # SKIP the 309 days of sdn.csv are not at hand")
        return
    with open(os.path.join(folder, "INDEX.tsv"), encoding="ascii") as f:
        days = list(csv.DictReader(f, delimiter="\t"))
    chosen = {d["file"]: d for d in choose(days)}
    numbers = {d["file"]: i for i, d in enumerate(days)}
    wrong = []
    known = []  # name, entries, ids are checked by counts: (file, entries, added, removed)
    with tempfile.TemporaryDirectory(prefix="cordon-history-") as work, \
            tarfile.open(os.path.join(folder, "sdn_history.tar.xz")) as tar:
        store = os.path.join(work, "store")
        for member in tar:
            name = os.path.basename(member.name)
            if not member.isfile() or name not in chosen:
                continue
            path = os.path.join(work, name)
            with open(path, "wb") as f:
                f.write(tar.extractfile(member).read())
            status, out, errors = cordon("take", "us/sdn", path, "--part", "sdn", "--at", instant(name), "--lists",
                                         store, "--json", "--shrink", "10")
            news = json.loads(out)
            os.unlink(path)
            day = chosen[name]
            if int(day["bytes"]) == 0:
                if status != 1 or "the file is empty" not in errors:
                    wrong.append(f"{name}: {status} {out} {errors}")
                continue
            if status != 0 or news["outcome"] != "activated" or news["entries"] != int(day["entries"]):
                wrong.append(f"{name}: {status} {out} {errors}")
            follows = known and numbers[known[-1][0]] + 1 == numbers[name]
            if follows and (news["added"], news["removed"]) != (int(day["added"]), int(day["removed"])):
                wrong.append(f"{name}: {news['added']} added, {news['removed']} removed; the index says {day}")
            known.append((name, news["entries"], news["added"], news["removed"]))
        print(f"{'not ok' if wrong else 'ok'} 1 - {len(known)} days are taken, each against the one before")
        compare(store, known, 2)
        known_when(store, known, 3)
    for line in wrong[:10]:
        print("# " + line)
    print("1..3")


def compare(store, known, number):
    """The difference of two days of the store, field by field, is the sum of the way between them in entries."""
    first, last = known[0], known[-1]
    status, out, _ = cordon("diff", f"us/sdn@{instant(first[0])}", "us/sdn", "--json", "--lists", store)
    diff = json.loads(out)
    good = (status == 1 and len(diff["added"]) - len(diff["removed"]) == last[1] - first[1] and diff["changed"] and
            all(field["field"] and ("before" in field or "after" in field)
                for changed in diff["changed"] for field in changed["fields"]))
    print(f"{'ok' if good else 'not ok'} {number} - the first day against the last: {len(diff['added'])} added, "
          f"{len(diff['removed'])} removed, {len(diff['changed'])} changed field by field")


def known_when(store, known, number):
    good = True
    for name, entries, _, _ in known[:: max(1, len(known) // 8)]:
        status, out, errors = cordon("show", "us/sdn", "--json", "--known-at", instant(name), "--lists", store)
        if status != 0 or json.loads(out)["entries"] != entries:
            print(f"# {name}: {errors}")
            good = False
    print(f"{'ok' if good else 'not ok'} {number} - each day is known as it was")


main()
