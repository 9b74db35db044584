/* SPDX-License-Identifier: Apache-2.0 */
/* file.h: the few calls on files that the journal makes, as a table, so that tests can put a machine behind
 * them that loses power, runs full, or writes less than it was asked to.
 *
 * All paths are relative to the journal's directory. Every call returns 0 or more, or -errno; EINTR is
 * handled inside. Handles are small numbers >= 0. */
#ifndef CDN_JOURNAL_FILE_H
#define CDN_JOURNAL_FILE_H

#include "base/base.h"

struct cdn_file_dir; /* an open directory: what the calls below are relative to */

enum {
    CDN_FILE_READ = 0,
    CDN_FILE_WRITE = 1,    /* and read */
    CDN_FILE_CREATE = 2,   /* new or emptied */
    CDN_FILE_EXCLUSIVE = 4 /* with CREATE: -EEXIST when it exists */
};

struct cdn_file_ops {
    /* Opens, and with `create` makes, the directory itself. */
    int (*root)(void *ctx, const char *path, bool create, struct cdn_file_dir **ret);
    void (*leave)(void *ctx, struct cdn_file_dir *dir);
    int (*lock)(void *ctx, struct cdn_file_dir *dir, const char *path); /* until leave; -EWOULDBLOCK */
    int (*open)(void *ctx, struct cdn_file_dir *dir, const char *path, unsigned flags);
    void (*close)(void *ctx, int file);
    int64_t (*size)(void *ctx, int file);
    int64_t (*read)(void *ctx, int file, void *p, size_t n, uint64_t at);        /* may be short; 0: end */
    int64_t (*write)(void *ctx, int file, const void *p, size_t n, uint64_t at); /* may be short */
    int (*cut)(void *ctx, int file, uint64_t size);                              /* ftruncate */
    int (*sync)(void *ctx, int file);                                            /* fdatasync */
    int (*sync_dir)(void *ctx, struct cdn_file_dir *dir, const char *path);      /* fsync; "." is the root */
    int (*sync_all)(void *ctx, struct cdn_file_dir *dir);                   /* syncfs: everything below */
    int (*make_dir)(void *ctx, struct cdn_file_dir *dir, const char *path); /* 0 also when it exists */
    int (*rename)(void *ctx, struct cdn_file_dir *dir, const char *from, const char *to);
    int (*link)(void *ctx, struct cdn_file_dir *dir, const char *from, const char *to);
    int (*remove)(void *ctx, struct cdn_file_dir *dir, const char *path); /* a file, or an empty directory */
    /* Calls `each` for every name in the directory, in no order. */
    int (*list)(void *ctx,
                struct cdn_file_dir *dir,
                const char *path,
                int (*each)(void *each_ctx, const char *name),
                void *each_ctx);
    void *ctx;
};
extern const struct cdn_file_ops cdn_file_real;

#endif
