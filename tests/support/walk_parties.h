/* SPDX-License-Identifier: Apache-2.0 */
/* walk_parties.h: reads everything that opened sections of listed parties promise can be read. Header only.
 */
#ifndef CDN_TEST_WALK_PARTIES_H
#define CDN_TEST_WALK_PARTIES_H

#include "screen/parties.h"

static inline uint64_t cdn_walk_text_of(const struct cdn_party_source *s, struct cdn_ptext t) {
    const cordon_str text = cdn_party_text(s, t);
    uint64_t sum = 0;
    size_t at = 0;
    while (at < text.n)
        sum += (uint64_t)cdn_utf8_strict(text, &at);
    return sum;
}

static inline uint64_t cdn_walk_party(const struct cdn_party_source *s, const struct cdn_party_rec *r) {
    uint64_t sum = cdn_walk_text_of(s, r->id) + cdn_walk_text_of(s, r->sub_list);
    for (uint32_t i = 0; i < r->names.count; i++) {
        const struct cdn_party_name_rec *n = cdn_party_name(s, r, i);
        sum += cdn_walk_text_of(s, n->full) + (uint64_t)cdn_party_name_kind_name(n->kind)[0] +
               (uint64_t)cdn_party_script_name(n->script)[0];
    }
    for (uint32_t i = 0; i < r->births.count; i++)
        sum += (uint64_t)s->births[r->births.first + i].from;
    for (uint32_t i = 0; i < r->birth_places.count; i++)
        sum += cdn_walk_text_of(s, s->places[r->birth_places.first + i].text);
    for (uint32_t i = 0; i < r->addresses.count; i++)
        sum += cdn_walk_text_of(s, s->places[r->addresses.first + i].text);
    for (uint32_t i = 0; i < r->nationalities.count; i++)
        sum += (uint64_t)s->countries[r->nationalities.first + i].code[0];
    for (uint32_t i = 0; i < r->countries.count; i++)
        sum += (uint64_t)s->countries[r->countries.first + i].code[1];
    for (uint32_t i = 0; i < r->idents.count; i++) {
        const struct cdn_party_ident_rec *d = &s->idents[r->idents.first + i];
        sum += cdn_walk_text_of(s, d->value) + cdn_walk_text_of(s, d->normal) + cdn_walk_text_of(s, d->type) +
               cdn_walk_text_of(s, d->currency) + (uint64_t)cdn_ident_kind_word(d->kind)[0];
    }
    for (uint32_t i = 0; i < r->programmes.count; i++)
        sum += cdn_walk_text_of(s, s->texts[r->programmes.first + i]);
    for (uint32_t i = 0; i < r->references.count; i++)
        sum += cdn_walk_text_of(s, s->texts[r->references.first + i]);
    for (uint32_t i = 0; i < r->measures.count; i++) {
        const struct cdn_party_measure_rec *m = &s->measures[r->measures.first + i];
        sum += cdn_walk_text_of(s, m->text) + (uint64_t)cdn_party_measure_name(m->kind)[0];
    }
    for (uint32_t i = 0; i < r->relations.count; i++) {
        const struct cdn_party_relation_rec *x = &s->relations[r->relations.first + i];
        sum += cdn_walk_text_of(s, x->target) + cdn_walk_text_of(s, x->name) + cdn_walk_text_of(s, x->text) +
               (uint64_t)cdn_party_relation_name(x->kind)[0];
        if (x->entry != CDN_PARTIES_NONE)
            sum += cdn_walk_text_of(s, s->entries[x->entry].id);
    }
    for (uint32_t i = 0; i < r->lists.count; i++)
        sum += cdn_walk_text_of(s, s->served[s->numbers[r->lists.first + i]].id);
    return sum + (uint64_t)cdn_party_type_name(r->type)[0] + cdn_party_title(s, r).n;
}

static inline uint64_t cdn_walk_party_source(const struct cdn_party_source *s) {
    uint64_t sum = cdn_walk_text_of(s, s->header->id) + cdn_walk_text_of(s, s->header->issuer) +
                   cdn_walk_text_of(s, s->header->format) + cdn_walk_text_of(s, s->header->stale) +
                   cdn_walk_text_of(s, s->header->date);
    for (uint32_t i = 0; i < s->header->tables[CDN_PT_entries].count; i++)
        sum += cdn_walk_party(s, &s->entries[i]);
    return sum;
}

static inline uint64_t cdn_walk_parties(const struct cdn_parties *p) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < p->source_count; i++)
        sum += cdn_walk_party_source(&p->sources[i]);
    for (uint32_t i = 0; i < p->list_count; i++) {
        struct cdn_party_list l;
        cdn_parties_list(p, i, &l);
        sum += l.count + l.id.n + l.publisher.n + (cdn_parties_find_list(p, l.id) == i);
    }
    for (uint32_t i = 0; i < p->entry_count; i++) {
        const struct cdn_party_source *s = NULL;
        const struct cdn_party_rec *r = cdn_parties_entry(p, i, &s);
        for (uint32_t k = 0; k < p->list_count; k++)
            sum += cdn_party_on(s, r, k);
    }
    return sum;
}

#endif
