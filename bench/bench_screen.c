/* SPDX-License-Identifier: Apache-2.0 */
/* bench_screen.c: speed and recall of the index over the names of all lists, and how many innocents it holds.
 *
 * usage: bench-screen NAMES_DIR LISTS_DIR [0 [speed | show | slips | PAIRS.tsv]]
 *
 * LISTS_DIR has the published lists (listed.h); NAMES_DIR has customers_*.csv.xz and positives_*.csv. Prints:
 * time to compile, size, latency percentiles and rate for innocent customers and positives at three
 * thresholds, the slowest crafted name, what is held and found by name alone and with birth date and
 * nationality, and whether listed names, as they are and mistyped, are found. 0: without listed names;
 * `speed`: nothing but speed; `show` lists who is held or missed; `slips`: nothing but listed names, all that
 * are not found. bench-twin holds the index against scoring every name.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "compile/translit_icu.h"
#include "listed.h"
#include "measure.h"
#include "places/codes.h"
#include "screen/explain.h"

struct engine {
    struct cdn_listed_name *names; /* as they were indexed */
    struct cdn_buf bytes;
    struct cdn_index index;
    struct cdn_searcher searcher;
};
static struct cdn_screen_tables tables;
static struct bench_listed listed;
static struct engine all, core;
static struct cdn_name query, other;
static struct cdn_match match;
static bool show, slips;
static FILE *pairs; /* for bench-names --fit: candidates of the half of the customers to fit on */

#define HITS 64U
#define SEARCHED_FROM 700U /* lower than the defaults ever ask for, whatever is known besides the name */

static void die(const char *what) {
    (void)fprintf(stderr, "bench-screen: %s\n", what);
    exit(1);
}

static void make_engine(struct engine *x, bool core_only, const char *what) {
    struct cordon_error e = {0};
    struct cdn_listed_name *names = malloc((listed.name_count + 1) * sizeof *names);
    size_t n = 0;
    for (size_t i = 0; names != NULL && i < listed.name_count; i++) {
        if (!core_only || listed.entries[listed.names[i].entry].core) {
            names[n++] = listed.names[i];
        }
    }
    cdn_buf_init(&x->bytes, &cdn_alloc_libc, (size_t)1 << 30);
    const uint64_t begin = bench_thread_nanoseconds();
    if (cdn_compile_screen_index(names, n, &tables, &cdn_alloc_libc, &x->bytes, &e) != 0) {
        die(e.message);
    }
    const uint64_t made = bench_thread_nanoseconds();
    if (cdn_index_open(cdn_buf_get(&x->bytes), &x->index, &e) != 0 ||
        cdn_searcher_init(&x->searcher, &x->index, &tables, &cdn_match_defaults, &cdn_alloc_libc, &e) != 0) {
        die(e.message);
    }
    printf("%s: %zu names, %u tokens, %u postings, %u keys: %.1f MiB, made in %.2f s, opened in %.1f ms\n",
           what,
           n,
           x->index.header->tokens,
           x->index.header->postings,
           x->index.header->key_tokens,
           (double)x->bytes.n / 1048576,
           (double)(made - begin) / 1e9,
           (double)(bench_thread_nanoseconds() - made) / 1e6);
    if (!core_only) {
        (void)bench_at_most("screening index", x->bytes.n >> 20, 200, "MiB");
        (void)bench_at_most("making the index of all lists", (made - begin) / 1000000, 10000, "ms");
    }
    x->names = names;
}

/* ---- customers -------------------------------------------------------------------------------------- */

struct customer {
    cordon_str name;
    struct cdn_known known;
    struct cdn_known_birth birth;
    char nation[1][2];
    cordon_str place;
};
struct customers {
    struct customer *p;
    size_t n;
};

static size_t split(char *line, char *fields[], size_t most) {
    size_t n = 0;
    char *out = line, *in = line;
    while (n < most && *in != '\0' && *in != '\n') {
        fields[n++] = out;
        bool quoted = false;
        for (; *in != '\0' && *in != '\n' && *in != '\r' && (quoted || *in != ','); in++) {
            if (*in == '"') {
                quoted = !quoted;
            } else {
                *out++ = *in;
            }
        }
        in += *in == ',' ? 1 : 0;
        *out++ = '\0';
    }
    return n;
}

