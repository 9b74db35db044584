/* SPDX-License-Identifier: Apache-2.0 */
/* source.c: a file or a text in memory as a stream of unpacked bytes.
 *
 * Packing is found by the first bytes: gzip (RFC 1952, several members), xz (several streams), zstd (several
 * frames). Nothing else is tried.
 *
 *  1. two buffers of 64 KiB, whatever the size of the file; the window of xz and zstd is limited to 128 MiB;
 *  2. not more than CDN_MAX_LIST_BYTES are handed out: a file that unpacks to more is refused, not cut;
 *  3. a packed file that ends early is an error, as is rubbish after its end. */
#include "lists/source_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <lzma.h>
#include <openssl/evp.h>
#include <zlib.h>
#include <zstd.h>

enum packing { PLAIN, GZIP, XZ, ZSTD };

#define WINDOW_LOG 27
#define WINDOW_LIMIT CDN_MIB(128)

struct cdn_list_source {
    const struct cordon_alloc *alloc;
    const char *name;
    int fd; /* -1: from memory */
    cordon_str bytes;
    cordon_str in; /* packed bytes not used yet */
    bool in_end;
    bool whole; /* the packed stream stands at its proper end */
    enum packing packing;
    z_stream gz;
    lzma_stream xz;
    ZSTD_DStream *zst;
    EVP_MD_CTX *sha;
    uint64_t total;
    size_t ready; /* bytes in `out` that were peeked and not taken */
    char in_buf[CDN_SOURCE_CHUNK];
    char out[CDN_SOURCE_CHUNK];
};

static int fail(const struct cdn_list_source *s, struct cordon_error *e, int code, const char *text) {
    cdn_fail(e, code, "%s", text);
    cdn_error_where(e, cdn_str_z(s->name), 0, 0);
    return code;
}

/* More packed bytes into s->in, unless there are some. */
static int refill(struct cdn_list_source *s, struct cordon_error *e) {
    if (s->in.n > 0 || s->in_end) {
        return 0;
    }
    if (s->fd < 0) {
        s->in = s->bytes;
        s->bytes = (cordon_str){NULL, 0};
        s->in_end = true;
        return 0;
    }
    ssize_t n = 0;
    do {
        n = read(s->fd, s->in_buf, sizeof s->in_buf);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        const int system = errno;
        fail(s, e, CORDON_E_IO, "cannot be read");
        if (e != NULL) {
            e->system = system;
        }
        return CORDON_E_IO;
    }
    s->in = cdn_str(s->in_buf, (size_t)n);
    s->in_end = n == 0;
    return 0;
}

static void taken(struct cdn_list_source *s, size_t left) {
    s->in = cdn_str(s->in.p + (s->in.n - left), left);
}

/* One call of the library: fills up to `room` bytes at `to`. */
static int step_gzip(struct cdn_list_source *s, char *to, size_t room, size_t *ret, struct cordon_error *e) {
    if (s->whole && s->in.n > 0 && inflateReset(&s->gz) != Z_OK) {
        return fail(s, e, CORDON_E_FORMAT, "damaged gzip file");
    }
    s->whole = s->whole && s->in.n == 0;
    union { /* zlib's interface is not const-clean */
        const char *c;
        Bytef *b;
    } in = {.c = s->in.p};
    s->gz.next_in = in.b;
    s->gz.avail_in = (uInt)CDN_MIN(s->in.n, (size_t)1 << 30);
    const size_t offered = s->gz.avail_in;
    s->gz.next_out = (Bytef *)to;
    s->gz.avail_out = (uInt)room;
    const int got = inflate(&s->gz, Z_NO_FLUSH);
    taken(s, s->in.n - offered + s->gz.avail_in);
    if (got != Z_OK && got != Z_STREAM_END && got != Z_BUF_ERROR) {
        return fail(s, e, CORDON_E_FORMAT, "damaged gzip file");
    }
    s->whole = s->whole || got == Z_STREAM_END;
    *ret = room - s->gz.avail_out;
    return 0;
}

static int step_xz(struct cdn_list_source *s, char *to, size_t room, size_t *ret, struct cordon_error *e) {
    s->xz.next_in = (const uint8_t *)s->in.p;
    s->xz.avail_in = s->in.n;
    s->xz.next_out = (uint8_t *)to;
    s->xz.avail_out = room;
    const bool last = s->in_end && s->fd < 0 ? true : s->in_end && s->in.n == 0;
    const lzma_ret got = lzma_code(&s->xz, last ? LZMA_FINISH : LZMA_RUN);
    taken(s, s->xz.avail_in);
    if (got == LZMA_MEM_ERROR) {
        return fail(s, e, CORDON_E_NOMEM, "no memory to unpack xz");
    }
    if (got == LZMA_MEMLIMIT_ERROR) {
        return fail(s, e, CORDON_E_LIMIT, "this xz file needs more than 128 MiB of memory");
    }
    if (got != LZMA_OK && got != LZMA_STREAM_END && got != LZMA_BUF_ERROR) {
        return fail(s, e, CORDON_E_FORMAT, "damaged xz file");
    }
    s->whole = got == LZMA_STREAM_END;
    *ret = room - s->xz.avail_out;
    return 0;
}

static int step_zstd(struct cdn_list_source *s, char *to, size_t room, size_t *ret, struct cordon_error *e) {
    ZSTD_inBuffer in = {.src = s->in.p, .size = s->in.n, .pos = 0};
    ZSTD_outBuffer out = {.dst = to, .size = room, .pos = 0};
    const size_t got = ZSTD_decompressStream(s->zst, &out, &in);
    taken(s, in.size - in.pos);
    if (ZSTD_isError(got)) {
        return fail(
            s, e, CORDON_E_FORMAT, "damaged zstd file, or one that needs more than 128 MiB of memory");
    }
    s->whole = got == 0 || (s->whole && in.pos == 0 && out.pos == 0);
    *ret = out.pos;
    return 0;
}

