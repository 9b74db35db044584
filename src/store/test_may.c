/* SPDX-License-Identifier: Apache-2.0 */
/* test_may.c: who may release, approve, activate and erase; every way to be refused. */
#include <sodium.h>

#include "store/test_log.h"

/* Both ways of asking say the same: beforehand, and by the event's outcome. */
static void released(
    struct log *l, uint64_t case_id, const char *key, int64_t at, int want, const char *why) {
    struct cordon_error e = {0};
    assert_int_equal(cdn_store_may_release(l->store, case_id, cdn_str_z(key), at, &e), want);
    if (want)
        assert_has(e.message, why);
    assert_int_equal(release_by(l, case_id, key, at), want);
    if (want)
        assert_has(l->e.message, why);
}

static uint64_t hold(struct log *l, const char *lines) {
    const struct cdn_record_decision d = held(l, T0, ANNA, lines);
    const uint64_t id = log_decision(l, &d);
    log_catch_up(l);
    return id;
}

static void open_log(struct log *l) {
    log_open(l);
    (void)log_key(l, "kanna", "anna", "read", "trust,legal");
    (void)log_key(l, "kanna2", "anna", "read", "trust");
    (void)log_key(l, "kbert", "bert", "read", "trust");
    (void)log_key(l, "kcarl", "carl", "read,approve", "");
    (void)log_key(l, "kdora", "dora", "read,audit", "");
    log_catch_up(l);
}

static void only_the_authority_releases(void **state) {
    (void)state;
    struct log l;
    open_log(&l);
    const uint64_t id = hold(&l, "trust:1");
    released(&l, id, "kdora", T0, CORDON_E_ARG, "none of the authorities");
    released(&l, id, "kcarl", T0, CORDON_E_ARG, "none of the authorities"); /* `approve` is no authority */
    released(&l, id, "nobody", T0, CORDON_E_NOTFOUND, "no key nobody");
    released(&l, 9999, "kanna", T0, CORDON_E_NOTFOUND, "no case 9999");
    assert_has(log_case(&l, id), "\"status\":\"open\"");
    released(&l, id, "kbert", T0, 0, NULL);
    released(&l, id, "kanna", T0, CORDON_E_STATE, "not open: released");
    log_close(&l);
}

static void two_people_means_two_people(void **state) {
    (void)state;
    struct log l;
    open_log(&l);
    const uint64_t id = hold(&l, "trust:2");
    released(&l, id, "kanna", T0, 0, NULL);
    assert_has(log_case(&l, id), "\"status\":\"open\"");
    released(&l, id, "kanna", T0 + 1, CORDON_E_CONFLICT, "takes another person");
    released(&l, id, "kanna2", T0 + 2, CORDON_E_CONFLICT, "takes another person"); /* another key of hers */
    assert_has(log_case(&l, id), "\"status\":\"open\"");
    released(&l, id, "kbert", T0 + 3, 0, NULL);
    assert_has(log_case(&l, id), "\"status\":\"released\"");
    log_close(&l);
}

/* Two releases appended before either is applied: the order decides, and the second of one person counts for
 * nothing. */
static void at_once_is_in_order(void **state) {
    (void)state;
    struct log l;
    open_log(&l);
    const uint64_t id = hold(&l, "trust:2");
    EV(ev, case_released, T0, "kanna");
    ev.u.case_released.case_id = id;
    ev.u.case_released.why = CDN_STR("x");
    const uint64_t first = log_event(&l, &ev);
    ev.by = CDN_STR("kanna2");
    const uint64_t second = log_event(&l, &ev);
    log_catch_up(&l);
    assert_int_equal(cdn_store_outcome(l.store, first, &l.e), 0);
    assert_int_equal(cdn_store_outcome(l.store, second, &l.e), CORDON_E_CONFLICT);
    assert_has(log_case(&l, id), "\"status\":\"open\"");
    log_close(&l);
}

