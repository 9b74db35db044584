/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever fails while a snapshot is written, its final name never holds half of one; a store shares
 * sections; each allocation may fail. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compile/compile.h"
#include "compile/fold_icu.h"
#include "support/fault.h"
#include "support/wide_rulebook.h"

static struct cdn_arena arena;
static struct cdn_compiled first, second; /* two rulebooks: other rules, the same folding table and places */
static struct cdn_rulebook *book;
static cordon_str fold;
static char folder[64];

static int setup(void **state CDN_UNUSED) {
    struct cordon_error e = {0};
    struct cdn_buf b;
    struct cdn_rnd r;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    cdn_buf_init(&b, &arena.as_alloc, (size_t)1 << 24);
    cdn_rnd_init(&r, "writer", 5);
    if (cdn_compile_fold(&cdn_alloc_libc, &b, &e) != 0)
        return -1;
    fold = cdn_buf_get(&b);
    const struct cdn_compile_options o = {.fold = fold};
    const struct cdn_wide_shape shape = {.measures = 5, .actions = 2, .services = 2, .depth = 2};
    book = cdn_wide_rulebook(&r, &shape, &arena);
    int err = cdn_compile(book, &o, &arena, &first, &e);
    err = err ? err : cdn_compile(cdn_wide_rulebook(&r, &shape, &arena), &o, &arena, &second, &e);
    (void)snprintf(folder, sizeof(folder), "/tmp/cordon-test-writer-XXXXXX");
    return err || !mkdtemp(folder) ? -1 : 0;
}

static void remove_all(const char *path) {
    DIR *d = opendir(path);
    if (!d) {
        (void)unlink(path);
        return;
    }
    for (const struct dirent *n = readdir(d); n; n = readdir(d)) { // NOLINT(concurrency-mt-unsafe)
        char below[512];
        if (strcmp(n->d_name, ".") == 0 || strcmp(n->d_name, "..") == 0)
            continue;
        (void)snprintf(below, sizeof(below), "%s/%s", path, n->d_name);
        remove_all(below);
    }
    (void)closedir(d);
    (void)rmdir(path);
}

static int teardown(void **state CDN_UNUSED) {
    remove_all(folder);
    cdn_arena_free(&arena);
    return 0;
}

static unsigned entries(const char *path) {
    unsigned n = 0;
    DIR *d = opendir(path);
    if (!d)
        return 0;
    while (readdir(d)) // NOLINT(concurrency-mt-unsafe)
        n++;
    (void)closedir(d);
    return n - 2;
}

static void path_in(char ret[256], const char *name) {
    (void)snprintf(ret, 256, "%s/%s", folder, name);
}

/* Opens, verifies, and says whether it is `c`. */
static bool holds(const char *path, const struct cdn_compiled *c) {
    struct cdn_snapshot *s = NULL;
    struct cordon_error e = {0};
    if (cdn_snapshot_open(path, &cdn_alloc_libc, &s, &e) != 0)
        fail_msg("%s: %s", path, e.message);
    assert_int_equal(cdn_compile_verify(s, &e), 0);
    const bool same = memcmp(s->digest, c->digest, sizeof(s->digest)) == 0;
    cdn_snapshot_unref(s);
    return same;
}

/* ---- a disk that fails
 * --------------------------------------------------------------------------------------- */

struct disk {
    unsigned calls, fail_at; /* the call that fails, from 1; 0: none */
    bool brief;              /* writes take a few bytes at a time */
};

static bool fails(struct disk *d) {
    errno = ENOSPC;
    return ++d->calls == d->fail_at;
}
static int disk_create(void *ctx, const char *path) {
    return fails(ctx) ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}