static int step(struct cdn_list_source *s, char *to, size_t room, size_t *ret, struct cordon_error *e) {
    if (s->packing == GZIP) {
        return step_gzip(s, to, room, ret, e);
    }
    if (s->packing == XZ) {
        return step_xz(s, to, room, ret, e);
    }
    if (s->packing == ZSTD) {
        return step_zstd(s, to, room, ret, e);
    }
    const size_t n = CDN_MIN(room, s->in.n);
    if (n > 0) {
        memcpy(to, s->in.p, n);
        taken(s, s->in.n - n);
    }
    s->whole = true;
    *ret = n;
    return 0;
}

/* Fills `out` from `have` on until it is full or the file ends. */
static int fill(struct cdn_list_source *s, size_t have, size_t *ret, struct cordon_error *e) {
    while (have < sizeof s->out) {
        int err = refill(s, e);
        const size_t before = s->in.n;
        size_t n = 0;
        if (err == 0) {
            err = step(s, s->out + have, sizeof s->out - have, &n, e);
        }
        if (err != 0) {
            return err;
        }
        have += n;
        if (n == 0 && s->in.n == before && s->in_end) {
            if (s->in.n > 0 || !s->whole) {
                return fail(
                    s, e, CORDON_E_FORMAT, "the packed file ends early, or has something after its end");
            }
            break;
        }
    }
    *ret = have;
    return 0;
}

static int begin(struct cdn_list_source *s, struct cordon_error *e) {
    const int err = refill(s, e);
    if (err != 0) {
        return err;
    }
    if (cdn_str_starts(s->in, CDN_STR("\x1f\x8b"))) {
        s->packing = GZIP;
        if (inflateInit2(&s->gz, 16 + MAX_WBITS) != Z_OK) {
            s->packing = PLAIN;
            return fail(s, e, CORDON_E_NOMEM, "no memory to unpack gzip");
        }
    } else if (cdn_str_starts(s->in, CDN_STR("\xfd\x37zXZ"))) {
        s->packing = XZ;
        if (lzma_stream_decoder(&s->xz, WINDOW_LIMIT, LZMA_CONCATENATED) != LZMA_OK) {
            return fail(s, e, CORDON_E_NOMEM, "no memory to unpack xz");
        }
    } else if (cdn_str_starts(s->in, CDN_STR("\x28\xb5\x2f\xfd"))) {
        s->packing = ZSTD;
        s->zst = ZSTD_createDStream();
        if (s->zst == NULL || ZSTD_isError(ZSTD_DCtx_setParameter(s->zst, ZSTD_d_windowLogMax, WINDOW_LOG))) {
            return fail(s, e, CORDON_E_NOMEM, "no memory to unpack zstd");
        }
    }
    return 0;
}

int cdn_list_source_open(const struct cdn_list_file *file,
                         const struct cordon_alloc *alloc,
                         struct cdn_list_source **ret,
                         struct cordon_error *e) {
    struct cdn_list_source *const s = cdn_alloc_zero(alloc, 1, sizeof *s);
    if (s == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to read a list");
    }
    s->alloc = alloc;
    s->fd = -1;
    s->bytes = file->bytes;
    s->name = file->name != NULL ? file->name : file->path != NULL ? file->path : "(memory)";
    s->xz = (lzma_stream)LZMA_STREAM_INIT;
    int err = 0;
    if (file->path != NULL) {
        s->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (s->fd < 0) {
            const int system = errno;
            err = fail(s, e, CORDON_E_IO, "cannot be opened");
            if (e != NULL) {
                e->system = system;
            }
        }
    }
    if (err == 0) {
        err = begin(s, e);
    }
    if (err != 0) {
        cdn_list_source_close(s);
        return err;
    }
    *ret = s;
    return 0;
}

void cdn_list_source_close(struct cdn_list_source *s) {
    if (s == NULL) {
        return;
    }
    if (s->fd >= 0) {
        (void)close(s->fd);
    }
    if (s->packing == GZIP) {
        (void)inflateEnd(&s->gz);
    }
    lzma_end(&s->xz);
    (void)ZSTD_freeDStream(s->zst);
    cdn_free(s->alloc, s, sizeof *s);
}

int cdn_list_source_peek(struct cdn_list_source *s, cordon_str *ret, struct cordon_error *e) {
    if (s->ready == 0) {
        size_t n = 0;
        const int err = fill(s, 0, &n, e);
        if (err != 0) {
            return err;
        }
        s->ready = n;
    }
    *ret = cdn_str(s->out, s->ready);
    return 0;
}

int cdn_list_source_next(struct cdn_list_source *s, cordon_str *ret, struct cordon_error *e) {
    size_t n = s->ready;
    s->ready = 0;
    if (n == 0) {
        const int err = fill(s, 0, &n, e);
        if (err != 0) {
            return err;
        }
    }
    s->total += n;
    if (s->total > CDN_MAX_LIST_BYTES) {
        return fail(s, e, CORDON_E_LIMIT, "unpacks to more than a list may have");
    }
    if (s->sha != NULL && n > 0 && EVP_DigestUpdate(s->sha, s->out, n) != 1) {
        return fail(s, e, CORDON_E_INTERNAL, "SHA-256 failed");
    }
    *ret = cdn_str(s->out, n);
    return 0;
}

const char *cdn_list_source_name(const struct cdn_list_source *s) {
    return s->name;
}

uint64_t cdn_list_source_bytes(const struct cdn_list_source *s) {
    return s->total;
}

void cdn_list_source_digest(struct cdn_list_source *s, void *sha) {
    s->sha = sha;
}
