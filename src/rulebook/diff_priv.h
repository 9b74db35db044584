/* SPDX-License-Identifier: Apache-2.0 */
/* diff_priv.h: what the files that compare rulebooks share. */
#ifndef CDN_DIFF_PRIV_H
#define CDN_DIFF_PRIV_H

#include "rulebook/diff.h"

struct cdn_texts { /* a growing list of texts */
    cordon_str *items;
    size_t count, cap;
};
struct cdn_differ {
    const struct cdn_rulebook *old, *new;
    struct cdn_arena *arena;
    struct cdn_diff *out;
    int err;
    /* the declaration at hand */
    uint8_t kind;
    cordon_str id;
    int sign; /* +1: reaching further is wider; -1: narrower (licences, protections); 0: cannot be said */
    const struct cdn_measure *old_measure, *new_measure;
    unsigned budget; /* comparisons of conditions left for this one */
};

static inline unsigned cdn_effect_flip(unsigned e) {
    return e == CDN_EFFECT_WIDER ? CDN_EFFECT_NARROWER : e == CDN_EFFECT_NARROWER ? CDN_EFFECT_WIDER : e;
}
/* An effect upon the clause as one upon the restriction. */
static inline unsigned cdn_effect_signed(unsigned e, int sign) {
    if (e == CDN_EFFECT_NEUTRAL || sign > 0)
        return e;
    return sign < 0 ? cdn_effect_flip(e) : CDN_EFFECT_CHANGES;
}
/* Of two changes at once. */
static inline unsigned cdn_effect_both(unsigned a, unsigned b) {
    if (a == CDN_EFFECT_NEUTRAL || a == b)
        return b;
    return b == CDN_EFFECT_NEUTRAL ? a : CDN_EFFECT_CHANGES;
}

/* ---- diff.c ---- */
/* A text made by writing into the buffer: text = cdn_df_end(d, &b) after cdn_df_begin(d, &b). */
void cdn_df_begin(struct cdn_differ *d, struct cdn_buf *b);
cordon_str cdn_df_end(struct cdn_differ *d, struct cdn_buf *b);
cordon_str cdn_df_say(struct cdn_differ *d, const char *fmt, ...) CDN_PRINTF(2, 3);
void cdn_df_push(struct cdn_differ *d, struct cdn_texts *list, cordon_str text);
/* A new change of the declaration at hand; NULL: no memory. */
struct cdn_change *cdn_df_change(struct cdn_differ *d, unsigned action, const char *clause, unsigned effect);
/* Compares one clause by its text: "CLAUSE: from X to Y", "CLAUSE: X (new)", "no CLAUSE any more (was X)". */
void cdn_df_clause(struct cdn_differ *d, const char *clause, cordon_str from, cordon_str to, unsigned effect);
/* Compares two lists, whatever their order. `more`: the effect of further items. `head`: words before, may be
 * "". */
void cdn_df_lists(struct cdn_differ *d,
                  const char *clause,
                  cordon_str head,
                  const struct cdn_texts *from,
                  const struct cdn_texts *to,
                  unsigned more);
void cdn_df_sources(struct cdn_differ *d,
                    const struct cdn_source *from,
                    uint32_t from_count,
                    const struct cdn_source *to,
                    uint32_t to_count);

/* ---- diff_expr.c ---- */
struct cdn_leaf {
    const struct cdn_test *a, *b;
    struct cdn_subject it; /* whom an `any` or `every` around them quantifies */
};
/* NEUTRAL: the same. WIDER: whatever `a` says of, `b` says of, too. */
unsigned cdn_df_expr_effect(struct cdn_differ *d, const struct cdn_expr *a, const struct cdn_expr *b);
/* The two tests in which the conditions differ, when everything else is the same; false: more than that. */
bool cdn_df_expr_leaf(struct cdn_differ *d,
                      const struct cdn_expr *a,
                      const struct cdn_expr *b,
                      struct cdn_leaf *ret);
cordon_str cdn_df_expr_text(struct cdn_differ *d, bool new, const struct cdn_expr *e);
void cdn_df_place_texts(
    struct cdn_differ *d, bool new, const struct cdn_place *items, uint32_t n, struct cdn_texts *ret);
/* Whether what grows in a territory, set or list widens the restrictions that use it. NEUTRAL: nothing uses
 * it. */
enum cdn_used { CDN_USED_TERRITORY, CDN_USED_SET, CDN_USED_LIST };
unsigned cdn_df_use(const struct cdn_rulebook *rb, enum cdn_used what, uint32_t index);

/* ---- diff_measure.c, diff_place.c ---- */
void cdn_df_measures(struct cdn_differ *d);
void cdn_df_territory(struct cdn_differ *d, const struct cdn_territory *a, const struct cdn_territory *b);

#endif
