/* SPDX-License-Identifier: Apache-2.0 */
/* condition.h: the vocabulary of conditions, duties and spans, as the language says it, snapshots store it
 * and decisions evaluate it. The numbers are in snapshots: only appended before the COUNT. */
#ifndef CDN_MODEL_CONDITION_H
#define CDN_MODEL_CONDITION_H

enum cdn_unit {
    CDN_UNIT_NONE,
    CDN_UNIT_SECONDS,
    CDN_UNIT_MINUTES,
    CDN_UNIT_HOURS,
    CDN_UNIT_DAYS,
    CDN_UNIT_BUSINESS_DAYS,
    CDN_UNIT_MONTHS,
    CDN_UNIT_YEARS
};

enum cdn_subject_kind {
    CDN_SUBJECT_NONE,
    CDN_SUBJECT_REQUEST,
    CDN_SUBJECT_ROLE,
    CDN_SUBJECT_ANY_PARTY,
    CDN_SUBJECT_OBJECT,
    CDN_SUBJECT_IT
};

enum cdn_test_kind {
    CDN_TEST_NONE,
    CDN_TEST_FINDING,  /* customer based in {RU, BY}          finding, places */
    CDN_TEST_EVIDENCE, /* customer.card_issuer in {RU}        evidence, places */
    CDN_TEST_FACT,     /* goods.unit_value > 300 EUR           fact, cmp, operand */
    CDN_TEST_TEXT,     /* issuing_bank.bic in set/x            evidence's text against texts */
    CDN_TEST_NEW,      /* customer is new [to SERVICE] [as of T]: no relation before T. when = T */
    CDN_TEST_LISTED,   /* customer is on list us/sdn [match 900 review 800] */
    CDN_TEST_OWNED,    /* customer is owned 50 % or more by parties on us/sdn */
    CDN_TEST_NOW,      /* now >= 2022-03-10T00:01 Europe/Moscow  cmp, when */
    CDN_TEST_PRESENT   /* customer.birth_date is given         fact or evidence: was it given at all */
};

enum cdn_cmp {
    CDN_CMP_NONE,
    CDN_CMP_IN /* equals one of, or contains one of for CODES */,
    CDN_CMP_LT,
    CDN_CMP_LE,
    CDN_CMP_GT,
    CDN_CMP_GE,
    CDN_CMP_PREFIX /* hs: a given code lies below one of */
};

enum cdn_expr_op {
    CDN_EXPR_NONE,
    CDN_EXPR_AND,
    CDN_EXPR_OR,
    CDN_EXPR_XOR,
    CDN_EXPR_NOT,
    CDN_EXPR_TEST,
    CDN_EXPR_ANY,
    CDN_EXPR_EVERY,
    CDN_EXPR_TRUE
};

enum cdn_duty_kind {
    CDN_DUTY_NONE,
    CDN_DUTY_REPORT,
    CDN_DUTY_NOTIFY,
    CDN_DUTY_KEEP_RECORDS,
    CDN_DUTY_RETURN,
    CDN_DUTY_REVIEW,
    CDN_DUTY_FREEZE,
    CDN_DUTY_WARN,
    CDN_DUTY_COUNT
};

/* One more than the last of each. */
enum {
    CDN_UNIT_COUNT = CDN_UNIT_YEARS + 1,
    CDN_SUBJECT_KIND_COUNT = CDN_SUBJECT_IT + 1,
    CDN_TEST_KIND_COUNT = CDN_TEST_PRESENT + 1,
    CDN_CMP_COUNT = CDN_CMP_PREFIX + 1,
    CDN_EXPR_OP_COUNT = CDN_EXPR_TRUE + 1
};

#endif