static void fill_customer(struct customer *c, char *fields[], size_t n) {
    struct cdn_when when;
    uint16_t country = 0;
    c->name = cdn_str_z(strdup(fields[0]));
    c->known.sex = n > 4 && strcmp(fields[4], "male") == 0     ? CDN_SEX_MALE
                   : n > 4 && strcmp(fields[4], "female") == 0 ? CDN_SEX_FEMALE
                                                               : CDN_SEX_UNKNOWN;
    if (n > 5 && cdn_when_parse(cdn_str_z(fields[5]), &when) == 0) {
        c->birth =
            (struct cdn_known_birth){(int32_t)(when.first / 86400), (int32_t)(when.after / 86400 - 1), false};
        c->known.birth_count = 1;
    }
    if (n > 6 && fields[6][0] != '\0') {
        c->place = cdn_str_z(strdup(fields[6]));
        c->known.birth_place_count = 1;
    }
    if (n > 7 && cdn_country_any(cdn_str_z(fields[7]), &country, NULL) == 0) {
        c->nation[0][0] = (char)(country >> 8);
        c->nation[0][1] = (char)(country & 0xFF);
        c->known.nationality_count = 1;
    }
}

static struct customers read_customers(const char *dir, const char *file) {
    char command[1024], line[4096];
    struct customers r = {calloc(30000, sizeof *r.p), 0};
    (void)snprintf(
        command, sizeof command, strstr(file, ".xz") != NULL ? "xz -dc '%s/%s'" : "cat '%s/%s'", dir, file);
    FILE *f = popen(command, "r"); /* the path is the caller's own */
    if (f == NULL || r.p == NULL) {
        die("cannot read the customers");
    }
    while (r.n < 30000 && fgets(line, sizeof line, f) != NULL) {
        char *fields[8];
        const size_t n = split(line, fields, 8);
        if (n == 0 || fields[0][0] == '\0' || strcmp(fields[0], "full_name") == 0) {
            continue;
        }
        struct customer *c = &r.p[r.n++];
        fill_customer(c, fields, n);
    }
    (void)pclose(f);
    for (size_t i = 0; i < r.n; i++) {
        struct customer *c = &r.p[i];
        c->known.births = &c->birth;
        c->known.nationalities = (const char(*)[2])c->nation;
        c->known.birth_places = &c->place;
    }
    return r;
}

/* Parameters may be fitted on one half of the customers; the figures are of all, and `show` shows that half.
 */
static bool to_fit(const struct customer *c) {
    return (cdn_hash(c->name, (uint64_t)(uint32_t)c->birth.from) & 1) == 0;
}

/* ---- held and found ---------------------------------------------------------------------------------- */

static const unsigned levels[] = {700, 750, 800, 850, 870, 880, 890, 900, 910, 920, 930, 940, 950, 970, 1000};
#define LEVELS CDN_ARRAY_LEN(levels)

/* What is known of a customer besides the name. */
enum { KNOWN_NOTHING, KNOWN_BIRTH, KNOWN_ALL, KNOWN };

/* The verdict on a customer is the worst of those on all candidates. */
static void judge(const struct customer *c,
                  unsigned level,
                  const struct cdn_index_hit *hits,
                  uint32_t n,
                  bool held[KNOWN],
                  unsigned *ret_best) {
    static const struct cdn_weighing nothing;
    const struct cdn_known born = {.births = c->known.births, .birth_count = c->known.birth_count};
    for (uint32_t i = 0; i < n; i++) {
        struct cdn_weighing w;
        unsigned score = 0;
        cdn_index_name(&core.index, hits[i].name, &other);
        cdn_match_names(&tables, &cdn_match_defaults, &core.searcher.matcher, &query, &other, &match);
        held[KNOWN_NOTHING] =
            held[KNOWN_NOTHING] ||
            cdn_evidence_final(&match, hits[i].weak, &nothing, 1000, level, &score) != CDN_SCREEN_NO;
        cdn_evidence_weigh(&tables, &core.searcher.matcher, &born, &listed.entries[hits[i].entry].known, &w);
        held[KNOWN_BIRTH] =
            held[KNOWN_BIRTH] ||
            cdn_evidence_final(&match, hits[i].weak, &w, 1000, level, &score) != CDN_SCREEN_NO;
        cdn_evidence_weigh(
            &tables, &core.searcher.matcher, &c->known, &listed.entries[hits[i].entry].known, &w);
        held[KNOWN_ALL] = held[KNOWN_ALL] ||
                          cdn_evidence_final(&match, hits[i].weak, &w, 1000, level, &score) != CDN_SCREEN_NO;
        *ret_best = CDN_MAX(*ret_best, score);
    }
}

