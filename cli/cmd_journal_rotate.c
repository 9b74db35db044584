/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_journal_rotate.c: cordon journal rotate: another key signs from now on.
 *
 *  1. The new key is on disk, as FILE.next, before the journal is handed over to it; then it takes the place
 * of the old one. Whenever this is cut short, the same command once more finishes it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd_journal.h"

enum { K_SECRET, K_BY };
static const struct option rotate_options[] = {
    [K_SECRET] = {"--secret-key",
                  's',
                  "FILE",
                  "the journal's key (a minisign secret key file), which the new one replaces; needed"},
    [K_BY] = {"--by", 0, "WHO", "who does it; needed"},
};

struct names {
    char next[4096], pub[4096], next_pub[4096];
};

/* FILE.next; FILE.pub, where FILE ends in .key without that, and the same with .next. */
static bool make_names(const char *file, struct names *ret) {
    const size_t n = strlen(file);
    const size_t stem = n > 4 && strcmp(file + n - 4, ".key") == 0 ? n - 4 : n;
    const int next = snprintf(ret->next, sizeof(ret->next), "%s.next", file);
    const int pub = snprintf(ret->pub, sizeof(ret->pub), "%.*s.pub", (int)stem, file);
    const int next_pub = snprintf(ret->next_pub, sizeof(ret->next_pub), "%.*s.pub.next", (int)stem, file);
    return next > 0 && pub > 0 && next_pub > 0 && (size_t)next < sizeof(ret->next) &&
           (size_t)next_pub < sizeof(ret->next_pub);
}

/* The new key: the one that an earlier attempt left, or one that is made, and is on disk. */
static int take_key(const struct names *names, cordon_buffer *ret, cordon_error *e) {
    cordon_buffer pub = {0};
    if (access(names->next, F_OK) == 0)
        return read_input(names->next, ret, e);
    int err = cordon_journal_new_key(ret, &pub, e);
    if (!err)
        err = write_output(names->next_pub, (cordon_str){pub.p, pub.n}, e);
    const mode_t mask = umask(077);
    if (!err)
        err = write_output(names->next, (cordon_str){ret->p, ret->n}, e);
    (void)umask(mask);
    cordon_buffer_free(&pub);
    return err;
}

static void wipe(cordon_buffer *key) {
    if (key->p)
        explicit_bzero(key->p, key->cap);
    cordon_buffer_free(key);
}

static int run_rotate(const struct args *a) {
    const char *file = a->option[K_SECRET];
    cordon_rotate_options o;
    cordon_buffer old = {0}, new = {0};
    cordon_error e = {0};
    struct names names;
    cordon_rotate_options_init(&o);
    if (!file || !a->option[K_BY])
        return usage_error("journal rotate", "--secret-key and --by are needed");
    if (!make_names(file, &names))
        return usage_error("journal rotate", "the name of the key's file is too long");
    if (read_input(file, &old, &e))
        return say_error(file, &e);
    int err = take_key(&names, &new, &e);
    o.secret_key = (cordon_str){old.p, old.n};
    o.password = cordon_text(getenv("CORDON_KEY_PASSWORD"));
    o.new_key = (cordon_str){new.p, new.n};
    o.now = now();
    o.by = cordon_text(a->option[K_BY]);
    err = err ? err : cordon_journal_rotate(a->words[0], &o, &e);
    wipe(&old);
    wipe(&new);
    if (err)
        return say_error(a->words[0], &e);
    if ((rename(names.next_pub, names.pub) != 0 && errno != ENOENT) || rename(names.next, file) != 0) {
        (void)fprintf(
            stderr, "cordon: %s: %s; the key that signs now is in %s\n", file, strerror(errno), names.next);
        return EXIT_INPUT;
    }
    (void)printf("a new key signs from now on: %s, public part %s\n", file, names.pub);
    return EXIT_SUCCESS;
}

const struct command cmd_journal_rotate = {
    .name = "journal rotate",
    .usage = "DIR --secret-key FILE --by WHO",
    .brief = "Let a new key sign the journal from now on.",
    .text =
        "Both keys sign the hand-over, which is recorded: whoever trusts the old key can follow. The new "
        "key (without a\n"
        "password) takes the place of the old one in FILE, its public part is beside it. Interrupted, the "
        "same command\n"
        "finishes it. cordond must not be running on this journal. CORDON_KEY_PASSWORD holds the old "
        "key's password, if it\nhas one.\n",
    .options = rotate_options,
    .option_count = sizeof(rotate_options) / sizeof(rotate_options[0]),
    .repeat = -1,
    .least = 1,
    .most = 1,
    .run = run_rotate,
};
