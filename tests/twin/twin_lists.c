/* SPDX-License-Identifier: Apache-2.0 */
/* twin_lists.c: random lists, relations files, measures and parties, decided by the engine and by the
 * reference (tests/twin/reference_owners.c), which knows what was made up and neither snapshot nor index.
 * EVIDENCE: CS-SCREEN CS-CLEARED CS-OWNED CS-PRESUME
 *
 * In each world: two lists of some entries that come and go, a third without data, a file of links between
 * persons who may be on them (shares, ranges, control, disputes, circles, dates), and measures with
 * thresholds, shares, singly, or controlled. Parties have names as listed or nearly, numbers, countries,
 * owners, supplied results. What a decision tells of its candidates is then cleared, rightly or with a
 * fingerprint that is not theirs, and decided again. */
#include "support/ask.h"
#include "support/rnd.h"
#include "twin/reference.h"

#include <stdio.h>
#include <stdlib.h>

#include "places/codes.h"

enum { PERSONS = 12, ENTRIES = 14, LINKS = 18, MEASURES = 6, REQUESTS = 120, TEXT = 24576 };
#define DAY INT64_C(86400)

static const char *const words[] = {"Alpenrose",
                                    "Borealis",
                                    "Cimarron",
                                    "Dunmore",
                                    "Elbrus",
                                    "Falkirk",
                                    "Gorlice",
                                    "Hesperia",
                                    "Ivanhoe",
                                    "Jotunheim",
                                    "Kilimanj",
                                    "Lusitania"};
static const char *const lists[] = {"house/a", "house/b", "house/c"};

struct world {
    struct cdn_rnd rnd;
    struct ask ask;
    struct cdn_reference_lists model;
    struct cdn_reference_entry entries[ENTRIES];
    struct cdn_reference_person persons[PERSONS];
    struct cdn_reference_link links[LINKS];
    cordon_str have[2];
    char csv[2][TEXT / 4], file[TEXT / 2], rules[TEXT / 2], pool[TEXT];
    size_t pooled;
};

static uint64_t below(struct world *w, uint64_t n) {
    return cdn_rnd_below(&w->rnd, n);
}
static bool chance(struct world *w, unsigned of_100) {
    return cdn_rnd_chance(&w->rnd, of_100 * 10);
}

/* Appends to a text of fixed size. */
static void CDN_PRINTF(3, 4) put(char *text, size_t size, const char *fmt, ...) {
    const size_t n = strlen(text);
    va_list args;
    va_start(args, fmt);
    const int more = vsnprintf(text + n, size - n, fmt, args);
    va_end(args);
    if (more < 0 || (size_t)more >= size - n)
        fail_msg("a text is longer than its room");
}
#define PUT(w, field, ...) put((w)->field, sizeof(w)->field, __VA_ARGS__)

/* A text that lives as long as the world. */
static cordon_str CDN_PRINTF(2, 3) keep(struct world *w, const char *fmt, ...) {
    char *at = w->pool + w->pooled;
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(at, sizeof w->pool - w->pooled, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof w->pool - w->pooled)
        fail_msg("no room for a text");
    w->pooled += (size_t)n + 1;
    return cdn_str(at, (size_t)n);
}

/* ---- who there is ---------------------------------------------------------------------------------------
 */

static void make_persons(struct world *w) {
    for (uint32_t i = 0; i < PERSONS; i++) {
        struct cdn_reference_person *p = &w->persons[i];
        p->name = keep(w, "%s %s Ltd", words[i], words[(i * 5 + 3) % PERSONS]);
        if (chance(w, 60))
            p->number = keep(w, "10277001%05u", i * 37 + 11);
        if (chance(w, 40))
            p->country = chance(w, 70) ? CDN_COUNTRY('R', 'U') : CDN_COUNTRY('C', 'Y');
    }
}

static cordon_str day_text(struct world *w, int64_t day) {
    char text[40];
    struct cdn_buf b;
    cdn_buf_fixed(&b, text, sizeof text);
    cdn_time_write(&b, day * DAY);
    return keep(w, "%.10s", text);
}

/* A name with a letter left out, so that it is found by its likeness only. */
static cordon_str slipped(struct world *w, cordon_str name) {
    const size_t at = 1 + below(w, 5);
    return keep(w, "%.*s%.*s", (int)at, name.p, (int)(name.n - at - 1), name.p + at + 1);
}