/* Who is held or missed, and why: the best three candidates. */
static void print_hits(const struct customer *c,
                       const struct cdn_index_hit *hits,
                       uint32_t n,
                       const char *what) {
    static char storage[8192];
    struct cdn_buf out;
    printf("  * %s: %.*s\n", what, CDN_FMT(c->name));
    for (uint32_t i = 0; i < n && i < 3; i++) {
        const struct bench_entry *entry = &listed.entries[hits[i].entry];
        struct cdn_weighing w;
        cdn_index_name(&core.index, hits[i].name, &other);
        cdn_match_names(&tables, &cdn_match_defaults, &core.searcher.matcher, &query, &other, &match);
        cdn_evidence_weigh(&tables, &core.searcher.matcher, &c->known, &entry->known, &w);
        const struct cdn_explain_name a = {&query, c->name}, b = {&other, {NULL, 0}};
        cdn_buf_fixed(&out, storage, sizeof storage);
        cdn_explain_match(&out, &a, &b, &match);
        cdn_explain_evidence(&out, &c->known, &entry->known, &w);
        printf("  %s/%.*s%s\n%.*s",
               entry->list,
               CDN_FMT(entry->id),
               hits[i].weak ? " (weak)" : "",
               (int)out.n,
               storage);
    }
}

static void run_customers(const struct customers *c, const char *what, bool innocents, double ret[KNOWN]) {
    static const char *const known[KNOWN] = {"name only", "born", "all known"};
    size_t held[KNOWN][LEVELS] = {{0}};
    struct cdn_index_hit hits[HITS];
    for (size_t i = 0; i < c->n; i++) {
        cdn_name_read(&tables, &core.index.weights, c->p[i].name, CDN_SCREEN_PERSON, &query);
        const uint32_t n = cdn_index_search(&core.searcher, &query, SEARCHED_FROM, hits, HITS);
        for (uint32_t k = 0; pairs != NULL && k < n && k < 4 && to_fit(&c->p[i]); k++) {
            (void)fprintf(pairs,
                          "%c\t%s%zu\t%.*s\t%.*s\n",
                          innocents ? 'i' : 'p',
                          what,
                          i,
                          CDN_FMT(c->p[i].name),
                          CDN_FMT(core.names[hits[k].name].text));
        }
        for (size_t k = 0; k < LEVELS; k++) {
            bool h[KNOWN] = {false};
            unsigned best = 0;
            judge(&c->p[i], levels[k], hits, n, h, &best);
            for (unsigned with = 0; with < KNOWN; with++) {
                held[with][k] += h[with];
            }
            if (show && levels[k] == CDN_SCREEN_REVIEW_AT && innocents == h[0] && to_fit(&c->p[i])) {
                print_hits(&c->p[i],
                           hits,
                           n,
                           h[KNOWN_ALL] == innocents     ? "both"
                           : h[KNOWN_BIRTH] == innocents ? "born"
                                                         : "name only");
            }
        }
    }
    for (unsigned with = 0; with < KNOWN; with++) {
        printf("%-26s %5zu %s %s", what, c->n, innocents ? "held, " : "found,", known[with]);
        for (size_t k = 0; k < LEVELS; k++) {
            const double share = 100.0 * (double)held[with][k] / (double)c->n;
            printf("  %u: %.3g", levels[k], share);
            if (levels[k] == CDN_SCREEN_REVIEW_AT) {
                ret[with] = share;
            }
        }
        printf("\n");
    }
}

/* ---- speed ------------------------------------------------------------------------------------------- */

struct times {
    uint64_t *p;
    size_t n;
    uint64_t sum, scored;
    size_t partial;
};

