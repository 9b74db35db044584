/* SPDX-License-Identifier: Apache-2.0 */
/* Lists in the canonical form → sections → view: everything that is kept, who serves which list, when
 * somebody is listed, what sections share, and what damage does. */
#include <stdlib.h>

#include "compile/compile.h"
#include "screen/screener.h"
#include "support/fault.h"
#include "support/rnd.h"
#include "support/walk_parties.h"

#define MOST 4
/* A few lists, compiled and opened. */
struct world {
    struct cdn_arena arena;
    struct cdn_list lists[MOST];
    struct cdn_compile_list in[MOST];
    size_t count;
    struct cdn_compile_parties out;
    struct cdn_party_source sources[MOST];
    struct cdn_parties p;
};

static void add(struct world *w, const char *id, unsigned format, const char *text) {
    struct cordon_error e = {0};
    struct cdn_list_report report;
    const struct cdn_list_file file = {.bytes = cdn_str_z(text), .name = "in memory"};
    struct cdn_list *list = &w->lists[w->count];
    const struct cdn_list_options o = {.id = cdn_str_z(id), .issuer = CDN_STR("Issuer"), .removed = true};
    cdn_list_init(list, &cdn_alloc_libc);
    cdn_list_report_init(&report, &cdn_alloc_libc);
    if (cdn_lists_collect((struct cdn_list_files){&file, 1}, &o, &report, list, &e) != 0)
        fail_msg("%s: %s", id, e.message);
    cdn_list_report_free(&report);
    if (format != CDN_LIST_UNKNOWN)
        list->info.format = format;
    w->in[w->count++] =
        (struct cdn_compile_list){.id = o.id, .list = list, .retrieved = 1000 + (int64_t)w->count};
}

static void compile(struct world *w) {
    struct cordon_error e = {0};
    cdn_arena_init(&w->arena, &cdn_alloc_libc, 0);
    if (cdn_compile_all_listed(w->in, w->count, &w->arena, &w->out, &e) != 0)
        fail_msg("%s", e.message);
    const struct cdn_parties_bytes bytes = {
        w->out.lists, w->out.tables, w->out.names, w->out.idents, w->out.sources, w->out.source_count};
    if (cdn_parties_open(&bytes, w->sources, &w->p, &e) != 0)
        fail_msg("%s", e.message);
}

static void end(struct world *w) {
    for (size_t i = 0; i < w->count; i++)
        cdn_list_free(&w->lists[i]);
    cdn_arena_free(&w->arena);
    memset(w, 0, sizeof *w);
}

