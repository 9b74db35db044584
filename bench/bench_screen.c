/* SPDX-License-Identifier: Apache-2.0 */
/* bench_screen.c: speed and recall of the index over the names of all lists, and how many innocents it holds.
 *
 * usage: bench-screen NAMES_DIR LISTS.tsv [SAMPLE]
 *
 * LISTS.tsv comes from bench/names-of-lists; NAMES_DIR has customers_*.csv.xz and positives_*.csv. Prints:
 * time to compile, size, latency percentiles and rate for innocent customers, listed names and mistyped ones,
 * what is held and found at several thresholds (in brackets: without those that are thin, which never decide
 * alone), and whether the best match is the one that scoring every name gives (SAMPLE names). */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "compile/screen_index.h"
#include "compile/translit_icu.h"

static struct cdn_screen_tables tables;
static struct cdn_index idx;
static struct cdn_searcher searcher;
static struct cdn_listed_name *names;
static const char **sources;
static size_t name_count;

static void die(const char *what) {
    fprintf(stderr, "bench-screen: %s\n", what);
    exit(1);
}

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* other programs on the machine do not count */
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static char *next_field(char **at, char end) {
    char *field = *at;
    if (field == NULL) {
        return NULL;
    }
    char *stop = strchr(field, end);
    *at = stop == NULL ? NULL : stop + 1;
    if (stop != NULL) {
        *stop = '\0';
    }
    return field;
}

static void read_names(const char *path) {
    FILE *f = fopen(path, "r");
    char line[8192], last[160] = "";
    size_t cap = 0;
    uint32_t entry = 0;
    if (f == NULL) {
        die("no names of lists");
    }
    while (fgets(line, sizeof line, f) != NULL) {
        char *rest = line, id[160];
        const char *list = next_field(&rest, '\t'), *number = next_field(&rest, '\t');
        const char *kind = next_field(&rest, '\t'), *text = next_field(&rest, '\n');
        if (text == NULL || *text == '\0') {
            continue;
        }
        snprintf(id, sizeof id, "%.20s/%.100s", list, number);
        if (strcmp(id, last) != 0) {
            entry++;
            snprintf(last, sizeof last, "%s", id);
        }
        if (name_count == cap) {
            cap = cap == 0 ? 65536 : cap * 2;
            names = realloc(names, cap * sizeof *names);
            sources = realloc(sources, cap * sizeof *sources);
        }
        names[name_count] = (struct cdn_listed_name){.text = cdn_str_z(strdup(text)),
                                                     .entry = entry,
                                                     .kind = kind[0] == 'p'   ? CDN_SCREEN_PERSON
                                                             : kind[0] == 'v' ? CDN_SCREEN_VESSEL
                                                                              : CDN_SCREEN_ORGANIZATION};
        sources[name_count++] = strdup(id);
    }
    fclose(f);
    printf("%zu names of %u entries\n", name_count, entry);
}

/* ---- queries ---------------------------------------------------------------------------------------- */

struct result {
    int64_t ns;
    uint32_t best, entry, work;
    bool thin;
};

static uint64_t all_work;

static struct result search(cordon_str text, enum cdn_screen_kind kind, unsigned least) {
    static struct cdn_name name;
    struct cdn_index_hit hits[16];
    const int64_t before = now_ns();
    cdn_name_read(&tables, &idx.weights, text, kind, &name);
    const uint32_t n = cdn_index_search(&searcher, &name, least, hits, 16);
    const int64_t ns = now_ns() - before;
    all_work += searcher.work;
    return (struct result){
        ns, n > 0 ? hits[0].score : 0U, n > 0 ? hits[0].name : 0U, searcher.rescored, n > 0 && hits[0].thin};
}

static int by_ns(const void *a, const void *b) {
    const int64_t x = ((const struct result *)a)->ns, y = ((const struct result *)b)->ns;
    return x < y ? -1 : x > y;
}

