/* SPDX-License-Identifier: Apache-2.0 */
/* test_index.c: searches of the index against a slow twin, which holds every record against every condition:
 * over blocks of every level and the one that fills, after erasing, after restarts, up and down, page by
 * page.
 */
#include <stdio.h>

#include "store/test_log.h"

enum { RECORDS = 3 * LOG_BLOCK * 256 / 2 + 77, PARTIES = 60, MEASURES = 9, KEYS = 3, SNAPSHOTS = 2 };

struct world {
    struct log l;
    struct cdn_rnd rnd;
    struct known { /* what the twin knows of a record */
        bool decision;
        int64_t at;
        uint8_t verdict, key, snapshot;
        uint32_t parties[3], measures; /* measures: a bit each */
        uint8_t party_count;
    } * known;
};
static char party_names[PARTIES][CDN_FINGERPRINT_TEXT + 1];
static const char *const measure_names[MEASURES] = {
    "a/1", "a/2", "b/1", "b/2", "c/1", "c/2", "d/1", "rare/1", "rare/2"};
static const char *const key_names[KEYS] = {"kone", "ktwo", "kthree"};
static const char *const snapshot_names[SNAPSHOTS] = {"sha256:aa", "sha256:bb"};

static void add_decision(struct world *w, uint64_t i) {
    static const struct cdn_effect_hold hold = {
        .measure = {"a/1", 3}, .reason = {"why", 3}, .authority = {"trust", 5}, .people = 1};
    struct known *k = &w->known[i];
    cordon_str parties[3], measures[MEASURES];
    size_t measure_count = 0;
    *k = (struct known){.decision = true,
                        .at = 1900000000 + (int64_t)i / 5 - (int64_t)cdn_rnd_below(&w->rnd, 40),
                        .verdict = (uint8_t)(1 + cdn_rnd_below(&w->rnd, 5)),
                        .key = (uint8_t)cdn_rnd_below(&w->rnd, KEYS),
                        .snapshot = (uint8_t)(i * SNAPSHOTS / RECORDS),
                        .party_count = (uint8_t)cdn_rnd_below(&w->rnd, 4)};
    for (unsigned p = 0; p < k->party_count; p++) {
        /* Some parties are nearly everywhere, others hardly anywhere. */
        const uint64_t range = cdn_rnd_chance(&w->rnd, 300) ? 2 : cdn_rnd_chance(&w->rnd, 990) ? 40 : PARTIES;
        k->parties[p] = (uint32_t)cdn_rnd_below(&w->rnd, range);
        parties[p] = cdn_str_z(party_names[k->parties[p]]);
    }
    for (unsigned m = 0; m < MEASURES; m++) {
        if (!cdn_rnd_chance(&w->rnd, m < 7 ? 150 : 2))
            continue;
        k->measures |= 1u << m;
        measures[measure_count++] = cdn_str_z(measure_names[m]);
    }
    struct cdn_record_decision d = {.at = k->at,
                                    .recorded = 1900000000 + (int64_t)i / 5,
                                    .key = cdn_str_z(key_names[k->key]),
                                    .snapshot = cdn_str_z(snapshot_names[k->snapshot]),
                                    .appeal = CDN_COUNT_NONE,
                                    .request = CDN_STR("{}"),
                                    .decision = CDN_STR("{}")};
    d.effects = (struct cdn_effects){.verdict = k->verdict,
                                     .parties = parties,
                                     .party_count = k->party_count,
                                     .measures = measures,
                                     .measure_count = measure_count,
                                     .holds = &hold,
                                     .hold_count = k->verdict == CORDON_VERDICT_HOLD,
                                     .keep_until = CDN_INSTANT_NONE};
    assert_int_equal(log_decision(&w->l, &d), i);
    cdn_arena_reset(&w->l.arena);
}

static void erase(struct world *w, uint64_t record) {
    struct cdn_event ev;
    cdn_event_init(&ev, CDN_EV_record_erased, 1900000000, CDN_STR("kone"));
    ev.u.record_erased.record = record;
    ev.u.record_erased.why = CDN_STR("retention is over");
    w->known[w->l.count] = (struct known){.decision = false};
    (void)log_event(&w->l, &ev);
    w->known[record].decision = false;
}

/* ---- the twin
 * ---------------------------------------------------------------------------------------------------- */

struct wanted {
    int party, measure, key, snapshot; /* -1: any */
    struct cdn_store_search q;
};

static bool twin_matches(const struct known *k, uint64_t i, const struct wanted *n) {
    bool party = n->party < 0;
    for (unsigned p = 0; p < k->party_count; p++)
        party = party || (int)k->parties[p] == n->party;
    return k->decision && party && (n->measure < 0 || k->measures >> n->measure & 1) &&
           (n->key < 0 || k->key == n->key) && (n->snapshot < 0 || k->snapshot == n->snapshot) &&
           (!n->q.verdict || k->verdict == n->q.verdict) &&
           (n->q.from == CDN_INSTANT_NONE || k->at >= n->q.from) &&
           (n->q.until == CDN_INSTANT_NONE || k->at < n->q.until) &&
           (n->q.after == CDN_COUNT_NONE || (n->q.newest ? i < n->q.after : i > n->q.after));
}