static int by_value(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static uint32_t timed(
    struct times *t, cordon_str text, enum cdn_screen_kind kind, unsigned least, struct cdn_index_hit *hits) {
    const uint64_t begin = bench_thread_nanoseconds();
    cdn_name_read(&tables, &all.index.weights, text, kind, &query);
    const uint32_t n = cdn_index_search(&all.searcher, &query, least, hits, HITS);
    const uint64_t took = bench_thread_nanoseconds() - begin;
    t->p[t->n++] = took;
    t->sum += took;
    t->scored += all.searcher.rescored;
    t->partial += all.searcher.partial ? 1U : 0U;
    return n;
}

static void print_times(const char *what, struct times *t, uint64_t ret[3]) {
    qsort(t->p, t->n, sizeof *t->p, by_value);
    ret[0] = t->p[t->n / 2];
    ret[1] = t->p[t->n * 99 / 100];
    ret[2] = (uint64_t)((double)t->n / ((double)t->sum / 1e9));
    printf("%-26s %6zu  p50 %5.1f us  p99 %6.1f us  max %7.1f us  %7llu names/s  %4.1f scored%s\n",
           what,
           t->n,
           (double)ret[0] / 1e3,
           (double)ret[1] / 1e3,
           (double)t->p[t->n - 1] / 1e3,
           (unsigned long long)ret[2],
           (double)t->scored / (double)t->n,
           t->partial > 0 ? "  (a bound was met)" : "");
    t->n = 0;
    t->sum = t->scored = t->partial = 0;
}

/* Words that were looked up are forgotten. */
static void forget(void) {
    memset(all.searcher.cache, 0, all.searcher.cache_slots * sizeof *all.searcher.cache);
    all.searcher.near_count = 0;
}

/* Every pass begins alike: the memory is there and the first names were asked for, but no word is remembered;
 * names repeat their words, so that most are before it ends. */
static void run_speed(
    struct times *t, const struct customers *c, unsigned least, const char *what, uint64_t ret[3]) {
    struct cdn_index_hit hits[HITS];
    for (size_t i = 0; i < c->n && i < 500; i++) {
        (void)timed(t, c->p[i].name, CDN_SCREEN_PERSON, least, hits);
    }
    t->n = 0;
    t->sum = t->scored = t->partial = 0;
    forget();
    for (size_t i = 0; i < c->n; i++) {
        (void)timed(t, c->p[i].name, CDN_SCREEN_PERSON, least, hits);
    }
    print_times(what, t, ret);
}

static void speed_targets(const char *file, unsigned least, const uint64_t speed[3]) {
    char what[3][96];
    const char *const kind[3] = {"p50", "p99", "names a second"};
    for (size_t k = 0; k < 3; k++) {
        (void)snprintf(what[k], sizeof what[k], "%s from %u on, %s", file, least, kind[k]);
    }
    (void)bench_at_most(what[0], speed[0], 50000, "ns");
    (void)bench_at_most(what[1], speed[1], 500000, "ns");
    (void)bench_at_least(what[2], speed[2], 20000, "");
}

/* ---- listed names ------------------------------------------------------------------------------------- */

/* One wrong letter in a word of five or more ASCII letters; false: there is none. */
static bool mistype(char *text, size_t len, uint64_t *random) {
    size_t places[256], count = 0, run = 0;
    for (size_t k = 0; k <= len; k++) {
        const bool letter = k < len && ((text[k] | 32) >= 'a' && (text[k] | 32) <= 'z');
        run = letter ? run + 1 : 0;
        for (size_t b = 0; run == 5 && b < 5 && count < 256; b++) {
            places[count++] = k - b;
        }
        if (run > 5 && count < 256) {
            places[count++] = k;
        }
    }
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    if (count == 0) {
        return false;
    }
    char *c = &text[places[*random % count]];
    *c = (char)('a' + ((unsigned)(*c | 32) - 'a' + 1 + (unsigned)(*random >> 40) % 25) % 26);
    return true;
}

/* Every primary name and strong alias finds its own entry: at 1000 as listed, at the threshold with one slip
 * (substitution, letter left out, letter too many, two exchanged: slip 1 to 4). */
static bool slip(char *text, size_t *len, unsigned kind, uint64_t *random) {
    char copy[2048];
    memcpy(copy, text, *len);
    if (!mistype(copy, *len, random)) {
        return false;
    }
    size_t at = 0;
    while (copy[at] == text[at]) {
        at++;
    }
    if (kind == 1) {
        text[at] = copy[at];
    } else if (kind == 2) {
        memmove(text + at, text + at + 1, *len - at - 1);
        (*len)--;
    } else if (kind == 3) {
        memmove(text + at + 1, text + at, *len - at);
        text[at] = copy[at];
        (*len)++;
    } else {
        const char next = at + 1 < *len ? text[at + 1] : ' ';
        if ((next | 32) < 'a' || (next | 32) > 'z' || (next | 32) == (text[at] | 32)) {
            return false;
        }
        text[at + 1] = text[at];
        text[at] = next;
    }
    return true;
}

/* Of those that are not found: what their own name scores, and what stood in the way. */
static const char *why_lost(size_t i, uint32_t n, const struct cdn_index_hit *hits, bool *ret_crowded) {
    static char why[64];
    cdn_index_name(&all.index, (uint32_t)i, &other);
    cdn_match_names(&tables, &cdn_match_defaults, &all.searcher.matcher, &query, &other, &match);
    *ret_crowded = n == HITS && hits[n - 1].score >= match.score;
    (void)snprintf(why,
                   sizeof why,
                   "%s, scores %u%s",
                   match.score < SEARCHED_FROM ? "unlike"
                   : *ret_crowded              ? "crowded out"
                                               : "lost by the index",
                   match.score,
                   all.searcher.partial ? ", bound reached" : "");
    return why;
}

static void run_listed(struct times *t, unsigned kind, const char *what) {
    size_t lost = 0, tried = 0, at_review = 0, crowded = 0;
    uint64_t random = 88172645463325252ULL, unused[3];
    const unsigned least = kind == 0 ? 1000 : SEARCHED_FROM;
    for (size_t i = kind; i < listed.name_count; i += kind == 0 ? 1 : 8) { /* slips: every eighth name */
        static char text[2048];
        struct cdn_index_hit hits[HITS];
        size_t len = CDN_MIN(listed.names[i].text.n, sizeof text - 8);
        memcpy(text, listed.names[i].text.p, len);
        if (listed.names[i].weak || (kind != 0 && !slip(text, &len, kind, &random))) {
            continue;
        }
        const uint32_t n =
            timed(t, cdn_str(text, len), (enum cdn_screen_kind)listed.names[i].kind, least, hits);
        bool own = false;
        for (uint32_t k = 0; k < n; k++) {
            own = own || hits[k].entry == listed.names[i].entry;
            at_review += hits[k].entry == listed.names[i].entry && hits[k].score >= CDN_SCREEN_REVIEW_AT;
        }
        tried++;
        bool others = false; /* more namesakes than are asked for, each at least as alike */
        const char *why = own ? "" : why_lost(i, n, hits, &others);
        own = own || others;
        crowded += others;
        at_review += others && match.score >= CDN_SCREEN_REVIEW_AT;
        if (query.count == 0 && n == 0) {
            printf("    no letter in `%.*s`\n", (int)len, text);
        }
        if (!own && ++lost <= (show ? 2000U : 25U)) {
            printf("    %s: %.*s (%s/%.*s) %s, best %u\n",
                   what,
                   (int)len,
                   text,
                   listed.entries[listed.names[i].entry].list,
                   CDN_FMT(listed.entries[listed.names[i].entry].id),
                   why,
                   n > 0 ? hits[0].score : 0U);
        }
    }
    print_times(what, t, unused);
    printf("    found %zu of %zu: %.3f %%, of which %zu at %u or more, %zu among more than %u as alike\n",
           tried - lost,
           tried,
           100.0 - 100.0 * (double)lost / (double)tried,
           at_review,
           CDN_SCREEN_REVIEW_AT,
           crowded,
           HITS);
    (void)bench_at_least(what, 100000 - lost * 100000 / tried, kind == 0 ? 100000 : 99500, "of 100000 found");
}

static void run_all_listed(struct times *t) {
    run_listed(t, 0, "listed names");
    run_listed(t, 1, "one letter wrong");
    run_listed(t, 2, "one letter missing");
    run_listed(t, 3, "one letter too many");
    run_listed(t, 4, "two letters exchanged");
}

/* ---- crafted names ------------------------------------------------------------------------------------- */

struct heavy {
    uint32_t token, cost;
};

static int by_cost(const void *a, const void *b) {
    const struct heavy *x = a, *y = b;
    return x->cost != y->cost ? (x->cost > y->cost ? -1 : 1) : x->token < y->token ? -1 : x->token > y->token;
}

static size_t add_token(char *text, size_t n, const struct cdn_index_token *t) {
    memcpy(text + n, t->s, t->n);
    text[n + t->n] = ' ';
    return n + t->n + 1U;
}

/* The slowest of some askings of one name: the memory of searches is of no use to the first. */
static void run_crafted_one(const char *what, const char *text, size_t n, uint64_t *ret_worst) {
    struct cdn_index_hit hits[HITS];
    uint64_t worst = 0;
    uint32_t work = 0;
    for (unsigned k = 0; k < 2 * CDN_ARRAY_LEN(levels); k++) {
        const unsigned least = levels[k / 2], kind = k % 2 == 0 ? CDN_SCREEN_PERSON : CDN_SCREEN_ANY;
        forget();
        const uint64_t begin = bench_thread_nanoseconds();
        cdn_name_read(&tables, &all.index.weights, cdn_str(text, n), (enum cdn_screen_kind)kind, &query);
        (void)cdn_index_search(&all.searcher, &query, least, hits, HITS);
        worst = CDN_MAX(worst, bench_thread_nanoseconds() - begin);
        work = CDN_MAX(work, all.searcher.work + all.searcher.scoring);
    }
    printf("  %-44s %9zu bytes  %7.1f us  %u units\n", what, n, (double)worst / 1e3, work);
    *ret_worst = CDN_MAX(*ret_worst, worst);
}

static void run_crafted(void) {
    const struct cdn_index_header *h = all.index.header;
    const size_t most = 10 * 1000 * 1000;
    char *text = malloc(most + 256);
    struct heavy *heavy = malloc(((size_t)h->tokens + 1) * sizeof *heavy);
    uint64_t worst = 0;
    if (text == NULL || heavy == NULL) {
        die("no memory for crafted names");
    }
    printf("crafted names, the slowest of thresholds from %u on, nothing remembered\n", levels[0]);
    for (unsigned kind = 0; kind < 2; kind++) {
        for (uint32_t i = 0; i < h->tokens; i++) {
            heavy[i] = (struct heavy){i, all.index.tokens[i].count};
        }
        qsort(heavy, h->tokens, sizeof *heavy, by_cost);
        if (kind == 1) { /* of the words that many have, those under whose keys most others lie */
            for (uint32_t i = 0; i < h->tokens && i < 20000; i++) {
                struct cdn_index_hit hits[HITS];
                const struct cdn_index_token *t = &all.index.tokens[heavy[i].token];
                cdn_name_read(&tables, &all.index.weights, cdn_str(t->s, t->n), CDN_SCREEN_PERSON, &query);
                (void)cdn_index_search(&all.searcher, &query, levels[0], hits, HITS);
                heavy[i].cost = all.searcher.work;
            }
            qsort(heavy, CDN_MIN(h->tokens, 20000U), sizeof *heavy, by_cost);
        }
        for (uint32_t words = 2; words <= 48; words += words < 8 ? 1U : 8U) {
            char what[64];
            size_t n = 0;
            for (uint32_t i = 0; i < words && i < h->tokens; i++) {
                n = add_token(text, n, &all.index.tokens[heavy[i].token]);
            }
            (void)snprintf(what,
                           sizeof what,
                           "the %u %s",
                           words,
                           kind == 0 ? "most frequent words" : "words with most neighbours");
            run_crafted_one(what, text, n, &worst);
        }
    }
    size_t n = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        n = add_token(text, n, &all.index.tokens[heavy[i % h->tokens].token]);
        n = n + 64 < most ? n : 0;
    }
    run_crafted_one("100,000 words", text, n, &worst);
    memset(text, 'a', most);
    run_crafted_one("ten million letters", text, most, &worst);
    for (size_t i = 0; i < most; i += 2) {
        text[i] = ' ';
    }
    run_crafted_one("five million letters, each a word", text, most, &worst);
    (void)bench_at_most("a name crafted to be slow", worst, 5000000, "ns");
    free(heavy);
    free(text);
}

