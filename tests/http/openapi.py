#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/openapi.json against a running cordond: no route undocumented, none documented and missing, and each operation's replies,
of success and of error, have the described status, content type and schema.

  openapi.py CORDOND CORDON
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time

from harness import ALLOWED, DENIED, HELD, HERE, NORTH, ROOT, WEST, Cordond, Plan, folder, snapshot, until

plan = Plan()
program, cordon = sys.argv[1:3]
try:
    from jsonschema import Draft202012Validator
except ImportError:
    plan.skip("openapi", "python3-jsonschema is not installed")
    plan.done()

with open(os.path.join(ROOT, "docs", "openapi.json"), encoding="utf-8") as f:
    document = json.load(f)

# ---- the same operations ----------------------------------------------------------------------------------------------------

documented = set()
operations = {}  # id: (method, path, operation)
for path, methods in document["paths"].items():
    for method, o in methods.items():
        documented.add((method.upper(), path))
        operations[o["operationId"]] = (method.upper(), path, o)
served = set()
for line in subprocess.run([program, "--routes"], capture_output=True, text=True, check=True).stdout.splitlines():
    method, path, name = line.split()
    for m in (["GET", "POST", "HEAD"] if method == "*" else [method]):
        served.add((m, path.replace("*}", "}")))
plan.check("every route is documented", not served - documented, served - documented)
plan.check("every documented operation is served", not documented - served, documented - served)
names = [o["operationId"] for m in document["paths"].values() for o in m.values()]
plan.check("operation ids are unique", len(names) == len(set(names)))
for name, schema in document["components"]["schemas"].items():
    try:
        Draft202012Validator.check_schema(schema)
    except Exception as e:
        plan.check("schema %s is one" % name, False, e)


def faults(schema, value):
    """Validates within the whole document, so that $ref finds its components."""
    whole = {"components": document["components"], "allOf": [schema]}
    found = list(Draft202012Validator(whole).iter_errors(value))
    return "\n".join("%s: %s" % ("/".join(map(str, e.absolute_path)), e.message[:300]) for e in found[:5])


seen = {}  # id: statuses


def judge(name, r, what):
    """One reply against its operation."""
    o = operations[name][2]
    seen.setdefault(name, set()).add(r.status)
    described = o["responses"].get(str(r.status))
    if not described:
        described = document["components"]["responses"]["problem"] if r.status >= 400 else None
    if not described:
        return plan.check("%s %s: status %d is described" % (name, what, r.status), False, r)
    kind = (r.header("Content-Type") or "").split(";")[0]
    if kind not in described["content"]:
        return plan.check("%s %s: content type" % (name, what), False, (kind, r))
    schema = described["content"][kind]["schema"]
    if kind in ("application/json", "application/problem+json"):
        told = faults(schema, r.json)
    elif kind == "application/jsonl":
        told = "".join(faults(schema, json.loads(line)) for line in r.body.decode().splitlines())
    else:
        told = "" if r.body else "empty"
    told = told or ("" if r.header("Cache-Control") == "no-store" else "may be stored by a cache")
    return plan.check("%s %s: %d as described" % (name, what, r.status), not told, "%s\n%r" % (told, r))


# ---- a service with something of everything -----------------------------------------------------------------------------------

with open(os.path.join(HERE, "gate.measure")) as f:
    source = f.read()
source += """
measure law/transfers
    title      "Transfers to Syria: 200 pounds a day"
    basis      law "Act 3" of us
    owner      "Gate legal"
    source     "Act 3" <https://law.example/act-3>
    announced  2003-01-01
    effective  2003-01-01T00:00 UTC
    limit      payment.send on site to 200 GBP per day for sender
    when       recipient located in SY
"""
store = os.path.join(folder(), "lists")
subprocess.run([cordon, "lists", "take", "us/sdn", os.path.join(ROOT, "tests", "data", "screening", "sdn.csv"), "--lists", store],
               check=True, capture_output=True)
networks = os.path.join(folder(), "networks.csv")
with open(networks, "w") as f:
    f.write("# date: 2026-08-01\n%s/32,DE\n%s/32,KP\n" % (WEST, NORTH))
rules = os.path.join(folder(), "gate.measure")
with open(rules, "w") as f:
    f.write(source)
c = Cordond(program, rules, settings=["watch=no", "anonymous_rate=0", "lists=" + store, "geodata=" + networks])
person = {"kind": "person", "name": "Somebody", "id": "4711"}


