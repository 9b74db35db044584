/* SPDX-License-Identifier: Apache-2.0 */
/* test_verify.c: whatever byte of a journal is flipped, dropped, inserted or swapped, verifying says so. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cordon/journal.h"
#include "journal/journal.h"
#include "support/fault.h"

static char work[64], dir[80];
static char paths[64][256];
static size_t path_count;

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}
static int collect(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
    (void)ftw;
    if (kind == FTW_F && st->st_size > 0) {
        assert_true(path_count < 64);
        (void)snprintf(paths[path_count++], sizeof(paths[0]), "%s", path);
    }
    return 0;
}

/* Three runs, so that there are several segments, a block of several records, and partial tiles of two sizes.
 */
static int make(void **state) {
    (void)state;
    /* In memory where that is possible: thousands of small changes. */
    (void)snprintf(work, sizeof(work), "/dev/shm/cordon-verify-XXXXXX");
    if (!mkdtemp(work)) {
        (void)snprintf(work, sizeof(work), "/tmp/cordon-verify-XXXXXX");
        if (!mkdtemp(work))
            return -1;
    }
    (void)snprintf(dir, sizeof(dir), "%s/journal", work);
    struct cdn_sign_secret key;
    struct cdn_journal_options o;
    assert_int_equal(cdn_sign_generate(&key, NULL), 0);
    for (int run = 0; run < 3; run++) {
        struct cdn_journal *j = NULL;
        uint64_t index;
        char text[128];
        cdn_journal_options_init(&o);
        o.key = &key;
        o.checkpoint_ns = UINT64_MAX;
        assert_int_equal(cdn_journal_open(dir, &o, &j, NULL), 0);
        for (int i = 0; i < 3 + 40 * (run == 1); i++) {
            const int n =
                snprintf(text, sizeof(text), "{\"kind\":\"event\",\"event\":\"e%d\",\"n\":%d}", run, i);
            assert_int_equal(cdn_journal_append(j, cdn_str(text, (size_t)n), 0, 0, &index, NULL), 0);
            assert_int_equal(cdn_journal_wait(j, index + (uint64_t)(i % 2), NULL), 0);
        }
        cdn_journal_close(j);
    }
    path_count = 0;
    return nftw(dir, collect, 16, FTW_PHYS);
}
static int drop(void **state) {
    (void)state;
    return nftw(work, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static uint64_t findings(void) {
    cordon_journal_verify_options o;
    cordon_journal_verified r = {0};
    cordon_error e;
    cordon_journal_verify_options_init(&o);
    const int err = cordon_journal_verify(dir, &o, &r, &e);
    return err ? UINT64_MAX : r.findings;
}

static uint8_t *read_all(const char *path, size_t *ret_n) {
    static uint8_t storage[1 << 17];
    FILE *f = fopen(path, "rbe");
    assert_non_null(f);
    *ret_n = fread(storage, 1, sizeof(storage), f);
    assert_true(*ret_n < sizeof(storage));
    (void)fclose(f);
    uint8_t *p = malloc(*ret_n + 16);
    assert_non_null(p);
    memcpy(p, storage, *ret_n);
    return p;
}
static void write_all(const char *path, const uint8_t *p, size_t n) {
    FILE *f = fopen(path, "wbe");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void every_flipped_byte_is_found(void **state) {
    (void)state;
    assert_int_equal(findings(), 0);
    size_t flips = 0;
    for (size_t i = 0; i < path_count; i++) {
        size_t n;
        uint8_t *p = read_all(paths[i], &n);
        for (size_t at = 0; at < n; at++) {
            p[at] ^= (uint8_t)(1u << at % 8);
            write_all(paths[i], p, n);
            if (findings() == 0)
                fail_msg("%s: byte %zu was flipped and nothing was found", paths[i], at);
            p[at] ^= (uint8_t)(1u << at % 8);
            flips++;
        }
        write_all(paths[i], p, n);
        free(p);
    }
    assert_true(flips > 5000);
    assert_int_equal(findings(), 0);
}

static void every_dropped_and_inserted_byte_is_found(void **state) {
    (void)state;
    for (size_t i = 0; i < path_count; i++) {
        size_t n;
        uint8_t *p = read_all(paths[i], &n), *other = malloc(n + 1);
        assert_non_null(other);
        for (size_t at = 0; at < n; at += 1 + n / 60) {
            memcpy(other, p, at);
            memcpy(other + at, p + at + 1, n - at - 1);
            write_all(paths[i], other, n - 1);
            if (findings() == 0)
                fail_msg("%s: byte %zu was dropped and nothing was found", paths[i], at);
            other[at] = 0;
            memcpy(other + at + 1, p + at, n - at);
            write_all(paths[i], other, n + 1);
            if (findings() == 0)
                fail_msg("%s: a byte was inserted at %zu and nothing was found", paths[i], at);
        }
        memcpy(other, p, n);
        other[n] = '\n';
        write_all(paths[i], other, n + 1);
        if (findings() == 0)
            fail_msg("%s: a byte was added and nothing was found", paths[i]);
        if (unlink(paths[i]) != 0 || findings() == 0) {
            if (!strstr(paths[i], "tree.state") && !strstr(paths[i], ".p/"))
                fail_msg("%s was removed and nothing was found", paths[i]);
        }
        write_all(paths[i], p, n);
        free(p);
        free(other);
    }
    assert_int_equal(findings(), 0);
}

/* Whole blocks: their own digests stay right. */
static void dropped_swapped_and_repeated_records_are_found(void **state) {
    (void)state;
    size_t n;
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/records/00000002.seg", dir);
    uint8_t *p = read_all(path, &n), *other = malloc(2 * n);
    size_t at[64], count = 0;
    assert_non_null(other);
    for (size_t i = 64; i + 4 < n && count < 60; i++) {
        if (memcmp(p + i, "CBLK", 4) == 0)
            at[count++] = i;
    }
    at[count] = n;
    assert_true(count > 5);
    for (size_t i = 0; i + 2 < count; i++) {
        const size_t a = at[i], b = at[i + 1], c = at[i + 2];
        memcpy(other, p, a); /* dropped */
        memcpy(other + a, p + b, n - b);
        write_all(path, other, n - (b - a));
        assert_int_not_equal(findings(), 0);
        memcpy(other + a, p + b, c - b); /* swapped with the next one */
        memcpy(other + a + (c - b), p + a, b - a);
        memcpy(other + c, p + c, n - c);
        write_all(path, other, n);
        assert_int_not_equal(findings(), 0);
        memcpy(other, p, b); /* repeated */
        memcpy(other + b, p + a, n - a);
        write_all(path, other, n + b - a);
        assert_int_not_equal(findings(), 0);
    }
    write_all(path, p, n);
    assert_int_equal(findings(), 0);
    free(p);
    free(other);
}

/* Appends `count` records in a process of its own; one that is killed closes nothing. */
static void run_writer(const struct cdn_sign_secret *key, const char *where, unsigned count, bool killed) {
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct cdn_journal *j = NULL;
        struct cdn_journal_options o;
        uint64_t index = 0;
        cdn_journal_options_init(&o);
        o.key = key;
        o.checkpoint_ns = UINT64_MAX;
        int err = cdn_journal_open(where, &o, &j, NULL);
        for (unsigned i = 0; i < count && !err; i++)
            err = cdn_journal_append(j, CORDON_STR("{\"kind\":\"event\"}"), 0, 0, &index, NULL);
        err = err ? err : cdn_journal_wait(j, index + 1, NULL);
        if (!err && !killed)
            cdn_journal_close(j);
        _exit(err ? 1 : 0);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void tiles_that_no_checkpoint_promised_may_be_missing(void **state) {
    (void)state;
    struct cdn_sign_secret key;
    char tile[160], kept[80];
    assert_int_equal(cdn_sign_generate(&key, NULL), 0);
    memcpy(kept, dir, sizeof(kept));
    (void)snprintf(dir, sizeof(dir), "%s/killed", work);
    run_writer(&key, dir, 3, false);
    run_writer(NULL, dir, 300, true); /* without a key: nothing signs a checkpoint before it is killed */
    (void)snprintf(tile, sizeof(tile), "%s/tile/entries/000", dir);
    (void)unlink(tile);
    assert_int_equal(findings(), 0);
    run_writer(&key, dir, 1, false); /* opening makes them again, and a checkpoint promises them */
    assert_int_equal(access(tile, F_OK), 0);
    assert_int_equal(findings(), 0);
    assert_int_equal(unlink(tile), 0);
    assert_true(findings() > 0);
    memcpy(dir, kept, sizeof(kept));
}

static size_t size_of(const char *path) {
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return (size_t)st.st_size;
}

/* What a writer takes ahead is zeros, behind the newest records only; closing and opening take them away. */
static void only_zeros_may_stand_behind_the_last_record_and_only_in_the_newest_segment(void **state) {
    (void)state;
    struct cdn_sign_secret key;
    char first[160], second[160], kept[80];
    size_t n;
    assert_int_equal(cdn_sign_generate(&key, NULL), 0);
    memcpy(kept, dir, sizeof(kept));
    (void)snprintf(dir, sizeof(dir), "%s/ahead", work);
    (void)snprintf(first, sizeof(first), "%s/records/00000001.seg", dir);
    (void)snprintf(second, sizeof(second), "%s/records/00000002.seg", dir);
    run_writer(&key, dir, 3, false);
    assert_true(size_of(first) < 1000);
    run_writer(NULL, dir, 3, true);
    const size_t size = size_of(second);
    assert_true(size > 10000);
    assert_int_equal(findings(), 0);
    uint8_t *p = read_all(second, &n);
    for (size_t at = 1000; at < n; at += n / 7) {
        p[at] ^= 1;
        write_all(second, p, n);
        assert_int_equal(findings(), 1);
        p[at] ^= 1;
    }
    write_all(second, p, n);
    free(p);
    assert_int_equal(findings(), 0);
    run_writer(&key, dir, 1, false); /* cuts them off */
    assert_true(size_of(second) < 1000);
    assert_int_equal(findings(), 0);
    assert_int_equal(truncate(second, (off_t)size), 0);
    assert_int_equal(findings(), 1);
    memcpy(dir, kept, sizeof(kept));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flipped_byte_is_found),
        cmocka_unit_test(every_dropped_and_inserted_byte_is_found),
        cmocka_unit_test(dropped_swapped_and_repeated_records_are_found),
        cmocka_unit_test(tiles_that_no_checkpoint_promised_may_be_missing),
        cmocka_unit_test(only_zeros_may_stand_behind_the_last_record_and_only_in_the_newest_segment),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
