/* SPDX-License-Identifier: Apache-2.0 */
/* test_live.c: the live state: keys, merging, reserving by several threads at once, idempotency, filling. */
#include "store/test_log.h"

#include <pthread.h>

#include "store/live.h"

#include "model/request.h"

static struct cdn_live *filled(struct log *l) {
    struct cdn_live *live = NULL;
    const struct cdn_store_source source = log_source(l);
    assert_int_equal(cdn_live_new(&cdn_alloc_libc, &live, &l->e), 0);
    if (cdn_live_fill(live, l->store, &source, l->count, T0, &l->e) != 0)
        fail_msg("%s", l->e.message);
    return live;
}
static struct cdn_live_state merged(struct log *l, struct cdn_live *live, const char *party, int64_t at) {
    const cordon_str parties[1] = {cdn_str_z(party)};
    const struct cdn_texts one = {parties, 1};
    struct cdn_live_state state;
    if (cdn_live_merge(live, &one, at, &l->arena, &state, &l->e) != 0)
        fail_msg("%s", l->e.message);
    return state;
}
/* State in words, so that two can be compared. */
static const char *told(struct log *l, struct cdn_live *live, const char *party, int64_t at) {
    const struct cdn_live_state s = merged(l, live, party, at);
    struct cdn_buf b;
    cordon_str copy;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 24);
    for (size_t i = 0; i < s.count; i++) {
        const struct cdn_live_item *x = &s.items[i];
        cdn_buf_printf(&b,
                       "%u %.*s %.*s %.*s/%.*s %u %lld ",
                       x->kind,
                       CDN_FMT(x->measure),
                       CDN_FMT(x->reference),
                       CDN_FMT(x->list),
                       CDN_FMT(x->entry),
                       x->window,
                       (long long)x->from);
        cdn_decimal_write(&b, x->used);
        cdn_buf_printf(&b,
                       "%s %lld %lld %lld\n",
                       x->currency,
                       (long long)x->due,
                       (long long)x->done,
                       (long long)x->until);
    }
    assert_int_equal(cdn_arena_str(&l->arena, cdn_buf_get(&b), &copy), 0);
    cdn_buf_free(&b);
    return copy.n ? copy.p : "";
}
static void tell(struct log *l, struct cdn_live *live, const struct cdn_record_decision *d) {
    const uint64_t index = log_decision(l, d);
    assert_int_equal(cdn_live_decision(live, index, d, false, &l->e), 0);
}