static void each_line_needs_its_own_authority(void **state) {
    (void)state;
    struct log l;
    open_log(&l);
    const uint64_t id = hold(&l, "trust:1,legal:1,:1"); /* the last names nobody: whoever may approve */
    released(&l, id, "kbert", T0, 0, NULL);
    released(&l, id, "kcarl", T0, 0, NULL);
    assert_has(log_case(&l, id), "\"status\":\"open\"");
    released(&l, id, "kanna", T0, 0, NULL);
    assert_has(log_case(&l, id), "\"status\":\"released\"");
    log_close(&l);
}

static void keys_that_no_longer_count_release_nothing(void **state) {
    (void)state;
    struct log l;
    open_log(&l);
    EV(old, key_created, T0, "service");
    old.u.key_created.key = CDN_STR("kold");
    old.u.key_created.label = CDN_STR("temporary");
    old.u.key_created.roles = words(&l, "read");
    old.u.key_created.authorities = words(&l, "trust");
    old.u.key_created.hash = CDN_STR("00000000000000000000000000000000000000000000000000000000000000aa");
    old.u.key_created.expires = T0 + 100;
    assert_int_equal(log_outcome(&l, &old), 0);
    assert_int_equal(log_outcome(&l, &old), CORDON_E_CONFLICT);
    const uint64_t id = hold(&l, "trust:1");
    released(&l, id, "kold", T0 + 100, CORDON_E_STATE, "has expired");
    EV(gone, key_revoked, T0 + 1, "service");
    gone.u.key_revoked.key = CDN_STR("kbert");
    gone.u.key_revoked.why = CDN_STR("left");
    assert_int_equal(log_outcome(&l, &gone), 0);
    assert_int_equal(log_outcome(&l, &gone), CORDON_E_NOTFOUND);
    released(&l, id, "kbert", T0 + 2, CORDON_E_STATE, "was revoked");
    released(&l, id, "kold", T0 + 99, 0, NULL);
    log_close(&l);
}

static void a_refused_case_stays_refused(void **state) {
    (void)state;
    struct log l;
    open_log(&l);
    const uint64_t id = hold(&l, "trust:2");
    EV(no, case_refused, T0, "kdora");
    no.u.case_refused.case_id = id;
    no.u.case_refused.why = CDN_STR("it is him");
    assert_int_equal(log_outcome(&l, &no), CORDON_E_ARG);
    no.by = CDN_STR("kbert");
    assert_int_equal(log_outcome(&l, &no), 0);
    released(&l, id, "kanna", T0 + 1, CORDON_E_STATE, "not open: refused");
    log_close(&l);
}

/* ---- drafts
 * ------------------------------------------------------------------------------------------------------------
 */

#define TEXT "measure op/x\n    effective 2022-03-05T00:00 UTC\n"

struct desk { /* an author, an approver with a key pair, another key pair */
    struct log l;
    struct cdn_sign_secret secret, other;
    uint64_t draft;
};