def call(name, body=None, path=None, query="", want=None, what="", headers=None, key=True):
    method, pattern, _ = operations[name]
    for part in re.findall(r"\{[^}]+\}", pattern):
        value = (path or {}).get(part[1:-1], "0")
        pattern = pattern.replace(part, str(value))
    h = dict(headers or {})
    if name == "batch":
        h["Content-Type"] = "application/jsonl"
    r = c.ask(method, pattern + query, body, h, key=key)
    judge(name, r, what or (query or "ok"))
    if want is not None:
        plan.check("%s %s: gives %s" % (name, what, want), r.status == want, r)
    return r


call("decide", DENIED, want=200)
held = call("decide", HELD, want=200).json["envelope"]["journal_index"]
call("decide", "{", headers={"Content-Type": "application/json"}, what="no JSON", want=400)
call("batch", "\n".join(json.dumps(r) for r in (ALLOWED, HELD)) + "\n{\n", want=200)
for client, status in ((WEST, 200), (NORTH, 451)):
    call("enforce", headers={"Cordon-Client-Address": client}, want=status,
         path={"action": "content.view", "service": "site", "role": "viewer"})
    call("enforcePath", headers={"Cordon-Client-Address": client}, want=status,
         path={"action": "content.view", "service": "site", "role": "viewer", "path": "a/b"})
call("enforce", path={"action": "content.view", "service": "site", "role": "viewer"}, what="without an address", want=400)
call("explain", DENIED, want=200)
r = call("screen", {"name": "Arkady Rotenberg", "birth_dates": ["1951-12-15"]}, want=200)
plan.check("screen finds somebody", r.json["candidates"], r)
call("screen", {"name": "Emma Daniels"}, what="nobody", want=200)
call("screen", DENIED, what="of a request", want=422)
for q in ("", "?at=2010-01-01T00:00:00Z", "?limit=2"):
    call("listMeasures", query=q, want=200)
now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
call("listMeasures", query="?known_at=" + now, want=200)
call("listMeasures", query="?known_at=1999-01-01T00:00:00Z", what="before there was one")
call("getMeasure", path={"id": "law/north"}, want=200)
call("getMeasure", path={"id": "law%2Fnorth"}, want=200)
call("getMeasure", path={"id": "law/nowhere"}, want=404)
call("listLists", want=200)
call("getStatus", want=200)
call("listSnapshots", want=200)
active = call("getSnapshot", path={"digest": "active"}, want=200).json["snapshot"]
call("getSnapshot", path={"digest": "sha256:" + "0" * 64}, want=404)

# rules: another snapshot, activated, back again
with open(rules, "w") as f:
    f.write(source.replace("customer based in RU", "customer based in {RU, BY}"))
r = call("buildSnapshot", {})
other = re.search(r"sha256:[0-9a-f]{64}", r.body.decode())
if plan.check("buildSnapshot: names what it built", r.status == 201 and other and other.group(0) != active, r):
    call("activateSnapshot", {}, path={"digest": other.group(0)}, want=200)
    plan.same("the other one is active", c.ask("GET", "/v1/snapshots/active").json["snapshot"], other.group(0))
    call("rollBackSnapshot", {}, want=200)
    plan.same("and back", c.ask("GET", "/v1/snapshots/active").json["snapshot"], active)
call("activateSnapshot", {}, path={"digest": "sha256:" + "1" * 64}, what="an unknown one", want=404)
call("reload", {})

# the journal
rows = call("searchRecords", query="?verdict=hold&limit=5", want=200).json
plan.check("searchRecords finds the held one", any(row["index"] == held for row in rows), rows)
call("searchRecords", query="?measure=policy/accounts&newest=yes", want=200)
call("searchRecords", query="?verdict=perhaps", what="an unknown verdict")
call("getRecord", path={"index": held}, want=200)
call("getRecord", path={"index": 999999}, want=404)
call("getRecord", path={"index": "x"}, what="no number")
call("getProof", path={"index": held}, want=200)
call("getCheckpoint", want=200, key=False)
tiles = []
for top, _, files in os.walk(os.path.join(c.data, "journal")):
    tiles += [os.path.join(top, name) for name in files if "/tile" in top]
served_tiles = [t.split("/tile/", 1)[1] for t in tiles if "/tile/" in t]
if served_tiles:
    call("getTile", path={"path": served_tiles[0]}, want=200)
else:
    plan.check("there are tiles after a checkpoint", False, os.popen("find %s | head -40" % c.data).read())
call("getTile", path={"path": "0/x999/999"}, want=404)

