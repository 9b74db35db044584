#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ten years of a cordond in a few seconds, by its own clock: ages of lists, geodata and open holds, duties that fall due, records
that must be kept until their retention is over and no legal hold covers them.

  ages.py CORDOND CORDON SHIM

SHIM is clock.c as a library, see clock.py.
"""
import calendar
import csv
import datetime
import io
import os
import re
import struct
import subprocess
import sys
import time
import zoneinfo

from harness import ALLOWED, HELD, HERE, ROOT, Cordond, Plan, folder, until

plan = Plan()
program, cordon, shim = [os.path.abspath(p) for p in sys.argv[1:4]]
HOUR, DAY = 3600, 86400
shift_file = os.path.join(folder(), "shift")


def later(seconds):
    """cordond's clock is so far ahead of the real one."""
    with open(shift_file, "r+b" if os.path.exists(shift_file) else "wb", buffering=0) as f:
        f.write(struct.pack("=q", seconds))


def day(seconds_ago):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - seconds_ago))


with open(os.path.join(HERE, "gate.measure")) as f:
    source = f.read()
source += """
calendar us "weeks without holidays" zone America/New_York weekend sat, sun

measure law/reported
    title      "No transfers to Iran"
    basis      law "Act 5" of us
    owner      "Gate legal"
    source     "Act 5" <https://law.example/act-5>
    announced  2003-01-01
    effective  2003-01-01T00:00 America/New_York
    deny       payment.send on site for recipient scope transaction
    when       recipient located in IR
    duty       report "refused transfer" to "OFAC" within 10 business days of us
    duty       keep-records "what was refused" within 10 years
"""
where = folder()
rules, networks, store = (os.path.join(where, n) for n in ("gate.measure", "networks.csv", "lists"))
with open(rules, "w") as f:
    f.write(source)
dated = day(10 * DAY)
with open(networks, "w") as f:
    f.write("# date: %s\n193.99.144.0/24,DE\n" % dated)
subprocess.run([cordon, "lists", "take", "us/sdn", os.path.join(ROOT, "tests", "data", "screening", "sdn.csv"), "--lists", store],
               check=True, capture_output=True)
later(0)
c = Cordond(program, rules, settings=["watch=no", "lists=" + store, "geodata=" + networks], env={"LD_PRELOAD": shim, "CLOCK_SHIFT": shift_file})
transfer = {"action": "payment.send", "service": "site", "objects": [{"kind": "payment"}], "parties": [
    {"role": "sender", "id": "s1"},
    {"role": "recipient", "id": "r1", "kind": "person", "name": "Emma Daniels", "evidence": [{"kind": "address", "value": {"country": "IR"}}]}]}


def decide(request):
    r = c.ask("POST", "/v1/decide", request)
    if r.status != 200:
        raise RuntimeError(repr(r))
    return r.json["envelope"]["journal_index"], r.json["decision"]


def duties():
    return list(csv.DictReader(io.StringIO(c.ask("GET", "/v1/duties.csv").body.decode())))


def holds():
    return [c.metric('cordon_holds_open{age="%s"}' % a) for a in ("hour", "day", "week", "older")]


def on_page(what):
    found = re.search(r"<td>%s<td class=n>(\d+)" % what, c.ask("GET", "/").body.decode())
    return found and int(found.group(1))


def erase(n):
    return c.ask("POST", "/v1/journal/records/%d/erase" % n, {"why": "asked"})


held, decision = decide(HELD)
plan.same("held", decision["verdict"], "hold")
refused, decision = decide(transfer)
began = time.time()
plan.same("a transfer is refused", decision["verdict"], "deny")
allowed, _ = decide(ALLOWED)
plan.check("its duties are known", until(lambda: c.metric("cordon_duties_open") or None), duties())

# ---- ages, by the clock ------------------------------------------------------------------------------------------------------

age = {w: c.metric(w) for w in ('cordon_list_age_seconds{list="us/sdn"}', "cordon_geodata_age_seconds")}
plan.check("geodata is as old as its date says", abs(age["cordon_geodata_age_seconds"] - (time.time() - calendar.timegm(
    time.strptime(dated, "%Y-%m-%d")))) < 60, age)
plan.check("from the list's publication to its first use: at once", until(
    lambda: c.metric('cordon_list_publication_to_use_seconds{list="us/sdn"}') is not None), c.ask("GET", "/v1/lists"))