static void make_entries(struct world *w, int64_t today) {
    static const char head[] = "id,type,name,identifiers,listed,until\n";
    PUT(w, csv[0], "%s", head);
    PUT(w, csv[1], "%s", head);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        struct cdn_reference_entry *e = &w->entries[i];
        const uint32_t which = i < 2 ? i : (uint32_t)below(w, 2); /* neither list is empty */
        const struct cdn_reference_person *p = &w->persons[below(w, PERSONS)];
        const int64_t from = today + cdn_rnd_between(&w->rnd, -400, 60);
        const bool dated = chance(w, 60), ends = chance(w, 25);
        const int64_t until = CDN_MAX(from, today + cdn_rnd_between(&w->rnd, -200, 200));
        e->list = cdn_str_z(lists[which]);
        e->id = keep(w, "E-%u", i);
        e->from = dated ? from * DAY - 14 * 3600 : CDN_TIME_MIN;
        e->until = ends ? (until + 1) * DAY : CDN_TIME_MAX;
        const cordon_str name = chance(w, 25) ? slipped(w, p->name) : p->name;
        PUT(w, csv[which], "%.*s,company,%.*s,", CDN_FMT(e->id), CDN_FMT(name));
        if (p->number.n && chance(w, 40))
            PUT(w, csv[which], "registration:RU:%.*s", CDN_FMT(p->number));
        PUT(w, csv[which], ",%.*s", CDN_FMT(dated ? day_text(w, from) : CDN_STR("")));
        PUT(w, csv[which], ",%.*s\n", CDN_FMT(ends ? day_text(w, until) : CDN_STR("")));
    }
    for (uint32_t i = 0; i < PERSONS; i += 3) { /* some are entries of the lists by their id, one of none */
        const struct cdn_reference_entry *e = &w->entries[i];
        w->persons[i].list = i == 9 ? CDN_STR("house/c") : e->list;
        w->persons[i].entry = i == 6 ? CDN_STR("E-99") : e->id;
    }
}

/* ---- who owns whom --------------------------------------------------------------------------------------
 */

static void put_side(struct world *w, const struct cdn_reference_person *p) {
    PUT(w, file, "%.*s,", CDN_FMT(p->name));
    if (p->country)
        PUT(w, file, "%c%c", p->country >> 8, p->country & 0xFF);
    PUT(w, file, ",");
    if (p->number.n)
        PUT(w, file, "registration:RU:%.*s|", CDN_FMT(p->number));
    if (p->entry.n)
        PUT(w, file, "entry:%.*s:%.*s", CDN_FMT(p->list), CDN_FMT(p->entry));
    PUT(w, file, ",");
}

static void make_links(struct world *w, int64_t today) {
    static const struct {
        const char *text;
        int64_t low, high;
    } shares[] = {{"", 0, 0},
                  {"50", 5000, 5000},
                  {"50.01", 5001, 5001},
                  {"30", 3000, 3000},
                  {"25-60", 2500, 6000},
                  {"100", 10000, 10000},
                  {"49.99", 4999, 4999},
                  {"20", 2000, 2000}};
    static const char *const kinds[] = {"", "direct", "indirect", "control", "either"};
    PUT(w,
        file,
        "owner,owner_country,owner_ids,owned,owned_country,owned_ids,percent,kind,since,until,disputed\n");
    for (uint32_t i = 0; i < LINKS; i++) {
        struct cdn_reference_link *l = &w->links[i];
        const size_t share = below(w, CDN_ARRAY_LEN(shares));
        const int64_t since = today + cdn_rnd_between(&w->rnd, -300, 20),
                      until = since + cdn_rnd_between(&w->rnd, 0, 400);
        const bool begins = chance(w, 25), ends = chance(w, 20);
        l->owner = (uint32_t)below(w, PERSONS);
        l->owned = (uint32_t)(l->owner + 1 + below(w, PERSONS - 1)) % PERSONS;
        if (i && chance(w, 35)) { /* one more statement about the same share */
            const struct cdn_reference_link *same = &w->links[below(w, i)];
            l->owner = same->owner;
            l->owned = same->owned;
        }
        l->known = share > 0;
        l->low = shares[share].low;
        l->high = shares[share].high;
        l->kind = (uint8_t)below(w, CDN_ARRAY_LEN(kinds));
        l->disputed = chance(w, 12);
        l->since = begins ? since * DAY : CDN_TIME_MIN;
        l->until = ends ? (until + 1) * DAY : CDN_TIME_MAX;
        put_side(w, &w->persons[l->owner]);
        put_side(w, &w->persons[l->owned]);
        PUT(w, file, "%s,%s,", shares[share].text, kinds[l->kind]);
        PUT(w, file, "%.*s,", CDN_FMT(begins ? day_text(w, since) : CDN_STR("")));
        PUT(w, file, "%.*s,%s\n", CDN_FMT(ends ? day_text(w, until) : CDN_STR("")), l->disputed ? "yes" : "");
    }
}

