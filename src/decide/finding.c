/* SPDX-License-Identifier: Apache-2.0 */
/* finding.c: what evidence adds up to, and tests on evidence of one kind.
 *
 * Each item is resolved to places once per decision. For a set of places an item speaks for it, against it,
 * or not at all; kinds are counted on each side by strength, and the measure's standard of proof makes a
 * truth value of the two sides. */
#include "decide/decide_priv.h"

enum { DAY = 86400 };

void cdn_decide_resolve(struct cdn_decider *d, int index, bool is_object, uint32_t n, uint32_t slot) {
    struct cdn_item *item = &d->items[slot];
    const struct cdn_evidence *e =
        is_object ? &d->request->objects[index].evidence[n] : &d->request->parties[index].evidence[n];
    d->item_epoch[slot] = d->epoch;
    item->changes_at = CDN_TIME_MAX;
    cdn_buf_clear(&d->scratch_buf);
    cdn_places_resolve(d->snap->places, e, d->at, &d->scratch_buf, item);
}

bool cdn_decide_has_voice(const struct cdn_item *item) {
    return !(item->doubt & CDN_DOUBT_NO_VOICE) && item->count;
}

bool cdn_decide_seen_later(struct cdn_decider *d, const struct cdn_evidence *e) {
    return e->has_seen && cdn_decide_at_before(d, e->seen) == CORDON_TRUE;
}

/* IMPLEMENTS: CS-EV-AGE */
static bool too_old(struct cdn_decider *d, const struct cdn_evidence *e, unsigned finding) {
    const unsigned days = cdn_evidence_kinds[e->kind].fresh_days;
    if (finding != CDN_FINDING_LOCATED || !days || !e->has_seen)
        return false;
    const struct cdn_when ends = cdn_when_plus(e->seen, (int64_t)days * DAY);
    cdn_decide_edge_when(d, ends);
    return cdn_when_before(ends, cdn_when_instant(d->at)) == CORDON_TRUE;
}

/* IMPLEMENTS: CS-EV-DOUBT CS-EV-GRADE */
unsigned cdn_decide_strength_seen(struct cdn_decider *d,
                                  const struct cdn_evidence *e,
                                  const struct cdn_item *item,
                                  unsigned finding,
                                  unsigned *ret_doubt) {
    unsigned doubt = item->doubt;
    unsigned strength = cdn_evidence_kinds[e->kind].strength[finding];
    if (too_old(d, e, finding)) {
        doubt |= CDN_DOUBT_OLD;
        strength = CDN_STRENGTH_NONE;
    }
    if (ret_doubt)
        *ret_doubt = doubt;
    if ((doubt & CDN_DOUBT_NO_VOICE) || item->count == 0 || cdn_decide_seen_later(d, e))
        return CDN_STRENGTH_NONE;
    if ((doubt & CDN_DOUBT_HOSTING) && strength > CDN_STRENGTH_WEAK)
        return CDN_STRENGTH_WEAK;
    return strength;
}

bool cdn_decide_may_mean(const struct cdn_snapshot *s, const struct cdn_item *item, uint32_t set) {
    for (unsigned i = 0; i < item->maybe_count; i++) {
        if (cdn_snap_set_has(s, set, item->maybe[i]))
            return true;
    }
    return item->count == 0 && item->maybe_count == 0 && (item->doubt & CDN_DOUBT_AMBIGUOUS);
}

/* IMPLEMENTS: CS-EV-SIDES
 * An item that names two countries keeps both, and clears nobody of either or any other. */
enum cdn_speaks cdn_decide_speaks(const struct cdn_snapshot *s, const struct cdn_item *item, uint32_t set) {
    bool in = false;
    for (unsigned i = 0; i < item->count; i++) {
        if (cdn_snap_set_except(s, set, item->places[i]))
            return CDN_SPEAKS_AGAINST;
        in |= cdn_snap_set_has(s, set, item->places[i]);
    }
    if (in)
        return CDN_SPEAKS_FOR;
    if (item->count == 0 || (item->doubt & CDN_DOUBT_CONTEXT) || cdn_snap_set_above(s, set, item->finest) ||
        cdn_decide_may_mean(s, item, set))
        return CDN_SPEAKS_NOT;
    return CDN_SPEAKS_AGAINST;
}

/* Bits that are set, counted up to two: more than two kinds weigh no more. */
static unsigned none_one_more(uint64_t bits) {
    return !bits ? 0 : bits & (bits - 1) ? 2 : 1;
}

/* IMPLEMENTS: CS-EV-KINDS */
unsigned cdn_decide_weight(const struct cdn_side *s) {
    const uint64_t strong = s->kinds[CDN_STRENGTH_STRONG];
    const uint64_t medium = s->kinds[CDN_STRENGTH_MEDIUM] & ~strong;
    const uint64_t weak = s->kinds[CDN_STRENGTH_WEAK] & ~strong & ~medium;
    return cdn_weight_of(none_one_more(weak), none_one_more(medium), none_one_more(strong));
}

