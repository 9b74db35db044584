/* SPDX-License-Identifier: Apache-2.0 */
/* decision_text.c: words for the enumerations of decision.h, pointers into the request, and which notice is
 * given. */
#include "decide/decision_text.h"

static const char *name_of(const char *const *names, unsigned count, unsigned i) {
    return i < count && names[i] ? names[i] : "?";
}

const char *cdn_decision_standing_name(unsigned i) {
    static const char *const names[] = {"none",
                                        "applied",
                                        "lifted",
                                        "excepted",
                                        "held",
                                        "false",
                                        "not_in_force",
                                        "not_bound",
                                        "other_action",
                                        "presumed"};
    return name_of(names, CDN_ARRAY_LEN(names), i);
}

const char *cdn_decision_duty_name(unsigned i) {
    static const char *const names[] = {
        "none", "report", "notify", "keep_records", "return", "review", "freeze", "warn"};
    _Static_assert(CDN_ARRAY_LEN(names) == CDN_DUTY_COUNT, "a name for each duty");
    return name_of(names, CDN_ARRAY_LEN(names), i);
}

const char *cdn_decision_section_name(unsigned i) {
    static const char *const names[] = {"none",
                                        "strings",
                                        "rules",
                                        "places",
                                        "fold",
                                        "geo",
                                        "iin",
                                        "info",
                                        "source",
                                        "lists",
                                        "listed",
                                        "screen",
                                        "names",
                                        "idents",
                                        "owners"};
    _Static_assert(CDN_ARRAY_LEN(names) == CDN_SECTION_KIND_COUNT, "a name for each kind of section");
    return name_of(names, CDN_ARRAY_LEN(names), i);
}

void cdn_decision_pointer(struct cdn_buf *b, const struct cdn_pointer *p) {
    if (p->kind == CDN_SUBJECT_ROLE || p->kind == CDN_SUBJECT_OBJECT) {
        cdn_buf_z(b, p->kind == CDN_SUBJECT_ROLE ? "/parties/" : "/objects/");
        cdn_buf_int(b, p->index);
        if (p->evidence >= 0) {
            cdn_buf_z(b, "/evidence/");
            cdn_buf_int(b, p->evidence);
        }
    }
    if (p->field) {
        cdn_buf_char(b, '/');
        cdn_buf_z(b, p->field);
    }
}

/* What is held is not settled: nobody is told that he is refused before somebody has looked. */
static bool counts(const struct cdn_account *a) {
    return a->hit.standing == CDN_STANDING_APPLIED;
}

bool cdn_decision_notice(const struct cdn_decision *d,
                         const struct cdn_snapshot *s,
                         cordon_str after,
                         cordon_str *ret_language,
                         cordon_str *ret_text) {
    bool found = false;
    unsigned strictest = 0;
    for (uint32_t i = 0; !d->notice_withheld && i < d->measure_count; i++) {
        const struct cdn_account *a = &d->measures[i];
        const struct cdn_run notices = s->measures[a->hit.measure].notices;
        for (uint32_t k = 0; counts(a) && k < notices.count; k++) {
            const struct cdn_quote_rec *q = &s->quotes[notices.first + k];
            const cordon_str lang = cdn_snap_str(s, q->lang);
            if (after.p && cdn_str_cmp(lang, after) <= 0)
                continue;
            const int order = found ? cdn_str_cmp(lang, *ret_language) : -1;
            if (order > 0 || (order == 0 && a->hit.verdict <= strictest))
                continue;
            found = true;
            strictest = a->hit.verdict;
            *ret_language = lang;
            *ret_text = cdn_snap_str(s, q->text);
        }
    }
    return found;
}
