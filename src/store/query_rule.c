/* SPDX-License-Identifier: Apache-2.0 */
/* query_rule.c: drafts, keys, snapshots, lists and legal holds as JSON; and the questions `may …?`. */
#include "store/store_priv.h"

static void comma(struct cdn_buf *out, bool *first) {
    if (!*first)
        cdn_buf_char(out, ',');
    *first = false;
}

/* ---- drafts
 * -------------------------------------------------------------------------------------------------------- */

static int out_approvals(struct cdn_db *db, uint64_t draft, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db,
                           "SELECT at, key, digest, public_key, record, signature FROM draft_approvals WHERE "
                           "draft = ? ORDER BY record");
    bool first_item = true;
    cdn_q_count(&q, draft);
    cdn_buf_char(out, '[');
    while (cdn_q_next(&q)) {
        bool first = true;
        comma(out, &first_item);
        cdn_buf_char(out, '{');
        cdn_out_instant(out, &first, "at", cdn_q_get_int(&q, 0));
        cdn_out_text(out, &first, "by", cdn_q_text(&q, 1));
        cdn_out_text(out, &first, "digest", cdn_q_text(&q, 2));
        cdn_out_text(out, &first, "public_key", cdn_q_text(&q, 3));
        cdn_out_count(out, &first, "record", cdn_q_get_count(&q, 4));
        cdn_out_text(out, &first, "signature", cdn_q_text(&q, 5));
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
    return cdn_q_end(&q, e);
}

#define DRAFT_COLUMNS                                                                                        \
    "id, at, measure, author, status, text, digest, changed, activate, activated, snapshot, closed_by, "     \
    "closed_why"

static int out_draft(
    struct cdn_db *db, const struct cdn_q *q, bool with_text, struct cdn_buf *out, struct cordon_error *e) {
    const uint64_t id = cdn_q_get_count(q, 0);
    bool first = true;
    cdn_buf_char(out, '{');
    cdn_out_instant(out, &first, "activate", cdn_q_get_instant(q, 8));
    cdn_out_instant(out, &first, "activated", cdn_q_get_instant(q, 9));
    cdn_out_name(out, &first, "approvals");
    const int err = out_approvals(db, id, out, e);
    cdn_out_text(out, &first, "author", cdn_q_text(q, 3));
    cdn_out_instant(out, &first, "changed", cdn_q_get_int(q, 7));
    cdn_out_text(out, &first, "closed_by", cdn_q_text(q, 11));
    cdn_out_text(out, &first, "closed_why", cdn_q_text(q, 12));
    cdn_out_instant(out, &first, "created", cdn_q_get_int(q, 1));
    cdn_out_text(out, &first, "digest", cdn_q_text(q, 6));
    cdn_out_count(out, &first, "draft", id);
    cdn_out_text(out, &first, "measure", cdn_q_text(q, 2));
    cdn_out_text(out, &first, "snapshot", cdn_q_text(q, 10));
    cdn_out_text(out, &first, "status", cdn_q_text(q, 4));
    if (with_text)
        cdn_out_text(out, &first, "text", cdn_q_text(q, 5));
    cdn_buf_char(out, '}');
    return err;
}

static int no_draft(struct cordon_error *e, uint64_t draft) {
    return cdn_fail(e, CORDON_E_NOTFOUND, "no draft %llu", (unsigned long long)draft);
}

int cdn_store_draft(struct cdn_store *s, uint64_t draft, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state, "SELECT " DRAFT_COLUMNS " FROM drafts WHERE id = ?");
    int err = CORDON_E_NOTFOUND;
    cdn_q_count(&q, draft);
    if (cdn_q_next(&q))
        err = out_draft(&r->state, &q, true, out, e);
    const int end = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    if (end)
        return end;
    return err == CORDON_E_NOTFOUND ? no_draft(e, draft) : err ? err : out->err;
}