/* ---- measures -------------------------------------------------------------------------------------------
 */

static const char *list_of(struct world *w) {
    return lists[chance(w, 8) ? 2 : below(w, 2)];
}

static void make_rules(struct world *w) {
    for (unsigned i = 0; i < 3; i++)
        PUT(w, rules, "list %s 'L' | source 's' <https://example.org/l>\n", lists[i]);
    for (unsigned i = 0; i < MEASURES; i++) {
        static const char *const outcomes[] = {"freeze", "deny", "hold"};
        const unsigned sure = 700 + 20 * (unsigned)below(w, 15),
                       review = sure - 10 - 50 * (unsigned)below(w, 4);
        const char *share = (const char *[]){"50 % or more", "more than 50 %", "25 % or more"}[below(w, 3)];
        const char *how =
            (const char *[]){"", " singly", " or controlled", " singly or controlled"}[below(w, 4)];
        char owned[160];
        (void)snprintf(owned, sizeof owned, "owned %s by parties on %s%s", share, list_of(w), how);
        PUT(w,
            rules,
            "measure x/m%u\n    basis law 'Act' of us\n    source 's' <https://example.org/s>\n"
            "    effective 2022-03-05T00:00 UTC\n    %s account.open on aws\n    when ",
            i,
            outcomes[i % 3]);
        switch (below(w, 4)) {
        case 0:
            PUT(w, rules, "customer is on list %s match %u review %u\n", list_of(w), sure, review);
            break;
        case 1:
            PUT(w, rules, "any party is on list %s match %u review %u\n", list_of(w), sure, review);
            break;
        case 2:
            PUT(w, rules, "customer is %s or customer is on list %s\n", owned, list_of(w));
            break;
        default:
            PUT(w, rules, "customer is %s\n", owned);
            if (chance(w, 60))
                PUT(w, rules, "    presume not customer is %s because 'x'\n", owned);
            break;
        }
    }
}

/* ---- requests -------------------------------------------------------------------------------------------
 */

static void put_name(struct world *w, char *to, size_t size) {
    const struct cdn_reference_person *p = &w->persons[below(w, PERSONS)];
    const cordon_str name = chance(w, 20) ? slipped(w, p->name) : p->name;
    if (chance(w, 8))
        put(to, size, "Quite Unlikely Name %u", (unsigned)below(w, 9));
    else
        put(to, size, "%.*s", CDN_FMT(name));
}

static void put_owners(struct world *w, char *to, size_t size, unsigned parties, unsigned self) {
    put(to, size, ",'owners':[");
    for (uint64_t i = 0, n = below(w, 3); i < n; i++) {
        put(to, size, "%s{'party':", i ? "," : "");
        const unsigned other = (unsigned)below(w, parties);
        if (chance(w, 50) && other != self) {
            put(to, size, "%u", other);
        } else {
            put(to, size, "'");
            put_name(w, to, size);
            put(to, size, "'");
        }
        if (chance(w, 80))
            put(to, size, ",'percent':'%u'", (const unsigned[]){20, 30, 50, 51, 100}[below(w, 5)]);
        put(to, size, "%s}", chance(w, 15) ? ",'control':true" : "");
    }
    put(to, size, "]");
}

static void put_listed(struct world *w, char *to, size_t size) {
    put(to, size, ",'listed':[");
    for (unsigned i = 0, n = 0; i < 3; i++) {
        if (!chance(w, 40))
            continue;
        put(to,
            size,
            "%s{'list':'%s','listed':%s",
            n++ ? "," : "",
            lists[i],
            chance(w, 80) ? "false" : "true");
        put(to, size, "%s}", chance(w, 20) ? ",'score':880" : "");
    }
    put(to, size, "]");
}

