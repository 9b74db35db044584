/* SPDX-License-Identifier: Apache-2.0 */
/* test_minisign.c: files of minisign, ours and theirs: its program, where it is installed, judges what we
 * write and writes what we judge. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sign/sign.h"
#include "support/fault.h"
#include "support/rnd.h"
#include "support/shared.h"

#define EMPTY cdn_str(NULL, 0)

static void what_is_signed_verifies(void **state) {
    (void)state;
    struct cdn_sign_secret key, other;
    struct cdn_buf b;
    cordon_str trusted;
    uint8_t id[CDN_SIGN_ID];
    const cordon_str message = CDN_STR("measures in, decisions out");
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 16);
    assert_int_equal(cdn_sign_generate(&key, NULL), 0);
    assert_int_equal(cdn_sign_generate(&other, NULL), 0);
    assert_int_equal(cdn_minisign_sign(&b, &key, message, CDN_STR("approved by k_1"), EMPTY, NULL), 0);
    assert_int_equal(cdn_minisign_verify(&key.pub, message, cdn_buf_get(&b), &trusted, NULL), 0);
    assert_true(cdn_str_eq(trusted, CDN_STR("approved by k_1")));
    assert_int_equal(cdn_minisign_key_of(cdn_buf_get(&b), id, NULL), 0);
    assert_memory_equal(id, key.pub.id, sizeof(id));
    assert_int_equal(cdn_minisign_verify(&other.pub, message, cdn_buf_get(&b), NULL, NULL), CORDON_E_NAME);
    assert_int_equal(cdn_minisign_verify(&key.pub, CDN_STR("x"), cdn_buf_get(&b), NULL, NULL),
                     CORDON_E_DIGEST);
    /* Every byte but those of the first line, which nobody signs, matters. */
    const char *from = memchr(b.p, '\n', b.n);
    for (size_t at = (size_t)(from - b.p) + 1; at < b.n; at++) {
        b.p[at] ^= 1;
        assert_int_not_equal(cdn_minisign_verify(&key.pub, message, cdn_buf_get(&b), NULL, NULL), 0);
        b.p[at] ^= 1;
    }
    assert_int_equal(cdn_minisign_sign(&b, &key, message, CDN_STR("two\nlines"), EMPTY, NULL), CORDON_E_ARG);
    cdn_buf_free(&b);
}

static void keys_are_read_as_they_were_written(void **state) {
    (void)state;
    struct cdn_sign_secret key, again;
    struct cdn_sign_public pub;
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 16);
    assert_int_equal(cdn_sign_generate(&key, NULL), 0);
    cdn_minisign_write_public(&b, &key.pub);
    assert_int_equal(cdn_minisign_read_public(cdn_buf_get(&b), &pub, NULL), 0);
    assert_memory_equal(&pub, &key.pub, sizeof(pub));
    cdn_buf_clear(&b);
    assert_int_equal(cdn_minisign_write_secret(&b, &key, EMPTY, true, NULL), 0);
    assert_int_equal(cdn_minisign_read_secret(cdn_buf_get(&b), EMPTY, &again, NULL), 0);
    assert_memory_equal(&again, &key, sizeof(key));
    cdn_buf_clear(&b);
    assert_int_equal(cdn_minisign_write_secret(&b, &key, CDN_STR("secret"), true, NULL), 0);
    assert_int_equal(cdn_minisign_read_secret(cdn_buf_get(&b), CDN_STR("secret"), &again, NULL), 0);
    assert_memory_equal(&again, &key, sizeof(key));
    assert_int_equal(cdn_minisign_read_secret(cdn_buf_get(&b), CDN_STR("Secret"), &again, NULL),
                     CORDON_E_ARG);
    cdn_buf_free(&b);
}

/* ---- the program
 * ---------------------------------------------------------------------------------------------------- */

