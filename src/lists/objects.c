/* SPDX-License-Identifier: Apache-2.0 */
/* objects.c: the files of a store: packed objects under the digest of their contents, small files replaced
 * whole.
 *
 *  1. what a name stands for is complete and synced before the name exists;
 *  2. packing streams: two buffers, whatever the size. What is packed already is unpacked first, so that the
 *     same contents are one object however they were served. */
#include "lists/store_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <zstd.h>

#define PACK_LEVEL 6

int cdn_lists_io(const char *path, struct cordon_error *e) {
    const int system = errno;
    char text[128];
    (void)cdn_fail(e, CORDON_E_IO, "%s", strerror_r(system, text, sizeof text));
    if (e != NULL) {
        e->system = system;
    }
    cdn_error_where(e, cdn_str_z(path), 0, 0);
    return CORDON_E_IO;
}

int cdn_lists_path(struct cdn_list_path *ret,
                   struct cordon_error *e,
                   const char *folder,
                   const char *within,
                   cordon_str name,
                   const char *end) {
    struct cdn_buf b;
    cdn_buf_fixed(&b, ret->z, sizeof ret->z - 1);
    cdn_buf_z(&b, folder);
    cdn_buf_z(&b, within);
    cdn_buf_str(&b, name);
    cdn_buf_z(&b, end);
    if (b.err != 0) {
        return cdn_fail(e, CORDON_E_LIMIT, "a path of more than %d bytes", CDN_MAX_PATH_BYTES);
    }
    ret->z[b.n] = '\0';
    return 0;
}

static int write_all(int fd, const char *path, const char *p, size_t n, struct cordon_error *e) {
    while (n > 0) {
        const ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return cdn_lists_io(path, e);
        }
        p += done;
        n -= (size_t)done;
    }
    return 0;
}

static int create(const char *path, int *ret, struct cordon_error *e) {
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) {
        return cdn_lists_io(path, e);
    }
    *ret = fd;
    return 0;
}

/* Syncs (if nothing failed), closes, and removes what is of no use. */
static int finish(int fd, const char *path, int err, struct cordon_error *e) {
    if (err == 0 && fsync(fd) != 0) {
        err = cdn_lists_io(path, e);
    }
    if (close(fd) != 0 && err == 0) {
        err = cdn_lists_io(path, e);
    }
    if (err != 0) {
        (void)unlink(path);
    }
    return err;
}

struct packer {
    ZSTD_CCtx *zstd;
    EVP_MD_CTX *sha;
    const char *path;
    int fd;
    char out[CDN_SOURCE_CHUNK];
};

static int pack_chunk(struct packer *p, cordon_str chunk, struct cordon_error *e) {
    ZSTD_inBuffer in = {.src = chunk.n > 0 ? chunk.p : "", .size = chunk.n, .pos = 0};
    const ZSTD_EndDirective how = chunk.n == 0 ? ZSTD_e_end : ZSTD_e_continue;
    size_t left = 1;
    if (chunk.n > 0 && EVP_DigestUpdate(p->sha, chunk.p, chunk.n) != 1) {
        return cdn_fail(e, CORDON_E_INTERNAL, "SHA-256 failed");
    }
    while (in.pos < in.size || (how == ZSTD_e_end && left > 0)) {
        ZSTD_outBuffer out = {.dst = p->out, .size = sizeof p->out, .pos = 0};
        left = ZSTD_compressStream2(p->zstd, &out, &in, how);
        if (ZSTD_isError(left)) {
            return cdn_fail(e, CORDON_E_NOMEM, "%s", ZSTD_getErrorName(left));
        }
        const int err = write_all(p->fd, p->path, p->out, out.pos, e);
        if (err != 0) {
            return err;
        }
    }
    return 0;
}

static int pack_all(struct packer *p, struct cdn_list_source *s, struct cordon_error *e) {
    int err = 0;
    for (;;) {
        cordon_str chunk = {NULL, 0};
        err = cdn_list_source_next(s, &chunk, e);
        err = err != 0 ? err : pack_chunk(p, chunk, e);
        if (err != 0 || chunk.n == 0) {
            return err;
        }
    }
}

int cdn_lists_pack(const struct cdn_list_file *from,
                   const char *path,
                   const struct cordon_alloc *alloc,
                   struct cdn_lists_packed *ret,
                   struct cordon_error *e) {
    struct cdn_list_source *s = NULL;
    struct packer *const p = cdn_alloc_zero(alloc, 1, sizeof *p);
    if (p == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to pack a file");
    }
    struct cdn_lists_packed packed = {.bytes = 0};
    p->zstd = ZSTD_createCCtx();
    p->sha = EVP_MD_CTX_new();
    p->path = path;
    int err = cdn_list_source_open(from, alloc, &s, e);
    if (err == 0 &&
        (p->zstd == NULL || p->sha == NULL || EVP_DigestInit_ex(p->sha, EVP_sha256(), NULL) != 1 ||
         ZSTD_isError(ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_compressionLevel, PACK_LEVEL)) ||
         ZSTD_isError(ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_checksumFlag, 1)))) {
        err = cdn_fail(e, CORDON_E_NOMEM, "no memory to pack a file");
    }
    err = err != 0 ? err : create(path, &p->fd, e);
    if (err == 0) {
        err = finish(p->fd, path, pack_all(p, s, e), e);
    }
    if (err == 0 && EVP_DigestFinal_ex(p->sha, packed.sha256, NULL) != 1) {
        err = cdn_fail(e, CORDON_E_INTERNAL, "SHA-256 failed");
    }
    packed.bytes = s != NULL ? cdn_list_source_bytes(s) : 0;
    cdn_list_source_close(s);
    EVP_MD_CTX_free(p->sha);
    (void)ZSTD_freeCCtx(p->zstd);
    cdn_free(alloc, p, sizeof *p);
    if (err == 0) {
        *ret = packed;
    }
    return err;
}

int cdn_lists_write(const char *path, cordon_str bytes, struct cordon_error *e) {
    struct cdn_list_path fresh;
    int fd = -1;
    int err = cdn_lists_path(&fresh, e, path, ".new", (cordon_str){NULL, 0}, "");
    err = err != 0 ? err : create(fresh.z, &fd, e);
    if (err == 0) {
        err = finish(fd, fresh.z, write_all(fd, fresh.z, bytes.p, bytes.n, e), e);
    }
    if (err == 0 && rename(fresh.z, path) != 0) {
        err = cdn_lists_io(path, e);
        (void)unlink(fresh.z);
    }
    return err;
}

int cdn_lists_sync_folder(const char *path, struct cordon_error *e) {
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return cdn_lists_io(path, e);
    }
    int err = 0;
    if (fsync(fd) != 0) {
        err = cdn_lists_io(path, e);
    }
    (void)close(fd);
    return err;
}

int cdn_lists_make_folders(const char *folder, cordon_str relative, struct cordon_error *e) {
    for (size_t i = 0; i < relative.n; i++) {
        struct cdn_list_path path;
        if (relative.p[i] != '/' || i == 0) {
            continue;
        }
        const int err = cdn_lists_path(&path, e, folder, "", cdn_str(relative.p, i), "");
        if (err != 0) {
            return err;
        }
        if (mkdir(path.z, 0755) != 0 && errno != EEXIST) {
            return cdn_lists_io(path.z, e);
        }
    }
    return 0;
}