static void put_party(struct world *w, char *to, size_t size, unsigned parties, unsigned self) {
    static const char *const roles[] = {"customer", "owner", "recipient"};
    put(to, size, "%s{'role':'%s'", self ? "," : "", roles[self]);
    if (chance(w, 92)) {
        put(to, size, ",'name':'");
        put_name(w, to, size);
        put(to, size, "'");
    }
    const struct cdn_reference_person *p = &w->persons[below(w, PERSONS)];
    if (p->number.n && chance(w, 30))
        put(to,
            size,
            ",'identifiers':[{'kind':'registration','country':'RU','value':'%.*s'}]",
            CDN_FMT(p->number));
    if (chance(w, 40))
        put(to, size, ",'evidence':[{'kind':'registry_extract','value':'%s'}]", chance(w, 70) ? "RU" : "CY");
    if (chance(w, 40))
        put_owners(w, to, size, parties, self);
    if (chance(w, 30))
        put_listed(w, to, size);
    put(to, size, "}");
}

static void make_request(struct world *w, char *to, size_t size) {
    const unsigned parties = 1 + (unsigned)below(w, 3);
    to[0] = '\0';
    put(to, size, "{'action':'account.open','service':'aws','parties':[");
    for (unsigned i = 0; i < parties; i++)
        put_party(w, to, size, parties, i);
    put(to, size, "]");
}

/* ---- both ------------------------------------------------------------------------------------------------
 */

struct tally {
    unsigned verdicts[8], cleared, requests;
};

static struct cdn_request *read_request(struct world *w, const char *text) {
    struct cdn_request *r = NULL;
    struct cdn_buf b;
    cdn_buf_init(&b, &w->ask.arena.as_alloc, CDN_MIB(1));
    for (const char *p = text; *p; p++)
        cdn_buf_char(&b, *p == '\'' ? '"' : *p);
    if (cdn_json_read_request(cdn_buf_get(&b), &w->ask.arena, &r, &w->ask.error))
        fail_msg("%s: %s", w->ask.error.message, text);
    return r;
}

static void agree(
    struct world *w, const struct cdn_request *r, int64_t at, const char *text, struct cdn_result *ret) {
    static struct cdn_reference x;
    if (cdn_decide(w->ask.decider, r, at, ret, &w->ask.error))
        fail_msg("%s: %s", w->ask.error.message, text);
    cdn_reference_decide_listed(w->ask.rulebook, w->ask.snapshot->places, &w->model, r, at, &x);
    bool same = ret->verdict == x.verdict && ret->hit_count == x.hit_count;
    for (uint32_t i = 0; same && i < x.hit_count; i++)
        same = ret->hits[i].measure == x.hits[i].measure && ret->hits[i].value == x.hits[i].value &&
               ret->hits[i].standing == x.hits[i].standing && ret->hits[i].verdict == x.hits[i].verdict;
    if (same)
        return;
    printf("# %s\n# at %lld: engine %u, reference %u\n", text, (long long)at, ret->verdict, x.verdict);
    for (uint32_t i = 0; i < ret->hit_count; i++)
        printf("# engine m%u value %u standing %u\n",
               ret->hits[i].measure,
               ret->hits[i].value,
               ret->hits[i].standing);
    for (uint32_t i = 0; i < x.hit_count; i++)
        printf(
            "# reference m%u value %u standing %u\n", x.hits[i].measure, x.hits[i].value, x.hits[i].standing);
    printf("# %s\n# %s\n# %s\n# %s\n", w->rules, w->csv[0], w->csv[1], w->file);
    fail_msg("they differ");
}

