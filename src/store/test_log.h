/* SPDX-License-Identifier: Apache-2.0 */
/* test_log.h: a journal in memory and a store beside it in a folder of its own, for the tests of this room.
 */
#ifndef CDN_STORE_TEST_LOG_H
#define CDN_STORE_TEST_LOG_H

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "sign/sign.h"
#include "store/store.h"
#include "store/summary.h"
#include "support/fault.h"
#include "support/rnd.h"

#define T0 INT64_C(1900000000) /* 2030-03-17T17:46:40Z */
#define ANNA "11111111111111111111111111111111"
#define BERT "22222222222222222222222222222222"
#define SNAPSHOT "sha256:0000000000000000000000000000000000000000000000000000000000000001"

#define LOG_BLOCK 32 /* small blocks, so that a short history has many */
struct log {
    struct cdn_buf *records; /* NULL storage: erased */
    bool *erased;
    size_t count, cap, erased_cap;
    char folder[64];
    struct cdn_store *store;
    struct cdn_arena arena;
    struct cordon_error e;
};

static CDN_UNUSED int log_read(void *ctx, uint64_t index, struct cdn_buf *out, struct cordon_error *e) {
    const struct log *l = ctx;
    (void)e;
    if (index >= l->count)
        return CORDON_E_RANGE;
    if (l->erased[index])
        return CORDON_E_NOTFOUND;
    cdn_buf_str(out, cdn_buf_get(&l->records[index]));
    return out->err;
}
static CDN_UNUSED struct cdn_store_source log_source(struct log *l) {
    return (struct cdn_store_source){l, log_read};
}
static CDN_UNUSED void log_reopen(struct log *l) {
    const struct cdn_store_config config = {
        .folder = l->folder, .alloc = &cdn_alloc_libc, .block = LOG_BLOCK};
    cdn_store_close(l->store);
    l->store = NULL;
    if (cdn_store_open(&config, &l->store, &l->e) != 0)
        fail_msg("%s", l->e.message);
}
static CDN_UNUSED void log_open(struct log *l) {
    memset(l, 0, sizeof(*l));
    cdn_arena_init(&l->arena, &cdn_alloc_libc, 0);
    (void)snprintf(l->folder, sizeof(l->folder), "/tmp/cordon-store-XXXXXX");
    assert_non_null(mkdtemp(l->folder));
    log_reopen(l);
}
static CDN_UNUSED void log_remove_folder(const char *folder) {
    char path[600];
    DIR *d = opendir(folder);
    for (struct dirent *f = d ? readdir(d) : NULL; f; f = readdir(d)) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, f->d_name);
        if (f->d_name[0] != '.')
            (void)unlink(path);
    }
    if (d)
        (void)closedir(d);
    (void)rmdir(folder);
}
static CDN_UNUSED void log_close(struct log *l) {
    cdn_store_close(l->store);
    for (size_t i = 0; i < l->count; i++)
        cdn_buf_free(&l->records[i]);
    cdn_free(&cdn_alloc_libc, l->records, l->cap * sizeof(*l->records));
    cdn_free(&cdn_alloc_libc, l->erased, l->erased_cap * sizeof(*l->erased));
    cdn_arena_free(&l->arena);
    log_remove_folder(l->folder);
}

