/* SPDX-License-Identifier: Apache-2.0 */
/* test_lists.c: dates, scripts, the table of fields, activation, difference; and the many days of sdn.csv. */
#include "lists/activate.h"
#include "lists/diff.h"
#include "lists/priv.h"
#include "support/fault.h"
#include "support/rnd.h"
#include "support/shared.h"

#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- dates
 * ------------------------------------------------------------------------------------------------------- */

static void dates_are_read_as_the_lists_write_them(void **state) {
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"1965-12-12", "1965-12-12"},
        {"1965-12", "1965-12"},
        {"1965", "1965"},
        {"2015-03-27-04:00", "2015-03-27"},
        {"2026-08-01T23:00:03.110Z", "2026-08-01"},
        {"2026-08-01T00:00:00.1234567-04:00", "2026-08-01"},
        {"10 Dec 1948", "1948-12-10"},
        {"10 December 1948", "1948-12-10"},
        {"Sep 1938", "1938-09"},
        {"Sept. 1938", "1938-09"},
        {"29-Apr-2026", "2026-04-29"},
        {"12/11/1967", "1967-11-12"},
        {"dd/mm/1968", "1968"},
        {"dd/09/1958", "1958-09"},
        {"00/00/1980", "1980"},
        {"00/09/1965", "1965-09"},
        {"'12/11/1967", "1967-11-12"},
        {"circa 1951", "~1951"},
        {"circa 01 Jan 1961", "~1961-01-01"},
        {"1951 to 1953", "1951-01-01/1953-12-31"},
        {"01 Jan 1961 to 31 Dec 1962", "1961-01-01/1962-12-31"},
        {"between 1951 and 1953", "1951-01-01/1953-12-31"},
        {"1951-1953", "1951-01-01/1953-12-31"},
        {"~1960-01-01/1964-12-31", "~1960-01-01/1964-12-31"},
        {"29 Feb 1960", "1960-02-29"},
        {"29 Feb 1961", NULL},
        {"31/04/1961", NULL},
        {"dd/mm/19yy", NULL},
        {"30-35 years old", NULL},
        {"", NULL},
        {"19", NULL},
        {"0000", NULL},
        {"1953 to 1951", NULL},
        {"12/13/1967", NULL},
        {"1965-12-12x", NULL},
        {"99999", NULL},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        struct cdn_dates d = {.from = 77, .known = true};
        char storage[64];
        struct cdn_buf out;
        cdn_buf_fixed(&out, storage, sizeof storage);
        const bool good = cdn_dates_parse(cdn_str_z(cases[i].text), &d);
        if (good) {
            cdn_dates_write(&out, d);
        }
        if (good != (cases[i].want != NULL) ||
            (good && !cdn_str_eq(cdn_buf_get(&out), cdn_str_z(cases[i].want)))) {
            fail_msg("`%s` gave %.*s", cases[i].text, (int)out.n, out.p);
        }
        assert_true(good || d.from == 77);
    }
    struct cdn_dates us;
    assert_true(cdn_dates_parse_us(CDN_STR("03/28/2025"), &us));
    assert_int_equal(us.from, cdn_days_from_civil(2025, 3, 28));
}

static void what_is_written_of_dates_reads_the_same(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "dates", 7);
    for (size_t round = 0; round < cdn_rnd_rounds(20000); round++) {
        struct cdn_dates d = {.known = true, .circa = cdn_rnd_chance(&rnd, 300)};
        d.from =
            (int32_t)cdn_rnd_between(&rnd, cdn_days_from_civil(1000, 1, 1), cdn_days_from_civil(2990, 1, 1));
        d.to = d.from + (int32_t)cdn_rnd_below(&rnd, cdn_rnd_chance(&rnd, 500) ? 3 : 1200);
        char storage[64];
        struct cdn_buf out;
        cdn_buf_fixed(&out, storage, sizeof storage);
        cdn_dates_write(&out, d);
        struct cdn_dates back = {0};
        assert_true(cdn_dates_parse(cdn_buf_get(&out), &back));
        assert_int_equal(back.from, d.from);
        assert_int_equal(back.to, d.to);
        assert_int_equal(back.circa, d.circa);
    }
}

