/* SPDX-License-Identifier: Apache-2.0 */
/* test_journal.c: a journal on the machine's own files: append, read, proofs, reopening, threads. */
#include <dirent.h>
#include <ftw.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "journal/hash_priv.h"
#include "journal/journal.h"
#include "support/fault.h"
#include "support/rnd.h"

static char work[64];

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}
static int new_dir(void **state) {
    (void)state;
    (void)snprintf(work, sizeof(work), "/tmp/cordon-journal-XXXXXX");
    return mkdtemp(work) ? 0 : -1;
}
static int drop_dir(void **state) {
    (void)state;
    return nftw(work, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

struct seen {
    uint64_t durable; /* must be told in order, once */
    int checkpoints;
};
static void on_durable(void *ctx, uint64_t first, uint64_t count) {
    struct seen *s = ctx;
    assert_int_equal(first, s->durable);
    s->durable = first + count;
}
static void on_checkpoint(void *ctx, uint64_t size, cordon_str note) {
    struct seen *s = ctx;
    struct cdn_checkpoint c;
    assert_int_equal(cdn_checkpoint_read(note, &c, NULL), 0);
    assert_int_equal(c.size, size);
    s->checkpoints++;
}

static struct cdn_journal *open_with(struct cdn_journal_options *o,
                                     struct cdn_sign_secret *key,
                                     struct seen *seen) {
    struct cdn_journal *j = NULL;
    struct cordon_error e;
    cdn_journal_options_init(o);
    o->key = key;
    o->ctx = seen;
    o->on_durable = on_durable;
    o->on_checkpoint = on_checkpoint;
    o->no_sync = true;
    if (cdn_journal_open(work, o, &j, &e))
        fail_msg("%s (%s)", e.message, e.where);
    return j;
}

static cordon_str payload_of(uint64_t i, char *storage, size_t size) {
    const int n = snprintf(storage,
                           size,
                           "{\"kind\":\"event\",\"n\":%llu,\"x\":\"%0*d\"}",
                           (unsigned long long)i,
                           (int)(i * 7 % 300) + 1,
                           5);
    return cdn_str(storage, (size_t)n);
}

/* RFC 6962, word by word and recursive: the slow twin of tree and tiles. */
static void slow_root(struct cdn_hasher *h, uint8_t (*leaf)[32], uint64_t n, uint8_t ret[32]) {
    if (n == 1) {
        memcpy(ret, leaf[0], 32);
        return;
    }
    uint64_t k = 1;
    while (k * 2 < n)
        k *= 2;
    uint8_t left[32], right[32];
    slow_root(h, leaf, k, left);
    slow_root(h, leaf + k, n - k, right);
    cdn_hash_node(h, left, right, ret);
}

static void what_is_appended_is_read_again_and_is_in_the_tree(void **state) {
    (void)state;
    enum { N = 66600, RUNS = 4 };
    struct cdn_journal_options o;
    struct cdn_sign_secret key;
    struct seen seen = {.durable = 0};
    struct cordon_error e;
    assert_int_equal(cdn_sign_generate(&key, NULL), 0);
    char text[512];
    uint64_t index, next = 0;
    uint8_t(*leaf)[32] = malloc((size_t)N * 32);
    struct cdn_hasher h;
    struct cdn_buf storage, note;
    assert_int_equal(cdn_hasher_init(&h, NULL), 0);
    cdn_buf_init(&storage, &cdn_alloc_libc, 1 << 20);
    cdn_buf_init(&note, &cdn_alloc_libc, 1 << 20);
    for (int run = 0; run < RUNS; run++) {
        struct cdn_journal *j = open_with(&o, &key, &seen);
        assert_int_equal(cdn_journal_head(j), next);
        for (; next < (uint64_t)N * (unsigned)(run + 1) / RUNS; next++) {
            assert_int_equal(
                cdn_journal_append(j, payload_of(next, text, sizeof(text)), (int64_t)next, 0, &index, &e), 0);
            assert_int_equal(index, next);
        }
        assert_int_equal(cdn_journal_wait(j, next, &e), 0);
        for (uint64_t i = 0; i < next; i += run == RUNS - 1 ? 1 : 97) {
            struct cdn_journal_record r;
            if (i % 5 && run == RUNS - 1 &&
                i > 200) { /* reading each by its own is slow: proofs need the leaves only */
                continue;
            }
            assert_int_equal(cdn_journal_read(j, i, &storage, &r, &e), 0);
            assert_true(cdn_str_eq(r.payload, payload_of(i, text, sizeof(text))));
            assert_int_equal(r.retain_until, (int64_t)i);
            assert_false(r.erased);
        }
        cdn_buf_clear(&note);
        assert_int_equal(cdn_journal_checkpoint(j, &note, &e), 0);
        struct cdn_checkpoint c;
        struct cdn_note parsed;
        struct cdn_note_key vkey;
        assert_int_equal(cdn_note_read(cdn_buf_get(&note), &parsed, &e), 0);
        assert_int_equal(
            cdn_note_key_make(CDN_STR("cordon.local/journal"), &key.pub, CDN_NOTE_ED25519, &vkey, &e), 0);
        assert_int_equal(cdn_note_verify(&parsed, &vkey, NULL, &e), 0);
        assert_int_equal(cdn_checkpoint_read(parsed.text, &c, &e), 0);
        assert_int_equal(c.size, next);
        for (uint64_t i = 0; i < next; i++) {
            struct cdn_journal_proof p;
            if (i % 251 && i + 300 < next && i > 300)
                continue;
            assert_int_equal(cdn_journal_prove(j, i, i + 1, &p, &e), 0);
            memcpy(leaf[i], p.leaf_hash, 32);
        }
        cdn_journal_close(j);
        assert_int_equal(seen.durable, next);
    }
    /* the root against the twin, at a size where every leaf was fetched */
    struct cdn_journal *j = open_with(&o, &key, &seen);
    struct cdn_journal_proof p;
    for (uint64_t size = 1; size <= 300; size++) {
        uint8_t root[32];
        slow_root(&h, leaf, size, root);
        assert_int_equal(cdn_journal_prove(j, size / 2, size, &p, &e), 0);
        assert_memory_equal(root, p.root, 32);
    }
    for (uint64_t i = 300; i < N; i++) {
        assert_int_equal(cdn_journal_prove(j, i, i + 1, &p, &e), 0);
        memcpy(leaf[i], p.leaf_hash, 32);
    }
    for (uint64_t size = 60000; size <= N; size += 3331) {
        uint8_t root[32];
        slow_root(&h, leaf, size, root);
        assert_int_equal(cdn_journal_prove(j, 0, size, &p, &e), 0);
        assert_memory_equal(root, p.root, 32);
    }
    cdn_journal_close(j);
    assert_true(seen.checkpoints > 0);
    free(leaf);
    cdn_hasher_free(&h);
    cdn_buf_free(&storage);
    cdn_buf_free(&note);
}

/* An event or a decision with two numbers in it. */
static void append_two(
    struct cdn_journal *j, const char *const part[3], unsigned a, unsigned b, int64_t keep) {
    char text[256];
    struct cordon_error e;
    uint64_t index = 0;
    (void)snprintf(text, sizeof(text), "%s%u%s%u%s", part[0], a, part[1], b, part[2]);
    assert_int_equal(cdn_journal_append(j, cdn_str_z(text), keep, 0, &index, &e), 0);
    assert_int_equal(cdn_journal_wait(j, index + 1, &e), 0);
}

#define EVENT(name) "{\"kind\":\"event\",\"event\":\"legal_hold." name "\",\"data\":{"
static void append_any(struct cdn_journal *j, struct cdn_rnd *rnd) {
    static const char *const parts[5][3] = {
        {EVENT("set") "\"id\":\"h", "\",\"text\":[\"p", "\"]}}"},
        {EVENT("released") "\"id\":\"h", "\",\"n\":", "}}"},
        {EVENT("placed") "\"from\":", ",\"to\":", "}}"},
        {EVENT("lifted") "\"hold\":", ",\"n\":", "}}"},
        {"{\"kind\":\"decision\",\"n\":", ",\"x\":\"p", "\"}"},
    };
    const unsigned head = (unsigned)cdn_journal_head(j);
    const unsigned some = (unsigned)cdn_rnd_below(rnd, head + 1);
    const unsigned id = (unsigned)cdn_rnd_below(rnd, 3);
    const unsigned drawn = (unsigned)cdn_rnd_below(rnd, 8);
    const unsigned kind = drawn < 4 ? drawn : 4; /* half of them are decisions */
    const unsigned a = kind < 2 ? id : kind < 4 ? some : head;
    const unsigned b = kind == 2 ? some + 3 : kind == 4 ? head % 7 : some % 7;
    append_two(j, parts[kind], a, b, kind < 4 ? CDN_JOURNAL_KEEP : 0);
}

/* Holds are read on from where the last erasure ended; reading all of them, as after opening, gives the same.
 */
/* Left for later: durable when it is pushed, when somebody waits for it, and with what is appended after it.
 */
static void what_is_left_for_later_becomes_durable(void **state) {
    (void)state;
    struct cdn_journal_options o;
    struct cdn_sign_secret key;
    struct seen seen = {.durable = 0};
    struct cordon_error e;
    char text[512];
    uint64_t next = 0, index = 0;
    assert_int_equal(cdn_sign_generate(&key, NULL), 0);
    struct cdn_journal *j = open_with(&o, &key, &seen);
    for (unsigned round = 0; round < 30; round++) {
        for (unsigned i = 0; i <= round % 4; i++) {
            const cordon_str payload = payload_of(next++, text, sizeof(text));
            assert_int_equal(cdn_journal_append(j, payload, 0, CDN_JOURNAL_LATER, &index, &e), 0);
        }
        if (round % 3 == 0)
            cdn_journal_push(j);
        if (round % 3 == 1)
            assert_int_equal(cdn_journal_append(j, payload_of(next++, text, sizeof(text)), 0, 0, &index, &e),
                             0);
        if (round % 3 != 2) {
            while (cdn_journal_head(j) < next) /* nobody asks for it by waiting */
                (void)sched_yield();
        }
        assert_int_equal(cdn_journal_wait(j, next, &e), 0);
    }
    cdn_journal_close(j);
}

static void holds_that_come_between_erasures_count(void **state) {
    (void)state;
    enum { RUNS = 12, STEPS = 24 };
    struct cdn_journal_options o;
    struct cdn_sign_secret key;
    struct seen seen = {.durable = 0};
    struct cordon_error e;
    struct cdn_rnd rnd;
    struct cdn_journal_erased now, anew, gone = {0};
    uint64_t held = 0, erased = 0;
    cdn_rnd_init(&rnd, "holds between erasures", 71);
    assert_int_equal(cdn_sign_generate(&key, NULL), 0);
    for (int run = 0; run < RUNS; run++) {
        struct cdn_journal *j = open_with(&o, &key, &seen);
        struct cdn_journal_erase what = {
            .first = 0, .last = UINT64_MAX, .now = 1, .by = CDN_STR("k"), .reason = CDN_STR("r")};
        for (int step = 0; step < STEPS; step++) {
            append_any(j, &rnd);
            what.dry_run = !cdn_rnd_chance(&rnd, 100);
            assert_int_equal(cdn_journal_erase(j, &what, &gone, &e), 0);
            held += gone.held;
            erased += what.dry_run ? 0 : gone.erased;
        }
        what.dry_run = true;
        assert_int_equal(cdn_journal_erase(j, &what, &now, &e), 0);
        cdn_journal_close(j);
        j = open_with(&o, &key, &seen);
        assert_int_equal(cdn_journal_erase(j, &what, &anew, &e), 0);
        cdn_journal_close(j);
        assert_int_equal(now.held, anew.held);
        assert_int_equal(now.erased, anew.erased);
    }
    assert_true(held > 0 && erased > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_appended_is_read_again_and_is_in_the_tree, new_dir, drop_dir),
        cmocka_unit_test_setup_teardown(what_is_left_for_later_becomes_durable, new_dir, drop_dir),
        cmocka_unit_test_setup_teardown(holds_that_come_between_erasures_count, new_dir, drop_dir),
    };
    return cdn_run(tests);
}
