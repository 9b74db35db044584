#!/bin/bash
# The program `cordon` and the examples, as their users see them. TAP.
#
#   tests/cli/cli.sh CORDON EXAMPLE-DECIDE EXAMPLE-BUILD-REQUEST PUBLIC-API ROOT
set -uo pipefail
cordon=$1
example_decide=$2
example_build=$3
public_api=$4
root=$5
here=$root/tests/cli
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
number=0
unset NO_COLOR
export TERM=dumb

# expect NAME STATUS PATTERN COMMAND…: the command's exit status, and a pattern (ERE) in what it says on either stream.
expect() {
    local name=$1 status=$2 pattern=$3 got
    shift 3
    number=$((number + 1))
    "$@" >"$dir/out" 2>"$dir/err"
    got=$?
    if [ "$got" -ne "$status" ]; then
        printf 'not ok %d - %s\n# exit status %d, wanted %d\n' "$number" "$name" "$got" "$status"
        sed 's/^/# /' "$dir/out" "$dir/err" | head -20
    elif [ -n "$pattern" ] && ! grep -qE -- "$pattern" "$dir/out" "$dir/err"; then
        printf 'not ok %d - %s\n# nothing matches %s in\n' "$number" "$name" "$pattern"
        sed 's/^/# /' "$dir/out" "$dir/err" | head -20
    else
        printf 'ok %d - %s\n' "$number" "$name"
    fi
}

snapshot=$dir/shop.snapshot
request=$here/moscow.json

# --- help, versions, mistakes on the command line
expect 'no arguments: the commands are listed' 0 '^  explain ' "$cordon"
expect '--help of the program' 0 'Usage:' "$cordon" --help
for c in build check fmt diff export import test decide explain info verify places schema screen explain-match version help; do
    expect "$c --help shows usage" 0 "^Usage: cordon $c" "$cordon" $c --help
done
expect 'examples in help' 0 'Examples:' "$cordon" help decide
expect 'exit statuses are documented' 0 '12  deny' "$cordon" help exit-status
expect 'version' 0 '^cordon [0-9]+\.[0-9]+\.[0-9]+$' "$cordon" --version
expect 'a misspelt command is guessed' 2 'did you mean `check`' "$cordon" chekc
expect 'an unknown option' 2 'no option --nope' "$cordon" decide --nope "$snapshot"
expect 'an option without its value' 2 'needs INSTANT' "$cordon" decide "$snapshot" --at
expect 'build without -o says what to do' 2 'give -o' "$cordon" build "$here/shop.measure"
expect 'a wrong instant is a usage error with the form' 2 'date, time and zone' "$cordon" decide x.snapshot --at yesterday

# --- rulebooks
expect 'check' 0 '3 measures.*no errors' "$cordon" check "$here/shop.measure"
expect 'check --strict: a warning is a finding' 1 'unused' "$cordon" check --strict "$here/shop.measure"
sed 's/{RU, BY}/{RU, Belrus}/' "$here/shop.measure" >"$dir/bad.measure"
expect 'an error with file, line, column and a suggestion' 1 'bad.measure:[0-9]+:[0-9]+: error: .*' "$cordon" check "$dir/bad.measure"
expect 'the suggestion names Belarus' 1 'Belarus' "$cordon" check "$dir/bad.measure"
expect 'errors as JSON' 1 '^\{.*"line":' "$cordon" check --json "$dir/bad.measure"
expect 'nothing is built from a rulebook with errors' 1 'nothing was compiled' "$cordon" build "$dir/bad.measure" -o "$dir/bad.snapshot"
expect 'and no file appears' 1 '' test -e "$dir/bad.snapshot"
expect 'a missing file says what to name' 3 '.measure' "$cordon" check "$dir/absent.measure"
mkdir "$dir/empty"
expect 'a folder without measures' 3 'ends in .measure' "$cordon" check "$dir/empty"
cp "$here/shop.measure" "$dir/fmt.measure"
expect 'fmt' 0 '' "$cordon" fmt "$dir/fmt.measure"
expect 'fmt is idempotent' 0 '' "$cordon" fmt --check "$dir/fmt.measure"
expect 'fmt of standard input' 0 '^measure shop/new-customers' "$cordon" fmt - <"$here/shop.measure"
expect 'diff: layout is no change' 0 '^0 changes' "$cordon" diff "$here/shop.measure" "$dir/fmt.measure"
sed 's/"No goods to Crimea"/"No goods at all to Crimea"/' "$here/shop.measure" >"$dir/new.measure"
expect 'diff: a change is named' 1 '^us/crimea-embargo: title: from No goods to Crimea to No goods at all to Crimea$' "$cordon" diff "$here/shop.measure" "$dir/new.measure"
expect 'diff --json' 1 '"summary":[{]"changes":0,"narrower":0,"neutral":1,"wider":0[}]' "$cordon" diff --json "$here/shop.measure" "$dir/new.measure"
expect 'export' 0 '' "$cordon" export "$here/shop.measure" -o "$dir/a.json"
expect 'import' 0 '' "$cordon" import "$dir/a.json" -o "$dir/a.measure"
expect 'export, import: the same rulebook' 0 '^0 changes' "$cordon" diff "$here/shop.measure" "$dir/a.measure"
expect 'import of something else' 3 '' "$cordon" import "$request"

