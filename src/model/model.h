/* SPDX-License-Identifier: Apache-2.0 */
/* model.h: the vocabulary (tables), and the parsed request.
 *
 * The tables (*.def beside this file) are the single source for the parser, the request reader, the JSON
 * schema, the documentation and the strength of evidence. Their numbers are written into snapshots: rows
 * are only ever appended.
 *
 * A request in memory is plain arrays in one arena, built by the JSON reader, by a scenario or through the
 * C API; it does not depend on a snapshot. Every absent thing stays distinguishable (enum cdn_have). */
#ifndef CDN_MODEL_H
#define CDN_MODEL_H

#include "base/base.h"
#include "base/num.h"

enum cdn_role {
    CDN_ROLE_NONE = 0,
#define ROLE(sym, name, title) CDN_ROLE_##sym,
#include "model/roles.def"
#undef ROLE
    CDN_ROLE_COUNT
};

enum cdn_finding {
    CDN_FINDING_NONE = 0,
#define FINDING(sym, words, name, title) CDN_FINDING_##sym,
#include "model/findings.def"
#undef FINDING
    CDN_FINDING_COUNT
};

enum cdn_object_kind {
    CDN_OBJECT_NONE = 0,
#define OBJECT(sym, name, title) CDN_OBJECT_##sym,
#include "model/objects.def"
#undef OBJECT
    CDN_OBJECT_COUNT
};

enum cdn_evidence_kind {
    CDN_EVIDENCE_NONE = 0,
#define EVIDENCE(sym, name, value, flags, b, l, e, n, fresh, title) CDN_EVIDENCE_##sym,
#include "model/evidence.def"
#undef EVIDENCE
    CDN_EVIDENCE_COUNT
};

enum cdn_fact {
    CDN_FACT_NONE = 0,
#define FACT(sym, owner, slot, name, type, title) CDN_FACT_##sym,
#include "model/facts.def"
#undef FACT
    CDN_FACT_BUILTIN_COUNT,
    CDN_FACT_DECLARED_BASE = 1024 /* facts declared by a rulebook are numbered from here, per snapshot */
};

/* Where a request keeps a fact: its place among the facts of its owner. A party, an object and a request have
 * only facts of their own, so that few cells hold them and a decision reads few lines of memory. */
enum {
    CDN_FACT_SLOTS = 8,
#define FACT(sym, owner, slot, name, type, title) CDN_SLOT_##sym = (slot),
#include "model/facts.def"
#undef FACT
};

enum cdn_fact_type {
    CDN_TYPE_NONE = 0,
    CDN_TYPE_CODE,
    CDN_TYPE_CODES,
    CDN_TYPE_TEXT,
    CDN_TYPE_WHEN,
    CDN_TYPE_MONEY,
    CDN_TYPE_NUMBER,
    CDN_TYPE_BOOL,
    CDN_TYPE_PLACE
};

/* Who owns a fact: the request, a party (any role), or an object kind (OWNER_OBJECT + enum cdn_object_kind).
 */
enum { CDN_OWNER_REQUEST = 1, CDN_OWNER_PARTY = 2, CDN_OWNER_OBJECT = 16 };

enum cdn_value_form {
    CDN_VALUE_COUNTRY = 1,
    CDN_VALUE_ADDRESS,
    CDN_VALUE_IP,
    CDN_VALUE_PHONE,
    CDN_VALUE_IBAN,
    CDN_VALUE_BIC,
    CDN_VALUE_MCC,
    CDN_VALUE_TAX,
    CDN_VALUE_HOST,
    CDN_VALUE_POINT,
    CDN_VALUE_ASN,
    CDN_VALUE_CARD,
    CDN_VALUE_TEXT
};

enum { CDN_EV_CLAIM = 1, CDN_EV_FOR_ONLY = 2, CDN_EV_SILENT = 4 };
enum cdn_strength {
    CDN_STRENGTH_NONE = 0,
    CDN_STRENGTH_WEAK = 1,
    CDN_STRENGTH_MEDIUM = 2,
    CDN_STRENGTH_STRONG = 3
};

struct cdn_evidence_info {
    const char *name, *title;
    uint8_t value; /* enum cdn_value_form */
    uint8_t flags; /* CDN_EV_* */
    uint8_t strength[CDN_FINDING_COUNT];
    uint16_t fresh_days;
};
struct cdn_fact_info {
    const char *name, *title;
    uint8_t owner, type, slot;
};
struct cdn_word { /* a row of roles.def, objects.def, findings.def */
    const char *name, *title, *words;
};
extern const struct cdn_word cdn_roles[CDN_ROLE_COUNT];
extern const struct cdn_word cdn_findings[CDN_FINDING_COUNT];
extern const struct cdn_word cdn_objects[CDN_OBJECT_COUNT];
extern const struct cdn_evidence_info cdn_evidence_kinds[CDN_EVIDENCE_COUNT];
extern const struct cdn_fact_info cdn_facts[CDN_FACT_BUILTIN_COUNT];

