/* SPDX-License-Identifier: Apache-2.0 */
/* bench_twin.c: does the index lose anybody? Every name asked for is also compared with every listed name,
 * without any index, and the best match of both must be the same.
 *
 * usage: bench-twin NAMES_DIR LISTS_DIR [SAMPLE [SEED [ANSWERS.tsv]]]
 *
 * Asked for, in turn. Names as they come: customers; UN positives; names of the labelled pairs; listed names.
 * Altered ones, which are harder than what is asked: listed names with one slip; their words in another
 * order; a word left out and a slip; Latin names put letter by letter into Cyrillic or Arabic. The target is
 * of the names as they come; each kind has its own figure.
 *
 * Three thresholds: that from which a person looks at a match when nothing but the name is known; what
 * becomes of it when birth date, place and nationality are known; the lowest that is ever asked for. Each
 * miss is listed. Scoring every name takes about 0.1 s for each name asked for: ANSWERS.tsv keeps what it
 * found, and where that file is there already, its names are asked for and its answers are believed (they
 * hold for the same lists, tables and scoring, whatever the keys of the index are). */
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

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
    uint8_t *kind; /* enum cdn_screen_kind; NULL: people */
    size_t n;
};

/* The first column of a CSV file whose names have no quotes within. */
static struct names read_names(const char *dir, const char *file) {
    char command[1024], line[4096];
    struct names r = {.p = calloc(30000, sizeof *r.p)};
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

/* Both names of every labelled pair. */
static struct names read_pairs(const char *dir) {
    enum { MOST = 40000 };
    static char line[16384];
    char command[1024];
    struct names r = {.p = calloc(MOST, sizeof *r.p), .kind = calloc(MOST, 1)};
    (void)snprintf(command, sizeof command, "xz -dc '%s'/pairs/*.jsonl.xz", dir);
    FILE *f = popen(command, "r"); /* the path is the caller's own */
    if (f == NULL || r.p == NULL || r.kind == NULL) {
        die("cannot read the labelled pairs");
    }
    while (r.n + 2 <= MOST && fgets(line, sizeof line, f) != NULL) {
        json_t *j = json_loads(line, 0, NULL);
        const char *schema = json_string_value(json_object_get(j, "schema"));
        for (unsigned side = 0; j != NULL && side < 2; side++) {
            const char *name = json_string_value(json_object_get(j, side == 0 ? "name1" : "name2"));
            if (name != NULL && name[0] != '\0' && schema != NULL) {
                r.kind[r.n] = (uint8_t)bench_kind_of(schema);
                r.p[r.n++] = strdup(name);
            }
        }
        json_decref(j);
    }
    (void)pclose(f);
    if (r.n == 0) {
        die("there are no labelled pairs");
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

/* The first AS_THEY_COME of them are not altered. */
enum { CUSTOMERS, POSITIVES, PAIRS, LISTED, SLIP, TURNED, LEFT_OUT, OTHER_LETTERS, KINDS };
#define AS_THEY_COME SLIP
static const char *const kinds[KINDS] = {"customers",
                                         "UN positives, treated or not",
                                         "names of the labelled pairs",
                                         "listed names",
                                         "listed, one slip",
                                         "listed, words turned",
                                         "listed, a word left out and a slip",
                                         "listed, in other letters"};

/* Customers of both files, positives of both, labelled pairs. */
struct sets {
    struct names customers[2], positives[2], pairs;
};

static enum cdn_screen_kind make(const struct sets *sets, size_t kind, char text[TEXT]) {
    if (kind < LISTED) {
        const struct names *set = kind == PAIRS       ? &sets->pairs
                                  : kind == POSITIVES ? &sets->positives[below(2)]
                                                      : &sets->customers[below(2)];
        const size_t at = below(set->n);
        (void)snprintf(text, TEXT, "%s", set->p[at]);
        return set->kind == NULL ? CDN_SCREEN_PERSON : (enum cdn_screen_kind)set->kind[at];
    }
    const struct cdn_listed_name *l = &listed.names[below(listed.name_count)];
    for (unsigned tries = 0; kind == OTHER_LETTERS && tries < 100 && !is_letter(l->text.p[0]); tries++) {
        l = &listed.names[below(listed.name_count)];
    }
    (void)snprintf(text, TEXT, "%.*s", (int)CDN_MIN(l->text.n, (size_t)TEXT / 4), l->text.p);
    if (kind == TURNED) {
        turn(text);
    } else if (kind == LEFT_OUT) {
        leave_out(text);
    } else if (kind == OTHER_LETTERS) {
        write_in(text, below(2) == 0);
    }
    if (kind == SLIP || kind == LEFT_OUT) {
        slip(text);
    }
    for (char *p = text; *p != '\0'; p++) { /* answers are kept in lines */
        *p = (unsigned char)*p < ' ' ? ' ' : *p;
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
    size_t all[KINDS];                /* names asked for */
    size_t asked[KINDS], same[KINDS]; /* that have a match, or are given one; the same in both ways */
    size_t partial;
};

static void compare(struct row *r, size_t kind, const char *text, const struct best *best) {
    struct cdn_index_hit hits[HITS];
    const uint32_t n = cdn_index_search(&searcher, &query, r->least, hits, HITS);
    const bool there = best->score >= r->least;
    const bool same = there ? n > 0 && hits[0].score == best->score && hits[0].entry == best->entry : n == 0;
    r->all[kind]++;
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
    if (!same) {
        printf("  lost at %u (%s): %s | %.*s %u, the index gave %u%s\n",
               r->least,
               kinds[kind],
               text,
               CDN_FMT(listed.names[best->name].text),
               best->score,
               n > 0 ? hits[0].score : 0U,
               searcher.partial ? " (bound met)" : "");
    }
}

static size_t sum(const size_t *p, size_t first, size_t after) {
    size_t n = 0;
    for (size_t k = first; k < after; k++) {
        n += p[k];
    }
    return n;
}

/* Of the names that have a match; innocents, who have none and are given none, would only make it look
 * better.
 */
static void print_part(const struct row *r, const char *what, size_t first, size_t after) {
    const size_t all = sum(r->all, first, after), asked = sum(r->asked, first, after),
                 same = sum(r->same, first, after);
    printf("  %-36s %5zu of %5zu that have one, %6.2f %%; %5zu asked, %6.2f %% agree\n",
           what,
           same,
           asked,
           100.0 * (double)same / (double)CDN_MAX(asked, (size_t)1),
           all,
           100.0 - 100.0 * (double)(asked - same) / (double)CDN_MAX(all, (size_t)1));
}

static void print_row(const struct row *r) {
    printf("best match at or above %u, the same with and without the index:\n", r->least);
    for (size_t k = 0; k < KINDS; k++) {
        print_part(r, kinds[k], k, k + 1);
    }
    print_part(r, "names as they come", 0, AS_THEY_COME);
    print_part(r, "altered names", AS_THEY_COME, KINDS);
    print_part(r, "all", 0, KINDS);
    printf("  a bound was met for %zu\n", r->partial);
    const size_t asked = sum(r->asked, 0, AS_THEY_COME), same = sum(r->same, 0, AS_THEY_COME);
    if (asked > 0) {
        char what[96];
        (void)snprintf(what,
                       sizeof what,
                       "names as they come: same best match with and without index, from %u on",
                       r->least);
        (void)bench_at_least(what, same * 10000 / asked, 9990, "of 10000");
    }
}

/* A line of ANSWERS.tsv: what was asked for, and the best of all listed names. */
static bool read_answer(FILE *f, size_t *ret_kind, unsigned *ret_what, char text[TEXT], struct best *ret) {
    char line[2 * TEXT];
    if (fgets(line, sizeof line, f) == NULL) {
        return false;
    }
    line[strcspn(line, "\n")] = '\0';
    unsigned long numbers[5];
    char *at = line;
    for (size_t i = 0; i < 5; i++) {
        char *end = at;
        numbers[i] = strtoul(at, &end, 10);
        if (end == at || *end != '\t' || numbers[i] > UINT32_MAX) {
            die("the answers kept are damaged");
        }
        at = end + 1;
    }
    *ret_kind = numbers[0];
    *ret_what = (unsigned)numbers[1];
    *ret = (struct best){
        .score = (unsigned)numbers[2], .entry = (uint32_t)numbers[3], .name = (uint32_t)numbers[4]};
    if (*ret_kind >= KINDS || (ret->score > 0 && ret->name >= listed.name_count)) {
        die("the answers kept are damaged");
    }
    (void)snprintf(text, TEXT, "%s", at);
    return true;
}

static void write_answer(FILE *f, size_t kind, unsigned what, const char *text, const struct best *best) {
    if (fprintf(f, "%zu\t%u\t%u\t%u\t%u\t%s\n", kind, what, best->score, best->entry, best->name, text) < 0 ||
        fflush(f) != 0) {
        die("the answers cannot be kept");
    }
}

static void prepare(const char *lists) {
    struct cordon_error e = {0};
    bench_listed_read(lists, &listed);
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
}

int main(int argc, char **argv) {
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 3) {
        die("usage: bench-twin NAMES_DIR LISTS_DIR [SAMPLE [SEED [ANSWERS.tsv]]]");
    }
    const size_t sample = argc > 3 ? strtoul(argv[3], NULL, 10) : 300;
    random_state ^= (argc > 4 ? strtoull(argv[4], NULL, 10) : 0) * 0x9E3779B97F4A7C15ULL;
    FILE *known = argc > 5 ? fopen(argv[5], "r") : NULL;
    FILE *keep = argc > 5 && known == NULL ? fopen(argv[5], "w") : NULL;
    if (argc > 5 && known == NULL && keep == NULL) {
        die("the answers cannot be kept");
    }
    prepare(argv[2]);
    const struct sets sets = {
        {read_names(argv[1], "customers_us.csv.xz"), read_names(argv[1], "customers_global.csv.xz")},
        {read_names(argv[1], "positives_un_treated.csv"), read_names(argv[1], "positives_un_untreated.csv")},
        read_pairs(argv[1])};
    printf("%zu listed names, %u forms; %zu names asked for\n", listed.name_count, idx.header->forms, sample);
    struct row rows[3] = {
        {.least = CDN_SCREEN_REVIEW_AT}, {.least = CDN_SCREEN_REVIEW_AT - 125}, {.least = 700}};
    for (size_t s = 0; s < sample; s++) {
        char text[TEXT];
        size_t kind = s % KINDS;
        unsigned what = 0;
        struct best best;
        if (known != NULL && !read_answer(known, &kind, &what, text, &best)) {
            break;
        }
        what = known != NULL ? what : (unsigned)make(&sets, kind, text);
        cdn_name_read(&tables, &idx.weights, cdn_str_z(text), (enum cdn_screen_kind)what, &query);
        best = known != NULL ? best : scan();
        if (keep != NULL) {
            write_answer(keep, kind, what, text, &best);
        }
        for (size_t k = 0; k < CDN_ARRAY_LEN(rows); k++) {
            compare(&rows[k], kind, text, &best);
        }
    }
    for (size_t k = 0; k < CDN_ARRAY_LEN(rows); k++) {
        print_row(&rows[k]);
    }
    return 0;
}