# --- scenarios
expect 'test: all pass' 0 '^2 scenarios: 2 passed, 0 failed$' "$cordon" test --no-geodata "$here/shop.measure" "$here/shop.scenario"
sed 's/expect   allow/expect   deny/' "$here/shop.scenario" >"$dir/wrong.scenario"
expect 'test: a failure with its place' 1 'wrong.scenario:[0-9]+:[0-9]+: ' "$cordon" test --no-geodata "$here/shop.measure" "$dir/wrong.scenario"
expect 'test --json' 1 '^\{"failed":1,"passed":1,' "$cordon" test --json --no-geodata "$here/shop.measure" "$dir/wrong.scenario"
expect 'test --only' 0 '^1 scenarios: 1 passed' "$cordon" test --only Sebastopol --no-geodata "$here/shop.measure" "$here/shop.scenario"
expect 'test --coverage names what nobody proves' 1 'us/sdn-freeze' "$cordon" test --coverage --no-geodata "$here/shop.measure" "$here/shop.scenario"

# --- snapshots
expect 'build' 0 'sha256:[0-9a-f]{64}' "$cordon" build --no-geodata "$here/shop.measure" -o "$snapshot"
mkdir -p "$dir/elsewhere" && cp "$here/shop.measure" "$dir/elsewhere/"
printf '192.0.2.0/24,UA,UA-43\n' >"$dir/nets.csv"
expect 'build: a CSV of networks without a date says what to do' 3 '# date: 2026-08-01' \
    "$cordon" build --geodata "$dir/nets.csv" "$here/shop.measure" -o "$dir/nets.snapshot"
sed -i '1i # date: 2026-08-01' "$dir/nets.csv"
expect 'build: a CSV of networks with its date' 0 'sha256:' \
    "$cordon" build --geodata "$dir/nets.csv" "$here/shop.measure" -o "$dir/nets.snapshot"
expect 'info tells the date of the networks' 0 '2026-08-01' "$cordon" info "$dir/nets.snapshot"
expect 'build from elsewhere' 0 '' "$cordon" build --no-geodata "$dir/elsewhere" -o "$dir/again.snapshot"
expect 'the same bytes' 0 '' cmp "$snapshot" "$dir/again.snapshot"
expect 'build from files' 0 '' "$cordon" build --no-geodata "$here/shop.measure" "$here/shop.scenario" -o "$dir/one.snapshot"
expect 'build from files in another order' 0 '' "$cordon" build --no-geodata "$here/shop.scenario" "$here/shop.measure" -o "$dir/two.snapshot"
expect 'the same bytes, too' 0 '' cmp "$dir/one.snapshot" "$dir/two.snapshot"
expect 'info' 0 '3 measures' "$cordon" info "$snapshot"
expect 'info --measures' 0 'us/crimea-embargo' "$cordon" info --measures "$snapshot"
expect 'info --json' 0 '^\{"info":\{.*"snapshot":"sha256:' "$cordon" info --json "$snapshot"
expect 'verify' 0 ' ok$' "$cordon" verify "$snapshot"
cp "$snapshot" "$dir/damaged.snapshot"
printf 'X' | dd of="$dir/damaged.snapshot" bs=1 seek=90 conv=notrunc status=none
expect 'verify notices another byte' 3 '' "$cordon" verify "$dir/damaged.snapshot"
expect 'nobody is answered from it' 3 '' "$cordon" decide "$dir/damaged.snapshot" "$request"
expect 'nothing is explained from it' 3 '' "$cordon" explain "$dir/damaged.snapshot" "$request"
# --- lists in snapshots
sdn=$root/tests/data/lists
sdn_files=$sdn/ofac_sdn.csv,$sdn/ofac_alt.csv,$sdn/ofac_add.csv,$sdn/ofac_comments.csv
compile=("$cordon" build --no-geodata -q "$here/shop.measure")
expect 'info: a list without data is not an empty one' 0 'us/sdn .*no data: nobody is screened' "$cordon" info "$snapshot"
expect 'build with a list of four files' 0 'sha256:' "${compile[@]}" --list "us/sdn=$sdn_files" -o "$dir/lists.snapshot"
expect 'info: count and digest of it' 0 'us/sdn +[1-9][0-9]* entries .* [0-9a-f]{8}… +us/sdn' "$cordon" info "$dir/lists.snapshot"
expect 'info: it is an input' 0 'kind list  name us/sdn  sha256 [0-9a-f]{64}' "$cordon" info "$dir/lists.snapshot"
expect 'info --json: it, too' 0 '"data":true.*"id":"us/sdn","named":true' "$cordon" info --json "$dir/lists.snapshot"
expect 'verify covers it' 0 ' ok$' "$cordon" verify "$dir/lists.snapshot"
expect 'the same lists, the same bytes' 0 '' "${compile[@]}" --list "us/sdn=$sdn_files" -o "$dir/lists2.snapshot"
expect 'byte for byte' 0 '' cmp "$dir/lists.snapshot" "$dir/lists2.snapshot"
expect 'one file serves several lists' 0 'eu/269-2014 ' sh -c '"$@" >/dev/null && "$0" info --lists "'"$dir"'/eu.snapshot"' \
    "$cordon" "${compile[@]}" --list "eu/consolidated=$sdn/eu.xml" -o "$dir/eu.snapshot"