/* Index in the table by name; 0 if there is none. */
unsigned cdn_model_role(cordon_str name);
unsigned cdn_model_finding(cordon_str json_name);
unsigned cdn_model_object(cordon_str name);
unsigned cdn_model_evidence(cordon_str name);
unsigned cdn_model_fact(unsigned owner, cordon_str name); /* built-in facts of that owner only */
bool cdn_fact_derived(unsigned fact);                     /* computed from other fields, never given */

/* ---- outcomes ------------------------------------------------------------------------------------- */

enum cdn_form {
    CDN_FORM_NONE = 0,
    CDN_FORM_REFUSE,
    CDN_FORM_RETURN,
    CDN_FORM_CLOSE_AND_RETURN,
    CDN_FORM_WITHDRAW,
    CDN_FORM_RETAIN /* keep what is held, as a freeze does */,
    CDN_FORM_COUNT
};
enum cdn_scope {
    CDN_SCOPE_NONE = 0,
    CDN_SCOPE_REQUEST,
    CDN_SCOPE_SESSION,
    CDN_SCOPE_TRANSACTION,
    CDN_SCOPE_INSTRUMENT,
    CDN_SCOPE_ACCOUNT,
    CDN_SCOPE_RELATED_ACCOUNTS,
    CDN_SCOPE_COUNT
};
enum cdn_basis {
    CDN_BASIS_NONE = 0,
    CDN_BASIS_LAW,
    CDN_BASIS_POLICY,
    CDN_BASIS_SUPPLIER,
    CDN_BASIS_PROTECTION,
    CDN_BASIS_COUNT
};
enum cdn_standard {
    CDN_STANDARD_NONE = 0,
    CDN_STANDARD_ANY,
    CDN_STANDARD_TWO_KINDS,
    CDN_STANDARD_STRONG,
    CDN_STANDARD_COUNT
};
enum cdn_class {
    CDN_CLASS_NONE = 0,
    CDN_CLASS_MEASURE,
    CDN_CLASS_LICENCE,
    CDN_CLASS_STATUTE,
    CDN_CLASS_PROTECT,
    CDN_CLASS_COUNT
};
const char *cdn_form_name(unsigned);     /* "refuse", "return", "close_and_return", "withdraw", "retain" */
const char *cdn_scope_name(unsigned);    /* "request" … "related_accounts" */
const char *cdn_basis_name(unsigned);    /* "law", "policy", "supplier", "protection" */
const char *cdn_standard_name(unsigned); /* "any", "two_kinds", "strong" */
const char *cdn_class_name(unsigned);    /* "measure", "licence", "statute", "protect" */
const char *cdn_verdict_name(unsigned);  /* "none", "allow", "limit", "hold", "deny", "freeze" */
const char *cdn_truth_name(unsigned);    /* "false", "true", "unknown", "contradictory" */

/* Kleene's logic with contradiction. AND: false > contradictory > unknown > true. OR: true >
 * contradictory > unknown > false. NOT keeps unknown and contradictory. XOR: a definite value only of two
 * definite ones, else contradictory before unknown. (semantics: CS-LOGIC) */
static inline unsigned cdn_truth_not(unsigned a) {
    return a <= CORDON_TRUE ? a ^ 1u : a;
}
extern const uint8_t cdn_truth_and_table[4][4], cdn_truth_or_table[4][4], cdn_truth_xor_table[4][4];
static inline unsigned cdn_truth_and(unsigned a, unsigned b) {
    return cdn_truth_and_table[a & 3u][b & 3u];
}
static inline unsigned cdn_truth_or(unsigned a, unsigned b) {
    return cdn_truth_or_table[a & 3u][b & 3u];
}
static inline unsigned cdn_truth_xor(unsigned a, unsigned b) {
    return cdn_truth_xor_table[a & 3u][b & 3u];
}

/* Evidence on one side (for, or against) in six classes, and the truth tables of the standards
 * (semantics: CS-STANDARD). `medium`: kinds of medium strength; `strong`: kinds of strong; `weak`: any weak.
 */
enum cdn_weight {
    CDN_WEIGHT_NOTHING,
    CDN_WEIGHT_WEAK,
    CDN_WEIGHT_MEDIUM,
    CDN_WEIGHT_STRONG,
    CDN_WEIGHT_TWO_MEDIUM,
    CDN_WEIGHT_STRONG_AND_MORE,
    CDN_WEIGHT_COUNT
};
unsigned cdn_weight_of(unsigned weak_kinds, unsigned medium_kinds, unsigned strong_kinds);
extern const uint8_t cdn_standard_table[CDN_STANDARD_COUNT][CDN_WEIGHT_COUNT]
                                       [CDN_WEIGHT_COUNT]; /* [std][for][against] */

#endif
