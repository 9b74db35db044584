#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An independent verifier of journals and proofs: Python's standard library and the formulas of RFC 6962 and RFC 9162 only.

    tlog.py proof FILE VKEYFILE            checks a C2SP tlog-proof: the record is in the tree that the checkpoint signs
    tlog.py record FILE VKEYFILE EXPORTED  and that its leaf is the commitment to this line of `cordon journal export`
    tlog.py consistency FILE               checks a consistency proof (JSON)
    tlog.py tiles DIR                      recomputes the root from tile/entries/ and compares it with the checkpoint

Ed25519 is checked with `minisign`-independent code below (RFC 8032, slow and plain).
"""
import base64, hashlib, json, os, sys

# --- Ed25519, RFC 8032 section 6, verification only --------------------------------------------------------------
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)

def recover(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * I % P
    if (x * x - x2) % P:
        return None
    return P - x if x & 1 != sign else x

def add(a, b):
    A = (a[1] - a[0]) * (b[1] - b[0]) % P
    B = (a[1] + a[0]) * (b[1] + b[0]) % P
    C = 2 * a[3] * b[3] * D % P
    E = 2 * a[2] * b[2] % P
    e, f, g, h = B - A, E - C, E + C, B + A
    return (e * f % P, g * h % P, f * g % P, e * h % P)

def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = add(q, p)
        p = add(p, p)
        n >>= 1
    return q

GY = 4 * pow(5, P - 2, P) % P
GX = recover(GY, 0)
G = (GX, GY, 1, GX * GY % P)

def point(b):
    y = int.from_bytes(b, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x = recover(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)

def ed25519(key, message, signature):
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = times(s, G), add(r, times(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0

# --- notes ---------------------------------------------------------------------------------------------------------
def check_note(note, vkey):
    """The text of the note, if the key signed it."""
    name, hash_, key = vkey.strip().split("+", 2)
    key = base64.b64decode(key, validate=True)
    assert key[0] == 1, "not an Ed25519 key"
    assert hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] == hash_, "the key's hash is wrong"
    text, signatures = note[: note.rindex("\n\n") + 1], note[note.rindex("\n\n") + 2 :]
    for line in signatures.splitlines():
        dash, who, blob = line.split(" ")
        blob = base64.b64decode(blob, validate=True)
        if dash == "\u2014" and who == name and blob[:4].hex() == hash_:
            assert ed25519(key[1:], text.encode(), blob[4:]), "the signature is wrong"
            return text
    raise AssertionError("the key did not sign this")

def checkpoint(text):
    origin, size, root = text.split("\n")[:3]
    return origin, int(size), base64.b64decode(root, validate=True)

# --- trees -----------------------------------------------------------------------------------------------------------
def node(a, b):
    return hashlib.sha256(b"\1" + a + b).digest()

def leaf(entry):
    return hashlib.sha256(b"\0" + entry).digest()

def tree(leaves):  # RFC 6962 2.1
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    stack = []
    for i, h in enumerate(level):
        stack.append((1, h))
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            n, b = stack.pop()
            _, a = stack.pop()
            stack.append((2 * n, node(a, b)))
    root = stack.pop()[1]
    while stack:
        root = node(stack.pop()[1], root)
    return root

def inclusion(index, size, hash_, path):  # RFC 9162 2.1.3.2
    assert index < size
    fn, sn, r = index, size - 1, hash_
    for p in path:
        assert sn != 0, "the proof is too long"
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            r = node(r, p)
        fn >>= 1
        sn >>= 1
    assert sn == 0, "the proof is too short"
    return r

def consistency(first, second, first_root, second_root, path):  # RFC 9162 2.1.4.2
    if first == 0:
        return not path
    if first == second:
        return first_root == second_root and not path
    if first & (first - 1) == 0:
        path = [first_root] + path
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            sr = node(sr, c)
        fn >>= 1
        sn >>= 1
    return fr == first_root and sr == second_root and sn == 0

# --- commands ----------------------------------------------------------------------------------------------------------
def read_proof(text):
    head, note = text.split("\n\n", 1)
    lines = head.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1", "not a tlog-proof"
    assert lines[1].startswith("index ")
    return int(lines[1][6:]), [base64.b64decode(h, validate=True) for h in lines[2:]], note

def commitment(line):
    """The leaf of an exported record: the payload is the exact bytes of the member `record`."""
    start = line.index('"record":') + len('"record":')
    end = line.rindex(',"retain_until":')
    salt = bytes.fromhex(json.loads(line)["salt"])
    return hashlib.sha256(b"cordon.record.1\n" + salt + line[start:end].encode()).digest()

def entries(folder, size):
    out = []
    for n in range((size + 255) // 256):
        width = min(256, size - 256 * n)
        parts = ["%03d" % (n % 1000)]
        high = n // 1000
        while high:
            parts.insert(0, "x%03d" % (high % 1000))
            high //= 1000
        path = os.path.join(folder, "tile", "entries", *parts)
        data = open(path if os.path.exists(path) else path + ".p/%d" % width, "rb").read()
        at = 0
        while at < len(data) and len(out) < size:
            count = int.from_bytes(data[at : at + 2], "big")
            out.append(leaf(data[at + 2 : at + 2 + count]))
            at += 2 + count
    assert len(out) == size, "entries are missing"
    return out

def main(args):
    command = args[0]
    if command in ("proof", "record"):
        index, path, note = read_proof(open(args[1]).read())
        origin, size, root = checkpoint(check_note(note, open(args[2]).read()))
        line = open(args[3]).read().rstrip("\n") if command == "record" else None
        if line is not None:
            assert json.loads(line)["index"] == index, "another record"
            entry = commitment(line)
            assert entry.hex() == json.loads(line)["leaf"], "the leaf is not the commitment"
            assert inclusion(index, size, leaf(entry), path) == root, "not in the tree"
        print("ok", origin, index, "of", size)
    elif command == "consistency":
        p = json.load(open(args[1]))
        path = [bytes.fromhex(h) for h in p["hashes"]]
        good = consistency(p["old_size"], p["size"], bytes.fromhex(p["old_root"]), bytes.fromhex(p["root"]), path)
        assert good, "not consistent"
        print("ok", p["old_size"], "is the beginning of", p["size"])
    elif command == "tiles":
        origin, size, root = checkpoint(open(os.path.join(args[1], "checkpoint")).read())
        assert tree(entries(args[1], size)) == root, "the root is not that of the entries"
        print("ok", origin, size)
    else:
        raise SystemExit(__doc__)

main(sys.argv[1:])
