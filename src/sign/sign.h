/* SPDX-License-Identifier: Apache-2.0 */
/* sign.h: Ed25519 (libsodium) in the two text forms that other tools read: minisign's files and the signed
 * notes of C2SP (signed-note, tlog-checkpoint, tlog-cosignature).
 *
 * Always true here:
 *  1. nothing reads a clock or a file: texts go in and out, time is an argument;
 *  2. a signature is good only when every byte that it covers was checked; a text with trailing bytes, a
 * second form of base64 or an unknown algorithm is refused, never guessed at;
 *  3. secret keys are wiped from memory that this room owns as soon as they are no longer needed;
 *  4. one pair of keys serves both forms; its `id` (8 bytes, chosen at random) is minisign's key number.
 *
 * Errors: CORDON_E_SYNTAX (not such a text), CORDON_E_DIGEST (the signature is wrong), CORDON_E_NAME (made by
 * another key), CORDON_E_VERSION (an algorithm that this build does not carry), CORDON_E_ARG (a wrong
 * password), CORDON_E_NOMEM, CORDON_E_LIMIT. */
#ifndef CDN_SIGN_SIGN_H
#define CDN_SIGN_SIGN_H

#include "base/base.h"

#define CDN_SIGN_PUBLIC 32
#define CDN_SIGN_SECRET 64 /* seed and public key, libsodium's form */
#define CDN_SIGN_BYTES 64
#define CDN_SIGN_ID 8
#define CDN_SIGN_MAX_COMMENT 1024 /* bytes of an untrusted comment; minisign's limit is the same */
#define CDN_SIGN_MAX_TRUSTED 8192 /* bytes of a trusted comment; minisign's limit */
#define CDN_SIGN_MAX_NAME 255     /* bytes of the name of a note key */
#define CDN_SIGN_MAX_NOTE ((size_t)64 << 10)

struct cdn_sign_public {
    uint8_t id[CDN_SIGN_ID];
    uint8_t key[CDN_SIGN_PUBLIC];
};
struct cdn_sign_secret {
    struct cdn_sign_public pub;
    uint8_t key[CDN_SIGN_SECRET];
};

/* Makes the library ready; called by every function that needs it. CORDON_E_INTERNAL: no source of
 * randomness. */
