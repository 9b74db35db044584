/* SPDX-License-Identifier: Apache-2.0 */
/* Screening and deciding with a snapshot that was made elsewhere ($CORDON_READY_SNAPSHOT): no compiler, no
 * ICU and no JSON in the program, so that it runs where every library must be instrumented (MemorySanitizer).
 * Without the variable the cases are skipped. Names of the lists, and the same with slips, in front of index
 * and scan, candidates, explanations and decisions. */
#include <stdio.h>
#include <stdlib.h>

#include "api/handle.h"
#include "cordon/screen.h"
#include "screen/screener.h"
#include "support/fault.h"
#include "support/rnd.h"

enum { NAMES = 400 };
static cordon_snapshot *snapshot;
static void *bytes; /* of the file */
static cordon_str names[NAMES];
static uint32_t entries[NAMES], name_count;

/* Names that are spread over all lists. */
static void gather(void) {
    const struct cdn_parties *p = cdn_api_snapshot(snapshot)->parties;
    const uint32_t step = p->entry_count / NAMES + 1;
    for (uint32_t i = 0; i < p->entry_count && name_count < NAMES; i += step) {
        const struct cdn_party_source *source = NULL;
        const struct cdn_party_rec *r = cdn_parties_entry(p, i, &source);
        for (uint32_t k = 0; k < r->names.count && name_count < NAMES; k++) {
            const struct cdn_party_name_rec *n = cdn_party_name(source, r, k);
            names[name_count] = cdn_party_text(source, n->full);
            entries[name_count++] = n->weak ? CDN_PARTIES_NONE : i;
        }
    }
}

/* Read, and not mapped: MemorySanitizer of clang 14 does not know that fstat() of glibc 2.33 writes. */
static int setup(void **state) {
    const char *path = getenv("CORDON_READY_SNAPSHOT");
    cordon_error e = {0};
    (void)state;
    if (!path || !*path)
        return 0;
    FILE *f = fopen(path, "rbe");
    if (!f || fseek(f, 0, SEEK_END))
        return -1;
    const long n = ftell(f);
    rewind(f);
    bytes = n > 0 ? aligned_alloc(8, ((size_t)n + 7) / 8 * 8) : NULL;
    const bool whole = bytes && fread(bytes, 1, (size_t)n, f) == (size_t)n;
    (void)fclose(f);
    if (!whole || cordon_snapshot_open_bytes(bytes, (size_t)n, NULL, &snapshot, &e))
        return -1;
    gather();
    return name_count ? 0 : -1;
}
static int teardown(void **state) {
    (void)state;
    cordon_snapshot_unref(snapshot);
    free(bytes);
    return 0;
}

/* A letter left out, doubled or replaced. */
static cordon_str slip(struct cdn_rnd *rnd, cordon_str from, char storage[256]) {
    size_t n = CDN_MIN(from.n, (size_t)250);
    if (!n)
        return from;
    const size_t at = cdn_rnd_below(rnd, n);
    memcpy(storage, from.p, n);
    switch (cdn_rnd_below(rnd, 3)) {
    case 0:
        memmove(storage + at, storage + at + 1, n - at - 1);
        n--;
        break;
    case 1:
        memmove(storage + at + 1, storage + at, n - at);
        n++;
        break;
    default:
        storage[at] = 'e';
        break;
    }
    return cdn_str(storage, n);
}

static void look_at(
    cordon_screener *s, cordon_str name, const cordon_screen_options *o, bool *found, uint32_t entry) {
    cordon_screen_party party;
    cordon_screen_result result;
    cordon_candidate c;
    cordon_str why;
    const cordon_str birth = CORDON_STR("1961-06"), country = CORDON_STR("RU");
    const cordon_screen_identifier id = {.kind = CORDON_STR("registration"),
                                         .value = CORDON_STR("1027700132195")};
    cordon_screen_party_init(&party);
    party.names = &name;
    party.name_count = 1;
    party.births = &birth;
    party.birth_count = 1;
    party.nationalities = &country;
    party.nationality_count = 1;
    party.identifiers = &id;
    party.identifier_count = 1;
    if (cordon_screen(s, &party, o, &result, NULL))
        return; /* not UTF-8 any more */
    for (uint32_t i = 0; i < result.count; i++) {
        assert_int_equal(cordon_screen_candidate(s, i, &c), CORDON_OK);
        assert_true(c.score <= 1000 && c.verdict > CORDON_SCREEN_NO);
        assert_int_equal(cordon_screen_explain(s, i, &why, NULL), CORDON_OK);
        assert_true(why.n > 0);
        if (entry != CDN_PARTIES_NONE) {
            const struct cdn_party_source *source = NULL;
            const struct cdn_party_rec *r =
                cdn_parties_entry(cdn_api_snapshot(snapshot)->parties, entry, &source);
            *found |= cdn_str_eq(c.entry, cdn_party_text(source, r->id));
        }
    }
}

