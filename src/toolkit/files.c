/* SPDX-License-Identifier: Apache-2.0 */
/* files.c: the texts of a rulebook from files and folders.
 *
 *  1. a folder gives its files in byte order of their paths, so that every machine reads them in the same
 * order;
 *  2. links are followed to files, folders are not entered twice through them (depth is limited);
 *  3. a name in a snapshot is relative to the folder that was named, so that where it lies does not matter.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "toolkit/toolkit_priv.h"

enum { MOST_FOLDERS = 16 };

static int io_error(const char *path, struct cordon_error *e) {
    const int system = errno;
    char text[128];
    const char *reason = strerror_r(system, text, sizeof(text));
    (void)cdn_fail(e, CORDON_E_IO, "%s", reason);
    if (e)
        e->system = system;
    cdn_error_where(e, cdn_str_z(path), 0, 0);
    return CORDON_E_IO;
}

int cdn_toolkit_add_text(
    struct cordon_rulebook *rb, cordon_str name, cordon_str shown, cordon_str text, struct cordon_error *e) {
    if (rb->count >= CDN_MAX_RULEBOOK_FILES)
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d files", CDN_MAX_RULEBOOK_FILES);
    if (text.n > CDN_MAX_MEASURE_FILE || rb->bytes + text.n > CDN_MAX_RULEBOOK_BYTES) {
        (void)cdn_fail(e,
                       CORDON_E_LIMIT,
                       "a rulebook of more than %zu bytes, or a file of more than %zu",
                       CDN_MAX_RULEBOOK_BYTES,
                       CDN_MAX_MEASURE_FILE);
        cdn_error_where(e, shown, 0, 0);
        return CORDON_E_LIMIT;
    }
    void *sources = rb->sources;
    void *paths = rb->shown;
    if (cdn_grow(&rb->arena.as_alloc, &sources, &rb->cap, rb->count + 1, sizeof(*rb->sources)))
        return cdn_toolkit_no_memory(e);
    rb->sources = sources;
    if (cdn_grow(&rb->arena.as_alloc, &paths, &rb->shown_cap, rb->count + 1, sizeof(*rb->shown)))
        return cdn_toolkit_no_memory(e);
    rb->shown = paths;
    rb->sources[rb->count] = (struct cdn_rulebook_source){name, text};
    rb->shown[rb->count++] = (struct cdn_rulebook_source){shown, text};
    rb->bytes += text.n;
    return 0;
}

static int read_all(int fd, char *to, size_t n, const char *path, struct cordon_error *e) {
    for (size_t at = 0; at < n;) {
        const ssize_t got = read(fd, to + at, n - at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return io_error(path, e);
        if (got == 0)
            return cdn_fail(e, CORDON_E_IO, "%s became shorter while it was read", path);
        at += (size_t)got;
    }
    return 0;
}

static int add_file(struct cordon_rulebook *rb, const char *path, cordon_str name, struct cordon_error *e) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return io_error(path, e);
    struct stat st;
    int err = fstat(fd, &st) == 0 ? 0 : io_error(path, e);
    if (!err && !S_ISREG(st.st_mode)) {
        err = cdn_fail(e, CORDON_E_IO, "not a file");
        cdn_error_where(e, cdn_str_z(path), 0, 0);
    }
    if (!err && (uint64_t)st.st_size > CDN_MAX_MEASURE_FILE)
        err = cdn_fail(e, CORDON_E_LIMIT, "%s has more than %zu bytes", path, CDN_MAX_MEASURE_FILE);
    const size_t n = err ? 0 : (size_t)st.st_size;
    char *text = err ? NULL : cdn_arena_take(&rb->arena, n + 1);
    if (!err && !text)
        err = cdn_toolkit_no_memory(e);
    err = err ? err : read_all(fd, text, n, path, e);
    (void)close(fd);
    cordon_str shown = {NULL, 0};
    cordon_str own = {NULL, 0};
    if (!err && (cdn_arena_str(&rb->arena, cdn_str_z(path), &shown) || cdn_arena_str(&rb->arena, name, &own)))
        err = cdn_toolkit_no_memory(e);
    return err ? err : cdn_toolkit_add_text(rb, own, shown, cdn_str(text, n), e);
}

/* ---- folders --------------------------------------------------------------------------------------------
 */

struct paths {
    cordon_str *items;
    size_t count, cap;
};

static bool wanted(const char *name) {
    const cordon_str s = cdn_str_z(name);
    static const char *const ends[] = {".measure", ".scenario"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(ends); i++) {
        const cordon_str end = cdn_str_z(ends[i]);
        if (s.n > end.n && memcmp(s.p + s.n - end.n, end.p, end.n) == 0)
            return true;
    }
    return false;
}

