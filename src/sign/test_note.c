/* SPDX-License-Identifier: Apache-2.0 */
/* test_note.c: signed notes, checkpoints, cosignatures; with the example that golang.org/x/mod/sumdb/note
 * publishes. */
#include <stdlib.h>

#include "sign/sign.h"
#include "support/fault.h"

#define PETER "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
static const char peters_note[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\xe2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

static void the_published_example_verifies(void **state) {
    (void)state;
    struct cdn_note_key key;
    struct cdn_note note;
    struct cdn_buf b;
    assert_int_equal(cdn_note_key_read(CDN_STR(PETER), &key, NULL), 0);
    assert_int_equal(cdn_note_read(CDN_STR(peters_note), &note, NULL), 0);
    assert_int_equal(cdn_note_verify(&note, &key, NULL, NULL), 0);
    cdn_buf_init(&b, &cdn_alloc_libc, 1024);
    cdn_note_key_write(&b, &key);
    assert_true(cdn_str_eq(cdn_buf_get(&b), CDN_STR(PETER)));
    cdn_buf_free(&b);
    char altered[sizeof(peters_note)];
    for (size_t i = 0; i < sizeof(peters_note) - 1; i++) {
        memcpy(altered, peters_note, sizeof(altered));
        altered[i] ^= 1;
        struct cordon_error e;
        const int err = cdn_note_read(cdn_str(altered, sizeof(altered) - 1), &note, &e);
        if (!err && cdn_note_verify(&note, &key, NULL, &e) == 0)
            fail_msg("byte %zu was flipped, and the note is still good", i);
    }
}

static void checkpoints_are_signed_and_cosigned(void **state) {
    (void)state;
    struct cdn_sign_secret log, witness;
    struct cdn_note_key log_key, witness_key;
    struct cdn_buf text, note;
    struct cdn_note parsed;
    struct cdn_checkpoint again, c = {.origin = CDN_STR("example.com/log"), .size = 12345};
    int64_t time = 0;
    memset(c.root, 7, sizeof(c.root));
    cdn_buf_init(&text, &cdn_alloc_libc, 4096);
    cdn_buf_init(&note, &cdn_alloc_libc, 4096);
    assert_int_equal(cdn_sign_generate(&log, NULL), 0);
    assert_int_equal(cdn_sign_generate(&witness, NULL), 0);
    assert_int_equal(cdn_note_key_make(c.origin, &log.pub, CDN_NOTE_ED25519, &log_key, NULL), 0);
    assert_int_equal(
        cdn_note_key_make(CDN_STR("witness.example"), &witness.pub, CDN_NOTE_COSIGNER, &witness_key, NULL),
        0);
    cdn_checkpoint_write(&text, &c);
    assert_int_equal(cdn_note_sign(&note, cdn_buf_get(&text), c.origin, &log, NULL), 0);
    assert_int_equal(cdn_note_read(cdn_buf_get(&note), &parsed, NULL), 0);
    assert_int_equal(cdn_note_verify(&parsed, &witness_key, NULL, NULL), CORDON_E_NOTFOUND);
    assert_int_equal(cdn_note_line(&note,
                                   cdn_buf_get(&text),
                                   CDN_STR("witness.example"),
                                   &witness,
                                   CDN_NOTE_COSIGNER,
                                   1700000000,
                                   NULL),
                     0);
    assert_int_equal(cdn_note_read(cdn_buf_get(&note), &parsed, NULL), 0);
    assert_int_equal(cdn_note_verify(&parsed, &log_key, NULL, NULL), 0);
    assert_int_equal(cdn_note_verify(&parsed, &witness_key, &time, NULL), 0);
    assert_int_equal(time, 1700000000);
    assert_int_equal(cdn_checkpoint_read(parsed.text, &again, NULL), 0);
    assert_int_equal(again.size, c.size);
    assert_memory_equal(again.root, c.root, sizeof(c.root));
    assert_true(cdn_str_eq(again.origin, c.origin));
    cdn_buf_free(&text);
    cdn_buf_free(&note);
}

static void wrong_texts_are_refused(void **state) {
    (void)state;
    struct cdn_checkpoint c;
    struct cdn_note n;
    struct cdn_note_key k;
    static const char *const checkpoints[] = {"",
                                              "o\n",
                                              "o\n1\n",
                                              "o\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                                              "o\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                                              "o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n",
                                              "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(checkpoints); i++)
        assert_int_not_equal(cdn_checkpoint_read(cdn_str_z(checkpoints[i]), &c, NULL), 0);
    assert_int_equal(
        cdn_checkpoint_read(CDN_STR("o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), &c, NULL), 0);
    static const char *const notes[] = {"",
                                        "a\n",
                                        "a\n\n",
                                        "a\n\nb\n",
                                        "a\n\n\xe2\x80\x94 b\n",
                                        "a\n\n\xe2\x80\x94 b AAAA",
                                        "\x01\n\n\xe2\x80\x94 b AAAAAAAA\n"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(notes); i++)
        assert_int_not_equal(cdn_note_read(cdn_str_z(notes[i]), &n, NULL), 0);
    static const char *const keys[] = {"",
                                       "a",
                                       "a+b+c",
                                       "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                                       "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(keys); i++)
        assert_int_not_equal(cdn_note_key_read(cdn_str_z(keys[i]), &k, NULL), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_example_verifies),
        cmocka_unit_test(checkpoints_are_signed_and_cosigned),
        cmocka_unit_test(wrong_texts_are_refused),
    };
    return cdn_run(tests);
}