int cdn_sign_begin(struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_sign_generate(struct cdn_sign_secret *ret, struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_sign_forget(struct cdn_sign_secret *key); /* wipes it; accepts NULL */
void cdn_sign_random(void *p, size_t n);           /* after cdn_sign_begin */

/* The bare signature. */
int cdn_sign_bytes(const struct cdn_sign_secret *key,
                   cordon_str message,
                   uint8_t ret[CDN_SIGN_BYTES],
                   struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_sign_check_bytes(const struct cdn_sign_public *key,
                         cordon_str message,
                         const uint8_t signature[CDN_SIGN_BYTES],
                         struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- minisign.c: files of minisign 0.11 ------------------------------------------------------------------
 */

/* Appends the file of a public key (`minisign -p`). */
void cdn_minisign_write_public(struct cdn_buf *out, const struct cdn_sign_public *key);
/* Reads that file, or the bare base64 of its second line (as `minisign -P` takes it). */
int cdn_minisign_read_public(cordon_str text,
                             struct cdn_sign_public *ret,
                             struct cordon_error *e) CORDON_MUST_CHECK;
/* Appends the file of a secret key: unencrypted (as `minisign -W` writes it) with an empty password, else
 * encrypted by scrypt with libsodium's "sensitive" limits (about a second and 1 GiB) unless `quick`
 * (interactive limits: tests). */
int cdn_minisign_write_secret(struct cdn_buf *out,
                              const struct cdn_sign_secret *key,
                              cordon_str password,
                              bool quick,
                              struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_minisign_read_secret(cordon_str text,
                             cordon_str password,
                             struct cdn_sign_secret *ret,
                             struct cordon_error *e) CORDON_MUST_CHECK;
/* Appends the signature file of `message`, prehashed (BLAKE2b, minisign's default since 0.10). `trusted` is
 * one line that is signed, too. `comment` is not signed; empty: "signature from cordon secret key". */
int cdn_minisign_sign(struct cdn_buf *out,
                      const struct cdn_sign_secret *key,
                      cordon_str message,
                      cordon_str trusted,
                      cordon_str comment,
                      struct cordon_error *e) CORDON_MUST_CHECK;
/* Checks a signature file, prehashed or not, over the message and its trusted comment. *ret_trusted (may be
 * NULL) is a slice of `signature`. */
int cdn_minisign_verify(const struct cdn_sign_public *key,
                        cordon_str message,
                        cordon_str signature,
                        cordon_str *ret_trusted,
                        struct cordon_error *e) CORDON_MUST_CHECK;
/* Which key made this signature file (not yet checked!). */
int cdn_minisign_key_of(cordon_str signature,
                        uint8_t ret_id[CDN_SIGN_ID],
                        struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- note.c: C2SP signed notes
 * ----------------------------------------------------------------------------- */

enum cdn_note_kind {
    CDN_NOTE_ED25519 = 1, /* signs the note's text */
    CDN_NOTE_COSIGNER = 4 /* a witness: signs text and time (cosignature/v1) */
};
/* Who signs notes: a name (a schema-less URL by custom), a key, and the hash of both that signatures carry.
 */
struct cdn_note_key {
    uint8_t kind; /* enum cdn_note_kind */
    uint8_t hash[4];
    uint8_t key[CDN_SIGN_PUBLIC];
    char name[CDN_SIGN_MAX_NAME + 1];
};
/* CORDON_E_ARG: a name that is empty, too long, or has white space or "+". */
int cdn_note_key_make(cordon_str name,
                      const struct cdn_sign_public *key,
                      enum cdn_note_kind kind,
                      struct cdn_note_key *ret,
                      struct cordon_error *e) CORDON_MUST_CHECK;
/* The verifier key "name+hash+base64" of Go's golang.org/x/mod/sumdb/note, without an end of line. */
void cdn_note_key_write(struct cdn_buf *out, const struct cdn_note_key *key);
int cdn_note_key_read(cordon_str text, struct cdn_note_key *ret, struct cordon_error *e) CORDON_MUST_CHECK;

/* Appends "\n— name base64\n"-style signature lines to a note's text: call once with the text (which ends in
 * "\n"), then add further signatures to the result. `time` counts for cosigners only. */
int cdn_note_sign(struct cdn_buf *out,
                  cordon_str text,
                  cordon_str name,
                  const struct cdn_sign_secret *key,
                  struct cordon_error *e) CORDON_MUST_CHECK;
/* One further signature line for the note whose text is `text`, by the key, as its owner or as a witness. */
int cdn_note_line(struct cdn_buf *out,
                  cordon_str text,
                  cordon_str name,
                  const struct cdn_sign_secret *key,
                  enum cdn_note_kind kind,
                  int64_t time,
                  struct cordon_error *e) CORDON_MUST_CHECK;
/* Splits a note into its text (with its last "\n") and its signature lines. */
struct cdn_note {
    cordon_str text, signatures;
};
int cdn_note_read(cordon_str note, struct cdn_note *ret, struct cordon_error *e) CORDON_MUST_CHECK;
/* Whether the note bears a good signature of the key. *ret_time (may be NULL): of a cosignature, else 0.
 * CORDON_E_NOTFOUND: it bears none of this key. A wrong one of this key is CORDON_E_DIGEST even beside a good
 * one. */
int cdn_note_verify(const struct cdn_note *note,
                    const struct cdn_note_key *key,
                    int64_t *ret_time,
                    struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- checkpoint.c: the note that names a tree's size and root
 * ------------------------------------------------ */

struct cdn_checkpoint {
    cordon_str origin; /* first line */
    uint64_t size;     /* leaves */
    uint8_t root[32];
    cordon_str extension; /* further lines, each with its "\n"; may be empty */
};
void cdn_checkpoint_write(struct cdn_buf *out, const struct cdn_checkpoint *c);
/* Slices point into `text`, which is a note's text or a whole note. */
int cdn_checkpoint_read(cordon_str text,
                        struct cdn_checkpoint *ret,
                        struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- base64.c (RFC 4648, with padding; only the one canonical form is read)
 * ------------------------------------ */

void cdn_base64_write(struct cdn_buf *out, const uint8_t *p, size_t n);
/* Exactly n bytes, or CORDON_E_SYNTAX. */
int cdn_base64_read(cordon_str text, uint8_t *ret, size_t n) CORDON_MUST_CHECK;

#endif