static const char *sign(struct desk *d, const struct cdn_sign_secret *key, const char *text) {
    struct cdn_buf b;
    cordon_str copy;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    assert_int_equal(
        cdn_minisign_sign(&b, key, cdn_str_z(text), CDN_STR("approved"), (cordon_str){NULL, 0}, &d->l.e), 0);
    assert_int_equal(cdn_arena_str(&d->l.arena, cdn_buf_get(&b), &copy), 0);
    cdn_buf_free(&b);
    return copy.p;
}
static const char *digest(struct desk *d, const char *text) {
    uint8_t hash[32];
    char *hex = cdn_arena_zero(&d->l.arena, 1, CDN_DIGEST_HEX + 1);
    assert_non_null(hex);
    (void)crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
    (void)sodium_bin2hex(hex, CDN_DIGEST_HEX + 1, hash, sizeof(hash));
    return hex;
}
static int register_signer(struct desk *d, const char *key, const struct cdn_sign_secret *pair) {
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 16);
    cdn_minisign_write_public(&b, &pair->pub);
    cordon_str line;
    (void)cdn_str_split(cdn_buf_get(&b), '\n', &line);
    EV(ev, key_signer, T0, "service");
    ev.u.key_signer.key = cdn_str_z(key);
    ev.u.key_signer.public_key = cdn_str_trim(line);
    const int outcome = log_outcome(&d->l, &ev);
    cdn_buf_free(&b);
    return outcome;
}
static int submit(struct desk *d, const char *by) {
    EV(ev, draft_submitted, T0, by);
    ev.u.draft_submitted.draft = d->draft;
    return log_outcome(&d->l, &ev);
}
static void open_desk(struct desk *d) {
    memset(d, 0, sizeof(*d));
    open_log(&d->l);
    assert_int_equal(cdn_sign_generate(&d->secret, &d->l.e), 0);
    assert_int_equal(cdn_sign_generate(&d->other, &d->l.e), 0);
    (void)log_key(&d->l, "kauthor", "emma", "author", "");
    (void)log_key(&d->l, "kemma", "emma", "author,approve", "");
    EV(ev, draft_created, T0, "kauthor");
    ev.u.draft_created.measure = CDN_STR("op/x");
    ev.u.draft_created.text = CDN_STR(TEXT);
    d->draft = log_event(&d->l, &ev);
    log_catch_up(&d->l);
    assert_int_equal(register_signer(d, "kcarl", &d->secret), 0);
    assert_int_equal(submit(d, "kauthor"), 0);
}
static void close_desk(struct desk *d) {
    cdn_sign_forget(&d->secret);
    cdn_sign_forget(&d->other);
    log_close(&d->l);
}

static void approved(
    struct desk *d, const char *key, const char *text, const char *signature, int want, const char *why) {
    struct cordon_error e = {0};
    EV(ev, draft_approved, T0 + 1, key);
    ev.u.draft_approved.draft = d->draft;
    ev.u.draft_approved.digest = cdn_str_z(digest(d, text));
    ev.u.draft_approved.signature = cdn_str_z(signature);
    assert_int_equal(cdn_store_may_approve(d->l.store, ev.by, T0 + 1, &ev.u.draft_approved, &e), want);
    if (want)
        assert_has(e.message, why);
    assert_int_equal(log_outcome(&d->l, &ev), want);
}
static int scheduled(struct desk *d, const char *by, int64_t at) {
    EV(ev, draft_scheduled, T0 + 2, by);
    ev.u.draft_scheduled.draft = d->draft;
    ev.u.draft_scheduled.activate = at;
    return log_outcome(&d->l, &ev);
}
static int activated(struct desk *d, int64_t at) {
    EV(ev, draft_activated, at, "service");
    ev.u.draft_activated.draft = d->draft;
    ev.u.draft_activated.snapshot = CDN_STR(SNAPSHOT);
    const int may = cdn_store_may_activate(d->l.store, d->draft, at, &d->l.e);
    const int outcome = log_outcome(&d->l, &ev);
    assert_int_equal(may, outcome);
    return outcome;
}
static int changed(struct desk *d, const char *by, const char *text) {
    EV(ev, draft_changed, T0 + 3, by);
    ev.u.draft_changed.draft = d->draft;
    ev.u.draft_changed.text = cdn_str_z(text);
    return log_outcome(&d->l, &ev);
}
static const char *status(struct desk *d) {
    struct cdn_buf b;
    cordon_str copy;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    assert_int_equal(cdn_store_draft(d->l.store, d->draft, &b, &d->l.e), 0);
    assert_int_equal(cdn_arena_str(&d->l.arena, cdn_buf_get(&b), &copy), 0);
    cdn_buf_free(&b);
    return copy.p;
}