static CDN_UNUSED struct cdn_buf *log_next(struct log *l) {
    assert_int_equal(
        cdn_grow(&cdn_alloc_libc, (void **)&l->records, &l->cap, l->count + 1, sizeof(*l->records)), 0);
    assert_int_equal(
        cdn_grow(&cdn_alloc_libc, (void **)&l->erased, &l->erased_cap, l->count + 1, sizeof(*l->erased)), 0);
    l->erased[l->count] = false;
    cdn_buf_init(&l->records[l->count], &cdn_alloc_libc, CDN_MAX_RECORD_BYTES);
    return &l->records[l->count++];
}
static CDN_UNUSED uint64_t log_event(struct log *l, const struct cdn_event *ev) {
    if (cdn_event_write(log_next(l), ev, &l->e) != 0)
        fail_msg("%s", l->e.message);
    return l->count - 1;
}
static CDN_UNUSED uint64_t log_decision(struct log *l, const struct cdn_record_decision *d) {
    struct cdn_buf made, read;
    if (cdn_record_write_decision(log_next(l), d, &l->e) != 0)
        fail_msg("%s", l->e.message);
    /* What follows from a record is the same, whether it is taken from the decision or from its bytes. */
    cdn_buf_init(&made, &cdn_alloc_libc, CDN_MAX_RECORD_BYTES);
    cdn_buf_init(&read, &cdn_alloc_libc, CDN_MAX_RECORD_BYTES);
    assert_int_equal(cdn_summary_decision(&made, d), 0);
    assert_int_equal(cdn_summary_record(&read, cdn_buf_get(&l->records[l->count - 1]), &l->arena, &l->e), 0);
    assert_true(cdn_str_eq(cdn_buf_get(&made), cdn_buf_get(&read)));
    cdn_buf_free(&made);
    cdn_buf_free(&read);
    return l->count - 1;
}
/* Hands the summaries of records from..to-1 over as one piece, as whoever appends does. */
static CDN_UNUSED void log_hand_over(struct log *l, uint64_t from, uint64_t to) {
    struct cdn_buf one;
    size_t bytes = 0;
    cdn_buf_init(&one, &cdn_alloc_libc, SIZE_MAX / 2);
    size_t *ends = malloc((to - from + 1) * sizeof(*ends));
    assert_non_null(ends);
    for (uint64_t i = from; i < to; i++) {
        const cordon_str record = l->erased[i] ? (cordon_str){NULL, 0} : cdn_buf_get(&l->records[i]);
        assert_int_equal(cdn_summary_record(&one, record, &l->arena, &l->e), 0);
        ends[i - from] = one.n;
    }
    struct cdn_recent *r = cdn_recent_new(&cdn_alloc_libc, one.n);
    assert_non_null(r);
    for (uint64_t i = from; i < to; i++) {
        cdn_recent_add(r, cdn_str(one.p + bytes, ends[i - from] - bytes));
        bytes = ends[i - from];
    }
    cdn_store_recent(l->store, from, r);
    free(ends);
    cdn_buf_free(&one);
}
/* Everything that was appended, into both databases. */
static CDN_UNUSED void log_catch_up(struct log *l) {
    const struct cdn_store_source source = log_source(l);
    if (cdn_store_catch_up(l->store, &source, l->count, &l->e) != 0 ||
        cdn_store_catch_up_index(l->store, &source, l->count, &l->e) != 0)
        fail_msg("%s %s", l->e.message, l->e.hint);
}
/* The outcome of an event: its code; the reason is in l->e. */
static CDN_UNUSED int log_outcome(struct log *l, const struct cdn_event *ev) {
    const uint64_t index = log_event(l, ev);
    log_catch_up(l);
    memset(&l->e, 0, sizeof(l->e));
    return cdn_store_outcome(l->store, index, &l->e);
}

/* ---- events
 * ---------------------------------------------------------------------------------------------------------
 */

static CDN_UNUSED struct cdn_event event_of(unsigned kind, int64_t at, const char *by) {
    struct cdn_event ev;
    cdn_event_init(&ev, kind, at, cdn_str_z(by));
    return ev;
}
#define EV(var, kind, at, by) struct cdn_event var = event_of(CDN_EV_##kind, (at), (by))

/* Words separated by commas; empty: none. */
static CDN_UNUSED struct cdn_texts words(struct log *l, const char *z) {
    cordon_str *items = cdn_arena_zero(&l->arena, 16, sizeof(*items));
    cordon_str rest = cdn_str_z(z);
    size_t n = 0;
    assert_non_null(items);
    while (rest.n && n < 16)
        items[n++] = cdn_str_split(rest, ',', &rest);
    return (struct cdn_texts){items, n};
}
static CDN_UNUSED uint64_t
log_key(struct log *l, const char *id, const char *person, const char *roles, const char *authorities) {
    EV(ev, key_created, T0, "service");
    ev.u.key_created.key = cdn_str_z(id);
    ev.u.key_created.person = cdn_str_z(person);
    ev.u.key_created.label = CDN_STR("test");
    ev.u.key_created.roles = words(l, roles);
    ev.u.key_created.authorities = words(l, authorities);
    ev.u.key_created.hash = CDN_STR("00000000000000000000000000000000000000000000000000000000000000ff");
    return log_event(l, &ev);
}

/* ---- decisions
 * ------------------------------------------------------------------------------------------------------- */

