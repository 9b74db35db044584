/* SPDX-License-Identifier: Apache-2.0 */
/* bench_parties.c: all lists into the sections of a snapshot and out again: how long, how large, how fast a
 * party is screened with what is known of it, and whether a scan over every entry says the same.
 *
 * usage: bench-parties DATA [SCANNED]      DATA has lists/ and names/; SCANNED parties are held against a
 * scan */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/num.h"
#include "compile/listed.h"
#include "places/codes.h"
#include "screen/screener.h"

static void die(const char *what, const struct cordon_error *e) {
    fprintf(stderr, "bench-parties: %s: %s\n", what, e ? e->message : "");
    exit(1);
}

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* ---- lists ----------------------------------------------------------------------------------------------
 */

static const struct {
    const char *id;
    const char *files[5];
} known[] = {
    {"us/sdn", {"ofac/2024-05-03/sdn.csv.xz"}},
    {"house/sdn-2021",
     {"ofac/2021-07-07_coherent/sdn.csv.xz",
      "ofac/2021-07-07_coherent/alt.csv",
      "ofac/2021-07-07_coherent/add.csv.xz",
      "ofac/2021-07-07_coherent/sdn_comments.csv"}},
    {"us/consolidated",
     {"ofac/consolidated-csv/cons_prim.csv",
      "ofac/consolidated-csv/cons_alt.csv",
      "ofac/consolidated-csv/cons_add.csv",
      "ofac/consolidated-csv/cons_comments.csv"}},
    {"us/csl", {"us-csl/consolidated_2022-05.csv.gz"}},
    {"eu/consolidated", {"eu/FULL-1_1.reconstructed-20260501.xml.xz"}},
    {"un/consolidated", {"un/consolidated_20260801.xml.xz"}},
    {"uk/sanctions", {"uk/UK-Sanctions-List.reconstructed-20260822.xml.xz"}},
    {"ch/seco", {"ch/swiss-sanctions-list.reconstructed-20260315.xml.xz"}},
};
static struct cdn_list lists[CDN_ARRAY_LEN(known)];
static struct cdn_compile_list inputs[CDN_ARRAY_LEN(known)];

static double read_ms;

static void read_lists(const char *data) {
    static char paths[5][1024];
    const double before = now_ms();
    size_t entries = 0, names = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(known); i++) {
        struct cdn_list_file files[5];
        size_t n = 0;
        struct cordon_error e = {0};
        struct cdn_list_report report;
        for (; n < 5 && known[i].files[n] != NULL; n++) {
            snprintf(paths[n], sizeof paths[n], "%s/lists/%s", data, known[i].files[n]);
            files[n] = (struct cdn_list_file){.path = paths[n]};
        }
        cdn_list_init(&lists[i], &cdn_alloc_libc);
        cdn_list_report_init(&report, &cdn_alloc_libc);
        const struct cdn_list_options o = {.id = cdn_str_z(known[i].id)};
        if (cdn_lists_collect((struct cdn_list_files){files, n}, &o, &report, &lists[i], &e) != 0)
            die(known[i].id, &e);
        cdn_list_report_free(&report);
        inputs[i] = (struct cdn_compile_list){.id = o.id, .list = &lists[i], .retrieved = CDN_TIME_MIN};
        entries += lists[i].count;
        for (size_t k = 0; k < lists[i].count; k++)
            names += lists[i].entries[k].names.n;
    }
    read_ms = now_ms() - before;
    printf(
        "read %zu lists, %zu entries, %zu names: %.0f ms\n", CDN_ARRAY_LEN(known), entries, names, read_ms);
}

/* ---- queries --------------------------------------------------------------------------------------------
 */

struct person {
    char name[512];
    struct cdn_known_birth birth;
    char nation[1][2];
    bool born;
};
static struct person people[60000];
static size_t people_count;

