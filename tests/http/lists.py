#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lists of listed parties in a running cordond: who may be listed is held with the candidates, cleared by a person, and held
again when the entry changes; a new version of a list is used whole after a reload; who owns whom; first use and age.

  lists.py CORDOND CORDON
"""
import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from harness import HERE, ROOT, Cordond, Plan, folder, until

plan = Plan()
program, cordon = sys.argv[1:3]
data = os.path.join(ROOT, "tests", "data", "screening")
where = folder()
store = os.path.join(where, "lists")
links = os.path.join(where, "links.csv")
shutil.copy(os.path.join(data, "links.csv"), links)
with open(os.path.join(data, "sdn.csv"), newline="", encoding="utf-8") as f:
    head, *rows = list(csv.reader(f))


def take(change=None, *more):
    """Another version of the list, as `change` makes it of the rows; the digest."""
    path = os.path.join(where, "sdn.csv")
    with open(path, "w", newline="", encoding="utf-8") as f:
        csv.writer(f, lineterminator="\n").writerows([head] + (change([list(r) for r in rows]) if change else rows))
    made = subprocess.run([cordon, "lists", "take", "us/sdn", path, "--lists", store, *more], capture_output=True, text=True)
    if made.returncode:
        raise RuntimeError(made.stdout + made.stderr)
    return made.stdout.strip().rsplit("sha256:", 1)[1]


def party(id, name, kind="person", **more):
    return dict({"role": "customer", "id": id, "name": name, "kind": kind}, **more)


def opening(p, action="account.open"):
    return {"action": action, "service": "store", "parties": [p]}


def decide(p, action="account.open"):
    r = c.ask("POST", "/v1/decide", opening(p, action))
    if r.status != 200:
        raise RuntimeError(repr(r))
    return r.json


def verdict(p):
    return decide(p)["decision"]["verdict"]


def number(answer):
    return answer["envelope"]["journal_index"]


def candidates(answer):
    return [k for m in answer["decision"]["measures"] for b in m["because"] for k in b.get("candidates", [])]


def asked(answer):
    return answer["decision"]["as_of"]["list/us/sdn"]["digest"]


def reload():
    r = c.ask("POST", "/v1/reload", {}, timeout=200)
    return r.status == 200 and r.json["changed"]


def the_list():
    return c.ask("GET", "/v1/lists").json["lists"][0]


def history(digest):
    return [v for v in c.ask("GET", "/v1/lists").json["history"] if v["digest"].endswith(digest)][0]


first = take()
networks = os.path.join(where, "networks.csv")  # a few, as nobody is asked where he is and each reload compiles them
with open(networks, "w") as f:
    f.write("# date: 2026-08-01\n193.99.144.0/24,DE\n")
c = Cordond(program, os.path.join(HERE, "lists.measure"), settings=["watch=no", "lists=" + store, "owners=" + links, "geodata=" + networks])
desk = c.make_key("read", authorities=["sanctions desk"])
maybe = party("c1", "A. Rotenberg")
bridge = party("b1", "Stroimost", "company", identifiers=[{"kind": "registration", "country": "RU", "value": "1027700132195"}])

# ---- first use, age ------------------------------------------------------------------------------------------------------

decide(maybe, "account.use")
c.ask("POST", "/v1/batch", "{}\n", {"Content-Type": "application/jsonl"})
c.stop()  # whatever would have been said of it, is
c.start()
plan.check("a decision that did not look at the list is not its first use", the_list().get("first_used") is None
           and history(first)["first_used"] is None, the_list())
held = decide(maybe)
plan.same("who may be listed is held", held["decision"]["verdict"], "hold")
found = candidates(held)
plan.check("with the candidate", len(found) == 1 and found[0]["entry"] == "T-1" and found[0]["value"] == "unknown" and found[0]["for"], found)
plan.same("and the list that was asked", asked(held), first)
used = until(lambda: history(first)["first_used"] is not None and the_list().get("first_used"))
plan.check("the first decision that looked at it is its first use", used and history(first)["first_used_by"] == number(held), history(first))
for wanted in ("cordon_list_age_seconds", "cordon_list_publication_to_use_seconds"):
    value = c.metric('%s{list="us/sdn"}' % wanted)
    plan.check("metrics have " + wanted, value is not None and 0 <= value < 7 * 86400, value)
page = c.ask("GET", "/").body.decode()
plan.check("the status page names the list", "us/sdn" in page, page[:2000])

# ---- held, released, cleared -----------------------------------------------------------------------------------------------

c.stop(signal.SIGKILL)
c.start()
plan.same("the first use outlives kill -9", (history(first)["first_used_by"], the_list().get("first_used")), (number(held), used))
case = c.ask("GET", "/v1/cases/%d" % number(held)).json
plan.check("so does the hold", case["status"] == "open" and "sanctions desk" in str(case), case)
plan.same("released", c.ask("POST", "/v1/cases/%d/release" % number(held), {"why": "seen the passport"}, key=desk).status, 200)
again = decide(maybe)
plan.same("a release is no clearance: held again", again["decision"]["verdict"], "hold")
k = candidates(again)[0]
grant = {"party": "id:c1", "list": "us/sdn", "entry": k["entry"], "entry_fingerprint": k["entry_fingerprint"],
         "party_fingerprint": k["party_fingerprint"], "why": "another person: born in 1990", "case": number(again)}
plan.same("cleared", c.ask("POST", "/v1/clearances", grant).status, 201)
plan.same("and released", c.ask("POST", "/v1/cases/%d/release" % number(again), {"why": "cleared"}, key=desk).status, 200)
answer = decide(maybe)
plan.check("who was cleared is let in", answer["decision"]["verdict"] == "allow", answer)
plan.same("somebody else of that name is not", verdict(party("c2", "A. Rotenberg")), "hold")
plan.same("nor the same under a name that is on the list", verdict(party("c1", "Arkady Rotenberg")), "freeze")
c.stop(signal.SIGKILL)
c.start()
plan.same("the clearance outlives kill -9", verdict(maybe), "allow")

at_first = decide(bridge)

# ---- another version of the list ----------------------------------------------------------------------------------------------


def other_entry(table):
    table[2][2] = "SIS druzba z o.o."
    return table


second = take(other_entry)
plan.same("a list on disk is not used before a reload", asked(decide(maybe)), first)
plan.check("a reload", reload())
answer = decide(maybe)
plan.same("uses the new version", asked(answer), second)
plan.same("another entry changed: the clearance stands", answer["decision"]["verdict"], "allow")
plan.check("first used by that decision", until(lambda: history(second)["first_used_by"] == number(answer)), history(second))


def the_entry(table):
    table[0][3] = "Аркадий Ротенберг|Arkadi Rottenberg"
    return table


third = take(the_entry)
plan.check("another reload", reload())
answer = decide(maybe)
plan.check("the entry says something else: held again", answer["decision"]["verdict"] == "hold" and asked(answer) == third, answer)
k = candidates(answer)
plan.check("and why the clearance does not count", k and k[0].get("not_cleared"), k)
plan.same("the case is a new one", c.ask("GET", "/v1/cases/%d" % number(answer)).json["status"], "open")
take(lambda table: table[1:], "--shrink", "50")
plan.check("the entry is taken off the list", reload())
later = time.strftime("%Y-%m-%dT12:00:00Z", time.gmtime(time.time() + 2 * 86400))  # it counts to the end of the day
r = c.ask("POST", "/v1/decide", dict(opening(party("c3", "A. Rotenberg")), at=later))
plan.check("nobody is held for it from the next day on", r.json["decision"]["verdict"] == "allow", r)
plan.same("an open hold stays open", verdict(maybe), "hold")

# a bad one is refused, and the old one stays
before = the_list()
record = os.path.join(store, "lists", "us", "sdn.json")
with open(record) as f:
    kept = f.read()
with open(record, "w") as f:
    f.write(kept[:len(kept) // 2])
failures = c.metric("cordon_reload_failures_total")
r = c.ask("POST", "/v1/reload", {}, timeout=60)
plan.check("a damaged store of lists is refused, loudly", r.status >= 400 and c.metric("cordon_reload_failures_total") == failures + 1
           and c.ask("GET", "/v1/status").json["reload_error"], r)
plan.same("the old list stays", {n: the_list()[n] for n in ("digest", "entries")}, {n: before[n] for n in ("digest", "entries")})
with open(record, "w") as f:
    f.write(kept)

# ---- who owns whom -------------------------------------------------------------------------------------------------------------

take()
with open(links, encoding="utf-8") as f:
    text = f.read()
with open(links, "w", encoding="utf-8") as f:
    f.write(text.replace(",30,direct,", ",20,direct,"))
plan.check("a reload with another file of links", reload())
plan.same("and the error is gone", "reload_error" in c.ask("GET", "/v1/status").json, False)
answer = at_first
plan.check("owned by two on the list, together by 55 %: frozen", answer["decision"]["verdict"] == "freeze"
           and "Arkadi Rotenberg" in str(answer["decision"]["measures"]), answer)
plan.same("45 %: not owned", verdict(bridge), "allow")
plan.same("the request may know more", verdict(dict(bridge, owners=[
    {"party": "Boris Rotenberg", "percent": "60"}])), "freeze")

# ---- screening itself ------------------------------------------------------------------------------------------------------------

r = c.ask("POST", "/v1/screen", {"name": "Arkady Rotenberg", "birth_dates": ["1951-12-15"]})
plan.check("screen: sure, with the candidate", r.status == 200 and r.json["verdict"] == "sure" and r.json["candidates"][0]["entry"] == "T-1", r)
r = c.ask("POST", "/v1/screen", {"name": "Emma Daniels"})
plan.check("screen: nobody", r.status == 200 and r.json["verdict"] == "no" and not r.json["candidates"], r)
r = c.ask("POST", "/v1/screen", {"nmae": "x"})
plan.check("screen: a misspelt member", r.status == 422 and "name" in r.json.get("hint", ""), r)

# ---- everything once more, by the program, from the journal ------------------------------------------------------------------------

plan.same("it ends", c.stop(), 0)


def replay(*more):
    return subprocess.run([cordon, "journal", "replay", os.path.join(c.data, "journal"), "--snapshots",
                           os.path.join(c.data, "snapshots"), *more], capture_output=True, text=True)


r = replay()
counts = re.match(r"(\d+) decisions: (\d+) the same", r.stdout)
plan.check("a replay of every decision, each under its own lists, links and clearances, finds no difference",
           r.returncode == 0 and counts and counts.group(1) == counts.group(2) and int(counts.group(1)) >= 15, r.stdout + r.stderr)
# What would the rules without the first measure have done?
with open(os.path.join(HERE, "lists.measure"), encoding="utf-8") as f:
    text = f.read()
other = os.path.join(where, "other.measure")
with open(other, "w", encoding="utf-8") as f:
    f.write(text[:text.index("measure us/freeze\n")] + text[text.index("measure us/freeze-owned"):])
take()
subprocess.run([cordon, "build", "--quiet", "--no-geodata", other, "--lists", store, "-o", where + "/other.snapshot"], check=True,
               capture_output=True)
r = replay("--with", where + "/other.snapshot")
plan.check("under other rules: counts by measure and verdict, and samples", r.returncode == 0 and "us/freeze: hold ->" in r.stdout
           and "us/freeze: freeze ->" in r.stdout, r.stdout + r.stderr)
plan.done()
