/* SPDX-License-Identifier: Apache-2.0 */
/* test_real.c: the published lists themselves, with the numbers that were counted of them by other means
 * (PROVENANCE.md beside each file). Skipped, loudly, where the files are not at hand. */
#include "lists/activate.h"
#include "support/fault.h"
#include "support/shared.h"

#define BASE "data/lists/"

struct read_field {
    const char *field;
    uint64_t count;
};
struct real {
    const char *files[4];
    enum cdn_list_format format;
    size_t entries;
    struct read_field read[8];
};

static const struct real reals[] = {
    {{BASE "ofac/2021-07-07_coherent/sdn.csv.xz",
      BASE "ofac/2021-07-07_coherent/add.csv.xz",
      BASE "ofac/2021-07-07_coherent/alt.csv",
      BASE "ofac/2021-07-07_coherent/sdn_comments.csv"},
     CDN_LIST_OFAC_FLAT,
     8976,
     {{"add", 13837}, {"alt", 11910}, {"add (entries)", 8976}, {"comments", 5}}},
    {{BASE "ofac/2024-05-03/sdn.csv.xz"}, CDN_LIST_OFAC_FLAT, 14965, {{"main", 14965}}},
    {{BASE "ofac/consolidated-csv/cons_prim.csv",
      BASE "ofac/consolidated-csv/cons_add.csv",
      BASE "ofac/consolidated-csv/cons_alt.csv",
      BASE "ofac/consolidated-csv/cons_comments.csv"},
     CDN_LIST_OFAC_FLAT,
     442,
     {{"add", 574}, {"alt", 1073}, {"comments", 10}}},
    {{BASE "ofac/consolidated-xml/consolidated_20250328.xml.xz"},
     CDN_LIST_OFAC_XML,
     443,
     {{"sdnList/sdnEntry/akaList/aka", 1136}}},
    {{BASE "eu/FULL-1_1.reconstructed-20260501.xml.xz"},
     CDN_LIST_EU_XML,
     5860,
     {{"export/sanctionEntity/nameAlias", 29826},
      {"export/sanctionEntity/birthdate", 4301},
      {"export/sanctionEntity/citizenship", 2616},
      {"export/sanctionEntity/address", 2346},
      {"export/sanctionEntity/identification", 2435}}},
    {{BASE "un/consolidated_20260801.xml.xz"},
     CDN_LIST_UN_XML,
     736 + 275,
     {{"CONSOLIDATED_LIST/INDIVIDUALS/INDIVIDUAL", 736},
      {"CONSOLIDATED_LIST/ENTITIES/ENTITY", 275},
      {"aliases with a name", 2755},
      {"weak aliases", 623}}},
    {{BASE "un/consolidated_20260417_indent2.xml.xz"}, CDN_LIST_UN_XML, 1005, {{"weak aliases", 621}}},
    {{BASE "ofac/enhanced-xml/IRGC_sanctions.xml.xz"},
     CDN_LIST_OFAC_ENHANCED,
     293,
     {{"sanctionsData/entities/entity/names/name", 834},
      {"sanctionsData/entities/entity/names/name/translations/translation", 930},
      {"sanctionsData/entities/entity/relationships/relationship", 229}}},
    {{BASE "ofac/enhanced-xml/yemen_sanctions.xml"}, CDN_LIST_OFAC_ENHANCED, 10, {{NULL, 0}}},
    {{BASE "uk/UK-Sanctions-List.reconstructed-20260822.xml.xz"},
     CDN_LIST_UK_XML,
     6349,
     {{"Designations/Designation/Names/Name", 15758},
      {"Designations/Designation/NonLatinNames/NonLatinName", 3868},
      {"Designations/Designation/Addresses/Address", 3823},
      {"Designations/Designation/IndividualDetails/Individual/DOBs/DOB", 3522}}},
    {{BASE "uk/UK-Sanctions-List.reconstructed-20260822.csv.xz"}, CDN_LIST_UK_CSV, 6349, {{NULL, 0}}},
    {{BASE "uk/uk_sample_official_shape_20260814.xml"}, CDN_LIST_UK_XML, 3, {{NULL, 0}}},
    {{BASE "uk/ConList_20250414.from-xlsx.csv.xz"}, CDN_LIST_UK_CONLIST, 4688, {{NULL, 0}}},
    {{BASE "eu/eu_sample_official_20200415.xml"}, CDN_LIST_EU_XML, 7, {{NULL, 0}}},
    {{BASE "us-csl/consolidated_2022-05.csv.gz"}, CDN_LIST_US_CSL, 14160, {{NULL, 0}}},
};

static void check(const struct real *real) {
    char paths[4][CDN_PATH];
    struct cdn_list_file files[4] = {{.path = NULL}};
    size_t n = 0;
    while (n < 4 && real->files[n] != NULL) {
        cdn_shared_or_skip(paths[n], real->files[n]);
        files[n].path = paths[n];
        n++;
    }
    struct cdn_list_report report;
    cdn_list_report_init(&report, &cdn_alloc_libc);
    struct cdn_list list;
    cdn_list_init(&list, &cdn_alloc_libc);
    struct cordon_error e = {.code = 0};
    const struct cdn_list_options options = {.removed = false};
    const int err = cdn_lists_collect((struct cdn_list_files){files, n}, &options, &report, &list, &e);
    if (err != 0) {
        fail_msg("%s line %u: %s", e.where, e.line, e.message);
    }
    assert_int_equal(list.info.format, real->format);
    assert_int_equal(list.count, real->entries);
    assert_int_equal(list.info.counted, real->entries);
    assert_true(list.info.clean_end);
    for (size_t i = 0; i < CDN_ARRAY_LEN(real->read) && real->read[i].field != NULL; i++) {
        const uint64_t have = cdn_list_report_count(&report, CDN_REPORT_READ, cdn_str_z(real->read[i].field));
        if (have != real->read[i].count) {
            fail_msg("%s: %llu of %s, expected %llu",
                     real->files[0],
                     (unsigned long long)have,
                     real->read[i].field,
                     (unsigned long long)real->read[i].count);
        }
    }
    /* Whatever these files have, their reader knows. */
    assert_int_equal(cdn_list_report_total(&report, CDN_REPORT_FIELD, CDN_STR("")), 0);
    assert_int_equal(cdn_list_report_total(&report, CDN_REPORT_ORPHAN, CDN_STR("")), 0);
    cdn_list_free(&list);
    cdn_list_report_free(&report);
}