for ahead, wanted in ((0, 0), (2 * HOUR, 1), (3 * DAY, 2), (9 * DAY, 3)):
    later(ahead)
    plan.same("a hold after %d h stands under its age" % (ahead // HOUR), holds(), [float(i == wanted) for i in range(4)])
    plan.same("also on the status page", [on_page("holds, " + w) for w in ("younger than an hour", "younger than a day", "younger than a week", "older")],
              [int(i == wanted) for i in range(4)])
for w, was in age.items():
    plan.check("%s grows with time" % w.split("{")[0], abs(c.metric(w) - was - 9 * DAY) < 60, (c.metric(w), was))
rows = re.findall(r"<tr><td>(us/sdn|geodata)<td[^>]*>(?:\d*)<td>[^<]*<td>([^<]*)", c.ask("GET", "/").body.decode())
plan.check("the status page has the age of the list and of the geodata", dict(rows).get("us/sdn", "").endswith("days")
           and dict(rows).get("geodata") in ("19 days", "20 days"), rows)

# ---- duties ---------------------------------------------------------------------------------------------------------------------

report = [x for x in duties() if int(x["decision"]) == refused and x["kind"] == "report"]
last = datetime.datetime.fromtimestamp(began, zoneinfo.ZoneInfo("America/New_York"))
for _ in range(10):
    last += datetime.timedelta(days=1)
    while last.weekday() >= 5:
        last += datetime.timedelta(days=1)
due = report and datetime.datetime.fromisoformat(report[0]["due"].replace("Z", "+00:00")).astimezone(last.tzinfo)
plan.check("a report is due within ten business days, to the end of the day over there",
           due and abs((due - last.replace(hour=23, minute=59, second=59)).total_seconds()) <= 1, (report, last))
plan.same("nine days later it is not overdue", c.metric("cordon_duties_overdue"), 0)
later(17 * DAY)
plan.check("after ten business days it is", c.metric("cordon_duties_overdue") == 1 and on_page("duties past their time") == 1, duties())
plan.same("done", c.ask("POST", "/v1/duties/%d/done" % refused, {"number": int(report[0]["number"]), "note": "filed"}).status, 200)
plan.check("and no longer due", c.metric("cordon_duties_overdue") == 0
           and not [x for x in duties() if x["kind"] == "report" and not x.get("done")], duties())

# ---- retention and legal hold -----------------------------------------------------------------------------------------------------



def exported():
    return subprocess.run([cordon, "journal", "export", os.path.join(c.data, "journal")], capture_output=True, text=True).stdout


plan.same("the record has the name of whom it is about", exported().count("Emma Daniels"), 1)
r = erase(refused)
plan.check("what a measure demands to be kept is not erased", r.status == 409 and r.header("Content-Type") == "application/problem+json", r)
hold = c.ask("POST", "/v1/legal-holds", {"why": "proceedings", "from": allowed, "to": allowed + 1})
plan.check("a legal hold", hold.status == 201, hold)
r = erase(allowed)
plan.check("what is under a legal hold is not erased", r.status == 409 and "legal hold" in r.json["detail"], r)
plan.same("lifted", c.ask("POST", "/v1/legal-holds/%d/lift" % hold.json["index"], {"why": "over"}).status, 200)
plan.same("it is erased", erase(allowed).status, 200)
years = 10 * 365 * DAY
later(years - 10 * DAY)
plan.same("before ten years are over the refused transfer is kept", erase(refused).status, 409)
later(years + 10 * DAY)
for x in duties():
    c.ask("POST", "/v1/duties/%s/done" % x["decision"], {"number": int(x["number"]), "note": "kept"})
r = erase(refused)
plan.check("after ten years it may go", r.status == 200, r)
for n in (allowed, refused):
    r = c.ask("GET", "/v1/journal/records/%d" % n)
    plan.check("what was erased is gone", r.status == 200 and r.json["erased"] and r.json["record"] is None, r)
    r = c.ask("GET", "/v1/journal/records/%d/proof" % n)
    plan.check("and that it was recorded is provable still", r.status == 200, r)
plan.same("the hold is open after ten years", c.ask("GET", "/v1/cases/%d" % held).json["status"], "open")
plan.same("it stops", c.stop(), 0)
plan.check("the name is gone with the record", "Emma Daniels" not in exported() and '"index":%d' % held in exported(), exported()[:600])
leaks = []
for top, _, files in os.walk(c.data):
    for name in files:
        with open(os.path.join(top, name), "rb") as f:
            text = f.read()
        if b"Emma Daniels" in text or (name != "admin.key" and c.key.encode() in text):
            leaks.append(name)
plan.check("from every file, and none but its own has the key's secret", not leaks, leaks)
r = subprocess.run([cordon, "journal", "verify", os.path.join(c.data, "journal")], capture_output=True, text=True)
plan.check("cordon journal verify finds nothing", r.returncode == 0 and " 2 erased" in r.stdout and ", 0 findings" in r.stdout, r.stdout + r.stderr)
plan.done()