head -n 2 "$sdn/house.jsonl" >"$dir/cut.jsonl"
printf '{"count":9,"end":true}\n' >>"$dir/cut.jsonl"
expect 'a list that is not whole ends the build' 3 'refused.*9' "${compile[@]}" --list "house/blocked=$dir/cut.jsonl" -o "$dir/cut-list.snapshot"
expect 'and leaves no snapshot' 1 '' test -e "$dir/cut-list.snapshot"
expect 'unless somebody wants it' 0 '' "${compile[@]}" --any-lists --list "house/blocked=$dir/cut.jsonl" -o "$dir/cut-list.snapshot"
expect 'a list that is no file' 3 'absent.csv' "${compile[@]}" --list "us/sdn=$dir/absent.csv" -o "$dir/x.snapshot"
expect 'a list without a file' 2 'ID=FILE' "${compile[@]}" --list us/sdn -o "$dir/x.snapshot"
expect 'the same list twice' 3 'two lists' "${compile[@]}" --list "a/b=$sdn/house.csv" --list "a/b=$sdn/house.csv" -o "$dir/x.snapshot"
expect 'a store of lists' 0 '' "$cordon" lists take us/sdn "$sdn"/ofac_{sdn,alt,add,comments}.csv --lists "$dir/kept" --at 2024-05-01T06:00:00Z
expect 'build from the store' 0 '' "${compile[@]}" --lists "$dir/kept" -o "$dir/kept.snapshot"
expect 'info: when it was fetched' 0 'us/sdn +[1-9].*2024-05-01T06:00:00Z' "$cordon" info "$dir/kept.snapshot"
expect 'as known before it came' 0 '' "${compile[@]}" --lists "$dir/kept" --known-at 2024-04-01T00:00:00Z -o "$dir/before.snapshot"
expect 'there was no data then' 0 'us/sdn .*no data' "$cordon" info "$dir/before.snapshot"
expect 'scenarios run with lists' 0 '2 passed' "$cordon" test --no-geodata --lists "$dir/kept" "$here/shop.measure" "$here/shop.scenario"
mkfifo "$dir/pipe"
expect 'a pipe is not replaced by a snapshot' 3 'not a file' "$cordon" build "$here" -o "$dir/pipe" --no-geodata
expect 'nor by an export' 3 '' "$cordon" export "$here" -o "$dir/pipe"
expect 'it is still there' 0 '' test -p "$dir/pipe"
head -c 3000 "$snapshot" >"$dir/cut.snapshot"
expect 'a cut snapshot is refused' 3 '' "$cordon" decide "$dir/cut.snapshot" "$request"
expect 'something else is no snapshot' 3 '' "$cordon" info "$request"