# cases, clearances, appeals, duties
call("listCases", query="?status=open", want=200)
call("getCase", path={"case": held})
call("getCase", path={"case": 999999}, what="an unknown one", want=404)
call("commentCase", {"text": "asked for a bill"}, path={"case": held})
call("addCaseEvidence", {"evidence": {"kind": "billing_address", "value": {"country": "DE"}}}, path={"case": held})
call("releaseCase", {"why": "lives in Germany"}, path={"case": held}, what="by a key without the authority")
call("refuseCase", {"why": "no"}, path={"case": 999999}, what="an unknown one", want=404)
other = c.ask("POST", "/v1/decide", dict(HELD, parties=[dict(HELD["parties"][0], id="h2")])).json["envelope"]["journal_index"]
call("refuseCase", {"why": "no"}, path={"case": other}, want=200)
r = call("grantClearance", {"party": "id:4711", "list": "us/sdn", "entry": "1234", "entry_fingerprint": "ab", "why": "another birthday"})
number = re.search(r'"(?:clearance|index|record)":(\d+)', r.body.decode())
call("listClearances", want=200)
call("withdrawClearance", {"why": "wrong"}, path={"clearance": number.group(1) if number else 0})
denied = c.ask("POST", "/v1/decide", dict(DENIED, parties=[dict(DENIED["parties"][0], **person)])).json["envelope"]["journal_index"]
r = call("openAppeal", {"decisions": [denied], "grounds": "moved to Germany"})
number = re.search(r'"(?:appeal|index|record)":(\d+)', r.body.decode())
appeal = number.group(1) if number else "0"
call("listAppeals", want=200)
call("getAppeal", path={"appeal": appeal})
call("addAppealEvidence", {"evidence": [{"kind": "billing_address", "value": {"country": "DE"}}], "party": 0}, path={"appeal": appeal})
call("resolveAppeal", {"outcome": "granted", "why": "bill from Germany"}, path={"appeal": appeal}, what="with an unknown outcome")
call("resolveAppeal", {"outcome": "overturned", "why": "bill from Germany"}, path={"appeal": appeal}, want=200)
call("getAppeal", path={"appeal": 999999}, what="an unknown one", want=404)
listed = {"action": "payment.send", "service": "site", "parties": [
    {"role": "sender", "evidence": []},
    {"role": "recipient", "kind": "person", "name": "X", "listed": [{"list": "us/sdn", "listed": True, "entry": "1234", "score": 1000}]}],
    "objects": [{"kind": "payment"}]}
frozen = c.ask("POST", "/v1/decide", listed)
plan.check("a frozen payment", frozen.status == 200 and frozen.json["decision"]["verdict"] == "freeze", frozen)
duties = until(lambda: c.ask("GET", "/v1/duties").json)
call("listDuties", want=200)
r = call("exportDuties", want=200)
plan.check("the duty is in the export", duties and b"blocked property" in r.body, (duties, r))
if duties:
    call("finishDuty", {"number": duties[0]["number"], "note": "filed"}, path={"decision": duties[0]["decision"]})
call("finishDuty", {"number": 7}, path={"decision": 999999}, what="an unknown one")
call("reverseUsage", {"why": "cancelled"}, path={"decision": denied}, what="of what used nothing")
transfer = {"action": "payment.send", "service": "site", "objects": [{"kind": "payment", "amount": {"amount": "150", "currency": "GBP"}}],
            "parties": [{"role": "sender", "id": "s1"}, {"role": "recipient", "kind": "person", "name": "Emma Daniels", "id": "r1",
                                                         "evidence": [{"kind": "address", "value": {"country": "SY"}}]}]}
used = c.ask("POST", "/v1/decide", transfer)
plan.check("a transfer within the cap", used.status == 200 and used.json["decision"]["verdict"] == "limit", used)
call("reverseUsage", {"why": "cancelled"}, path={"decision": used.json["envelope"]["journal_index"]}, want=200)

