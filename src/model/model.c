/* SPDX-License-Identifier: Apache-2.0 */
/* model.c: the vocabulary tables made from the *.def files, and look-ups by name in them. */
#include "model/model.h"

const struct cdn_word cdn_roles[CDN_ROLE_COUNT] = {
#define ROLE(sym, name_, title_) [CDN_ROLE_##sym] = {.name = name_, .title = title_, .words = name_},
#include "model/roles.def"
#undef ROLE
};

const struct cdn_word cdn_findings[CDN_FINDING_COUNT] = {
#define FINDING(sym, words_, name_, title_)                                                                  \
    [CDN_FINDING_##sym] = {.name = name_, .title = title_, .words = words_},
#include "model/findings.def"
#undef FINDING
};

const struct cdn_word cdn_objects[CDN_OBJECT_COUNT] = {
#define OBJECT(sym, name_, title_) [CDN_OBJECT_##sym] = {.name = name_, .title = title_, .words = name_},
#include "model/objects.def"
#undef OBJECT
};

enum { NO = CDN_STRENGTH_NONE, WK = CDN_STRENGTH_WEAK, MD = CDN_STRENGTH_MEDIUM, ST = CDN_STRENGTH_STRONG };
enum { CLAIM = CDN_EV_CLAIM, FOR_ONLY = CDN_EV_FOR_ONLY, SILENT = CDN_EV_SILENT };

const struct cdn_evidence_info cdn_evidence_kinds[CDN_EVIDENCE_COUNT] = {
#define EVIDENCE(sym, name_, value_, flags_, based, located, established, national, fresh, title_)           \
    [CDN_EVIDENCE_##sym] = {.name = name_,                                                                   \
                            .title = title_,                                                                 \
                            .value = CDN_VALUE_##value_,                                                     \
                            .flags = flags_,                                                                 \
                            .strength = {[CDN_FINDING_BASED] = based,                                        \
                                         [CDN_FINDING_LOCATED] = located,                                    \
                                         [CDN_FINDING_ESTABLISHED] = established,                            \
                                         [CDN_FINDING_NATIONAL] = national},                                 \
                            .fresh_days = fresh},
#include "model/evidence.def"
#undef EVIDENCE
};

/* Owners as facts.def writes them. */
enum {
    OWNER_REQUEST = CDN_OWNER_REQUEST,
    OWNER_PARTY = CDN_OWNER_PARTY,
#define OBJECT(sym, name, title) OWNER_##sym = CDN_OWNER_OBJECT + CDN_OBJECT_##sym,
#include "model/objects.def"
#undef OBJECT
};

/* No two facts of an owner share a slot: such a name would stand here twice. */
enum {
#define FACT(sym, owner, slot, name, type, title) SLOT_##owner##_##slot,
#include "model/facts.def"
#undef FACT
};
#define FACT(sym, owner, slot, name, type, title)                                                            \
    _Static_assert((slot) < CDN_FACT_SLOTS, "a request has no cell for the fact " name);
#include "model/facts.def"
#undef FACT

const struct cdn_fact_info cdn_facts[CDN_FACT_BUILTIN_COUNT] = {
#define FACT(sym, owner_, slot_, name_, type_, title_)                                                       \
    [CDN_FACT_##sym] = {                                                                                     \
        .name = name_, .title = title_, .owner = OWNER_##owner_, .type = CDN_TYPE_##type_, .slot = slot_},
#include "model/facts.def"
#undef FACT
};

static unsigned word_find(const struct cdn_word *words, unsigned count, cordon_str name) {
    for (unsigned i = 1; i < count; i++) {
        if (cdn_str_eq(cdn_str_z(words[i].name), name)) {
            return i;
        }
    }
    return 0;
}

unsigned cdn_model_role(cordon_str name) {
    return word_find(cdn_roles, CDN_ROLE_COUNT, name);
}

unsigned cdn_model_finding(cordon_str json_name) {
    return word_find(cdn_findings, CDN_FINDING_COUNT, json_name);
}

unsigned cdn_model_object(cordon_str name) {
    return word_find(cdn_objects, CDN_OBJECT_COUNT, name);
}

unsigned cdn_model_evidence(cordon_str name) {
    for (unsigned i = 1; i < CDN_EVIDENCE_COUNT; i++) {
        if (cdn_str_eq(cdn_str_z(cdn_evidence_kinds[i].name), name)) {
            return i;
        }
    }
    return 0;
}

unsigned cdn_model_fact(unsigned owner, cordon_str name) {
    for (unsigned i = 1; i < CDN_FACT_BUILTIN_COUNT; i++) {
        if (cdn_facts[i].owner == owner && cdn_str_eq(cdn_str_z(cdn_facts[i].name), name)) {
            return i;
        }
    }
    return 0;
}

bool cdn_fact_derived(unsigned fact) {
    return fact == CDN_FACT_SINCE || fact == CDN_FACT_PERIOD_END || fact == CDN_FACT_UNIT_VALUE ||
           fact == CDN_FACT_TLD;
}

/* ---- names of the small enumerations ---------------------------------------------------------------- */

static const char *name_of(const char *const *names, unsigned count, unsigned i) {
    return i < count ? names[i] : "?";
}

const char *cdn_form_name(unsigned i) {
    static const char *const names[] = {"none", "refuse", "return", "close_and_return", "withdraw", "retain"};
    _Static_assert(CDN_ARRAY_LEN(names) == CDN_FORM_COUNT, "a name for each form");
    return name_of(names, CDN_ARRAY_LEN(names), i);
}

const char *cdn_scope_name(unsigned i) {
    static const char *const names[] = {
        "none", "request", "session", "transaction", "instrument", "account", "related_accounts"};
    _Static_assert(CDN_ARRAY_LEN(names) == CDN_SCOPE_COUNT, "a name for each scope");
    return name_of(names, CDN_ARRAY_LEN(names), i);
}

const char *cdn_basis_name(unsigned i) {
    static const char *const names[] = {"none", "law", "policy", "supplier", "protection"};
    _Static_assert(CDN_ARRAY_LEN(names) == CDN_BASIS_COUNT, "a name for each basis");
    return name_of(names, CDN_ARRAY_LEN(names), i);
}

const char *cdn_standard_name(unsigned i) {
    static const char *const names[] = {"none", "any", "two_kinds", "strong"};
    _Static_assert(CDN_ARRAY_LEN(names) == CDN_STANDARD_COUNT, "a name for each standard");
    return name_of(names, CDN_ARRAY_LEN(names), i);
}

const char *cdn_class_name(unsigned i) {
    static const char *const names[] = {"none", "measure", "licence", "statute", "protect"};
    _Static_assert(CDN_ARRAY_LEN(names) == CDN_CLASS_COUNT, "a name for each class");
    return name_of(names, CDN_ARRAY_LEN(names), i);
}

const char *cdn_verdict_name(unsigned i) {
    static const char *const names[] = {"none", "allow", "limit", "hold", "deny", "freeze"};
    return name_of(names, CDN_ARRAY_LEN(names), i);
}

const char *cdn_truth_name(unsigned i) {
    static const char *const names[] = {"false", "true", "unknown", "contradictory"};
    return name_of(names, CDN_ARRAY_LEN(names), i);
}
