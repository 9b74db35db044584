#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What script/server starts and prints: the three requests, copied and run as printed, do what is printed. With CORDON_LISTS its
lists are in use.

  serve.py CORDOND CORDON
"""
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

from harness import ROOT, Plan, folder, spawn, until

plan = Plan()
where = folder()
data = os.path.join(where, "data")
out = os.path.join(where, "out")
store = os.path.join(where, "lists")
subprocess.run([sys.argv[2], "lists", "take", "us/sdn", os.path.join(ROOT, "tests", "data", "screening", "sdn.csv"), "--lists", store],
               check=True, capture_output=True)
with open(out, "w") as f:
    p = spawn([os.path.join(ROOT, "examples", "serve"), os.path.abspath(sys.argv[1]), os.path.join(ROOT, "rulebooks"), data, "127.0.0.1:0"],
              stdout=f, stderr=subprocess.STDOUT, env=dict(os.environ, CORDON_LISTS=store))


def printed():
    with open(out) as f:
        text = f.read()
    return text if "Ctrl-C" in text or p.poll() is not None else ""


text = until(printed, 120)
plan.check("it starts on the shipped rulebook and prints what to try", "Ctrl-C" in text, text)


def run(title):
    """The command under the line that begins with the title, as a shell runs it."""
    found = re.search(r"(?m)^%s.*\n  (curl .*)$" % title, text)
    if not found:
        return ""
    return subprocess.run(["bash", "-c", found.group(1)], capture_output=True, text=True, timeout=30).stdout


for title, verdict in (("Denied", "deny"), ("Held", "hold"), ("Allowed, near a border", "allow")):
    answer = run(title)
    got = json.loads(answer)["decision"]["verdict"] if answer.startswith('{"decision"') else answer
    plan.check(title + ": " + verdict, got == verdict, answer[:500])
answer = run("The same as a proxy asks")
plan.check("as a proxy asks: a status that refuses, nothing to be stored", re.match(r"HTTP/1.1 (451|403)", answer) and "no-store" in answer, answer)
url = re.search(r"cordond answers on (\S+);", text).group(1)
with urllib.request.urlopen(url + "/metrics", timeout=30) as r:
    plan.check("the lists that CORDON_LISTS names are in use", re.search(r'(?m)^cordon_list_entries\{list="us/sdn"\} [1-9]', r.read().decode()))
p.send_signal(signal.SIGTERM)
p.wait(30)
plan.check("ended, and its cordond with it", until(lambda: '"event":"stopped"' in open(os.path.join(data, "cordond.log")).read()))
plan.done()
