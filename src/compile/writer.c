/* SPDX-License-Identifier: Apache-2.0 */
/* writer.c: a compiled snapshot to disk.
 *
 * Every file is written under a name of its own in the target's folder, synced, closed, and only then renamed
 * to its final name; then the folder is synced. So a reader sees the old file or the whole new one, whatever
 * happens in between, and after a power cut too. In a store the sections come first and the manifest last: a
 * manifest that is there has all its sections. A section that is there already, with the right length, is not
 * written again: its name is its digest, and it got that name when it was complete. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "compile/compile.h"

/* ---- the system's own calls -------------------------------------------------------------------------------
 */

static int sys_create(void *ctx CDN_UNUSED, const char *path) {
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
}
static ssize_t sys_write(void *ctx CDN_UNUSED, int fd, const void *p, size_t n) {
    return write(fd, p, n);
}
static int sys_sync(void *ctx CDN_UNUSED, int fd) {
    return fsync(fd);
}
static int sys_close(void *ctx CDN_UNUSED, int fd) {
    return close(fd);
}
static int sys_rename(void *ctx CDN_UNUSED, const char *from, const char *to) {
    return rename(from, to);
}
static int sys_unlink(void *ctx CDN_UNUSED, const char *path) {
    return unlink(path);
}
static int sys_mkdir(void *ctx CDN_UNUSED, const char *path) {
    return mkdir(path, 0755);
}
static int sys_open_folder(void *ctx CDN_UNUSED, const char *path) {
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}
static const struct cdn_compile_io sys = {
    NULL, sys_create, sys_write, sys_sync, sys_close, sys_rename, sys_unlink, sys_mkdir, sys_open_folder};

struct writer {
    const struct cdn_compile_io *io;
    const struct cordon_alloc *alloc;
    struct cordon_error *e;
};

static int fail_io(const struct writer *w, const char *path, const char *what) {
    const int number = errno;
    const int err = cdn_fail(w->e, CORDON_E_IO, "%s: %s", what, strerror(number));
    cdn_error_where(w->e, cdn_str_z(path), 0, 0);
    if (w->e)
        w->e->system = number;
    return err;
}

/* ---- one file
 * ------------------------------------------------------------------------------------------------ */

static int write_all(const struct writer *w, int fd, const char *path, cordon_str bytes) {
    while (bytes.n) {
        const ssize_t n = w->io->write(w->io->ctx, fd, bytes.p, CDN_MIN(bytes.n, CDN_MIB(64)));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            if (n == 0)
                errno = EIO;
            return fail_io(w, path, "cannot write");
        }
        bytes = cdn_str(bytes.p + n, bytes.n - (size_t)n);
    }
    return 0;
}

/* The folder of a path, without the slash; "." for a bare name. */
static int folder_of(const struct writer *w, const char *path, char ret[CDN_MAX_PATH_BYTES + 1]) {
    const char *slash = strrchr(path, '/');
    const size_t n = slash ? (size_t)(slash - path) : 0;
    if (n > CDN_MAX_PATH_BYTES)
        return cdn_fail(w->e, CORDON_E_LIMIT, "the path is too long");
    memcpy(ret, path, n);
    ret[n] = '\0';
    if (!slash)
        memcpy(ret, ".", 2);
    else if (n == 0)
        memcpy(ret, "/", 2);
    return 0;
}

static int sync_folder(const struct writer *w, const char *folder) {
    const int fd = w->io->open_folder(w->io->ctx, folder);
    if (fd < 0)
        return fail_io(w, folder, "cannot open the folder");
    const int err = w->io->sync(w->io->ctx, fd) == 0 ? 0 : fail_io(w, folder, "cannot sync the folder");
    (void)w->io->close(w->io->ctx, fd);
    return err;
}

/* Opens a new file beside `path`; its name in `ret`. */
static int create_beside(const struct writer *w,
                         const char *path,
                         char ret[CDN_MAX_PATH_BYTES + 1],
                         int *ret_fd) {
    for (unsigned i = 0; i < 1000; i++) {
        const int n = snprintf(ret, CDN_MAX_PATH_BYTES + 1, "%s.%ld.%u.new", path, (long)getpid(), i);
        if (n < 0 || n > CDN_MAX_PATH_BYTES)
            return cdn_fail(w->e, CORDON_E_LIMIT, "the path is too long");
        *ret_fd = w->io->create(w->io->ctx, ret);
        if (*ret_fd >= 0)
            return 0;
        if (errno != EEXIST)
            return fail_io(w, ret, "cannot create");
    }
    return cdn_fail(w->e, CORDON_E_IO, "too many unfinished files beside it; remove *.new");
}

