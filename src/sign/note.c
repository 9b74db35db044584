/* SPDX-License-Identifier: Apache-2.0 */
/* note.c: signed notes (C2SP signed-note) and cosignatures (C2SP tlog-cosignature, cosignature/v1).
 *
 *   text EOL-terminated, then an empty line, then one or more lines
 *   "— " name " " base64( hash[4] signature )
 *   hash       = first 4 bytes of SHA-256( name LF kind[1] key[32] )
 *   Ed25519    (kind 1)  signature[64] over the text
 *   cosigner   (kind 4)  time[8, big-endian] signature[64] over "cosignature/v1\ntime N\n" and the text
 *
 *  1. A line of an unknown key or kind is passed over (the format wants it); one of the asked key that is
 * wrong is an error even when another line is good.
 *  2. The text is UTF-8 without control characters but LF, as the format wants it. */
#include <sodium.h>

#include "base/limits.h"
#include "sign/sign.h"

enum { MAX_SIGNATURES = 100 };
static const char dash[] = "\xe2\x80\x94 ";

static bool good_name(cordon_str name) {
    if (name.n == 0 || name.n > CDN_SIGN_MAX_NAME || !cdn_utf8_valid(name))
        return false;
    for (size_t i = 0; i < name.n; i++) {
        const uint8_t c = (uint8_t)name.p[i];
        if (c <= ' ' || c == '+' || c == 0x7f)
            return false;
        /* white space beyond ASCII begins with these bytes; such names are refused with a few others */
        if (c == 0xc2 && i + 1 < name.n && (uint8_t)name.p[i + 1] <= 0xa0)
            return false;
        if ((c == 0xe1 || c == 0xe3) || (c == 0xe2 && i + 1 < name.n && (uint8_t)name.p[i + 1] <= 0x81))
            return false;
    }
    return true;
}

static void key_hash(const struct cdn_note_key *key, uint8_t ret[4]) {
    crypto_hash_sha256_state h;
    uint8_t digest[32];
    (void)crypto_hash_sha256_init(&h);
    (void)crypto_hash_sha256_update(&h, (const uint8_t *)key->name, strlen(key->name));
    (void)crypto_hash_sha256_update(&h, (const uint8_t *)"\n", 1);
    (void)crypto_hash_sha256_update(&h, &key->kind, 1);
    (void)crypto_hash_sha256_update(&h, key->key, sizeof(key->key));
    (void)crypto_hash_sha256_final(&h, digest);
    memcpy(ret, digest, 4);
}

int cdn_note_key_make(cordon_str name,
                      const struct cdn_sign_public *key,
                      enum cdn_note_kind kind,
                      struct cdn_note_key *ret,
                      struct cordon_error *e) {
    if (!good_name(name))
        return cdn_fail(
            e, CORDON_E_ARG, "a name of a note's key is not empty and has neither white space nor `+`");
    int err = cdn_sign_begin(e);
    if (err)
        return err;
    memset(ret, 0, sizeof(*ret));
    ret->kind = (uint8_t)kind;
    memcpy(ret->name, name.p, name.n);
    memcpy(ret->key, key->key, sizeof(ret->key));
    key_hash(ret, ret->hash);
    return CORDON_OK;
}

