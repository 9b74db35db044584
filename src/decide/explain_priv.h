/* SPDX-License-Identifier: Apache-2.0 */
/* explain_priv.h: shared by the files that build the full account of a decision. For this room only. */
#ifndef CDN_DECIDE_EXPLAIN_PRIV_H
#define CDN_DECIDE_EXPLAIN_PRIV_H

#include "decide/decide_priv.h"

/* A growing array in the arena. */
struct cdn_list {
    void *p;
    uint32_t n;
    size_t cap;
};
struct cdn_explain {
    struct cdn_decider *d;
    struct cdn_arena *arena;
    const struct cdn_result *result;
    const struct cdn_hit *hits; /* of the result */
    int err;
    bool goes_on; /* right after the decision: d->assessed is of these hits */
    bool explain_all;
    bool only_presumed; /* of a condition that did not matter, or of a measure presumed away, only those are
                           told */
    bool brief;         /* of those nothing but the words and why: more is not written */
    bool is_protected;  /* a protection covers the request */
    struct cdn_list accounts, missing, contradictions, conflicts, duties, outcomes, keep, as_of, holds,
        appeals;
    uint32_t measure; /* of the account at hand */
};

enum { CDN_MAX_BECAUSE = 256 }; /* per measure; what is left out does not change an answer */

/* Room for one more element; false: out of memory (x->err). */
bool cdn_explain_grow(struct cdn_explain *x, struct cdn_list *list, size_t size);
/* A zeroed new element; NULL: out of memory (x->err). */
static inline void *cdn_explain_push(struct cdn_explain *x, struct cdn_list *list, size_t size) {
    if ((x->err || list->n >= list->cap) && !cdn_explain_grow(x, list, size))
        return NULL;
    return memset((char *)list->p + list->n++ * size, 0, size);
}
/* What `b` holds, kept in the arena; empties it. `b` is on x->arena. */
cordon_str cdn_explain_keep(struct cdn_explain *x, struct cdn_buf *b);
void cdn_explain_buf(struct cdn_explain *x, struct cdn_buf *b);
/* Adds `measure` to a sorted list of measures without doubles. */
void cdn_explain_add_measure(struct cdn_explain *x, uint32_t **list, uint32_t *count, uint32_t measure);

/* ---- explain_because.c: tests as they came out, under d->bind ----------------------------------------- */

/* Tests that made the expression `value`, which it is, appended to `list` (struct cdn_because). */
void cdn_explain_because(struct cdn_explain *x, uint32_t expr, unsigned value, struct cdn_list *list);
/* Facts that leave the expression open, into x->missing and x->contradictions. */
void cdn_explain_open(struct cdn_explain *x, uint32_t expr);
/* One missing fact of the measure at hand. */
void cdn_explain_missing(struct cdn_explain *x, cordon_str fact, struct cdn_pointer where, const char *why);

/* ---- explain_text.c: tests and what was found, in words ----------------------------------------------- */

/* Who is asked: pointer and, into `b`, "customer". */
struct cdn_pointer cdn_explain_where(const struct cdn_explain *x,
                                     const struct cdn_test_rec *t,
                                     int index,
                                     bool is_object);
/* The fact as docs/request.md names it: "customer.kind", "customer based in". */
cordon_str cdn_explain_fact(struct cdn_explain *x, const struct cdn_test_rec *t, int index, bool is_object);
/* What was found: "UA-43", "12 EUR", "no relation". */
cordon_str cdn_explain_is(struct cdn_explain *x, const struct cdn_test_rec *t, int index, bool is_object);
/* Why an unknown test is unknown. */
const char *cdn_explain_why(struct cdn_explain *x, const struct cdn_test_rec *t, int index, bool is_object);

/* ---- explain_parts.c: outcomes, duties, residue, conflicts, dates of the data ------------------------- */

void cdn_explain_outcomes(struct cdn_explain *x, const struct cdn_hit *hit);
/* *ret_open is set when a condition of a licence is still to be fulfilled. */
void cdn_explain_duties(struct cdn_explain *x, uint32_t measure, bool *ret_open);
/* Has it an outcome for the request's action and service? */
bool cdn_explain_concerns(const struct cdn_explain *x, uint32_t measure);
void cdn_explain_keeps(struct cdn_explain *x, const struct cdn_hit *hits, uint32_t count);
void cdn_explain_conflicts(struct cdn_explain *x, const struct cdn_hit *hits, uint32_t count);
void cdn_explain_as_of(struct cdn_explain *x);
/* Adds an outcome line, or `measure` to the one that says the same; CDN_NO_INDEX: none. */
void cdn_explain_add_line(struct cdn_explain *x, const struct cdn_outcome_line *line, uint32_t measure);

/* ---- explain_listed.c: candidates, owners ------------------------------------------------------------- */

/* Of a test on lists or ownership. */
void cdn_explain_listed(struct cdn_explain *x,
                        const struct cdn_test_rec *t,
                        int party,
                        struct cdn_because *b);
/* What would tell possible matches of the party apart, as missing. */
void cdn_explain_apart(struct cdn_explain *x, const struct cdn_test_rec *t, int party);
void cdn_explain_lists_as_of(struct cdn_explain *x);

/* ---- explain_state.c: open holds and appeals ---------------------------------------------------------- */

void cdn_explain_states(struct cdn_explain *x);
/* Is one of the open holds of a measure that is law? */
bool cdn_explain_held_by_law(const struct cdn_explain *x);

#endif