static void report(const char *what, struct result *r, size_t n, bool innocents) {
    static const unsigned levels[] = {700, 750, 800, 850, 900, 950, 1000};
    int64_t sum = 0;
    uint64_t rescored = 0;
    size_t held[CDN_ARRAY_LEN(levels)] = {0}, firm[CDN_ARRAY_LEN(levels)] = {0}, thin = 0;
    for (size_t i = 0; i < n; i++) {
        sum += r[i].ns;
        rescored += r[i].work;
        thin += r[i].best >= 700 && r[i].thin;
        for (size_t k = 0; k < CDN_ARRAY_LEN(levels); k++) {
            held[k] += r[i].best >= levels[k];
            firm[k] += r[i].best >= levels[k] && !r[i].thin;
        }
    }
    qsort(r, n, sizeof *r, by_ns);
    printf("%-22s %6zu  p50 %5.1f us  p99 %6.1f us  max %7.1f us  %7.0f names/s  %4.1f scored  %s",
           what,
           n,
           (double)r[n / 2].ns / 1e3,
           (double)r[n * 99 / 100].ns / 1e3,
           (double)r[n - 1].ns / 1e3,
           (double)n / ((double)sum / 1e9),
           (double)rescored / (double)n,
           innocents ? "held" : "found");
    for (size_t k = 0; k < CDN_ARRAY_LEN(levels); k++) {
        printf("  %u: %.2f (%.2f) %%",
               levels[k],
               100.0 * (double)held[k] / (double)n,
               100.0 * (double)firm[k] / (double)n);
    }
    printf("  thin %.2f %%  %.0f steps\n", 100.0 * (double)thin / (double)n, (double)all_work / (double)n);
    all_work = 0;
}

static void run_file(const char *dir, const char *file, bool innocents, bool show) {
    char command[1024], line[4096];
    snprintf(
        command, sizeof command, strstr(file, ".xz") != NULL ? "xz -dc '%s/%s'" : "cat '%s/%s'", dir, file);
    FILE *f = popen(command, "r");
    size_t n = 0;
    struct result *r = malloc(100000 * sizeof *r);
    while (f != NULL && n < 100000 && fgets(line, sizeof line, f) != NULL) {
        char *rest = line;
        const char *name = NULL;
        if (line[0] == '"') {
            rest = line + 1;
            name = next_field(&rest, '"');
        } else {
            name = next_field(&rest, ',');
        }
        if (name == NULL || strcmp(name, "full_name") == 0) {
            continue;
        }
        r[n] = search(cdn_str_z(name), CDN_SCREEN_PERSON, 700);
        if (show && innocents == (r[n].best >= 700)) {
            printf("    %u %s | %.*s%s\n",
                   r[n].best,
                   name,
                   CDN_FMT(names[r[n].entry].text),
                   r[n].thin ? " (thin)" : "");
        }
        n++;
    }
    pclose(f);
    if (n > 0) {
        report(file, r, n, innocents);
    }
    free(r);
}

/* Every listed name finds its own entry at 1000; with one letter wrong in a token of five or more, at the
 * threshold. */
static void run_self(bool typo) {
    struct result *r = malloc(name_count * sizeof *r);
    size_t n = 0, lost = 0;
    uint64_t random = 88172645463325252ULL;
    for (size_t i = 0; i < name_count; i++) {
        char text[2048];
        const size_t len = CDN_MIN(names[i].text.n, sizeof text - 1);
        memcpy(text, names[i].text.p, len);
        if (typo) {
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
            if (count == 0) {
                continue;
            }
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            const size_t at = places[random % count];
            text[at] =
                (char)('a' + ((unsigned)(text[at] | 32) - 'a' + 1 + (unsigned)(random >> 40) % 25) % 26);
        }
        r[n] = search(cdn_str(text, len), (enum cdn_screen_kind)names[i].kind, 700);
        const bool own = r[n].best >= (typo ? 700U : 1000U);
        if (!own && lost++ < 12) {
            printf("    %u %.*s (%s)\n", r[n].best, (int)len, text, sources[i]);
        }
        n++;
    }
    report(typo ? "listed, one typo" : "listed names", r, n, false);
    free(r);
}

