/* SPDX-License-Identifier: Apache-2.0 */
/* io.c: whole reads and writes. */
#include <errno.h>
#include <stdio.h>

#include "journal/io_priv.h"

int cdn_io_fail(struct cordon_error *e, int64_t err, const char *doing, const char *path) {
    const int number = (int)-err;
    (void)cdn_fail(e, CORDON_E_IO, "%s %s: %s", doing, path, strerror(number));
    if (e) {
        e->system = number;
        cdn_error_where(e, cdn_str_z(path), 0, 0);
        if (number == ENOSPC || number == EDQUOT)
            cdn_error_hint(e, "make room on that file system; the journal goes on by itself");
    }
    return CORDON_E_IO;
}

int cdn_io_put(const struct cdn_io *io, int file, const void *p, size_t n, uint64_t at) {
    const uint8_t *from = p;
    while (n > 0) {
        const int64_t put = io->ops->write(io->ops->ctx, file, from, n, at);
        if (put <= 0)
            return put < 0 ? (int)put : -ENOSPC;
        from += put;
        n -= (size_t)put;
        at += (uint64_t)put;
    }
    return 0;
}

int cdn_io_get(const struct cdn_io *io, int file, void *p, size_t n, uint64_t at) {
    uint8_t *to = p;
    while (n > 0) {
        const int64_t got = io->ops->read(io->ops->ctx, file, to, n, at);
        if (got <= 0)
            return got < 0 ? (int)got : -ENODATA;
        to += got;
        n -= (size_t)got;
        at += (uint64_t)got;
    }
    return 0;
}

/* The directories above a path, from the top. */
static int make_parents(const struct cdn_io *io, const char *path) {
    char up[CDN_IO_PATH];
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        const size_t n = (size_t)(slash - path);
        if (n >= sizeof(up))
            return -ENAMETOOLONG;
        memcpy(up, path, n);
        up[n] = '\0';
        const int err = io->ops->make_dir(io->ops->ctx, io->dir, up);
        if (err)
            return err;
    }
    return 0;
}

static int put_file(const struct cdn_io *io, const char *path, cordon_str bytes, bool sync) {
    const unsigned flags = CDN_FILE_WRITE | CDN_FILE_CREATE;
    int file = io->ops->open(io->ops->ctx, io->dir, path, flags);
    if (file == -ENOENT) {
        const int err = make_parents(io, path);
        if (err)
            return err;
        file = io->ops->open(io->ops->ctx, io->dir, path, flags);
    }
    if (file < 0)
        return file;
    int err = cdn_io_put(io, file, bytes.p, bytes.n, 0);
    if (!err && sync)
        err = io->ops->sync(io->ops->ctx, file);
    io->ops->close(io->ops->ctx, file);
    return err;
}

int cdn_io_write(const struct cdn_io *io, const char *path, cordon_str bytes, struct cordon_error *e) {
    const int err = put_file(io, path, bytes, false);
    return err ? cdn_io_fail(e, err, "writing", path) : CORDON_OK;
}

int cdn_io_replace(
    const struct cdn_io *io, const char *path, cordon_str bytes, bool sync, struct cordon_error *e) {
    char temporary[CDN_IO_PATH];
    const int n = snprintf(temporary, sizeof(temporary), "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof(temporary))
        return cdn_fail(e, CORDON_E_LIMIT, "the path %s is too long", path);
    int err = put_file(io, temporary, bytes, sync);
    if (!err)
        err = io->ops->rename(io->ops->ctx, io->dir, temporary, path);
    if (!err && sync) {
        const char *slash = strrchr(path, '/');
        char up[CDN_IO_PATH] = ".";
        if (slash) {
            memcpy(up, path, (size_t)(slash - path));
            up[slash - path] = '\0';
        }
        err = io->ops->sync_dir(io->ops->ctx, io->dir, up);
    }
    return err ? cdn_io_fail(e, err, "writing", path) : CORDON_OK;
}

int cdn_io_read(
    const struct cdn_io *io, const char *path, size_t max, struct cdn_buf *ret, struct cordon_error *e) {
    const int file = io->ops->open(io->ops->ctx, io->dir, path, CDN_FILE_READ);
    if (file == -ENOENT)
        return cdn_fail(e, CORDON_E_NOTFOUND, "there is no %s", path);
    if (file < 0)
        return cdn_io_fail(e, file, "reading", path);
    const int64_t size = io->ops->size(io->ops->ctx, file);
    int err = CORDON_OK;
    if (size < 0) {
        err = cdn_io_fail(e, size, "reading", path);
    } else if ((uint64_t)size > max) {
        err = cdn_fail(e, CORDON_E_LIMIT, "%s is larger than it can be", path);
    } else {
        const size_t before = ret->n;
        cdn_buf_zero(ret, (size_t)size);
        if (ret->err) {
            err = cdn_fail(e, ret->err, "no room for %s", path);
        } else {
            const int got = (size > 0 ? cdn_io_get(io, file, ret->p + before, (size_t)size, 0) : 0);
            if (got)
                err = cdn_io_fail(e, got, "reading", path);
        }
    }
    io->ops->close(io->ops->ctx, file);
    return err;
}