static const char *const everything =
    "{\"cordon_list\":1,\"date\":\"2026-05-01\",\"id\":\"house/a\",\"issuer\":\"Example Ltd\"}\n"
    "{\"addresses\":[{\"city\":\"Berlin\",\"country\":\"DE\",\"text\":\"Straße 1\"},{\"country\":\"FR\"}],"
    "\"birth_places\":[{\"country\":\"RU\"},{\"city\":\"Moscow\",\"country\":\"RU\"}],"
    "\"births\":[{\"date\":\"~1960\"},{\"date\":\"1961-02-03\"}],\"gender\":\"male\",\"id\":\"A-1\","
    "\"identifiers\":[{\"country\":\"RU\",\"kind\":\"passport\",\"value\":\"45 11 223344\"},"
    "{\"currency\":\"XBT\",\"kind\":\"wallet\",\"value\":\"12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h\"}],"
    "\"listed\":\"2022-02-24\",\"measures\":[{\"kind\":\"asset-freeze\"},{\"kind\":\"travel-ban\",\"text\":"
    "\"Ban\"}],"
    "\"names\":[{\"full\":\"Ivan Petrov\",\"group\":1,\"kind\":\"primary\"},{\"full\":\"Иван "
    "Петров\",\"group\":1,\"kind\":\"strong\"},{\"full\":\"Vanya\",\"kind\":\"weak\",\"low\":true}],"
    "\"nationalities\":[{\"country\":\"RU\"},{\"country\":\"RU\",\"kind\":\"citizenship\"},"
    "{\"country\":\"CY\"}],\"programmes\":[\"P1\",\"P2\"],\"references\":[\"QDi.1\"],"
    "\"relations\":[{\"kind\":\"owns\",\"percent\":\"33.5\",\"target\":\"A-2\"},{\"kind\":\"family\","
    "\"name\":\"Olga\"}],"
    "\"type\":\"person\",\"updated\":\"2023-01-01\"}\n"
    "{\"id\":\"A-2\",\"names\":[{\"full\":\"Petrov Shipping "
    "LLC\",\"kind\":\"primary\"}],\"type\":\"company\","
    "\"first_seen\":\"2023-06-01\",\"removed\":\"2024-06-01\"}\n"
    "{\"id\":\"A-3\",\"identifiers\":[{\"kind\":\"imo\",\"value\":\"9187629\"}],\"names\":[{\"full\":\"SEA "
    "STAR\",\"kind\":\"primary\"}],\"nationalities\":[{\"country\":\"PA\",\"kind\":\"flag\"}],\"type\":"
    "\"ship\","
    "\"until\":\"2025-12-31\"}\n"
    "{\"count\":3,\"end\":true}\n";

static bool is(const struct cdn_party_source *s, struct cdn_ptext t, const char *text) {
    return cdn_str_eq(cdn_party_text(s, t), cdn_str_z(text));
}

static void everything_is_kept(void **state) {
    (void)state;
    struct world w = {0};
    add(&w, "house/a", CDN_LIST_UNKNOWN, everything);
    compile(&w);
    const struct cdn_party_source *s = NULL;
    const uint32_t list = cdn_parties_find_list(&w.p, CDN_STR("house/a"));
    const uint32_t one = cdn_parties_find_entry(&w.p, list, CDN_STR("A-1"));
    const struct cdn_party_rec *r = cdn_parties_entry(&w.p, one, &s);
    assert_true(is(s, r->id, "A-1"));
    assert_int_equal(r->type, CDN_PARTY_PERSON);
    assert_int_equal(r->sex, CDN_SEX_MALE);
    assert_int_equal(r->kind, CDN_SCREEN_PERSON);
    assert_int_equal(r->names.count, 3);
    assert_true(is(s, cdn_party_name(s, r, 1)->full, "Иван Петров"));
    assert_string_equal(cdn_party_script_name(cdn_party_name(s, r, 1)->script), "Cyrl");
    assert_int_equal(cdn_party_name(s, r, 0)->group, 1);
    assert_int_equal(cdn_party_name(s, r, 2)->weak, 1);
    assert_int_equal(r->births.count, 2);
    assert_int_equal(s->births[r->births.first].circa, 1);
    assert_int_equal(s->births[r->births.first + 1].from, cdn_days_from_civil(1961, 2, 3));
    assert_int_equal(r->birth_places.count, 2); /* with a text first */
    assert_true(is(s, s->places[r->birth_places.first].text, "Moscow"));
    assert_true(is(s, s->places[r->birth_places.first + 1].text, ""));
    assert_true(is(s, s->places[r->addresses.first].text, "Straße 1, Berlin"));
    assert_int_equal(r->nationalities.count, 2); /* each once */
    assert_int_equal(r->countries.count, 2);
    assert_int_equal(r->idents.count, 2);
    assert_true(is(s, s->idents[r->idents.first].value, "45 11 223344"));
    assert_true(is(s, s->idents[r->idents.first].normal, "4511223344"));
    assert_true(is(s, s->idents[r->idents.first + 1].currency, "XBT"));
    assert_int_equal(r->programmes.count, 2);
    assert_true(is(s, s->texts[r->references.first], "QDi.1"));
    assert_string_equal(cdn_party_measure_name(s->measures[r->measures.first + 1].kind), "travel-ban");
    assert_int_equal(s->relations[r->relations.first].percent, 3350);
    assert_int_equal(s->relations[r->relations.first].entry, 1);
    assert_int_equal(s->relations[r->relations.first + 1].entry, CDN_PARTIES_NONE);
    assert_int_equal(r->updated.from, cdn_days_from_civil(2023, 1, 1));
    assert_true(r->source_line > 0);
    struct cdn_party_list l;
    cdn_parties_list(&w.p, list, &l);
    assert_int_equal(l.count, 2); /* one has left */
    assert_int_equal(l.retrieved, 1001);
    assert_int_equal(l.published, (int64_t)cdn_days_from_civil(2026, 5, 1) * 86400);
    assert_memory_equal(l.sha256, w.lists[0].info.sha256, 32);
    assert_true(cdn_walk_parties(&w.p) > 0);
    end(&w);
}

