/* SPDX-License-Identifier: Apache-2.0 */
/* rotate.c: a new key takes over. The hand-over is a note that both keys sign (keys/N.note), and an event in
 * the journal.
 *
 *   cordon.key-rotation.1 LF origin LF old verifier key LF new verifier key LF "at" instant LF
 *
 *  1. First the note and the new key's file are durable, then the event, then the key signs. A crash between
 * leaves a key that is handed over and not yet in use: the next opening must use it, and the last checkpoint
 * is of the old one. */
#include "base/num.h"
#include "cordon/journal.h"
#include "journal/journal_priv.h"
#include "journal/reader_priv.h"

static int write_hand_over(struct cdn_journal *j,
                           const struct cdn_sign_secret *key,
                           const struct cdn_note_key both[2],
                           uint32_t number,
                           int64_t at,
                           struct cordon_error *e) {
    struct cdn_buf text, note;
    char path[CDN_IO_PATH];
    const cordon_str origin = cdn_str_z(j->origin);
    cdn_buf_init(&text, j->alloc, CDN_SIGN_MAX_NOTE);
    cdn_buf_init(&note, j->alloc, CDN_SIGN_MAX_NOTE);
    cdn_buf_z(&text, "cordon.key-rotation.1\n");
    cdn_buf_str(&text, origin);
    for (unsigned i = 0; i < 2; i++) {
        cdn_buf_char(&text, '\n');
        cdn_note_key_write(&text, &both[i]);
    }
    cdn_buf_z(&text, "\nat ");
    cdn_time_write(&text, at);
    cdn_buf_char(&text, '\n');
    int err = text.err ? cdn_fail(e, text.err, "no memory for a note") : CORDON_OK;
    if (!err)
        err = cdn_note_sign(&note, cdn_buf_get(&text), origin, &j->key, e);
    if (!err)
        err = cdn_note_line(&note, cdn_buf_get(&text), origin, key, CDN_NOTE_ED25519, 0, e);
    cdn_layout_key_path(path, number, "note");
    if (!err)
        err = cdn_io_replace(&j->io, path, cdn_buf_get(&note), true, e);
    if (!err)
        err = cdn_layout_write_key(&j->io, number, &both[1], e);
    cdn_buf_free(&text);
    cdn_buf_free(&note);
    return err;
}

static int append_event(struct cdn_journal *j,
                        const struct cdn_note_key both[2],
                        cordon_str by,
                        int64_t at,
                        struct cordon_error *e) {
    struct cdn_buf b, key;
    uint64_t index = 0;
    cdn_buf_init(&b, j->alloc, CDN_SIGN_MAX_NOTE);
    cdn_buf_init(&key, j->alloc, CDN_SIGN_MAX_NOTE);
    cdn_buf_z(&b, "{\"at\":\"");
    cdn_time_write(&b, at);
    cdn_buf_z(&b, "\",\"by\":");
    cdn_buf_json(&b, by);
    cdn_buf_z(&b, ",\"data\":{\"new\":");
    cdn_note_key_write(&key, &both[1]);
    cdn_buf_json(&b, cdn_buf_get(&key));
    cdn_buf_clear(&key);
    cdn_note_key_write(&key, &both[0]);
    cdn_buf_z(&b, ",\"old\":");
    cdn_buf_json(&b, cdn_buf_get(&key));
    cdn_buf_z(&b, "},\"event\":\"journal.key_rotated\",\"kind\":\"event\"}");
    int err = b.err || key.err ? cdn_fail(e, CORDON_E_NOMEM, "no memory for an event") : CORDON_OK;
    if (!err)
        err = cdn_journal_append(j, cdn_buf_get(&b), CDN_JOURNAL_KEEP, 0, &index, e);
    if (!err)
        err = cdn_journal_wait(j, index + 1, e);
    cdn_buf_free(&b);
    cdn_buf_free(&key);
    return err;
}