void cdn_note_key_write(struct cdn_buf *out, const struct cdn_note_key *key) {
    uint8_t blob[1 + CDN_SIGN_PUBLIC] = {key->kind};
    memcpy(blob + 1, key->key, CDN_SIGN_PUBLIC);
    cdn_buf_z(out, key->name);
    cdn_buf_char(out, '+');
    cdn_buf_hex(out, key->hash, sizeof(key->hash));
    cdn_buf_char(out, '+');
    cdn_base64_write(out, blob, sizeof(blob));
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int cdn_note_key_read(cordon_str text, struct cdn_note_key *ret, struct cordon_error *e) {
    cordon_str rest, blob_text;
    text = cdn_str_trim(text);
    const cordon_str name = cdn_str_split(text, '+', &rest);
    const cordon_str hash = cdn_str_split(rest, '+', &blob_text);
    uint8_t blob[1 + CDN_SIGN_PUBLIC];
    if (!good_name(name) || hash.n != 8 || cdn_base64_read(blob_text, blob, sizeof(blob)))
        return cdn_fail(e, CORDON_E_SYNTAX, "a verifier key reads NAME+HASH+BASE64");
    if (blob[0] != CDN_NOTE_ED25519 && blob[0] != CDN_NOTE_COSIGNER)
        return cdn_fail(
            e, CORDON_E_VERSION, "the verifier key is of kind %u, which is not known here", blob[0]);
    struct cdn_sign_public key = {{0}, {0}};
    memcpy(key.key, blob + 1, sizeof(key.key));
    struct cdn_note_key made;
    const int err = cdn_note_key_make(name, &key, (enum cdn_note_kind)blob[0], &made, e);
    if (err)
        return err;
    for (unsigned i = 0; i < 4; i++) {
        const int hi = hex_value(hash.p[2 * i]), lo = hex_value(hash.p[2 * i + 1]);
        if (hi < 0 || lo < 0 || (hi << 4 | lo) != made.hash[i])
            return cdn_fail(e, CORDON_E_DIGEST, "the verifier key's hash is not that of its name and key");
    }
    *ret = made;
    return CORDON_OK;
}

static bool good_text(cordon_str text) {
    if (text.n == 0 || text.n > CDN_SIGN_MAX_NOTE || text.p[text.n - 1] != '\n' || !cdn_utf8_valid(text))
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if ((uint8_t)text.p[i] < 0x20 && text.p[i] != '\n')
            return false;
    }
    return true;
}

/* What a cosigner signs. */
static void cosigned(struct cdn_buf *b, uint64_t time, cordon_str text) {
    cdn_buf_printf(b, "cosignature/v1\ntime %llu\n", (unsigned long long)time);
    cdn_buf_str(b, text);
}

int cdn_note_line(struct cdn_buf *out,
                  cordon_str text,
                  cordon_str name,
                  const struct cdn_sign_secret *key,
                  enum cdn_note_kind kind,
                  int64_t time,
                  struct cordon_error *e) {
    struct cdn_note_key maker;
    int err = cdn_note_key_make(name, &key->pub, kind, &maker, e);
    if (err)
        return err;
    if (!good_text(text) || time < 0)
        return cdn_fail(e, CORDON_E_ARG, "the text of a note is UTF-8 lines, each with its end");
    uint8_t blob[4 + 8 + CDN_SIGN_BYTES];
    size_t n = 4;
    memcpy(blob, maker.hash, 4);
    if (kind == CDN_NOTE_COSIGNER) {
        struct cdn_buf b;
        cdn_buf_init(&b, out->alloc ? out->alloc : &cdn_alloc_libc, CDN_SIGN_MAX_NOTE + 64);
        cosigned(&b, (uint64_t)time, text);
        for (unsigned i = 0; i < 8; i++)
            blob[n++] = (uint8_t)((uint64_t)time >> (56 - 8 * i));
        err = b.err ? cdn_fail(e, b.err, "no room for a note")
                    : cdn_sign_bytes(key, cdn_buf_get(&b), blob + n, e);
        cdn_buf_free(&b);
    } else {
        err = cdn_sign_bytes(key, text, blob + n, e);
    }
    if (err)
        return err;
    cdn_buf_z(out, dash);
    cdn_buf_str(out, name);
    cdn_buf_char(out, ' ');
    cdn_base64_write(out, blob, n + CDN_SIGN_BYTES);
    cdn_buf_char(out, '\n');
    return out->err ? cdn_fail(e, out->err, "no room for a note") : CORDON_OK;
}

int cdn_note_sign(struct cdn_buf *out,
                  cordon_str text,
                  cordon_str name,
                  const struct cdn_sign_secret *key,
                  struct cordon_error *e) {
    cdn_buf_str(out, text);
    cdn_buf_char(out, '\n');
    return cdn_note_line(out, text, name, key, CDN_NOTE_ED25519, 0, e);
}

/* One signature line: name and blob. */
static int read_line(cordon_str line, cordon_str *ret_name, uint8_t blob[128], size_t *ret_n) {
    const size_t mark = sizeof(dash) - 1;
    if (line.n < mark || memcmp(line.p, dash, mark) != 0)
        return CORDON_E_SYNTAX;
    cordon_str base64;
    const cordon_str name = cdn_str_split(cdn_str(line.p + mark, line.n - mark), ' ', &base64);
    if (!good_name(name) || base64.n < 8 || base64.n % 4 != 0)
        return CORDON_E_SYNTAX;
    size_t n = base64.n / 4 * 3;
    n -= base64.p[base64.n - 1] == '=';
    n -= base64.p[base64.n - 2] == '=';
    *ret_name = name;
    *ret_n = n;
    if (n > 128) /* of an algorithm with longer signatures: passed over */
        return CORDON_OK;
    return cdn_base64_read(base64, blob, n);
}