static char dir[64];
static void path(char *p, const char *name) {
    (void)snprintf(p, 128, "%s/%s", dir, name);
}
static void save(const char *name, const struct cdn_buf *b) {
    char p[128];
    path(p, name);
    FILE *f = fopen(p, "wbe");
    assert_non_null(f);
    assert_int_equal(fwrite(b->p, 1, b->n, f), b->n);
    assert_int_equal(fclose(f), 0);
}
static void load(const char *name, struct cdn_buf *b) {
    char p[128], part[4096];
    path(p, name);
    cdn_buf_clear(b);
    FILE *f = fopen(p, "rbe");
    assert_non_null(f);
    cdn_buf_put(b, part, fread(part, 1, sizeof(part), f));
    (void)fclose(f);
}
static int run(const char *arguments) {
    char command[512];
    (void)snprintf(command, sizeof(command), "cd %s && minisign %s >/dev/null 2>&1", dir, arguments);
    /* allowed: fixed words, in a directory of our own */
    return system(command);
}

static void the_program_agrees(void **state) {
    (void)state;
    /* allowed: fixed words */
    if (system("command -v minisign >/dev/null 2>&1") != 0) {
        print_message("# SKIPPED: minisign is not installed\n");
        skip();
    }
    (void)snprintf(dir, sizeof(dir), "/tmp/cordon-minisign-XXXXXX");
    assert_non_null(mkdtemp(dir));
    struct cdn_sign_secret key, theirs;
    struct cdn_sign_public pub;
    struct cdn_buf b, message;
    cordon_str trusted;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 16);
    cdn_buf_init(&message, &cdn_alloc_libc, 1 << 16);
    cdn_buf_z(&message, "measure text\n");
    save("m", &message);
    /* ours, judged by the program */
    assert_int_equal(cdn_sign_generate(&key, NULL), 0);
    cdn_minisign_write_public(&b, &key.pub);
    save("our.pub", &b);
    cdn_buf_clear(&b);
    assert_int_equal(
        cdn_minisign_sign(
            &b, &key, cdn_buf_get(&message), CDN_STR("trusted words"), CDN_STR("a comment"), NULL),
        0);
    save("m.minisig", &b);
    assert_int_equal(run("-V -p our.pub -m m"), 0);
    b.p[b.n - 4] ^= 1;
    save("m.minisig", &b);
    assert_int_not_equal(run("-V -p our.pub -m m"), 0);
    /* theirs, judged by us: prehashed and, with -l, not */
    assert_int_equal(run("-G -W -p their.pub -s their.key"), 0);
    load("their.pub", &b);
    assert_int_equal(cdn_minisign_read_public(cdn_buf_get(&b), &pub, NULL), 0);
    load("their.key", &b);
    assert_int_equal(cdn_minisign_read_secret(cdn_buf_get(&b), EMPTY, &theirs, NULL), 0);
    assert_memory_equal(&theirs.pub, &pub, sizeof(pub));
    static const char *const ways[] = {"-S -s their.key -m m -t hello", "-S -l -s their.key -m m -t hello"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(ways); i++) {
        assert_int_equal(run(ways[i]), 0);
        load("m.minisig", &b);
        assert_int_equal(cdn_minisign_verify(&pub, cdn_buf_get(&message), cdn_buf_get(&b), &trusted, NULL),
                         0);
        assert_true(cdn_str_eq(trusted, CDN_STR("hello")));
        assert_int_not_equal(cdn_minisign_verify(&pub, CDN_STR("other"), cdn_buf_get(&b), NULL, NULL), 0);
    }
    cdn_buf_free(&b);
    cdn_buf_free(&message);
    char command[128];
    (void)snprintf(command, sizeof(command), "rm -r %s", dir);
    /* allowed: the directory is our own */
    assert_int_equal(system(command), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_signed_verifies),
        cmocka_unit_test(keys_are_read_as_they_were_written),
        cmocka_unit_test(the_program_agrees),
    };
    return cdn_run(tests);
}