static void islamic_dates_become_gregorian_ones(void **state) {
    (void)state;
    static const struct {
        int32_t year;
        unsigned month, day;
        int32_t g_year;
        unsigned g_month, g_day;
    } cases[] = {/* known days: 1 Muharram 1400 = 21 Nov 1979; 12 Rabi I 1445 = 27 Sep 2023 */
                 {1400, 1, 1, 1979, 11, 21},
                 {1445, 3, 12, 2023, 9, 27}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        struct cdn_dates d;
        assert_true(cdn_dates_islamic(cases[i].year, cases[i].month, cases[i].day, &d));
        const int64_t want = cdn_days_from_civil(cases[i].g_year, cases[i].g_month, cases[i].g_day);
        assert_true(d.from <= want && want <= d.to && d.circa);
        assert_int_equal(d.to - d.from, 4);
    }
    struct cdn_dates year;
    assert_true(cdn_dates_islamic(1400, 0, 0, &year));
    assert_true(year.to - year.from >= 353 + 4);
}

static void scripts_are_told_from_the_letters(void **state) {
    (void)state;
    static const struct {
        const char *text, *script;
    } cases[] = {{"Ivan Ivanov", "Latn"},
                 {"Иван Иванов", "Cyrl"},
                 {"Иван Ivanov", "Zyyy"},
                 {"عبد اللطيف منصور", "Arab"},
                 {"Αθήνα", "Grek"},
                 {"ישראל", "Hebr"},
                 {"Հայ", "Armn"},
                 {"საქართველო", "Geor"},
                 {"李小龙", "Hani"},
                 {"東京タワー", "Jpan"},
                 {"金정은", "Kore"},
                 {"नमस्ते", "Deva"},
                 {"123-45", "Zxxx"},
                 {"", "Zxxx"},
                 {"Qoussaï Ölmez Łódź", "Latn"},
                 {"\xe2\x80\xabسلطان\xe2\x80\xac", "Arab"}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        assert_string_equal(cdn_script_name(cdn_script_of(cdn_str_z(cases[i].text))), cases[i].script);
    }
}

static void fields_in_order(const struct cdn_list_record *record) {
    for (uint32_t i = 0; i < record->count; i++) {
        if (i > 0) {
            assert_true(strcmp(record->fields[i - 1].name, record->fields[i].name) < 0);
        }
        if (record->fields[i].record != NULL) {
            fields_in_order(record->fields[i].record);
        }
    }
    assert_true(record->count <= 32); /* json_in.c keeps a bit for each */
}
static void fields_stand_in_the_order_of_their_names(void **state) {
    (void)state;
    fields_in_order(&cdn_list_entry_record);
}

/* ---- lists made by hand
 * --------------------------------------------------------------------------------------------- */

static int read_list(const struct cordon_alloc *alloc, cordon_str text, struct cdn_list *list) {
    struct cdn_list_report report;
    cdn_list_report_init(&report, alloc);
    cdn_list_init(list, alloc);
    const struct cdn_list_file file = {.bytes = text, .name = "made"};
    const struct cdn_list_options options = {.id = CDN_STR("house/x")};
    const int err = cdn_lists_collect((struct cdn_list_files){&file, 1}, &options, &report, list, NULL);
    cdn_list_report_free(&report);
    return err;
}

static const char old_text[] =
    "{\"id\":\"a\",\"names\":[{\"full\":\"Ann\",\"kind\":\"primary\"},{\"full\":\"Anna\"}],"
    "\"listed\":\"2020\"}\n"
    "{\"id\":\"b\",\"names\":[{\"full\":\"Bob\",\"kind\":\"primary\"}]}\n"
    "{\"id\":\"d\",\"names\":[{\"full\":\"Dee\"},{\"full\":\"Didi\"}]}\n";
static const char new_text[] =
    "{\"id\":\"c\",\"names\":[{\"full\":\"Cy\",\"kind\":\"primary\"}]}\n"
    "{\"id\":\"a\",\"names\":[{\"full\":\"Ann\",\"kind\":\"primary\"},{\"full\":\"Anya\"}],"
    "\"listed\":\"2021\",\"programmes\":[\"P\"]}\n"
    "{\"id\":\"d\",\"names\":[{\"full\":\"Didi\"},{\"full\":\"Dee\"}]}\n";

