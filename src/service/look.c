/* SPDX-License-Identifier: Apache-2.0 */
/* look.c: everything that can be looked at, in one table of roles; most of it is the store's own JSON.
 *
 * Looking changes nothing and never waits for the journal; a search waits until the index has what was
 * durable when it was asked, so that whoever got an answer finds it. So does what shows the state, but not
 * for long: a list of cases that lacks the newest is of more use than none. */
#include "service/priv.h"

#include "json/json.h"

enum { INDEX_WAIT_MS = 10000, LIST_WAIT_MS = 500 };

static uint64_t after_of(const struct cdn_service_query *q) {
    return q->after ? q->after : CDN_COUNT_NONE; /* record 0 is the service's own first event, never a row */
}
static struct cdn_store_page page_of(const struct cdn_service_query *q) {
    return (struct cdn_store_page){after_of(q), q->limit};
}

/* "id:4711", "name:…", "identifier:KIND:COUNTRY:VALUE", "reference:…", or a fingerprint as it stands. */
void cdn_party_of(const struct cdn_service *s,
                  cordon_str text,
                  char ret[CDN_FINGERPRINT_TEXT],
                  cordon_str *ret_mark) {
    cordon_str rest;
    const cordon_str what = cdn_str_split(text, ':', &rest);
    if (text.n == CDN_FINGERPRINT_TEXT && !memchr(text.p, ':', text.n)) {
        memcpy(ret, text.p, CDN_FINGERPRINT_TEXT);
    } else if (cdn_str_eq(what, CDN_STR("identifier"))) {
        cordon_str value, country;
        const cordon_str kind = cdn_str_split(rest, ':', &country);
        country = cdn_str_split(country, ':', &value);
        cdn_mark_identifier(s, kind, country, value, ret);
    } else if (what.n < text.n) {
        cdn_mark(s, what, rest, ret);
    } else {
        cdn_mark(s, CDN_STR("id"), text, ret);
    }
    *ret_mark = cdn_str(ret, CDN_FINGERPRINT_TEXT);
}

static int number_of(cordon_str id, uint64_t *ret, struct cordon_error *e) {
    return cdn_body_number(id, ret) ? 0
                                    : cdn_fail(e,
                                               CORDON_E_NOTFOUND,
                                               "`%.*s` is no number of a record",
                                               (int)CDN_MIN(id.n, (size_t)80),
                                               id.p);
}

/* ---- the journal
 * -------------------------------------------------------------------------------------------------- */

static int look_record(struct cdn_service *s, cordon_str id, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_journal_record r;
    struct cdn_buf storage;
    uint64_t index = 0;
    cdn_buf_init(&storage, s->alloc, CDN_MAX_RECORD_BYTES);
    int err = number_of(id, &index, e);
    err = err ? err : cdn_journal_read(s->journal, index, &storage, &r, e);
    if (!err) {
        cdn_buf_z(out, "{\"erased\":");
        cdn_buf_z(out, r.erased ? "true" : "false");
        cdn_buf_z(out, ",\"index\":");
        cdn_buf_int(out, (int64_t)index);
        cdn_buf_z(out, ",\"leaf\":\"");
        cdn_buf_hex(out, r.leaf, sizeof(r.leaf));
        cdn_buf_z(out, "\",\"record\":");
        cdn_buf_str(out, r.erased ? CDN_STR("null") : r.payload);
        cdn_buf_z(out, ",\"salt\":\"");
        cdn_buf_hex(out, r.salt, sizeof(r.salt));
        cdn_buf_z(out, "\"}");
    }
    cdn_buf_free(&storage);
    return err ? err : out->err;
}

static int look_proof(struct cdn_service *s, cordon_str id, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_journal_proof *p = cdn_alloc_zero(s->alloc, 1, sizeof(*p));
    struct cdn_buf note;
    uint64_t index = 0;
    if (!p)
        return cdn_service_no_memory(e);
    cdn_buf_init(&note, s->alloc, CDN_SIGN_MAX_NOTE);
    int err = number_of(id, &index, e);
    if (!err && index >= cdn_journal_head(s->journal))
        err = cdn_fail(e, CORDON_E_NOTFOUND, "there is no record %llu", (unsigned long long)index);
    err = err ? err : cdn_journal_last_checkpoint(s->journal, &note, e);
    err = err ? err : cdn_journal_prove(s->journal, index, 0, p, e);
    if (err && err != CORDON_E_NOMEM &&
        index < cdn_journal_head(s->journal)) { /* younger than the last checkpoint */
        cdn_buf_clear(&note);
        err = cdn_journal_checkpoint(s->journal, &note, e);
        err = err ? err : cdn_journal_prove(s->journal, index, 0, p, e);
    }
    if (!err)
        cdn_journal_proof_to_json(out, p, cdn_buf_get(&note));
    cdn_buf_free(&note);
    cdn_free(s->alloc, p, sizeof(*p));
    return err ? err : out->err;
}