static CDN_UNUSED struct cdn_record_decision allowed(struct log *l, int64_t at, const char *party) {
    cordon_str *parties = cdn_arena_zero(&l->arena, 1, sizeof(*parties));
    assert_non_null(parties);
    parties[0] = cdn_str_z(party);
    struct cdn_record_decision d = {.at = at,
                                    .recorded = at,
                                    .key = CDN_STR("kdecide"),
                                    .snapshot = CDN_STR(SNAPSHOT),
                                    .appeal = CDN_COUNT_NONE,
                                    .request = CDN_STR("{\"action\":\"payment.send\",\"service\":\"wise\"}"),
                                    .decision = CDN_STR("{\"verdict\":\"allow\"}")};
    d.effects.verdict = CORDON_VERDICT_ALLOW;
    d.effects.parties = parties;
    d.effects.party_count = 1;
    d.effects.keep_until = CDN_INSTANT_NONE;
    return d;
}
/* Lines of a case: "authority:people", separated by commas. */
static CDN_UNUSED struct cdn_record_decision held(struct log *l,
                                                  int64_t at,
                                                  const char *party,
                                                  const char *lines) {
    struct cdn_record_decision d = allowed(l, at, party);
    const struct cdn_texts w = words(l, lines);
    struct cdn_effect_hold *holds = cdn_arena_zero(&l->arena, w.count, sizeof(*holds));
    assert_non_null(holds);
    for (size_t i = 0; i < w.count; i++) {
        cordon_str people;
        holds[i] = (struct cdn_effect_hold){.measure = CDN_STR("us/m"), .reason = CDN_STR("place cleared")};
        holds[i].authority = cdn_str_split(w.items[i], ':', &people);
        holds[i].people = people.n ? (uint8_t)(people.p[0] - '0') : 1;
    }
    d.effects.verdict = CORDON_VERDICT_HOLD;
    d.effects.holds = holds;
    d.effects.hold_count = w.count;
    return d;
}
static CDN_UNUSED struct cdn_record_decision capped(struct log *l,
                                                    int64_t at,
                                                    const char *party,
                                                    const char *amount) {
    struct cdn_record_decision d = allowed(l, at, party);
    struct cdn_effect_cap *cap = cdn_arena_zero(&l->arena, 1, sizeof(*cap));
    int64_t until = 0;
    assert_non_null(cap);
    *cap = (struct cdn_effect_cap){
        .measure = CDN_STR("op/cap"), .party = cdn_str_z(party), .window = CDN_WINDOW_DAY, .currency = "GBP"};
    assert_int_equal(cdn_window_at(CDN_WINDOW_DAY, at, &cap->from, &until), 0);
    assert_int_equal(cdn_decimal_parse(cdn_str_z(amount), &cap->amount), 0);
    d.effects.verdict = CORDON_VERDICT_LIMIT;
    d.effects.caps = cap;
    d.effects.cap_count = 1;
    return d;
}
static CDN_UNUSED struct cdn_record_decision dutiful(struct log *l,
                                                     int64_t at,
                                                     const char *party,
                                                     int64_t due) {
    struct cdn_record_decision d = allowed(l, at, party);
    struct cdn_effect_duty *duties = cdn_arena_zero(&l->arena, 2, sizeof(*duties));
    assert_non_null(duties);
    duties[0] = (struct cdn_effect_duty){
        .measure = CDN_STR("us/gl-25"), .kind = CDN_STR("keep_records"), .due = due + 86400 * 3650};
    duties[1] = (struct cdn_effect_duty){.measure = CDN_STR("us/gl-25"),
                                         .kind = CDN_STR("report"),
                                         .text = CDN_STR("transactions"),
                                         .to = CDN_STR("OFAC"),
                                         .due = due,
                                         .provisional = true};
    d.effects.duties = duties;
    d.effects.duty_count = 2;
    d.effects.reference = CDN_STR("order-1");
    return d;
}
static CDN_UNUSED int release_by(struct log *l, uint64_t case_id, const char *key, int64_t at) {
    EV(ev, case_released, at, key);
    ev.u.case_released.case_id = case_id;
    ev.u.case_released.why = CDN_STR("looked at the passport");
    return log_outcome(l, &ev);
}

/* ---- looking
 * ----------------------------------------------------------------------------------------------------------
 */

/* Content of the store; in the log's arena. */
static CDN_UNUSED const char *log_dump(struct log *l) {
    struct cdn_buf b;
    cordon_str copy;
    cdn_buf_init(&b, &cdn_alloc_libc, (size_t)1 << 28);
    if (cdn_store_dump(l->store, &b, &l->e) != 0)
        fail_msg("%s", l->e.message);
    assert_int_equal(cdn_arena_str(&l->arena, cdn_buf_get(&b), &copy), 0);
    cdn_buf_free(&b);
    return copy.p;
}
static CDN_UNUSED const char *log_case(struct log *l, uint64_t id) {
    struct cdn_buf b;
    cordon_str copy;
    cdn_buf_init(&b, &cdn_alloc_libc, (size_t)1 << 24);
    if (cdn_store_case(l->store, id, CDN_INSTANT_NONE, &b, &l->e) != 0)
        fail_msg("%s", l->e.message);
    assert_int_equal(cdn_arena_str(&l->arena, cdn_buf_get(&b), &copy), 0);
    cdn_buf_free(&b);
    return copy.p;
}
#define assert_has(text, part)                                                                               \
    do {                                                                                                     \
        if (!strstr((text), (part)))                                                                         \
            fail_msg("%s\nlacks %s", (text), (part));                                                        \
    } while (0)

#endif
