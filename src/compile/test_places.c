/* SPDX-License-Identifier: Apache-2.0 */
/* test_places.c: what evidence is recognised as, on the cases of record (domain: E1, E5, E6, E18, E24, O1,
 * O7, O12 to O17) and on hostile sections. The territory is a shortened crimea. */
#include "compile/fold_icu.h"
#include "compile/places_build.h"
#include "places/codes.h"
#include "support/fault.h"
#include "support/rnd.h"

#include <stdlib.h>

#define EVER .from = CDN_TIME_MIN, .until = CDN_TIME_MAX
#define UA CDN_COUNTRY('U', 'A')
#define RU CDN_COUNTRY('R', 'U')

static struct cdn_mark crimea_marks[] = {
    {.kind = CDN_MARK_NAME, .text = {"Crimea", 6}, EVER},
    {.kind = CDN_MARK_NAME, .text = {"Krimea", 6}, EVER},
    {.kind = CDN_MARK_NAME, .text = {"Крым", 8}, EVER},
    {.kind = CDN_MARK_NAME, .text = {"Qırım", 7}, EVER},
    {.kind = CDN_MARK_CITY, .text = {"Симферополь", 22}, EVER},
    {.kind = CDN_MARK_CITY, .text = {"Simferopol", 10}, EVER},
    {.kind = CDN_MARK_AMBIGUOUS, .text = {"Yalta", 5}, .country = CDN_COUNTRY('R', 'U'), EVER},
    {.kind = CDN_MARK_AMBIGUOUS, .text = {"Sebastopol", 10}, EVER},
    {.kind = CDN_MARK_AMBIGUOUS, .text = {"Belogorsk", 9}, EVER},
    {.kind = CDN_MARK_AMBIGUOUS, .text = {"Inkerman", 8}, EVER},
    {.kind = CDN_MARK_NOT, .text = {"Amur", 4}, EVER},
    {.kind = CDN_MARK_POSTAL, .country = UA, .first = {"95000", 5}, .last = {"99999", 5}, EVER},
    {.kind = CDN_MARK_POSTAL, .country = RU, .first = {"295000", 6}, .last = {"299999", 6}, EVER},
    {.kind = CDN_MARK_PHONE, .text = {"+7978", 5}, EVER},
    {.kind = CDN_MARK_PHONE, .text = {"+380 65", 7}, .from = CDN_TIME_MIN, .until = 1420070400},
    {.kind = CDN_MARK_ASN, .number = 203561, EVER},
    {.kind = CDN_MARK_PREFIX, .text = {"91.207.56.0/22", 14}, EVER},
    {.kind = CDN_MARK_AREA,
     .points = (int32_t[]){46230000, 33300000, 46230000, 36700000, 44200000, 36700000, 44200000, 32300000},
     .point_count = 4,
     EVER},
};
static struct cdn_mark iran_marks[] = {{.kind = CDN_MARK_NAME, .text = {"Embassy of Iran", 15}, EVER}};
static struct cdn_mark dnr_marks[] = {
    {.kind = CDN_MARK_CITY, .text = {"Donetsk", 7}, .from = 1645401600, .until = CDN_TIME_MAX},
    {.kind = CDN_MARK_NOT, .text = {"Kramatorsk", 10}, EVER},
};
static struct cdn_territory territories[] = {
    {.id = {"crimea", 6},
     .title = {"Crimea", 6},
     .within = (uint16_t[]){UA, RU},
     .within_count = 2,
     .parts =
         (struct cdn_territory_part[]){
             {.place = {.kind = CDN_PLACE_REGION, .country = UA, .region = {"UA-43", 5}}, EVER},
             {.place = {.kind = CDN_PLACE_REGION, .country = UA, .region = {"UA-40", 5}},
              .from = 1394668800, /* 2014-03-13 */
              .until = CDN_TIME_MAX}},
     .part_count = 2,
     .marks = crimea_marks,
     .mark_count = CDN_ARRAY_LEN(crimea_marks)},
    {.id = {"gov-iran", 8},
     .title = {"Missions of Iran", 16},
     .any_context = true,
     .marks = iran_marks,
     .mark_count = 1},
    {.id = {"dnr", 3},
     .title = {"DNR", 3},
     .within = (uint16_t[]){UA, RU},
     .within_count = 2,
     .part_of = (struct cdn_place[]){{.kind = CDN_PLACE_REGION, .country = UA, .region = {"UA-14", 5}}},
     .part_of_count = 1,
     .marks = dnr_marks,
     .mark_count = 2},
    {.id = {"occupied", 8},
     .title = {"Occupied", 8},
     .parts = (struct cdn_territory_part[]){{.place = {.kind = CDN_PLACE_TERRITORY, .territory = 0}, EVER},
                                            {.place = {.kind = CDN_PLACE_TERRITORY, .territory = 2}, EVER}},
     .part_count = 2},
};
static struct cdn_rulebook rulebook = {.territories = territories,
                                       .territory_count = CDN_ARRAY_LEN(territories)};