int cdn_store_drafts(struct cdn_store *s,
                     cordon_str status,
                     struct cdn_store_page page,
                     struct cdn_buf *out,
                     struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state,
                           "SELECT " DRAFT_COLUMNS
                           " FROM drafts WHERE (?1 IS NULL OR status = ?1) AND id > ?2 ORDER BY id LIMIT ?3");
    bool first_item = true;
    int err = 0;
    cdn_q_put(&q, status);
    cdn_q_int(&q, page.after == CDN_COUNT_NONE ? -1 : (int64_t)page.after);
    cdn_q_int(&q, page.limit ? CDN_MIN(page.limit, 1000u) : 100);
    cdn_buf_char(out, '[');
    while (!err && cdn_q_next(&q)) {
        comma(out, &first_item);
        err = out_draft(&r->state, &q, false, out, e);
    }
    cdn_buf_char(out, ']');
    const int end = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    err = err ? err : end;
    return err ? err : out->err;
}

int cdn_store_draft_text(struct cdn_store *s, uint64_t draft, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state, "SELECT text FROM drafts WHERE id = ?");
    cdn_q_count(&q, draft);
    const bool found = cdn_q_next(&q);
    if (found)
        cdn_buf_str(out, cdn_q_text(&q, 0));
    const int err = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    return err ? err : found ? out->err : no_draft(e, draft);
}

int cdn_store_next_activation(
    struct cdn_store *s, int64_t after, uint64_t *ret_draft, int64_t *ret_at, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q =
        cdn_q(&r->state,
              "SELECT id, activate FROM drafts WHERE status = 'scheduled' AND (?1 IS NULL OR activate > ?1) "
              "ORDER BY activate, id LIMIT 1");
    cdn_q_instant(&q, after);
    *ret_at = CDN_INSTANT_NONE;
    if (cdn_q_next(&q)) {
        *ret_draft = cdn_q_get_count(&q, 0);
        *ret_at = cdn_q_get_int(&q, 1);
    }
    const int err = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    return err;
}

/* ---- keys
 * ------------------------------------------------------------------------------------------------------------
 */

static int out_grants(
    struct cdn_db *db, cordon_str key, const char *kind, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT name FROM key_grants WHERE key = ? AND kind = ? ORDER BY name");
    bool first = true;
    cdn_q_put(&q, key);
    cdn_q_put_z(&q, kind);
    cdn_buf_char(out, '[');
    while (cdn_q_next(&q)) {
        comma(out, &first);
        cdn_buf_json(out, cdn_q_text(&q, 0));
    }
    cdn_buf_char(out, ']');
    return cdn_q_end(&q, e);
}

static int out_key(struct cdn_db *db, const struct cdn_q *q, struct cdn_buf *out, struct cordon_error *e) {
    bool first = true;
    cdn_buf_char(out, '{');
    cdn_out_name(out, &first, "authorities");
    int err = out_grants(db, cdn_q_text(q, 0), "authority", out, e);
    cdn_out_count(out, &first, "burst", cdn_q_get_count(q, 6));
    cdn_out_instant(out, &first, "created", cdn_q_get_int(q, 1));
    cdn_out_text(out, &first, "created_by", cdn_q_text(q, 2));
    cdn_out_instant(out, &first, "expires", cdn_q_get_instant(q, 7));
    cdn_out_text(out, &first, "key", cdn_q_text(q, 0));
    cdn_out_text(out, &first, "label", cdn_q_text(q, 3));
    cdn_out_text(out, &first, "person", cdn_q_text(q, 4));
    cdn_out_text(out, &first, "public_key", cdn_q_text(q, 10));
    cdn_out_count(out, &first, "rate", cdn_q_get_count(q, 5));
    cdn_out_instant(out, &first, "revoked", cdn_q_get_instant(q, 8));
    cdn_out_text(out, &first, "revoked_why", cdn_q_text(q, 9));
    cdn_out_name(out, &first, "roles");
    err = err ? err : out_grants(db, cdn_q_text(q, 0), "role", out, e);
    cdn_buf_char(out, '}');
    return err;
}

