#!/bin/bash
# Cases of screening and ownership by the engine itself: tests/data/screening, through `cordon test` and
# `cordon build`. TAP.
#
#   screening.sh CORDON ROOT
set -u
cordon=$1
data=$2/tests/data/screening
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0
check() { # name, status
    n=$((n + 1))
    if [ "$2" -eq 0 ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; fi
}

out=$("$cordon" test "$data" --quiet --no-geodata --list "us/sdn=$data/sdn.csv" --owners "$data/links.csv" 2>&1)
check "every case comes out as it should" $?
grep -q "18 passed, 0 failed" <<<"$out"
check "and all of them ran" $?

"$cordon" test "$data" --quiet --no-geodata --owners "$data/links.csv" >"$work/without" 2>&1
test $? -ne 0
check "without the list nobody is cleared" $?

"$cordon" build "$data" --quiet --no-geodata --list "us/sdn=$data/sdn.csv" --owners "$data/links.csv" \
    -o "$work/a.snapshot" >/dev/null 2>&1
check "a snapshot with the file of links is built" $?
printf '%s' '{"action":"account.open","service":"store","at":"2022-03-10T09:00:00Z","parties":[{"role":"customer",
"name":"Stroimost","identifiers":[{"kind":"registration","country":"RU","value":"1027700132195"}]}]}' >"$work/request"
"$cordon" decide "$work/a.snapshot" "$work/request" >"$work/answer" 2>"$work/error"
grep -q '"verdict":"freeze"' "$work/answer" && grep -q '"owner":"Arkadi Rotenberg"' "$work/answer" &&
    grep -q '"list/us/sdn":{"count":9,' "$work/answer" && grep -q '"owners/links.csv":{"count":6,' "$work/answer"
check "its answer names the owners, the list and the file with their size" $?

printf 'owner,owned,percent\nA,B,101\n' >"$work/bad.csv"
"$cordon" build "$data" --quiet --no-geodata --owners "$work/bad.csv" -o "$work/b.snapshot" >"$work/bad" 2>&1
test $? -ne 0 && grep -q '101' "$work/bad" && [ ! -e "$work/b.snapshot" ]
check "a share above 100 per cent is refused, and nothing is built" $?
echo "1..$n"
