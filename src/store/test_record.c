/* SPDX-License-Identifier: Apache-2.0 */
/* test_record.c: records are read back as they were written, and nothing else is read. */
#include "store/test_log.h"

#include "store/record_priv.h"
#include "support/shared.h"

/* A value of every member of an event, by type. */
static void fill(struct cdn_event *ev, struct log *l, struct cdn_rnd *rnd, bool optional) {
    static const char *const texts[] = {"x", "Größe \"quoted\" \\ \n", "名", "us/measure-1"};
    const struct cdn_event_info *info = cdn_event_info(ev->kind);
    for (unsigned i = 0; i < info->field_count; i++) {
        const struct cdn_event_field *f = &info->fields[i];
        char *at = (char *)ev + f->offset;
        if (!f->need && !optional)
            continue;
        if (strcmp(f->type, "TEXT") == 0)
            *(cordon_str *)(void *)at = cdn_str_z(texts[cdn_rnd_below(rnd, 4)]);
        else if (strcmp(f->type, "DIGEST") == 0)
            *(cordon_str *)(void *)at =
                CDN_STR("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
        else if (strcmp(f->type, "PARTY") == 0)
            *(cordon_str *)(void *)at = CDN_STR(ANNA);
        else if (strcmp(f->type, "JSON") == 0)
            *(cordon_str *)(void *)at = CDN_STR("{\"a\":[1,-2.5e3,null,{\"b\":\"\\u00e9\"}]}");
        else if (strcmp(f->type, "TEXTS") == 0)
            *(struct cdn_texts *)(void *)at = words(l, "read,audit");
        else if (strcmp(f->type, "COUNT") == 0)
            *(uint64_t *)(void *)at = cdn_rnd_below(rnd, UINT64_C(1) << 62);
        else if (strcmp(f->type, "INSTANT") == 0)
            *(int64_t *)(void *)at = T0 + (int64_t)cdn_rnd_below(rnd, 1000000);
        else if (strcmp(f->type, "COUNTS") == 0) {
            uint64_t *items = cdn_arena_zero(&l->arena, 2, sizeof(*items));
            items[1] = 77;
            *(struct cdn_counts *)(void *)at = (struct cdn_counts){items, 2};
        } else
            fail_msg("no test value for the type %s", f->type);
    }
}

static void every_event_is_read_back_as_it_was_written(void **state) {
    (void)state;
    struct log l;
    struct cdn_rnd rnd;
    log_open(&l);
    cdn_rnd_init(&rnd, "events", 1);
    for (unsigned kind = CDN_EV_NONE + 1; kind < CDN_EV_COUNT; kind++) {
        for (int optional = 0; optional < 2; optional++) {
            struct cdn_event ev = event_of(kind, T0, "kone");
            struct cdn_record r;
            fill(&ev, &l, &rnd, optional);
            const uint64_t i = log_event(&l, &ev);
            const cordon_str bytes = cdn_buf_get(&l.records[i]);
            assert_true(cdn_record_is_event(bytes));
            if (cdn_record_read(bytes, &l.arena, &r, &l.e) != 0)
                fail_msg("%.*s: %s", CDN_FMT(bytes), l.e.message);
            assert_int_equal(r.kind, CDN_RECORD_EVENT);
            const uint64_t again = log_event(&l, &r.u.event);
            assert_true(cdn_str_eq(bytes, cdn_buf_get(&l.records[again])));
        }
    }
    log_close(&l);
}

static void decisions_are_read_back_as_they_were_written(void **state) {
    (void)state;
    struct log l;
    log_open(&l);
    struct cdn_record_decision all[] = {allowed(&l, T0, ANNA),
                                        held(&l, T0, ANNA, "compliance:2,:1"),
                                        capped(&l, T0, BERT, "12.50"),
                                        dutiful(&l, T0, BERT, T0 + 86400),
                                        allowed(&l, T0, ANNA)};
    const uint64_t cases[] = {7, 9};
    all[0].idempotency_key = CDN_STR("order \"1\"");
    all[0].idempotency_digest = CDN_STR("abc");
    all[0].trace = CDN_STR("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    all[1].effects.held_by = cases;
    all[1].effects.held_by_count = 2;
    all[4].appeal = 5;
    all[4].request = CDN_STR("{\"text\":\"a } \\\" ] b\\\\\",\"nested\":[{},[]]}");
    for (size_t k = 0; k < CDN_ARRAY_LEN(all); k++) {
        struct cdn_record r;
        const uint64_t i = log_decision(&l, &all[k]);
        const cordon_str bytes = cdn_buf_get(&l.records[i]);
        if (cdn_record_read(bytes, &l.arena, &r, &l.e) != 0)
            fail_msg("%.*s: %s", CDN_FMT(bytes), l.e.message);
        assert_int_equal(r.kind, CDN_RECORD_DECISION);
        assert_true(cdn_str_eq(r.u.decision.request, all[k].request));
        const uint64_t again = log_decision(&l, &r.u.decision);
        assert_true(cdn_str_eq(bytes, cdn_buf_get(&l.records[again])));
    }
    log_close(&l);
}

/* What a record says is all or nothing: whatever is not understood is refused. */
static void what_is_not_understood_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int code;
    } bad[] = {
        {"", CORDON_E_TYPE},
        {"[]", CORDON_E_TYPE},
        {"{}", CORDON_E_TYPE},
        {"{\"at\":\"2030-01-01T00:00:00Z\",\"by\":\"k\",\"data\":{},\"event\":\"no.such\",\"kind\":"
         "\"event\"}",
         CORDON_E_NAME},
        {"{\"at\":\"2030-01-01T00:00:00Z\",\"by\":\"k\",\"data\":{\"case\":1,\"why\":\"x\",\"more\":1},"
         "\"event\":\"case.released\","
         "\"kind\":\"event\"}",
         CORDON_E_NAME},
        {"{\"at\":\"2030-01-01T00:00:00Z\",\"by\":\"k\",\"data\":{\"case\":1,\"case\":1,\"why\":\"x\"},"
         "\"event\":\"case.released\","
         "\"kind\":\"event\"}",
         CORDON_E_CONFLICT},
        {"{\"at\":\"2030-01-01T00:00:00Z\",\"by\":\"k\",\"data\":{\"case\":1},\"event\":\"case.released\","
         "\"kind\":\"event\"}",
         CORDON_E_TYPE},
        {"{\"at\":\"2030-01-01T00:00:00Z\",\"by\":\"k\",\"data\":{\"case\":1.5,\"why\":\"x\"},\"event\":"
         "\"case.released\",\"kind\":"
         "\"event\"}",
         CORDON_E_TYPE},
        {"{\"at\":\"2030-01-01T00:00:00Z\",\"by\":\"k\",\"data\":{\"case\":99999999999999999999,\"why\":"
         "\"x\"},\"event\":"
         "\"case.released\",\"kind\":\"event\"}",
         CORDON_E_RANGE},
        {"{\"at\":\"yesterday\",\"by\":\"k\",\"data\":{\"case\":1,\"why\":\"x\"},\"event\":\"case.released\","
         "\"kind\":\"event\"}",
         CORDON_E_RANGE},
        {"{\"at\":\"2030-01-01T00:00:00Z\",\"by\":\"k\",\"data\":{\"case\":1,\"why\":\"\\ud800\"},\"event\":"
         "\"case.released\",\"kind\":"
         "\"event\"}",
         CORDON_E_SYNTAX},
        {"{\"at\":\"2030-01-01T00:00:00Z\",\"by\":\"k\",\"data\":{\"case\":1,\"why\":\"x\"},\"event\":\"case."
         "released\",\"kind\":"
         "\"event\"}x",
         CORDON_E_SYNTAX},
    };
    struct cdn_arena arena;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    for (size_t i = 0; i < CDN_ARRAY_LEN(bad); i++) {
        struct cdn_record r;
        struct cordon_error e = {0};
        const int err = cdn_record_read(cdn_str_z(bad[i].text), &arena, &r, &e);
        if (err != bad[i].code || !e.message[0])
            fail_msg("%s: %d (%s)", bad[i].text, err, e.message);
    }
    cdn_arena_free(&arena);
}

