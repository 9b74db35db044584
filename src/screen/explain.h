/* SPDX-License-Identifier: Apache-2.0 */
/* screen/explain.h: how a score came about, in words. Read side; writes into a buffer, which may be a fixed
 * one (cdn_buf_fixed): nothing else allocates. English, one fact a line, no line break at the end of what a
 * function for one step writes. The same match gives the same text.
 *
 * A name is given with the text that it was read from, so that its tokens are quoted as written; `text` may
 * be {NULL, 0} (a name loaded from the index): then tokens are quoted as they are compared. */
#ifndef CDN_SCREEN_EXPLAIN_H
#define CDN_SCREEN_EXPLAIN_H

#include "screen/evidence.h"

struct cdn_explain_name {
    const struct cdn_name *name;
    cordon_str text;
};

/* One step of an alignment: `"Prigozhin" and "Пригожин" (prigozhin): sounds alike 940 of 1000, weight 180` or
 * `"Viktorovich" in the first name only, weight 16`. */
void cdn_explain_step(struct cdn_buf *out,
                      const struct cdn_explain_name *a,
                      const struct cdn_explain_name *b,
                      const struct cdn_match_step *step);
/* What one token is counted as: "name", "title", "legal form" … */
const char *cdn_explain_class(unsigned token_class);
/* All steps, a line each, then the sum: `agree 310, against each other 12, on one side only 25: 952 of 1000`
 * and what limits it (`thin: …`, `initial letters only`). */
void cdn_explain_match(struct cdn_buf *out,
                       const struct cdn_explain_name *a,
                       const struct cdn_explain_name *b,
                       const struct cdn_match *match);

/* One step of other evidence: `born on the same day (1975-03-02; 1975-03-02): +80`. `a`, `b`: what was
 * weighed; NULL leaves the values out. */
void cdn_explain_evidence_step(struct cdn_buf *out,
                               const struct cdn_known *a,
                               const struct cdn_known *b,
                               const struct cdn_evidence_step *step);
/* All of them, a line each. */
void cdn_explain_evidence(struct cdn_buf *out,
                          const struct cdn_known *a,
                          const struct cdn_known *b,
                          const struct cdn_weighing *evidence);

/* What a step is made of, for those who want it in parts. Tokens as they were written; empty: the name was
 * read without its text. */
cordon_str cdn_explain_written(const struct cdn_explain_name *n, uint32_t first, uint32_t count);
/* The value of one side that a step of evidence weighed: one of `k`, or a birth date put into `storage`. */
#define CDN_EXPLAIN_VALUE 64
cordon_str cdn_explain_value(unsigned kind,
                             const struct cdn_known *k,
                             uint32_t i,
                             char storage[CDN_EXPLAIN_VALUE]);

/* "no", "possible", "sure". */
const char *cdn_explain_verdict(enum cdn_screen_verdict verdict);

#endif