static ssize_t disk_write(void *ctx, int fd, const void *p, size_t n) {
    struct disk *d = ctx;
    if (fails(d)) {
        (void)!write(fd, p, n / 2); /* a part of it got there */
        return -1;
    }
    return write(fd, p, d->brief && n > 100000 ? 100000 : n);
}
static int disk_sync(void *ctx, int fd) {
    return fails(ctx) ? -1 : fsync(fd);
}
static int disk_close(void *ctx, int fd) {
    const bool failed = fails(ctx);
    (void)close(fd);
    errno = EIO;
    return failed ? -1 : 0;
}
static int disk_rename(void *ctx, const char *from, const char *to) {
    return fails(ctx) ? -1 : rename(from, to);
}
static int disk_unlink(void *ctx CDN_UNUSED, const char *path) {
    return unlink(path);
}
static int disk_mkdir(void *ctx, const char *path) {
    return fails(ctx) ? -1 : mkdir(path, 0700);
}
static int disk_open_folder(void *ctx, const char *path) {
    return fails(ctx) ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static struct cdn_compile_io io_of(struct disk *d) {
    return (struct cdn_compile_io){d,
                                   disk_create,
                                   disk_write,
                                   disk_sync,
                                   disk_close,
                                   disk_rename,
                                   disk_unlink,
                                   disk_mkdir,
                                   disk_open_folder};
}

/* A file that is there stays whole, old or new, at every failing call; nothing unfinished is left behind. */
static void never_half_a_bundle(void **state CDN_UNUSED) {
    char path[256];
    path_in(path, "half");
    assert_int_equal(mkdir(path, 0700), 0);
    path_in(path, "half/a.snapshot");
    struct cordon_error e = {0};
    assert_int_equal(cdn_compile_write(&first, path, NULL, &cdn_alloc_libc, &e), 0);
    assert_true(holds(path, &first));
    bool done = false;
    for (unsigned at = 1; !done; at++) {
        struct disk d = {.fail_at = at, .brief = true};
        const struct cdn_compile_io io = io_of(&d);
        const int err = cdn_compile_write(&second, path, &io, &cdn_alloc_libc, &e);
        done = d.calls < at;
        assert_true(err == 0 || (err == CORDON_E_IO && !done && e.system != 0));
        char where[256];
        path_in(where, "half");
        assert_int_equal(entries(where), 1);
        const bool is_new = holds(path, &second);
        assert_true(is_new || holds(path, &first));
        if (err == 0)
            assert_true(is_new);
        if (is_new && !done) /* only the sync of the folder failed: put the old one back */
            assert_int_equal(cdn_compile_write(&first, path, NULL, &cdn_alloc_libc, &e), 0);
    }
}

static void never_half_a_store(void **state CDN_UNUSED) {
    struct cordon_error e = {0};
    bool done = false;
    for (unsigned at = 1; !done; at++) {
        char path[256], manifest[256];
        char name[32];
        (void)snprintf(name, sizeof(name), "store%u", at);
        path_in(path, name);
        assert_int_equal(mkdir(path, 0700), 0);
        (void)snprintf(name, sizeof(name), "store%u/a.snapshot", at);
        path_in(manifest, name);
        struct disk d = {.fail_at = at};
        const struct cdn_compile_io io = io_of(&d);
        const int err = cdn_compile_store(&first, manifest, &io, &cdn_alloc_libc, &e);
        done = d.calls < at;
        if (err)
            assert_int_equal(err, CORDON_E_IO);
        /* A manifest that is there has all its sections. */
        if (access(manifest, F_OK) == 0)
            assert_true(holds(manifest, &first));
        else
            assert_int_not_equal(err, 0);
        /* And what was left makes the next attempt no worse. */
        assert_int_equal(cdn_compile_store(&first, manifest, NULL, &cdn_alloc_libc, &e), 0);
        assert_true(holds(manifest, &first));
        remove_all(path);
    }
}

static void store_shares_sections(void **state CDN_UNUSED) {
    char path[256], sections[256], manifest[256];
    struct cordon_error e = {0};
    path_in(path, "shared/");
    path_in(sections, "shared/sections");
    assert_int_equal(cdn_compile_store(&first, path, NULL, &cdn_alloc_libc, &e), 0);
    const unsigned before = entries(sections);
    assert_int_equal(before, first.section_count);
    assert_int_equal(cdn_compile_store(&second, path, NULL, &cdn_alloc_libc, &e), 0);
    /* The same places and folding table; strings, rules and info differ. */
    assert_int_equal(entries(sections), before + 3);
    for (unsigned k = 0; k < 2; k++) {
        const struct cdn_compiled *c = k ? &second : &first;
        struct cdn_buf b;
        cdn_buf_fixed(&b, manifest, sizeof(manifest));
        cdn_buf_z(&b, path);
        cdn_buf_hex(&b, c->digest, 32);
        cdn_buf_z(&b, ".snapshot");
        cdn_buf_zero(&b, 1);
        assert_true(holds(manifest, c));
    }
}

/* A bundle and a store of the same rulebook have the same name. */
static void bundle_and_store_are_the_same(void **state CDN_UNUSED) {
    char bundle[256], store[256];
    struct cordon_error e = {0};
    path_in(bundle, "b.snapshot");
    path_in(store, "manifest.snapshot");
    assert_int_equal(cdn_compile_write(&first, bundle, NULL, &cdn_alloc_libc, &e), 0);
    assert_int_equal(cdn_compile_store(&first, store, NULL, &cdn_alloc_libc, &e), 0);
    assert_true(holds(bundle, &first));
    assert_true(holds(store, &first));
    struct cdn_snapshot *a = NULL, *b = NULL;
    assert_int_equal(cdn_snapshot_open(bundle, &cdn_alloc_libc, &a, &e), 0);
    assert_int_equal(cdn_snapshot_open(store, &cdn_alloc_libc, &b, &e), 0);
    for (uint32_t i = 0; i < a->header->section_count; i++) {
        const cordon_str x = cdn_snapshot_section_at(a, i), y = cdn_snapshot_section_at(b, i);
        assert_int_equal(x.n, y.n);
        assert_memory_equal(x.p, y.p, x.n);
    }
    cdn_snapshot_unref(a);
    cdn_snapshot_unref(b);
}

static void says_why_it_cannot_open(void **state CDN_UNUSED) {
    char path[256];
    struct cordon_error e = {0};
    struct cdn_snapshot *s = NULL;
    path_in(path, "nothing.snapshot");
    assert_int_equal(cdn_snapshot_open(path, &cdn_alloc_libc, &s, &e), CORDON_E_IO);
    assert_int_equal(e.system, ENOENT);
    assert_string_equal(e.where, path);
    assert_int_equal(cdn_snapshot_open(folder, &cdn_alloc_libc, &s, &e), CORDON_E_FORMAT);
    /* A store that lost a section. */
    path_in(path, "lost.snapshot");
    assert_int_equal(cdn_compile_store(&first, path, NULL, &cdn_alloc_libc, &e), 0);
    char section[512];
    struct cdn_buf b;
    cdn_buf_fixed(&b, section, sizeof(section));
    cdn_buf_printf(&b, "%s/sections/", folder);
    cdn_buf_hex(&b, first.sections[1].sha256, 32);
    cdn_buf_zero(&b, 1);
    assert_int_equal(unlink(section), 0);
    assert_int_equal(cdn_snapshot_open(path, &cdn_alloc_libc, &s, &e), CORDON_E_IO);
    assert_null(s);
}

/* ---- memory that runs out
 * ------------------------------------------------------------------------------------- */

static int compiles(const struct cordon_alloc *alloc) {
    struct cdn_arena mine;
    struct cdn_compiled c;
    struct cordon_error e;
    const struct cdn_compile_options o = {.fold = fold};
    cdn_arena_init(&mine, alloc, 0);
    const int err = cdn_compile(book, &o, &mine, &c, &e);
    if (err == 0)
        assert_memory_equal(c.digest, first.digest, sizeof(c.digest));
    cdn_arena_free(&mine);
    return err;
}

static int opens(const struct cordon_alloc *alloc) {
    static struct cdn_buf b;
    struct cdn_snapshot *s = NULL;
    struct cordon_error e;
    if (!b.n) {
        cdn_buf_init(&b, &arena.as_alloc, (size_t)1 << 24);
        cdn_compile_bundle(&first, &b);
    }
    const int err = cdn_snapshot_open_bytes(cdn_buf_get(&b), alloc, &s, &e);
    cdn_snapshot_unref(s);
    return err;
}

static int writes(const struct cordon_alloc *alloc) {
    char path[256];
    struct cordon_error e;
    path_in(path, "memory.snapshot");
    int err = cdn_compile_write(&first, path, NULL, alloc, &e);
    path_in(path, "memory-store.snapshot");
    return err ? err : cdn_compile_store(&first, path, NULL, alloc, &e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_half_a_bundle),
        cmocka_unit_test(never_half_a_store),
        cmocka_unit_test(store_shares_sections),
        cmocka_unit_test(bundle_and_store_are_the_same),
        cmocka_unit_test(says_why_it_cannot_open),
        cdn_fault_test_retry(compiles), /* an arena asks for less when it cannot have a whole block */
        cdn_fault_test(opens),
        cdn_fault_test(writes),
    };
    return _cmocka_run_group_tests(__FILE__, tests, CDN_ARRAY_LEN(tests), setup, teardown);
}
