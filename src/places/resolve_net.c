/* SPDX-License-Identifier: Apache-2.0 */
/* resolve_net.c: places of IP addresses, AS numbers, telephone numbers and positions.
 *
 * An IP address is placed by, in this order: a prefix or AS number that a territory of the rulebook names
 * (people who know the networks), else what the configured sources of IP data agree on. */
#include "places/resolve_priv.h"

#include "places/codes.h"

enum { DAY = 86400 };

void cdn_resolve_asn(struct cdn_resolving *r, uint32_t asn) {
    r->item->asn = asn;
    uint32_t lo = 0, hi = r->p->asn_count;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (r->p->asns[mid].asn < asn) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    for (; lo < r->p->asn_count && r->p->asns[lo].asn == asn; lo++) {
        if (cdn_resolve_dated(r, r->p->asns[lo].from, r->p->asns[lo].until)) {
            cdn_resolve_territory(r, r->p->asns[lo].place);
        }
    }
}

/* Territories that name a network around the address. The rows are few; nested ones are allowed. */
static void add_prefixes(struct cdn_resolving *r, const uint8_t addr[16]) {
    for (uint32_t i = 0; i < r->p->prefix_count; i++) {
        const struct cdn_p_prefix *p = &r->p->prefixes[i];
        if (memcmp(p->first, addr, 16) > 0) {
            break; /* sorted by first */
        }
        if (memcmp(addr, p->last, 16) <= 0 && cdn_resolve_dated(r, p->from, p->until)) {
            cdn_resolve_territory(r, p->place);
        }
    }
}

/* A source whose data are past the age limit at the instant says nothing.
 * IMPLEMENTS: CS-EV-DOUBT */
static bool source_fresh(struct cdn_resolving *r, uint32_t i) {
    struct cdn_ip_source source;
    if (!r->p->geo_max_age_days || !cdn_ip_source(&r->p->ip, i, &source)) {
        return true;
    }
    return cdn_resolve_dated(r, CDN_TIME_MIN, source.date + (int64_t)r->p->geo_max_age_days * DAY);
}

static void add_region(struct cdn_resolving *r, const struct cdn_ip_answer *a) {
    if (!a->region) {
        return;
    }
    if (r->p->geo_max_radius_km && (a->accuracy_km == 0 || a->accuracy_km > r->p->geo_max_radius_km)) {
        cdn_resolve_doubt(r, CDN_DOUBT_RADIUS);
        return;
    }
    cdn_resolve_add(r, cdn_places_of_code(r->p, cdn_ip_region(&r->p->ip, a->region)));
}

/* IMPLEMENTS: CS-PLACE-SOURCES */
static void add_answers(struct cdn_resolving *r, uint32_t record) {
    const struct cdn_ip_answer *answers = cdn_ip_answers(&r->p->ip, record);
    uint16_t country = 0;
    unsigned flags = 0;
    bool disagree = false, stale = false;
    for (uint32_t i = 0; i < r->p->ip.source_count; i++) {
        const struct cdn_ip_answer *a = &answers[i];
        if (!a->country && !a->asn && !a->flags) {
            continue;
        }
        if (!source_fresh(r, i)) {
            stale = true;
            continue;
        }
        flags |= a->flags;
        if (a->asn && !r->item->asn) {
            cdn_resolve_asn(r, a->asn);
        }
        if (a->country && cdn_places_of_country(r->p, a->country)) {
            disagree |= country && country != a->country;
            country = a->country;
        }
    }
    if (flags & (CDN_IP_ANON_NETWORK | CDN_IP_TOR_EXIT | CDN_IP_RESIDENTIAL_PROXY | CDN_IP_SATELLITE |
                 CDN_IP_ANYCAST | CDN_IP_NO_GEO)) {
        cdn_resolve_doubt(r, CDN_DOUBT_ANONYMOUS);
        return;
    }
    if (flags & CDN_IP_HOSTING) {
        cdn_resolve_doubt(r, CDN_DOUBT_HOSTING);
    }
    if (disagree) {
        cdn_resolve_doubt(r, CDN_DOUBT_DISAGREE);
        return;
    }
    if (stale && !country) {
        cdn_resolve_doubt(r, CDN_DOUBT_STALE_DATA);
    }
    cdn_resolve_country(r, country);
    for (uint32_t i = 0; i < r->p->ip.source_count; i++) {
        if (answers[i].country == country && country && source_fresh(r, i)) {
            add_region(r, &answers[i]);
        }
    }
}