static int difference_is_told_in_words_and_json(const struct cordon_alloc *alloc) {
    struct cdn_list old;
    struct cdn_list now;
    struct cdn_buf out;
    cdn_buf_init(&out, alloc, CDN_MIB(1));
    int err = read_list(alloc, CDN_STR(old_text), &old);
    cdn_list_init(&now, alloc);
    err = err != 0 ? err : read_list(alloc, CDN_STR(new_text), &now);
    err = err != 0 ? err : cdn_lists_diff_words(&out, alloc, &old, &now);
    if (err == 0) {
        const cordon_str want =
            CDN_STR("~ a  Ann\n"
                    "    listed: \"2020\" → \"2021\"\n"
                    "    names: no longer {\"full\":\"Anna\",\"kind\":\"strong\",\"script\":\"Latn\"}\n"
                    "    names: now also {\"full\":\"Anya\",\"kind\":\"strong\",\"script\":\"Latn\"}\n"
                    "    programmes: now also \"P\"\n"
                    "- b  Bob\n"
                    "+ c  Cy\n"
                    "1 added, 1 removed, 1 changed, 1 as before\n");
        assert_int_equal(out.n, want.n);
        assert_memory_equal(out.p, want.p, want.n);
        cdn_buf_clear(&out);
        err = cdn_lists_diff_json(&out, alloc, &old, &now);
    }
    if (err == 0) {
        const cordon_str begins = CDN_STR("{\"added\":[{\"id\":\"c\",");
        assert_true(cdn_str_starts(cdn_buf_get(&out), begins));
        const cordon_str listed = CDN_STR("{\"after\":\"2021\",\"before\":\"2020\",\"field\":\"listed\"}");
        assert_non_null(memmem(out.p, out.n, listed.p, listed.n));
        struct cdn_dates day = {.from = 1, .to = 1, .known = true};
        cdn_lists_carry(NULL, &old, day);
        day.from = day.to = 2;
        cdn_lists_carry(&old, &now, day);
        assert_int_equal(cdn_list_find(&now, CDN_STR("a"))->first_seen.from, 1);
        assert_int_equal(cdn_list_find(&now, CDN_STR("c"))->first_seen.from, 2);
        assert_null(cdn_list_find(&now, CDN_STR("b")));
    }
    cdn_buf_free(&out);
    cdn_list_free(&old);
    cdn_list_free(&now);
    return err;
}

/* ---- activation
 * -------------------------------------------------------------------------------------------------------- */

static struct cdn_list_info whole_list(uint64_t n) {
    return (struct cdn_list_info){.id = CDN_STR("us/sdn"), .counted = n, .rows = n, .clean_end = true};
}
static struct cdn_activation judge(const struct cdn_list_info *info, const struct cdn_list_info *last) {
    struct cdn_list_rules rules;
    struct cdn_activation a;
    cdn_list_rules_init(&rules);
    cdn_lists_judge(&rules, info, NULL, NULL, last, &a);
    return a;
}
static void refused_because(struct cdn_activation a, const char *why) {
    assert_false(a.accepted);
    assert_int_equal(a.count, 1);
    if (strstr(a.reasons[0], why) == NULL) {
        fail_msg("`%s` does not say `%s`", a.reasons[0], why);
    }
}

static void only_whole_lists_are_activated(void **state) {
    (void)state;
    const struct cdn_list_info last = whole_list(10000);
    struct cdn_list_info info = whole_list(9500);
    assert_true(judge(&info, &last).accepted); /* exactly 5 % fewer */
    assert_true(judge(&info, NULL).accepted);
    info = whole_list(9499);
    refused_because(judge(&info, &last), "501 fewer");
    info = whole_list(0);
    refused_because(judge(&info, NULL), "it holds 0 entries");
    info = whole_list(2781);
    info.claims = true;
    info.claimed = 9086;
    refused_because(judge(&info, NULL), "it says that it holds 9086 entries and holds 2781");
    info = whole_list(10000);
    info.clean_end = false;
    refused_because(judge(&info, &last), "cut off");
    info = whole_list(10000);
    info.id = CDN_STR("eu/x");
    refused_because(judge(&info, &last), "not `us/sdn`");
    info = whole_list(10000);
    info.stale = CDN_STR("closed");
    refused_because(judge(&info, &last), "stale: closed");
    info = whole_list(10000);
    info.nameless = 1;
    refused_because(judge(&info, &last), "have no name");
    info = whole_list(10000);
    info.date = (struct cdn_dates){.from = 10, .to = 10, .known = true};
    struct cdn_list_info dated = last;
    dated.date = (struct cdn_dates){.from = 12, .to = 12, .known = true};
    refused_because(judge(&info, &dated), "2 days older");
    struct cdn_list_rules rules;
    struct cdn_activation a;
    cdn_list_rules_init(&rules);
    const struct cordon_error e = {.code = CORDON_E_FORMAT, .message = "the file is empty"};
    cdn_lists_judge(&rules, NULL, &e, NULL, &last, &a);
    refused_because(a, "the file is empty");
}