static void an_entry_counts_while_it_is_listed(void **state) {
    (void)state;
    struct world w = {0};
    add(&w, "house/a", CDN_LIST_UNKNOWN, everything);
    compile(&w);
    const struct cdn_party_rec *e = w.sources[0].entries;
    const int64_t day = 86400;
    /* from the first moment that 24 February has begun anywhere */
    const int64_t listed = (int64_t)cdn_days_from_civil(2022, 2, 24) * day;
    assert_false(cdn_party_at(&e[0], listed - day));
    assert_true(cdn_party_at(&e[0], listed));
    assert_true(cdn_party_at(&e[0], listed + 4000 * day));
    /* first seen, then gone: to the end of that day */
    const int64_t gone = (int64_t)cdn_days_from_civil(2024, 6, 1) * day;
    assert_false(cdn_party_at(&e[1], listed));
    assert_true(cdn_party_at(&e[1], gone + day - 1));
    assert_false(cdn_party_at(&e[1], gone + day));
    /* nobody says since when; ends by itself */
    const int64_t last = (int64_t)cdn_days_from_civil(2025, 12, 31) * day;
    assert_true(cdn_party_at(&e[2], 0));
    assert_true(cdn_party_at(&e[2], last + day - 1));
    assert_false(cdn_party_at(&e[2], last + day));
    end(&w);
}

#define PERSON(id, rest)                                                                                     \
    "{\"id\":\"" id "\",\"names\":[{\"full\":\"Name " id                                                     \
    "\",\"kind\":\"primary\"}],\"type\":\"person\"" rest "}\n"

static uint32_t count_of(const struct world *w, const char *id, const char *source) {
    const uint32_t list = cdn_parties_find_list(&w->p, cdn_str_z(id));
    struct cdn_party_list l;
    if (list == CDN_PARTIES_NONE)
        return CDN_PARTIES_NONE;
    cdn_parties_list(&w->p, list, &l);
    assert_true(cdn_str_eq(l.source_id, cdn_str_z(source)));
    return l.count;
}