static void keys_are_found_by_their_secret_alone(void **state) {
    (void)state;
    struct log l;
    char id[CDN_KEY_ID_TEXT];
    char secret[CDN_KEY_SECRET_TEXT];
    char wrong[CDN_KEY_SECRET_TEXT];
    char hash[CDN_DIGEST_HEX];
    struct cdn_live_key key;
    log_open(&l);
    struct cdn_live *live = filled(&l);
    assert_int_equal(cdn_live_make_key(id, secret, hash), 0);
    assert_null(strstr(log_dump(&l), secret));
    EV(ev, key_created, T0, "service");
    ev.u.key_created.key = cdn_str_z(id);
    ev.u.key_created.label = CDN_STR("checkout");
    ev.u.key_created.roles = words(&l, "decide,replay");
    ev.u.key_created.hash = cdn_str(hash, sizeof(hash));
    ev.u.key_created.rate = 100;
    ev.u.key_created.expires = T0 + 1000;
    assert_int_equal(cdn_live_find_key(live, cdn_str_z(secret), T0, &key, &l.e), CORDON_E_NOTFOUND);
    assert_int_equal(log_outcome(&l, &ev), 0); /* the store tells the live state */
    assert_int_equal(cdn_live_find_key(live, cdn_str_z(secret), T0, &key, &l.e), 0);
    assert_int_equal(cdn_live_find_key(live, cdn_str_z(secret), T0, &key, &l.e), 0); /* now by its mark */
    assert_string_equal(key.id, id);
    assert_int_equal(key.roles, CDN_KEY_MAY_DECIDE | CDN_KEY_MAY_REPLAY);
    assert_int_equal(key.rate, 100);
    memcpy(wrong, secret, sizeof(wrong));
    wrong[strlen(wrong) - 1] = (char)(wrong[strlen(wrong) - 1] == '0' ? '1' : '0');
    assert_int_equal(cdn_live_find_key(live, cdn_str_z(wrong), T0, &key, &l.e), CORDON_E_NOTFOUND);
    assert_int_equal(cdn_live_find_key(live, cdn_str_z(id), T0, &key, &l.e), CORDON_E_NOTFOUND);
    assert_int_equal(cdn_live_find_key(live, cdn_str_z(""), T0, &key, &l.e), CORDON_E_NOTFOUND);
    assert_int_equal(cdn_live_find_key(live, cdn_str_z(secret), T0 + 1000, &key, &l.e), CORDON_E_NOTFOUND);
    assert_string_equal(l.e.message, "an expired key");
    /* What is stored is the hash of the secret, never the secret. */
    assert_null(strstr(log_dump(&l), strrchr(secret, '_') + 1));
    cdn_live_free(live);
    live = filled(&l);
    assert_int_equal(cdn_live_find_key(live, cdn_str_z(secret), T0, &key, &l.e), 0);
    EV(gone, key_revoked, T0 + 1, "service");
    gone.u.key_revoked.key = cdn_str_z(id);
    gone.u.key_revoked.why = CDN_STR("leaked");
    assert_int_equal(cdn_live_event(live, 1, &gone, &l.e), 0); /* at once, before it is applied */
    assert_int_equal(cdn_live_find_key(live, cdn_str_z(secret), T0, &key, &l.e), CORDON_E_NOTFOUND);
    cdn_live_free(live);
    log_close(&l);
}

static void what_is_told_is_what_a_new_filling_tells(void **state) {
    (void)state;
    struct log l;
    log_open(&l);
    (void)log_key(&l, "kone", "", "read", "trust");
    struct cdn_live *live = filled(&l);
    struct cdn_record_decision d = capped(&l, T0, ANNA, "12.50");
    tell(&l, live, &d);
    d = capped(&l, T0 + 1, ANNA, "0.25");
    tell(&l, live, &d);
    d = held(&l, T0 + 2, ANNA, "trust:1,legal:1");
    tell(&l, live, &d);
    const uint64_t case_id = l.count - 1;
    d = dutiful(&l, T0 + 3, ANNA, T0 + 86400);
    tell(&l, live, &d);
    const uint64_t duty_id = l.count - 1;
    d = held(&l, T0 + 4, ANNA, "trust:1");
    tell(&l, live, &d);
    const uint64_t other_case = l.count - 1;
    log_catch_up(&l);
    EV(clear, clearance_granted, T0 + 5, "kone");
    clear.u.clearance_granted.party = CDN_STR(ANNA);
    clear.u.clearance_granted.list = CDN_STR("ofac-sdn");
    clear.u.clearance_granted.entry = CDN_STR("4711");
    clear.u.clearance_granted.entry_fingerprint = CDN_STR("f1");
    clear.u.clearance_granted.why = CDN_STR("another birth date");
    clear.u.clearance_granted.until = T0 + 500;
    assert_int_equal(log_outcome(&l, &clear), 0);
    assert_int_equal(release_by(&l, other_case, "kone", T0 + 6), 0);
    assert_int_equal(release_by(&l, case_id, "kone", T0 + 6), 0); /* one of its two lines: still open */
    EV(done, duty_done, T0 + 7, "kone");
    done.u.duty_done.decision = duty_id;
    done.u.duty_done.number = 1;
    done.u.duty_done.done = T0 + 7;
    assert_int_equal(log_outcome(&l, &done), 0);
    const uint64_t one[1] = {case_id};
    EV(appeal, appeal_opened, T0 + 8, "kone");
    appeal.u.appeal_opened.party = CDN_STR(ANNA);
    appeal.u.appeal_opened.grounds = CDN_STR("x");
    appeal.u.appeal_opened.decisions = (struct cdn_counts){one, 1};
    assert_int_equal(log_outcome(&l, &appeal), 0);
    struct cdn_live *again = filled(&l);
    const char *now = told(&l, live, ANNA, T0 + 100);
    assert_string_equal(now, told(&l, again, ANNA, T0 + 100));
    assert_has(now, "12.75GBP");
    assert_has(now, "3 ");                                        /* the clearance */
    assert_null(strstr(told(&l, again, ANNA, T0 + 500), "4711")); /* it has ended */
    assert_string_equal(told(&l, again, BERT, T0 + 100), "");
    /* The next day the window is another one. */
    assert_null(strstr(told(&l, again, ANNA, T0 + 86400), "GBP"));
    cdn_live_sweep(again, l.count, T0 + 86400);
    assert_null(strstr(told(&l, again, ANNA, T0), "GBP"));
    cdn_live_free(live);
    cdn_live_free(again);
    log_close(&l);
}

