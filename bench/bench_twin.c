/* SPDX-License-Identifier: Apache-2.0 */
/* bench_twin.c: does the index lose anybody? Every name asked for is also compared with every listed name,
 * without any index, and the best match of both must be the same.
 *
 * usage: bench-twin NAMES_DIR LISTS_DIR [SAMPLE [SEED]]
 *
 * Asked for, in turn: customers; UN positives, treated; listed names with one slip; their words in another
 * order; a word left out and a slip; written in Cyrillic or Arabic letters as somebody might who hears them.
 * Two thresholds: that from which a person looks at a match, which nothing below it reaches, and the lowest
 * that is ever asked for. Each miss is listed. Takes about 0.1 s for each name. */
#include <stdio.h>
#include <stdlib.h>

#include "compile/translit_icu.h"
#include "listed.h"
#include "measure.h"

#define HITS 64U
#define TEXT 2048

static struct bench_listed listed;
static struct cdn_screen_tables tables;
static struct cdn_buf section, bytes;
static struct cdn_index idx;
static struct cdn_searcher searcher;
static struct cdn_name query, other;
static struct cdn_match match;
static uint64_t random_state = 1442695040888963407ULL;

static void die(const char *what) {
    (void)fprintf(stderr, "bench-twin: %s\n", what);
    exit(1);
}

static uint64_t below(uint64_t n) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (random_state >> 11) % n;
}

/* ---- names to ask for --------------------------------------------------------------------------------- */

struct names {
    char **p;
    size_t n;
};

/* The first column of a CSV file whose names have no quotes within. */
static struct names read_names(const char *dir, const char *file) {
    char command[1024], line[4096];
    struct names r = {calloc(30000, sizeof *r.p), 0};
    (void)snprintf(
        command, sizeof command, strstr(file, ".xz") != NULL ? "xz -dc '%s/%s'" : "cat '%s/%s'", dir, file);
    FILE *f = popen(command, "r"); /* the path is the caller's own */
    if (f == NULL || r.p == NULL) {
        die("cannot read the names");
    }
    bool head = true;
    while (r.n < 30000 && fgets(line, sizeof line, f) != NULL) {
        char *name = line[0] == '"' ? line + 1 : line;
        name[strcspn(name, line[0] == '"' ? "\"\n" : ",\r\n")] = '\0';
        if (!head && name[0] != '\0') {
            r.p[r.n++] = strdup(name);
        }
        head = false;
    }
    (void)pclose(f);
    if (r.n == 0) {
        die("there are no names");
    }
    return r;
}

