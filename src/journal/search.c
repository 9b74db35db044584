/* SPDX-License-Identifier: Apache-2.0 */
/* search.c: records that a query asks for, straight from the segments: no index, so nothing that could lag or
 * be wrong.
 *
 * What is compared is the canonical JSON of the record. Names are compared as they were written in the
 * request, any part of them, ASCII case aside; finding a party under all its spellings is what screening is
 * for. */
#include "journal/member.h"
#include "journal/reader_priv.h"

#include "base/num.h"

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool cdn_contains(cordon_str in, cordon_str text) {
    if (text.n == 0)
        return true;
    for (size_t i = 0; i + text.n <= in.n; i++) {
        size_t k = 0;
        while (k < text.n && lower(in.p[i + k]) == text.p[k])
            k++;
        if (k == text.n)
            return true;
    }
    return false;
}

int cdn_filter_init(struct cdn_filter *f,
                    const cordon_journal_query *q,
                    const struct cordon_alloc *alloc,
                    struct cordon_error *e) {
    *f = (struct cdn_filter){.q = q, .alloc = alloc};
    bool verdict = q->verdict.n == 0;
    for (int v = CORDON_VERDICT_ALLOW; v <= CORDON_VERDICT_FREEZE; v++)
        verdict = verdict || cdn_str_eq(q->verdict, cordon_text(cordon_verdict_name(v)));
    if (!verdict) {
        (void)cdn_fail(e, CORDON_E_NAME, "no verdict `%.*s`", CDN_FMT(q->verdict));
        cdn_error_hint(e, "allow, limit, hold, deny or freeze");
        return CORDON_E_NAME;
    }
    if (q->kind.n && !cdn_str_eq(q->kind, CDN_STR("decision")) && !cdn_str_eq(q->kind, CDN_STR("event")))
        return cdn_fail(e, CORDON_E_NAME, "records are of kind decision or event");
    if (q->party.n > 0) {
        f->party = cdn_alloc(alloc, q->party.n);
        if (!f->party)
            return cdn_fail(e, CORDON_E_NOMEM, "no memory for a search");
        for (size_t i = 0; i < q->party.n; i++)
            f->party[i] = lower(q->party.p[i]);
    }
    return CORDON_OK;
}

void cdn_filter_free(struct cdn_filter *f) {
    cdn_free(f->alloc, f->party, f->q->party.n);
    f->party = NULL;
}

static bool is(cordon_str want, cordon_str record, const char *member) {
    return want.n == 0 || cdn_str_eq(cdn_member_text(record, member), want);
}

static bool text_has(cordon_str value, cordon_str text) {
    char storage[4096];
    struct cdn_buf b;
    if (value.n < 2 || value.p[0] != '"')
        return false;
    if (!memchr(value.p, '\\', value.n) || value.n > sizeof(storage))
        return cdn_contains(cdn_str(value.p + 1, value.n - 2), text);
    cdn_buf_fixed(&b, storage, sizeof(storage));
    return cdn_text_append(&b, value) && cdn_contains(cdn_buf_get(&b), text);
}

/* A name, an alias, or the value of an identifier of any party or owner. */
static bool party_has(cordon_str party, cordon_str text) {
    if (text_has(cdn_member(party, "name"), text))
        return true;
    static const char *const lists[] = {"names", "aliases", "identifiers", "owners"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(lists); i++) {
        struct cdn_walk w = cdn_walk_begin(cdn_member(party, lists[i]));
        cordon_str key, item;
        while (cdn_walk_next(&w, &key, &item)) {
            if (text_has(item, text) || text_has(cdn_member(item, "name"), text) ||
                text_has(cdn_member(item, "value"), text))
                return true;
        }
    }
    return false;
}

static bool any_party(cordon_str record, cordon_str text) {
    struct cdn_walk w = cdn_walk_begin(cdn_member(cdn_member(record, "request"), "parties"));
    cordon_str key, party;
    while (cdn_walk_next(&w, &key, &party)) {
        if (party_has(party, text))
            return true;
    }
    return false;
}