# --- decisions
expect 'deny: 12' 12 '"verdict":"deny"' "$cordon" decide "$snapshot" "$request"
expect 'before it took effect: allow' 0 '"verdict":"allow"' "$cordon" decide "$snapshot" "$request" --at 2022-03-05T04:59:59Z
expect 'missing facts: hold 11' 11 '"verdict":"hold"' "$cordon" decide "$snapshot" "$here/nowhere.json"
expect 'a listed recipient: freeze 13' 13 '"verdict":"freeze"' "$cordon" decide "$snapshot" "$here/listed.json"
expect 'Sebastopol, CA is not in Crimea' 0 '"verdict":"allow"' "$cordon" decide "$snapshot" "$here/sebastopol.json"
expect 'Yalta, Krimea is' 12 'us/crimea-embargo' "$cordon" decide "$snapshot" "$here/yalta.json"
expect 'from standard input' 12 '"verdict":"deny"' "$cordon" decide "$snapshot" - <"$request"
expect '--envelope' 12 '"envelope":\{"decided_at":"' "$cordon" decide --envelope "$snapshot" "$request"
printf '{"action":"account.open","service":"cloud","parties":[{"role":"customer","adress":"x"}]}' >"$dir/typo.json"
expect 'a misspelt member: pointer, column, suggestion' 3 '/parties/0/adress: line 1, column [0-9]+' "$cordon" decide "$snapshot" "$dir/typo.json"
expect 'and what was meant' 3 '`address` is evidence' "$cordon" decide "$snapshot" "$dir/typo.json"
printf '{"action":"acount.open","service":"cloud"}' >"$dir/action.json"
expect 'an unknown action is no decision' 3 'account.open' "$cordon" decide "$snapshot" "$dir/action.json"
expect 'explain' 12 '^deny' "$cordon" explain "$snapshot" "$request"
expect 'explain names the measure' 12 'shop/new-customers' "$cordon" explain "$snapshot" "$request"
expect 'explain --json' 12 '"standing":"applied"' "$cordon" explain --json "$snapshot" "$request"
expect 'explain says what is missing' 11 'hold' "$cordon" explain "$snapshot" "$here/nowhere.json"

# --- JSON Lines: line n answers line n, whatever the number of threads; the C API gives the same bytes
for i in $(seq 1 300); do
    tr -d '\n' <"$here/moscow.json"; echo
    tr -d '\n' <"$here/yalta.json"; echo
    tr -d '\n' <"$here/nowhere.json"; echo
    tr -d '\n' <"$here/sebastopol.json"; echo
done >"$dir/all.jsonl"
expect 'JSON Lines, one thread' 0 '' "$cordon" decide --jsonl "$snapshot" "$dir/all.jsonl"
cp "$dir/out" "$dir/one"
expect 'JSON Lines, two threads' 0 '' "$cordon" decide --jsonl --threads 2 "$snapshot" "$dir/all.jsonl"
cp "$dir/out" "$dir/two"
expect 'the same bytes' 0 '' cmp "$dir/one" "$dir/two"
expect 'the C API gives the same bytes' 0 '' "$public_api" jsonl "$snapshot" "$dir/all.jsonl" "$dir/api"
expect 'as the program' 0 '' cmp "$dir/one" "$dir/api"
(tr -d '\n' <"$request"; echo; echo '{"action":1}'; tr -d '\n' <"$request") >"$dir/bad.jsonl"
expect 'a bad line is answered in its place' 3 '^\{"error":\{"code":"CORDON_E_TYPE"' "$cordon" decide --jsonl "$snapshot" "$dir/bad.jsonl"
(echo; tr -d '\n' <"$request"; echo; echo; echo '{"action":1}') >"$dir/gaps.jsonl"
expect 'empty lines are answered by empty lines' 3 '' "$cordon" decide --jsonl "$snapshot" "$dir/gaps.jsonl"
cp "$dir/out" "$dir/gaps.out"
expect 'so that line n answers line n' 0 '^1,3$' sh -c "grep -n '^\$' '$dir/gaps.out' | cut -d: -f1 | paste -sd,"
(printf '\357\273\277'; cat "$request") >"$dir/marked.json"
expect 'a byte order mark is named' 3 'byte order mark' "$cordon" decide "$snapshot" "$dir/marked.json"

