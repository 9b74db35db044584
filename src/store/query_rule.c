/* SPDX-License-Identifier: Apache-2.0 */
/* query_rule.c: drafts, keys, snapshots, lists and legal holds as JSON; and the questions `may …?`. */
#include "store/store_priv.h"

/* ---- drafts
 * -------------------------------------------------------------------------------------------------------- */

static int out_approvals(const struct cdn_q *q,
                         int column,
                         const char *name,
                         struct cdn_buf *out,
                         bool *first,
                         struct cordon_error *e) {
    struct cdn_q of = cdn_q(q->db,
                            "SELECT at AS [instant at], key AS [text by], digest AS [text digest], "
                            "public_key AS [text public_key], record AS [count record], signature AS [text "
                            "signature] FROM draft_approvals WHERE draft = ? ORDER BY record");
    cdn_q_count(&of, cdn_q_get_count(q, column));
    cdn_out_name(out, first, name);
    return cdn_out_rows(&of, NULL, out, e);
}

#define DRAFT_COLUMNS                                                                                        \
    "activate AS [instant activate], activated AS [instant activated], id AS [more approvals], author AS "   \
    "[text author], changed AS [instant changed], closed_by AS [text closed_by], closed_why AS [text "       \
    "closed_why], at AS [instant created], digest AS [text digest], id AS [count draft], measure AS [text "  \
    "measure], snapshot AS [text snapshot], status AS [text status]"

static int no_draft(struct cordon_error *e, uint64_t draft) {
    return cdn_fail(e, CORDON_E_NOTFOUND, "no draft %llu", (unsigned long long)draft);
}

int cdn_store_draft(struct cdn_store *s, uint64_t draft, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q =
        cdn_q(&r->state, "SELECT " DRAFT_COLUMNS ", text AS [text text] FROM drafts WHERE id = ?");
    cdn_q_count(&q, draft);
    const int err = cdn_out_one(s, r, &q, out_approvals, out, e);
    return err == CORDON_E_NOTFOUND ? no_draft(e, draft) : err;
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
    cdn_q_put(&q, status);
    cdn_q_page(&q, page);
    return cdn_out_list(s, r, &q, out_approvals, out, e);
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

static int out_grants(const struct cdn_q *q,
                      int column,
                      const char *name,
                      struct cdn_buf *out,
                      bool *first,
                      struct cordon_error *e) {
    struct cdn_q of = cdn_q(q->db, "SELECT name FROM key_grants WHERE key = ? AND kind = ? ORDER BY name");
    bool none = true;
    cdn_q_put(&of, cdn_q_text(q, column));
    cdn_q_put_z(&of, strcmp(name, "authorities") == 0 ? "authority" : "role");
    cdn_out_name(out, first, name);
    cdn_buf_char(out, '[');
    while (cdn_q_next(&of)) {
        if (!none)
            cdn_buf_char(out, ',');
        none = false;
        cdn_buf_json(out, cdn_q_text(&of, 0));
    }
    cdn_buf_char(out, ']');
    return cdn_q_end(&of, e);
}

int cdn_store_keys(struct cdn_store *s, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q =
        cdn_q(&r->state,
              "SELECT id AS [more authorities], burst AS [count burst], at AS [instant created], by AS [text "
              "created_by], expires AS [instant expires], id AS [text key], label AS [text label], person AS "
              "[text person], signer AS [text public_key], rate AS [count rate], revoked AS [instant "
              "revoked], revoked_why AS [text revoked_why], id AS [more roles] FROM keys ORDER BY record");
    return cdn_out_list(s, r, &q, out_grants, out, e);
}

/* ---- snapshots and lists
 * ------------------------------------------------------------------------------------------------ */

static int out_activations(const struct cdn_q *q,
                           int column,
                           const char *name,
                           struct cdn_buf *out,
                           bool *first,
                           struct cordon_error *e) {
    struct cdn_q of = cdn_q(q->db,
                            "SELECT at AS [instant at], by AS [text by], how AS [text how], record AS [count "
                            "record] FROM activations WHERE snapshot = ? ORDER BY record");
    cdn_q_put(&of, cdn_q_text(q, column));
    cdn_out_name(out, first, name);
    return cdn_out_rows(&of, NULL, out, e);
}

int cdn_store_snapshots(struct cdn_store *s, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q =
        cdn_q(&r->state,
              "SELECT digest AS [more activations], built AS [instant built], by AS [text built_by], info AS "
              "[json info], digest AS [text snapshot] FROM (SELECT digest, built, by, info FROM snapshots "
              "UNION ALL SELECT DISTINCT snapshot, NULL, NULL, NULL FROM activations WHERE snapshot NOT IN "
              "(SELECT digest FROM snapshots)) ORDER BY 2, 1");
    return cdn_out_list(s, r, &q, out_activations, out, e);
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
    struct cdn_q q =
        cdn_q(&r->state,
              "SELECT activated AS [instant activated], digest AS [text digest], entries AS [count entries], "
              "used AS [instant first_used], used_decision AS [count first_used_by], list AS [text list], "
              "published AS [instant published] FROM lists ORDER BY list, record");
    return cdn_out_list(s, r, &q, NULL, out, e);
}

int cdn_store_legal_holds(struct cdn_store *s, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q =
        cdn_q(&r->state,
              "SELECT at AS [instant at], by AS [text by], first AS [count from], id AS [count hold], lifted "
              "AS [instant lifted], lifted_by AS [text lifted_by], lifted_why AS [text lifted_why], party AS "
              "[party party], last AS [count to], why AS [text why] FROM legal_holds ORDER BY id");
    return cdn_out_list(s, r, &q, NULL, out, e);
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
