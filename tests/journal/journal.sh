#!/bin/bash
# `cordon journal` as an auditor uses it, against an independent verifier (tlog.py) and the minisign program.
#
#   journal.sh CORDON WRITER SOURCE
set -u
cordon=$1
writer=$2
source=$3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
count=0
failed=0

expect() { # title, exit status, pattern of the output, command…
    local title=$1 want=$2 pattern=$3 got=0
    shift 3
    "$@" >"$dir/out" 2>"$dir/err" || got=$?
    count=$((count + 1))
    if [ "$got" -eq "$want" ] && { [ -z "$pattern" ] || grep -q -E -- "$pattern" "$dir/out" "$dir/err"; }; then
        echo "ok $count - $title"
    else
        echo "not ok $count - $title"
        echo "# status $got instead of $want, or no /$pattern/ in:"
        sed 's/^/#   /' "$dir/out" "$dir/err" | head -n 20
        failed=1
    fi
}

tlog() {
    python3 "$source/tests/journal/tlog.py" "$@"
}

j=$dir/data/journal
mkdir -p "$dir/data/snapshots"
expect 'a key is made' 0 '' "$writer" key "$dir/key"
if command -v minisign >/dev/null; then
    echo hello >"$dir/message"
    expect 'minisign signs with our key' 0 '' minisign -S -W -s "$dir/key" -m "$dir/message" -x "$dir/message.sig"
    expect 'and verifies with our public key' 0 'Signature and comment signature verified' \
        minisign -V -p "$dir/key.pub" -m "$dir/message" -x "$dir/message.sig"