static int keep(struct cordon_rulebook *rb, struct paths *list, const char *path, struct cordon_error *e) {
    void *items = list->items;
    if (list->count >= CDN_MAX_RULEBOOK_FILES)
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d files", CDN_MAX_RULEBOOK_FILES);
    if (cdn_grow(&rb->arena.as_alloc, &items, &list->cap, list->count + 1, sizeof(*list->items)))
        return cdn_toolkit_no_memory(e);
    list->items = items;
    if (cdn_arena_str(&rb->arena, cdn_str_z(path), &list->items[list->count]))
        return cdn_toolkit_no_memory(e);
    list->count++;
    return 0;
}

/* Appends what lies in one folder: files to `files`, folders to `folders`. */
static int list_folder(struct cordon_rulebook *rb,
                       const char *path,
                       struct paths *files,
                       struct paths *folders,
                       struct cordon_error *e) {
    DIR *dir = opendir(path);
    if (!dir)
        return io_error(path, e);
    int err = 0;
    const struct dirent *entry = NULL;
    while (!err && (entry = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe): a stream of our own
        char full[CDN_MAX_PATH_BYTES + 1];
        struct stat st;
        if (entry->d_name[0] == '.')
            continue;
        struct cdn_buf b;
        cdn_buf_fixed(&b, full, sizeof(full) - 1);
        cdn_buf_z(&b, path);
        if (b.n && full[b.n - 1] != '/')
            cdn_buf_char(&b, '/');
        cdn_buf_z(&b, entry->d_name);
        if (b.err) {
            err = cdn_fail(
                e, CORDON_E_LIMIT, "a path of more than %d bytes below %s", CDN_MAX_PATH_BYTES, path);
            break;
        }
        full[b.n] = '\0';
        if (stat(full, &st) != 0)
            err = io_error(full, e);
        else if (S_ISDIR(st.st_mode))
            err = keep(rb, folders, full, e);
        else if (S_ISREG(st.st_mode) && wanted(entry->d_name))
            err = keep(rb, files, full, e);
    }
    (void)closedir(dir);
    return err;
}

static void sort_paths(struct paths *list) {
    /* Insertion: a rulebook has tens of files, and never more than a few thousand. */
    for (size_t i = 1; i < list->count; i++) {
        const cordon_str item = list->items[i];
        size_t k = i;
        for (; k > 0 && cdn_str_cmp(list->items[k - 1], item) > 0; k--)
            list->items[k] = list->items[k - 1];
        list->items[k] = item;
    }
}

static int add_folder(struct cordon_rulebook *rb, const char *root, struct cordon_error *e) {
    struct paths files = {0};
    struct paths folders = {0};
    int err = keep(rb, &folders, root, e);
    size_t begin = 0;
    for (unsigned depth = 0; !err && begin < folders.count; depth++) {
        if (depth >= MOST_FOLDERS)
            return cdn_fail(e, CORDON_E_LIMIT, "folders nested deeper than %d below %s", MOST_FOLDERS, root);
        const size_t end = folders.count;
        for (; !err && begin < end; begin++)
            err = list_folder(rb, folders.items[begin].p, &files, &folders, e);
    }
    if (!err && files.count == 0) {
        (void)cdn_fail(e, CORDON_E_NOTFOUND, "no file in it ends in .measure or .scenario");
        cdn_error_where(e, cdn_str_z(root), 0, 0);
        return CORDON_E_NOTFOUND;
    }
    sort_paths(&files);
    size_t cut = strlen(root);
    for (size_t i = 0; !err && i < files.count; i++) {
        const cordon_str path = files.items[i];
        size_t from = CDN_MIN(cut, path.n);
        while (from < path.n && path.p[from] == '/')
            from++;
        err = add_file(rb, path.p, cdn_str(path.p + from, path.n - from), e);
        err = err ? err : cdn_toolkit_progress(rb, "reading", i + 1, files.count, e);
    }
    return err;
}

int cdn_toolkit_add_path(struct cordon_rulebook *rb, const char *path, struct cordon_error *e) {
    struct stat st;
    if (stat(path, &st) != 0) {
        const int err = io_error(path, e);
        if (e && e->system == ENOENT)
            cdn_error_hint(e, "name a .measure file, or a folder with such files");
        return err;
    }
    if (S_ISDIR(st.st_mode))
        return add_folder(rb, path, e);
    const char *base = strrchr(path, '/');
    return add_file(rb, path, cdn_str_z(base ? base + 1 : path), e);
}