static void four_eyes_put_a_measure_in_force(void **state) {
    (void)state;
    struct desk d;
    uint64_t next = 0;
    int64_t at = 0;
    open_desk(&d);
    assert_int_equal(activated(&d, T0 + 5), CORDON_E_STATE);
    assert_int_equal(scheduled(&d, "kauthor", T0 + 100), CORDON_E_STATE); /* not approved yet */
    approved(&d, "kcarl", TEXT, sign(&d, &d.secret, TEXT), 0, NULL);
    assert_int_equal(activated(&d, T0 + 5), CORDON_E_STATE); /* not scheduled yet */
    assert_int_equal(scheduled(&d, "kauthor", T0 + 100), 0);
    assert_int_equal(cdn_store_next_activation(d.l.store, CDN_INSTANT_NONE, &next, &at, &d.l.e), 0);
    assert_true(next == d.draft && at == T0 + 100);
    assert_int_equal(activated(&d, T0 + 99), CORDON_E_STATE); /* a second too early */
    log_reopen(&d.l);                                         /* exact across a restart */
    assert_int_equal(activated(&d, T0 + 100), 0);
    assert_has(status(&d), "\"status\":\"activated\"");
    assert_int_equal(activated(&d, T0 + 101), CORDON_E_STATE); /* once */
    assert_int_equal(changed(&d, "kauthor", "other"), CORDON_E_STATE);
    assert_int_equal(cdn_store_next_activation(d.l.store, CDN_INSTANT_NONE, &next, &at, &d.l.e), 0);
    assert_true(at == CDN_INSTANT_NONE);
    close_desk(&d);
}

static void a_measure_may_take_effect_before_it_was_announced(void **state) {
    (void)state;
    struct desk d;
    open_desk(&d);
    approved(&d, "kcarl", TEXT, sign(&d, &d.secret, TEXT), 0, NULL);
    assert_int_equal(scheduled(&d, "kcarl", T0 - 86400), 0);
    assert_int_equal(activated(&d, T0 + 3), 0);
    close_desk(&d);
}

static void approvals_that_do_not_stand(void **state) {
    (void)state;
    struct desk d;
    open_desk(&d);
    const char *good = sign(&d, &d.secret, TEXT);
    approved(&d, "kdora", TEXT, good, CORDON_E_ARG, "has not the role `approve`");
    approved(
        &d, "kemma", TEXT, good, CORDON_E_CONFLICT, "takes a second person"); /* the author's other key */
    approved(&d, "kauthor", TEXT, good, CORDON_E_ARG, "has not the role `approve`");
    approved(&d, "nobody", TEXT, good, CORDON_E_NOTFOUND, "no key");
    approved(&d, "kcarl", TEXT "x", good, CORDON_E_CONFLICT, "not the text that draft");
    approved(&d, "kcarl", TEXT, sign(&d, &d.secret, TEXT "x"), CORDON_E_ARG, "signature does not stand");
    approved(&d, "kcarl", TEXT, sign(&d, &d.other, TEXT), CORDON_E_ARG, "signature does not stand");
    approved(&d, "kcarl", TEXT, "untrusted comment: x\nAAAA\n", CORDON_E_ARG, "signature does not stand");
    assert_has(status(&d), "\"status\":\"submitted\"");
    approved(&d, "kcarl", TEXT, good, 0, NULL);
    approved(&d, "kcarl", TEXT, good, CORDON_E_STATE, "not submitted");
    close_desk(&d);
}

static void an_approver_without_a_public_key_cannot_approve(void **state) {
    (void)state;
    struct desk d;
    open_desk(&d);
    (void)log_key(&d.l, "kfred", "fred", "approve", "");
    log_catch_up(&d.l);
    approved(&d, "kfred", TEXT, sign(&d, &d.other, TEXT), CORDON_E_ARG, "no public key is registered");
    /* Nor with somebody else's. */
    assert_int_equal(register_signer(&d, "kfred", &d.secret), CORDON_E_CONFLICT);
    assert_int_equal(register_signer(&d, "kfred", &d.other), 0);
    approved(&d, "kfred", TEXT, sign(&d, &d.other, TEXT), 0, NULL);
    close_desk(&d);
}