fi
expect 'a snapshot is built' 0 '' "$cordon" build --quiet --no-geodata "$source/rulebooks" -o "$dir/a.snapshot"
digest=$("$cordon" info "$dir/a.snapshot" --json 2>/dev/null | grep -o 'sha256:[0-9a-f]*' | head -n 1)
cp "$dir/a.snapshot" "$dir/data/snapshots/${digest#sha256:}.snapshot"
expect 'decisions are journalled' 0 '' "$writer" decide "$j" "$dir/key" "$dir/a.snapshot" 2022-03-10T09:00:00Z \
    "$source"/examples/requests/*.json "$source"/examples/requests/*.json
expect 'and events' 0 '' "$writer" append "$j" "$dir/key" 0 \
    '{"at":"2022-03-10T10:00:00Z","by":"k_1","data":{"case":"c1"},"event":"case.opened","kind":"event"}' \
    '{"at":"2022-03-10T11:00:00Z","by":"k_1","data":{"case":"c1"},"event":"case.closed","kind":"event"}'

# verify
vkey=$(cat "$j/keys/00000001.vkey")
cp "$j/checkpoint" "$dir/witnessed"
expect 'verify' 0 '8 records \(6 decisions, 2 events, 0 erased\), signed up to 8, 0 findings' "$cordon" journal verify "$j"
expect 'verify with a trusted key and a witnessed checkpoint' 0 ', 0 findings' \
    "$cordon" journal verify "$j" --key "$vkey" --checkpoint "$dir/witnessed"
expect 'verify with a key from a file, as JSON' 0 '"findings":0,"records":8' \
    "$cordon" journal verify "$j" --key "$j/keys/00000001.vkey" --json
"$writer" key "$dir/other"
"$writer" fill "$dir/foreign" "$dir/other" 3 100
expect 'verify under another key' 1 'none of the trusted keys' "$cordon" journal verify "$j" --key "$dir/foreign/keys/00000001.vkey"
expect 'a checkpoint of another journal' 1 'not signed by a key of this journal' \
    "$cordon" journal verify "$j" --checkpoint "$dir/foreign/checkpoint"
expect 'no journal' 3 'there is no' "$cordon" journal verify "$dir/nowhere"

# prove
expect 'prove' 0 '^c2sp.org/tlog-proof@v1' "$cordon" journal prove "$j" 4
cp "$dir/out" "$dir/proof"
expect 'an independent verifier accepts the proof' 0 '^ok cordon.local/journal 4 of 8' tlog proof "$dir/proof" "$j/keys/00000001.vkey"
"$cordon" journal export "$j" --from 4 --to 5 >"$dir/record"
expect 'and that this record is what is proved' 0 '^ok' tlog record "$dir/proof" "$j/keys/00000001.vkey" "$dir/record"
sed 's/"verdict":"/"verdict": "/' "$dir/record" >"$dir/altered"
expect 'but not an altered one' 1 'not the commitment' tlog record "$dir/proof" "$j/keys/00000001.vkey" "$dir/altered"
sed '3s/^A/B/;t;3s/^./A/' "$dir/proof" >"$dir/wrong"
expect 'nor an altered proof' 1 'not in the tree' tlog record "$dir/wrong" "$j/keys/00000001.vkey" "$dir/record"
for from in 1 3 4 8; do
    "$cordon" journal prove "$j" --from $from --json >"$dir/consistency"
    expect "consistency from $from" 0 "^ok $from is the beginning of 8" tlog consistency "$dir/consistency"
done
expect 'the root from the entries of the tiles' 0 '^ok cordon.local/journal 8' tlog tiles "$j"
expect 'a larger journal: its tiles' 0 '' "$writer" fill "$dir/large" "$dir/key" 70000 40
expect 'the same by the independent verifier' 0 'ok cordon.local/journal 70000' tlog tiles "$dir/large"
"$cordon" journal prove "$dir/large" 65535 >"$dir/proof2"
"$cordon" journal export "$dir/large" --from 65535 --to 65536 >"$dir/record2"
expect 'a proof across levels' 0 '^ok' tlog record "$dir/proof2" "$dir/large/keys/00000001.vkey" "$dir/record2"
"$cordon" journal prove "$dir/large" --from 257 --json >"$dir/consistency"
expect 'consistency across levels' 0 '^ok 257' tlog consistency "$dir/consistency"
# The tools of Go's checksum database, which are others' work, on the same journals.
if command -v go >/dev/null && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ] &&
    GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$dir/go go build -o "$dir/tlog-go" "$source/tests/journal/tlog.go"; then
    expect "Go's tools verify a journal" 0 '^ok cordon.local/journal 8$' "$dir/tlog-go" journal "$j" "$j/keys/00000001.vkey"
    expect 'a larger one' 0 '^ok cordon.local/journal 70000$' "$dir/tlog-go" journal "$dir/large" "$dir/large/keys/00000001.vkey"
    expect 'a proof' 0 '^ok cordon.local/journal 65535 of 70000$' \
        "$dir/tlog-go" proof "$dir/proof2" "$dir/large" "$dir/large/keys/00000001.vkey"
    expect 'not for another key' 1 '^wrong' "$dir/tlog-go" journal "$j" "$dir/foreign/keys/00000001.vkey"
    cp -r "$dir/large" "$dir/flipped"
    printf '\000' | dd of="$dir/flipped/tile/0/100" bs=1 seek=77 conv=notrunc 2>/dev/null
    printf '\001' | dd of="$dir/flipped/tile/0/100" bs=1 seek=78 conv=notrunc 2>/dev/null
    expect 'nor with a flipped byte' 1 '^wrong' "$dir/tlog-go" journal "$dir/flipped" "$dir/flipped/keys/00000001.vkey"
else
    count=$((count + 1))
    echo "ok $count # SKIP Go's tools verify a journal: golang-go, golang-golang-x-mod-dev are not installed"
    echo "# SKIPPED: Go's tools verify a journal: golang-go, golang-golang-x-mod-dev are not installed"
fi
expect 'a record that is not there' 3 'not in a tree' "$cordon" journal prove "$j" 8
expect 'prove: usage' 2 '' "$cordon" journal prove "$j"

# search, export
expect 'search by verdict' 0 '2 of 8 records' "$cordon" journal search "$j" --verdict deny
expect 'search by event' 0 '1 of 8 records' "$cordon" journal search "$j" --event case.opened
expect 'search by the beginning of an event' 0 '2 of 8 records' "$cordon" journal search "$j" --event case.
expect 'search by time' 0 '2 of 8 records' "$cordon" journal search "$j" --since 2022-03-10T09:30:00Z --until 2022-03-11
expect 'search by trace' 0 '1 of 8 records' "$cordon" journal search "$j" --trace trace-5
expect 'no such verdict' 3 'no verdict .maybe' "$cordon" journal search "$j" --verdict maybe
"$cordon" journal export "$j" >"$dir/export"
expect 'export is JSON Lines' 0 '^8$' python3 -c \
    'import json,sys; print(len([json.loads(l)["record"]["kind"] for l in open(sys.argv[1])]))' "$dir/export"
measure=$(python3 -c 'import json,sys
for l in open(sys.argv[1]):
    for m in json.loads(l)["record"].get("decision", {}).get("measures", []):
        if m["outcome"] == "deny": print(m["id"]); sys.exit()' "$dir/export")
expect 'search by measure' 0 ' 2022-03-10T09:00:00Z  deny' "$cordon" journal search "$j" --measure "$measure"
party=$(python3 -c 'import json,sys
for l in open(sys.argv[1]):
    for p in json.loads(l)["record"].get("request", {}).get("parties", []):
        if p.get("name"): print(p["name"][1:].upper()); sys.exit()' "$dir/export")
[ -z "$party" ] || expect 'search by party' 0 '[1-9] of 8 records' "$cordon" journal search "$j" --party "$party"

# replay
expect 'replay finds no difference' 0 '^6 decisions: 6 the same, 0 different, 0 undecided' "$cordon" journal replay "$j" --threads 2
cp -r "$source/rulebooks" "$dir/rulebooks"
for f in $(grep -l -r -E "^measure +$measure" "$dir/rulebooks" --include='*.measure'); do
    # next week's rulebook: the measure that denied takes effect only in 2030
    awk -v m="$measure" '/^[a-z]/ {hit = $1 == "measure" && $2 == m} hit && $1 == "effective" {sub(/[0-9][0-9][0-9][0-9]-/, "2030-")} 1' \
        "$f" >"$dir/t" && cp "$dir/t" "$f"
done
if "$cordon" build --quiet --no-geodata "$dir/rulebooks" -o "$dir/b.snapshot" >"$dir/build" 2>&1; then
    expect 'replay --with: what would have changed' 0 "$measure: deny -> " \
        "$cordon" journal replay "$j" --with "$dir/b.snapshot"
    expect 'the same as JSON' 0 '"was":"deny"' "$cordon" journal replay "$j" --with "$dir/b.snapshot" --json
else
    echo "# next week's rulebook does not build:"
    sed 's/^/#   /' "$dir/build" | head -n 5
    count=$((count + 1))
    echo "not ok $count - next week's rulebook"
    failed=1
fi
expect 'replay without the snapshots says so' 1 'could not be decided' "$cordon" journal replay "$j" --snapshots "$dir"

# backup, restore
expect 'backup' 0 '8 records copied' "$cordon" journal backup "$j" "$dir/backup"
expect 'the backup verifies' 0 ', 0 findings' "$cordon" journal verify "$dir/backup" --checkpoint "$dir/witnessed"
expect 'a backup is not written over a journal' 3 'already' "$cordon" journal backup "$j" "$dir/backup"
expect 'restore' 0 '8 records restored' "$cordon" journal restore "$dir/backup" "$dir/restored"
"$cordon" journal export "$dir/restored" >"$dir/export2"
expect 'what was restored is what was there' 0 '' cmp "$dir/export" "$dir/export2"
expect 'it goes on from there' 0 '' "$writer" append "$dir/restored" "$dir/key" 0 '{"n":9}'
expect 'and verifies' 0 '9 records .* 0 findings' "$cordon" journal verify "$dir/restored" --checkpoint "$dir/witnessed"

# erase
expect 'erase refuses without a reason' 2 '' "$cordon" journal erase "$j" --secret-key "$dir/key" --by k_1
expect 'a legal hold' 0 '' "$writer" append "$j" "$dir/key" 0 \
    '{"at":"2026-01-01T00:00:00Z","by":"k_1","data":{"first":4,"id":"h1","last":4},"event":"legal_hold.set","kind":"event"}' \
    '{"at":"2026-01-01T00:00:00Z","by":"k_1","data":{"id":"h2","text":["TRACE-2"]},"event":"legal_hold.set","kind":"event"}'
expect 'erase: a dry run' 0 '4 would be erased; 2 under a legal hold' \
    "$cordon" journal erase "$j" --secret-key "$dir/key" --by k_1 --reason retention --dry-run
expect 'nothing happened' 0 ', 0 erased\)' "$cordon" journal verify "$j"
expect 'erase' 0 '^4 erased; 2 under a legal hold, 4 still to be retained, 0 erased before' \
    "$cordon" journal erase "$j" --secret-key "$dir/key" --by k_1 --reason retention
expect 'the journal still verifies, with the old checkpoint, too' 0 '4 erased\), signed up to 11, 0 findings' \
    "$cordon" journal verify "$j" --checkpoint "$dir/witnessed"
expect 'the payload is gone' 0 '"index":0,.*"record":null' "$cordon" journal export "$j" --to 1
expect 'from the disk' 1 '' grep -r -q 'trace-0' "$j/records"
expect 'what is held is there' 0 '1 of 11 records' "$cordon" journal search "$j" --trace trace-4
expect 'an erased record can still be proved' 0 '^c2sp' "$cordon" journal prove "$j" 0
cp "$dir/out" "$dir/proof"
expect 'to an independent verifier' 0 '^ok' tlog proof "$dir/proof" "$j/keys/00000001.vkey"
expect 'the erasure is an event' 0 '1 of 11 records' "$cordon" journal search "$j" --event journal.erased
expect 'a released hold' 0 '' "$writer" append "$j" "$dir/key" 0 \
    '{"at":"2026-01-02T00:00:00Z","by":"k_1","data":{"id":"h1"},"event":"legal_hold.released","kind":"event"}'
expect 'holds no longer' 0 '^1 erased; 1 under a legal hold' \
    "$cordon" journal erase "$j" --secret-key "$dir/key" --by k_1 --reason retention
expect 'replay passes over what is erased' 0 '^1 decisions: 1 the same.* 5 erased' "$cordon" journal replay "$j"
expect 'a hold that was placed through the service' 0 '' "$writer" append "$j" "$dir/key" 0 \
    '{"at":"2026-01-03T00:00:00Z","by":"k_1","data":{"from":1,"party":"trace-2","why":"x"},"event":"legal_hold.placed","kind":"event"}' \
    '{"at":"2026-01-03T00:00:00Z","by":"k_1","data":{"id":"h2"},"event":"legal_hold.released","kind":"event"}'
placed=$("$cordon" journal export "$j" | sed -n 's/.*"index":\([0-9]*\),.*legal_hold\.placed.*/\1/p')
expect 'holds here, too' 0 '^0 erased; 1 under a legal hold' \
    "$cordon" journal erase "$j" --secret-key "$dir/key" --by k_1 --reason retention