/* A file whose alias file is of another day. */
static void parts_of_different_days_are_refused(void **state) {
    (void)state;
    static const char main_file[] = "1,\"A\",-0- ,\"X\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n";
    static const char alt[] = "1,1,\"aka\",\"AA\",-0- \r\n2,2,\"aka\",\"BB\",-0- \r\n";
    const struct cdn_list_file files[] = {{.bytes = CDN_STR(alt), .name = "alt"},
                                          {.bytes = CDN_STR(main_file), .name = "sdn"}};
    const struct cdn_list_options options = {.id = CDN_STR("us/sdn")};
    struct cdn_list_report report;
    struct cdn_list list;
    struct cdn_list_rules rules;
    struct cdn_activation a;
    cdn_list_report_init(&report, &cdn_alloc_libc);
    cdn_list_init(&list, &cdn_alloc_libc);
    assert_int_equal(cdn_lists_collect((struct cdn_list_files){files, 2}, &options, &report, &list, NULL), 0);
    assert_int_equal(list.entries[0].names.n, 2);
    cdn_list_rules_init(&rules);
    cdn_lists_judge(&rules, &list.info, NULL, &report, NULL, &a);
    refused_because(a, "belong to no entry");
    cdn_list_free(&list);
    cdn_list_report_free(&report);
}

/* ---- 309 days of sdn.csv
 * ------------------------------------------------------------------------------------------------- */

struct tar { /* of the snapshots, unpacked as it is read */
    struct cdn_list_source *s;
    cordon_str chunk;
};
static size_t tar_read(struct tar *t, char *to, size_t n) {
    size_t got = 0;
    while (got < n) {
        if (t->chunk.n == 0) {
            assert_int_equal(cdn_list_source_next(t->s, &t->chunk, NULL), 0);
            if (t->chunk.n == 0) {
                break;
            }
        }
        const size_t k = CDN_MIN(n - got, t->chunk.n);
        if (to != NULL) {
            memcpy(to + got, t->chunk.p, k);
        }
        t->chunk = cdn_str_after(t->chunk, k);
        got += k;
    }
    return got;
}
/* The next ordinary file; free() it. NULL at the end. */
static char *tar_next(struct tar *t, char name[128], size_t *ret_size) {
    char head[512];
    while (tar_read(t, head, sizeof head) == sizeof head && head[0] != '\0') {
        size_t size = 0;
        for (size_t i = 124; i < 135; i++) {
            size = size * 8 + (size_t)(head[i] - '0');
        }
        char *const p = malloc(size + 1);
        assert_non_null(p);
        assert_int_equal(tar_read(t, p, size), size);
        (void)tar_read(t, NULL, (512 - size % 512) % 512);
        if (head[156] == '0' || head[156] == '\0') {
            (void)snprintf(name, 128, "%.100s", strrchr(head, '/') == NULL ? head : strrchr(head, '/') + 1);
            *ret_size = size;
            return p;
        }
        free(p);
    }
    return NULL;
}

struct day {
    char name[64];
    uint64_t entries, added, removed, changed;
};
static struct day *read_index(const char *path, size_t *ret_n) {
    FILE *const in = fopen(path, "r");
    assert_non_null(in);
    struct day *const days = calloc(400, sizeof *days);
    assert_non_null(days);
    char line[512];
    size_t n = 0;
    while (fgets(line, sizeof line, in) != NULL && n < 400) {
        struct day *const d = &days[n];
        uint64_t numbers[5]; /* bytes, entries, added, removed, changed */
        cordon_str rest = cdn_str_z(line);
        const cordon_str name = cdn_str_split(rest, '\t', &rest);
        bool good = name.n < sizeof d->name;
        for (size_t i = 0; i < CDN_ARRAY_LEN(numbers); i++) {
            good = cdn_parse_uint(cdn_str_split(rest, '\t', &rest), &numbers[i]) && good;
        }
        if (good) { /* the first line is the header */
            memcpy(d->name, name.p, name.n);
            d->entries = numbers[1];
            d->added = numbers[2];
            d->removed = numbers[3];
            d->changed = numbers[4];
            n++;
        }
    }
    (void)fclose(in);
    *ret_n = n;
    return days;
}

