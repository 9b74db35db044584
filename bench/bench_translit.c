/* SPDX-License-Identifier: Apache-2.0 */
/* bench_translit.c: the tables of names beside ICU itself, on every listed name that is not written in Latin
 * letters alone.
 *
 * usage: bench-translit NAMES_DIR LISTS_DIR [all]
 *
 * Prints for each script how many names the tables write letter by letter as ICU does, and the exceptions by
 * class: only y differs (Russian ye at the beginning of a word), only vowels differ, a digit or look-alike
 * was read as the letter that it stands for, other. Of each class and script three are shown, with `all`
 * every one. */
#include <stdio.h>
#include <stdlib.h>

#include "compile/translit_icu.h"
#include "listed.h"
#include "measure.h"

enum class { SAME, ONLY_Y, ONLY_VOWELS, LOOK_ALIKE, CUT, OTHER, CLASSES };
static const char *const class_text[CLASSES] = {"as ICU",
                                                "only y differs",
                                                "only vowels differ",
                                                "look-alike letters or digits",
                                                "longer than is read",
                                                "other"};
static const char *const script_text[CDN_WRITTEN_COUNT] = {"",
                                                           "Latin",
                                                           "",
                                                           "Cyrillic",
                                                           "Arabic",
                                                           "Hebrew",
                                                           "Greek",
                                                           "Caucasus",
                                                           "Han",
                                                           "Kana",
                                                           "Hangul",
                                                           "Indic",
                                                           "other",
                                                           ""};

struct folded {
    char p[4096];
    size_t n;
};

static struct folded without(const char *s, size_t n, const char *letters) {
    struct folded r = {.n = 0};
    for (size_t i = 0; i < n && r.n < sizeof r.p; i++) {
        if (strchr(letters, s[i]) == NULL) {
            r.p[r.n++] = s[i];
        }
    }
    return r;
}

static bool equal_without(const struct folded *a, const struct folded *b, const char *letters) {
    const struct folded x = without(a->p, a->n, letters), y = without(b->p, b->n, letters);
    return x.n == y.n && memcmp(x.p, y.p, x.n) == 0;
}

static enum class compare(const struct cdn_name *name, const struct folded *ours, const struct folded *icu) {
    if (equal_without(ours, icu, " ")){return SAME;}
if (name->cut) {
    return CUT;
}
if (name->mixed || equal_without(ours, icu, "0158olsb")) {
    return LOOK_ALIKE;
}
return equal_without(ours, icu, " y") ? ONLY_Y : equal_without(ours, icu, " yaeiou") ? ONLY_VOWELS : OTHER;
}

/* The first script that is not Latin; 0: none. */
static unsigned foreign_script(const struct cdn_name *name) {
    for (uint32_t i = 0; i < name->count; i++) {
        if (name->token[i].script > CDN_WRITTEN_DIGIT) {
            return name->token[i].script;
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    static struct cdn_buf section;
    static struct cdn_screen_tables tables;
    static struct bench_listed listed;
    static struct cdn_name name;
    static size_t count[CDN_WRITTEN_COUNT][CLASSES];
    struct cordon_error e = {0};
    if (argc < 3) {
        (void)fprintf(stderr, "usage: bench-translit NAMES_DIR LISTS_DIR [all]\n");
        return 1;
    }
    const size_t shown = argc > 3 ? SIZE_MAX : 3;
    bench_listed_read(argv[2], &listed);
    cdn_buf_init(&section, &cdn_alloc_libc, 1 << 24);
    if (cdn_compile_screen_tables(&cdn_alloc_libc, &section, &e) != 0 ||
        cdn_screen_tables_open(cdn_buf_get(&section), &tables, &e) != 0) {
        (void)fprintf(stderr, "bench-translit: %s\n", e.message);
        return 1;
    }
    size_t all = 0, same = 0;
    for (size_t i = 0; i < listed.name_count; i++) {
        const cordon_str text = listed.names[i].text;
        cdn_name_read(&tables, NULL, text, CDN_SCREEN_ANY, &name);
        const unsigned script = foreign_script(&name);
        if (script == 0) {
            continue;
        }
        struct folded ours = {.n = 0}, icu = {.n = 0};
        for (uint32_t k = 0; k < name.count; k++) {
            memcpy(ours.p + ours.n, name.token[k].s, name.token[k].n);
            ours.n += name.token[k].n;
        }
        struct cdn_buf slow;
        cdn_buf_init(&slow, &cdn_alloc_libc, 1 << 18);
        if (cdn_compile_translit_slow(text, &cdn_alloc_libc, &slow, &e) != 0) {
            (void)fprintf(stderr, "bench-translit: %s\n", e.message);
            return 1;
        }
        icu.n = CDN_MIN(slow.n, sizeof icu.p);
        memcpy(icu.p, slow.p, icu.n);
        cdn_buf_free(&slow);
        const enum class c = compare(&name, &ours, &icu);
        all++;
        same += c == SAME;
        if (count[script][c]++ < shown && c != SAME) {
            printf("  %s, %s: %.*s | %.*s | ICU %.*s\n",
                   script_text[script],
                   class_text[c],
                   CDN_FMT(text),
                   (int)ours.n,
                   ours.p,
                   (int)icu.n,
                   icu.p);
        }
    }
    for (unsigned s = 0; s < CDN_WRITTEN_COUNT; s++) {
        size_t sum = 0;
        for (unsigned c = 0; c < CLASSES; c++) {
            sum += count[s][c];
        }
        if (sum > 0) {
            printf("%-9s %6zu names:", script_text[s], sum);
            for (unsigned c = 0; c < CLASSES; c++) {
                printf("  %s %zu", class_text[c], count[s][c]);
            }
            printf("\n");
        }
    }
    printf("%zu of %zu names not in Latin letters are written as ICU does\n", same, all);
    return 0;
}
