/* SPDX-License-Identifier: Apache-2.0 */
/* test_random.c: random histories. Applied in one go, in pieces with restarts in between, and made again from
 * the journal after the databases were deleted, they give the same content, byte by byte; also when records
 * were erased since. */
#include <sodium.h>

#include "store/live.h"
#include "store/test_log.h"

struct history {
    struct log l;
    struct cdn_rnd rnd;
    int64_t at;
    struct cdn_sign_secret pairs[3];
    uint64_t decisions[4096]; /* that were made: cases, duties, usage */
    size_t decision_count;
    uint64_t others[4096]; /* appeals, drafts, clearances, legal holds: any event's index */
    size_t other_count;
};
static const char *const keys[] = {"k0", "k1", "k2", "k3", "gone"};
static const char *const parties[] = {
    ANNA, BERT, "33333333333333333333333333333333", "44444444444444444444444444444444"};
static const char *const texts[] = {"measure a/b\n", "measure a/c\n", "measure a/d\n"};

static const char *pick_key(struct history *h) {
    return keys[cdn_rnd_below(&h->rnd, CDN_ARRAY_LEN(keys))];
}
/* Mostly one that was made; sometimes any number. */
static uint64_t pick(struct history *h, const uint64_t *from, size_t count) {
    if (!count || cdn_rnd_chance(&h->rnd, 50))
        return cdn_rnd_below(&h->rnd, h->l.count + 5);
    return from[cdn_rnd_below(&h->rnd, count)];
}
#define DECISION(h) pick((h), (h)->decisions, (h)->decision_count)
#define OTHER(h) pick((h), (h)->others, (h)->other_count)

static void random_decision(struct history *h) {
    static const char *const amounts[] = {"0.1", "12.50", "3", "99999.999"};
    static const char *const lines[] = {"trust:1", "trust:2", ":1", "trust:1,legal:2"};
    const char *party = parties[cdn_rnd_below(&h->rnd, 4)];
    struct cdn_record_decision d;
    char name[32];
    struct cdn_buf b;
    switch (cdn_rnd_below(&h->rnd, 4)) {
    case 0:
        d = held(&h->l, h->at, party, lines[cdn_rnd_below(&h->rnd, 4)]);
        break;
    case 1:
        d = capped(&h->l, h->at, party, amounts[cdn_rnd_below(&h->rnd, 4)]);
        break;
    case 2:
        d = dutiful(&h->l, h->at, party, h->at + (int64_t)cdn_rnd_below(&h->rnd, 900000));
        break;
    default:
        d = allowed(&h->l, h->at, party);
        break;
    }
    if (cdn_rnd_chance(&h->rnd, 300)) {
        cordon_str copy;
        cdn_buf_fixed(&b, name, sizeof(name));
        cdn_buf_int(&b, (int64_t)cdn_rnd_below(&h->rnd, 100000));
        assert_int_equal(cdn_arena_str(&h->l.arena, cdn_buf_get(&b), &copy), 0);
        d.idempotency_key = copy;
        d.idempotency_digest = CDN_STR("digest");
    }
    if (cdn_rnd_chance(&h->rnd, 100))
        d.effects.keep_until = h->at + 86400 * 20;
    const cordon_str measure[1] = {cdn_rnd_chance(&h->rnd, 500) ? CDN_STR("us/m") : CDN_STR("eu/n")};
    d.effects.measures = measure;
    d.effects.measure_count = 1;
    const uint64_t index = log_decision(&h->l, &d);
    if (h->decision_count < CDN_ARRAY_LEN(h->decisions))
        h->decisions[h->decision_count++] = index;
}

static cordon_str sign(struct history *h, size_t pair, const char *text) {
    struct cdn_buf b;
    cordon_str copy;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 16);
    assert_int_equal(
        cdn_minisign_sign(&b, &h->pairs[pair], cdn_str_z(text), CDN_STR("t"), (cordon_str){NULL, 0}, NULL),
        0);
    assert_int_equal(cdn_arena_str(&h->l.arena, cdn_buf_get(&b), &copy), 0);
    cdn_buf_free(&b);
    return copy;
}
static cordon_str digest(struct history *h, const char *text) {
    uint8_t hash[32];
    char *hex = cdn_arena_zero(&h->l.arena, 1, CDN_DIGEST_HEX + 1);
    (void)crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
    (void)sodium_bin2hex(hex, CDN_DIGEST_HEX + 1, hash, sizeof(hash));
    return cdn_str(hex, CDN_DIGEST_HEX);
}