static void a_changed_draft_begins_anew(void **state) {
    (void)state;
    struct desk d;
    open_desk(&d);
    approved(&d, "kcarl", TEXT, sign(&d, &d.secret, TEXT), 0, NULL);
    assert_int_equal(scheduled(&d, "kauthor", T0 + 100), 0);
    assert_int_equal(changed(&d, "kcarl", TEXT "    until 2030-01-01T00:00 UTC\n"), 0);
    assert_has(status(&d), "\"approvals\":[]");
    assert_int_equal(activated(&d, T0 + 100), CORDON_E_STATE);
    /* Who changed it has become an author. */
    assert_int_equal(submit(&d, "kcarl"), 0);
    const char *text = TEXT "    until 2030-01-01T00:00 UTC\n";
    approved(&d, "kcarl", text, sign(&d, &d.secret, text), CORDON_E_CONFLICT, "takes a second person");
    close_desk(&d);
}

static void a_revoked_key_takes_its_approval_along(void **state) {
    (void)state;
    struct desk d;
    open_desk(&d);
    approved(&d, "kcarl", TEXT, sign(&d, &d.secret, TEXT), 0, NULL);
    assert_int_equal(scheduled(&d, "kauthor", T0 + 100), 0);
    EV(gone, key_revoked, T0 + 4, "service");
    gone.u.key_revoked.key = CDN_STR("kcarl");
    gone.u.key_revoked.why = CDN_STR("stolen");
    assert_int_equal(log_outcome(&d.l, &gone), 0);
    assert_int_equal(activated(&d, T0 + 100), CORDON_E_STATE);
    assert_has(d.l.e.message, "was revoked");
    close_desk(&d);
}

static void rejected_and_withdrawn_drafts_go_no_further(void **state) {
    (void)state;
    struct desk d;
    open_desk(&d);
    EV(no, draft_rejected, T0 + 1, "kcarl");
    no.u.draft_rejected.draft = d.draft;
    no.u.draft_rejected.why = CDN_STR("too broad");
    assert_int_equal(log_outcome(&d.l, &no), 0);
    approved(&d, "kcarl", TEXT, sign(&d, &d.secret, TEXT), CORDON_E_STATE, "is rejected, not submitted");
    EV(gone, draft_withdrawn, T0 + 2, "kauthor");
    gone.u.draft_withdrawn.draft = d.draft;
    gone.u.draft_withdrawn.why = CDN_STR("given up");
    assert_int_equal(log_outcome(&d.l, &gone), 0);
    assert_int_equal(log_outcome(&d.l, &gone), CORDON_E_STATE);
    assert_int_equal(changed(&d, "kauthor", "again"), CORDON_E_STATE);
    close_desk(&d);
}

/* ---- erasing
 * ----------------------------------------------------------------------------------------------------------------
 */

static int erase(struct log *l, uint64_t record, int64_t at) {
    EV(ev, record_erased, at, "kdora");
    ev.u.record_erased.record = record;
    ev.u.record_erased.why = CDN_STR("retention is over");
    const int may = cdn_store_may_erase(l->store, record, at, &l->e);
    const int outcome = log_outcome(l, &ev);
    assert_int_equal(may, outcome);
    return outcome;
}