static void run_twin(const char *dir, size_t sample) {
    static struct cdn_name query, listed;
    static struct cdn_match m;
    char command[1024], line[4096];
    snprintf(command,
             sizeof command,
             "cat '%s/positives_un_treated.csv'; xz -dc '%s/customers_global.csv.xz' | awk 'NR %% 97 == 5'",
             dir,
             dir);
    FILE *f = popen(command, "r");
    size_t done = 0, same = 0;
    while (f != NULL && done < sample && fgets(line, sizeof line, f) != NULL) {
        char *rest = line[0] == '"' ? line + 1 : line;
        const char *name = next_field(&rest, line[0] == '"' ? '"' : ',');
        if (name == NULL || strcmp(name, "full_name") == 0 || (done % 2 == 0 && name[0] == '\0')) {
            continue;
        }
        const struct result r = search(cdn_str_z(name), CDN_SCREEN_PERSON, 700);
        unsigned best = 0;
        size_t best_at = 0;
        cdn_name_read(&tables, &idx.weights, cdn_str_z(name), CDN_SCREEN_PERSON, &query);
        for (size_t i = 0; i < name_count; i++) {
            cdn_index_name(&idx, (uint32_t)i, &listed);
            cdn_match_names(&tables, &cdn_match_defaults, &searcher.matcher, &query, &listed, &m);
            if (m.score > best && !m.acronym) {
                best = m.score;
                best_at = i;
            }
        }
        const bool equal = best < 700 ? r.best < 700 || r.best == best : r.best == best;
        if (!equal) {
            printf("    lost: %s | %.*s %u, the index gave %u\n",
                   name,
                   CDN_FMT(names[best_at].text),
                   best,
                   r.best);
        }
        same += equal;
        done++;
    }
    pclose(f);
    printf("the same best score as scoring every name: %zu of %zu\n", same, done);
}

int main(int argc, char **argv) {
    static struct cdn_buf section, index_bytes;
    struct cordon_error e = {0};
    if (argc < 3) {
        die("usage: bench-screen NAMES_DIR LISTS.tsv [SAMPLE]");
    }
    read_names(argv[2]);
    cdn_buf_init(&section, &cdn_alloc_libc, 1 << 24);
    cdn_buf_init(&index_bytes, &cdn_alloc_libc, (size_t)1 << 30);
    int64_t t = now_ns();
    if (cdn_compile_screen_tables(&cdn_alloc_libc, &section, &e) != 0 ||
        cdn_screen_tables_open(cdn_buf_get(&section), &tables, &e) != 0) {
        die(e.message);
    }
    printf("tables: %.1f KiB, %.2f s\n", (double)section.n / 1024, (double)(now_ns() - t) / 1e9);
    t = now_ns();
    if (cdn_compile_screen_index(names, name_count, &tables, &cdn_alloc_libc, &index_bytes, &e) != 0) {
        die(e.message);
    }
    printf("index: %.1f MiB, %.2f s to compile\n",
           (double)index_bytes.n / 1048576,
           (double)(now_ns() - t) / 1e9);
    t = now_ns();
    if (cdn_index_open(cdn_buf_get(&index_bytes), &idx, &e) != 0 ||
        cdn_searcher_init(&searcher, &idx, &tables, &cdn_match_defaults, &cdn_alloc_libc, &e) != 0) {
        die(e.message);
    }
    printf("       %u tokens, %u postings, %u keys; opened and checked in %.1f ms\n",
           idx.header->tokens,
           idx.header->postings,
           idx.header->key_tokens,
           (double)(now_ns() - t) / 1e6);
    const bool show = argc > 4;
    run_file(argv[1], "customers_us.csv.xz", true, show);
    run_file(argv[1], "customers_global.csv.xz", true, show);
    run_file(argv[1], "positives_un_untreated.csv", false, show);
    run_file(argv[1], "positives_un_treated.csv", false, true);
    if (argc > 3 && strcmp(argv[3], "0") == 0) {
        return 0;
    }
    run_self(false);
    run_self(true);
    run_twin(argv[1], argc > 3 ? strtoul(argv[3], NULL, 10) : 100);
    return 0;
}
