/* SPDX-License-Identifier: Apache-2.0 */
/* decision_text.h: the words and texts of a decision that every form of it shares (JSON, the C API). */
#ifndef CDN_DECIDE_DECISION_TEXT_H
#define CDN_DECIDE_DECISION_TEXT_H

#include "decide/decision.h"
#include "snapshot/snapshot.h"

const char *cdn_decision_standing_name(unsigned); /* "applied", "lifted" … */
const char *cdn_decision_duty_name(unsigned);     /* enum cdn_duty_kind: "report" … "keep_records" … */
const char *cdn_decision_section_name(unsigned);  /* enum cdn_section_kind: "strings" … */

/* "/parties/0/evidence/2", "/objects/1", "/channel"; "" is the request. */
void cdn_decision_pointer(struct cdn_buf *b, const struct cdn_pointer *p);

/* The notice in the first language after `after` (byte order; {NULL, 0}: the very first) that any measure
 * which counts has one in. Its text is that of the strictest such measure, the first of equals. False: none
 * left, or a conflict withholds all of them. */
bool cdn_decision_notice(const struct cdn_decision *d,
                         const struct cdn_snapshot *s,
                         cordon_str after,
                         cordon_str *ret_language,
                         cordon_str *ret_text);

#endif