static void one_day(
    const struct day *d, const char *bytes, size_t size, struct cdn_list *last, size_t number) {
    struct cdn_list now;
    struct cordon_error e = {.code = 0};
    struct cdn_list_report report;
    const struct cdn_list_file file = {.bytes = {bytes, size}, .name = d->name};
    const struct cdn_list_options options = {.id = CDN_STR("us/sdn")};
    cdn_list_report_init(&report, &cdn_alloc_libc);
    cdn_list_init(&now, &cdn_alloc_libc);
    const int err = cdn_lists_collect((struct cdn_list_files){&file, 1}, &options, &report, &now, &e);
    struct cdn_list_rules rules;
    struct cdn_activation a;
    cdn_list_rules_init(&rules);
    cdn_lists_judge(&rules, err == 0 ? &now.info : NULL, &e, &report, number == 0 ? NULL : &last->info, &a);
    cdn_list_report_free(&report);
    if (d->entries == 0) { /* the day on which the address had moved */
        refused_because(a, "the file is empty");
        cdn_list_free(&now);
        return;
    }
    assert_int_equal(err, 0);
    assert_true(a.accepted);
    assert_int_equal(now.count, d->entries);
    if (number > 0) {
        struct cdn_diff_counts counts;
        assert_int_equal(cdn_lists_diff(last, &now, NULL, NULL, &counts), 0);
        assert_int_equal(counts.added, d->added);
        assert_int_equal(counts.removed, d->removed);
        /* The index compares rows as text; a row may differ where the entry does not (the order of its
         * parts). */
        if (counts.changed > d->changed || counts.changed * 10 + 10 < d->changed * 9) {
            fail_msg("%s: %zu changed, %zu rows differ", d->name, counts.changed, (size_t)d->changed);
        }
    }
    cdn_list_free(last);
    *last = now;
}

static void many_days_differ_as_counted(void **state) {
    (void)state;
    char path[CDN_PATH];
    char index_path[CDN_PATH];
    cdn_shared_or_skip(path, "data/lists/ofac/sdn-history-2021-2024/sdn_history.tar.xz");
    cdn_shared_or_skip(index_path, "data/lists/ofac/sdn-history-2021-2024/INDEX.tsv");
    size_t n = 0;
    struct day *const days = read_index(index_path, &n);
    assert_int_equal(n, 309);
    struct tar tar = {.chunk = {NULL, 0}};
    const struct cdn_list_file file = {.path = path};
    assert_int_equal(cdn_list_source_open(&file, &cdn_alloc_libc, &tar.s, NULL), 0);
    struct cdn_list last;
    cdn_list_init(&last, &cdn_alloc_libc);
    const size_t rounds = CDN_MIN(cdn_rnd_rounds(100), n);
    char name[128];
    size_t size = 0;
    size_t i = 0;
    for (; i < rounds; i++) {
        char *const bytes = tar_next(&tar, name, &size);
        assert_non_null(bytes);
        assert_string_equal(name, days[i].name);
        one_day(&days[i], bytes, size, &last, i);
        free(bytes);
    }
    printf("# %zu days of sdn.csv read and compared\n", i);
    cdn_list_free(&last);
    cdn_list_source_close(tar.s);
    free(days);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_read_as_the_lists_write_them),
        cmocka_unit_test(what_is_written_of_dates_reads_the_same),
        cmocka_unit_test(islamic_dates_become_gregorian_ones),
        cmocka_unit_test(scripts_are_told_from_the_letters),
        cmocka_unit_test(fields_stand_in_the_order_of_their_names),
        cdn_fault_test(difference_is_told_in_words_and_json),
        cmocka_unit_test(only_whole_lists_are_activated),
        cmocka_unit_test(parts_of_different_days_are_refused),
        cmocka_unit_test(many_days_differ_as_counted),
    };
    return cdn_run(tests);
}