static void listed_names_find_their_entries(void **state) {
    (void)state;
    cordon_screener *s = NULL;
    cordon_screen_options o;
    cordon_error e;
    struct cdn_rnd rnd;
    char storage[256];
    if (!snapshot)
        skip();
    cdn_rnd_init(&rnd, "ready", 11);
    cordon_screen_options_init(&o);
    o.at = INT64_C(1790000000);
    o.review = 1; /* whatever the birth date does */
    assert_int_equal(cordon_screener_new(snapshot, NULL, &s, &e), CORDON_OK);
    for (uint32_t i = 0; i < name_count; i++) {
        bool found = false;
        look_at(s, names[i], &o, &found, entries[i]);
        if (!found && entries[i] != CDN_PARTIES_NONE && names[i].n < 256)
            printf("# not among the candidates: %.*s\n", CDN_FMT(names[i]));
        look_at(s, slip(&rnd, names[i], storage), &o, &found, CDN_PARTIES_NONE);
    }
    cordon_screener_free(s);
}

/* Of names that are on the list as they are asked for, the best is the same with and without the index. */
static void the_index_and_the_scan_agree(void **state) {
    (void)state;
    struct cdn_screener *s = NULL;
    struct cdn_snapshot *inner = snapshot ? cdn_api_snapshot(snapshot) : NULL;
    if (!snapshot)
        skip();
    assert_int_equal(cdn_screener_make(inner->parties, &cdn_alloc_libc, &s, NULL), 0);
    for (uint32_t i = 0; i < name_count; i += 4) {
        struct cdn_screen_query q = {.names = &names[i], .name_count = 1, .at = INT64_C(1790000000)};
        struct cdn_screen_result with, without;
        q.sure = CDN_SCREEN_SURE_AT;
        q.review = CDN_SCREEN_REVIEW_AT;
        cdn_screener_screen(s, &q, &with);
        const uint32_t count = with.count;
        const unsigned best = count ? with.candidates[0].score : 0;
        cdn_screener_scan(s, &q, &without);
        assert_int_equal(count > 0, without.count > 0);
        if (count)
            assert_int_equal(best, without.candidates[0].score);
    }
    cdn_screener_free(s);
}

static void comparisons_are_told_step_by_step(void **state) {
    (void)state;
    cordon_screener *s = NULL;
    cordon_screen_options o;
    cordon_error e;
    if (!snapshot)
        skip();
    cordon_screen_options_init(&o);
    assert_int_equal(cordon_screener_new(snapshot, NULL, &s, &e), CORDON_OK);
    for (uint32_t i = 0; i + 1 < name_count; i++) {
        cordon_screen_party a, b;
        cordon_comparison c;
        cordon_step step;
        uint32_t n = 0;
        cordon_screen_party_init(&a);
        cordon_screen_party_init(&b);
        a.names = &names[i];
        b.names = &names[i + 1];
        a.name_count = b.name_count = 1;
        assert_int_equal(cordon_screen_compare(s, &a, &b, &o, &c, &e), CORDON_OK);
        while (cordon_screen_compare_step(s, n, &step) == CORDON_OK)
            n += step.why.n > 0;
        assert_true(n > 0);
    }
    cordon_screener_free(s);
}

/* A customer and its owner, both by name: the request, its facts, shares, lists, the account of it all. */
static void parties_are_decided_about(void **state) {
    (void)state;
    cordon_decider *d = NULL;
    cordon_request *r = NULL;
    cordon_error e;
    if (!snapshot)
        skip();
    assert_int_equal(cordon_decider_new(snapshot, NULL, &d, &e), CORDON_OK);
    assert_int_equal(cordon_request_new(NULL, &r, &e), CORDON_OK);
    unsigned verdicts[8] = {0};
    for (uint32_t i = 0; i + 1 < name_count; i += 2) {
        const cordon_decision *decision = NULL;
        cordon_subject customer = 0;
        const char *service = (const char *[]){"store", "store-eu", "store-uk"}[i / 2 % 3];
        cordon_request_clear(r);
        assert_int_equal(
            cordon_request_set(r, CORDON_ON_REQUEST, CORDON_STR("action"), CORDON_STR("account.open"), &e),
            0);
        assert_int_equal(
            cordon_request_set(r, CORDON_ON_REQUEST, CORDON_STR("service"), cordon_text(service), &e), 0);
        assert_int_equal(cordon_request_add_party(r, CORDON_STR("customer"), &customer, &e), 0);
        assert_int_equal(
            cordon_request_set(
                r, customer, CORDON_STR("name"), i % 4 ? CORDON_STR("Quiet Water Ltd") : names[i], &e),
            0);
        assert_int_equal(
            cordon_request_add_identifier(
                r, customer, CORDON_STR("registration"), CORDON_STR("RU"), CORDON_STR("1027700132195"), &e),
            0);
        assert_int_equal(
            cordon_request_add_owner(r, customer, 0, names[i + 1], CORDON_STR("51"), i % 8 == 0, &e), 0);
        if (cordon_explain(d, r, INT64_C(1790000000), &decision, &e))
            fail_msg("%s", e.message);
        verdicts[cordon_decision_verdict(decision)]++;
    }
    printf("# allow %u, hold %u, freeze %u\n",
           verdicts[CORDON_VERDICT_ALLOW],
           verdicts[CORDON_VERDICT_HOLD],
           verdicts[CORDON_VERDICT_FREEZE]);
    assert_int_equal(verdicts[CORDON_VERDICT_NONE], 0);
    cordon_request_free(r);
    cordon_decider_free(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listed_names_find_their_entries),
        cmocka_unit_test(the_index_and_the_scan_agree),
        cmocka_unit_test(comparisons_are_told_step_by_step),
        cmocka_unit_test(parties_are_decided_about),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