static int look_search(struct cdn_service *s,
                       const struct cdn_service_query *q,
                       struct cdn_buf *out,
                       struct cordon_error *e) {
    char mark[CDN_FINGERPRINT_TEXT];
    struct cdn_store_search search = {.measure = q->measure,
                                      .from = q->has_from ? q->from : CDN_INSTANT_NONE,
                                      .until = q->has_until ? q->until : CDN_INSTANT_NONE,
                                      .after = after_of(q),
                                      .newest = q->newest,
                                      .limit = q->limit};
    if (q->party.n)
        cdn_party_of(s, q->party, mark, &search.party);
    else if (q->reference.n) {
        cdn_mark(s, CDN_STR("reference"), q->reference, mark);
        search.party = cdn_str(mark, sizeof(mark));
    }
    for (unsigned v = 1; q->verdict.n && v <= CORDON_VERDICT_FREEZE; v++) {
        if (cdn_str_eq(q->verdict, cdn_str_z(cordon_verdict_name((int)v))))
            search.verdict = (uint8_t)v;
    }
    if (q->verdict.n && !search.verdict)
        return cdn_fail(
            e, CORDON_E_NAME, "`%.*s` is no verdict", (int)CDN_MIN(q->verdict.n, (size_t)40), q->verdict.p);
    const int err = cdn_store_wait_indexed(s->store, cdn_journal_head(s->journal), INDEX_WAIT_MS, e);
    return err ? err : cdn_store_search(s->store, &search, out, e);
}

/* ---- the rest
 * ------------------------------------------------------------------------------------------------------- */

static int look_cases(struct cdn_service *s,
                      const struct cdn_service_query *q,
                      struct cdn_buf *out,
                      struct cordon_error *e) {
    char mark[CDN_FINGERPRINT_TEXT];
    cordon_str party = {NULL, 0};
    if (q->party.n)
        cdn_party_of(s, q->party, mark, &party);
    return cdn_store_cases(
        s->store, &(struct cdn_store_case_query){q->verdict, q->measure, party, page_of(q)}, out, e);
}

static int look_appeals(struct cdn_service *s,
                        const struct cdn_service_query *q,
                        struct cdn_buf *out,
                        struct cordon_error *e) {
    char mark[CDN_FINGERPRINT_TEXT];
    cordon_str party = {NULL, 0};
    uint64_t id = 0;
    if (q->id.n) {
        int err = number_of(q->id, &id, e);
        err = err ? err : cdn_state_reach(s, id, NULL, e);
        return err ? err : cdn_store_appeal(s->store, id, out, e);
    }
    if (q->party.n)
        cdn_party_of(s, q->party, mark, &party);
    return cdn_store_appeals(s->store, q->verdict, party, page_of(q), out, e);
}

static int look_clearances(struct cdn_service *s,
                           const struct cdn_service_query *q,
                           struct cdn_buf *out,
                           struct cordon_error *e) {
    char mark[CDN_FINGERPRINT_TEXT];
    cordon_str party = {NULL, 0};
    if (q->party.n)
        cdn_party_of(s, q->party, mark, &party);
    return cdn_store_clearances(s->store, party, page_of(q), out, e);
}

static int look_drafts(struct cdn_service *s,
                       const struct cdn_service_query *q,
                       struct cdn_buf *out,
                       struct cordon_error *e) {
    uint64_t id = 0;
    if (!q->id.n)
        return cdn_store_drafts(s->store, q->verdict, page_of(q), out, e);
    int err = number_of(q->id, &id, e);
    err = err ? err : cdn_state_reach(s, id, NULL, e);
    return err ? err : cdn_store_draft(s->store, id, out, e);
}

static int look_snapshots(struct cdn_service *s,
                          const struct cdn_service_query *q,
                          struct cdn_buf *out,
                          struct cordon_error *e) {
    struct cdn_snapshot *snapshot = NULL;
    char digest[CORDON_DIGEST_TEXT];
    cordon_str wanted = q->id;
    if (q->has_at || q->has_known_at) {
        int err = cdn_set_reach(s, e);
        err = err ? err : cdn_store_snapshot_at(s->store, q->has_known_at ? q->known_at : q->at, digest, e);
        if (err)
            return err;
        wanted = cdn_str_z(digest);
    } else if (cdn_str_eq(wanted, CDN_STR("active"))) {
        pthread_mutex_lock(&s->set_lock);
        memcpy(digest, s->active.digest, sizeof(digest));
        pthread_mutex_unlock(&s->set_lock);
        wanted = cdn_str_z(digest);
    } else if (!wanted.n) {
        const int err = cdn_set_reach(s, e);
        return err ? err : cdn_store_snapshots(s->store, out, e);
    }
    const int err = cdn_set_open(s, wanted, &snapshot, e);
    if (err)
        return err;
    cdn_buf_z(out, "{\"info\":");
    cdn_buf_str(out, snapshot->info.n ? snapshot->info : CDN_STR("null"));
    cdn_buf_z(out, ",\"measures\":");
    cdn_buf_int(out, snapshot->count[CDN_T_MEASURE]);
    cdn_buf_z(out, ",\"snapshot\":\"sha256:");
    cdn_buf_hex(out, snapshot->digest, sizeof(snapshot->digest));
    cdn_buf_z(out, "\"}");
    cdn_snapshot_unref(snapshot);
    return out->err;
}