static int write_file(const struct writer *w, const char *path, cordon_str bytes) {
    char name[CDN_MAX_PATH_BYTES + 1];
    int fd = -1;
    int err = create_beside(w, path, name, &fd);
    if (err)
        return err;
    err = write_all(w, fd, name, bytes);
    if (!err && w->io->sync(w->io->ctx, fd) != 0)
        err = fail_io(w, name, "cannot sync");
    if (w->io->close(w->io->ctx, fd) != 0 && !err)
        err = fail_io(w, name, "cannot close");
    if (!err && w->io->rename(w->io->ctx, name, path) != 0)
        err = fail_io(w, path, "cannot rename to it");
    if (err)
        (void)w->io->unlink(w->io->ctx, name);
    return err;
}

/* Renaming over it would put a file in the place of a device, pipe or folder. */
static int check_target(const struct writer *w, const char *path) {
    struct stat st;
    if (stat(path, &st) != 0 || S_ISREG(st.st_mode))
        return 0;
    return cdn_fail(w->e,
                    CORDON_E_IO,
                    S_ISDIR(st.st_mode) ? "%s is a folder" : "%s is not a file that can be replaced",
                    path);
}

int cdn_compile_write(const struct cdn_compiled *c,
                      const char *path,
                      const struct cdn_compile_io *io,
                      const struct cordon_alloc *alloc,
                      struct cordon_error *e) {
    const struct writer w = {io ? io : &sys, alloc, e};
    char folder[CDN_MAX_PATH_BYTES + 1];
    int err = folder_of(&w, path, folder);
    if (!err)
        err = check_target(&w, path);
    if (err)
        return err;
    struct cdn_buf bytes;
    cdn_buf_init(&bytes, alloc, CDN_MAX_SNAPSHOT_SECTIONS * CDN_MAX_SNAPSHOT_SECTION);
    cdn_compile_bundle(c, &bytes);
    err = bytes.err ? cdn_fail(e, bytes.err, "no memory for the bundle") : 0;
    if (!err)
        err = write_file(&w, path, cdn_buf_get(&bytes));
    if (!err)
        err = sync_folder(&w, folder);
    cdn_buf_free(&bytes);
    return err;
}

/* ---- store
 * ---------------------------------------------------------------------------------------------------- */

static int path_of(const struct writer *w,
                   const char *folder,
                   const char *within,
                   const uint8_t digest[32],
                   const char *end,
                   char ret[CDN_MAX_PATH_BYTES + 1]) {
    struct cdn_buf b;
    cdn_buf_fixed(&b, ret, CDN_MAX_PATH_BYTES + 1);
    cdn_buf_z(&b, folder);
    cdn_buf_z(&b, within);
    if (digest)
        cdn_buf_hex(&b, digest, 32);
    cdn_buf_z(&b, end);
    cdn_buf_zero(&b, 1);
    return b.err ? cdn_fail(w->e, CORDON_E_LIMIT, "the path is too long") : 0;
}

static bool is_there(const char *path, size_t length) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == length;
}

static int write_sections(const struct writer *w, const struct cdn_compiled *c, const char *folder) {
    char path[CDN_MAX_PATH_BYTES + 1];
    for (uint32_t i = 0; i < c->section_count; i++) {
        const struct cdn_section *s = &c->sections[i];
        int err = path_of(w, folder, "/sections/", s->sha256, "", path);
        if (!err && !is_there(path, s->bytes.n))
            err = write_file(w, path, s->bytes);
        if (err)
            return err;
    }
    const int err = path_of(w, folder, "/sections", NULL, "", path);
    return err ? err : sync_folder(w, path);
}

static int make_folder(const struct writer *w, const char *path) {
    return w->io->mkdir(w->io->ctx, path) == 0 || errno == EEXIST
               ? 0
               : fail_io(w, path, "cannot make the folder");
}

int cdn_compile_store(const struct cdn_compiled *c,
                      const char *target,
                      const struct cdn_compile_io *io,
                      const struct cordon_alloc *alloc,
                      struct cordon_error *e) {
    const struct writer w = {io ? io : &sys, alloc, e};
    char path[CDN_MAX_PATH_BYTES + 1], folder[CDN_MAX_PATH_BYTES + 1];
    const size_t length = strlen(target);
    const bool by_digest = length > 0 && target[length - 1] == '/';
    int err = folder_of(&w, target, folder);
    if (!err)
        err = make_folder(&w, folder);
    if (!err)
        err = path_of(&w, folder, "/sections", NULL, "", path);
    if (!err)
        err = make_folder(&w, path);
    if (!err)
        err = write_sections(&w, c, folder);
    if (!err)
        err = by_digest ? path_of(&w, folder, "/", c->digest, ".snapshot", path)
                        : path_of(&w, target, "", NULL, "", path);
    if (err)
        return err;
    struct cdn_buf bytes;
    cdn_buf_init(&bytes, alloc, CDN_MIB(1));
    cdn_compile_manifest(c, true, &bytes);
    err = bytes.err ? cdn_fail(e, bytes.err, "no memory for the manifest") : 0;
    if (!err)
        err = write_file(&w, path, cdn_buf_get(&bytes));
    if (!err)
        err = sync_folder(&w, folder);
    cdn_buf_free(&bytes);
    return err;
}
