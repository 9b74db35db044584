#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What people do with cordond, over HTTP: release holds two by two, appeal, put measures in force with four eyes and the
real `minisign`, work off duties, search the journal; across kill -9 and restarts.

  people.py CORDOND CORDON
"""
import calendar
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from harness import HERE, Cordond, Plan, folder, until

plan = Plan()
program, cordon = sys.argv[1:3]
d = Cordond(program, os.path.join(HERE, "people.measure"))
names = {}  # key id of each secret


def key(name, *roles, **more):
    r = d.ask("POST", "/v1/keys", dict(label=name, roles=list(roles), **more))
    if r.status != 201:
        raise RuntimeError("no key: %r" % r)
    names[name] = r.json["key"]
    return r.json["secret"]


asker = key("checkout", "decide")
anna = key("anna", "read", authorities=["trust and safety"], person="anna")
anna2 = key("anna's other key", "read", authorities=["trust and safety"], person="anna")
bert = key("bert", "read", authorities=["trust and safety"], person="bert")
carl = key("carl", "read", "approve", authorities=["billing"], person="carl")
emma = key("emma", "read", "author", person="emma")
emma2 = key("emma's other key", "approve", person="emma")
fred = key("fred", "read", "approve", "audit", person="fred")


def account(party, *countries):
    evidence = [{"kind": kind, "value": country if kind == "card_issuer" else {"country": country}}
                for kind, country in zip(["registered_address", "card_issuer"], countries)]
    return {"action": "account.open", "service": "shop",
            "parties": [{"role": "customer", "id": party, "evidence": evidence}]}


def decide(request, status=None):
    r = d.ask("POST", "/v1/decide", request, key=asker)
    if "decision" not in r.json:
        raise RuntimeError("no decision: %r" % r)
    return r.json


def verdict(request):
    return decide(request)["decision"]["verdict"]


def number(answer):
    return answer["envelope"]["journal_index"]


def case(n):
    return until(lambda: (lambda r: r.status == 200 and r.json)(d.ask("GET", "/v1/cases/%d" % n, key=anna)), 10)


def refused(name, r, *statuses):
    plan.check(name, r.status in statuses and r.header("Content-Type") == "application/problem+json" and r.json.get("detail"), r)


# ---- holds ------------------------------------------------------------------------------------------------------------

held = decide(account("u1"))
plan.same("nobody knows where: held", held["decision"]["verdict"], "hold")
n = number(held)
plan.same("it is a case", case(n)["status"], "open")
plan.same("with what it takes to release it", [case(n)["holds"][0][k] for k in ("authority", "people", "reason")],
          ["trust and safety", 2, "place cleared"])
release = "/v1/cases/%d/release" % n
why = {"why": "seen the passport"}
refused("who asks for decisions does not release", d.ask("POST", release, why, key=asker), 403, 409)
refused("another authority does not release", d.ask("POST", release, why, key=carl), 403, 409)
refused("nor the administrator, who has none", d.ask("POST", release, why), 403, 409)
refused("without saying why nobody does", d.ask("POST", release, {}, key=anna), 400, 422)
plan.same("the first of two", d.ask("POST", release, why, key=anna).status, 200)
plan.same("leaves it open", case(n)["status"], "open")
refused("the same person again", d.ask("POST", release, why, key=anna), 409)
refused("the same person under another key", d.ask("POST", release, why, key=anna2), 409)

d.stop(signal.SIGKILL)
d.start()
plan.same("kill -9 and a restart leave it open", case(n)["status"], "open")
refused("and remember who released", d.ask("POST", release, why, key=anna), 409)
again = decide(account("u1"))
plan.same("who asks again is held", again["decision"]["verdict"], "hold")
plan.check("by the open case, without another one", d.ask("GET", "/v1/cases/%d" % number(again), key=anna).status == 404)

outcomes = []


def at_once():
    outcomes.append(d.ask("POST", release, why, key=bert).status)


threads = [threading.Thread(target=at_once) for _ in range(8)]
for t in threads:
    t.start()
for t in threads:
    t.join()
plan.same("of eight releases at once by the second person one counts", sorted(outcomes), [200] + [409] * 7)
plan.same("now it is released", case(n)["status"], "released")
plan.same("by two people", [v["by"] for v in case(n)["holds"][0]["releases"]], [names["anna"], names["bert"]])
plan.same("the recorded decision is what it was",
          d.ask("GET", "/v1/journal/records/%d" % n, key=fred).json["record"]["decision"]["verdict"], "hold")

m = number(decide(account("u2")))
comment = {"text": "called the customer"}
plan.same("a comment", d.ask("POST", "/v1/cases/%d/comments" % m, comment, key=anna).status, 201)
plan.same("evidence", d.ask("POST", "/v1/cases/%d/evidence" % m, {"evidence": {"kind": "passport", "value": "RU"}}, key=anna).status, 201)
plan.same("are kept with it", [x.get("comment") or x.get("evidence") for x in case(m)["notes"]],
          ["called the customer", {"kind": "passport", "value": "RU"}])
plan.same("a refusal", d.ask("POST", "/v1/cases/%d/refuse" % m, {"why": "it is in Russia"}, key=bert).status, 200)
refused("is for good", d.ask("POST", "/v1/cases/%d/release" % m, why, key=anna), 409)
plan.same("refused it stays", case(m)["status"], "refused")

# ---- appeals -------------------------------------------------------------------------------------------------------------

wrong = decide(account("u3", "RU"))
plan.same("a customer with a Russian address is refused", wrong["decision"]["verdict"], "deny")
r = d.ask("POST", "/v1/appeals", {"decisions": [number(wrong)], "grounds": "I have moved"}, key=emma)
plan.same("an appeal", r.status, 201)
appeal = r.json["appeal"]
r = d.ask("POST", "/v1/appeals/%d/evidence" % appeal, {"evidence": {"kind": "billing_address", "value": {"country": "DE"}}}, key=emma)
plan.check("evidence is attached", r.status in (200, 201), r)


def of_appeal():
    listed = d.ask("GET", "/v1/appeals", key=emma).json
    listed = listed if isinstance(listed, list) else listed.get("appeals", [])
    return [a for a in listed if a["appeal"] == appeal][0]


both = until(lambda: [x for x in of_appeal()["decisions"] if x["after"] is not None], 10)
plan.check("and the decision is made again", bool(both), of_appeal())
if both:
    before = d.ask("GET", "/v1/journal/records/%d" % both[0]["before"], key=fred).json["record"]
    after = d.ask("GET", "/v1/journal/records/%d" % both[0]["after"], key=fred).json["record"]
    plan.same("both results are kept: the first", before["decision"]["verdict"], "deny")
    plan.check("the second, with the evidence", len(after["request"]["parties"][0]["evidence"]) == 2
               and after["appeal"] == appeal and after["at"] == before["at"], json.dumps(after)[:2000])
plan.same("it is answered", d.ask("POST", "/v1/appeals/%d/resolve" % appeal, {"outcome": "upheld", "why": "x"}, key=fred).status, 200)
refused("once", d.ask("POST", "/v1/appeals/%d/resolve" % appeal, {"outcome": "upheld", "why": "x"}, key=fred), 409)

# ---- four eyes -------------------------------------------------------------------------------------------------------------

desk = folder()
if shutil.which("minisign") is None:
    plan.skip("four eyes with minisign", "the tool minisign is not installed")
    plan.done()


def run(*args):
    return subprocess.run(args, cwd=desk, capture_output=True, text=True, timeout=60)


def pair(name):
    made = run("minisign", "-G", "-W", "-p", name + ".pub", "-s", name + ".sec")
    if made.returncode:
        raise RuntimeError(made.stderr)
    with open(os.path.join(desk, name + ".pub")) as f:
        return f.read().splitlines()[1]


def sign(name, text):
    with open(os.path.join(desk, "text"), "w") as f:
        f.write(text)
    made = run("minisign", "-S", "-s", name + ".sec", "-m", "text", "-x", "text.minisig", "-t", "approved by " + name)
    if made.returncode:
        raise RuntimeError(made.stderr)
    with open(os.path.join(desk, "text.minisig")) as f:
        return f.read()


def measure(name, effective, country):
    return """measure house/%s
    title      "No accounts for customers based in %s"
    basis      policy of house
    owner      "House trust"
    source     "Statement" <https://house.example/statement>
    announced  2026-01-01
    effective  %s
    deny       account.open on shop for customer scope account
    when       customer based in %s
    evidence   any
    if unknown allow