int cdn_store_keys(struct cdn_store *s, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state,
                           "SELECT id, at, by, label, person, rate, burst, expires, revoked, revoked_why, "
                           "signer FROM keys ORDER BY "
                           "record");
    bool first_item = true;
    int err = 0;
    cdn_buf_char(out, '[');
    while (!err && cdn_q_next(&q)) {
        comma(out, &first_item);
        err = out_key(&r->state, &q, out, e);
    }
    cdn_buf_char(out, ']');
    const int end = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    err = err ? err : end;
    return err ? err : out->err;
}

/* ---- snapshots and lists
 * ------------------------------------------------------------------------------------------------ */

static int out_activations(struct cdn_db *db,
                           cordon_str snapshot,
                           struct cdn_buf *out,
                           struct cordon_error *e) {
    struct cdn_q q =
        cdn_q(db, "SELECT at, by, how, record FROM activations WHERE snapshot = ? ORDER BY record");
    bool first_item = true;
    cdn_q_put(&q, snapshot);
    cdn_buf_char(out, '[');
    while (cdn_q_next(&q)) {
        bool first = true;
        comma(out, &first_item);
        cdn_buf_char(out, '{');
        cdn_out_instant(out, &first, "at", cdn_q_get_int(&q, 0));
        cdn_out_text(out, &first, "by", cdn_q_text(&q, 1));
        cdn_out_text(out, &first, "how", cdn_q_text(&q, 2));
        cdn_out_count(out, &first, "record", cdn_q_get_count(&q, 3));
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
    return cdn_q_end(&q, e);
}

int cdn_store_snapshots(struct cdn_store *s, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state,
                           "SELECT digest, built, by, info FROM snapshots UNION ALL SELECT DISTINCT "
                           "snapshot, NULL, NULL, NULL FROM "
                           "activations WHERE snapshot NOT IN (SELECT digest FROM snapshots) ORDER BY 2, 1");
    bool first_item = true;
    int err = 0;
    cdn_buf_char(out, '[');
    while (!err && cdn_q_next(&q)) {
        bool first = true;
        comma(out, &first_item);
        cdn_buf_char(out, '{');
        cdn_out_name(out, &first, "activations");
        err = out_activations(&r->state, cdn_q_text(&q, 0), out, e);
        cdn_out_instant(out, &first, "built", cdn_q_get_instant(&q, 1));
        cdn_out_text(out, &first, "built_by", cdn_q_text(&q, 2));
        cdn_out_raw(out, &first, "info", cdn_q_text(&q, 3));
        cdn_out_text(out, &first, "snapshot", cdn_q_text(&q, 0));
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
    const int end = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    err = err ? err : end;
    return err ? err : out->err;
}

int cdn_store_snapshot_at(struct cdn_store *s, int64_t at, char ret[72], struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(
        &r->state, "SELECT snapshot FROM activations WHERE at <= ? ORDER BY at DESC, record DESC LIMIT 1");
    int verdict = CORDON_E_NOTFOUND;
    cdn_q_int(&q, at);
    if (cdn_q_next(&q)) {
        const cordon_str digest = cdn_q_text(&q, 0);
        verdict = digest.n < 72 ? 0 : CORDON_E_FORMAT;
        if (!verdict) {
            memcpy(ret, digest.p, digest.n);
            ret[digest.n] = 0;
        }
    }
    const int err = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    if (err)
        return err;
    return verdict == CORDON_E_NOTFOUND ? cdn_fail(e, verdict, "no snapshot was active at that instant")
           : verdict                    ? cdn_fail(e, verdict, "a digest that is none")
                                        : 0;
}

static int copy_digest(const struct cdn_q *q, char ret[72], struct cordon_error *e) {
    const cordon_str digest = cdn_q_text(q, 0);
    if (digest.n >= 72)
        return cdn_fail(e, CORDON_E_FORMAT, "a digest that is none");
    memcpy(ret, digest.p, digest.n);
    ret[digest.n] = 0;
    return 0;
}

int cdn_store_last_activation(struct cdn_store *s, struct cdn_store_activation *ret, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q =
        cdn_q(&r->state, "SELECT snapshot, at, how FROM activations ORDER BY record DESC LIMIT 1");
    struct cdn_store_activation a = {.at = 0};
    bool found = false;
    int err = 0;
    if ((found = cdn_q_next(&q))) {
        err = copy_digest(&q, a.snapshot, e);
        a.at = cdn_q_get_int(&q, 1);
        a.scheduled = cdn_str_eq(cdn_q_text(&q, 2), CDN_STR("schedule"));
    }
    int end = cdn_q_end(&q, e);
    err = err ? err : end;
    if (!err && found) {
        q = cdn_q(&r->state,
                  "SELECT snapshot FROM activations WHERE snapshot != ? ORDER BY record DESC LIMIT 1");
        cdn_q_put_z(&q, a.snapshot);
        if (cdn_q_next(&q))
            err = copy_digest(&q, a.before, e);
        end = cdn_q_end(&q, e);
        err = err ? err : end;
    }
    cdn_store_give(s, r);
    if (!err && !found)
        err = cdn_fail(e, CORDON_E_NOTFOUND, "no snapshot was ever active");
    if (!err)
        *ret = a;
    return err;
}

int cdn_store_lists(struct cdn_store *s, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state,
                           "SELECT list, digest, activated, published, entries, used, used_decision FROM "
                           "lists ORDER BY list, record");
    bool first_item = true;
    cdn_buf_char(out, '[');
    while (cdn_q_next(&q)) {
        bool first = true;
        comma(out, &first_item);
        cdn_buf_char(out, '{');
        cdn_out_instant(out, &first, "activated", cdn_q_get_int(&q, 2));
        cdn_out_text(out, &first, "digest", cdn_q_text(&q, 1));
        cdn_out_count(out, &first, "entries", cdn_q_get_count(&q, 4));
        cdn_out_instant(out, &first, "first_used", cdn_q_get_instant(&q, 5));
        cdn_out_count(out, &first, "first_used_by", cdn_q_get_count(&q, 6));
        cdn_out_text(out, &first, "list", cdn_q_text(&q, 0));
        cdn_out_instant(out, &first, "published", cdn_q_get_instant(&q, 3));
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
    const int err = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    return err ? err : out->err;
}

int cdn_store_legal_holds(struct cdn_store *s, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state,
                           "SELECT id, at, by, party, first, last, why, lifted, lifted_by, lifted_why FROM "
                           "legal_holds ORDER BY id");
    bool first_item = true;
    cdn_buf_char(out, '[');
    while (cdn_q_next(&q)) {
        bool first = true;
        comma(out, &first_item);
        cdn_buf_char(out, '{');
        cdn_out_instant(out, &first, "at", cdn_q_get_int(&q, 1));
        cdn_out_text(out, &first, "by", cdn_q_text(&q, 2));
        cdn_out_count(out, &first, "from", cdn_q_get_count(&q, 4));
        cdn_out_count(out, &first, "hold", cdn_q_get_count(&q, 0));
        cdn_out_instant(out, &first, "lifted", cdn_q_get_instant(&q, 7));
        cdn_out_text(out, &first, "lifted_by", cdn_q_text(&q, 8));
        cdn_out_text(out, &first, "lifted_why", cdn_q_text(&q, 9));
        cdn_out_party(out, &first, "party", cdn_q_text(&q, 3));
        cdn_out_count(out, &first, "to", cdn_q_get_count(&q, 5));
        cdn_out_text(out, &first, "why", cdn_q_text(&q, 6));
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
    const int err = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    return err ? err : out->err;
}

/* ---- may …?
 * -------------------------------------------------------------------------------------------------------------------
 */

static int answer(struct cdn_store *s,
                  struct cdn_reader *r,
                  const struct cdn_check *c,
                  int verdict,
                  struct cordon_error *e) {
    cdn_store_give(s, r);
    return verdict == CDN_NO ? cdn_fail(e, c->no, "%s", c->why) : verdict;
}

int cdn_store_may_release(
    struct cdn_store *s, uint64_t case_id, cordon_str key, int64_t at, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_check c = {.db = &r->state, .e = e};
    return answer(s, r, &c, cdn_check_release(&c, case_id, key, at), e);
}
int cdn_store_may_refuse(
    struct cdn_store *s, uint64_t case_id, cordon_str key, int64_t at, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_check c = {.db = &r->state, .e = e};
    return answer(s, r, &c, cdn_check_refuse(&c, case_id, key, at), e);
}
int cdn_store_may_approve(struct cdn_store *s,
                          cordon_str key,
                          int64_t at,
                          const struct cdn_ev_draft_approved *approval,
                          struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_check c = {.db = &r->state, .e = e};
    return answer(s, r, &c, cdn_check_approve(&c, key, at, approval), e);
}
int cdn_store_may_schedule(
    struct cdn_store *s, uint64_t draft, cordon_str key, int64_t at, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_check c = {.db = &r->state, .e = e};
    return answer(s, r, &c, cdn_check_schedule(&c, draft, key, at), e);
}
int cdn_store_may_activate(struct cdn_store *s, uint64_t draft, int64_t at, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_check c = {.db = &r->state, .e = e};
    return answer(s, r, &c, cdn_check_activate(&c, draft, at), e);
}

/* Legal holds of a party are judged by the index, which knows whose a record is. */
static int party_held(struct cdn_store *s, struct cdn_check *c, struct cdn_reader *r, uint64_t record) {
    struct cdn_buf parties;
    cdn_buf_init(&parties, s->alloc, CDN_MAX_RECORD_BYTES);
    int verdict = cdn_store_index_parties(s, r, record, &parties, c->e);
    struct cdn_q q = cdn_q(
        &r->state,
        "SELECT party, id FROM legal_holds WHERE lifted IS NULL AND party IS NOT NULL AND (first IS NULL OR "
        "first <= ?1) AND (last IS NULL OR last >= ?1)");
    cdn_q_count(&q, record);
    while (!verdict && cdn_q_next(&q)) {
        const cordon_str party = cdn_q_text(&q, 0);
        for (size_t at = 0; at < parties.n && !verdict; at += CDN_SUMMARY_PARTY)
            if (cdn_str_eq(party, cdn_str(parties.p + at, CDN_SUMMARY_PARTY)))
                verdict = cdn_no(c,
                                 CORDON_E_STATE,
                                 "record %llu must stay: legal hold %lld covers its party",
                                 (unsigned long long)record,
                                 (long long)cdn_q_get_int(&q, 1));
    }
    const int err = cdn_q_end(&q, c->e);
    cdn_buf_free(&parties);
    return verdict ? verdict : err;
}

/* Its idempotency key still answers retries. */
static int still_answers(struct cdn_store *s, struct cdn_check *c, struct cdn_reader *r, uint64_t record) {
    const int answers = cdn_store_index_answers(s, r, record, c->e);
    return answers > 0 ? cdn_no(c,
                                CORDON_E_STATE,
                                "record %llu must stay: retries are still answered from it",
                                (unsigned long long)record)
                       : answers;
}

int cdn_store_may_erase(struct cdn_store *s, uint64_t record, int64_t at, struct cordon_error *e) {
    const uint64_t applied = atomic_load(&s->applied);
    if (record >= applied || atomic_load(&s->indexed) < applied)
        return cdn_fail(
            e, CORDON_E_STATE, "state and index have not taken in the record and all after it yet");
    const int err = cdn_store_state_write(s, e);
    if (err)
        return err;
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_check c = {.db = &r->state, .e = e};
    int verdict = cdn_check_erase(&c, record, at);
    verdict = verdict ? verdict : party_held(s, &c, r, record);
    verdict = verdict ? verdict : still_answers(s, &c, r, record);
    return answer(s, r, &c, verdict, e);
}
