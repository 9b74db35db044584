/* SPDX-License-Identifier: Apache-2.0 */
/* A store of lists: what is taken, what is refused and stays out, what was known when. */
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "lists/store_priv.h"
#include "support/fault.h"

#define HEAD "id,type,name,aliases,birth_dates\n"

/* 2026-08-01T06:00:00Z and on, one day each */
static int64_t day(int n) {
    return 1785564000 + (int64_t)n * 86400;
}

struct folder {
    char path[64];
};

static void make(struct folder *f) {
    memcpy(f->path, "/tmp/cordon-store-XXXXXX", sizeof "/tmp/cordon-store-XXXXXX");
    if (mkdtemp(f->path) == NULL) {
        fail_msg("no temporary folder");
    }
}

static int drop_one(const char *path, const struct stat *st, int kind, struct FTW *at) {
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static void drop(const struct folder *f) {
    assert_int_equal(nftw(f->path, drop_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static int offer_text(struct cdn_list_store *s,
                      const char *id,
                      cordon_str text,
                      int n,
                      struct cdn_list_taken *ret,
                      struct cordon_error *e) {
    const struct cdn_list_offered_file file = {.file = {.bytes = text, .name = "list.csv"},
                                               .url = CDN_STR("https://example.test/list.csv"),
                                               .etag = CDN_STR("\"v1\"")};
    struct cdn_list_offer offer = {.id = cdn_str_z(id), .files = &file, .file_count = 1, .at = day(n)};
    cdn_list_rules_init(&offer.rules);
    return cdn_list_store_take(s, &offer, ret, e);
}

static cordon_str many(struct cdn_buf *b, size_t n, size_t from) {
    cdn_buf_clear(b);
    cdn_buf_z(b, HEAD);
    for (size_t i = from; i < n; i++) {
        cdn_buf_printf(b, "J-%03zu,company,Company number %zu,,\n", i, i);
    }
    return cdn_buf_get(b);
}

static void expect(
    struct cdn_list_store *s, cordon_str text, int n, enum cdn_list_outcome outcome, const char *why) {
    struct cdn_list_taken taken;
    struct cordon_error e = {.code = 0};
    if (offer_text(s, "house/x", text, n, &taken, &e) != 0) {
        fail_msg("%s", e.message);
    }
    if (taken.outcome != outcome) {
        fail_msg(
            "outcome %d; %s", taken.outcome, taken.judgement.count > 0 ? taken.judgement.reasons[0] : "");
    }
    bool said = why == NULL;
    for (uint32_t i = 0; i < taken.judgement.count; i++) {
        said = said || strstr(taken.judgement.reasons[i], why) != NULL;
    }
    if (!said) {
        fail_msg("no reason says `%s`", why);
    }
}

static struct cdn_list_store *open_store(const struct folder *f, bool write) {
    struct cdn_list_store *s = NULL;
    struct cordon_error e = {.code = 0};
    if (cdn_list_store_open(f->path, write, &cdn_alloc_libc, &s, &e) != 0) {
        fail_msg("%s: %s", e.where, e.message);
    }
    return s;
}

/* Whatever is wrong with what comes, the last good one stays and is found again after opening anew. */
static void the_last_good_list_stays(void **state) {
    (void)state;
    struct folder f;
    struct cdn_buf b;
    make(&f);
    cdn_buf_init(&b, &cdn_alloc_libc, CDN_MIB(1));
    struct cdn_list_store *s = open_store(&f, true);
    expect(s, many(&b, 100, 0), 0, CDN_OUTCOME_ACTIVATED, NULL);
    expect(s, many(&b, 100, 0), 1, CDN_OUTCOME_UNCHANGED, NULL);
    expect(s, CDN_STR(""), 2, CDN_OUTCOME_REFUSED, "the file is empty");
    expect(s, CDN_STR("<html>moved</html>"), 2, CDN_OUTCOME_REFUSED, "not the beginning of any list");
    expect(s, many(&b, 90, 0), 2, CDN_OUTCOME_REFUSED, "10 fewer");
    const cordon_str cut = many(&b, 100, 0);
    expect(s, cdn_str(cut.p, cut.n - 5), 2, CDN_OUTCOME_REFUSED, NULL);
    expect(s, CDN_STR(HEAD "A,company,One,,\nA,company,Two,,\n"), 2, CDN_OUTCOME_REFUSED, "used twice");
    expect(s, many(&b, 101, 0), -1, CDN_OUTCOME_REFUSED, "fetched before the one in use");
    expect(s, many(&b, 96, 0), 3, CDN_OUTCOME_ACTIVATED, NULL);
    cdn_list_store_close(s);
    s = open_store(&f, false);
    const struct cdn_list_state *const known = cdn_list_store_find(s, CDN_STR("house/x"));
    assert_non_null(known);
    assert_int_equal(known->versions.n, 2);
    assert_int_equal(known->versions.p[1].entries, 96);
    assert_int_equal(known->versions.p[1].gone, 4);
    assert_true(cdn_str_eq(known->versions.p[0].confirmed, CDN_STR("2026-08-02T06:00:00Z")));
    assert_true(cdn_str_eq(known->versions.p[0].files.p[0].etag, CDN_STR("\"v1\"")));
    assert_int_equal(known->attempts.n, 9);
    struct cdn_list_taken taken;
    assert_int_equal(offer_text(s, "house/x", CDN_STR(""), 9, &taken, NULL), CORDON_E_STATE);
    cdn_list_store_close(s);
    cdn_buf_free(&b);
    drop(&f);
}

static const struct cdn_list_entry *entry_at(
    const struct cdn_list_store *s, int64_t at, const char *id, struct cdn_list *list, size_t count) {
    struct cordon_error e = {.code = 0};
    cdn_list_init(list, &cdn_alloc_libc);
    if (cdn_list_store_load(s, cdn_list_store_find(s, CDN_STR("house/x")), at, true, list, &e) != 0) {
        fail_msg("%s: %s", e.where, e.message);
    }
    assert_int_equal(list->count, count);
    return cdn_list_find(list, cdn_str_z(id));
}

/* Who was listed when: the list as known then, and who left it since. */
static void what_was_known_when(void **state) {
    (void)state;
    struct folder f;
    struct cdn_list list;
    make(&f);
    struct cdn_list_store *const s = open_store(&f, true);
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, CDN_MIB(1));
    expect(s, many(&b, 50, 0), 0, CDN_OUTCOME_ACTIVATED, NULL);
    expect(s, many(&b, 60, 1), 10, CDN_OUTCOME_ACTIVATED, NULL); /* J-000 left, ten came */
    expect(s, many(&b, 60, 2), 20, CDN_OUTCOME_ACTIVATED, NULL); /* J-001 left */
    const struct cdn_list_state *const known = cdn_list_store_find(s, CDN_STR("house/x"));
    assert_null(cdn_list_state_at(known, day(0) - 1));

    const struct cdn_list_entry *e = entry_at(s, day(5), "J-000", &list, 50);
    assert_non_null(e);
    assert_false(e->removed.known);
    cdn_list_free(&list);

    e = entry_at(s, INT64_MAX, "J-000", &list, 60); /* 58 listed, 2 who were */
    assert_non_null(e);
    assert_true(e->removed.known);
    assert_int_equal(e->removed.from, day(10) / 86400);
    assert_false(e->first_seen.known); /* it was there when the store began */
    assert_int_equal(cdn_list_find(&list, CDN_STR("J-001"))->removed.from, day(20) / 86400);
    assert_int_equal(cdn_list_find(&list, CDN_STR("J-055"))->first_seen.from, day(10) / 86400);
    assert_false(cdn_list_find(&list, CDN_STR("J-030"))->first_seen.known);
    assert_int_equal(list.info.counted, 58);
    assert_true(cdn_str_eq(list.info.id, CDN_STR("house/x")));
    assert_int_equal(list.info.format, CDN_LIST_HOUSE_CSV);
    uint8_t digest[32];
    assert_true(cdn_list_state_unhex(known->versions.p[2].sha256, digest));
    assert_memory_equal(digest, list.info.sha256, 32);
    cdn_list_free(&list);
    cdn_list_init(&list, &cdn_alloc_libc);
    assert_int_equal(cdn_list_store_load(s, known, INT64_MAX, false, &list, NULL), 0);
    assert_int_equal(list.count, 58);
    cdn_list_free(&list);
    cdn_buf_free(&b);
    cdn_list_store_close(s);
    drop(&f);
}

/* A list that really shrank: somebody looks, and names its digest. Another content does not pass with it. */
static void a_person_may_accept_what_was_refused(void **state) {
    (void)state;
    struct folder f;
    struct cdn_buf b;
    make(&f);
    cdn_buf_init(&b, &cdn_alloc_libc, CDN_MIB(1));
    struct cdn_list_store *const s = open_store(&f, true);
    struct cordon_error e = {.code = 0};
    expect(s, many(&b, 100, 0), 0, CDN_OUTCOME_ACTIVATED, NULL);
    struct cdn_list_taken taken;
    assert_int_equal(offer_text(s, "house/x", many(&b, 50, 0), 1, &taken, &e), 0);
    assert_int_equal(taken.outcome, CDN_OUTCOME_REFUSED);
    char hex[64];
    struct cdn_buf h;
    cdn_buf_fixed(&h, hex, sizeof hex);
    cdn_buf_hex(&h, taken.sha256, 32);
    struct cdn_list_offered_file file = {.file = {.bytes = many(&b, 49, 0), .name = "list.csv"}};
    struct cdn_list_offer offer = {.id = CDN_STR("house/x"),
                                   .files = &file,
                                   .file_count = 1,
                                   .at = day(2),
                                   .accept = {hex, 64},
                                   .by = CDN_STR("A. Officer, ticket 7")};
    cdn_list_rules_init(&offer.rules);
    assert_int_equal(cdn_list_store_take(s, &offer, &taken, &e), 0);
    assert_int_equal(taken.outcome, CDN_OUTCOME_REFUSED);
    file.file.bytes = many(&b, 50, 0);
    assert_int_equal(cdn_list_store_take(s, &offer, &taken, &e), 0);
    assert_int_equal(taken.outcome, CDN_OUTCOME_ACTIVATED);
    const struct cdn_list_state *const known = cdn_list_store_find(s, CDN_STR("house/x"));
    assert_true(cdn_str_eq(known->versions.p[1].accepted_by, offer.by));
    assert_int_equal(known->versions.p[1].accepted_despite.n, 1);
    cdn_buf_free(&b);
    cdn_list_store_close(s);
    drop(&f);
}

static void damage_is_noticed(void **state) {
    (void)state;
    struct folder f;
    struct cdn_buf b;
    make(&f);
    cdn_buf_init(&b, &cdn_alloc_libc, CDN_MIB(1));
    struct cdn_list_store *s = open_store(&f, true);
    expect(s, many(&b, 20, 0), 0, CDN_OUTCOME_ACTIVATED, NULL);
    struct cordon_error e = {.code = 0};
    struct cdn_list_store *other = NULL;
    assert_int_equal(cdn_list_store_open(f.path, true, &cdn_alloc_libc, &other, &e), CORDON_E_CONFLICT);
    /* another list under the name of the canonical form */
    const struct cdn_list_state *const known = cdn_list_store_find(s, CDN_STR("house/x"));
    struct cdn_list_path path;
    struct cdn_lists_packed packed;
    assert_int_equal(cdn_lists_object(s, known->versions.p[0].canonical, &path, &e), 0);
    const struct cdn_list_file forged = {.bytes = many(&b, 19, 0), .name = "forged"};
    assert_int_equal(cdn_lists_pack(&forged, path.z, &cdn_alloc_libc, &packed, &e), 0);
    struct cdn_list list;
    cdn_list_init(&list, &cdn_alloc_libc);
    assert_int_equal(cdn_list_store_load(s, known, INT64_MAX, true, &list, &e), CORDON_E_DIGEST);
    assert_int_equal(list.count, 0);
    assert_int_equal(unlink(path.z), 0);
    assert_int_equal(cdn_list_store_load(s, known, INT64_MAX, true, &list, &e), CORDON_E_IO);
    cdn_list_store_close(s);
    /* states that say something else */
    static const char *const states[] = {"",
                                         "{",
                                         "{\"cordon_list_state\":1,\"id\":\"other\"}",
                                         "{\"cordon_list_state\":2,\"id\":\"house/x\"}",
                                         "{\"cordon_list_state\":1,\"id\":\"house/x\",\"verions\":[]}"};
    assert_int_equal(cdn_lists_path(&path, &e, f.path, "/lists/house/x.json", CDN_STR(""), ""), 0);
    for (size_t i = 0; i < CDN_ARRAY_LEN(states); i++) {
        assert_int_equal(cdn_lists_write(path.z, cdn_str_z(states[i]), &e), 0);
        assert_true(cdn_list_store_open(f.path, false, &cdn_alloc_libc, &s, &e) < 0);
        assert_non_null(strstr(e.where, "house/x.json"));
    }
    cdn_buf_free(&b);
    drop(&f);
}

static void ids_stay_within_the_folder(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "/",
                                      "a/",
                                      "/a",
                                      "a//b",
                                      "..",
                                      "../x",
                                      "a/../b",
                                      ".hidden",
                                      "a/.b",
                                      "A",
                                      "a b",
                                      "a\tb",
                                      "a/b/c/d/e",
                                      "ä"};
    static const char *const good[] = {"a", "us/sdn", "us/sdn.csv", "a/b/c/d", "x_1-2"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(bad); i++) {
        assert_false(cdn_list_id_valid(cdn_str_z(bad[i])));
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(good); i++) {
        assert_true(cdn_list_id_valid(cdn_str_z(good[i])));
    }
}

/* One file of a set did not change: the one in the store is taken with the new other ones. */
static void files_that_did_not_change_are_kept(void **state) {
    (void)state;
    struct folder f;
    make(&f);
    struct cdn_list_store *const s = open_store(&f, true);
    struct cordon_error e = {.code = 0};
    struct cdn_list_taken taken;
    struct cdn_list_offered_file files[2] = {
        {.file = {.bytes =
                      CDN_STR("1,\"ONE COMPANY\",-0- ,\"SDGT\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n"),
                  .name = "sdn.csv"},
         .url = CDN_STR("http://x/sdn.csv")},
        {.file = {.bytes = CDN_STR("1,11,\"aka\",\"FIRST ALIAS\",-0- \r\n"), .name = "alt.csv"},
         .url = CDN_STR("http://x/alt.csv")}};
    struct cdn_list_offer offer = {
        .id = CDN_STR("us/sdn"), .files = files, .file_count = 2, .at = day(0), .part = CDN_LIST_PART_SDN};
    cdn_list_rules_init(&offer.rules);
    if (cdn_list_store_take(s, &offer, &taken, &e) != 0) {
        fail_msg("%s", e.message);
    }
    assert_int_equal(taken.outcome, CDN_OUTCOME_ACTIVATED);
    files[0] = (struct cdn_list_offered_file){.url = CDN_STR("http://x/sdn.csv"), .kept = true};
    files[1].file.bytes = CDN_STR("1,11,\"aka\",\"SECOND ALIAS\",-0- \r\n");
    offer.at = day(1);
    assert_int_equal(cdn_list_store_take(s, &offer, &taken, &e), 0);
    assert_int_equal(taken.outcome, CDN_OUTCOME_ACTIVATED);
    assert_int_equal(taken.changes.changed, 1);
    struct cdn_list list;
    cdn_list_init(&list, &cdn_alloc_libc);
    assert_int_equal(
        cdn_list_store_load(s, cdn_list_store_find(s, CDN_STR("us/sdn")), INT64_MAX, true, &list, &e), 0);
    assert_int_equal(list.entries[0].names.n, 2);
    assert_true(cdn_str_eq(list.entries[0].names.p[1].full, CDN_STR("SECOND ALIAS")));
    assert_int_equal(list.entries[0].measures.p[0].kind, CDN_LISTED_ASSET_FREEZE);
    cdn_list_free(&list);
    files[0].url = CDN_STR("http://x/other.csv");
    assert_int_equal(cdn_list_store_take(s, &offer, &taken, &e), CORDON_E_ARG);
    cdn_list_store_close(s);
    drop(&f);
}

static void attempts_are_noted_and_bounded(void **state) {
    (void)state;
    struct folder f;
    make(&f);
    struct cdn_list_store *s = open_store(&f, true);
    struct cordon_error e = {.code = 0};
    const cordon_str id = CDN_STR("eu/fsf");
    assert_int_equal(cdn_list_store_note(s, id, day(0), CDN_OUTCOME_UNCHANGED, CDN_STR(""), &e),
                     CORDON_E_NOTFOUND);
    for (int i = 0; i < 400; i++) {
        char why[32];
        (void)snprintf(why, sizeof why, "HTTP status %d", 500 + i / 4);
        assert_int_equal(cdn_list_store_note(s, id, day(i), CDN_OUTCOME_FAILED, cdn_str_z(why), &e), 0);
    }
    cdn_list_store_close(s);
    s = open_store(&f, false);
    const struct cdn_list_state *const known = cdn_list_store_find(s, id);
    assert_int_equal(known->versions.n, 0);
    assert_int_equal(known->attempts.n, 100);
    assert_int_equal(known->attempts.p[99].times, 4);
    assert_true(cdn_str_eq(known->attempts.p[99].reasons.p[0], CDN_STR("HTTP status 599")));
    cdn_list_store_close(s);
    drop(&f);
}

/* With every allocation failing once: an error, and the store as it was. */
static int taking_survives_the_lack_of_memory(const struct cordon_alloc *alloc) {
    struct folder f;
    struct cdn_list_store *s = NULL;
    struct cdn_list_taken taken;
    make(&f);
    int err = cdn_list_store_open(f.path, true, alloc, &s, NULL);
    if (err == 0) {
        err = offer_text(s, "house/x", CDN_STR(HEAD "A,company,One,,\n"), 0, &taken, NULL);
        err = err != 0
                  ? err
                  : offer_text(
                        s, "house/x", CDN_STR(HEAD "A,company,One,,\nB,person,Two,,\n"), 1, &taken, NULL);
        if (err == 0) {
            assert_int_equal(taken.outcome, CDN_OUTCOME_ACTIVATED);
            assert_int_equal(cdn_list_store_find(s, CDN_STR("house/x"))->versions.n, 2);
        }
    }
    cdn_list_store_close(s);
    s = open_store(&f, true); /* whatever happened, the next one can read it */
    cdn_list_store_close(s);
    drop(&f);
    return err;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_good_list_stays),
        cmocka_unit_test(what_was_known_when),
        cmocka_unit_test(a_person_may_accept_what_was_refused),
        cmocka_unit_test(damage_is_noticed),
        cmocka_unit_test(ids_stay_within_the_folder),
        cmocka_unit_test(files_that_did_not_change_are_kept),
        cmocka_unit_test(attempts_are_noted_and_bounded),
        cdn_fault_test(taking_survives_the_lack_of_memory),
    };
    return cdn_run(tests);
}