/* Appends clearances of what the decision told of its parties; how many. */
static unsigned clear_some(struct world *w,
                           const struct cdn_request *r,
                           const struct cdn_result *result,
                           int64_t at,
                           char *to,
                           size_t size) {
    struct cdn_decision d;
    unsigned n = 0;
    assert_int_equal(cdn_decision_build(w->ask.decider, r, result, at, true, &w->ask.arena, &d), 0);
    put(to, size, ",'state':[");
    for (uint32_t i = 0; i < d.measure_count; i++) {
        for (uint32_t k = 0; k < d.measures[i].because_count; k++) {
            const struct cdn_because *b = &d.measures[i].because[k];
            /* A test on owners tells of persons of the file, too, whom nobody clears here. */
            const bool of_party = memmem(b->text.p, b->text.n, "on list", 7) != NULL;
            for (uint32_t j = 0; of_party && j < b->candidate_count && n < 4; j++) {
                const struct cdn_candidate_told *c = &b->candidates[j];
                if (c->supplied || c->who.field || c->who.kind != CDN_SUBJECT_ROLE || !chance(w, 50))
                    continue;
                const bool right = chance(w, 70);
                put(to,
                    size,
                    "%s{'kind':'clearance','party':%u,'list':'%.*s','entry':'%.*s','by':'%s',",
                    n++ ? "," : "",
                    c->who.index,
                    CDN_FMT(c->list),
                    CDN_FMT(c->entry),
                    right ? "right" : "wrong");
                put(to, size, "'entry_fingerprint':'%.*s',", CDN_FMT(c->entry_fingerprint));
                put(to,
                    size,
                    "'party_fingerprint':'%.*s%s'",
                    (int)c->party_fingerprint.n - !right,
                    c->party_fingerprint.p,
                    right                               ? ""
                    : c->party_fingerprint.p[31] == '0' ? "1"
                                                        : "0");
                put(to, size, "%s}", chance(w, 20) ? ",'until':'2022-03-01'" : "");
            }
        }
    }
    put(to, size, "]");
    return n;
}

static void one_request(struct world *w, int64_t at, struct tally *tally) {
    static char text[TEXT];
    struct cdn_result result;
    make_request(w, text, sizeof text);
    const size_t n = strlen(text);
    put(text, sizeof text, "}");
    const struct cdn_request *r = read_request(w, text);
    agree(w, r, at, text, &result);
    tally->verdicts[result.verdict]++;
    tally->requests++;
    const int64_t edge = result.changes_at;
    text[n] = '\0';
    const unsigned cleared = clear_some(w, r, &result, at, text, sizeof text);
    put(text, sizeof text, "}");
    if (cleared) {
        agree(w, read_request(w, text), at, text, &result);
        tally->cleared += cleared;
    }
    if (edge < CDN_TIME_MAX && edge > at) /* before it nothing changes, and both know it when it has come */
        agree(w, r, edge, text, &result);
}

static void one_world(uint64_t seed, struct tally *tally) {
    static struct world w;
    const int64_t at = ask_instant(ASK_AT);
    memset(&w, 0, sizeof w);
    cdn_rnd_init(&w.rnd, "lists", seed);
    make_persons(&w);
    make_entries(&w, at / DAY);
    make_links(&w, at / DAY);
    make_rules(&w);
    if (getenv("CORDON_SHOW"))
        printf("%s\n", w.rules);
    const struct ask_list data[2] = {{lists[0], w.csv[0], NULL}, {lists[1], w.csv[1], NULL}};
    ask_open_lists(&w.ask, w.rules, data, 2, w.file);
    for (unsigned i = 0; i < 2; i++)
        w.have[i] = cdn_str_z(lists[i]);
    w.model = (struct cdn_reference_lists){.parties = w.ask.snapshot->parties,
                                           .entries = w.entries,
                                           .entry_count = ENTRIES,
                                           .persons = w.persons,
                                           .person_count = PERSONS,
                                           .links = w.links,
                                           .link_count = LINKS,
                                           .have = w.have,
                                           .have_count = 2};
    assert_int_equal(cdn_screener_make(w.model.parties, &cdn_alloc_libc, &w.model.screener, NULL), 0);
    for (unsigned i = 0; i < REQUESTS; i++)
        one_request(&w, at, tally);
    cdn_screener_free(w.model.screener);
    ask_close(&w.ask);
}

static void the_reference_agrees(void **state) {
    struct tally tally = {.requests = 0};
    (void)state;
    for (size_t i = 0, n = CDN_MIN(cdn_rnd_rounds(6), (size_t)400); i < n; i++)
        one_world(1 + i, &tally);
    printf("# %u requests: allow %u, hold %u, deny %u, freeze %u; %u clearances\n",
           tally.requests,
           tally.verdicts[CORDON_VERDICT_ALLOW],
           tally.verdicts[CORDON_VERDICT_HOLD],
           tally.verdicts[CORDON_VERDICT_DENY],
           tally.verdicts[CORDON_VERDICT_FREEZE],
           tally.cleared);
    /* Not all alike: then nothing would have been compared. */
    assert_true(tally.verdicts[CORDON_VERDICT_ALLOW] > 0 && tally.verdicts[CORDON_VERDICT_HOLD] > 0 &&
                tally.verdicts[CORDON_VERDICT_FREEZE] > 0 && tally.cleared > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_reference_agrees)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
