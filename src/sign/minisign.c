/* SPDX-License-Identifier: Apache-2.0 */
/* minisign.c: the files of minisign 0.11 (jedisct1.github.io/minisign, "Signature format").
 *
 *   public key   "untrusted comment: …" EOL  base64( "Ed" id[8] key[32] )
 *   secret key   "untrusted comment: …" EOL  base64( "Ed" kdf[2] "B2" salt[32] ops[8] mem[8]
 *                                                    stream XOR ( id[8] secret[64] checksum[32] ) )
 *                kdf "Sc": stream = scrypt(password, salt, ops, mem); kdf 0,0: no stream
 *                checksum = BLAKE2b-256( "Ed" id secret )
 *   signature    "untrusted comment: …" EOL  base64( "Ed"|"ED" id[8] signature[64] )
 *                "trusted comment: …" EOL    base64( signature of ( signature[64] trusted comment ) )
 *                "ED": the signature is over BLAKE2b-512 of the message; "Ed": over the message
 *
 *  1. A file has exactly its lines; anything after the last one is an error.
 *  2. Both signatures of a signature file must be good before anything of it is believed. */
#include <sodium.h>

#include "base/limits.h"
#include "sign/sign.h"

enum { PUBLIC_BLOB = 2 + 8 + 32, SIGNATURE_BLOB = 2 + 8 + 64, CHECKSUM = 32, STREAM = 8 + 64 + CHECKSUM };
enum { SECRET_BLOB = 2 + 2 + 2 + 32 + 8 + 8 + STREAM };
static const char untrusted[] = "untrusted comment: ";
static const char trusted_mark[] = "trusted comment: ";