""" % (name, country, effective, country)


def draft(text, name):
    r = d.ask("POST", "/v1/drafts", {"measure": "house/" + name, "text": text}, key=emma)
    if r.status != 201:
        raise RuntimeError("no draft: %r" % r)
    return r.json["index"]


def do(n, what, body=None, who=emma):
    return d.ask("POST", "/v1/drafts/%d/%s" % (n, what), body or {}, key=who)


def status_of(n):
    listed = d.ask("GET", "/v1/drafts", key=emma).json
    listed = listed if isinstance(listed, list) else listed.get("drafts", [])
    return [x for x in listed if x["draft"] == n][0]


freds, mallorys = pair("fred"), pair("mallory")
plan.same("fred's public key", d.ask("POST", "/v1/keys/%s/signer" % names["fred"], {"public_key": freds}).status, 200)
refused("is nobody else's", d.ask("POST", "/v1/keys/%s/signer" % names["carl"], {"public_key": freds}), 409)

past = measure("no-belarus", "2022-03-05T00:00 America/New_York", "BY")
n = draft(past, "no-belarus")
good = sign("fred", past)
refused("approved before it was submitted", do(n, "approve", {"signature": good}, fred), 409)
plan.same("submitted", do(n, "submit").status, 200)
refused("scheduled before it was approved", do(n, "schedule", {}, fred), 409)
refused("the author approves", do(n, "approve", {"signature": good}, emma), 403, 409)
refused("the author approves under another key", do(n, "approve", {"signature": good}, emma2), 409)
refused("a signature over other bytes", do(n, "approve", {"signature": sign("fred", past + "\n")}, fred), 409)
refused("somebody else's signature", do(n, "approve", {"signature": sign("mallory", past)}, fred), 409)
refused("no signature", do(n, "approve", {"signature": "untrusted comment: x"}, fred), 400, 409, 422)
refused("an approver without a public key", do(n, "approve", {"signature": good}, carl), 409)
plan.same("nothing of it has counted", status_of(n)["status"], "submitted")
r = do(n, "approve", {"signature": good}, fred)
plan.check("a second person approves with minisign", r.status == 200, r)
kept = status_of(n)["approvals"][0]
for name, text in (("kept", past), ("kept.minisig", kept["signature"])):
    with open(os.path.join(desk, name), "w") as f:
        f.write(text)
plan.check("the signature that is kept is verified by minisign",
           run("minisign", "-V", "-P", kept["public_key"], "-m", "kept").returncode == 0)
plan.same("another text takes the approval away", (do(n, "change", {"text": past + "# wider\n"}).status, status_of(n)["approvals"]), (200, []))
refused("the former signature does not stand for it", do(n, "approve", {"signature": good}, fred), 409)
plan.same("the former text again", (do(n, "change", {"text": past}).status, do(n, "submit").status), (200, 200))
plan.same("approved again", do(n, "approve", {"signature": good}, fred).status, 200)
plan.same("until it is scheduled nothing happens", verdict(account("u4", "BY")), "allow")
began = time.monotonic()
r = do(n, "schedule", {}, fred)
soon = 6 + int(3 * (time.monotonic() - began))  # scheduling compiles: on a busy machine it takes its time
plan.check("scheduled for its own instant, which is past", r.status == 200 and r.json["activate"] == "2022-03-05T05:00:00Z", r)
plan.check("it is in force at once", until(lambda: verdict(account("u4", "BY")) == "deny", 20), status_of(n))
plan.same("and says so", status_of(n)["status"], "activated")


def instant(t):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))


def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def ahead(name, country, delay):
    """A measure that is approved and scheduled for a second that is soon."""
    at = int(time.time()) + delay
    text = measure(name, instant(at).replace("Z", " UTC"), country)
    n = draft(text, name)
    replies = [do(n, "submit"), do(n, "approve", {"signature": sign("fred", text)}, fred), do(n, "schedule", {}, fred)]
    plan.check("%s is scheduled" % name, all(r.status == 200 for r in replies), replies)
    return n, at


n, at = ahead("no-cuba", "CU", soon)
seen = []
while time.time() < at + 2:
    answer = decide(account("u5", "CU"))
    seen.append((seconds(answer["decision"]["at"]), answer["decision"]["verdict"]))
plan.check("exact to the second, asked all the time: %d answers" % len(seen),
           all((v == "deny") == (t >= at) for t, v in seen) and {v for _, v in seen} == {"allow", "deny"},
           [x for x in seen if (x[1] == "deny") != (x[0] >= at)])
n, at = ahead("no-iran", "IR", soon)
plan.same("not yet", verdict(account("u6", "IR")), "allow")
d.stop(signal.SIGKILL)
until(lambda: time.time() >= at + 1, soon + 30)
d.start()
plan.same("killed before its second, started after: the first answer has it", verdict(account("u6", "IR")), "deny")
plan.check("the draft knows", until(lambda: status_of(n)["status"] == "activated", 10), status_of(n))

# ---- duties, search -----------------------------------------------------------------------------------------------------------

transfer = {"action": "transfer.send", "service": "shop", "reference": "t-1",
            "parties": [{"role": "sender", "id": "s1"},
                        {"role": "recipient", "id": "r1", "evidence": [{"kind": "address", "value": {"country": "RU"}}]}],
            "objects": [{"kind": "payment", "amount": {"amount": "150.50", "currency": "GBP"}}]}
first = decide(transfer)
plan.same("a transfer within the cap", first["decision"]["verdict"], "limit")
plan.same("another is above it", verdict(transfer), "deny")
d.stop(signal.SIGKILL)
d.start()
plan.same("also after kill -9", verdict(transfer), "deny")
plan.same("what did not happen is given back", d.ask("POST", "/v1/usage/%d/reverse" % number(first), {"why": "bounced"}, key=asker).status, 200)
plan.same("and can be used", verdict(transfer), "limit")


def duties():
    listed = d.ask("GET", "/v1/duties", key=emma).json
    return listed if isinstance(listed, list) else listed.get("duties", [])


due = [x for x in duties() if x["decision"] == number(first)]
plan.check("it is to be reported within ten days", len(due) == 1 and due[0]["to"] == "the ministry", duties())
plan.check("and is in the export", str(number(first)) in d.ask("GET", "/v1/duties.csv", key=emma).body.decode())
done = {"number": due[0]["number"], "note": "report 17"}
plan.same("reported", d.ask("POST", "/v1/duties/%d/done" % number(first), done, key=emma).status, 200)
plan.check("and done", not [x for x in duties() if x["decision"] == number(first)])


def search(query):
    r = d.ask("GET", "/v1/journal/records?" + query, key=fred)
    if r.status != 200:
        raise RuntimeError("search: %r" % r)
    return r.json if isinstance(r.json, list) else r.json.get("records", [])


found = search("measure=house/transfers&verdict=limit")
plan.check("the journal is searched by measure and verdict", number(first) in [x["index"] for x in found]
           and all(x["verdict"] == "limit" and "house/transfers" in x["measures"] for x in found), found)
plan.check("and by verdict alone", search("verdict=hold") and {x["verdict"] for x in search("verdict=hold")} == {"hold"})
refused("not by everybody", d.ask("GET", "/v1/journal/records", key=anna), 403)

# ---- a backup while it runs, and a service from it beside the first ---------------------------------------------------------------

views = ["/v1/cases", "/v1/appeals", "/v1/drafts", "/v1/duties", "/v1/keys", "/v1/clearances"]


def without_age(value):
    if isinstance(value, dict):
        return {k: without_age(v) for k, v in value.items() if k != "age_seconds"}
    return [without_age(v) for v in value] if isinstance(value, list) else value


def look(service):
    service.ask("GET", "/v1/journal/records", key=fred)  # waits for the index
    return without_age([json.loads(service.ask("GET", v).body) for v in views])


asking = True
asked = []


def keep_asking():
    while asking:
        asked.append(number(decide(account("u7", "DE", "DE"))))


state = look(d)
busy = threading.Thread(target=keep_asking)
busy.start()
until(lambda: len(asked) > 20)
copy = os.path.join(folder(), "backup")
last = asked[-1]
r = d.ask("POST", "/v1/backups", {"to": copy}, key=fred, timeout=60)
asking = False
busy.join()
if r.status == 500 and "cannot back up" in r.json.get("detail", ""):
    plan.skip("a backup while it decides", "this build cannot back up")
else:
    plan.check("a backup while it decides", r.status == 201 and r.json["records"] > last, r)
    shutil.copy(os.path.join(d.data, "admin.key"), os.path.join(copy, "admin.key"))
    e = Cordond(program, os.path.join(HERE, "people.measure"), data=copy)
    plan.check("a service from the backup has the same state", look(e) == state)
    plan.same("and the records", e.ask("GET", "/v1/journal/records/%d" % last, key=fred).json["record"],
              d.ask("GET", "/v1/journal/records/%d" % last, key=fred).json["record"])
    plan.same("and the rules", e.ask("POST", "/v1/decide", account("u6", "IR"), key=asker).json["decision"]["verdict"], "deny")
    plan.same("and stops", e.stop(), 0)

# ---- everything again from the journal -------------------------------------------------------------------------------------------

state = look(d)
plan.same("the service stops", d.stop(), 0)
removed = 0
for path, _, files in os.walk(d.data):
    for f in files:
        if ".sqlite" in f:
            os.unlink(os.path.join(path, f))
            removed += 1
d.start()
plan.check("without its databases it makes them again from the journal", removed >= 2 and look(d) == state,
           "removed %d" % removed)
plan.same("and decides as before", verdict(account("u6", "IR")), "deny")
plan.same("it stops", d.stop(), 0)
# ---- another key for the journal ------------------------------------------------------------------------------------------------

journal = os.path.join(d.data, "journal")
with open(os.path.join(journal, "keys", "00000001.vkey")) as f:
    trusted = f.read().strip()
with open(os.path.join(d.data, "keys", "journal.pub")) as f:
    before = f.read()
d.start()
rotate = [cordon, "journal", "rotate", journal, "--secret-key", os.path.join(d.data, "keys", "journal.key"), "--by", "fred"]
r = subprocess.run(rotate, capture_output=True, text=True)
with open(os.path.join(d.data, "keys", "journal.pub")) as f:
    public = f.read()
plan.check("the key is not changed under a running cordond", r.returncode != 0 and public == before, r.stdout + r.stderr)
d.stop(signal.SIGKILL)
r = subprocess.run(rotate, capture_output=True, text=True)
plan.check("a new key while it is stopped", r.returncode == 0, r.stdout + r.stderr)
d.start()
plan.same("cordond goes on with it", verdict(account("u6", "IR")), "deny")
plan.same("it stops again", d.stop(), 0)
r = subprocess.run([cordon, "journal", "verify", journal, "--key", trusted], capture_output=True, text=True)
plan.check("who trusts the first key can verify all of it", r.returncode == 0 and ", 0 findings" in r.stdout, r.stdout + r.stderr)
# Caps, holds, appeals and drafts in force, decided again by the program from the journal alone.
r = subprocess.run([cordon, "journal", "replay", os.path.join(d.data, "journal"), "--snapshots", os.path.join(d.data, "snapshots")],
                   capture_output=True, text=True)
told = re.match(r"(\d+) decisions: (\d+) the same", r.stdout)
plan.check("a replay of every decision finds no difference", r.returncode == 0 and told and told.group(1) == told.group(2)
           and int(told.group(1)) > 50, r.stdout + r.stderr)
plan.done()