int cdn_note_read(cordon_str note, struct cdn_note *ret, struct cordon_error *e) {
    if (note.n > CDN_SIGN_MAX_NOTE)
        return cdn_fail(e, CORDON_E_LIMIT, "a note has at most %zu bytes", CDN_SIGN_MAX_NOTE);
    size_t cut = 0; /* after the last empty line */
    for (size_t i = 0; i + 1 < note.n; i++)
        cut = note.p[i] == '\n' && note.p[i + 1] == '\n' ? i + 1 : cut;
    const cordon_str text = cdn_str(note.p, cut);
    const cordon_str lines = cut > 0 ? cdn_str(note.p + cut + 1, note.n - cut - 1) : cdn_str(NULL, 0);
    if (!good_text(text) || lines.n == 0 || lines.p[lines.n - 1] != '\n')
        return cdn_fail(e, CORDON_E_SYNTAX, "this is no signed note");
    cordon_str rest = lines;
    for (unsigned count = 0; rest.n > 0; count++) {
        uint8_t blob[128];
        size_t n = 0;
        cordon_str name;
        const cordon_str line = cdn_str_split(rest, '\n', &rest);
        if (count == MAX_SIGNATURES)
            return cdn_fail(e, CORDON_E_LIMIT, "the note has more than %d signatures", MAX_SIGNATURES);
        if (read_line(line, &name, blob, &n))
            return cdn_fail(e, CORDON_E_SYNTAX, "signature %u of the note is no signature", count + 1);
    }
    ret->text = text;
    ret->signatures = lines;
    return CORDON_OK;
}

static int check_line(const struct cdn_note *note,
                      const struct cdn_note_key *key,
                      const uint8_t *blob,
                      size_t n,
                      int64_t *ret_time,
                      struct cordon_error *e) {
    struct cdn_sign_public pub = {{0}, {0}};
    memcpy(pub.key, key->key, sizeof(pub.key));
    const bool cosigner = key->kind == CDN_NOTE_COSIGNER;
    if (n != (cosigner ? (size_t)76 : (size_t)68))
        return cdn_fail(e, CORDON_E_DIGEST, "the signature of %s has the wrong length", key->name);
    if (!cosigner) {
        *ret_time = 0;
        return cdn_sign_check_bytes(&pub, note->text, blob + 4, e);
    }
    uint64_t time = 0;
    for (unsigned i = 0; i < 8; i++)
        time = time << 8 | blob[4 + i];
    if (time > (uint64_t)INT64_MAX)
        return cdn_fail(e, CORDON_E_RANGE, "the time of the cosignature of %s is out of range", key->name);
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, CDN_SIGN_MAX_NOTE + 64);
    cosigned(&b, time, note->text);
    const int err = b.err ? cdn_fail(e, b.err, "no memory for a note")
                          : cdn_sign_check_bytes(&pub, cdn_buf_get(&b), blob + 12, e);
    cdn_buf_free(&b);
    *ret_time = (int64_t)time;
    return err;
}

int cdn_note_verify(const struct cdn_note *note,
                    const struct cdn_note_key *key,
                    int64_t *ret_time,
                    struct cordon_error *e) {
    cordon_str rest = note->signatures;
    bool found = false;
    int64_t time = 0;
    while (rest.n > 0) {
        uint8_t blob[128];
        size_t n = 0;
        cordon_str name;
        const cordon_str line = cdn_str_split(rest, '\n', &rest);
        if (read_line(line, &name, blob, &n))
            return cdn_fail(e, CORDON_E_SYNTAX, "a signature of the note is no signature");
        if (n > 128 || n < 4 || !cdn_str_eq(name, cdn_str_z(key->name)) || memcmp(blob, key->hash, 4) != 0)
            continue;
        const int err = check_line(note, key, blob, n, &time, e);
        if (err)
            return err;
        found = true;
    }
    if (!found)
        return cdn_fail(e, CORDON_E_NOTFOUND, "the note bears no signature of %s", key->name);
    if (ret_time)
        *ret_time = time;
    return CORDON_OK;
}
