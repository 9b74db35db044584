/* SPDX-License-Identifier: Apache-2.0 */
/* layout.c: the small files: `journal` (version and origin), keys/00000001.vkey and on (verifier keys, newest
 * last). */
#include <errno.h>
#include <stdio.h>

#include "journal/journal_priv.h"

static const char first_line[] = "cordon journal 1\n";

int cdn_layout_read_origin(const struct cdn_io *io, char ret[CDN_SIGN_MAX_NAME + 1], struct cordon_error *e) {
    char storage[1024];
    struct cdn_buf b;
    cdn_buf_fixed(&b, storage, sizeof(storage));
    int err = cdn_io_read(io, CDN_JOURNAL_FILE, sizeof(storage), &b, e);
    if (err)
        return err;
    const cordon_str text = cdn_buf_get(&b);
    cordon_str rest;
    const size_t n = sizeof(first_line) - 1;
    if (!cdn_str_starts(text, CDN_STR("cordon journal ")))
        return cdn_fail(e, CORDON_E_FORMAT, "this is no journal");
    if (text.n < n || memcmp(text.p, first_line, n) != 0)
        return cdn_fail(e, CORDON_E_VERSION, "the journal has a version that this build does not read");
    const cordon_str origin = cdn_str_split(cdn_str(text.p + n, text.n - n), '\n', &rest);
    if (origin.n == 0 || origin.n > CDN_SIGN_MAX_NAME || rest.n > 0 || text.p[text.n - 1] != '\n')
        return cdn_fail(e, CORDON_E_FORMAT, "the file `%s` is damaged", CDN_JOURNAL_FILE);
    for (size_t i = 0; i < origin.n; i++) {
        if ((uint8_t)origin.p[i] <= ' ')
            return cdn_fail(e, CORDON_E_FORMAT, "the file `%s` is damaged", CDN_JOURNAL_FILE);
    }
    memcpy(ret, origin.p, origin.n);
    ret[origin.n] = '\0';
    return CORDON_OK;
}

int cdn_layout_write_origin(const struct cdn_io *io, cordon_str origin, struct cordon_error *e) {
    char storage[1024];
    struct cdn_buf b;
    struct cdn_note_key probe;
    const struct cdn_sign_public nothing = {{0}, {0}};
    int err =
        cdn_note_key_make(origin, &nothing, CDN_NOTE_ED25519, &probe, e); /* the origin names the key, too */
    if (err)
        return err;
    static const char *const dirs[] = {CDN_SEGS_DIR, "tile", CDN_JOURNAL_KEYS};
    for (size_t i = 0; i < CDN_ARRAY_LEN(dirs); i++) {
        const int made = io->ops->make_dir(io->ops->ctx, io->dir, dirs[i]);
        if (made)
            return cdn_io_fail(e, made, "making", dirs[i]);
    }
    cdn_buf_fixed(&b, storage, sizeof(storage));
    cdn_buf_z(&b, first_line);
    cdn_buf_str(&b, origin);
    cdn_buf_char(&b, '\n');
    err = cdn_io_replace(io, CDN_JOURNAL_FILE, cdn_buf_get(&b), true, e);
    if (!err)
        (void)io->ops->sync_dir(
            io->ops->ctx, io->dir, ".."); /* the journal's own name, where that is allowed */
    return err;
}

void cdn_layout_origin_hash(struct cdn_hasher *h, cordon_str origin, uint8_t ret[8]) {
    uint8_t sum[CDN_HASH];
    cdn_hash_bytes(h, origin.p, origin.n, sum);
    memcpy(ret, sum, 8);
}

void cdn_layout_key_path(char ret[CDN_IO_PATH], uint32_t number, const char *ending) {
    (void)snprintf(ret, CDN_IO_PATH, CDN_JOURNAL_KEYS "/%08u.%s", number, ending);
}

int cdn_layout_read_key(const struct cdn_io *io,
                        uint32_t number,
                        struct cdn_note_key *ret,
                        struct cordon_error *e) {
    char path[CDN_IO_PATH], storage[1024], again[1024];
    struct cdn_buf b, w;
    struct cdn_note_key key;
    cdn_buf_fixed(&b, storage, sizeof(storage));
    cdn_buf_fixed(&w, again, sizeof(again));
    cdn_layout_key_path(path, number, "vkey");
    int err = cdn_io_read(io, path, sizeof(storage), &b, e);
    if (!err)
        err = cdn_note_key_read(cdn_buf_get(&b), &key, e);
    if (err)
        return err;
    cdn_note_key_write(&w, &key); /* the one right way to write it */
    cdn_buf_char(&w, '\n');
    if (!cdn_str_eq(cdn_buf_get(&w), cdn_buf_get(&b)))
        return cdn_fail(e, CORDON_E_SYNTAX, "%s is damaged", path);
    *ret = key;
    return CORDON_OK;
}

int cdn_layout_write_key(const struct cdn_io *io,
                         uint32_t number,
                         const struct cdn_note_key *key,
                         struct cordon_error *e) {
    char path[CDN_IO_PATH], storage[1024];
    struct cdn_buf b;
    cdn_buf_fixed(&b, storage, sizeof(storage));
    cdn_layout_key_path(path, number, "vkey");
    cdn_note_key_write(&b, key);
    cdn_buf_char(&b, '\n');
    return b.err ? cdn_fail(e, b.err, "the name of the key is too long")
                 : cdn_io_replace(io, path, cdn_buf_get(&b), true, e);
}

int cdn_layout_last_key(const struct cdn_io *io,
                        uint32_t *ret_number,
                        struct cdn_note_key *ret,
                        struct cordon_error *e) {
    struct cdn_note_key key;
    uint32_t number = 0;
    for (;;) {
        const int err = cdn_layout_read_key(io, number + 1, &key, e);
        if (err == CORDON_E_NOTFOUND)
            break;
        if (err)
            return err;
        *ret = key;
        number++;
    }
    *ret_number = number;
    return number ? CORDON_OK : cdn_fail(e, CORDON_E_NOTFOUND, "the journal has no key yet");
}
