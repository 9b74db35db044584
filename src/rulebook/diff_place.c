/* SPDX-License-Identifier: Apache-2.0 */
/* diff_place.c: what changes in a territory: parts, marks, context. A part or mark is one with its dates, so
 * that a changed date is one gone and one new, which are shown beside each other. */
#include "rulebook/diff_priv.h"

#include "places/codes.h"
#include "rulebook/print.h"

static void dates(struct cdn_buf *b, const struct cdn_moment *from, const struct cdn_moment *until) {
    if (from->written.n) {
        cdn_buf_z(b, " from ");
        cdn_moment_write(b, from);
    }
    if (until->written.n) {
        cdn_buf_z(b, " until ");
        cdn_moment_write(b, until);
    }
}

static void part_texts(
    struct cdn_differ *d, bool new, const struct cdn_territory *t, bool exclude, struct cdn_texts *ret) {
    for (uint32_t i = 0; i < t->part_count; i++) {
        struct cdn_buf b;
        if (t->parts[i].exclude != exclude)
            continue;
        cdn_df_begin(d, &b);
        cdn_place_write(&b, new ? d->new : d->old, &t->parts[i].place);
        dates(&b, &t->parts[i].from_written, &t->parts[i].until_written);
        cdn_df_push(d, ret, cdn_df_end(d, &b));
    }
}

static void country(struct cdn_buf *b, uint16_t code) {
    char text[3];
    cdn_country_text(code, text);
    cdn_buf_z(b, text);
}

static void mark_text(struct cdn_buf *b, const struct cdn_mark *m) {
    cdn_buf_z(b, cdn_mark_words(m->kind));
    cdn_buf_char(b, ' ');
    if (m->kind == CDN_MARK_POSTAL) {
        country(b, m->country);
        cdn_buf_printf(b, " %.*s to %.*s", CDN_FMT(m->first), CDN_FMT(m->last));
    } else if (m->kind == CDN_MARK_ASN) {
        cdn_buf_printf(b, "AS%u", (unsigned)m->number);
    } else if (m->kind == CDN_MARK_AREA) {
        for (uint32_t i = 0; i < m->point_count; i++) {
            cdn_buf_z(b, i ? ", " : "");
            cdn_decimal_write(b, (struct cdn_decimal){m->points[2 * i], 6});
            cdn_buf_char(b, ' ');
            cdn_decimal_write(b, (struct cdn_decimal){m->points[2 * i + 1], 6});
        }
    } else {
        if (m->lang.n)
            cdn_buf_printf(b, "%.*s ", CDN_FMT(m->lang));
        cdn_quoted_write(b, m->text);
    }
    if (m->kind == CDN_MARK_ASN && m->text.n) {
        cdn_buf_char(b, ' ');
        cdn_quoted_write(b, m->text);
    }
    if (m->kind == CDN_MARK_AMBIGUOUS && m->country) {
        cdn_buf_z(b, " clear in ");
        country(b, m->country);
    }
    dates(b, &m->from_written, &m->until_written);
}

static void mark_texts(struct cdn_differ *d,
                       const struct cdn_territory *t,
                       bool outside,
                       struct cdn_texts *ret) {
    for (uint32_t i = 0; i < t->mark_count; i++) {
        struct cdn_buf b;
        if ((t->marks[i].kind == CDN_MARK_NOT) != outside)
            continue;
        cdn_df_begin(d, &b);
        mark_text(&b, &t->marks[i]);
        cdn_df_push(d, ret, cdn_df_end(d, &b));
    }
}

static void within_texts(struct cdn_differ *d, const struct cdn_territory *t, struct cdn_texts *ret) {
    if (t->any_context)
        cdn_df_push(d, ret, CDN_STR("any"));
    for (uint32_t i = 0; i < t->within_count; i++) {
        char text[3];
        cdn_country_text(t->within[i], text);
        cdn_df_push(d, ret, cdn_df_say(d, "%s", text));
    }
}

void cdn_df_territory(struct cdn_differ *d, const struct cdn_territory *a, const struct cdn_territory *b) {
    const unsigned more = cdn_df_use(d->new, CDN_USED_TERRITORY, (uint32_t)(b - d->new->territories));
    struct cdn_texts from[6] = {{0}}, to[6] = {{0}};
    cdn_df_clause(d, "title", a->title, b->title, CDN_EFFECT_NEUTRAL);
    within_texts(d, a, &from[0]);
    within_texts(d, b, &to[0]);
    cdn_df_lists(d, "within", CDN_STR("within"), &from[0], &to[0], more);
    part_texts(d, false, a, false, &from[1]);
    part_texts(d, true, b, false, &to[1]);
    cdn_df_lists(d, "includes", CDN_STR("includes"), &from[1], &to[1], more);
    part_texts(d, false, a, true, &from[2]);
    part_texts(d, true, b, true, &to[2]);
    cdn_df_lists(d, "excludes", CDN_STR("excludes"), &from[2], &to[2], cdn_effect_flip(more));
    cdn_df_place_texts(d, false, a->part_of, a->part_of_count, &from[3]);
    cdn_df_place_texts(d, true, b->part_of, b->part_of_count, &to[3]);
    cdn_df_lists(d, "part of", CDN_STR("part of"), &from[3], &to[3], more ? CDN_EFFECT_CHANGES : more);
    mark_texts(d, a, false, &from[4]);
    mark_texts(d, b, false, &to[4]);
    cdn_df_lists(d, "marks", CDN_STR("recognised by"), &from[4], &to[4], more);
    mark_texts(d, a, true, &from[5]);
    mark_texts(d, b, true, &to[5]);
    cdn_df_lists(d, "not", CDN_STR("not"), &from[5], &to[5], cdn_effect_flip(more));
    cdn_df_sources(d, a->sources, a->source_count, b->sources, b->source_count);
}