expect 'another one is lifted' 0 '' "$writer" append "$j" "$dir/key" 0 \
    '{"at":"2026-01-04T00:00:00Z","by":"k_1","data":{"hold":1,"why":"x"},"event":"legal_hold.lifted","kind":"event"}'
expect 'it still holds' 0 '^0 erased; 1 under a legal hold' \
    "$cordon" journal erase "$j" --secret-key "$dir/key" --by k_1 --reason retention
expect 'it is lifted itself' 0 '' "$writer" append "$j" "$dir/key" 0 \
    "{\"at\":\"2026-01-04T00:00:00Z\",\"by\":\"k_1\",\"data\":{\"hold\":$placed,\"why\":\"x\"},\"event\":\"legal_hold.lifted\",\"kind\":\"event\"}"
expect 'and holds no longer' 0 '^1 erased; 0 under a legal hold' \
    "$cordon" journal erase "$j" --secret-key "$dir/key" --by k_1 --reason retention

# keys rotate
expect 'a new key' 0 '' "$writer" key "$dir/key2"
expect 'takes over' 0 '' "$writer" rotate "$j" "$dir/key" "$dir/key2" 2026-02-01T00:00:00Z
expect 'the old key is refused from now on' 1 'signed by another key' "$writer" append "$j" "$dir/key" 0 '{}'
expect 'the new one is not' 0 '' "$writer" append "$j" "$dir/key2" 0 '{"n":1}'
expect 'whoever trusts the old key can follow' 0 ', 0 findings' \
    "$cordon" journal verify "$j" --key "$vkey" --checkpoint "$dir/witnessed"