static void read_people(const char *data, const char *file) {
    char command[1200], line[4096];
    snprintf(command,
             sizeof command,
             strstr(file, ".xz") ? "xz -dc '%s/names/%s'" : "cat '%s/names/%s'",
             data,
             file);
    FILE *f = popen(command, "r");
    people_count = 0;
    while (f != NULL && people_count < CDN_ARRAY_LEN(people) && fgets(line, sizeof line, f) != NULL) {
        char *cells[8] = {0}, *at = line;
        for (unsigned i = 0; i < 8 && at != NULL; i++) {
            char *end = NULL;
            if (*at == '"') {
                at++;
                end = strchr(at, '"');
                cells[i] = at;
                if (end != NULL)
                    *end++ = '\0';
            } else {
                cells[i] = at;
                end = strpbrk(at, ",\r\n");
            }
            at = end != NULL && *end == ',' ? end + 1 : NULL;
            if (end != NULL)
                *end = '\0';
        }
        struct person *p = &people[people_count];
        memset(p, 0, sizeof *p);
        if (cells[0] == NULL || cells[0][0] == '\0' || strcmp(cells[0], "full_name") == 0)
            continue;
        snprintf(p->name, sizeof p->name, "%s", cells[0]);
        for (unsigned i = 1; i < 8 && cells[i] != NULL; i++) {
            struct cdn_when w;
            if (!p->born && i >= 4 && cdn_when_parse(cdn_str_z(cells[i]), &w) == 0 &&
                w.kind != CDN_WHEN_INSTANT) {
                p->birth.from = (int32_t)(w.first / 86400);
                p->birth.to = (int32_t)(w.after / 86400 - 1);
                p->born = true;
            }
            uint16_t country = 0;
            if (i == 7 && cdn_country_any(cdn_str_z(cells[i]), &country, NULL) == 0) {
                p->nation[0][0] = (char)(country >> 8);
                p->nation[0][1] = (char)country;
            }
        }
        people_count++;
    }
    if (f != NULL)
        pclose(f);
}

static struct cdn_screen_query query_of(const struct person *p, cordon_str *name, bool evidence) {
    *name = cdn_str_z(p->name);
    struct cdn_screen_query q = {.names = name,
                                 .name_count = 1,
                                 .kind = CDN_SCREEN_PERSON,
                                 .at = 1785600000,
                                 .sure = 920,
                                 .review = 800};
    if (evidence && p->born) {
        q.known.births = &p->birth;
        q.known.birth_count = 1;
    }
    if (evidence && p->nation[0][0] != 0) {
        q.known.nationalities = (const char(*)[2])p->nation;
        q.known.nationality_count = 1;
    }
    return q;
}