int cdn_journal_rotate_key(struct cdn_journal *j,
                           const struct cdn_sign_secret *key,
                           cordon_str by,
                           int64_t at,
                           struct cordon_error *e) {
    struct cdn_note_key both[2], last;
    uint32_t number = 0;
    if (!j->has_key)
        return cdn_fail(e, CORDON_E_STATE, "the journal was opened without its key");
    const cordon_str origin = cdn_str_z(j->origin);
    int err = cdn_note_key_make(origin, &j->key.pub, CDN_NOTE_ED25519, &both[0], e);
    if (!err)
        err = cdn_note_key_make(origin, &key->pub, CDN_NOTE_ED25519, &both[1], e);
    if (!err)
        err = cdn_layout_last_key(&j->io, &number, &last, e);
    if (!err && memcmp(both[0].key, both[1].key, sizeof(both[0].key)) == 0)
        err = cdn_fail(e, CORDON_E_ARG, "the new key is the old one");
    if (!err)
        err = write_hand_over(j, key, both, number + 1, at, e);
    if (!err)
        err = append_event(j, both, by, at, e);
    if (err)
        return err;
    (void)pthread_mutex_lock(&j->publishing);
    j->key = *key;
    cdn_buf_clear(&j->note); /* the next checkpoint is made even if nothing else was appended */
    (void)pthread_mutex_unlock(&j->publishing);
    struct cdn_buf note;
    cdn_buf_init(&note, j->alloc, CDN_SIGN_MAX_NOTE);
    err = cdn_journal_checkpoint(j, &note, e);
    cdn_buf_free(&note);
    return err;
}

/* ---- for those who keep a journal
 * --------------------------------------------------------------------------------- */

int cordon_journal_new_key(cordon_buffer *secret_key, cordon_buffer *public_key, cordon_error *e) {
    struct cdn_sign_secret key;
    char storage[4096];
    struct cdn_buf b;
    int err = cdn_sign_begin(e);
    err = err ? err : cdn_sign_generate(&key, e);
    if (err)
        return err;
    cdn_buf_fixed(&b, storage, sizeof(storage));
    err = cdn_minisign_write_secret(&b, &key, cdn_str("", 0), false, e);
    err = err ? err : cdn_public_append(secret_key, cdn_buf_get(&b), e);
    explicit_bzero(storage, sizeof(storage));
    cdn_buf_clear(&b);
    cdn_minisign_write_public(&b, &key.pub);
    err = err ? err : cdn_public_append(public_key, cdn_buf_get(&b), e);
    cdn_sign_forget(&key);
    return err;
}

void cordon_rotate_options_init(cordon_rotate_options *o) {
    *o = (cordon_rotate_options){.size = sizeof(*o)};
}

/* Whether the key is the last that was handed over to. */
static bool signs_already(const char *dir, const struct cdn_sign_secret *key) {
    struct cdn_journal_options options;
    struct cdn_journal *j = NULL;
    cdn_journal_options_init(&options);
    options.key = key;
    if (cdn_journal_open(dir, &options, &j, NULL) < 0)
        return false;
    cdn_journal_close(j);
    return true;
}

static int rotate(const char *dir,
                  const cordon_rotate_options *o,
                  const struct cdn_sign_secret *from,
                  const struct cdn_sign_secret *to,
                  struct cordon_error *e) {
    struct cdn_journal_options options;
    struct cdn_journal *j = NULL;
    if (signs_already(dir, to))
        return CORDON_OK;
    cdn_journal_options_init(&options);
    options.key = from;
    int err = cdn_journal_open(dir, &options, &j, e);
    if (!err)
        err = cdn_journal_rotate_key(j, to, o->by, o->now, e);
    cdn_journal_close(j);
    return err;
}

int cordon_journal_rotate(const char *dir, const cordon_rotate_options *o, cordon_error *e) {
    struct cdn_sign_secret from, to;
    cordon_journal *there = NULL;
    int err = cordon_journal_open(dir, NULL, &there, e); /* opening for writing would make one */
    if (err)
        return err;
    cordon_journal_close(there);
    err = cdn_minisign_read_secret(o->secret_key, o->password, &from, e);
    if (err)
        return err;
    err = cdn_minisign_read_secret(o->new_key, cdn_str("", 0), &to, e);
    err = err ? err : rotate(dir, o, &from, &to, e);
    cdn_sign_forget(&from);
    cdn_sign_forget(&to);
    return err;
}
