/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_places.c: places from hostile text, and from hostile sections.
 *
 * First byte 'S': the rest is a PLACES section: opened, and if that succeeds, looked through. Otherwise the
 * rest is evidence: kind, country (2 bytes), then fields separated by '|' (region, city, postal code, lines).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compile/fold_icu.h"
#include "compile/places_build.h"
#include "places/codes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EVER .from = CDN_TIME_MIN, .until = CDN_TIME_MAX
static struct cdn_mark marks[] = {
    {.kind = CDN_MARK_NAME, .text = {"Crimea", 6}, EVER},
    {.kind = CDN_MARK_AMBIGUOUS, .text = {"Yalta", 5}, .country = CDN_COUNTRY('R', 'U'), EVER},
    {.kind = CDN_MARK_NOT, .text = {"Amur", 4}, EVER},
    {.kind = CDN_MARK_POSTAL,
     .country = CDN_COUNTRY('R', 'U'),
     .first = {"295000", 6},
     .last = {"299999", 6},
     EVER},
    {.kind = CDN_MARK_PHONE, .text = {"+7978", 5}, EVER},
    {.kind = CDN_MARK_PREFIX, .text = {"91.207.56.0/22", 14}, EVER},
    {.kind = CDN_MARK_ASN, .number = 203561, EVER},
};
static struct cdn_territory_part parts[] = {
    {.place = {.kind = CDN_PLACE_REGION, .country = CDN_COUNTRY('U', 'A'), .region = {"UA-43", 5}}, EVER}};
static uint16_t within[] = {CDN_COUNTRY('U', 'A'), CDN_COUNTRY('R', 'U')};
static struct cdn_territory territory = {.id = {"crimea", 6},
                                         .title = {"Crimea", 6},
                                         .within = within,
                                         .within_count = 2,
                                         .parts = parts,
                                         .part_count = 1,
                                         .marks = marks,
                                         .mark_count = CDN_ARRAY_LEN(marks)};
static const struct cdn_rulebook rulebook = {.territories = &territory, .territory_count = 1};

struct world {
    struct cdn_arena arena;
    struct cdn_buf fold, section, scratch;
    struct cdn_places places;
};

static struct world *make_world(void) {
    static struct world w;
    static bool made;
    struct cdn_place_map map;
    struct cdn_text fold;
    if (made) {
        return &w;
    }
    cdn_arena_init(&w.arena, &cdn_alloc_libc, 0);
    cdn_buf_init(&w.fold, &cdn_alloc_libc, 8u << 20);
    cdn_buf_init(&w.section, &cdn_alloc_libc, 8u << 20);
    cdn_buf_init(&w.scratch, &cdn_alloc_libc, 1u << 20);
    if (cdn_compile_fold(&cdn_alloc_libc, &w.fold, NULL) ||
        cdn_text_open(cdn_buf_get(&w.fold), &fold, NULL) ||
        cdn_places_build(&rulebook, &fold, &w.arena, &w.section, &map, NULL) ||
        cdn_places_open(cdn_buf_get(&w.section), &w.places, NULL)) {
        abort();
    }
    w.places.fold = fold;
    w.places.has_fold = true;
    made = true;
    return &w;
}

static void resolve(struct world *w, const struct cdn_places *p, const struct cdn_evidence *ev) {
    struct cdn_item item;
    cdn_places_resolve(p, ev, 1646900000, &w->scratch, &item);
    if (item.count > CDN_ITEM_PLACES || item.changes_at <= 1646900000) {
        abort();
    }
    bool finest = item.finest == 0;
    for (unsigned i = 0; i < item.count; i++) {
        finest |= item.places[i] == item.finest;
        if (cdn_places_code(p, item.places[i]).n == 0 && p == &w->places) {
            abort();
        }
    }
    if (!finest) {
        abort();
    }
}

static void fuzz_section(struct world *w, const uint8_t *data, size_t size) {
    struct cdn_places p;
    uint64_t *aligned = malloc(size + 8);
    if (!aligned) {
        return;
    }
    memcpy(aligned, data, size);
    if (cdn_places_open(cdn_str((const char *)aligned, size), &p, NULL) == 0) {
        p.fold = w->places.fold;
        p.has_fold = true;
        const char *const texts[] = {"Yalta, Crimea", "Crimea, Russia", "+79781234567", "91.207.57.1"};
        for (unsigned kind = 1; kind < CDN_EVIDENCE_COUNT; kind++) {
            for (size_t i = 0; i < CDN_ARRAY_LEN(texts); i++) {
                const struct cdn_evidence ev = {.kind = (uint8_t)kind,
                                                .have = CDN_HAVE_VALUE,
                                                .text = cdn_str_z(texts[i]),
                                                .address = {.lines = cdn_str_z(texts[i])},
                                                .number = 203561};
                resolve(w, &p, &ev);
            }
        }
    }
    free(aligned);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct world *w = make_world();
    if (size < 4) {
        return 0;
    }
    if (data[0] == 'S') {
        fuzz_section(w, data + 1, size - 1);
        return 0;
    }
    cordon_str rest = cdn_str((const char *)data + 3, size - 3);
    struct cdn_evidence ev = {
        .kind = (uint8_t)(data[0] % CDN_EVIDENCE_COUNT), .have = CDN_HAVE_VALUE, .text = rest};
    const uint16_t country = CDN_COUNTRY(data[1], data[2]);
    ev.country = cdn_country_get(country) ? country : 0;
    ev.address.region = cdn_str_split(rest, '|', &rest);
    ev.address.city = cdn_str_split(rest, '|', &rest);
    ev.address.postal_code = cdn_str_split(rest, '|', &ev.address.lines);
    resolve(w, &w->places, &ev);
    return 0;
}