/* An event of that kind with members that often fit, sometimes not. */
static void random_members(struct history *h, struct cdn_event *ev) {
    const struct cdn_event_info *info = cdn_event_info(ev->kind);
    const char *text = texts[cdn_rnd_below(&h->rnd, 3)];
    for (unsigned i = 0; i < info->field_count; i++) {
        const struct cdn_event_field *f = &info->fields[i];
        void *at = (char *)ev + f->offset;
        const bool is_decision = strcmp(f->name, "case_id") == 0 || strcmp(f->name, "decision") == 0 ||
                                 strcmp(f->name, "before") == 0 || strcmp(f->name, "after") == 0;
        if (!f->need && cdn_rnd_chance(&h->rnd, 400))
            continue;
        if (strcmp(f->type, "TEXT") == 0)
            *(cordon_str *)at = strcmp(f->name, "text") == 0 ? cdn_str_z(text) : CDN_STR("x");
        else if (strcmp(f->type, "DIGEST") == 0)
            *(cordon_str *)at = digest(h, text);
        else if (strcmp(f->type, "PARTY") == 0)
            *(cordon_str *)at = cdn_str_z(parties[cdn_rnd_below(&h->rnd, 4)]);
        else if (strcmp(f->type, "JSON") == 0)
            *(cordon_str *)at = CDN_STR("{\"kind\":\"passport\"}");
        else if (strcmp(f->type, "TEXTS") == 0)
            *(struct cdn_texts *)at =
                words(&h->l, strcmp(f->name, "roles") == 0 ? "approve,author" : "trust,legal");
        else if (strcmp(f->type, "INSTANT") == 0)
            *(int64_t *)at = h->at + cdn_rnd_between(&h->rnd, -50000, 50000);
        else if (strcmp(f->type, "COUNT") == 0)
            *(uint64_t *)at = strcmp(f->name, "number") == 0 ? cdn_rnd_below(&h->rnd, 2)
                              : is_decision                  ? DECISION(h)
                                                             : OTHER(h);
        else if (strcmp(f->type, "COUNTS") == 0) {
            uint64_t *items = cdn_arena_zero(&h->l.arena, 2, sizeof(*items));
            items[0] = DECISION(h);
            items[1] = DECISION(h);
            *(struct cdn_counts *)at = (struct cdn_counts){items, 2};
        }
    }
    if (ev->kind == CDN_EV_draft_approved)
        ev->u.draft_approved.signature = sign(h, cdn_rnd_below(&h->rnd, 3), text);
    if (ev->kind == CDN_EV_appeal_resolved)
        ev->u.appeal_resolved.outcome = CDN_STR("upheld");
    if (ev->kind == CDN_EV_key_revoked)
        ev->u.key_revoked.key = cdn_rnd_chance(&h->rnd, 100) ? CDN_STR("k3") : CDN_STR("gone");
    if (ev->kind == CDN_EV_legal_hold_placed)
        ev->u.legal_hold_placed.to = ev->u.legal_hold_placed.from = DECISION(h);
}

static void random_event(struct history *h) {
    unsigned kind = (unsigned)cdn_rnd_between(&h->rnd, CDN_EV_NONE + 1, CDN_EV_COUNT - 1);
    if (kind == CDN_EV_record_erased || kind == CDN_EV_key_signer || kind == CDN_EV_key_created ||
        cdn_rnd_chance(&h->rnd, 400))
        kind = CDN_EV_case_released;
    struct cdn_event ev = event_of(kind, h->at, pick_key(h));
    random_members(h, &ev);
    const uint64_t index = log_event(&h->l, &ev);
    if (h->other_count < CDN_ARRAY_LEN(h->others))
        h->others[h->other_count++] = index;
}

static void begin(struct history *h, uint64_t seed) {
    static const char *const people[] = {"p0", "p1", "p2", "p2"};
    memset(h, 0, sizeof(*h));
    log_open(&h->l);
    h->rnd.state = seed;
    h->at = T0;
    for (size_t i = 0; i < 4; i++)
        (void)log_key(&h->l, keys[i], people[i], i == 1 ? "author" : "approve,author", "trust,legal");
    for (size_t i = 0; i < 3; i++) {
        struct cdn_buf b;
        cordon_str line;
        assert_int_equal(cdn_sign_generate(&h->pairs[i], NULL), 0);
        cdn_buf_init(&b, &cdn_alloc_libc, 1 << 16);
        cdn_minisign_write_public(&b, &h->pairs[i].pub);
        (void)cdn_str_split(cdn_buf_get(&b), '\n', &line);
        EV(ev, key_signer, T0, "service");
        ev.u.key_signer.key = cdn_str_z(keys[i]);
        ev.u.key_signer.public_key = cdn_str_trim(line);
        (void)log_event(&h->l, &ev);
        cdn_buf_free(&b);
    }
}

