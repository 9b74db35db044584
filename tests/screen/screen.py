#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`cordon screen` and `cordon explain-match` as their users see them. TAP.

    tests/screen/screen.py CORDON
"""
import csv
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

CORDON = sys.argv[1]
DEADLINE = 120
FOLDER = tempfile.mkdtemp(prefix="cordon-screen-")
SNAPSHOT = os.path.join(FOLDER, "lists.snapshot")
LISTED = ["Yevgeny Viktorovich Prigozhin", "Ali Hassan al-Zaidi", "Maria Petrovna Sokolova", "Chen Wei Guang",
          "Omar Abdulrahman Khalifa", "Dmitri Sergeevich Volkov"]


def run(*words, data=None, env=None):
    done = subprocess.run([CORDON, *words], input=data, capture_output=True, timeout=DEADLINE, check=False,
                          env={**os.environ, "CORDON_SNAPSHOT": SNAPSHOT, **(env or {})})
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def path(name, data=None):
    full = os.path.join(FOLDER, name)
    if data is not None:
        with open(full, "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
    return full


def lines(out):
    return [json.loads(line) for line in out.decode().splitlines()]


def screen(data, *words, status=None):
    """Rows of a file through standard input → (exit status, results, what was said)."""
    got, out, errors = run("screen", "--quiet", "-f", "-", *words, data=data if isinstance(data, bytes) else data.encode())
    assert status is None or got == status, f"exit status {got}, wanted {status}: {out[:400]} {errors}"
    return got, lines(out), errors


def build():
    rows = ["id,type,name,aliases,birth_dates,nationalities,identifiers"]
    rows += [f'P-{i},person,"{name}",,{1950 + i}-05-17,RU,passport:RU:N{70001000 + i}' for i, name in enumerate(LISTED)]
    rows += [f'C-{i},company,"Northern {word} Trading Company LLC",,,,' for i, word in enumerate(
        ["Kvartal", "Brusnika", "Zarya", "Polyus"])]
    listing = path("blocked.csv", "\n".join(rows) + "\n")
    rules = path("lists.measure", 'list house/blocked "Blocked by our house"\n')
    got, out, errors = run("build", rules, "--no-geodata", "--list", f"house/blocked={listing}", "-o", SNAPSHOT)
    assert got == 0, f"{out} {errors}"


def customers(n, every=50):
    """n customers, every so many a listed one."""
    for i in range(n):
        k = i // every % len(LISTED)
        if i % every == 7:
            yield f'{i},"{LISTED[k]}",{1950 + k}-05-17\n'
        else:
            yield f'{i},"Customer Surname{i % 977} Given{i % 313}",{1940 + i % 60}-01-02\n'


# ---- names


def a_name_a_status_and_json():
    got, out, _ = run("screen", "Yevgeny Prigozhin", "--json")
    one = lines(out)[0]
    assert got == 1 and one["candidates"][0]["entry"] == "P-0" and one["candidates"][0]["lists"] == ["house/blocked"], one
    got, out, _ = run("screen", "Gabriela Unlikely-Hernandez", "--json")
    none = lines(out)[0]
    as_of = none.pop("as_of")
    assert got == 0 and none == {"candidates": [], "name": "Gabriela Unlikely-Hernandez", "verdict": "no"}
    told = as_of["list/house/blocked"]
    assert list(as_of) == ["list/house/blocked"] and told["count"] == 10 and len(told["digest"]) == 71, as_of
    got, out, _ = run("screen", "Nobody At-all", "Yevgeny Prigozhin")
    text = out.decode().splitlines()
    assert got == 1 and text[0] == "Nobody At-all: no match", out
    assert text[-1].startswith("against house/blocked, 10 entries, sha256:" + told["digest"][7:19]), text


def other_evidence_and_identifiers():
    score = {}
    for birth in ("1950-05-17", "1987-01-01"):
        _, out, _ = run("screen", "Yevgeny Prigozhin", "--birth", birth, "--json", "--review", "1")
        score[birth] = lines(out)[0]["candidates"][0]["score"]
    assert score["1950-05-17"] > score["1987-01-01"], score
    got, out, _ = run("screen", "--identifier", "passport:RU:N70001003", "--json")
    one = lines(out)[0]
    assert got == 1 and one["candidates"][0]["entry"] == "P-3" and one["candidates"][0]["by_identifier"], one
    got, out, _ = run("screen", "Yevgeny Prigozhin", "--explain", "--json")
    assert any("Prigozhin" in step for step in lines(out)[0]["candidates"][0]["why"])


def mistakes_on_the_command_line():
    for words, why, status in [
            (("screen",), "whom?", 2), (("screen", "x", "--match", "1001"), "from 0 to 1000", 2),
            (("screen", "x", "--review", "900", "--match", "800"), "not above", 2),
            (("screen", "x", "--list", "no/such"), "no/such", 3), (("screen", "x", "--birth", "soon"), "", 3),
            (("screen", "x", "--nationality", "Narnia"), "Narnia", 3), (("screen", "x", "--at", "then"), "", 2),
            (("screen", "x", "-f", "-"), "not both", 2), (("screen", "-f", "-", "--birth", "1950"), "--map", 2),
            (("screen", "-f", "-", "--resume"), "needs the -o", 2), (("screen", "-f", "/does/not/exist"), "No such file", 3),
            (("screen", "-f", "-", "--map", "name"), "FIELD=COLUMN", 2),
            (("screen", "-f", "-", "--map", "birth=dob"), "neither which column", 2)]:
        got, _, errors = run(*words, data=b"")
        assert got == status and why in errors, (words, got, errors)
    got, _, errors = run("screen", "x", env={"CORDON_SNAPSHOT": ""})
    assert got == 2 and "CORDON_SNAPSHOT" in errors


# ---- files


def csv_in_every_dress():
    for name, data in [
            ("comma", "id,name,dob\n7,Yevgeny Prigozhin,1950-05-17\n"),
            ("semicolon, byte order mark, CRLF", "\ufeffid;Name;DOB\r\n7;Yevgeny Prigozhin;1950-05-17\r\n"),
            ("tab", "ID\tFULL_NAME\n7\tYevgeny Prigozhin\n"),
            ("quotes", 'id,"name"\n7,"Prigozhin, Yevgeny"\n'),
            ("a quotation mark and a line within", 'id,name,note\n7,"Yevgeny ""Viktorovich"" Prigozhin","two\nlines"\n'),
            ("no line end", "id,name\n7,Yevgeny Prigozhin"),
            ("empty lines", "id,name\n\n7,Yevgeny Prigozhin\n\n")]:
        _, got, errors = screen(data, status=1)
        assert len(got) == 1 and got[0]["id"] == "7" and got[0]["row"] == 1, (name, got, errors)
        assert got[0]["candidates"][0]["entry"] == "P-0", (name, got)


def columns_by_map():
    data = "no,first,last,born,inn,pass\n7,Yevgeny,Prigozhin,1950-05-17,77,\n8,,,,,N70001004\n"
    _, got, _ = screen(data, "--map", "id=no,name=first+last,birth=born,passport=pass", status=1)
    assert [(g["id"], g["candidates"][0]["entry"]) for g in got] == [("7", "P-0"), ("8", "P-4")], got
    assert got[0]["name"] == "Yevgeny Prigozhin"
    got, _, errors = run("screen", "-f", "-", "--map", "name=nome", data=b"a,b\n1,2\n")
    assert got == 2 and "no column `nome`" in errors
    got, _, errors = run("screen", "-f", "-", data=b"a,b\n1,2\n")
    assert got == 2 and "--map name=COLUMN" in errors


def json_lines():
    data = ('{"id": 7, "name": "Yevgeny Prigozhin", "birth": ["1950-05-17", "1950"], "nested": {"a": [1, {"b": null}]}}\n'
            '\n{"id":"8","name":"\\u0415\\u0432\\u0433\\u0435\\u043d\\u0438\\u0439 \\u041f\\u0440\\u0438\\u0433\\u043e'
            '\\u0436\\u0438\\u043d","alias":["x|y","z"],"nationality":null}\n')
    _, got, _ = screen(data, status=1)
    assert [(g["id"], g["row"], g["candidates"][0]["entry"]) for g in got] == [("7", 1, "P-0"), ("8", 2, "P-0")], got


def csv_out():
    data = "id,name\n7,Yevgeny Prigozhin\n8,Nobody Here\n9,\n".encode()
    got, out, errors = run("screen", "--quiet", "-f", "-", "--format", "csv", "--all", data=data)
    rows = list(csv.DictReader(io.StringIO(out.decode())))
    assert got == 3 and "1 of 3 rows could not be screened" in errors
    assert [(r["row"], r["id"], r["verdict"]) for r in rows] == [("1", "7", rows[0]["verdict"]), ("2", "8", "no"), ("3", "9", "none")]
    assert rows[0]["entry"] == "P-0" and rows[0]["lists"] == "house/blocked" and int(rows[0]["score"]) > 800
    assert rows[2]["error"] and all(None not in r for r in rows)
    digest = json.loads(run("info", "--json", SNAPSHOT)[1])["snapshot"]
    assert {r["snapshot"] for r in rows} == {digest}, (rows, digest)


def rows_that_cannot_be_screened_say_so():
    cases = [b"id,name\n7,a,b\n", b"id,name\n7\n", b'id,name\n7,"open\n', b'id,name\n7,"a"b\n', b"id,name\n7,\xff\xfe\n",
             b"id,name\n7,a\0b\n", b"id,name\n7,\n", b"id,name,dob\n7,A B,soon\n", b"id,name,nationality\n7,A B,Narnia\n",
             b'{"id":"7","name":"a"\n', b'{"id":"7","name":["a",{"b":1}]}\n', b'{"id":"7","name":"\\ud800"}\n',
             b'{"id":"7","name":"a"} x\n', b'{"id":"7","name":' + b"[" * 100000 + b"\n",
             b'{"id":"7","x":' + b'{"a":' * 100000 + b"\n", b'{"id":"7","name":"a\x01b"}\n',
             b'{"id":"7","name":"' + b"x" * 10000000 + b'"}\n', b"id,name\n7," + b"x" * 10000000 + b"\n",
             b"id,name\n7," + b"ab " * 100000 + b"\n", b'{"id":"7","name":"' + b"ab " * 100000 + b'"}\n']
    for data in cases:
        began = time.monotonic()
        # and the next one is screened all the same, where the row has an end
        more = b"" if b"open" in data else b'{"name":"Yevgeny Prigozhin"}\n' if data[:1] == b"{" else (
            b"8,Yevgeny Prigozhin" + b"," * (data.split(b"\n")[0].count(b",") - 1) + b"\n")
        got, results, errors = screen(data + more)
        told = results[0]["verdict"] == "none" and results[0]["error"]
        # more words than are looked up: nobody may take that nobody was found for an answer
        partial = b"ab ab" in data and results[0].get("partial") and results[0]["verdict"] == "possible"
        assert (told and got == 3) or (partial and got == 1), (data[:80], got, str(results)[:300], errors)
        assert not more or results[1]["candidates"][0]["entry"] == "P-0", (data[:80], results)
        assert time.monotonic() - began < 30, data[:80]


def the_same_bytes_whatever_the_threads():
    data = ("id,name,dob\n" + "".join(customers(6000))).encode()
    file = path("customers.csv", data)
    outputs = set()
    for threads in ("1", "2", "7"):
        got, out, _ = run("screen", "--quiet", "-f", file, "--threads", threads, "--all")
        assert got == 1
        outputs.add(out)
        got, _, _ = run("screen", "--quiet", "-f", file, "--threads", threads, "--all", "-o", path("out.jsonl"))
        with open(path("out.jsonl"), "rb") as f:
            outputs.add(f.read())
    assert len(outputs) == 1
    got = lines(outputs.pop())
    assert [g["row"] for g in got] == list(range(1, 6001))
    assert sum(g["verdict"] != "no" for g in got) >= 120
    assert not os.path.exists(path("out.jsonl.part")) and not os.path.exists(path("out.jsonl.checkpoint"))


def killed_and_resumed():
    head = b"id,name,dob\n"
    rows = [row.encode() for row in customers(20000, 20)]
    at = ("--at", "2026-08-01T00:00:00Z")
    whole = path("whole.jsonl")
    out = path("resumed.jsonl")
    got, _, errors = run("screen", "--quiet", "-f", "-", *at, "-o", whole, data=head + b"".join(rows))
    assert got == 1, errors
    for cut in (3000, 9001, 15007):
        words = [CORDON, "screen", "--quiet", "-f", "-", *at, "-o", out] + (["--resume"] if cut > 3000 else [])
        if os.path.exists(out + ".checkpoint"):
            before = os.stat(out + ".checkpoint").st_mtime_ns
        else:
            before = 0
        with subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              env={**os.environ, "CORDON_SNAPSHOT": SNAPSHOT}) as running:
            running.stdin.write(head + b"".join(rows[:cut]))
            running.stdin.flush()
            end = time.monotonic() + DEADLINE
            while not (os.path.exists(out + ".checkpoint") and os.stat(out + ".checkpoint").st_mtime_ns > before):
                assert time.monotonic() < end and running.poll() is None, "no checkpoint was written"
                os.sched_yield()
            running.send_signal(signal.SIGKILL)
            try:
                running.stdin.close()
            except BrokenPipeError:
                pass
        assert not os.path.exists(out), "the output appeared although it is not complete"
    # not with another file, command or snapshot
    changed = head + rows[0].replace(b"Given0", b"Given1") + b"".join(rows[1:])
    got, _, errors = run("screen", "--quiet", "-f", "-", *at, "-o", out, "--resume", data=changed)
    assert got == 3 and "the file changed" in errors, errors
    got, _, errors = run("screen", "--quiet", "-f", "-", *at, "-o", out, "--resume", "--all", data=head)
    assert got == 3 and "of another command" in errors, errors
    got, _, errors = run("screen", "-f", "-", *at, "-o", out, "--resume", data=head + b"".join(rows))
    assert got == 1 and "continued after" in errors, errors
    with open(whole, "rb") as a, open(out, "rb") as b:
        assert a.read() == b.read(), "not the bytes of an uninterrupted run"
    assert not os.path.exists(out + ".checkpoint")


def memory_does_not_grow_with_the_file():
    """Twenty times as many rows, streamed; the same memory."""
    peak = []
    for rows in (5000, 100000):
        with subprocess.Popen([CORDON, "screen", "--quiet", "-f", "-", "--threads", "2"], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, env={**os.environ, "CORDON_SNAPSHOT": SNAPSHOT}) as running:
            running.stdin.write(b"id,name,dob\n")
            batch = []
            for row in customers(rows, 1000):
                batch.append(row.encode())
                if len(batch) == 1000:
                    running.stdin.write(b"".join(batch))
                    batch = []
            # All but what the pipe holds was read; the highest that the program ever had is told while it waits.
            with open(f"/proc/{running.pid}/status", encoding="ascii") as f:
                peak.append(next(int(line.split()[1]) for line in f if line.startswith("VmHWM")))
            running.stdin.close()
            assert running.wait(DEADLINE) == 1
    print(f"# {peak[0]} KiB for 5,000 rows, {peak[1]} KiB for 100,000")
    assert peak[1] < peak[0] + 16384, peak


def progress_is_told():
    got, _, errors = run("screen", "-f", path("customers.csv"), "-o", path("out.jsonl"))
    assert got == 1 and "\r" not in errors and (errors == "" or "/s" in errors), errors


# ---- explain-match


def two_names_step_by_step():
    for words in ((), ("-s", SNAPSHOT)):
        got, out, errors = run("explain-match", *words, "Yevgeny Prigozhin", "Евгений Викторович ПРИГОЖИН",
                               env={} if words else {"CORDON_SNAPSHOT": ""})
        text = out.decode()
        assert got == 1 and "Prigozhin" in text and "ПРИГОЖИН" in text and "weight" in text and "of 1000" in text, (out, errors)
        assert "patronymic" in text, text
    got, out, _ = run("explain-match", "Yevgeny Prigozhin", "Maria Sokolova")
    assert got == 0


def two_records():
    a = '{"name":"Yevgeny Prigozhin","birth":"1950-05-17","nationality":"RU","identifier":["passport:RU:N70001000"]}'
    b = '{"names":["E. Prigozhin","Someone Else"],"birth":"1950","identifier":"passport:RU:N 7000 1000"}'
    got, out, errors = run("explain-match", a, b, "--json")
    assert got == 1, errors
    one = json.loads(out)
    assert one["verdict"] == "sure" and one["by_identifier"] and one["steps"] and 0 <= one["name_score"] <= 1000, one
    for bad, why in [('{"nme":"x"}', "unknown member"), ('{"name":"x"', "not JSON"), ('{"name":{}}', ""), ("{}", "")]:
        got, _, errors = run("explain-match", bad, "x")
        assert got in (2, 3) and why in errors, (bad, got, errors)


def steps_are_objects():
    a = '{"name":"Dr Yevgeny Prigozhin","birth":"1950-05-17","nationality":"RU"}'
    b = '{"name":"Евгений Викторович ПРИГОЖИН","birth":"1950","nationality":"BY"}'
    got, out, errors = run("explain-match", a, b, "--json")
    one = json.loads(out)
    text = run("explain-match", a, b)[1].decode().splitlines()
    steps = one["steps"]
    assert [s["why"] for s in steps] == text[1:], (steps, text)
    kinds = [s["step"] for s in steps]
    assert kinds == ["words", "words", "first-only", "second-only", "note", "evidence", "evidence", "result"], kinds
    words = [s for s in steps if s["step"] == "words"]
    surname = next(s for s in words if s["tokens"]["a"] == "Prigozhin")
    assert surname["tokens"]["b"] == "ПРИГОЖИН" and surname["what"] == "name" and surname["how"], surname
    assert surname["points"] == surname["weight"] * surname["alike"] // 1000 > 0, surname
    left = [s for s in steps if s["step"] in ("first-only", "second-only")]
    assert {t for s in left for t in s["tokens"].values()} == {"Dr", "Викторович"}, left
    assert all(len(s["tokens"]) == 1 and "points" not in s for s in left), left
    evidence = {s["what"]: s for s in steps if s["step"] == "evidence"}
    assert len(evidence) == 2 and sum(s["points"] for s in evidence.values()) == 30 - 60, evidence
    assert {"a": "1950-05-17", "b": "1950-01-01 to 1950-12-31"} in [s["values"] for s in evidence.values()], evidence
    assert {"a": "RU", "b": "BY"} in [s["values"] for s in evidence.values()], evidence
    assert steps[-1]["step"] == "result" and steps[-1]["points"] == one["score"], steps[-1]
    same = '{"name":"Somebody Else","identifier":"passport:RU:N70001000"}'
    got, out, errors = run("explain-match", same, same.replace("Somebody Else", "Quite Another"), "--json")
    decides = [s for s in json.loads(out)["steps"] if s.get("decides")]
    assert got == 1 and len(decides) == 1 and decides[0]["values"]["a"] and "points" not in decides[0], (out, errors)


def a_name_crafted_to_be_slow():
    for name in ("a " * 500, "ab" * 500, "Al " * 300 + "Hassan", "x" * 1024, "i" * 1000, "\u202e" * 300 + "a", "и" * 500):
        began = time.monotonic()
        got, _, errors = run("explain-match", "-s", SNAPSHOT, name, name[::-1])
        assert got in (0, 1, 3), (name[:20], got, errors)
        assert time.monotonic() - began < 10


TESTS = [a_name_a_status_and_json, other_evidence_and_identifiers, mistakes_on_the_command_line, csv_in_every_dress,
         columns_by_map, json_lines, csv_out, rows_that_cannot_be_screened_say_so, the_same_bytes_whatever_the_threads,
         killed_and_resumed, memory_does_not_grow_with_the_file, progress_is_told, two_names_step_by_step, two_records, steps_are_objects,
         a_name_crafted_to_be_slow]


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    build()
    for i, test in enumerate(TESTS, 1):
        try:
            test()
            print(f"ok {i} - {test.__name__}", flush=True)
        except Exception:  # pylint: disable=broad-except
            print(f"not ok {i} - {test.__name__}")
            print("\n".join("# " + line[:600] for line in traceback.format_exc().splitlines()), flush=True)
    print(f"1..{len(TESTS)}")
    shutil.rmtree(FOLDER)


main()
