/* SPDX-License-Identifier: Apache-2.0 */
/* plain_places.c: see plain_places.h. */
#include "support/plain_places.h"

#include <string.h>

unsigned cdn_plain_place_add(struct cdn_plain_places *p, cordon_str code) {
    if (p->count + 2 > CDN_ARRAY_LEN(p->codes))
        return 0;
    p->codes[++p->count] = code;
    if (code.n == 2)
        p->by_country[((unsigned)(uint8_t)code.p[0] << 8) | (uint8_t)code.p[1]] = (uint16_t)p->count;
    return p->count;
}

void cdn_plain_places_fill(struct cdn_plain_places *p,
                           const cordon_str *codes,
                           unsigned count,
                           const struct cdn_rulebook *rb) {
    for (unsigned i = 0; i < count; i++)
        cdn_plain_place_add(p, codes[i]);
    for (uint32_t t = 0; rb && t < rb->territory_count; t++) {
        const unsigned id = cdn_plain_place_add(p, rb->territories[t].id);
        for (uint32_t k = 0; k < rb->territories[t].part_count; k++) {
            const struct cdn_territory_part *part = &rb->territories[t].parts[k];
            p->parts[p->part_count++] =
                (struct cdn_plain_territory){part->place.region, id, part->from, part->until};
        }
    }
}

unsigned cdn_places_of_code(const struct cdn_places *places, cordon_str code) {
    const struct cdn_plain_places *p = (const struct cdn_plain_places *)(const void *)places;
    for (unsigned i = 1; i <= p->count; i++) {
        if (cdn_str_eq(p->codes[i], code))
            return i;
    }
    return 0;
}

unsigned cdn_places_of_country(const struct cdn_places *places, uint16_t packed) {
    return ((const struct cdn_plain_places *)(const void *)places)->by_country[packed];
}

cordon_str cdn_places_code(const struct cdn_places *places, unsigned id) {
    return ((const struct cdn_plain_places *)(const void *)places)->codes[id];
}

static unsigned doubts_of(cordon_str source) {
    static const struct {
        const char *word;
        unsigned bit;
    } words[] = {{"ambiguous", CDN_DOUBT_AMBIGUOUS},
                 {"disagree", CDN_DOUBT_DISAGREE},
                 {"anonymous", CDN_DOUBT_ANONYMOUS},
                 {"hosting", CDN_DOUBT_HOSTING},
                 {"stale", CDN_DOUBT_STALE_DATA},
                 {"invalid", CDN_DOUBT_INVALID},
                 {"context", CDN_DOUBT_CONTEXT},
                 {"crowded", CDN_DOUBT_CROWDED}};
    unsigned doubt = 0;
    for (size_t i = 0; source.n && i < CDN_ARRAY_LEN(words); i++) {
        if (memmem(source.p, source.n, words[i].word, strlen(words[i].word)))
            doubt |= words[i].bit;
    }
    return doubt;
}

static void speak_of(struct cdn_item *item, unsigned id) {
    if (!id || item->count >= CDN_ITEM_PLACES)
        return;
    item->places[item->count++] = (uint16_t)id;
    item->finest = (uint16_t)id;
}

void cdn_places_resolve(const struct cdn_places *places,
                        const struct cdn_evidence *evidence,
                        int64_t at,
                        struct cdn_buf *scratch,
                        struct cdn_item *ret) {
    (void)scratch;
    const struct cdn_plain_places *p = (const struct cdn_plain_places *)(const void *)places;
    *ret = (struct cdn_item){.changes_at = CDN_TIME_MAX, .doubt = (uint16_t)doubts_of(evidence->source)};
    const bool ambiguous = ret->doubt & CDN_DOUBT_AMBIGUOUS;
    speak_of(ret, p->by_country[evidence->country]);
    if (evidence->address.region.n) {
        if (!ambiguous)
            speak_of(ret, cdn_places_of_code(places, evidence->address.region));
        for (unsigned i = 0; i < p->part_count; i++) {
            const struct cdn_plain_territory *t = &p->parts[i];
            if (!cdn_str_eq(t->region, evidence->address.region))
                continue;
            if (t->from > at)
                ret->changes_at = CDN_MIN(ret->changes_at, t->from);
            if (t->until > at)
                ret->changes_at = CDN_MIN(ret->changes_at, t->until);
            if (at < t->from || at >= t->until)
                continue;
            if (!ambiguous)
                speak_of(ret, t->territory);
            else if (ret->maybe_count < CDN_ITEM_MAYBE)
                ret->maybe[ret->maybe_count++] = (uint16_t)t->territory;
        }
    }
    if (!ret->count)
        ret->doubt |= CDN_DOUBT_NOT_PLACED;
}
