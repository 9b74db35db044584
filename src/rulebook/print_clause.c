/* SPDX-License-Identifier: Apache-2.0 */
/* print_clause.c: outcome lines, residue, duties and presumptions back in the words of the measure language.
 *
 *  1. what has a default is written all the same where the resolved form cannot tell (subject, scope, form),
 * so that what is read again does not depend on the defaults of the reader. */
#include "rulebook/print.h"

static void actions_write(struct cdn_buf *b,
                          const struct cdn_rulebook *rb,
                          const uint32_t *actions,
                          uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        cdn_buf_z(b, i ? ", " : "");
        cdn_buf_str(b, actions[i] < rb->action_count ? rb->actions[actions[i]].id : CDN_STR("?"));
    }
}

static void services_write(struct cdn_buf *b, const struct cdn_rulebook *rb, const struct cdn_outcome *o) {
    for (uint32_t i = 0; i < o->service_count; i++) {
        cdn_buf_z(b, i ? ", " : "");
        cdn_buf_str(b, o->services[i] < rb->service_count ? rb->services[o->services[i]].id : CDN_STR("?"));
    }
}

static void limit_write(struct cdn_buf *b, const struct cdn_outcome *o) {
    static const char *const windows[CDN_UNIT_COUNT] = {
        [CDN_UNIT_HOURS] = " per hour",
        [CDN_UNIT_DAYS] = " per day",
        [CDN_UNIT_MONTHS] = " per month",
        [CDN_UNIT_YEARS] = " per year",
    };
    if (o->limit_to.n) {
        cdn_buf_z(b, " to ");
        cdn_quoted_write(b, o->limit_to);
    }
    if (o->has_cap) {
        cdn_buf_z(b, " to ");
        cdn_money_write(b, &o->cap);
        if (o->cap_window < CDN_UNIT_COUNT && windows[o->cap_window])
            cdn_buf_z(b, windows[o->cap_window]);
    }
}

void cdn_outcome_write(struct cdn_buf *b, const struct cdn_rulebook *rb, const struct cdn_outcome *o) {
    cdn_buf_z(b, cdn_verdict_name(o->verdict));
    cdn_buf_char(b, ' ');
    if (o->any_action) {
        cdn_buf_z(b, o->not_action_count ? "any action except " : "any action");
        actions_write(b, rb, o->not_actions, o->not_action_count);
    } else {
        actions_write(b, rb, o->actions, o->action_count);
    }
    cdn_buf_z(b, " on ");
    if (o->any_service)
        cdn_buf_z(b, "any service");
    else
        services_write(b, rb, o);
    limit_write(b, o);
    if (o->subject.kind != CDN_SUBJECT_NONE) {
        cdn_buf_z(b, " for ");
        cdn_subject_write(b, o->subject);
    }
    if (o->scope) {
        cdn_buf_z(b, " scope ");
        cdn_buf_z(b, cdn_scope_words(o->scope));
    }
    if (o->form) {
        cdn_buf_z(b, " form ");
        cdn_buf_z(b, cdn_form_words(o->form));
    }
}

void cdn_keep_write(struct cdn_buf *b, const struct cdn_rulebook *rb, const struct cdn_keep *k) {
    actions_write(b, rb, k->actions, k->action_count);
    if (k->until.written.n) {
        cdn_buf_z(b, " until ");
        cdn_moment_write(b, &k->until);
    }
    if (k->note.n) {
        cdn_buf_char(b, ' ');
        cdn_quoted_write(b, k->note);
    }
}

void cdn_duty_write(struct cdn_buf *b, const struct cdn_rulebook *rb, const struct cdn_duty *d) {
    cdn_buf_z(b, cdn_duty_words(d->kind));
    if (d->text.n) {
        cdn_buf_char(b, ' ');
        cdn_quoted_write(b, d->text);
    }
    if (d->to.n) {
        cdn_buf_z(b, " to ");
        cdn_quoted_write(b, d->to);
    }
    if (d->has_span) {
        cdn_buf_z(b, " within ");
        cdn_span_write(b, rb, d->span);
    }
}

void cdn_presume_write(struct cdn_buf *b,
                       const struct cdn_rulebook *rb,
                       const struct cdn_measure *measure,
                       const struct cdn_presume *p) {
    cdn_test_write(b, rb, measure, p->test, !p->value);
    cdn_buf_z(b, " because ");
    cdn_quoted_write(b, p->why);
    if (p->source.url.n) {
        cdn_buf_z(b, " <");
        cdn_buf_str(b, p->source.url);
        cdn_buf_char(b, '>');
    }
}