static int by_time(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void run(struct cdn_screener *s, const char *what, bool evidence) {
    static double times[60000];
    size_t held = 0, sure = 0, partial = 0;
    double sum = 0;
    for (size_t i = 0; i < people_count; i++) {
        cordon_str name;
        struct cdn_screen_result r;
        const struct cdn_screen_query q = query_of(&people[i], &name, evidence);
        const double before = now_ms();
        cdn_screener_screen(s, &q, &r);
        times[i] = (now_ms() - before) * 1e3;
        sum += times[i];
        held += r.count > 0;
        sure += r.count > 0 && r.candidates[0].verdict == CDN_SCREEN_SURE;
        partial += r.partial;
    }
    if (people_count == 0)
        return;
    qsort(times, people_count, sizeof times[0], by_time);
    printf("%-34s %6zu  p50 %6.1f us  p99 %7.1f us  max %8.1f us  %7.0f/s  held %5zu (%.3f %%) of them sure "
           "%zu  "
           "partial %zu\n",
           what,
           people_count,
           times[people_count / 2],
           times[people_count * 99 / 100],
           times[people_count - 1],
           (double)people_count / (sum / 1e6),
           held,
           100.0 * (double)held / (double)people_count,
           sure,
           partial);
}

/* ---- the twin -------------------------------------------------------------------------------------------
 */

static struct cdn_screen_candidate kept[CDN_SCREEN_CANDIDATES];

static void compare(struct cdn_screener *s, size_t sample) {
    size_t done = 0, best = 0, all = 0;
    for (size_t i = 0; i < people_count && done < sample; i += people_count / sample + 1, done++) {
        cordon_str name;
        struct cdn_screen_result r, twin;
        const struct cdn_screen_query q = query_of(&people[i], &name, i % 2 == 0);
        cdn_screener_screen(s, &q, &r);
        const uint32_t n = r.count;
        memcpy(kept, r.candidates, n * sizeof kept[0]);
        cdn_screener_scan(s, &q, &twin);
        const bool same_best =
            n == 0 ? twin.count == 0 : twin.count > 0 && twin.candidates[0].score == kept[0].score;
        bool same = n == twin.count;
        for (uint32_t k = 0; same && k < n; k++)
            same = kept[k].entry == twin.candidates[k].entry && kept[k].score == twin.candidates[k].score;
        best += same_best;
        all += same;
        if (!same_best || !same)
            printf("    %s %s: %u of %u found, %u against %u\n",
                   same_best ? "fewer" : "LOST",
                   people[i].name,
                   n,
                   twin.count,
                   n ? kept[0].score : 0U,
                   twin.count ? twin.candidates[0].score : 0U);
    }
    printf("scan of every entry: the same best in %zu of %zu, the same candidates in %zu\n", best, done, all);
}

int main(int argc, char **argv) {
    if (argc < 2)
        die("usage: bench-parties DATA [SCANNED]", NULL);
    read_lists(argv[1]);
    struct cdn_arena arena;
    struct cordon_error e = {0};
    struct cdn_compile_parties p;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    double before = now_ms();
    if (cdn_compile_all_listed(inputs, CDN_ARRAY_LEN(known), &arena, &p, &e) != 0)
        die("compile", &e);
    const double compiled = now_ms() - before + read_ms;
    printf("compiled in %.0f ms\n", now_ms() - before);
    size_t listed = 0;
    for (uint32_t i = 0; i < p.source_count; i++)
        listed += p.sources[i].n;
    printf("parties %.1f MiB, names %.1f MiB, identifiers %.1f MiB, tables %.1f MiB, lists %.1f KiB\n",
           (double)listed / 1048576,
           (double)p.names.n / 1048576,
           (double)p.idents.n / 1048576,
           (double)p.tables.n / 1048576,
           (double)p.lists.n / 1024);
    const double mib = (double)(listed + p.names.n + p.idents.n + p.tables.n + p.lists.n) / 1048576;
    printf("  target  compile of everything in 10 s, from files: %.1f s: %s\n",
           compiled / 1e3,
           compiled <= 1e4 ? "met" : "NOT MET");
    printf("  target  lists add 200 MiB at most: %.0f MiB: %s\n", mib, mib <= 200 ? "met" : "NOT MET");
    const struct cdn_parties_bytes bytes = {p.lists, p.tables, p.names, p.idents, p.sources, p.source_count};
    static struct cdn_party_source sources[CDN_ARRAY_LEN(known)];
    struct cdn_parties parties;
    double best = 1e9;
    for (unsigned i = 0; i < 5; i++) {
        before = now_ms();
        if (cdn_parties_open(&bytes, sources, &parties, &e) != 0)
            die("open", &e);
        best = CDN_MIN(best, now_ms() - before);
    }
    printf("opened and checked in %.1f ms: %u lists, %u entries, %u names\n",
           best,
           parties.list_count,
           parties.entry_count,
           parties.name_count);
    struct cdn_screener *s = NULL;
    if (cdn_screener_make(&parties, &cdn_alloc_libc, &s, &e) != 0)
        die("screener", &e);
    static const char *const files[] = {"customers_us.csv.xz",
                                        "customers_global.csv.xz",
                                        "positives_un_untreated.csv",
                                        "positives_un_treated.csv"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(files); i++) {
        read_people(argv[1], files[i]);
        char what[64];
        run(s, files[i], false);
        snprintf(what, sizeof what, "%.20s with evidence", files[i]);
        run(s, what, true);
    }
    read_people(argv[1], "customers_global.csv.xz");
    const size_t sample = argc > 2 ? strtoul(argv[2], NULL, 10) : 60;
    compare(s, sample);
    read_people(argv[1], "positives_un_treated.csv");
    compare(s, sample);
    cdn_screener_free(s);
    return 0;
}
