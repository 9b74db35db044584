/* SPDX-License-Identifier: Apache-2.0 */
/* files.c: whole files in and out. What is written to a file appears under its name only when it is complete.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

enum { MOST = 1 << 30 };

static int io_error(const char *path, cordon_error *e) {
    memset(e, 0, sizeof(*e));
    e->code = CORDON_E_IO;
    e->system = errno;
    (void)snprintf(e->where, sizeof(e->where), "%.200s", strcmp(path, "-") == 0 ? "standard input" : path);
    (void)snprintf(e->message, sizeof(e->message), "%s", strerror(errno));
    return CORDON_E_IO;
}

static int grow(cordon_buffer *b) {
    const size_t cap = b->cap ? b->cap * 2 : 65536;
    char *p = cap <= MOST ? realloc(b->p, cap) : NULL;
    if (!p) {
        errno = cap <= MOST ? ENOMEM : EFBIG;
        return -1;
    }
    b->p = p;
    b->cap = cap;
    return 0;
}

int read_input(const char *path, cordon_buffer *ret, cordon_error *e) {
    const bool standard = strcmp(path, "-") == 0;
    FILE *in = standard ? stdin : fopen(path, "rbe");
    cordon_buffer b = {0};
    int err = in ? 0 : -1;
    while (!err) {
        if (b.n == b.cap && grow(&b) != 0) {
            err = -1;
            break;
        }
        const size_t n = fread(b.p + b.n, 1, b.cap - b.n, in);
        b.n += n;
        if (n == 0) {
            err = ferror(in) ? -1 : 0;
            break;
        }
    }
    if (err) {
        (void)io_error(path, e);
        cordon_buffer_free(&b);
    } else {
        *ret = b;
    }
    if (in && !standard)
        (void)fclose(in);
    return err ? CORDON_E_IO : CORDON_OK;
}

int write_output(const char *path, cordon_str text, cordon_error *e) {
    if (!path || strcmp(path, "-") == 0) {
        if (fwrite(text.p, 1, text.n, stdout) != text.n)
            return io_error("standard output", e);
        return CORDON_OK;
    }
    struct stat st; /* renaming over a device or pipe would put a file in its place */
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : ENOTSUP;
        return io_error(path, e);
    }
    char temporary[4096];
    const int n = snprintf(temporary, sizeof(temporary), "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof(temporary)) {
        errno = ENAMETOOLONG;
        return io_error(path, e);
    }
    FILE *out = fopen(temporary, "wbe");
    if (!out)
        return io_error(temporary, e);
    const bool written =
        fwrite(text.p, 1, text.n, out) == text.n && fflush(out) == 0 && fsync(fileno(out)) == 0;
    const bool closed = fclose(out) == 0;
    if (!written || !closed || rename(temporary, path) != 0) {
        (void)io_error(path, e);
        (void)unlink(temporary);
        return CORDON_E_IO;
    }
    return CORDON_OK;
}

int open_verified(const char *path, cordon_snapshot **ret, cordon_error *e) {
    cordon_snapshot *s = NULL;
    int err = cordon_snapshot_open(path, NULL, &s, e);
    if (!err)
        err = cordon_snapshot_verify(s, NULL, NULL, e);
    if (err) {
        cordon_snapshot_unref(s);
        return err;
    }
    *ret = s;
    return CORDON_OK;
}
