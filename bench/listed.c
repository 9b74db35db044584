/* SPDX-License-Identifier: Apache-2.0 */
/* listed.c: reads all lists for the screening benchmarks (listed.h). Everything is kept for the length of the
 * program. */
#include "listed.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lists/read.h"
#include "measure.h"
#include "places/codes.h"

static const struct {
    const char *id;
    bool core;
    const char *files[4];
} lists[] = {
    {"us/sdn",
     true,
     {"ofac/2024-05-03/sdn.csv.xz", "ofac/2026-08-02/alt.csv.xz", "ofac/2026-08-02/add.csv.xz"}},
    {"us/consolidated",
     true,
     {"ofac/consolidated-csv/cons_prim.csv",
      "ofac/consolidated-csv/cons_alt.csv",
      "ofac/consolidated-csv/cons_add.csv"}},
    {"eu/fsf", true, {"eu/FULL-1_1.reconstructed-20260501.xml.xz"}},
    {"un/sc", true, {"un/consolidated_20260801.xml.xz"}},
    {"uk/sanctions", true, {"uk/UK-Sanctions-List.reconstructed-20260822.csv.xz"}},
    {"ch/seco", false, {"ch/swiss-sanctions-list.reconstructed-20260315.xml.xz"}},
    {"us/csl", false, {"us-csl/csl_2023-11.csv.xz"}},
    {"us/csl-2022", false, {"us-csl/consolidated_2022-05.csv.gz"}},
    {"uk/conlist", false, {"uk/ConList_20250414.from-xlsx.csv.xz"}},
    {"us/sdn-2021",
     false,
     {"ofac/2021-07-07_coherent/sdn.csv.xz",
      "ofac/2021-07-07_coherent/add.csv.xz",
      "ofac/2021-07-07_coherent/alt.csv"}},
};

static void *room(void *old, size_t n, size_t size) {
    void *p = realloc(old, n * size);
    if (p == NULL) {
        (void)fprintf(stderr, "no memory for the lists\n");
        exit(1);
    }
    return p;
}

static enum cdn_screen_kind kind_of(unsigned type) {
    switch ((enum cdn_entry_type)type) {
    case CDN_ENTRY_PERSON:
        return CDN_SCREEN_PERSON;
    case CDN_ENTRY_SHIP:
    case CDN_ENTRY_AIRCRAFT:
        return CDN_SCREEN_VESSEL;
    case CDN_ENTRY_COMPANY:
    case CDN_ENTRY_BANK:
    case CDN_ENTRY_WALLET:
        return CDN_SCREEN_ORGANIZATION;
    case CDN_ENTRY_UNKNOWN:
    case CDN_ENTRY_OTHER:
    default:
        return CDN_SCREEN_ANY;
    }
}

static struct cdn_known known_of(const struct cdn_list_entry *in) {
    struct cdn_known k = {.sex = in->gender == CDN_GENDER_MALE     ? CDN_SEX_MALE
                                 : in->gender == CDN_GENDER_FEMALE ? CDN_SEX_FEMALE
                                                                   : CDN_SEX_UNKNOWN};
    struct cdn_known_birth *births = room(NULL, in->births.n + 1U, sizeof *births);
    char(*nations)[2] = room(NULL, in->nationalities.n + 1U, 2);
    cordon_str *places = room(NULL, in->birth_places.n + 1U, sizeof *places);
    for (uint32_t i = 0; i < in->births.n; i++) {
        const struct cdn_dates d = in->births.p[i].date;
        if (d.known) {
            births[k.birth_count++] = (struct cdn_known_birth){d.from, d.to, d.circa};
        }
    }
    for (uint32_t i = 0; i < in->nationalities.n; i++) {
        const uint16_t c = in->nationalities.p[i].country;
        if (c != 0) {
            nations[k.nationality_count][0] = (char)(c >> 8);
            nations[k.nationality_count++][1] = (char)(c & 0xFF);
        }
    }
    for (uint32_t i = 0; i < in->birth_places.n; i++) {
        if (in->birth_places.p[i].text.n > 0) {
            places[k.birth_place_count++] = in->birth_places.p[i].text;
        }
    }
    k.births = births;
    k.nationalities = (const char(*)[2])nations;
    k.birth_places = places;
    return k;
}

static void add_list(size_t which, const struct cdn_list *list, struct bench_listed *ret) {
    ret->entries = room(ret->entries, ret->entry_count + list->count + 1, sizeof *ret->entries);
    for (size_t i = 0; i < list->count; i++) {
        const struct cdn_list_entry *e = &list->entries[i];
        const uint32_t number = (uint32_t)ret->entry_count++;
        ret->entries[number] = (struct bench_entry){lists[which].id, e->id, known_of(e), lists[which].core};
        ret->names = room(ret->names, ret->name_count + e->names.n + 1, sizeof *ret->names);
        for (uint32_t k = 0; k < e->names.n; k++) {
            ret->names[ret->name_count++] = (struct cdn_listed_name){
                e->names.p[k].full, number, (uint8_t)kind_of(e->type), e->names.p[k].low};
        }
    }
}

void bench_listed_read(const char *dir, struct bench_listed *ret) {
    memset(ret, 0, sizeof *ret);
    const uint64_t begin = bench_thread_nanoseconds();
    for (size_t i = 0; i < CDN_ARRAY_LEN(lists); i++) {
        char paths[4][1024];
        struct cdn_list_file files[4] = {{.path = NULL}};
        size_t n = 0;
        bool here = true;
        for (; n < 4 && lists[i].files[n] != NULL; n++) {
            (void)snprintf(paths[n], sizeof paths[n], "%s/%s", dir, lists[i].files[n]);
            files[n].path = paths[n];
            here = here && access(paths[n], R_OK) == 0;
        }
        struct cdn_list *list = room(NULL, 1, sizeof *list);
        struct cdn_list_report report;
        struct cordon_error e = {.code = 0};
        cdn_list_init(list, &cdn_alloc_libc);
        cdn_list_report_init(&report, &cdn_alloc_libc);
        const struct cdn_list_options options = {.id = cdn_str_z(lists[i].id)};
        if (!here || cdn_lists_collect((struct cdn_list_files){files, n}, &options, &report, list, &e) != 0) {
            printf("SKIPPED: %s (%s)\n", lists[i].id, here ? e.message : "not here");
        } else {
            add_list(i, list, ret);
        }
        cdn_list_report_free(&report);
    }
    ret->seconds = (double)(bench_thread_nanoseconds() - begin) / 1e9;
}

enum cdn_screen_kind bench_kind_of(const char *schema) {
    if (strcmp(schema, "Person") == 0) {
        return CDN_SCREEN_PERSON;
    }
    return strcmp(schema, "Vessel") == 0        ? CDN_SCREEN_VESSEL
           : strcmp(schema, "LegalEntity") == 0 ? CDN_SCREEN_ANY
                                                : CDN_SCREEN_ORGANIZATION;
}