static void what_is_given_back_can_be_used_again(void **state) {
    (void)state;
    struct log l;
    log_open(&l);
    struct cdn_live *live = filled(&l);
    struct cdn_record_decision d = capped(&l, T0, ANNA, "200");
    tell(&l, live, &d);
    log_catch_up(&l);
    EV(back, usage_reversed, T0 + 5, "kone");
    back.u.usage_reversed.decision = l.count - 1;
    back.u.usage_reversed.why = CDN_STR("the payment bounced");
    assert_int_equal(log_outcome(&l, &back), 0);
    assert_has(told(&l, live, ANNA, T0), " 0GBP");
    struct cdn_live *again = filled(&l);
    assert_string_equal(told(&l, live, ANNA, T0), told(&l, again, ANNA, T0));
    cdn_live_free(again);
    cdn_live_free(live);
    log_close(&l);
}

/* ---- one cap, many threads
 * ---------------------------------------------------------------------------------------- */

struct spender {
    struct cdn_live *live;
    pthread_t thread;
    int64_t taken, conflicts; /* hundredths */
};

/* Takes 0.07 as long as the cap of 200.00 has room, as a service does: merge, decide, reserve, again on
 * conflict. */
static void *spend(void *arg) {
    struct spender *me = arg;
    struct cdn_arena arena;
    const struct cdn_decimal cap = {20000, 2};
    const cordon_str party[1] = {CDN_STR(ANNA)};
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    for (;;) {
        struct cdn_live_state s = {0};
        struct cdn_decimal used = {0, 0};
        struct cdn_decimal sum;
        struct cdn_effect_cap take = {.measure = CDN_STR("op/cap"),
                                      .party = party[0],
                                      .window = CDN_WINDOW_DAY,
                                      .amount = {7, 2},
                                      .currency = "GBP"};
        int64_t until = 0;
        cdn_arena_reset(&arena);
        if (cdn_live_merge(me->live, &(struct cdn_texts){party, 1}, T0, &arena, &s, NULL) != 0 ||
            cdn_window_at(CDN_WINDOW_DAY, T0, &take.from, &until) != 0)
            break;
        if (s.count)
            used = s.items[0].used;
        if (cdn_decimal_add(used, take.amount, &sum) != 0 || cdn_decimal_cmp(sum, cap) > 0)
            break;
        const int err = cdn_live_reserve(me->live, &take, &used, 1, NULL);
        if (err == 0)
            me->taken += 7;
        else if (err == CORDON_E_CONFLICT)
            me->conflicts++;
        else
            break;
    }
    cdn_arena_free(&arena);
    return NULL;
}