# --- places and schemas
expect 'places: an address in Crimea' 0 'crimea' "$cordon" places "$snapshot" 'Yalta, Krimea'
expect 'places: Sebastopol in California' 0 '→ .*US' "$cordon" places "$snapshot" --country US --city Sebastopol --postal-code 95472
expect 'places --json' 0 '"places":\[' "$cordon" places --json "$snapshot" 'Yalta, Krimea'
expect 'places: a country that does not exist' 3 '' "$cordon" places "$snapshot" --kind declared_country ZZ
expect 'schema request' 0 '"urn:cordon:request:1"' "$cordon" schema request
expect 'schema of nothing' 2 'request' "$cordon" schema nothing

# --- lists
store=$dir/store
lists=$root/tests/data/lists
unset CORDON_LISTS
expect 'lists: its commands' 0 '^  update ' "$cordon" lists --help
expect 'help of a part of a command' 0 '^Usage: cordon lists diff' "$cordon" help lists diff
expect 'lists without a command' 2 'Commands:' "$cordon" lists
expect 'lists: a wrong command' 2 'no command .lists udpate.' "$cordon" lists udpate
expect 'no store yet: what makes one' 3 'lists update' "$cordon" lists show --lists "$store"
expect 'take a list of our own' 0 'house/blocked +activated ' "$cordon" lists take house/blocked "$lists/house.csv" --lists "$store" --at 2026-08-01T06:00:00Z
expect 'the same again is unchanged' 0 'unchanged' "$cordon" lists take house/blocked "$lists/house.csv" --lists "$store" --at 2026-08-02T06:00:00Z
: >"$dir/empty.csv"
expect 'an empty one is refused, loudly' 1 'REFUSED; the last good one stays in use' "$cordon" lists take house/blocked "$dir/empty.csv" --lists "$store" --at 2026-08-03T06:00:00Z
expect 'with the reason' 1 '^  it could not be read: the file is empty' "$cordon" lists take house/blocked "$dir/empty.csv" --lists "$store" --at 2026-08-03T06:00:00Z
expect 'a retired list is refused' 1 'it is stale' "$cordon" lists take uk/conlist "$lists/uk_conlist.csv" --lists "$store"
expect 'unless asked for' 0 'activated' "$cordon" lists take uk/conlist "$lists/uk_conlist.csv" --lists "$store" --stale
expect 'flat files of OFAC' 0 'activated' "$cordon" lists take us/sdn "$lists"/ofac_sdn.csv "$lists"/ofac_alt.csv "$lists"/ofac_add.csv "$lists"/ofac_comments.csv --lists "$store" --part sdn
expect 'an id that leaves the folder' 2 'is no id of a list' "$cordon" lists take ../x "$lists/house.csv" --lists "$store"
expect 'show: all lists' 0 '^us/sdn .* entries' "$cordon" lists show --lists "$store"
expect 'show: last trouble' 0 'last attempt, 2026-08-03T06:00:00Z: it could not be read' "$cordon" lists show --lists "$store"
expect 'show: what was not understood' 0 'not understood: [0-9]' "$cordon" lists show us/sdn --lists "$store"
expect 'show --json: entries by type' 0 '"types":\{' "$cordon" lists show us/sdn --lists "$store" --json
expect 'show --history' 0 '"attempts":\[\{"at":"2026-08-01T06:00:00Z"' "$cordon" lists show house/blocked --lists "$store" --history
expect 'show: the environment names the store' 0 '^us/sdn ' env CORDON_LISTS="$store" "$cordon" lists show
expect 'show: a list that is not there' 3 'did you mean .us/sdn' "$cordon" lists show us/sdm --lists "$store"
expect 'show: before it was in use' 3 'not in use then' "$cordon" lists show house/blocked --lists "$store" --known-at 2026-07-31
expect 'show --jsonl: the canonical form' 0 '^\{"cordon_list":1,' "$cordon" lists show house/blocked --lists "$store" --jsonl
sed '$d' "$lists/house.csv" >"$dir/shorter.csv"
expect 'a digest and a name accept what was refused' 1 'accept sha256' "$cordon" lists take house/blocked "$dir/shorter.csv" --lists "$store" --at 2026-08-04T06:00:00Z
accepted=$(sed -n 's/.*--accept \(sha256:[0-9a-f]*\).*/\1/p' "$dir/err")
expect 'and then it is in use' 0 'activated .* 1 removed' "$cordon" lists take house/blocked "$dir/shorter.csv" --lists "$store" --at 2026-08-04T06:00:00Z --accept "$accepted" --by 'A. Officer'
expect 'who left stays, with the day' 0 '"removed":"2026-08-04"' "$cordon" lists show house/blocked --lists "$store" --jsonl
expect 'diff: of two days' 1 '^0 added, 1 removed, 0 changed' "$cordon" lists diff house/blocked@2026-08-03 house/blocked --lists "$store"
expect 'diff: files' 1 '^- ' "$cordon" lists diff "$lists/house.csv" "$dir/shorter.csv"
expect 'diff: the same' 0 '^0 added, 0 removed' "$cordon" lists diff "$lists/house.csv" "$lists/house.csv"
expect 'diff --json' 1 '^\{"added":\[\],"changed":\[\],"removed":\[\{' "$cordon" lists diff "$lists/house.csv" "$dir/shorter.csv" --json
expect 'check: what it is' 0 'entries, .* names' "$cordon" lists check "$lists/uk.xml"
expect 'check: not whole' 1 'it is stale' "$cordon" lists check "$lists/uk_conlist.csv"
expect 'check: no list at all' 3 'not the beginning of any list' "$cordon" lists check "$here/shop.measure"
expect 'update: the configuration that is shipped' 0 '^list un/consolidated' "$cordon" lists update --print-config --config "$root/data/lists.conf"

