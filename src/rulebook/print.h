/* SPDX-License-Identifier: Apache-2.0 */
/* print.h: resolved pieces of a rulebook back in the words of the measure language, for import, for
 * explanations and for the texts that a snapshot keeps.
 *
 *  1. what is written parses again, in the same rulebook, to an equal piece (names are unique, so that an
 *     index always has words); brackets stand only where the tree needs them;
 *  2. the same piece gives the same bytes;
 *  3. nothing is written after b->err is set; the caller checks it at the end. */
#ifndef CDN_RULEBOOK_PRINT_H
#define CDN_RULEBOOK_PRINT_H

#include "rulebook/rulebook.h"

/* `measure` of the functions below: the measure that the piece stands in, or NULL. It lets `is new` be
 * written without the `as of` that is the measure's own date. */

/* "customer is new and customer based in {RU, BY}" */
void cdn_expr_write(struct cdn_buf *b,
                    const struct cdn_rulebook *rb,
                    const struct cdn_measure *measure,
                    const struct cdn_expr *e);
/* "customer based in {RU, BY}"; `negated`: "customer is not …", "viewer located outside RU" */
void cdn_test_write(struct cdn_buf *b,
                    const struct cdn_rulebook *rb,
                    const struct cdn_measure *measure,
                    const struct cdn_test *t,
                    bool negated);
void cdn_subject_write(struct cdn_buf *b, struct cdn_subject s); /* "issuing_bank" */
void cdn_place_write(struct cdn_buf *b,
                     const struct cdn_rulebook *rb,
                     const struct cdn_place *p); /* "UA-43" */
void cdn_place_set_write(struct cdn_buf *b,
                         const struct cdn_rulebook *rb,
                         const struct cdn_place_set *set); /* "{RU, BY} except crimea" */
/* "2022-03-05T00:00 America/New_York"; nothing for an absent one */
void cdn_moment_write(struct cdn_buf *b, const struct cdn_moment *m);
/* An instant that was not kept as written: "2014-03-18" for a midnight in UTC, else "…T23:00:00Z". */
void cdn_instant_write(struct cdn_buf *b, int64_t t);
void cdn_span_write(struct cdn_buf *b, const struct cdn_rulebook *rb, struct cdn_span span); /* "30 days" */
void cdn_seconds_write(struct cdn_buf *b,
                       int64_t seconds); /* "14 days", the largest unit without rest; >= 0 */
void cdn_offset_write(struct cdn_buf *b,
                      int64_t seconds); /* " + 14 days", " - 1 hour - 30 seconds", "" for 0 */
void cdn_code_write(struct cdn_buf *b, cordon_str code); /* ngo, or in quotes what is no plain word */
void cdn_money_write(struct cdn_buf *b, const struct cdn_money_literal *m); /* "300 EUR", "2.5" */
void cdn_quoted_write(struct cdn_buf *b, cordon_str text);                  /* "…" with escapes */
void cdn_source_write(struct cdn_buf *b, const struct cdn_source *s);       /* "title" <url> accessed … */
/* "deny account.open on aws for customer scope account form refuse" */
void cdn_outcome_write(struct cdn_buf *b, const struct cdn_rulebook *rb, const struct cdn_outcome *o);
/* "account.use, data.export until 2022-05-01 "note"" */
void cdn_keep_write(struct cdn_buf *b, const struct cdn_rulebook *rb, const struct cdn_keep *k);
/* "report "transactions" to "OFAC" within 10 business days of us" */
void cdn_duty_write(struct cdn_buf *b, const struct cdn_rulebook *rb, const struct cdn_duty *d);
/* "presume not TEST because "…" <url>", without the keyword */
void cdn_presume_write(struct cdn_buf *b,
                       const struct cdn_rulebook *rb,
                       const struct cdn_measure *measure,
                       const struct cdn_presume *p);

/* Words of the small enumerations, as the language writes them ("close-and-return", "two kinds"). */
const char *cdn_form_words(unsigned form);
const char *cdn_scope_words(unsigned scope);
const char *cdn_standard_words(unsigned standard);
const char *cdn_duty_words(unsigned duty_kind);
const char *cdn_type_words(unsigned fact_type);
const char *cdn_mark_words(unsigned mark_kind);
const char *cdn_cmp_words(unsigned cmp);     /* "<", "=" for IN … */
const char *cdn_owner_words(unsigned owner); /* "request", "party", "goods" */
/* A fact's bare name and its type; facts that a rulebook declares included. */
cordon_str cdn_fact_words(const struct cdn_rulebook *rb, unsigned fact);
unsigned cdn_fact_type_of(const struct cdn_rulebook *rb, unsigned fact);

#endif