static void one_file_serves_several_lists(void **state) {
    (void)state;
    struct world w = {0};
    add(&w,
        "eu/consolidated",
        CDN_LIST_EU_XML,
        PERSON("1", ",\"programmes\":[\"UKR\"]") PERSON("2", ",\"programmes\":[\"BLR\",\"UKR\"]")
            PERSON("3", ",\"programmes\":[\"TAQA\"]") PERSON("4", ""));
    add(&w,
        "us/consolidated",
        CDN_LIST_OFAC_FLAT,
        PERSON("1",
               ",\"measures\":[{\"kind\":\"sectoral\",\"text\":\"Subject to Directive "
               "1\"}],\"programmes\":[\"UKRAINE-EO13662\"]")
            PERSON("2",
                   ",\"measures\":[{\"kind\":\"sectoral\",\"text\":\"Subject to Directive "
                   "1\"}],\"programmes\":[\"BURMA-EO14014\"]") PERSON("3", ",\"programmes\":[\"NS-PLC\"]"));
    add(&w,
        "uk/sanctions",
        CDN_LIST_UK_XML,
        PERSON("1", ",\"measures\":[{\"kind\":\"asset-freeze\",\"text\":\"Asset freeze\"}]")
            PERSON("2", ",\"measures\":[{\"kind\":\"director-disqualification\"}]"));
    compile(&w);
    assert_int_equal(count_of(&w, "eu/consolidated", "eu/consolidated"), 4);
    assert_int_equal(count_of(&w, "eu/269-2014", "eu/consolidated"), 2);
    assert_int_equal(count_of(&w, "eu/765-2006", "eu/consolidated"), 1);
    assert_int_equal(count_of(&w, "us/ssi-directive-1", "us/consolidated"), 1);
    assert_int_equal(count_of(&w, "us/ssi-directive-2", "us/consolidated"), 0);
    assert_int_equal(count_of(&w, "us/ns-plc", "us/consolidated"), 1);
    assert_int_equal(count_of(&w, "uk/asset-freeze", "uk/sanctions"), 1);
    assert_int_equal(count_of(&w, "uk/director-disqualification", "uk/sanctions"), 1);
    assert_int_equal(count_of(&w, "us/sdn", ""), CDN_PARTIES_NONE); /* no data is not an empty list */
    assert_int_equal(count_of(&w, "eu/annex-xiv", ""), CDN_PARTIES_NONE);
    end(&w);
}

static void the_file_of_a_list_goes_before_a_copy(void **state) {
    (void)state;
    static const char *const csl =
        PERSON("EL:1", ",\"sub_list\":\"Entity List (EL) - Bureau of Industry and Security\"")
            PERSON("SDN:1", ",\"sub_list\":\"Specially Designated Nationals (SDN) - Treasury Department\"");
    struct world w = {0};
    add(&w, "us/csl", CDN_LIST_US_CSL, csl);
    compile(&w);
    assert_int_equal(count_of(&w, "us/sdn", "us/csl"), 1);
    assert_int_equal(count_of(&w, "us/bis-entity-list", "us/csl"), 1);
    end(&w);
    add(&w, "us/csl", CDN_LIST_US_CSL, csl);
    add(&w, "us/sdn", CDN_LIST_OFAC_XML, PERSON("1", "") PERSON("2", ""));
    compile(&w);
    assert_int_equal(count_of(&w, "us/sdn", "us/sdn"), 2);
    assert_int_equal(count_of(&w, "us/bis-entity-list", "us/csl"), 1);
    /* who is only on the copy is not on the list by its number */
    const struct cdn_party_source *s = NULL;
    const uint32_t sdn = cdn_parties_find_list(&w.p, CDN_STR("us/sdn"));
    const uint32_t all = cdn_parties_find_list(&w.p, CDN_STR("us/csl"));
    const struct cdn_party_rec *copy =
        cdn_parties_entry(&w.p, cdn_parties_find_entry(&w.p, all, CDN_STR("SDN:1")), &s);
    assert_false(cdn_party_on(s, copy, sdn));
    assert_true(cdn_party_on(s, copy, all));
    end(&w);
    /* a part of a file under the part's own id is that part */
    add(&w, "eu/269-2014", CDN_LIST_EU_XML, PERSON("1", ",\"programmes\":[\"UKR\"]") PERSON("2", ""));
    compile(&w);
    assert_int_equal(count_of(&w, "eu/269-2014", "eu/269-2014"), 1);
    end(&w);
}