/* The sides of a set of places; set CDN_NO_INDEX: all that can speak against, speaks against. */
static void take_sides(struct cdn_decider *d,
                       unsigned finding,
                       uint32_t set,
                       int index,
                       bool is_object,
                       struct cdn_side side[2]) {
    uint64_t claims = 0;
    uint32_t n = 0;
    const struct cdn_evidence *e = cdn_decide_evidence(d, index, is_object, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct cdn_evidence_info *info = &cdn_evidence_kinds[e[i].kind];
        if (e[i].have != CDN_HAVE_VALUE || !info->strength[finding])
            continue;
        const struct cdn_item *item = cdn_decide_item(d, index, is_object, i);
        const unsigned strength = cdn_decide_strength(d, &e[i], item, finding, NULL);
        if (!strength)
            continue;
        enum cdn_speaks how = item->doubt & CDN_DOUBT_CONTEXT ? CDN_SPEAKS_NOT : CDN_SPEAKS_AGAINST;
        if (set != CDN_NO_INDEX)
            how = cdn_decide_speaks(d->snap, item, set);
        const uint64_t bit = (uint64_t)1 << e[i].kind;
        if (how == CDN_SPEAKS_FOR)
            side[0].kinds[strength] |= bit;
        else if (how == CDN_SPEAKS_AGAINST && !(info->flags & CDN_EV_FOR_ONLY))
            side[1].kinds[strength] |= bit;
        if (info->flags & CDN_EV_CLAIM)
            claims |= bit;
    }
    /* IMPLEMENTS: CS-EV-CLAIM */
    if (side[0].kinds[CDN_STRENGTH_MEDIUM] | side[0].kinds[CDN_STRENGTH_STRONG]) {
        for (unsigned s = CDN_STRENGTH_MEDIUM; s <= CDN_STRENGTH_STRONG; s++) {
            side[1].kinds[CDN_STRENGTH_WEAK] |= side[1].kinds[s] & claims;
            side[1].kinds[s] &= ~claims;
        }
        if (finding == CDN_FINDING_NATIONAL) /* one may hold two: a second passport denies no first */
            side[1] = (struct cdn_side){0};
    }
}

unsigned cdn_decide_finding(struct cdn_decider *d, const struct cdn_test_rec *t, int index, bool is_object) {
    struct cdn_side side[2] = {0};
    take_sides(d, t->finding, t->set, index, is_object, side);
    return cdn_standard_table[t->standard][cdn_decide_weight(&side[0])][cdn_decide_weight(&side[1])];
}

unsigned cdn_decide_weight_against_all(struct cdn_decider *d, unsigned finding, int index, bool is_object) {
    struct cdn_side side[2] = {0};
    take_sides(d, finding, CDN_NO_INDEX, index, is_object, side);
    return cdn_decide_weight(&side[1]);
}

/* Evidence of one kind, as it is: no standard of proof, but doubt is unknown. */
unsigned cdn_decide_evidence_in(struct cdn_decider *d,
                                const struct cdn_test_rec *t,
                                int index,
                                bool is_object) {
    uint32_t n = 0, asked = 0;
    const struct cdn_evidence *e = cdn_decide_evidence(d, index, is_object, &n);
    unsigned value = CORDON_FALSE;
    for (uint32_t i = 0; i < n && value != CORDON_TRUE; i++) {
        if (e[i].kind != t->evidence)
            continue;
        if (e[i].have == CDN_HAVE_NOT_APPLICABLE) {
            asked++;
            continue;
        }
        if (e[i].have != CDN_HAVE_VALUE || cdn_decide_seen_later(d, &e[i]))
            continue;
        asked++;
        const struct cdn_item *item = cdn_decide_item(d, index, is_object, i);
        unsigned v = CORDON_UNKNOWN;
        if (cdn_decide_has_voice(item)) {
            const enum cdn_speaks how = cdn_decide_speaks(d->snap, item, t->set);
            v = how == CDN_SPEAKS_FOR       ? CORDON_TRUE
                : how == CDN_SPEAKS_AGAINST ? CORDON_FALSE
                                            : CORDON_UNKNOWN;
        }
        value = cdn_truth_or(value, v);
    }
    return asked ? value : CORDON_UNKNOWN;
}

/* A bank's eight characters stand for all its branches. */
static bool text_is(const struct cdn_evidence *e, cordon_str code) {
    if (e->kind == CDN_EVIDENCE_BIC) {
        const size_t n = CDN_MIN(code.n, e->text.n);
        return n >= 8 && cdn_str_eq_nocase(cdn_str(e->text.p, n), cdn_str(code.p, n)) &&
               (e->text.n == code.n || code.n == 8);
    }
    if (e->kind == CDN_EVIDENCE_ASN) {
        uint64_t number = 0;
        for (size_t i = 0; i < code.n && number <= UINT32_MAX; i++) {
            if (code.p[i] >= '0' && code.p[i] <= '9')
                number = number * 10 + (uint64_t)(code.p[i] - '0');
        }
        return e->number == number;
    }
    return cdn_str_eq_nocase(e->text, code);
}

/* IMPLEMENTS: CS-TEXT */
unsigned cdn_decide_text_in(struct cdn_decider *d, const struct cdn_test_rec *t, int index, bool is_object) {
    uint32_t n = 0, asked = 0;
    const struct cdn_evidence *e = cdn_decide_evidence(d, index, is_object, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (e[i].kind != t->evidence || e[i].have < CDN_HAVE_NOT_APPLICABLE)
            continue;
        if (e[i].have == CDN_HAVE_VALUE && cdn_decide_seen_later(d, &e[i]))
            continue;
        asked++;
        for (uint32_t c = t->codes.first; e[i].have == CDN_HAVE_VALUE && c < t->codes.first + t->codes.count;
             c++) {
            if (text_is(&e[i], cdn_snap_str(d->snap, d->snap->codes[c].text)))
                return CORDON_TRUE;
        }
    }
    return asked ? CORDON_FALSE : CORDON_UNKNOWN;
}
