/* SPDX-License-Identifier: Apache-2.0 */
/* parse_outcome.c: outcome lines.
 *
 *     VERDICT ACTIONS on SERVICES [to LIMIT] [for SUBJECT] [scope SCOPE] [form FORM]
 *
 * Patterns and classes are expanded to what the rulebook declares; form and scope are never left open. */
#include "rulebook/priv.h"

#include "base/limits.h"

static const struct {
    const char *word;
    uint8_t value;
} scopes[] =
    {
        {"request", CDN_SCOPE_REQUEST},
        {"session", CDN_SCOPE_SESSION},
        {"transaction", CDN_SCOPE_TRANSACTION},
        {"instrument", CDN_SCOPE_INSTRUMENT},
        {"account", CDN_SCOPE_ACCOUNT},
        {"related-accounts", CDN_SCOPE_RELATED_ACCOUNTS},
},
  forms[] = {
      {"refuse", CDN_FORM_REFUSE},
      {"return", CDN_FORM_RETURN},
      {"close-and-return", CDN_FORM_CLOSE_AND_RETURN},
      {"withdraw", CDN_FORM_WITHDRAW},
      {"retain", CDN_FORM_RETAIN},
};

bool cdn_rb_take_scope(struct cdn_parser *p, uint8_t *ret) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(scopes); i++) {
        if (cdn_rb_take(p, scopes[i].word)) {
            *ret = scopes[i].value;
            return true;
        }
    }
    return cdn_rb_expected(
        p, "`request`, `session`, `transaction`, `instrument`, `account` or `related-accounts`");
}

bool cdn_rb_take_form(struct cdn_parser *p, uint8_t *ret) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(forms); i++) {
        if (cdn_rb_take(p, forms[i].word)) {
            *ret = forms[i].value;
            return true;
        }
    }
    return cdn_rb_expected(p, "`refuse`, `return`, `close-and-return`, `withdraw` or `retain`");
}

static bool actions(struct cdn_parser *p, struct cdn_outcome *o) {
    if (!cdn_rb_take(p, "any"))
        return cdn_rb_name_list(
            p, CDN_DECL_ACTION, "an action or `any action`", &o->actions, &o->action_count);
    o->any_action = true;
    if (!cdn_rb_need(p, "action"))
        return false;
    return !cdn_rb_take(p, "except") ||
           cdn_rb_name_list(p, CDN_DECL_ACTION, "an action", &o->not_actions, &o->not_action_count);
}

static bool services(struct cdn_parser *p, struct cdn_outcome *o) {
    if (!cdn_rb_need(p, "on"))
        return false;
    if (!cdn_rb_take(p, "any"))
        return cdn_rb_service_list(p, &o->services, &o->service_count);
    o->any_service = true;
    return cdn_rb_need(p, "service");
}

static bool window(struct cdn_parser *p, struct cdn_outcome *o) {
    static const struct {
        const char *word;
        uint8_t unit;
    } words[] = {{"hour", CDN_UNIT_HOURS},
                 {"day", CDN_UNIT_DAYS},
                 {"month", CDN_UNIT_MONTHS},
                 {"year", CDN_UNIT_YEARS}};
    if (!cdn_rb_take(p, "per"))
        return true;
    for (size_t i = 0; i < CDN_ARRAY_LEN(words); i++) {
        if (cdn_rb_take(p, words[i].word)) {
            o->cap_window = words[i].unit;
            return true;
        }
    }
    return cdn_rb_take(p, "request") || cdn_rb_expected(p, "`request`, `hour`, `day`, `month` or `year`");
}

static bool limit(struct cdn_parser *p, struct cdn_outcome *o, unsigned verdict) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (!cdn_rb_take(p, "to"))
        return true;
    if (verdict != CORDON_VERDICT_LIMIT) {
        struct cdn_diagnostic *d = cdn_rb_error(
            p, "limit-without-limit", cdn_rb_where(p, t), "only `limit` is limited to something");
        cdn_rb_suggest(p, d, CDN_STR("limit"));
    }
    if (cdn_rb_peek(p)->kind == CDN_TOK_TEXT)
        return cdn_rb_text(p, "what is left, in quotes", &o->limit_to);
    o->has_cap = true;
    return cdn_rb_decimal(p, "a text in quotes, or an amount such as 200 GBP", &o->cap.amount) &&
           cdn_rb_currency(p, o->cap.currency) && window(p, o);
}

bool cdn_rb_outcome(struct cdn_parser *p, unsigned verdict, struct cdn_outcome *ret) {
    struct cdn_outcome o = {.verdict = (uint8_t)verdict, .scope = CDN_SCOPE_REQUEST};
    o.form = verdict == CORDON_VERDICT_FREEZE ? CDN_FORM_RETAIN : CDN_FORM_REFUSE;
    o.pos = cdn_rb_pos(p, cdn_rb_peek(p));
    if (!actions(p, &o) || !services(p, &o) || !limit(p, &o, verdict))
        return false;
    for (;;) {
        const struct cdn_token *t = cdn_rb_peek(p);
        if (cdn_rb_take(p, "for")) {
            if (!cdn_rb_subject(p, "a role or kind of object", &o.subject))
                return false;
        } else if (cdn_rb_take(p, "scope")) {
            if (!cdn_rb_take_scope(p, &o.scope))
                return false;
        } else if (cdn_rb_take(p, "form")) {
            t = cdn_rb_peek(p);
            if (!cdn_rb_take_form(p, &o.form))
                return false;
            if (verdict == CORDON_VERDICT_FREEZE && o.form != CDN_FORM_RETAIN)
                (void)cdn_rb_error(
                    p, "wrong-form", cdn_rb_where(p, t), "what is frozen is retained and in no other form");
        } else {
            break;
        }
    }
    *ret = o;
    return cdn_rb_finish_line(p,
                              o.limit_to.n || o.has_cap
                                  ? "`for`, `scope`, `form` or the end of the line"
                                  : "`to`, `for`, `scope`, `form` or the end of the line");
}