struct fixture {
    struct cdn_arena arena;
    struct cdn_buf section, scratch;
    struct cdn_places places;
    struct cdn_place_map map;
};

/* Made once: has its own tests, and takes longer than all the rest. */
static struct cdn_buf fold_bytes;

static int build(struct fixture *f, const struct cordon_alloc *alloc) {
    cdn_arena_init(&f->arena, alloc, 0);
    cdn_buf_init(&f->section, alloc, 64u << 20);
    cdn_buf_init(&f->scratch, alloc, 1u << 20);
    struct cdn_text fold;
    int err = cdn_text_open(cdn_buf_get(&fold_bytes), &fold, NULL);
    err = err ? err : cdn_places_build(&rulebook, &fold, &f->arena, &f->section, &f->map, NULL);
    err = err ? err : cdn_places_open(cdn_buf_get(&f->section), &f->places, NULL);
    f->places.fold = fold;
    f->places.has_fold = true;
    return err;
}

static void clear(struct fixture *f) {
    cdn_buf_free(&f->section);
    cdn_buf_free(&f->scratch);
    cdn_arena_free(&f->arena);
}

static const int64_t march_2022 = 1646900000;

/* "crimea UA RU !context" for an item: codes of its places in alphabetical order, then doubts. */
static const char *resolved(struct fixture *f, const struct cdn_evidence *ev, int64_t at) {
    static char text[256];
    static const char *const doubts[] = {"ambiguous",
                                         "disagree",
                                         "anonymous",
                                         "hosting",
                                         "stale",
                                         "old",
                                         "invalid",
                                         "not-placed",
                                         "context",
                                         "radius"};
    struct cdn_item item;
    struct cdn_buf out;
    cdn_places_resolve(&f->places, ev, at, &f->scratch, &item);
    cdn_buf_fixed(&out, text, sizeof text - 1);
    cordon_str last = {0};
    for (unsigned i = 0; i < item.count; i++) {
        cordon_str next = {0};
        for (unsigned k = 0; k < item.count; k++) {
            const cordon_str c = cdn_places_code(&f->places, item.places[k]);
            if ((!last.p || cdn_str_cmp(c, last) > 0) && (!next.p || cdn_str_cmp(c, next) < 0)) {
                next = c;
            }
        }
        cdn_buf_printf(&out,
                       "%s%.*s%s",
                       i ? " " : "",
                       CDN_FMT(next),
                       cdn_str_eq(next, cdn_places_code(&f->places, item.finest)) ? "*" : "");
        last = next;
    }
    for (unsigned i = 0; i < CDN_ARRAY_LEN(doubts); i++) {
        if (item.doubt & (1u << i)) {
            cdn_buf_printf(&out, "%s!%s", out.n ? " " : "", doubts[i]);
        }
    }
    text[out.n] = '\0';
    return text;
}