static void grow(struct history *h, size_t records) {
    for (size_t i = 0; i < records; i++) {
        h->at += (int64_t)cdn_rnd_below(&h->rnd, 3000);
        if (cdn_rnd_chance(&h->rnd, 450))
            random_decision(h);
        else
            random_event(h);
    }
}

/* Some records go: asked, recorded, applied, and only if it took effect their bytes are gone. */
static size_t erase_some(struct history *h, size_t tries) {
    size_t gone = 0;
    log_catch_up(&h->l);
    h->at += 86400 * 60; /* windows, retention and idempotency are over */
    for (size_t i = 0; i < tries; i++) {
        const uint64_t record = cdn_rnd_chance(&h->rnd, 800) ? DECISION(h) : OTHER(h);
        EV(ev, record_erased, h->at, "k0");
        struct cdn_record r;
        ev.u.record_erased.record = record;
        ev.u.record_erased.why = CDN_STR("retention is over");
        if (record >= h->l.count || h->l.erased[record])
            continue;
        assert_int_equal(cdn_record_read(cdn_buf_get(&h->l.records[record]), &h->l.arena, &r, NULL), 0);
        if (r.kind == CDN_RECORD_EVENT && !cdn_event_erasable(r.u.event.kind))
            continue;
        if (log_outcome(&h->l, &ev) == 0) {
            h->l.erased[record] = true;
            gone++;
        }
    }
    return gone;
}

static void same_dump(const char *what, uint64_t seed, const char *a, const char *b) {
    size_t line = 1;
    if (strcmp(a, b) == 0)
        return;
    while (*a && *a == *b) {
        line += *a == '\n';
        a++;
        b++;
    }
    fail_msg("%s (seed %llu): line %zu differs: %.80s <> %.80s", what, (unsigned long long)seed, line, a, b);
}

static const char *rebuilt(struct history *h) {
    cdn_store_close(h->l.store);
    h->l.store = NULL;
    assert_int_equal(cdn_store_delete(h->l.folder, &h->l.e), 0);
    log_reopen(&h->l);
    log_catch_up(&h->l);
    return log_dump(&h->l);
}

/* In batches of random size, state and index on their own, closed and opened at random; some records come
 * from the ring, some from the journal. */
static const char *in_pieces(struct history *h) {
    cdn_store_close(h->l.store);
    h->l.store = NULL;
    assert_int_equal(cdn_store_delete(h->l.folder, &h->l.e), 0);
    log_reopen(&h->l);
    const struct cdn_store_source source = log_source(&h->l);
    uint64_t handed = 0;
    while (cdn_store_applied(h->l.store) < h->l.count || cdn_store_indexed(h->l.store) < h->l.count) {
        if (handed < h->l.count && cdn_rnd_chance(&h->rnd, 600)) {
            handed += cdn_rnd_below(&h->rnd, 3); /* never handed over */
            const uint64_t to = CDN_MIN(handed + cdn_rnd_below(&h->rnd, 30), (uint64_t)h->l.count);
            if (handed < to)
                log_hand_over(&h->l, handed, to);
            handed = CDN_MAX(handed, to);
        }
        uint64_t end = cdn_store_applied(h->l.store) + cdn_rnd_below(&h->rnd, 40);
        assert_int_equal(cdn_store_catch_up(h->l.store, &source, CDN_MIN(end, (uint64_t)h->l.count), &h->l.e),
                         0);
        end = cdn_store_indexed(h->l.store) + cdn_rnd_below(&h->rnd, 40);
        assert_int_equal(
            cdn_store_catch_up_index(h->l.store, &source, CDN_MIN(end, (uint64_t)h->l.count), &h->l.e), 0);
        if (cdn_rnd_chance(&h->rnd, 100))
            log_reopen(&h->l);
    }
    return log_dump(&h->l);
}