static void put_le64(uint8_t *p, uint64_t v) {
    for (unsigned i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}
static uint64_t get_le64(const uint8_t *p) {
    uint64_t v = 0;
    for (unsigned i = 8; i-- > 0;)
        v = v << 8 | p[i];
    return v;
}

/* The number as minisign shows it: eight bytes, little-endian, as upper-case hex. */
static void put_id(struct cdn_buf *out, const uint8_t id[CDN_SIGN_ID]) {
    cdn_buf_printf(out, "%016llX", (unsigned long long)get_le64(id));
}

/* One line without its end; *rest follows it. */
static cordon_str line_of(cordon_str text, cordon_str *rest) {
    cordon_str line = cdn_str_split(text, '\n', rest);
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

static int read_blob(cordon_str *text, uint8_t *ret, size_t n, const char *what, struct cordon_error *e) {
    const cordon_str line = line_of(*text, text);
    if (cdn_base64_read(line, ret, n))
        return cdn_fail(e, CORDON_E_SYNTAX, "this is no %s of minisign: its base64 is wrong", what);
    return CORDON_OK;
}

/* Comment line and blob; with `more`, further lines follow. */
static int read_head(
    cordon_str *text, uint8_t *ret, size_t n, bool more, const char *what, struct cordon_error *e) {
    cordon_str rest;
    const cordon_str comment = line_of(*text, &rest);
    if (!cdn_str_starts(comment, CDN_STR("untrusted comment: ")) ||
        comment.n > sizeof(untrusted) + CDN_SIGN_MAX_COMMENT)
        return cdn_fail(e, CORDON_E_SYNTAX, "this is no %s of minisign: it begins with no comment", what);
    const int err = read_blob(&rest, ret, n, what, e);
    if (err)
        return err;
    if (!more && rest.n > 0)
        return cdn_fail(e, CORDON_E_SYNTAX, "the %s has more lines than it should", what);
    *text = rest;
    return CORDON_OK;
}

void cdn_minisign_write_public(struct cdn_buf *out, const struct cdn_sign_public *key) {
    uint8_t blob[PUBLIC_BLOB] = {'E', 'd'};
    memcpy(blob + 2, key->id, CDN_SIGN_ID);
    memcpy(blob + 10, key->key, CDN_SIGN_PUBLIC);
    cdn_buf_z(out, untrusted);
    cdn_buf_z(out, "minisign public key ");
    put_id(out, key->id);
    cdn_buf_char(out, '\n');
    cdn_base64_write(out, blob, sizeof(blob));
    cdn_buf_char(out, '\n');
}

int cdn_minisign_read_public(cordon_str text, struct cdn_sign_public *ret, struct cordon_error *e) {
    uint8_t blob[PUBLIC_BLOB];
    int err;
    if (cdn_str_starts(text, CDN_STR("untrusted")))
        err = read_head(&text, blob, sizeof(blob), false, "public key", e);
    else
        err = read_blob(&text, blob, sizeof(blob), "public key", e);
    if (err)
        return err;
    if (text.n > 0)
        return cdn_fail(e, CORDON_E_SYNTAX, "the public key has more lines than it should");
    if (blob[0] != 'E' || blob[1] != 'd')
        return cdn_fail(e, CORDON_E_VERSION, "the public key is for another algorithm than Ed25519");
    memcpy(ret->id, blob + 2, CDN_SIGN_ID);
    memcpy(ret->key, blob + 10, CDN_SIGN_PUBLIC);
    return CORDON_OK;
}

static void checksum(const uint8_t *id_and_key, uint8_t ret[CHECKSUM]) {
    crypto_generichash_state h;
    (void)crypto_generichash_init(&h, NULL, 0, CHECKSUM);
    (void)crypto_generichash_update(&h, (const uint8_t *)"Ed", 2);
    (void)crypto_generichash_update(&h, id_and_key, CDN_SIGN_ID + CDN_SIGN_SECRET);
    (void)crypto_generichash_final(&h, ret, CHECKSUM);
}

/* What hides the secret: blob + 6 is salt, ops, mem. */
static int apply_stream(uint8_t *blob, cordon_str password, struct cordon_error *e) {
    uint8_t stream[STREAM];
    const uint64_t ops = get_le64(blob + 38), mem = get_le64(blob + 46);
    if (ops > crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE ||
        mem > crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE)
        return cdn_fail(e, CORDON_E_LIMIT, "the secret key asks for more work than minisign ever does");
    if (crypto_pwhash_scryptsalsa208sha256(
            stream, sizeof(stream), password.p ? password.p : "", password.n, blob + 6, ops, (size_t)mem) !=
        0)
        return cdn_fail(e, CORDON_E_NOMEM, "not enough memory to open the secret key");
    for (size_t i = 0; i < STREAM; i++)
        blob[54 + i] ^= stream[i];
    sodium_memzero(stream, sizeof(stream));
    return CORDON_OK;
}

int cdn_minisign_write_secret(struct cdn_buf *out,
                              const struct cdn_sign_secret *key,
                              cordon_str password,
                              bool quick,
                              struct cordon_error *e) {
    int err = cdn_sign_begin(e);
    if (err)
        return err;
    uint8_t blob[SECRET_BLOB] = {'E', 'd', 0, 0, 'B', '2'};
    memcpy(blob + 54, key->pub.id, CDN_SIGN_ID);
    memcpy(blob + 62, key->key, CDN_SIGN_SECRET);
    checksum(blob + 54, blob + 126);
    if (password.n > 0) {
        blob[2] = 'S';
        blob[3] = 'c';
        randombytes_buf(blob + 6, 32);
        put_le64(blob + 38,
                 quick ? crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_INTERACTIVE
                       : crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE);
        put_le64(blob + 46,
                 quick ? crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_INTERACTIVE
                       : crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE);
        err = apply_stream(blob, password, e);
    }
    if (!err) {
        cdn_buf_z(out, untrusted);
        cdn_buf_z(out,
                  password.n > 0 ? "minisign encrypted secret key\n" : "minisign unencrypted secret key\n");
        cdn_base64_write(out, blob, sizeof(blob));
        cdn_buf_char(out, '\n');
    }
    sodium_memzero(blob, sizeof(blob));
    return err ? err : out->err;
}

int cdn_minisign_read_secret(cordon_str text,
                             cordon_str password,
                             struct cdn_sign_secret *ret,
                             struct cordon_error *e) {
    int err = cdn_sign_begin(e);
    if (err)
        return err;
    uint8_t blob[SECRET_BLOB], sum[CHECKSUM], derived[CDN_SIGN_PUBLIC];
    err = read_head(&text, blob, sizeof(blob), false, "secret key", e);
    const bool encrypted = !err && blob[2] == 'S' && blob[3] == 'c';
    if (!err && (memcmp(blob, "Ed", 2) != 0 || memcmp(blob + 4, "B2", 2) != 0 ||
                 (!encrypted && (blob[2] != 0 || blob[3] != 0))))
        err = cdn_fail(e, CORDON_E_VERSION, "the secret key has an algorithm that is not known here");
    if (!err && encrypted)
        err = apply_stream(blob, password, e);
    if (!err) {
        checksum(blob + 54, sum);
        /* minisign leaves the checksum of an unencrypted key zero. */
        const bool unsaid = !encrypted && sodium_is_zero(blob + 126, CHECKSUM);
        if (!unsaid && sodium_memcmp(sum, blob + 126, CHECKSUM) != 0)
            err = cdn_fail(e,
                           encrypted ? CORDON_E_ARG : CORDON_E_DIGEST,
                           encrypted ? "the password is wrong" : "the secret key is damaged");
    }
    uint8_t whole[CDN_SIGN_SECRET];
    if (!err && (crypto_sign_seed_keypair(derived, whole, blob + 62) != 0 ||
                 sodium_memcmp(whole, blob + 62, CDN_SIGN_SECRET) != 0))
        err = cdn_fail(e, CORDON_E_DIGEST, "the secret key is damaged");
    sodium_memzero(whole, sizeof(whole));
    if (!err) {
        memcpy(ret->pub.id, blob + 54, CDN_SIGN_ID);
        memcpy(ret->key, blob + 62, CDN_SIGN_SECRET);
        memcpy(ret->pub.key, derived, CDN_SIGN_PUBLIC);
    }
    sodium_memzero(blob, sizeof(blob));
    return err;
}

static bool one_line(cordon_str s, size_t most) {
    return s.n <= most &&
           (s.n == 0 || (!memchr(s.p, '\n', s.n) && !memchr(s.p, '\r', s.n) && !memchr(s.p, 0, s.n)));
}

static void prehash(cordon_str message, uint8_t ret[64]) {
    (void)crypto_generichash(ret, 64, (const uint8_t *)message.p, message.n, NULL, 0);
}

/* What the second signature covers: the first one, then the trusted comment. */
static cordon_str covered(uint8_t storage[64 + CDN_SIGN_MAX_TRUSTED],
                          const uint8_t *signature,
                          cordon_str trusted) {
    memcpy(storage, signature, 64);
    if (trusted.n > 0)
        memcpy(storage + 64, trusted.p, trusted.n);
    return cdn_str((const char *)storage, 64 + trusted.n);
}

int cdn_minisign_sign(struct cdn_buf *out,
                      const struct cdn_sign_secret *key,
                      cordon_str message,
                      cordon_str trusted,
                      cordon_str comment,
                      struct cordon_error *e) {
    if (!one_line(trusted, CDN_SIGN_MAX_TRUSTED) || !one_line(comment, CDN_SIGN_MAX_COMMENT))
        return cdn_fail(e, CORDON_E_ARG, "a comment of a signature is one line, and not too long");
    uint8_t blob[SIGNATURE_BLOB] = {'E', 'D'}, hash[64], global[64], storage[64 + CDN_SIGN_MAX_TRUSTED];
    memcpy(blob + 2, key->pub.id, CDN_SIGN_ID);
    int err = cdn_sign_begin(e);
    if (!err) {
        prehash(message, hash);
        err = cdn_sign_bytes(key, cdn_str((const char *)hash, sizeof(hash)), blob + 10, e);
    }
    if (!err)
        err = cdn_sign_bytes(key, covered(storage, blob + 10, trusted), global, e);
    if (err)
        return err;
    cdn_buf_z(out, untrusted);
    cdn_buf_str(out, comment.n > 0 ? comment : CDN_STR("signature from cordon secret key"));
    cdn_buf_char(out, '\n');
    cdn_base64_write(out, blob, sizeof(blob));
    cdn_buf_char(out, '\n');
    cdn_buf_z(out, trusted_mark);
    cdn_buf_str(out, trusted);
    cdn_buf_char(out, '\n');
    cdn_base64_write(out, global, sizeof(global));
    cdn_buf_char(out, '\n');
    return out->err ? cdn_fail(e, out->err, "no room for a signature") : CORDON_OK;
}

/* The four lines. */
static int read_signature(cordon_str text,
                          uint8_t blob[SIGNATURE_BLOB],
                          cordon_str *ret_trusted,
                          uint8_t global[64],
                          struct cordon_error *e) {
    int err = read_head(&text, blob, SIGNATURE_BLOB, true, "signature", e);
    if (err)
        return err;
    if (blob[0] != 'E' || (blob[1] != 'd' && blob[1] != 'D'))
        return cdn_fail(e, CORDON_E_VERSION, "the signature is by another algorithm than Ed25519");
    cordon_str line = line_of(text, &text);
    const size_t mark = sizeof(trusted_mark) - 1;
    if (line.n < mark || memcmp(line.p, trusted_mark, mark) != 0 || line.n - mark > CDN_SIGN_MAX_TRUSTED)
        return cdn_fail(e, CORDON_E_SYNTAX, "the signature has no trusted comment");
    *ret_trusted = cdn_str(line.p + mark, line.n - mark);
    err = read_blob(&text, global, 64, "signature", e);
    if (!err && text.n > 0)
        return cdn_fail(e, CORDON_E_SYNTAX, "the signature has more lines than it should");
    return err;
}

int cdn_minisign_verify(const struct cdn_sign_public *key,
                        cordon_str message,
                        cordon_str signature,
                        cordon_str *ret_trusted,
                        struct cordon_error *e) {
    uint8_t blob[SIGNATURE_BLOB], global[64], hash[64], storage[64 + CDN_SIGN_MAX_TRUSTED];
    cordon_str trusted = {NULL, 0};
    int err = read_signature(signature, blob, &trusted, global, e);
    if (err)
        return err;
    if (memcmp(blob + 2, key->id, CDN_SIGN_ID) != 0)
        return cdn_fail(e,
                        CORDON_E_NAME,
                        "the signature is by key %016llX, not by %016llX",
                        (unsigned long long)get_le64(blob + 2),
                        (unsigned long long)get_le64(key->id));
    err = cdn_sign_begin(e);
    if (err)
        return err;
    if (blob[1] == 'D') {
        prehash(message, hash);
        message = cdn_str((const char *)hash, sizeof(hash));
    }
    err = cdn_sign_check_bytes(key, message, blob + 10, e);
    if (!err)
        err = cdn_sign_check_bytes(key, covered(storage, blob + 10, trusted), global, e);
    if (!err && ret_trusted)
        *ret_trusted = trusted;
    return err;
}

int cdn_minisign_key_of(cordon_str signature, uint8_t ret_id[CDN_SIGN_ID], struct cordon_error *e) {
    uint8_t blob[SIGNATURE_BLOB], global[64];
    cordon_str trusted;
    const int err = read_signature(signature, blob, &trusted, global, e);
    if (!err)
        memcpy(ret_id, blob + 2, CDN_SIGN_ID);
    return err;
}