static void what_is_live_or_held_is_not_erased(void **state) {
    (void)state;
    struct log l;
    open_log(&l);
    const uint64_t held_id = hold(&l, "trust:1");
    const struct cdn_record_decision duty = dutiful(&l, T0, ANNA, T0 + 86400);
    const uint64_t duty_id = log_decision(&l, &duty);
    struct cdn_record_decision keep = allowed(&l, T0, ANNA);
    keep.effects.keep_until = T0 + 3650 * INT64_C(86400);
    const uint64_t keep_id = log_decision(&l, &keep);
    const struct cdn_record_decision cap = capped(&l, T0, ANNA, "5");
    const uint64_t cap_id = log_decision(&l, &cap);
    const struct cdn_record_decision plain = allowed(&l, T0, BERT);
    const uint64_t plain_id = log_decision(&l, &plain);
    log_catch_up(&l);
    assert_int_equal(erase(&l, held_id, T0 + 10), CORDON_E_STATE);
    assert_has(l.e.message, "its case is open");
    assert_int_equal(erase(&l, duty_id, T0 + 10), CORDON_E_STATE);
    assert_has(l.e.message, "a duty of it is not done");
    assert_int_equal(erase(&l, cap_id, T0 + 10), CORDON_E_STATE);
    assert_has(l.e.message, "counts against a cap");
    assert_int_equal(erase(&l, keep_id, T0 + 3650 * INT64_C(86400) - 1), CORDON_E_STATE);
    assert_has(l.e.message, "its measures demand");
    EV(legal, legal_hold_placed, T0 + 11, "kdora");
    legal.u.legal_hold_placed.why = CDN_STR("case 4711 of the court");
    legal.u.legal_hold_placed.from = plain_id;
    legal.u.legal_hold_placed.to = plain_id;
    assert_int_equal(log_outcome(&l, &legal), 0);
    const uint64_t legal_id = l.count - 1;
    assert_int_equal(erase(&l, plain_id, T0 + 12), CORDON_E_STATE);
    assert_has(l.e.message, "legal hold");
    EV(lifted, legal_hold_lifted, T0 + 13, "kdora");
    lifted.u.legal_hold_lifted.hold = legal_id;
    lifted.u.legal_hold_lifted.why = CDN_STR("settled");
    assert_int_equal(log_outcome(&l, &lifted), 0);
    assert_int_equal(erase(&l, plain_id, T0 + 14), 0);
    assert_int_equal(cdn_store_may_erase(l.store, 99999, T0, &l.e), CORDON_E_STATE);
    /* When what rests on them is over, they may go, and what followed from them goes along. */
    assert_int_equal(release_by(&l, held_id, "kbert", T0 + 20), 0);
    assert_int_equal(erase(&l, held_id, T0 + 21), 0);
    assert_null(strstr(log_dump(&l), "cases|"));
    assert_int_equal(erase(&l, keep_id, T0 + 3650 * INT64_C(86400)), 0);
    assert_int_equal(erase(&l, cap_id, T0 + 3650 * INT64_C(86400)), 0);
    log_close(&l);
}

static void a_legal_hold_of_a_party_keeps_its_records(void **state) {
    (void)state;
    struct log l;
    open_log(&l);
    const struct cdn_record_decision annas = allowed(&l, T0, ANNA);
    const uint64_t annas_id = log_decision(&l, &annas);
    const struct cdn_record_decision berts = allowed(&l, T0, BERT);
    const uint64_t berts_id = log_decision(&l, &berts);
    EV(legal, legal_hold_placed, T0 + 1, "kdora");
    legal.u.legal_hold_placed.why = CDN_STR("case 4711 of the court");
    legal.u.legal_hold_placed.party = CDN_STR(ANNA);
    assert_int_equal(log_outcome(&l, &legal), 0);
    assert_int_equal(cdn_store_may_erase(l.store, annas_id, T0 + 2, &l.e), CORDON_E_STATE);
    assert_has(l.e.message, "covers its party");
    assert_int_equal(cdn_store_may_erase(l.store, berts_id, T0 + 2, &l.e), 0);
    log_close(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_authority_releases),
        cmocka_unit_test(two_people_means_two_people),
        cmocka_unit_test(at_once_is_in_order),
        cmocka_unit_test(each_line_needs_its_own_authority),
        cmocka_unit_test(keys_that_no_longer_count_release_nothing),
        cmocka_unit_test(a_refused_case_stays_refused),
        cmocka_unit_test(four_eyes_put_a_measure_in_force),
        cmocka_unit_test(a_measure_may_take_effect_before_it_was_announced),
        cmocka_unit_test(approvals_that_do_not_stand),
        cmocka_unit_test(an_approver_without_a_public_key_cannot_approve),
        cmocka_unit_test(a_changed_draft_begins_anew),
        cmocka_unit_test(a_revoked_key_takes_its_approval_along),
        cmocka_unit_test(rejected_and_withdrawn_drafts_go_no_further),
        cmocka_unit_test(what_is_live_or_held_is_not_erased),
        cmocka_unit_test(a_legal_hold_of_a_party_keeps_its_records),
    };
    return cdn_run(tests);
}