static void lists_have_their_published_counts(void **state) {
    (void)state;
    for (size_t i = 0; i < CDN_ARRAY_LEN(reals); i++) {
        check(&reals[i]);
    }
}

/* What reading one set of files gives, judged by the usual rules. */
static struct cdn_activation judge(const char *const *names, size_t n, struct cdn_list_report *report) {
    char paths[4][CDN_PATH];
    struct cdn_list_file files[4] = {{.path = NULL}};
    for (size_t i = 0; i < n; i++) {
        cdn_shared_or_skip(paths[i], names[i]);
        files[i].path = paths[i];
    }
    struct cdn_list list;
    struct cordon_error e = {.code = 0};
    struct cdn_list_rules rules;
    struct cdn_activation a;
    const struct cdn_list_options options = {.removed = false};
    cdn_list_init(&list, &cdn_alloc_libc);
    cdn_list_rules_init(&rules);
    const int err = cdn_lists_collect((struct cdn_list_files){files, n}, &options, report, &list, &e);
    cdn_lists_judge(&rules, err == 0 ? &list.info : NULL, &e, report, NULL, &a);
    cdn_list_free(&list);
    return a;
}

static void says(const struct cdn_activation *a, const char *why) {
    for (uint32_t i = 0; i < a->count; i++) {
        if (strstr(a->reasons[i], why) != NULL) {
            return;
        }
    }
    fail_msg("no reason says `%s`; the first: %s", why, a->count > 0 ? a->reasons[0] : "none");
}

static void files_that_were_cut_are_not_activated(void **state) {
    (void)state;
    struct cdn_list_report report;
    cdn_list_report_init(&report, &cdn_alloc_libc);
    /* 37 parties, but sanctions on 67 profiles */
    struct cdn_activation a =
        judge(&(const char *){BASE "ofac/advanced-xml/sdn_advanced_excerpt_20240223.xml"}, 1, &report);
    assert_false(a.accepted);
    says(&a, "it says that it holds");
    says(&a, "belong to no entry");
    assert_int_equal(
        cdn_list_report_count(&report, CDN_REPORT_READ, CDN_STR("Sanctions/DistinctParties/DistinctParty")),
        37);
    cdn_list_report_free(&report);
    /* cut in the middle of its last record */
    cdn_list_report_init(&report, &cdn_alloc_libc);
    a = judge(&(const char *){BASE "us-csl/csl_2023-11.csv.xz"}, 1, &report);
    assert_false(a.accepted);
    says(&a, "ends within a quoted field");
    cdn_list_report_free(&report);
    /* 646 targets without any name */
    cdn_list_report_init(&report, &cdn_alloc_libc);
    a = judge(&(const char *){BASE "ch/swiss-sanctions-list.reconstructed-20260315.xml.xz"}, 1, &report);
    assert_false(a.accepted);
    says(&a, "646 of its 8254 entries have no name");
    assert_int_equal(
        cdn_list_report_count(&report, CDN_REPORT_READ, CDN_STR("swiss-sanctions-list/target/individual")),
        4518);
    assert_int_equal(
        cdn_list_report_count(&report, CDN_REPORT_READ, CDN_STR("swiss-sanctions-list/target/entity")), 3090);
    cdn_list_report_free(&report);
}

/* The newest side files, beside a main file of two years before: every row is read, and that they do not
 * belong together is noticed. */
static void side_files_of_another_day_are_noticed(void **state) {
    (void)state;
    static const char *const names[] = {BASE "ofac/2024-05-03/sdn.csv.xz",
                                        BASE "ofac/2026-08-02/add.csv.xz",
                                        BASE "ofac/2026-08-02/alt.csv.xz",
                                        BASE "ofac/2026-08-02/sdn_comments.csv"};
    struct cdn_list_report report;
    cdn_list_report_init(&report, &cdn_alloc_libc);
    const struct cdn_activation a = judge(names, 4, &report);
    assert_int_equal(cdn_list_report_count(&report, CDN_REPORT_READ, CDN_STR("add")), 24920);
    assert_int_equal(cdn_list_report_count(&report, CDN_REPORT_READ, CDN_STR("add (entries)")), 19181);
    assert_int_equal(cdn_list_report_count(&report, CDN_REPORT_READ, CDN_STR("alt")), 20169);
    assert_int_equal(cdn_list_report_count(&report, CDN_REPORT_READ, CDN_STR("comments")), 33);
    assert_false(a.accepted);
    says(&a, "its parts are not of one day");
    cdn_list_report_free(&report);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_have_their_published_counts),
        cmocka_unit_test(files_that_were_cut_are_not_activated),
        cmocka_unit_test(side_files_of_another_day_are_noticed),
    };
    return cdn_run(tests);
}