struct address_case {
    const char *country, *region, *city, *postal, *lines, *want;
};
static const struct address_case addresses[] = {
    /* E1: the address of the enforcement release, and its neighbours */
    {NULL, NULL, NULL, NULL, "Yalta, Krimea", "UA crimea* occupied"},
    {"UA", NULL, NULL, NULL, "Yalta, Krimea", "UA crimea* occupied"},
    {"RU", NULL, "Yalta", NULL, NULL, "RU UA crimea* occupied"},
    {NULL, NULL, NULL, NULL, "Lenina 5, Simferopol, Crimea, Russia", "RU UA crimea* occupied"},
    {NULL, NULL, NULL, NULL, "ул. Ленина 5, г. Симферополь", "UA crimea* occupied"},
    {NULL, NULL, NULL, NULL, "Embassy of Iran, Tokyo, JP", "JP gov-iran*"},
    {"JP", NULL, "Tokyo", NULL, "Embassy of Iran", "JP gov-iran*"},
    /* E5: country field RU, the town in another field */
    {"RU", NULL, "Симферополь", NULL, NULL, "RU UA crimea* occupied"},
    {"RU", "Qırım", NULL, NULL, NULL, "RU UA crimea* occupied"},
    /* E6: an allowed country in the drop-down, another in the free text */
    {"DE", NULL, NULL, NULL, "12 Azadi Street, Tehran, Iran", "DE* IR !context"},
    {"DE", NULL, "Simferopol", NULL, NULL, "DE UA crimea* occupied !context"},
    /* E18: both regions */
    {"UA", "UA-43", NULL, NULL, NULL, "UA UA-43* crimea occupied"},
    {"UA", "UA-40", NULL, NULL, NULL, "UA UA-40* crimea occupied"},
    {"UA", "UA-30", "Kyiv", NULL, NULL, "UA UA-30*"},
    /* E24: Korea is two countries */
    {"Korea", NULL, NULL, NULL, NULL, "!ambiguous"},
    {"KR", NULL, NULL, NULL, NULL, "KR*"},
    {"North Korea", NULL, NULL, NULL, NULL, "KP*"},
    /* postal codes count in context only: O12, O13 */
    {"RU", NULL, NULL, "295000", NULL, "RU UA crimea* occupied"},
    {"UA", NULL, NULL, "95000", NULL, "UA crimea* occupied"},
    {NULL, NULL, NULL, NULL, "Sebastopol, CA 95472, US", "US*"},
    {NULL, NULL, NULL, NULL, "Sebastopol, CA 95472", "US*"},
    {"US", "US-CA", "Sebastopol", "95472", NULL, "US*"},
    {"DE", NULL, "Erfurt", "99084", NULL, "DE*"},
    {"DE", NULL, "Suhl", "98527", NULL, "DE*"},
    {"US", NULL, "Seattle", "98101", NULL, "US*"},
    {"IN", NULL, "Firozabad", "283203", NULL, "IN*"},
    {NULL, NULL, NULL, "295000", NULL, "!not-placed"},
    /* O1: Kyiv is not Crimea */
    {"UA", NULL, "Kyiv", "01001", NULL, "UA UA-30*"},
    /* O15: names with namesakes */
    {"UA", NULL, "Yalta", NULL, NULL, "UA* !ambiguous"},
    {"UA", NULL, "Yalta", "87450", NULL, "UA*"},
    {"RU", "Amur", "Belogorsk", NULL, NULL, "RU*"},
    {"RU", NULL, "Belogorsk", "676850", NULL, "RU*"},
    {"RU", NULL, "Belogorsk", NULL, NULL, "RU* !ambiguous"},
    {"GB", NULL, "Bristol", NULL, "12 Inkerman Street", "GB*"},
    {"UA", NULL, "Kyiv", NULL, "12 Inkerman Street", "UA UA-30*"},
    {"UA", NULL, "Kyiv", NULL, "вул. Крым 5", "UA UA-30*"},
    {"NL", NULL, "De Krim", NULL, NULL, "NL*"},
    {"US", "US-NY", "Cuba", "14727", NULL, "US*"},
    {"NZ", NULL, "Wellington", NULL, "118 Cuba Street", "NZ*"},
    {NULL, NULL, NULL, NULL, "Cuba, NY 14727", "US*"},
    /* O16: a town on the other side of the line */
    {"UA", NULL, "Donetsk", NULL, NULL, "UA dnr* occupied"},
    {"UA", NULL, "Kramatorsk", NULL, "Donetsk", "UA*"},
    {NULL, NULL, NULL, NULL, NULL, "!not-placed"},
};

static struct cdn_evidence address_of(const struct address_case *c) {
    return (struct cdn_evidence){.kind = CDN_EVIDENCE_ADDRESS,
                                 .have = CDN_HAVE_VALUE,
                                 .address = {cdn_str_z(c->country),
                                             cdn_str_z(c->region),
                                             cdn_str_z(c->city),
                                             cdn_str_z(c->postal),
                                             cdn_str_z(c->lines)}};
}

