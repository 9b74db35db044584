/* SPDX-License-Identifier: Apache-2.0 */
/* values.h: from what somebody wrote ("RU", "95.173.136.70", "6200.00 EUR") to the values of a request.
 *
 * The JSON reader and the C API's builder share these, so that a request means the same whichever way it
 * came.
 *
 * Always true here:
 *  1. what is malformed is an error with a hint, never a value that looks like "unknown";
 *  2. texts are kept as given (the slices passed in must live as long as the request); what is derived from
 *     them (packed country, address bytes, number, hash) is stored beside them;
 *  3. nothing allocates except from the arena passed in. */
#ifndef CDN_REQUEST_VALUES_H
#define CDN_REQUEST_VALUES_H

#include "model/request.h"

/* The word that stands for "does not apply here" wherever a fact or evidence value can stand. */
#define CDN_NOT_APPLICABLE "not_applicable"

/* A fact without a value: CDN_HAVE_NULL or CDN_HAVE_NOT_APPLICABLE; static, shared by all requests. */
const struct cdn_value *cdn_request_no_value(enum cdn_have have);

/* A fact of type CODE, TEXT, PLACE, WHEN, NUMBER or BOOL ("true") from its text; "not_applicable" gives that.
 * For CDN_TYPE_NONE (a declared fact) the value is a TEXT whose reading as WHEN and NUMBER is filled in where
 * it has one, so that binding it to the declaration needs no further parsing. */
int cdn_request_fact_text(struct cdn_arena *arena,
                          unsigned type,
                          cordon_str text,
                          const struct cdn_value **ret,
                          struct cordon_error *e) CORDON_MUST_CHECK;
/* Codes; `texts` is kept, not copied. None is "known to be none". */
int cdn_request_fact_codes(struct cdn_arena *arena,
                           const cordon_str *texts,
                           size_t count,
                           const struct cdn_value **ret,
                           struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_request_fact_bool(struct cdn_arena *arena,
                          bool value,
                          const struct cdn_value **ret,
                          struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_request_fact_number(struct cdn_arena *arena,
                            cordon_str digits,
                            const struct cdn_value **ret,
                            struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_request_fact_money(struct cdn_arena *arena,
                           struct cdn_money money,
                           const struct cdn_value **ret,
                           struct cordon_error *e) CORDON_MUST_CHECK;

int cdn_request_amount(cordon_str digits, struct cdn_decimal *ret, struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_request_currency(cordon_str code, char ret[4], struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_request_when(cordon_str text, struct cdn_when *ret, struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_request_instant(cordon_str text, int64_t *ret, struct cordon_error *e) CORDON_MUST_CHECK;
/* ISO 3166-1 code; the hint names the nearest. */
int cdn_request_country(cordon_str code, uint16_t *ret, struct cordon_error *e) CORDON_MUST_CHECK;
/* Degrees with a point ("44.952117") to 1e-6 degrees, half away from zero; |value| <= limit degrees. */
int cdn_request_degrees(cordon_str digits, int limit, int32_t *ret, struct cordon_error *e) CORDON_MUST_CHECK;

/* Fills ev->text and what its kind derives from it (ev->kind is set before). An address in free text becomes
 * its `lines`. */
int cdn_request_evidence_text(struct cdn_evidence *ev,
                              cordon_str text,
                              struct cordon_error *e) CORDON_MUST_CHECK;
/* After the members of an address were set: derives the packed country where the country's field is a code or
 * a name that is one country's. At least one member must hold something. */
int cdn_request_evidence_address(struct cdn_evidence *ev, struct cordon_error *e) CORDON_MUST_CHECK;
/* First digits of a card number, six to eight. */
int cdn_request_evidence_iin(struct cdn_evidence *ev,
                             cordon_str digits,
                             struct cordon_error *e) CORDON_MUST_CHECK;

/* The word of a value form as docs/request.md and the schema name it: "country", "address" … */
const char *cdn_request_form_name(unsigned value_form);

#endif