# --- lists in a snapshot, and who is on them
expect 'build: from a store' 0 'sha256:' "$cordon" build --no-geodata "$here/shop.measure" --lists "$store" -o "$dir/listed.snapshot"
expect 'screen: whoever is on the list of our own' 1 'house/blocked' "$cordon" screen -s "$dir/listed.snapshot" "$("$cordon" lists check --jsonl "$lists/house.csv" | sed -n 's/.*"full":"\([^"]*\)","kind":"primary".*/\1/p' | sed -n 1p)"
expect 'screen: nobody' 0 ': no match' "$cordon" screen -s "$dir/listed.snapshot" 'Nobody In Particular'
expect 'screen: a snapshot without lists' 3 '' "$cordon" screen -s "$snapshot" 'Nobody In Particular'
expect 'explain-match: step by step' 1 'weight' "$cordon" explain-match -s "$dir/listed.snapshot" 'Ivan Petrov' 'Иван Петров'

# --- colour only where asked for
expect 'no escape codes in a pipe' 1 '' grep -q $'\033' "$dir/one"

# --- what is written about the program is true of it
for c in build check fmt diff export import test decide explain info verify places schema screen explain-match 'lists update' 'lists take' \
    'lists show' 'lists diff' 'lists check' 'journal verify' 'journal prove' 'journal search' 'journal export' 'journal replay' \
    'journal backup' 'journal restore' 'journal erase' 'journal rotate'; do
    # shellcheck disable=SC2086 # a command of two words is two words
    "$cordon" $c --help | sed -n 's/^  [ -].[ ,] --\([a-z-]*\).*/\1/p' | while read -r option; do
        grep -qF "Fl \\-$option" "$root/man/cordon-${c%% *}.1" || echo "man/cordon-${c%% *}.1 lacks --$option"
    done
done >"$dir/lacking"
expect 'every option is in the manual' 1 '' test -s "$dir/lacking"
for c in $("$cordon" help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p'); do
    expect "cordon(1) names $c" 0 '' grep -qx ".It Cm $c" "$root/man/cordon.1"
done
complete_words() { # words…; the last one is being written
    bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cordon; printf "%s\n" "${COMPREPLY[@]}"' \
        bash "$root/completions/cordon" "$@" 2>/dev/null
}
expect 'completion: commands' 0 '^explain$' complete_words "$cordon" ex
expect 'completion: options' 0 '^--threads$' complete_words "$cordon" decide --th
expect 'completion: commands of a command' 0 '^update$' complete_words "$cordon" lists up
expect 'completion: their options' 0 '^--accept$' complete_words "$cordon" lists take --acc
expect 'completion: kinds of evidence' 0 '^card_issuer$' complete_words "$cordon" places -k card

# --- the examples
expect 'example decide: denied' 1 '^deny' "$example_decide" "$snapshot" "$request"
expect 'example decide: allowed' 0 '^allow' "$example_decide" "$snapshot" "$here/sebastopol.json"
expect 'example build_request: denied' 1 '^deny' "$example_build" "$snapshot" RU 2022-03-06T07:00:00Z
expect 'example build_request: allowed' 0 '^allow' "$example_build" "$snapshot" DE 2022-03-06T07:00:00Z
expect 'example build_request: a wrong country' 1 '^none' "$example_build" "$snapshot" Narnia 2022-03-06T07:00:00Z
echo "1..$number"