static void an_unchanged_list_keeps_its_bytes(void **state) {
    (void)state;
    struct world a = {0}, b = {0};
    add(&a, "house/a", CDN_LIST_UNKNOWN, everything);
    add(&a, "house/b", CDN_LIST_UNKNOWN, PERSON("1", ""));
    compile(&a);
    add(&b, "house/b", CDN_LIST_UNKNOWN, PERSON("1", "") PERSON("2", "")); /* in another order, one changed */
    add(&b, "house/a", CDN_LIST_UNKNOWN, everything);
    compile(&b);
    assert_int_equal(a.out.sources[0].n, b.out.sources[0].n);
    assert_memory_equal(a.out.sources[0].p, b.out.sources[0].p, a.out.sources[0].n);
    assert_true(cdn_str_eq(a.out.tables, b.out.tables));
    assert_false(cdn_str_eq(a.out.sources[1], b.out.sources[1]));
    assert_false(cdn_str_eq(a.out.lists, b.out.lists)); /* another time of fetching */
    end(&a);
    end(&b);
}

static void two_lists_of_one_id_are_refused(void **state) {
    (void)state;
    struct world w = {0};
    struct cordon_error e = {0};
    add(&w, "house/a", CDN_LIST_UNKNOWN, PERSON("1", ""));
    add(&w, "house/a", CDN_LIST_UNKNOWN, PERSON("2", ""));
    cdn_arena_init(&w.arena, &cdn_alloc_libc, 0);
    assert_int_equal(cdn_compile_all_listed(w.in, 2, &w.arena, &w.out, &e), CORDON_E_CONFLICT);
    end(&w);
}

static void words_are_those_of_the_lists(void **state) {
    (void)state;
#define SAME(a, b)                                                                                           \
    for (unsigned i = 0;; i++) {                                                                             \
        if (a(i) == NULL || b(i) == NULL) {                                                                  \
            assert_true(a(i) == NULL && b(i) == NULL && i > 3);                                              \
            break;                                                                                           \
        }                                                                                                    \
        assert_string_equal(a(i), b(i));                                                                     \
    }
    SAME(cdn_party_type_name, cdn_entry_type_name)
    SAME(cdn_party_name_kind_name, cdn_name_kind_name)
    SAME(cdn_party_script_name, cdn_script_name)
    SAME(cdn_party_measure_name, cdn_measure_kind_name)
    SAME(cdn_party_relation_name, cdn_list_relation_kind_name)
    SAME(cdn_ident_kind_word, cdn_ident_kind_name)
}

/* ---- damage ---------------------------------------------------------------------------------------------
 */

static uint64_t sink;

/* Refused, or everything can be read and somebody can be asked for. */
static bool opens(const struct cdn_parties_bytes *bytes) {
    static struct cdn_party_source sources[MOST];
    struct cdn_parties p;
    struct cordon_error e = {0};
    const int err = cdn_parties_open(bytes, sources, &p, &e);
    if (err != 0) {
        assert_int_equal(err, e.code);
        assert_true(e.message[0] != '\0');
        return false;
    }
    sink += cdn_walk_parties(&p);
    struct cdn_screener *s = NULL;
    assert_int_equal(cdn_screener_make(&p, &cdn_alloc_libc, &s, &e), 0);
    const cordon_str name = CDN_STR("Ivan Petrov");
    const struct cdn_screen_ident ident = {CDN_PARTY_IDENT_IMO, 0, CDN_STR("9187629")};
    const struct cdn_screen_query q = {.names = &name,
                                       .name_count = 1,
                                       .idents = &ident,
                                       .ident_count = 1,
                                       .at = 1700000000,
                                       .sure = 900,
                                       .review = 700};
    struct cdn_screen_result r;
    cdn_screener_screen(s, &q, &r);
    for (uint32_t i = 0; i < r.count; i++)
        sink += cdn_screener_known(s, r.candidates[i].entry)->birth_count;
    cdn_screener_free(s);
    return true;
}