expect 'the hand-over is an event' 0 '1 of ' "$cordon" journal search "$j" --event journal.key_rotated
cp "$dir/key2" "$dir/journal.key"
expect 'rotate: a key of its own making' 0 'a new key signs' "$cordon" journal rotate "$j" --secret-key "$dir/journal.key" --by k_1
expect 'in the place of the old one, for its owner alone' 0 '^600$' stat -c %a "$dir/journal.key"
expect 'which is refused from now on' 1 'signed by another key' "$writer" append "$j" "$dir/key2" 0 '{}'
expect 'the new one is not' 0 '' "$writer" append "$j" "$dir/journal.key" 0 '{"n":2}'
if command -v minisign >/dev/null; then
    expect 'minisign signs with it' 0 '' minisign -S -W -s "$dir/journal.key" -m "$dir/message" -x "$dir/message.sig"
    expect 'and takes its public part' 0 'Signature and comment signature verified' \
        minisign -V -p "$dir/journal.pub" -m "$dir/message" -x "$dir/message.sig"
fi
cp "$dir/journal.key" "$dir/before"
expect 'rotate once more' 0 '' "$cordon" journal rotate "$j" --secret-key "$dir/journal.key" --by k_1
mv "$dir/journal.key" "$dir/journal.key.next"
mv "$dir/before" "$dir/journal.key"
expect 'as if it had been cut short before the key took its place' 1 'signed by another key' "$writer" append "$j" "$dir/journal.key" 0 '{}'
expect 'the same command finishes it' 0 'a new key signs' "$cordon" journal rotate "$j" --secret-key "$dir/journal.key" --by k_1
expect 'without another hand-over' 0 '^3 of ' "$cordon" journal search "$j" --event journal.key_rotated
expect 'and it signs' 0 '' "$writer" append "$j" "$dir/journal.key" 0 '{"n":3}'
expect 'rotate: no journal' 3 'there is no' "$cordon" journal rotate "$dir/nowhere" --secret-key "$dir/journal.key" --by k_1
expect 'nor is one made' 1 '' test -e "$dir/nowhere"
expect 'rotate: usage' 2 'needed' "$cordon" journal rotate "$j"
expect 'whoever trusts the first of the four can follow' 0 ', 0 findings' \
    "$cordon" journal verify "$j" --key "$vkey" --checkpoint "$dir/witnessed"
sed -i 's/^at 2026/at 2025/' "$j/keys/00000002.note"
expect 'an altered hand-over is found' 1 '00000002.note' "$cordon" journal verify "$j" --key "$vkey"

echo "1..$count"
exit "$failed"