static size_t twin(const struct world *w, const struct wanted *n, uint64_t *ret) {
    size_t count = 0;
    for (uint64_t i = 0; i < w->l.count && count < n->q.limit; i++) {
        const uint64_t record = n->q.newest ? w->l.count - 1 - i : i;
        if (twin_matches(&w->known[record], record, n))
            ret[count++] = record;
    }
    return count;
}

static int one_of(struct world *w, unsigned of_1000, uint64_t count) {
    return cdn_rnd_chance(&w->rnd, of_1000) ? (int)cdn_rnd_below(&w->rnd, count) : -1;
}

static struct wanted any_question(struct world *w) {
    struct wanted n = {.party = one_of(w, 400, PARTIES),
                       .measure = one_of(w, 300, MEASURES),
                       .key = one_of(w, 200, KEYS),
                       .snapshot = one_of(w, 150, SNAPSHOTS)};
    const int verdict = one_of(w, 300, 5);
    const bool from = cdn_rnd_chance(&w->rnd, 250);
    const bool until = cdn_rnd_chance(&w->rnd, 250);
    n.q = (struct cdn_store_search){.verdict = (uint8_t)(verdict + 1),
                                    .from = CDN_INSTANT_NONE,
                                    .until = CDN_INSTANT_NONE,
                                    .after = CDN_COUNT_NONE,
                                    .newest = cdn_rnd_chance(&w->rnd, 500),
                                    .limit = 1 + (uint32_t)cdn_rnd_below(&w->rnd, 60)};
    if (n.party >= 0)
        n.q.party = cdn_str_z(party_names[n.party]);
    if (n.measure >= 0)
        n.q.measure = cdn_str_z(measure_names[n.measure]);
    if (n.key >= 0)
        n.q.key = cdn_str_z(key_names[n.key]);
    if (n.snapshot >= 0)
        n.q.snapshot = cdn_str_z(snapshot_names[n.snapshot]);
    if (from)
        n.q.from = 1900000000 + (int64_t)cdn_rnd_below(&w->rnd, RECORDS / 5);
    if (until)
        n.q.until = 1900000000 + (int64_t)cdn_rnd_below(&w->rnd, RECORDS / 5);
    if (cdn_rnd_chance(&w->rnd, 400))
        n.q.after = cdn_rnd_below(&w->rnd, w->l.count + 10);
    return n;
}

static void ask(struct world *w, unsigned questions) {
    struct cdn_buf b;
    uint64_t expected[64];
    size_t hits = 0;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 24);
    for (unsigned i = 0; i < questions; i++) {
        const struct wanted n = any_question(w);
        const size_t count = twin(w, &n, expected);
        size_t got = 0;
        cdn_buf_clear(&b);
        assert_int_equal(cdn_store_search(w->l.store, &n.q, &b, &w->l.e), 0);
        cdn_buf_char(&b, 0);
        for (const char *p = strstr(b.p, "\"index\":"); p; p = strstr(p + 1, "\"index\":")) {
            assert_true(got < count);
            assert_int_equal(strtoull(p + 8, NULL, 10), expected[got]);
            got++;
        }
        assert_int_equal(got, count);
        hits += got;
    }
    assert_true(hits > questions);
    cdn_buf_free(&b);
}

static void searches_find_what_a_slow_twin_finds(void **state) {
    (void)state;
    static struct world w;
    cdn_rnd_init(&w.rnd, "index", 9);
    for (unsigned i = 0; i < PARTIES; i++)
        (void)snprintf(party_names[i],
                       sizeof(party_names[i]),
                       "%016llx%016llx",
                       /* some differ only in the half that a run does not have */
                       (unsigned long long)(i / 2 * UINT64_C(0x9E3779B97F4A7C15)),
                       (unsigned long long)i);
    log_open(&w.l);
    w.known = calloc(RECORDS + 4096, sizeof(*w.known));
    assert_non_null(w.known);
    size_t gone = 0;
    while (w.l.count < RECORDS) {
        const uint64_t until = w.l.count + 1 + cdn_rnd_below(&w.rnd, 4000);
        while (w.l.count < CDN_MIN(until, (uint64_t)RECORDS))
            add_decision(&w, w.l.count);
        for (unsigned i = 0; i < 20; i++, gone++)
            erase(&w, cdn_rnd_below(&w.rnd, w.l.count));
        log_catch_up(&w.l);
        if (cdn_rnd_chance(&w.rnd, 300)) {
            log_reopen(&w.l);
            log_catch_up(&w.l);
        }
        ask(&w, 150);
    }
    print_message("# %zu records, %zu erased\n", w.l.count, gone);
    free(w.known);
    log_close(&w.l);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(searches_find_what_a_slow_twin_finds)};
    return cdn_run(tests);
}