static void two_at_once_cannot_both_use_the_rest(void **state) {
    (void)state;
    struct log l;
    struct spender s[4];
    int64_t taken = 0;
    log_open(&l);
    struct cdn_live *live = filled(&l);
    for (size_t i = 0; i < 4; i++) {
        s[i] = (struct spender){.live = live};
        assert_int_equal(pthread_create(&s[i].thread, NULL, spend, &s[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(s[i].thread, NULL), 0);
        taken += s[i].taken;
    }
    assert_int_equal(taken, 19999); /* 2857 times 0.07; one more would be above 200.00 */
    assert_has(told(&l, live, ANNA, T0), " 199.99GBP");
    cdn_live_free(live);
    log_close(&l);
}

static void a_reservation_is_all_or_nothing(void **state) {
    (void)state;
    struct log l;
    log_open(&l);
    struct cdn_live *live = filled(&l);
    const struct cdn_record_decision a = capped(&l, T0, ANNA, "10");
    const struct cdn_record_decision b = capped(&l, T0, BERT, "10");
    struct cdn_effect_cap both[2] = {a.effects.caps[0], b.effects.caps[0]};
    const struct cdn_decimal nothing[2] = {{0, 0}, {0, 0}};
    const struct cdn_decimal stale[2] = {{10, 0}, {0, 0}};
    assert_int_equal(cdn_live_reserve(live, both, nothing, 2, &l.e), 0);
    assert_int_equal(cdn_live_reserve(live, both, nothing, 2, &l.e), CORDON_E_CONFLICT);
    assert_int_equal(cdn_live_reserve(live, both, stale, 2, &l.e),
                     CORDON_E_CONFLICT); /* only the first is right */
    assert_has(told(&l, live, ANNA, T0), " 10GBP");
    assert_has(told(&l, live, BERT, T0), " 10GBP");
    cdn_live_unreserve(live, both, 2); /* the journal refused */
    assert_has(told(&l, live, ANNA, T0), " 0GBP");
    /* Sums that do not fit are refused. */
    both[0].amount = (struct cdn_decimal){INT64_C(999999999999999999), 0};
    assert_int_equal(cdn_live_reserve(live, both, nothing, 1, &l.e), 0);
    const struct cdn_decimal full[1] = {{INT64_C(999999999999999999), 0}};
    assert_int_equal(cdn_live_reserve(live, both, full, 1, &l.e), CORDON_E_RANGE);
    cdn_live_free(live);
    log_close(&l);
}

/* ---- idempotency
 * ------------------------------------------------------------------------------------------------------- */

static int once_of(struct log *l, struct cdn_live *live, cordon_str name, cordon_str digest, uint64_t *ret) {
    const struct cdn_store_once once = {CDN_STR("kdecide"), name, digest, T0 - 100};
    return cdn_live_idempotency(live, l->store, &once, ret, &l->e);
}

static void a_retry_gets_the_record_and_a_twin_waits(void **state) {
    (void)state;
    struct log l;
    uint64_t index = 99;
    const cordon_str key = CDN_STR("kdecide");
    const cordon_str name = CDN_STR("order-1");
    log_open(&l);
    struct cdn_live *live = filled(&l);
    assert_int_equal(once_of(&l, live, name, CDN_STR("aa"), &index), CORDON_E_NOTFOUND);
    assert_int_equal(once_of(&l, live, name, CDN_STR("aa"), &index), CORDON_E_STATE);
    assert_int_equal(once_of(&l, live, name, CDN_STR("bb"), &index), CORDON_E_CONFLICT);
    cdn_live_idempotency_give_back(live, key, name); /* the first was refused */
    assert_int_equal(once_of(&l, live, name, CDN_STR("bb"), &index), CORDON_E_NOTFOUND);
    struct cdn_record_decision d = allowed(&l, T0, ANNA);
    d.idempotency_key = name;
    d.idempotency_digest = CDN_STR("bb");
    tell(&l, live, &d);
    cdn_live_idempotency_give_back(live, key, name); /* too late: it is recorded */
    assert_int_equal(once_of(&l, live, name, CDN_STR("bb"), &index), 0);
    assert_int_equal(index, 0);
    /* A new live state knows it before the index does, the index after. */
    struct cdn_live *again = filled(&l);
    assert_int_equal(once_of(&l, again, name, CDN_STR("bb"), &index), 0);
    log_catch_up(&l);
    cdn_live_sweep(again, l.count, T0);
    assert_int_equal(once_of(&l, again, name, CDN_STR("bb"), &index), 0);
    assert_int_equal(once_of(&l, again, name, CDN_STR("aa"), &index), CORDON_E_CONFLICT);
    cdn_live_free(again);
    cdn_live_free(live);
    log_close(&l);
}

/* Thousands of keys come, are indexed and go, in random order, against a plain list. */
static void idempotency_keys_against_a_plain_list(void **state) {
    (void)state;
    struct log l;
    struct cdn_rnd rnd;
    struct {
        bool known, claimed;
        uint64_t index;
    } plain[500] = {0};
    log_open(&l);
    cdn_rnd_init(&rnd, "idempotency", 3);
    struct cdn_live *live = filled(&l);
    for (int step = 0; step < 6000; step++) {
        const size_t k = cdn_rnd_below(&rnd, CDN_ARRAY_LEN(plain));
        char text[24];
        struct cdn_buf b;
        uint64_t index = 0;
        cdn_buf_fixed(&b, text, sizeof(text));
        cdn_buf_int(&b, (int64_t)k);
        const cordon_str name = cdn_buf_get(&b);
        const int got = once_of(&l, live, name, CDN_STR("d"), &index);
        assert_int_equal(got, plain[k].known ? 0 : plain[k].claimed ? CORDON_E_STATE : CORDON_E_NOTFOUND);
        if (got == 0)
            assert_int_equal(index, plain[k].index);
        plain[k].claimed = !plain[k].known;
        if (plain[k].claimed && cdn_rnd_chance(&rnd, 300)) {
            cdn_live_idempotency_give_back(live, CDN_STR("kdecide"), name);
            plain[k].claimed = false;
        } else if (plain[k].claimed && cdn_rnd_chance(&rnd, 500)) {
            struct cdn_record_decision d = allowed(&l, T0, ANNA);
            d.idempotency_key = name;
            d.idempotency_digest = CDN_STR("d");
            tell(&l, live, &d);
            plain[k].known = true;
            plain[k].claimed = false;
            plain[k].index = l.count - 1;
        }
        if (cdn_rnd_chance(&rnd, 5)) {
            log_catch_up(&l);
            cdn_live_sweep(live, cdn_store_indexed(l.store), T0);
        }
    }
    cdn_live_free(live);
    log_close(&l);
}

/* ---- memory
 * --------------------------------------------------------------------------------------------------------------
 */

static int survives_lack_of_memory(const struct cordon_alloc *alloc) {
    struct cdn_live *live = NULL;
    struct log l;
    log_open(&l);
    int err = cdn_live_new(alloc, &live, NULL);
    for (int i = 0; i < 40 && !err; i++) {
        struct cdn_record_decision d = i % 2 ? held(&l, T0, ANNA, "trust:1") : capped(&l, T0, BERT, "1");
        d.idempotency_key = CDN_STR("x");
        d.idempotency_digest = CDN_STR("y");
        err = cdn_live_decision(live, (uint64_t)i, &d, false, NULL);
        if (err)
            assert_false(cdn_live_complete(live)); /* it says that it forgot something */
    }
    cdn_live_free(live);
    log_close(&l);
    return err;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_found_by_their_secret_alone),
        cmocka_unit_test(what_is_told_is_what_a_new_filling_tells),
        cmocka_unit_test(what_is_given_back_can_be_used_again),
        cmocka_unit_test(two_at_once_cannot_both_use_the_rest),
        cmocka_unit_test(a_reservation_is_all_or_nothing),
        cmocka_unit_test(a_retry_gets_the_record_and_a_twin_waits),
        cmocka_unit_test(idempotency_keys_against_a_plain_list),
        cdn_fault_test(survives_lack_of_memory),
    };
    return cdn_run(tests);
}
