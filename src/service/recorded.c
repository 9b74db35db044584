/* SPDX-License-Identifier: Apache-2.0 */
/* recorded.c: what a recorded decision says beside its verdict, read from its canonical JSON.
 *
 * A member's name with its quotes, colon and the comma before it cannot stand inside a JSON text, where
 * quotes are escaped; and no member that is looked for here occurs on two levels. So looking for the bytes
 * finds the member. */
#include "service/priv.h"

static cordon_str after(cordon_str text, const char *mark) {
    const char *p = memmem(text.p, text.n, mark, strlen(mark));
    if (!p)
        return cdn_str(NULL, 0);
    p += strlen(mark);
    return cdn_str(p, (size_t)(text.p + text.n - p));
}

static cordon_str until_quote(cordon_str text) {
    const char *end = text.n ? memchr(text.p, '"', text.n) : NULL;
    return end ? cdn_str(text.p, (size_t)(end - text.p)) : cdn_str(NULL, 0);
}

static unsigned rank(cordon_str verdict) {
    return cdn_str_eq(verdict, CDN_STR("freeze"))  ? CORDON_VERDICT_FREEZE
           : cdn_str_eq(verdict, CDN_STR("deny"))  ? CORDON_VERDICT_DENY
           : cdn_str_eq(verdict, CDN_STR("hold"))  ? CORDON_VERDICT_HOLD
           : cdn_str_eq(verdict, CDN_STR("limit")) ? CORDON_VERDICT_LIMIT
                                                   : 0;
}

/* Measures are written one after the other: basis … outcome … sources … standing. */
static cordon_str blocked_by(cordon_str decision) {
    cordon_str rest = after(decision, "\"measures\":["), best = {NULL, 0};
    unsigned strictest = 0;
    while ((rest = after(rest, "\"basis\":\"law\",\"because\":")).n) {
        const char *end = memmem(rest.p, rest.n, ",\"standing\":", 12);
        const cordon_str one = end ? cdn_str(rest.p, (size_t)(end - rest.p)) : cdn_str(NULL, 0);
        const unsigned now = rank(until_quote(after(one, ",\"outcome\":\"")));
        const cordon_str url = until_quote(after(one, "\"url\":\""));
        if (now > strictest) {
            strictest = now;
            best = url.n ? url : until_quote(after(one, ",\"issuer\":\""));
        }
    }
    return best;
}

int cdn_answer_facts(const struct cdn_record_decision *d, struct cdn_reply *r, struct cordon_error *e) {
    const cordon_str status = after(d->decision, ",\"http_status\":");
    const cordon_str changes = until_quote(after(d->decision, ",\"changes_at\":\""));
    unsigned number = 0;
    for (size_t i = 0; i < status.n && i < 3 && status.p[i] >= '0' && status.p[i] <= '9'; i++)
        number = number * 10 + (unsigned)(status.p[i] - '0');
    if (number < 200)
        return cdn_fail(e, CORDON_E_FORMAT, "the recorded decision has no http_status");
    r->pub.http_status = (uint16_t)number;
    int32_t offset = 0;
    if (!changes.n || cdn_time_parse(changes, &r->pub.changes_at, &offset) < 0)
        r->pub.changes_at = CORDON_NEVER;
    const cordon_str by = blocked_by(d->decision);
    if (by.n && by.n <= sizeof(r->blocked_by)) {
        memcpy(r->blocked_by, by.p, by.n);
        r->pub.blocked_by = cdn_str(r->blocked_by, by.n);
    }
    return 0;
}