static int look_case(struct cdn_service *s,
                     const struct cdn_service_query *q,
                     struct cdn_buf *out,
                     struct cordon_error *e) {
    uint64_t id = 0;
    int err = number_of(q->id, &id, e);
    err = err ? err : cdn_state_reach(s, id, NULL, e);
    return err ? err : cdn_store_case(s->store, id, cdn_service_now(s).wall, out, e);
}

static int look_duties(struct cdn_service *s,
                       const struct cdn_service_query *q,
                       struct cdn_buf *out,
                       struct cordon_error *e) {
    return cdn_store_duties(
        s->store, cdn_service_now(s).wall, q->has_until ? q->until : CDN_INSTANT_NONE, page_of(q), out, e);
}

static int look_keys(struct cdn_service *s,
                     const struct cdn_service_query *q,
                     struct cdn_buf *out,
                     struct cordon_error *e) {
    (void)q;
    return cdn_store_keys(s->store, out, e);
}

static int look_checkpoint(struct cdn_service *s,
                           const struct cdn_service_query *q,
                           struct cdn_buf *out,
                           struct cordon_error *e) {
    (void)q;
    const size_t before = out->n;
    const int err = cdn_journal_last_checkpoint(s->journal, out, e);
    return err || out->n > before ? err : cdn_journal_checkpoint(s->journal, out, e);
}

static int look_record_of(struct cdn_service *s,
                          const struct cdn_service_query *q,
                          struct cdn_buf *out,
                          struct cordon_error *e) {
    return look_record(s, q->id, out, e);
}

static int look_proof_of(struct cdn_service *s,
                         const struct cdn_service_query *q,
                         struct cdn_buf *out,
                         struct cordon_error *e) {
    return look_proof(s, q->id, out, e);
}

static const struct {
    uint32_t roles;
    int (*look)(struct cdn_service *s,
                const struct cdn_service_query *q,
                struct cdn_buf *out,
                struct cordon_error *e);
    bool state; /* of the store; what has an id waits for that */
} views[CDN_VIEW_COUNT] = {
    [CDN_VIEW_STATUS] = {CDN_MAY_READ, cdn_look_status, false},
    [CDN_VIEW_MEASURES] = {CDN_MAY_READ, cdn_look_measures, true},
    [CDN_VIEW_LISTS] = {CDN_MAY_READ, cdn_look_lists, true},
    [CDN_VIEW_SNAPSHOTS] = {CDN_MAY_READ, look_snapshots, true},
    [CDN_VIEW_CASES] = {CDN_MAY_READ, look_cases, true},
    [CDN_VIEW_CASE] = {CDN_MAY_READ, look_case, false},
    [CDN_VIEW_APPEALS] = {CDN_MAY_READ, look_appeals, true},
    [CDN_VIEW_DRAFTS] = {CDN_MAY_READ, look_drafts, true},
    [CDN_VIEW_DUTIES] = {CDN_MAY_READ, look_duties, true},
    [CDN_VIEW_CLEARANCES] = {CDN_MAY_READ, look_clearances, true},
    [CDN_VIEW_KEYS] = {CDN_MAY_ADMIN, look_keys, true},
    [CDN_VIEW_RECORD] = {CDN_MAY_AUDIT, look_record_of, false},
    [CDN_VIEW_SEARCH] = {CDN_MAY_AUDIT, look_search, false},
    [CDN_VIEW_PROOF] = {CDN_MAY_AUDIT, look_proof_of, false},
    [CDN_VIEW_CHECKPOINT] = {CDN_MAY_ALL, look_checkpoint, false},
};

int cdn_service_look(struct cdn_service *s,
                     const struct cdn_service_caller *caller,
                     enum cdn_service_view what,
                     const struct cdn_service_query *q,
                     struct cdn_buf *out,
                     uint8_t *ret_refusal,
                     struct cordon_error *e) {
    if ((unsigned)what >= CDN_VIEW_COUNT || !views[what].look) {
        *ret_refusal = CDN_REFUSED_NOTFOUND;
        return cdn_fail(e, CORDON_E_NOTFOUND, "there is no such view");
    }
    if (!(caller->roles & views[what].roles)) {
        *ret_refusal = CDN_REFUSED_ROLE;
        return cdn_fail(e, CORDON_E_STATE, "this key has not the role that this needs");
    }
    const size_t before = out->n;
    if (views[what].state && !q->id.n)
        (void)!cdn_store_wait_applied(s->store, cdn_journal_head(s->journal), LIST_WAIT_MS, NULL);
    const int err = views[what].look(s, q, out, e);
    if (err) {
        out->n = before;
        *ret_refusal = (uint8_t)cdn_service_refusal_of(err);
    }
    return err;
}