static void damaged_sections_are_refused(void **state) {
    (void)state;
    struct world w = {0};
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "bytes of sections", 11);
    add(&w, "house/a", CDN_LIST_UNKNOWN, everything);
    add(&w, "house/b", CDN_LIST_UNKNOWN, PERSON("1", ",\"programmes\":[\"X\"]"));
    compile(&w);
    cordon_str sources[2] = {w.out.sources[0], w.out.sources[1]};
    struct cdn_parties_bytes bytes = {w.out.lists, w.out.tables, w.out.names, w.out.idents, sources, 2};
    cordon_str *const parts[] = {&bytes.lists, &bytes.idents, &sources[0], &sources[1]};
    size_t refused = 0, taken = 0;
    assert_true(opens(&bytes));
    for (size_t k = 0; k < CDN_ARRAY_LEN(parts); k++) {
        const cordon_str whole = *parts[k];
        uint64_t *copy = malloc(whole.n + 8);
        assert_non_null(copy);
        *parts[k] = cdn_str((char *)copy, whole.n);
        for (size_t i = 0; i < whole.n; i++) {
            memcpy(copy, whole.p, whole.n);
            ((char *)copy)[i] ^= (char)(1U << cdn_rnd_below(&rnd, 8));
            if (opens(&bytes))
                taken++;
            else
                refused++;
        }
        for (size_t n = 0; n < whole.n; n += 1 + n / 16) { /* cut off: never accepted */
            char *cut = malloc(n + 1);
            assert_non_null(cut);
            memcpy(cut, whole.p, n);
            *parts[k] = cdn_str(cut, n);
            assert_false(opens(&bytes));
            free(cut);
        }
        *parts[k] = whole;
        free(copy);
    }
    print_message("# %zu changed bytes refused, %zu taken\n", refused, taken);
    assert_true(refused > taken);
    /* sections of different lists do not go together */
    bytes.source_count = 1;
    assert_false(opens(&bytes));
    bytes.source_count = 2;
    sources[1] = sources[0];
    assert_false(opens(&bytes));
    end(&w);
}

/* ---- faults ---------------------------------------------------------------------------------------------
 */

static int a_section_without_memory(const struct cordon_alloc *alloc) {
    struct world w = {0};
    struct cdn_buf out;
    struct cordon_error e = {0};
    add(&w, "house/a", CDN_LIST_UNKNOWN, everything);
    cdn_buf_init(&out, alloc, 1 << 20);
    const int err = cdn_compile_listed(&w.in[0], &out, &e);
    if (err == 0) {
        struct cdn_party_source s;
        assert_int_equal(cdn_party_source_open(cdn_buf_get(&out), &s, &e), 0);
    } else {
        assert_int_equal(e.code, err);
    }
    cdn_buf_free(&out);
    end(&w);
    return err;
}

static struct world shared;

static int a_screener_without_memory(const struct cordon_alloc *alloc) {
    struct cdn_screener *s = NULL;
    struct cordon_error e = {0};
    const int err = cdn_screener_make(&shared.p, alloc, &s, &e);
    cdn_screener_free(s);
    return err;
}

static int make_shared(void **state) {
    (void)state;
    add(&shared, "house/a", CDN_LIST_UNKNOWN, everything);
    compile(&shared);
    return 0;
}

static int end_shared(void **state) {
    (void)state;
    end(&shared);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_kept),
        cmocka_unit_test(an_entry_counts_while_it_is_listed),
        cmocka_unit_test(one_file_serves_several_lists),
        cmocka_unit_test(the_file_of_a_list_goes_before_a_copy),
        cmocka_unit_test(an_unchanged_list_keeps_its_bytes),
        cmocka_unit_test(two_lists_of_one_id_are_refused),
        cmocka_unit_test(words_are_those_of_the_lists),
        cmocka_unit_test(damaged_sections_are_refused),
        cdn_fault_test(a_section_without_memory),
        cdn_fault_test(a_screener_without_memory),
    };
    return _cmocka_run_group_tests(__FILE__, tests, CDN_ARRAY_LEN(tests), make_shared, end_shared);
}