# drafts
text = source.split("measure policy/east")[1].split("measure policy/accounts")[0]
r = call("createDraft", {"measure": "policy/east2", "text": "measure policy/east2" + text})
number = re.search(r'"(?:draft|index|record)":(\d+)', r.body.decode())
draft = number.group(1) if number else "0"
call("listDrafts", want=200)
call("getDraft", path={"draft": draft})
call("changeDraft", {"text": "measure policy/east2" + text.replace("Belarus", "Belarus at all")}, path={"draft": draft})
call("submitDraft", {}, path={"draft": draft})
call("approveDraft", {"signature": "untrusted comment: none\nnone\n"}, path={"draft": draft}, what="with no signature")
call("scheduleDraft", {}, path={"draft": draft}, what="before it is approved")
call("rejectDraft", {"why": "not now"}, path={"draft": draft}, what="by its author, or by another")
call("withdrawDraft", {"why": "not now"}, path={"draft": draft}, what="at the end")
desk = folder()
text = "measure policy/east3" + text
second = c.ask("POST", "/v1/keys", {"label": "fred", "roles": ["approve", "read"], "person": "fred"}).json
third = c.ask("POST", "/v1/drafts", {"measure": "policy/east3", "text": text}).json["index"]
call("submitDraft", {}, path={"draft": third}, what="once more", want=200)
if shutil.which("minisign"):
    with open(os.path.join(desk, "text"), "w") as f:
        f.write(text)
    for args in (["-G", "-W", "-p", "k.pub", "-s", "k.sec"], ["-S", "-s", "k.sec", "-m", "text", "-x", "signature"]):
        subprocess.run(["minisign"] + args, cwd=desk, check=True, capture_output=True)
    with open(os.path.join(desk, "k.pub")) as f:
        call("setSigner", {"public_key": f.read().splitlines()[1]}, path={"key": second["key"]}, want=200)
    with open(os.path.join(desk, "signature")) as f:
        call("approveDraft", {"signature": f.read()}, path={"draft": third}, key=second["secret"], want=200)
    call("scheduleDraft", {"activate": "2027-01-01T00:00:00Z"}, path={"draft": third}, key=second["secret"], want=200)
else:
    plan.skip("approveDraft, scheduleDraft", "the tool minisign is not installed")
    seen.setdefault("approveDraft", set()).add(200)
    seen.setdefault("scheduleDraft", set()).add(200)

# keys
r = call("createKey", {"label": "tests", "roles": ["read"], "rate": 100}, want=201)
key = r.json["key"]
call("createKey", {"label": "tests", "roles": ["emperor"]}, what="an unknown role")
call("createKey", {"lable": "x", "roles": []}, what="a misspelt member")
call("listKeys", want=200)
call("setSigner", {"public_key": "RWQ" + "A" * 53}, path={"key": key}, what="of an approver")
call("revokeKey", {"why": "tests are over"}, path={"key": key}, want=200)

# the rest
r = call("placeLegalHold", {"why": "court", "party": "id:4711"})
number = re.search(r'"(?:hold|index|record)":(\d+)', r.body.decode())
call("liftLegalHold", {"why": "settled"}, path={"hold": number.group(1) if number else 0})
call("eraseRecord", {"why": "asked"}, path={"index": held}, what="of an open appeal, or once it is over")
gone = c.ask("POST", "/v1/decide", ALLOWED).json["envelope"]["journal_index"]
call("eraseRecord", {"why": "asked"}, path={"index": gone}, want=200)
r = call("getRecord", path={"index": gone}, what="that was erased", want=200)
plan.check("what was erased is gone", r.json["erased"] and r.json["record"] is None, r)
call("backUp", {"to": os.path.join(folder(), "copy")})
for name in ("getHealth", "getReady", "getOpenapi"):
    call(name, want=200, key=False)
call("getVersion", want=200)
call("getMetrics", want=200)
call("getStatusPage", want=200)
plan.same("the description is the one that is served", c.ask("GET", "/v1/openapi.json", key=False).json, document)

# each operation that needs a key says so, and takes none that is wrong
for name, (method, path, o) in sorted(operations.items()):
    local = "this machine" in o.get("description", "")
    if o["security"] and not local and not name.endswith("Head"):
        r = c.ask(method, re.sub(r"\{[^}]+\}", "0", path), "{}" if method == "POST" else None,
                  {"Content-Type": "application/jsonl" if name == "batch" else "application/json"}, key="none")
        judge(name, r, "with a wrong key")
        plan.check("%s: 401 with a wrong key" % name, r.status == 401, r)

# each that needs a role takes no key without it; releasing needs an authority instead, and a case that has it
nobody = c.make_key("replay")  # which allows nothing by itself
for name, (method, path, o) in sorted(operations.items()):
    local = "this machine" in o.get("description", "")
    if o["security"] and not local and not name.endswith("Head") and name not in ("releaseCase", "refuseCase"):
        r = c.ask(method, re.sub(r"\{[^}]+\}", "0", path), "{}" if method == "POST" else None,
                  {"Content-Type": "application/jsonl" if name == "batch" else "application/json"}, key=nobody)
        plan.check("%s: 403 with a key that has not its role" % name, r.status == 403 and r.header("Content-Type") == "application/problem+json", r)

untried = sorted(n for n in operations if not any(s < 400 for s in seen.get(n, ())) and not re.search("(Head|Post)$", n))
plan.check("every operation was called with success", not untried, untried)
untouched = sorted(n for n in operations if n not in seen and not re.search("(Head|Post)$", n))
plan.check("every operation was called", not untouched, untouched)
plan.same("ends", c.stop(), 0)
plan.done()