static void target_share(const char *what, const char *with, const char *who, double share, unsigned most) {
    char text[96];
    (void)snprintf(text, sizeof text, "%s %s, %s", what, with, who);
    (void)bench_at_most(text, (uint64_t)(share * 1000 + 0.5), most, "thousandths of a percent");
}

static void target_found(const char *what, const char *with, double share) {
    char text[96];
    (void)snprintf(text, sizeof text, "%s %s", what, with);
    (void)bench_at_least(text, (uint64_t)(share * 100), 9900, "of 10000");
}

int main(int argc, char **argv) {
    static struct cdn_buf section;
    struct cordon_error e = {0};
    if (argc < 3) {
        die("usage: bench-screen NAMES_DIR LISTS_DIR [0 [speed | show | slips | PAIRS.tsv]]");
    }
    const bool few = argc > 3, speed_only = argc > 4 && strcmp(argv[4], "speed") == 0;
    slips = argc > 4 && strcmp(argv[4], "slips") == 0;
    show = slips || (argc > 4 && strcmp(argv[4], "show") == 0);
    pairs = argc > 4 && !show && !speed_only ? fopen(argv[4], "w") : NULL;
    bench_listed_read(argv[2], &listed);
    printf(
        "%zu names of %zu entries, read in %.1f s\n", listed.name_count, listed.entry_count, listed.seconds);
    (void)bench_at_least("listed parties", listed.entry_count, 40000, "");
    (void)bench_at_least("listed names", listed.name_count, 100000, "");
    cdn_buf_init(&section, &cdn_alloc_libc, 1 << 24);
    const uint64_t begin = bench_thread_nanoseconds();
    if (cdn_compile_screen_tables(&cdn_alloc_libc, &section, &e) != 0 ||
        cdn_screen_tables_open(cdn_buf_get(&section), &tables, &e) != 0) {
        die(e.message);
    }
    printf("tables: %.1f KiB, %.2f s\n",
           (double)section.n / 1024,
           (double)(bench_thread_nanoseconds() - begin) / 1e9);
    make_engine(&all, false, "index of all lists");
    make_engine(&core, true, "index of OFAC, EU, UN, UK");
    static const char *const files[] = {"customers_us.csv.xz",
                                        "customers_global.csv.xz",
                                        "positives_un_untreated.csv",
                                        "positives_un_treated.csv"};
    struct customers sets[4];
    struct times t = {malloc((listed.name_count + 60000) * sizeof *t.p), 0, 0, 0, 0};
    uint64_t speed[4][3];
    double shares[4][KNOWN];
    for (size_t i = 0; i < 4; i++) {
        sets[i] = read_customers(argv[1], files[i]);
    }
    if (slips) {
        run_all_listed(&t);
        return 0;
    }
    /* review, which is what requests ask for; what it becomes when birth date, place and nationality are
     * known; the lowest that is ever asked for */
    static const unsigned leasts[] = {CDN_SCREEN_REVIEW_AT, CDN_SCREEN_REVIEW_AT - 125, SEARCHED_FROM};
    for (size_t k = 0; k < 3; k++) {
        printf("names of at least %u, nothing remembered when a file begins\n", leasts[k]);
        for (size_t i = 0; i < 4 && t.p != NULL; i++) {
            run_speed(&t, &sets[i], leasts[k], files[i], speed[i]);
            if (k < 2 && i < 2) { /* of a thousand who are asked for, one is listed */
                speed_targets(files[i], leasts[k], speed[i]);
            }
        }
    }
    run_crafted();
    if (speed_only) {
        return 0;
    }
    for (size_t i = 0; i < 4; i++) {
        run_customers(&sets[i], files[i], i < 2, shares[i]);
    }
    static const char *const with[KNOWN] = {
        "by name", "with birth date alone", "with birth date, nationality, place"};
    for (unsigned k = 0; k < KNOWN; k++) {
        const unsigned most = k == KNOWN_NOTHING ? 200 : 20;
        target_share("innocents held", with[k], "US", shares[0][k], most);
        target_share("innocents held", with[k], "world", shares[1][k], most);
        target_found("UN positives found", with[k], shares[2][k]);
        target_found("treated UN positives found", with[k], shares[3][k]);
    }
    if (pairs != NULL && fclose(pairs) != 0) {
        die("the pairs cannot be written");
    }
    if (few) {
        return 0;
    }
    run_all_listed(&t);
    return 0;
}