static bool any_measure(cordon_str decision, cordon_str id) {
    struct cdn_walk w = cdn_walk_begin(cdn_member(decision, "measures"));
    cordon_str key, measure;
    while (cdn_walk_next(&w, &key, &measure)) {
        const cordon_str standing = cdn_member_text(measure, "standing");
        if (cdn_str_eq(cdn_member_text(measure, "id"), id) && !cdn_str_eq(standing, CDN_STR("false")) &&
            !cdn_str_eq(standing, CDN_STR("not_in_force")))
            return true;
    }
    return false;
}

static bool in_time(const cordon_journal_query *q, cordon_str record) {
    int64_t at;
    if (q->since == 0 && q->until == 0)
        return true;
    if (cordon_time_parse(cdn_member_text(record, "at"), &at, NULL))
        return false;
    return at >= q->since && (q->until == 0 || at < q->until);
}

int cdn_filter_matches(struct cdn_filter *f, const struct cdn_journal_record *r) {
    const cordon_journal_query *q = f->q;
    const cordon_str record = r->payload;
    const bool by_content = q->kind.n || q->event.n || q->verdict.n || q->measure.n || q->party.n ||
                            q->key.n || q->snapshot.n || q->trace.n || q->idempotency_key.n || q->since ||
                            q->until;
    if (!by_content)
        return 1;
    if (r->erased)
        return 0;
    if (!is(q->kind, record, "kind") || !is(q->key, record, "key") || !is(q->snapshot, record, "snapshot") ||
        !is(q->trace, record, "trace") || !is(q->idempotency_key, cdn_member(record, "idempotency"), "key") ||
        !in_time(q, record))
        return 0;
    if (q->event.n) {
        const cordon_str event = cdn_member_text(record, "event");
        const bool prefix = q->event.p[q->event.n - 1] == '.';
        if (!(prefix ? event.n > 0 && cdn_str_starts(event, q->event) : cdn_str_eq(event, q->event)))
            return 0;
    }
    const cordon_str decision = cdn_member(record, "decision");
    if (!is(q->verdict, decision, "verdict") || (q->measure.n && !any_measure(decision, q->measure)))
        return 0;
    return q->party.n == 0 || any_party(record, cdn_str(f->party, q->party.n));
}

void cordon_journal_query_init(cordon_journal_query *q) {
    memset(q, 0, sizeof(*q));
    q->size = sizeof(*q);
}

struct searching {
    struct cdn_filter filter;
    cordon_record_fn each;
    void *ctx;
    uint64_t found, limit;
};
enum { ENOUGH = 0x7ffe0001 }; /* no status, and nothing that a caller returns */

static int one(void *ctx, const struct cdn_journal_record *r, struct cordon_error *e) {
    struct searching *s = ctx;
    (void)e;
    const int matches = cdn_filter_matches(&s->filter, r);
    if (matches <= 0)
        return matches;
    cordon_record record;
    cdn_record_publish(r, &record);
    s->found++;
    const int err = s->each(s->ctx, &record);
    return err ? err : s->limit && s->found == s->limit ? ENOUGH : 0;
}

int cordon_journal_search(cordon_journal *j,
                          const cordon_journal_query *q,
                          cordon_record_fn each,
                          void *ctx,
                          uint64_t *ret_found,
                          cordon_error *e) {
    struct searching s = {.each = each, .ctx = ctx, .limit = q->limit};
    int err = cdn_filter_init(&s.filter, q, j->alloc, e);
    if (err)
        return err;
    uint64_t next = q->from;
    const struct cdn_scan_what what = {
        .to = q->to ? CDN_MIN(q->to, j->segs.head) : j->segs.head, .each = one, .ctx = &s, .leaves = true};
    err = cdn_segs_scan(&j->segs, &what, &next, e);
    if (err == CORDON_E_DIGEST) /* a segment may have been replaced by erasing: once more from there */
        err = cdn_segs_scan(&j->segs, &what, &next, e);
    cdn_filter_free(&s.filter);
    if (err == ENOUGH)
        err = CORDON_OK;
    if (!err && ret_found)
        *ret_found = s.found;
    return err;
}