/* A hold that nobody could release, a cap taken by a refusal, no verdict at all: never written. */
static void decisions_that_make_no_sense_are_not_written(void **state) {
    (void)state;
    struct log l;
    struct cdn_buf b;
    log_open(&l);
    struct cdn_record_decision d[] = {held(&l, T0, ANNA, "a:1"),
                                      held(&l, T0, ANNA, "a:1"),
                                      capped(&l, T0, ANNA, "1"),
                                      allowed(&l, T0, ANNA),
                                      allowed(&l, T0, ANNA),
                                      held(&l, T0, ANNA, "a:0")};
    d[0].effects.hold_count = 0;
    d[1].effects.verdict = CORDON_VERDICT_ALLOW;
    d[2].effects.verdict = CORDON_VERDICT_DENY;
    d[3].effects.verdict = CORDON_VERDICT_NONE;
    d[4].idempotency_key = CDN_STR("x");
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    for (size_t i = 0; i < CDN_ARRAY_LEN(d); i++)
        assert_int_equal(cdn_record_write_decision(&b, &d[i], &l.e), CORDON_E_ARG);
    assert_int_equal(b.n, 0);
    cdn_buf_free(&b);
    log_close(&l);
}

static void windows_are_those_of_the_calendar(void **state) {
    (void)state;
    static const struct {
        unsigned window;
        const char *at, *from, *until;
    } cases[] = {
        {CDN_WINDOW_HOUR, "2024-02-29T23:59:59Z", "2024-02-29T23:00:00Z", "2024-03-01T00:00:00Z"},
        {CDN_WINDOW_DAY, "2024-02-29T23:59:59Z", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"},
        {CDN_WINDOW_MONTH, "2024-02-29T23:59:59Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"},
        {CDN_WINDOW_MONTH, "2024-12-31T00:00:00Z", "2024-12-01T00:00:00Z", "2025-01-01T00:00:00Z"},
        {CDN_WINDOW_YEAR, "2024-12-31T23:59:59Z", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"},
        {CDN_WINDOW_DAY, "2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z"},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        int64_t at, from, until, want_from, want_until;
        int32_t zone;
        assert_int_equal(cdn_time_parse(cdn_str_z(cases[i].at), &at, &zone), 0);
        assert_int_equal(cdn_time_parse(cdn_str_z(cases[i].from), &want_from, &zone), 0);
        assert_int_equal(cdn_time_parse(cdn_str_z(cases[i].until), &want_until, &zone), 0);
        assert_int_equal(cdn_window_at(cases[i].window, at, &from, &until), 0);
        assert_int_equal(from, want_from);
        assert_int_equal(until, want_until);
    }
}

static void fingerprints_depend_on_key_kind_and_text(void **state) {
    (void)state;
    uint8_t key[CDN_FINGERPRINT_KEY] = {1};
    char a[CDN_FINGERPRINT_TEXT];
    char b[CDN_FINGERPRINT_TEXT];
    cdn_fingerprint(key, CDN_STR("name"), CDN_STR("anna"), a);
    cdn_fingerprint(key, CDN_STR("name"), CDN_STR("anna"), b);
    assert_memory_equal(a, b, sizeof(a));
    cdn_fingerprint(key, CDN_STR("namea"), CDN_STR("nna"), b);
    assert_memory_not_equal(a, b, sizeof(a));
    key[0] = 2;
    cdn_fingerprint(key, CDN_STR("name"), CDN_STR("anna"), b);
    assert_memory_not_equal(a, b, sizeof(a));
}

/* docs/events.md has a table made from events.def; here it is made again. */
static void the_documentation_has_every_event(void **state) {
    (void)state;
    char path[CDN_PATH];
    size_t n = 0;
    struct cdn_buf b;
    cdn_source_path(path, "docs/events.md");
    char *text = (char *)cdn_read_file(path, &n);
    assert_non_null(text);
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    for (unsigned kind = CDN_EV_NONE + 1; kind < CDN_EV_COUNT; kind++) {
        const struct cdn_event_info *info = cdn_event_info(kind);
        cdn_buf_printf(&b,
                       "\n### %s\n\n%s%s\n\n| member | type | | meaning |\n|---|---|---|---|\n",
                       info->name,
                       info->title,
                       info->erasable ? ". May be erased." : ".");
        for (unsigned i = 0; i < info->field_count; i++) {
            const struct cdn_event_field *f = &info->fields[i];
            const char *name = strcmp(f->name, "case_id") == 0 ? "case" : f->name;
            char type[16] = {0};
            for (size_t k = 0; f->type[k] && k + 1 < sizeof(type); k++)
                type[k] = (char)(f->type[k] | 0x20);
            cdn_buf_printf(&b, "| `%s` | %s | %s | %s |\n", name, type, f->need ? "needed" : "", f->meaning);
            if (i > 0)
                assert_true(strcmp(strcmp(info->fields[i - 1].name, "case_id") == 0
                                       ? "case"
                                       : info->fields[i - 1].name,
                                   name) < 0);
        }
    }
    if (!memmem(text, n, b.p, b.n)) {
        cdn_build_path(path, "events-table.md");
        FILE *f = fopen(path, "w");
        if (f) {
            (void)fwrite(b.p, 1, b.n, f);
            (void)fclose(f);
        }
        fail_msg("the table of docs/events.md is not that of events.def; %s has the right one", path);
    }
    cdn_buf_free(&b);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_read_back_as_it_was_written),
        cmocka_unit_test(decisions_are_read_back_as_they_were_written),
        cmocka_unit_test(what_is_not_understood_is_refused),
        cmocka_unit_test(decisions_that_make_no_sense_are_not_written),
        cmocka_unit_test(windows_are_those_of_the_calendar),
        cmocka_unit_test(fingerprints_depend_on_key_kind_and_text),
        cmocka_unit_test(the_documentation_has_every_event),
    };
    return cdn_run(tests);
}
