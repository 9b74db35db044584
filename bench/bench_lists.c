/* SPDX-License-Identifier: Apache-2.0 */
/* bench_lists.c: how fast the lists are read.
 *
 *     bench-lists [DIR]      DIR holds ofac eu un uk ch us-csl (default ../shared/data/lists)
 *
 * Each file is unpacked into memory first; then the best of five readings counts, with and without keeping
 * the entries. After that all days of sdn.csv are read and each is compared with the one before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lists/diff.h"
#include "lists/priv.h"

#define PASSES 5

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static cordon_str unpack(const char *path) {
    const struct cdn_list_file file = {.path = path};
    struct cdn_list_source *s = NULL;
    struct cdn_buf out;
    cdn_buf_init(&out, &cdn_alloc_libc, CDN_MAX_LIST_BYTES);
    if (cdn_list_source_open(&file, &cdn_alloc_libc, &s, NULL) != 0) {
        return (cordon_str){NULL, 0};
    }
    for (cordon_str chunk = {"", 1}; chunk.n > 0 && out.err == 0;) {
        if (cdn_list_source_next(s, &chunk, NULL) != 0) {
            break;
        }
        cdn_buf_str(&out, chunk);
    }
    cdn_list_source_close(s);
    return cdn_buf_get(&out); /* kept for the length of the program */
}

static int ignore(void *ctx, const struct cdn_list_entry *entry, struct cordon_error *e) {
    (void)e;
    *(size_t *)ctx += entry->names.n;
    return 0;
}

/* Nanoseconds of the best pass; 0: it could not be read. */
static uint64_t best(struct cdn_list_files files, bool keep, struct cdn_list_info *ret, size_t *ret_names) {
    uint64_t least = UINT64_MAX;
    const struct cdn_list_options options = {.removed = false};
    for (int pass = 0; pass < PASSES; pass++) {
        struct cdn_list_report report;
        struct cdn_list list;
        struct cordon_error e = {.code = 0};
        size_t names = 0;
        const struct cdn_list_sink sink = {ignore, &names};
        cdn_list_report_init(&report, &cdn_alloc_libc);
        cdn_list_init(&list, &cdn_alloc_libc);
        const uint64_t begin = now_ns();
        const int err = keep ? cdn_lists_collect(files, &options, &report, &list, &e)
                             : cdn_lists_read(files, &options, &sink, &report, ret, &e);
        const uint64_t took = now_ns() - begin;
        if (err != 0) {
            printf("%s: %s\n", files.p[0].name, e.message);
            least = 0;
        } else if (!keep) {
            *ret_names = names;
        }
        least = took < least ? took : least;
        cdn_list_free(&list);
        cdn_list_report_free(&report);
    }
    return least;
}

static void one_list(const char *dir, const char *const names[4]) {
    struct cdn_list_file files[4] = {{.path = NULL}};
    size_t n = 0;
    for (; n < 4 && names[n] != NULL; n++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[n]);
        files[n].bytes = unpack(path);
        files[n].name = names[n];
        if (files[n].bytes.n == 0) {
            printf("SKIPPED: %s is not here\n", path);
            return;
        }
    }
    struct cdn_list_info info = {.format = 0};
    size_t all_names = 0;
    const struct cdn_list_files set = {files, n};
    const uint64_t read = best(set, false, &info, &all_names);
    const uint64_t kept = best(set, true, NULL, NULL);
    if (read == 0 || kept == 0) {
        return;
    }
    printf(
        "%-14s %6.1f MB %7llu entries %7zu names  read %5.1f MB/s %8.0f entries/s  with keeping %5.1f MB/s\n",
        cdn_list_format_name(info.format),
        (double)info.bytes / 1e6,
        (unsigned long long)info.counted,
        all_names,
        (double)info.bytes * 1e3 / (double)read,
        (double)info.counted * 1e9 / (double)read,
        (double)info.bytes * 1e3 / (double)kept);
}

/* ---- the days of sdn.csv
 * -------------------------------------------------------------------------------------------- */

static void history(const char *dir) {
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/ofac/sdn-history-2021-2024/sdn_history.tar.xz", dir);
    const cordon_str tar = unpack(path);
    if (tar.n == 0) {
        printf("SKIPPED: %s is not here\n", path);
        return;
    }
    struct cdn_list last;
    cdn_list_init(&last, &cdn_alloc_libc);
    struct cdn_diff_counts total = {0};
    size_t days = 0;
    uint64_t reading = 0;
    uint64_t comparing = 0;
    for (size_t at = 0; at + 512 <= tar.n && tar.p[at] != '\0';) {
        const size_t size = strtoull(tar.p + at + 124, NULL, 8);
        const struct cdn_list_file file = {.bytes = cdn_str(tar.p + at + 512, size), .name = tar.p + at};
        at += 512 + (size + 511) / 512 * 512;
        if (size == 0) {
            continue; /* the folder, and the day on which nothing was there */
        }
        struct cdn_list now;
        struct cdn_list_report report;
        const struct cdn_list_options options = {.id = CDN_STR("us/sdn")};
        cdn_list_init(&now, &cdn_alloc_libc);
        cdn_list_report_init(&report, &cdn_alloc_libc);
        uint64_t begin = now_ns();
        if (cdn_lists_collect((struct cdn_list_files){&file, 1}, &options, &report, &now, NULL) != 0) {
            printf("%s cannot be read\n", file.name);
        }
        reading += now_ns() - begin;
        struct cdn_diff_counts counts = {0};
        begin = now_ns();
        if (days++ > 0 && cdn_lists_diff(&last, &now, NULL, NULL, &counts) == 0) {
            total.added += counts.added;
            total.removed += counts.removed;
            total.changed += counts.changed;
        }
        comparing += now_ns() - begin;
        cdn_list_report_free(&report);
        cdn_list_free(&last);
        last = now;
    }
    printf("sdn.csv of %zu days: %zu added, %zu removed, %zu changed; %.0f MB read in %.1f s (%.1f MB/s), "
           "compared in "
           "%.2f s\n",
           days,
           total.added,
           total.removed,
           total.changed,
           (double)tar.n / 1e6,
           (double)reading / 1e9,
           (double)tar.n * 1e3 / (double)reading,
           (double)comparing / 1e9);
    cdn_list_free(&last);
}

int main(int argc, char **argv) {
    const char *const dir = argc > 1 ? argv[1] : "../shared/data/lists";
    static const char *const lists[][4] = {
        {"ofac/2021-07-07_coherent/sdn.csv.xz",
         "ofac/2021-07-07_coherent/add.csv.xz",
         "ofac/2021-07-07_coherent/alt.csv",
         "ofac/2021-07-07_coherent/sdn_comments.csv"},
        {"ofac/2024-05-03/sdn.csv.xz"},
        {"ofac/consolidated-xml/consolidated_20250328.xml.xz"},
        {"ofac/advanced-xml/sdn_advanced_excerpt_20240223.xml"},
        {"ofac/enhanced-xml/IRGC_sanctions.xml.xz"},
        {"eu/FULL-1_1.reconstructed-20260501.xml.xz"},
        {"un/consolidated_20260801.xml.xz"},
        {"uk/UK-Sanctions-List.reconstructed-20260822.xml.xz"},
        {"uk/UK-Sanctions-List.reconstructed-20260822.csv.xz"},
        {"uk/ConList_20250414.from-xlsx.csv.xz"},
        {"ch/swiss-sanctions-list.reconstructed-20260315.xml.xz"},
        {"us-csl/consolidated_2022-05.csv.gz"},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(lists); i++) {
        one_list(dir, lists[i]);
    }
    history(dir);
    return 0;
}