static bool is_letter(char c) {
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* One letter wrong, missing, too many, or exchanged with the next. */
static void slip(char text[TEXT]) {
    const size_t n = strlen(text);
    for (unsigned tries = 0; tries < 50 && n + 2 < TEXT; tries++) {
        const size_t at = below(n);
        const char c = (char)('a' + below(26));
        if (!is_letter(text[at]) || !is_letter(text[at + 1]) || (text[at] | 32) == (text[at + 1] | 32) ||
            (text[at] | 32) == c) {
            continue;
        }
        switch (below(4)) {
        case 0:
            text[at] = c;
            return;
        case 1:
            memmove(text + at, text + at + 1, n - at);
            return;
        case 2:
            memmove(text + at + 1, text + at, n - at + 1);
            text[at] = c;
            return;
        default: {
            const char next = text[at + 1];
            text[at + 1] = text[at];
            text[at] = next;
            return;
        }
        }
    }
}

/* The words turned: those behind some space first. */
static void turn(char text[TEXT]) {
    char copy[TEXT];
    const size_t n = strlen(text);
    const size_t start = below(n);
    const char *space = memchr(text + start, ' ', n - start);
    space = space == NULL ? memchr(text, ' ', n) : space;
    if (space != NULL) {
        (void)snprintf(copy, sizeof copy, "%s %.*s", space + 1, (int)(space - text), text);
        memcpy(text, copy, strlen(copy) + 1);
    }
}

static void leave_out(char text[TEXT]) {
    char *space = strchr(text, ' ');
    if (space != NULL && strchr(space + 1, ' ') != NULL) {
        memmove(text, space + 1, strlen(space));
    }
}

static void write_in(char text[TEXT], bool arabic) {
    static const char *const cyrillic[26] = {"а",  "б", "к", "д", "е", "ф",  "г", "х", "и",
                                             "дж", "к", "л", "м", "н", "о",  "п", "к", "р",
                                             "с",  "т", "у", "в", "в", "кс", "й", "з"};
    static const char *const abjad[26] = {"ا", "ب", "ك", "د", "",  "ف", "غ", "ه", "ي", "ج", "ك",  "ل", "م",
                                          "ن", "",  "ب", "ق", "ر", "س", "ت", "و", "ف", "و", "كس", "ي", "ز"};
    static const char *const two[][3] = {{"sh", "ш", "ش"},
                                         {"ch", "ч", "تش"},
                                         {"kh", "х", "خ"},
                                         {"zh", "ж", "ج"},
                                         {"ya", "я", "يا"},
                                         {"yu", "ю", "يو"},
                                         {"ph", "ф", "ف"},
                                         {"th", "т", "ث"}};
    char copy[TEXT];
    size_t n = 0;
    for (const char *p = text; *p != '\0' && n + 8 < sizeof copy; p++) {
        const char *s = NULL;
        for (size_t k = 0; k < CDN_ARRAY_LEN(two); k++) {
            if ((p[0] | 32) == two[k][0][0] && (p[1] | 32) == two[k][0][1]) {
                s = two[k][arabic ? 2 : 1];
            }
        }
        p += s != NULL ? 1 : 0;
        s = s == NULL && is_letter(*p) ? (arabic ? abjad : cyrillic)[(*p | 32) - 'a'] : s;
        if (s != NULL) {
            memcpy(copy + n, s, strlen(s));
            n += strlen(s);
        } else {
            copy[n++] = *p;
        }
    }
    copy[n] = '\0';
    memcpy(text, copy, n + 1);
}

static const char *const kinds[] = {"customers",
                                    "UN positives, treated",
                                    "listed, one slip",
                                    "listed, words turned",
                                    "listed, a word left out and a slip",
                                    "listed, in other letters"};
#define KINDS CDN_ARRAY_LEN(kinds)

static enum cdn_screen_kind make(const struct names sets[3], size_t kind, char text[TEXT]) {
    const struct names *set = kind == 1 ? &sets[2] : &sets[below(2)];
    if (kind < 2) {
        (void)snprintf(text, TEXT, "%s", set->p[below(set->n)]);
        return CDN_SCREEN_PERSON;
    }
    const struct cdn_listed_name *l = &listed.names[below(listed.name_count)];
    for (unsigned tries = 0; kind == 5 && tries < 100 && !is_letter(l->text.p[0]); tries++) {
        l = &listed.names[below(listed.name_count)];
    }
    (void)snprintf(text, TEXT, "%.*s", (int)CDN_MIN(l->text.n, (size_t)TEXT / 4), l->text.p);
    if (kind == 3) {
        turn(text);
    } else if (kind == 4) {
        leave_out(text);
    } else if (kind == 5) {
        write_in(text, below(2) == 0);
    }
    if (kind == 2 || kind == 4) {
        slip(text);
    }
    return (enum cdn_screen_kind)l->kind;
}

/* ---- both ways ------------------------------------------------------------------------------------------
 */

struct best {
    unsigned score;
    uint32_t entry;
    uint32_t name;
};

/* The best match of all listed names, by score, then the lesser entry. */
static struct best scan(void) {
    struct best best = {0, UINT32_MAX, 0};
    for (uint32_t i = 0; i < idx.header->forms; i++) { /* names of the same tokens score the same */
        const struct cdn_index_form *f = &idx.forms[i];
        cdn_index_form(&idx, f, &other);
        cdn_match_names(&tables, &cdn_match_defaults, &searcher.matcher, &query, &other, &match);
        for (uint32_t k = 0; match.score >= best.score && !match.acronym && k < f->member_count; k++) {
            const uint32_t name = idx.members[f->members + k], entry = idx.names[name].entry;
            if (match.score > best.score || entry < best.entry) {
                best = (struct best){match.score, entry, name};
            }
        }
    }
    return best;
}

struct row {
    unsigned least;
    size_t asked[KINDS], same[KINDS], partial, total, total_same;
};

static void compare(struct row *r, size_t kind, const char *text, const struct best *best) {
    struct cdn_index_hit hits[HITS];
    const uint32_t n = cdn_index_search(&searcher, &query, r->least, hits, HITS);
    const bool there = best->score >= r->least;
    const bool same = there ? n > 0 && hits[0].score == best->score && hits[0].entry == best->entry : n == 0;
    r->partial += searcher.partial ? 1U : 0U;
    if (searcher.partial) {
        printf("  bound met at %u: %s (%u of %u units, %u of %u pairs of tokens, %u scored)\n",
               r->least,
               text,
               searcher.work,
               CDN_INDEX_WORK,
               searcher.scoring,
               CDN_INDEX_SCORING,
               searcher.rescored);
    }
    r->asked[kind] += there || !same ? 1U : 0U;
    r->same[kind] += there && same ? 1U : 0U;
    r->total += there || !same ? 1U : 0U;
    r->total_same += there && same ? 1U : 0U;
    if (!same) {
        printf("  lost at %u: %s | %.*s %u, the index gave %u%s\n",
               r->least,
               text,
               CDN_FMT(listed.names[best->name].text),
               best->score,
               n > 0 ? hits[0].score : 0U,
               searcher.partial ? " (bound met)" : "");
    }
}

static void print_row(const struct row *r, size_t sample) {
    printf("best match at or above %u, the same with and without the index:\n", r->least);
    for (size_t k = 0; k < KINDS; k++) {
        printf("  %-36s %5zu of %5zu that have one\n", kinds[k], r->same[k], r->asked[k]);
    }
    printf("  %zu of %zu; of all %zu asked %.2f %% agree; a bound was met for %zu\n",
           r->total_same,
           r->total,
           sample,
           100.0 - 100.0 * (double)(r->total - r->total_same) / (double)CDN_MAX(sample, (size_t)1),
           r->partial);
    if (r->total > 0) {
        char what[80];
        (void)snprintf(what, sizeof what, "same best match with and without index, from %u on", r->least);
        (void)bench_at_least(what, r->total_same * 10000 / r->total, 9990, "of 10000");
    }
}

int main(int argc, char **argv) {
    struct cordon_error e = {0};
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 3) {
        die("usage: bench-twin NAMES_DIR LISTS_DIR [SAMPLE [SEED]]");
    }
    const size_t sample = argc > 3 ? strtoul(argv[3], NULL, 10) : 300;
    random_state ^= (argc > 4 ? strtoull(argv[4], NULL, 10) : 0) * 0x9E3779B97F4A7C15ULL;
    bench_listed_read(argv[2], &listed);
    cdn_buf_init(&section, &cdn_alloc_libc, 1 << 24);
    cdn_buf_init(&bytes, &cdn_alloc_libc, (size_t)1 << 30);
    if (cdn_compile_screen_tables(&cdn_alloc_libc, &section, &e) != 0 ||
        cdn_screen_tables_open(cdn_buf_get(&section), &tables, &e) != 0 ||
        cdn_compile_screen_index(listed.names, listed.name_count, &tables, &cdn_alloc_libc, &bytes, &e) !=
            0 ||
        cdn_index_open(cdn_buf_get(&bytes), &idx, &e) != 0 ||
        cdn_searcher_init(&searcher, &idx, &tables, &cdn_match_defaults, &cdn_alloc_libc, &e) != 0) {
        die(e.message);
    }
    const struct names sets[3] = {read_names(argv[1], "customers_us.csv.xz"),
                                  read_names(argv[1], "customers_global.csv.xz"),
                                  read_names(argv[1], "positives_un_treated.csv")};
    printf("%zu listed names, %u forms; %zu names asked for\n", listed.name_count, idx.header->forms, sample);
    struct row rows[3] = {{.least = CDN_SCREEN_REVIEW_AT}, {.least = 785}, {.least = 700}};
    for (size_t s = 0; s < sample; s++) {
        char text[TEXT];
        const size_t kind = s % KINDS;
        const enum cdn_screen_kind what = make(sets, kind, text);
        cdn_name_read(&tables, &idx.weights, cdn_str_z(text), what, &query);
        const struct best best = scan();
        for (size_t k = 0; k < CDN_ARRAY_LEN(rows); k++) {
            compare(&rows[k], kind, text, &best);
        }
        if ((s + 1) % 250 == 0 && s + 1 < sample) {
            printf("  %zu asked: from %u on lost %zu of %zu, from %u on %zu of %zu\n",
                   s + 1,
                   rows[0].least,
                   rows[0].total - rows[0].total_same,
                   rows[0].total,
                   rows[2].least,
                   rows[2].total - rows[2].total_same,
                   rows[2].total);
        }
    }
    for (size_t k = 0; k < CDN_ARRAY_LEN(rows); k++) {
        print_row(&rows[k], sample);
    }
    return 0;
}