void cdn_resolve_ip(struct cdn_resolving *r) {
    const struct cdn_evidence *ev = r->evidence;
    if (ev->country) { /* {"country": "UA", "region": "UA-30"}: resolved by whoever observed it */
        cdn_resolve_country(r, ev->country);
        cdn_resolve_add(r, cdn_places_of_code(r->p, ev->address.region));
        return;
    }
    struct cdn_ip_addr addr;
    if (cdn_ip_parse(ev->text, &addr)) {
        cdn_resolve_doubt(r, CDN_DOUBT_INVALID);
        return;
    }
    uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (addr.family == 4) {
        for (unsigned i = 0; i < 4; i++) {
            mapped[12 + i] = (uint8_t)(addr.v4 >> (24 - 8 * i));
        }
    } else {
        memcpy(mapped, addr.v6, sizeof mapped);
    }
    add_prefixes(r, mapped);
    if (r->item->count) {
        return;
    }
    const uint32_t record = r->p->has_ip ? cdn_ip_lookup(&r->p->ip, &addr) : 0;
    if (record) {
        add_answers(r, record);
    }
}

/* Numbers of a territory by longest prefix, else the country of the numbering plan. */
void cdn_resolve_phone(struct cdn_resolving *r) {
    struct cdn_ident id;
    const uint16_t home = r->evidence->country;
    if (cdn_phone_parse(r->evidence->text, home, &id, NULL)) {
        cdn_resolve_doubt(r, CDN_DOUBT_INVALID);
        return;
    }
    uint32_t best = 0;
    for (uint32_t i = 0; i < r->p->phone_count; i++) {
        const struct cdn_p_phone *p = &r->p->phones[i];
        if (p->length >= best && p->length <= id.n && memcmp(p->digits, id.value, p->length) == 0 &&
            cdn_resolve_dated(r, p->from, p->until)) {
            best = p->length;
            cdn_resolve_territory(r, p->place);
        }
    }
    if (id.region) {
        cdn_resolve_region(r, id.region);
    } else if (!best) {
        cdn_resolve_country(r, id.country);
    }
}

/* Even-odd rule on integer coordinates; a point on an edge may fall on either side. */
static bool inside(const struct cdn_places *p, const struct cdn_p_area *a, int64_t lat, int64_t lon) {
    const struct cdn_p_point *v = &p->points[a->point];
    bool in = false;
    for (uint32_t i = 0, j = a->point_count - 1; i < a->point_count; j = i++) {
        const int64_t yi = v[i].latitude, xi = v[i].longitude, yj = v[j].latitude, xj = v[j].longitude;
        if ((yi > lat) == (yj > lat)) {
            continue;
        }
        const int64_t left = (lon - xi) * (yj - yi), right = (xj - xi) * (lat - yi);
        in ^= yj > yi ? left < right : left > right;
    }
    return in;
}

void cdn_resolve_point(struct cdn_resolving *r) {
    const struct cdn_evidence *ev = r->evidence;
    for (uint32_t i = 0; ev->has_point && i < r->p->area_count; i++) {
        const struct cdn_p_area *a = &r->p->areas[i];
        if (inside(r->p, a, ev->latitude, ev->longitude) && cdn_resolve_dated(r, a->from, a->until)) {
            cdn_resolve_territory(r, a->place);
        }
    }
    cdn_resolve_country(r, ev->country);
    if (ev->address.region.n) {
        cdn_resolve_add(r, cdn_places_of_code(r->p, ev->address.region));
    }
}