static void however_it_is_applied_the_content_is_the_same(void **state) {
    (void)state;
    struct cdn_rnd seeds;
    size_t gone = 0;
    cdn_rnd_init(&seeds, "histories", 4);
    const size_t rounds = cdn_rnd_rounds(6);
    for (size_t round = 0; round < rounds; round++) {
        static struct history h;
        const uint64_t seed = cdn_rnd_next(&seeds);
        begin(&h, seed);
        grow(&h, 700);
        log_catch_up(&h.l);
        const char *whole = log_dump(&h.l);
        assert_has(whole, "\"released\"");
        same_dump("pieces", seed, whole, in_pieces(&h));
        same_dump("rebuilt", seed, whole, rebuilt(&h));
        gone += erase_some(&h, 300);
        grow(&h, 200);
        log_catch_up(&h.l);
        const char *rest = log_dump(&h.l);
        same_dump("rebuilt after erasing", seed, rest, rebuilt(&h));
        same_dump("pieces after erasing", seed, rest, in_pieces(&h));
        log_close(&h.l);
    }
    print_message("# %zu histories, %zu records erased\n", rounds, gone);
    assert_true(gone > rounds * 10);
}

/* No event but the releases of enough people with authority ends a hold in a release: recomputed from the
 * records by a slow twin that knows nothing of SQL. */
static bool twin_released(struct history *h, uint64_t case_id) {
    static const char *const person_of[][2] = {{"k0", "p0"}, {"k1", "p1"}, {"k2", "p2"}, {"k3", "p2"}};
    struct cdn_record r;
    bool voted[3] = {false, false, false};
    bool k3_revoked = false;
    assert_int_equal(cdn_record_read(cdn_buf_get(&h->l.records[case_id]), &h->l.arena, &r, NULL), 0);
    const struct cdn_effects f = r.u.decision.effects;
    for (size_t i = 0; i < h->l.count; i++) {
        assert_int_equal(cdn_record_read(cdn_buf_get(&h->l.records[i]), &h->l.arena, &r, NULL), 0);
        if (r.kind != CDN_RECORD_EVENT)
            continue;
        if (r.u.event.kind == CDN_EV_key_revoked && cdn_str_eq(r.u.event.u.key_revoked.key, CDN_STR("k3")))
            k3_revoked = true;
        const bool release =
            r.u.event.kind == CDN_EV_case_released && r.u.event.u.case_released.case_id == case_id;
        const bool refuse =
            r.u.event.kind == CDN_EV_case_refused && r.u.event.u.case_refused.case_id == case_id;
        if ((!release && !refuse) || i <= case_id)
            continue;
        for (size_t k = 0; k < 4; k++) {
            if (!cdn_str_eq(r.u.event.by, cdn_str_z(person_of[k][0])) || (k == 3 && k3_revoked))
                continue;
            bool concerned = false; /* k1 may not approve: it releases no line without an authority */
            for (size_t n = 0; n < f.hold_count; n++)
                concerned = concerned || f.holds[n].authority.n || k != 1;
            if (refuse && concerned)
                return false;
            if (release)
                voted[person_of[k][1][1] - '0'] = true;
        }
        bool all = true;
        for (size_t n = 0; n < f.hold_count; n++) {
            const int votes = voted[0] + voted[2] + (f.holds[n].authority.n ? voted[1] : 0);
            all = all && votes >= f.holds[n].people;
        }
        if (all)
            return true;
    }
    return false;
}

static void a_slow_twin_agrees_which_holds_are_released(void **state) {
    (void)state;
    struct cdn_rnd seeds;
    size_t released = 0, open = 0;
    cdn_rnd_init(&seeds, "holds", 5);
    for (size_t round = 0; round < cdn_rnd_rounds(3); round++) {
        static struct history h;
        begin(&h, cdn_rnd_next(&seeds));
        grow(&h, 500);
        log_catch_up(&h.l);
        for (size_t i = 0; i < h.decision_count; i++) {
            struct cdn_buf b;
            cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
            if (cdn_store_case(h.l.store, h.decisions[i], CDN_INSTANT_NONE, &b, NULL) == 0) {
                cdn_buf_char(&b, 0);
                const bool is = strstr(b.p, "\"status\":\"released\"") != NULL;
                assert_int_equal(is, twin_released(&h, h.decisions[i]));
                released += is;
                open += strstr(b.p, "\"status\":\"open\"") != NULL;
            }
            cdn_buf_free(&b);
        }
        log_close(&h.l);
    }
    print_message("# %zu released, %zu open\n", released, open);
    assert_true(released > 10 && open > 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(however_it_is_applied_the_content_is_the_same),
        cmocka_unit_test(a_slow_twin_agrees_which_holds_are_released),
    };
    return cdn_run(tests);
}
