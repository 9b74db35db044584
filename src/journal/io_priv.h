/* SPDX-License-Identifier: Apache-2.0 */
/* io_priv.h: whole reads and writes over the table of file.h, with errors that name the file. */
#ifndef CDN_JOURNAL_IO_PRIV_H
#define CDN_JOURNAL_IO_PRIV_H

#include "journal/file.h"

struct cdn_io { /* an open journal directory */
    const struct cdn_file_ops *ops;
    struct cdn_file_dir *dir;
};
#define CDN_IO_PATH 128

int cdn_io_fail(struct cordon_error *e, int64_t err, const char *doing, const char *path); /* CORDON_E_IO */
/* All n bytes, whatever the number of calls; 0 or -errno. A write of nothing is -ENOSPC. */
int cdn_io_put(const struct cdn_io *io, int file, const void *p, size_t n, uint64_t at);
/* All n bytes; -ENODATA when the file ends before. */
int cdn_io_get(const struct cdn_io *io, int file, void *p, size_t n, uint64_t at);
/* Writes the file in place, making its directories. */
int cdn_io_write(const struct cdn_io *io, const char *path, cordon_str bytes, struct cordon_error *e)
    CORDON_MUST_CHECK;
/* Writes PATH.new and renames it; with `sync`, both are durable on return. */
int cdn_io_replace(const struct cdn_io *io,
                   const char *path,
                   cordon_str bytes,
                   bool sync,
                   struct cordon_error *e) CORDON_MUST_CHECK;
/* The whole file, of at most `max` bytes, appended. CORDON_E_NOTFOUND, CORDON_E_IO, CORDON_E_LIMIT. */
int cdn_io_read(const struct cdn_io *io,
                const char *path,
                size_t max,
                struct cdn_buf *ret,
                struct cordon_error *e) CORDON_MUST_CHECK;

#endif