/* EVIDENCE: CS-PLACE-CONTEXT, CS-PLACE-AMBIGUOUS, CS-PLACE-CONFLICT, CS-PLACE-WORLDVIEW */
static void addresses_of_record(void **state) {
    struct fixture *f = *state;
    unsigned wrong = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(addresses); i++) {
        const struct cdn_evidence ev = address_of(&addresses[i]);
        const char *got = resolved(f, &ev, march_2022);
        if (strcmp(got, addresses[i].want) != 0) {
            print_error("case %zu (%s|%s|%s|%s|%s): got \"%s\", want \"%s\"\n",
                        i,
                        addresses[i].country,
                        addresses[i].region,
                        addresses[i].city,
                        addresses[i].postal,
                        addresses[i].lines,
                        got,
                        addresses[i].want);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static const char *text_evidence(struct fixture *f, unsigned kind, const char *text, int64_t at) {
    const struct cdn_evidence ev = {.kind = (uint8_t)kind, .have = CDN_HAVE_VALUE, .text = cdn_str_z(text)};
    return resolved(f, &ev, at);
}

static void identifiers_of_record(void **state) {
    struct fixture *f = *state;
    assert_string_equal(text_evidence(f, CDN_EVIDENCE_PHONE, "+7 978 123-45-67", march_2022),
                        "UA crimea* occupied");
    assert_string_equal(text_evidence(f, CDN_EVIDENCE_PHONE, "+7 701 123 45 67", march_2022),
                        "KZ*"); /* O14 */
    assert_string_equal(text_evidence(f, CDN_EVIDENCE_PHONE, "+7 495 123-45-67", march_2022), "RU*");
    assert_string_equal(text_evidence(f, CDN_EVIDENCE_EMAIL, "user@example.ir", march_2022), "IR*"); /* E15 */
    assert_string_equal(text_evidence(f, CDN_EVIDENCE_EMAIL, "user@example.com", march_2022), "!not-placed");
    assert_string_equal(text_evidence(f, CDN_EVIDENCE_IBAN, "DE89 3704 0044 0532 0130 00", march_2022),
                        "DE*");
    assert_string_equal(text_evidence(f, CDN_EVIDENCE_IBAN, "DE89 3704 0044 0532 0130 01", march_2022),
                        "!invalid");
    assert_string_equal(text_evidence(f, CDN_EVIDENCE_BIC, "VTBRRUMM", march_2022), "RU*");
    assert_string_equal(text_evidence(f, CDN_EVIDENCE_IP, "91.207.57.9", march_2022), "UA crimea* occupied");
    assert_string_equal(text_evidence(f, CDN_EVIDENCE_IP, "91.207.60.9", march_2022), "!not-placed");
    assert_string_equal(text_evidence(f, CDN_EVIDENCE_IP, "91.207.60", march_2022), "!invalid");
    assert_string_equal(text_evidence(f, CDN_EVIDENCE_MEMO, "Persian Nowruz, Iran, Crimea", march_2022),
                        "!not-placed"); /* O7 */
    struct cdn_evidence asn = {.kind = CDN_EVIDENCE_ASN, .have = CDN_HAVE_VALUE, .number = 203561};
    assert_string_equal(resolved(f, &asn, march_2022), "UA crimea* occupied");
    asn.number = 31133;
    assert_string_equal(resolved(f, &asn, march_2022), "!not-placed");
    struct cdn_evidence point = {.kind = CDN_EVIDENCE_GNSS,
                                 .have = CDN_HAVE_VALUE,
                                 .has_point = true,
                                 .latitude = 44952000,
                                 .longitude = 34102000};
    assert_string_equal(resolved(f, &point, march_2022), "UA crimea* occupied");
    point.latitude = 50450000;
    assert_string_equal(resolved(f, &point, march_2022), "!not-placed");
}

/* EVIDENCE: CS-PLACE-DATED */
static void dates_of_membership_count(void **state) {
    struct fixture *f = *state;
    const struct address_case sevastopol = {"UA", "UA-40", NULL, NULL, NULL, NULL};
    const struct cdn_evidence ev = address_of(&sevastopol);
    assert_string_equal(resolved(f, &ev, 1394668799), "UA UA-40*");
    assert_string_equal(resolved(f, &ev, 1394668800), "UA UA-40* crimea occupied");
    struct cdn_item item;
    cdn_places_resolve(&f->places, &ev, 1394668799, &f->scratch, &item);
    assert_int_equal(item.changes_at, 1394668800);
    const struct address_case donetsk = {"UA", NULL, "Donetsk", NULL, NULL, NULL};
    const struct cdn_evidence city = address_of(&donetsk);
    assert_string_equal(resolved(f, &city, 1645401599), "UA*");
    assert_string_equal(resolved(f, &city, 1645401600), "UA dnr* occupied");
    assert_string_equal(text_evidence(f, CDN_EVIDENCE_PHONE, "+380 65 222 3344", 1420070399),
                        "UA UA-43 crimea* occupied");
}

/* A damaged section is refused, or look-ups in it stay inside it (the sanitizers watch). */
static void damage_is_refused_or_harmless(void **state) {
    struct fixture *f = *state;
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "damage", 20220310);
    uint8_t *copy = malloc(f->section.n);
    assert_non_null(copy);
    for (unsigned round = 0; round < 400; round++) {
        memcpy(copy, f->section.p, f->section.n);
        const size_t at = round < 200 ? cdn_rnd_below(&rnd, 160) : cdn_rnd_below(&rnd, f->section.n);
        copy[at] = (uint8_t)(copy[at] ^ (1u << cdn_rnd_below(&rnd, 8)));
        struct cdn_places p;
        if (cdn_places_open(cdn_str((const char *)copy, f->section.n), &p, NULL) == 0) {
            p.fold = f->places.fold;
            p.has_fold = true;
            for (size_t i = 0; i < CDN_ARRAY_LEN(addresses); i++) {
                struct cdn_item item;
                const struct cdn_evidence ev = address_of(&addresses[i]);
                cdn_places_resolve(&p, &ev, march_2022, &f->scratch, &item);
                assert_true(item.count <= CDN_ITEM_PLACES);
            }
        }
        for (size_t cut = 0; round == 0 && cut < f->section.n; cut += 97) {
            assert_int_not_equal(cdn_places_open(cdn_str((const char *)copy, cut), &p, NULL), 0);
        }
    }
    free(copy);
}

static int same_bytes_twice(const struct cordon_alloc *alloc) {
    struct fixture f;
    const int err = build(&f, alloc);
    clear(&f);
    return err;
}

static void building_survives_each_failing_allocation(void **state) {
    struct fixture *f = *state;
    struct fixture again;
    assert_int_equal(build(&again, &cdn_alloc_libc), 0);
    assert_int_equal(again.section.n, f->section.n);
    assert_memory_equal(again.section.p, f->section.p, f->section.n);
    clear(&again);
    for (size_t nth = 1; nth < 400; nth++) {
        struct cdn_fault fault;
        cdn_fault_init(&fault, nth);
        const int err = same_bytes_twice(&fault.alloc);
        const bool failed = fault.failed;
        assert_null(fault.broken);
        assert_int_equal(fault.live_bytes, 0);
        (void)cdn_fault_free(&fault);
        if (!failed) {
            assert_int_equal(err, 0);
            return;
        }
        assert_int_equal(err, CORDON_E_NOMEM);
    }
}

static int setup(void **state) {
    static struct fixture f;
    *state = &f;
    cdn_buf_init(&fold_bytes, &cdn_alloc_libc, 8u << 20);
    if (cdn_compile_fold(&cdn_alloc_libc, &fold_bytes, NULL)) {
        return -1;
    }
    return build(&f, &cdn_alloc_libc);
}

static int teardown(void **state) {
    clear(*state);
    cdn_buf_free(&fold_bytes);
    return 0;
}

/* Every place is found by its code, and nothing by a code that no place has. */
static void places_by_code(void **state) {
    const struct cdn_places *p = &((const struct fixture *)*state)->places;
    static const char *const none[] = {
        "", "U", "UAA", "ua-43", "UA-4", "UA-ZZZ", "AA-1", "ZZ-999", "Crimea", "crime", "crimea2", "UA_43"};
    for (unsigned id = 0; id < p->place_count; id++)
        assert_int_equal(cdn_places_of_code(p, cdn_places_code(p, id)), id);
    assert_true(cdn_places_of_code(p, CDN_STR("UA-43")) != 0);
    assert_true(cdn_places_of_code(p, CDN_STR("dnr")) > cdn_places_of_code(p, CDN_STR("UA-43")));
    for (size_t i = 0; i < CDN_ARRAY_LEN(none); i++)
        assert_int_equal(cdn_places_of_code(p, cdn_str_z(none[i])), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_by_code),
        cmocka_unit_test(addresses_of_record),
        cmocka_unit_test(identifiers_of_record),
        cmocka_unit_test(dates_of_membership_count),
        cmocka_unit_test(damage_is_refused_or_harmless),
        cmocka_unit_test(building_survives_each_failing_allocation),
    };
    return cmocka_run_group_tests_name("compile_places", tests, setup, teardown);
}
