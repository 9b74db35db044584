/* SPDX-License-Identifier: Apache-2.0 */
/* query_case.c: cases, clearances, duties and appeals as JSON. */
#include "store/store_priv.h"

static int64_t page_limit(struct cdn_store_page page) {
    return page.limit ? CDN_MIN(page.limit, 1000u) : 100;
}
static int64_t page_after(struct cdn_store_page page) {
    return page.after == CDN_COUNT_NONE ? -1 : (int64_t)page.after;
}
static void comma(struct cdn_buf *out, bool *first) {
    if (!*first)
        cdn_buf_char(out, ',');
    *first = false;
}

/* ---- cases
 * ---------------------------------------------------------------------------------------------------------
 */

#define CASE_COLUMNS                                                                                         \
    "id, at, status, party, action, service, reference, snapshot, asked_by, closed, closed_by, closed_why"

/* The members of a case but for its lists, without the brackets. */
static void out_case(struct cdn_buf *out, const struct cdn_q *q, bool *first) {
    cdn_out_text(out, first, "action", cdn_q_text(q, 4));
    cdn_out_text(out, first, "asked_by", cdn_q_text(q, 8));
    cdn_out_count(out, first, "case", cdn_q_get_count(q, 0));
    cdn_out_instant(out, first, "closed", cdn_q_get_instant(q, 9));
    cdn_out_text(out, first, "closed_by", cdn_q_text(q, 10));
    cdn_out_text(out, first, "closed_why", cdn_q_text(q, 11));
}
static void out_case_rest(struct cdn_buf *out, const struct cdn_q *q, bool *first) {
    cdn_out_instant(out, first, "opened", cdn_q_get_int(q, 1));
    cdn_out_party(out, first, "party", cdn_q_text(q, 3));
    cdn_out_text(out, first, "reference", cdn_q_text(q, 6));
    cdn_out_text(out, first, "service", cdn_q_text(q, 5));
    cdn_out_text(out, first, "snapshot", cdn_q_text(q, 7));
    cdn_out_text(out, first, "status", cdn_q_text(q, 2));
}

static int out_votes(
    struct cdn_db *db, uint64_t id, int64_t line, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_q q = cdn_q(
        db, "SELECT at, key, record, why FROM case_votes WHERE case_id = ? AND line = ? ORDER BY record");
    bool first_item = true;
    cdn_q_count(&q, id);
    cdn_q_int(&q, line);
    cdn_buf_char(out, '[');
    while (cdn_q_next(&q)) {
        bool first = true;
        comma(out, &first_item);
        cdn_buf_char(out, '{');
        cdn_out_instant(out, &first, "at", cdn_q_get_int(&q, 0));
        cdn_out_text(out, &first, "by", cdn_q_text(&q, 1));
        cdn_out_count(out, &first, "record", cdn_q_get_count(&q, 2));
        cdn_out_text(out, &first, "why", cdn_q_text(&q, 3));
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
    return cdn_q_end(&q, e);
}

static int out_lines(struct cdn_db *db, uint64_t id, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_q q = cdn_q(
        db,
        "SELECT line, authority, measure, people, reason FROM case_lines WHERE case_id = ? ORDER BY line");
    bool first_item = true;
    int err = 0;
    cdn_q_count(&q, id);
    cdn_buf_char(out, '[');
    while (!err && cdn_q_next(&q)) {
        bool first = true;
        comma(out, &first_item);
        cdn_buf_char(out, '{');
        cdn_out_text(out, &first, "authority", cdn_q_text(&q, 1));
        cdn_out_text(out, &first, "measure", cdn_q_text(&q, 2));
        cdn_out_count(out, &first, "people", cdn_q_get_count(&q, 3));
        cdn_out_text(out, &first, "reason", cdn_q_text(&q, 4));
        cdn_out_name(out, &first, "releases");
        err = out_votes(db, id, cdn_q_get_int(&q, 0), out, e);
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
    const int end = cdn_q_end(&q, e);
    return err ? err : end;
}

static int out_notes(
    struct cdn_db *db, const char *about, uint64_t id, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_q q =
        cdn_q(db, "SELECT at, by, kind, record, text FROM notes WHERE about = ? AND id = ? ORDER BY record");
    bool first_item = true;
    cdn_q_put_z(&q, about);
    cdn_q_count(&q, id);
    cdn_buf_char(out, '[');
    while (cdn_q_next(&q)) {
        bool first = true;
        comma(out, &first_item);
        cdn_buf_char(out, '{');
        cdn_out_instant(out, &first, "at", cdn_q_get_int(&q, 0));
        cdn_out_text(out, &first, "by", cdn_q_text(&q, 1));
        if (cdn_str_eq(cdn_q_text(&q, 2), CDN_STR("comment"))) {
            cdn_out_text(out, &first, "comment", cdn_q_text(&q, 4));
            cdn_out_count(out, &first, "record", cdn_q_get_count(&q, 3));
        } else {
            cdn_out_raw(out, &first, "evidence", cdn_q_text(&q, 4));
            cdn_out_count(out, &first, "record", cdn_q_get_count(&q, 3));
        }
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
    return cdn_q_end(&q, e);
}

int cdn_store_case(
    struct cdn_store *s, uint64_t case_id, int64_t at, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state, "SELECT " CASE_COLUMNS " FROM cases WHERE id = ?");
    int err = 0;
    cdn_q_count(&q, case_id);
    if (cdn_q_next(&q)) {
        bool first = true;
        const int64_t age = at == CDN_INSTANT_NONE ? 0 : at - cdn_q_get_int(&q, 1);
        cdn_buf_char(out, '{');
        cdn_out_text(out, &first, "action", cdn_q_text(&q, 4));
        cdn_out_count(out,
                      &first,
                      "age_seconds",
                      at == CDN_INSTANT_NONE ? CDN_COUNT_NONE
                      : age > 0              ? (uint64_t)age
                                             : 0);
        cdn_out_text(out, &first, "asked_by", cdn_q_text(&q, 8));
        cdn_out_count(out, &first, "case", cdn_q_get_count(&q, 0));
        cdn_out_instant(out, &first, "closed", cdn_q_get_instant(&q, 9));
        cdn_out_text(out, &first, "closed_by", cdn_q_text(&q, 10));
        cdn_out_text(out, &first, "closed_why", cdn_q_text(&q, 11));
        cdn_out_name(out, &first, "holds");
        err = out_lines(&r->state, case_id, out, e);
        cdn_out_name(out, &first, "notes");
        err = err ? err : out_notes(&r->state, "case", case_id, out, e);
        out_case_rest(out, &q, &first);
        cdn_buf_char(out, '}');
    } else {
        err = CORDON_E_NOTFOUND;
    }
    const int end = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    if (end)
        return end;
    if (err == CORDON_E_NOTFOUND)
        return cdn_fail(e, err, "no case %llu", (unsigned long long)case_id);
    return err ? err : out->err;
}

int cdn_store_cases(struct cdn_store *s,
                    const struct cdn_store_case_query *query,
                    struct cdn_buf *out,
                    struct cordon_error *e) {
    if (query->party.n && !cdn_record_is_hex(query->party, CDN_FINGERPRINT_TEXT))
        return cdn_fail(e, CORDON_E_ARG, "not the fingerprint of a party");
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state,
                           "SELECT " CASE_COLUMNS
                           " FROM cases WHERE (?1 IS NULL OR status = ?1) AND (?2 IS NULL OR party = ?2) "
                           "AND (?3 IS NULL OR EXISTS(SELECT 1 FROM case_lines l WHERE l.case_id = id AND "
                           "l.authority = ?3)) AND "
                           "id > ?4 ORDER BY id LIMIT ?5");
    bool first_item = true;
    int err = 0;
    cdn_q_put(&q, query->status);
    cdn_q_party(&q, query->party);
    cdn_q_put(&q, query->authority);
    cdn_q_int(&q, page_after(query->page));
    cdn_q_int(&q, page_limit(query->page));
    cdn_buf_char(out, '[');
    while (!err && cdn_q_next(&q)) {
        bool first = true;
        comma(out, &first_item);
        cdn_buf_char(out, '{');
        out_case(out, &q, &first);
        cdn_out_name(out, &first, "holds");
        err = out_lines(&r->state, cdn_q_get_count(&q, 0), out, e);
        out_case_rest(out, &q, &first);
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
    const int end = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    err = err ? err : end;
    return err ? err : out->err;
}

static int count_before(struct cdn_db *db, int64_t edge, uint64_t *ret, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT count(*) FROM cases WHERE status = 'open' AND at < ?");
    cdn_q_int(&q, edge);
    if (cdn_q_next(&q))
        *ret = cdn_q_get_count(&q, 0);
    return cdn_q_end(&q, e);
}

int cdn_store_case_ages(struct cdn_store *s,
                        const int64_t *edges,
                        size_t count,
                        struct cdn_store_ages *ret,
                        struct cordon_error *e) {
    struct cdn_store_ages ages = {.oldest = CDN_INSTANT_NONE};
    if (count > CDN_STORE_EDGES)
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d edges", CDN_STORE_EDGES);
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state, "SELECT count(*), min(at) FROM cases WHERE status = 'open'");
    if (cdn_q_next(&q)) {
        ages.open = cdn_q_get_count(&q, 0);
        ages.oldest = cdn_q_get_instant(&q, 1);
    }
    int err = cdn_q_end(&q, e);
    for (size_t i = 0; i < count && !err; i++)
        err = count_before(&r->state, edges[i], &ages.older[i], e);
    cdn_store_give(s, r);
    if (!err)
        *ret = ages;
    return err;
}

/* ---- clearances
 * -------------------------------------------------------------------------------------------------------- */

int cdn_store_clearances(struct cdn_store *s,
                         cordon_str party,
                         struct cdn_store_page page,
                         struct cdn_buf *out,
                         struct cordon_error *e) {
    if (party.n && !cdn_record_is_hex(party, CDN_FINGERPRINT_TEXT))
        return cdn_fail(e, CORDON_E_ARG, "not the fingerprint of a party");
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(
        &r->state,
        "SELECT id, at, by, party, list, entry, entry_fingerprint, party_fingerprint, case_id, until, why, "
        "withdrawn, withdrawn_by, withdrawn_why FROM clearances WHERE (?1 IS NULL OR party = ?1) AND id > ?2 "
        "ORDER BY id LIMIT ?3");
    bool first_item = true;
    cdn_q_party(&q, party);
    cdn_q_int(&q, page_after(page));
    cdn_q_int(&q, page_limit(page));
    cdn_buf_char(out, '[');
    while (cdn_q_next(&q)) {
        bool first = true;
        comma(out, &first_item);
        cdn_buf_char(out, '{');
        cdn_out_instant(out, &first, "at", cdn_q_get_int(&q, 1));
        cdn_out_text(out, &first, "by", cdn_q_text(&q, 2));
        cdn_out_count(out, &first, "case", cdn_q_get_count(&q, 8));
        cdn_out_count(out, &first, "clearance", cdn_q_get_count(&q, 0));
        cdn_out_text(out, &first, "entry", cdn_q_text(&q, 5));
        cdn_out_text(out, &first, "entry_fingerprint", cdn_q_text(&q, 6));
        cdn_out_text(out, &first, "list", cdn_q_text(&q, 4));
        cdn_out_party(out, &first, "party", cdn_q_text(&q, 3));
        cdn_out_text(out, &first, "party_fingerprint", cdn_q_text(&q, 7));
        cdn_out_instant(out, &first, "until", cdn_q_get_instant(&q, 9));
        cdn_out_text(out, &first, "why", cdn_q_text(&q, 10));
        cdn_out_instant(out, &first, "withdrawn", cdn_q_get_instant(&q, 11));
        cdn_out_text(out, &first, "withdrawn_by", cdn_q_text(&q, 12));
        cdn_out_text(out, &first, "withdrawn_why", cdn_q_text(&q, 13));
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
    const int err = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    return err ? err : out->err;
}

/* ---- duties
 * ---------------------------------------------------------------------------------------------------------------
 */

int cdn_store_duties(struct cdn_store *s,
                     int64_t at,
                     int64_t until,
                     struct cdn_store_page page,
                     struct cdn_buf *out,
                     struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q =
        cdn_q(&r->state,
              "SELECT decision, number, at, measure, kind, text, recipient, due, party, reference FROM "
              "duties WHERE "
              "done IS NULL AND (?1 IS NULL OR due < ?1) ORDER BY due, decision, number LIMIT ?2 OFFSET ?3");
    bool first_item = true;
    cdn_q_instant(&q, until);
    cdn_q_int(&q, page_limit(page));
    cdn_q_int(&q, page.after == CDN_COUNT_NONE ? 0 : (int64_t)page.after);
    cdn_buf_char(out, '[');
    while (cdn_q_next(&q)) {
        bool first = true;
        comma(out, &first_item);
        cdn_buf_char(out, '{');
        cdn_out_count(out, &first, "decision", cdn_q_get_count(&q, 0));
        cdn_out_instant(out, &first, "due", cdn_q_get_int(&q, 7));
        cdn_out_text(out, &first, "kind", cdn_q_text(&q, 4));
        cdn_out_text(out, &first, "measure", cdn_q_text(&q, 3));
        cdn_out_count(out, &first, "number", cdn_q_get_count(&q, 1));
        cdn_out_flag(out, &first, "overdue", cdn_q_get_int(&q, 7) < at);
        cdn_out_party(out, &first, "party", cdn_q_text(&q, 8));
        cdn_out_text(out, &first, "reference", cdn_q_text(&q, 9));
        cdn_out_instant(out, &first, "since", cdn_q_get_int(&q, 2));
        cdn_out_text(out, &first, "text", cdn_q_text(&q, 5));
        cdn_out_text(out, &first, "to", cdn_q_text(&q, 6));
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
    const int err = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    return err ? err : out->err;
}

int cdn_store_duty_counts(
    struct cdn_store *s, int64_t at, int64_t soon, struct cdn_store_duty_sums *ret, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q =
        cdn_q(&r->state, "SELECT count(*), sum(due < ?), sum(due < ?) FROM duties WHERE done IS NULL");
    cdn_q_int(&q, soon);
    cdn_q_int(&q, at);
    if (cdn_q_next(&q)) {
        ret->open = cdn_q_get_count(&q, 0);
        ret->soon = cdn_q_null(&q, 1) ? 0 : cdn_q_get_count(&q, 1);
        ret->overdue = cdn_q_null(&q, 2) ? 0 : cdn_q_get_count(&q, 2);
    }
    const int err = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    return err;
}

/* ---- appeals
 * ------------------------------------------------------------------------------------------------------------------
 */

static int out_appeal_decisions(struct cdn_db *db,
                                uint64_t appeal,
                                struct cdn_buf *out,
                                struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT after, before FROM appeal_decisions WHERE appeal = ? ORDER BY before");
    bool first_item = true;
    cdn_q_count(&q, appeal);
    cdn_buf_char(out, '[');
    while (cdn_q_next(&q)) {
        bool first = true;
        comma(out, &first_item);
        cdn_buf_char(out, '{');
        cdn_out_count(out, &first, "after", cdn_q_get_count(&q, 0));
        cdn_out_count(out, &first, "before", cdn_q_get_count(&q, 1));
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
    return cdn_q_end(&q, e);
}

#define APPEAL_COLUMNS "id, at, by, party, status, grounds, resolved, resolved_by, resolved_why"

static int out_appeal(struct cdn_db *db, const struct cdn_q *q, struct cdn_buf *out, struct cordon_error *e) {
    const uint64_t id = cdn_q_get_count(q, 0);
    bool first = true;
    cdn_buf_char(out, '{');
    cdn_out_count(out, &first, "appeal", id);
    cdn_out_text(out, &first, "by", cdn_q_text(q, 2));
    cdn_out_name(out, &first, "decisions");
    int err = out_appeal_decisions(db, id, out, e);
    cdn_out_text(out, &first, "grounds", cdn_q_text(q, 5));
    cdn_out_name(out, &first, "notes");
    err = err ? err : out_notes(db, "appeal", id, out, e);
    cdn_out_instant(out, &first, "opened", cdn_q_get_int(q, 1));
    cdn_out_party(out, &first, "party", cdn_q_text(q, 3));
    cdn_out_instant(out, &first, "resolved", cdn_q_get_instant(q, 6));
    cdn_out_text(out, &first, "resolved_by", cdn_q_text(q, 7));
    cdn_out_text(out, &first, "resolved_why", cdn_q_text(q, 8));
    cdn_out_text(out, &first, "status", cdn_q_text(q, 4));
    cdn_buf_char(out, '}');
    return err;
}

int cdn_store_appeal(struct cdn_store *s, uint64_t appeal, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state, "SELECT " APPEAL_COLUMNS " FROM appeals WHERE id = ?");
    int err = CORDON_E_NOTFOUND;
    cdn_q_count(&q, appeal);
    if (cdn_q_next(&q))
        err = out_appeal(&r->state, &q, out, e);
    const int end = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    if (end)
        return end;
    if (err == CORDON_E_NOTFOUND)
        return cdn_fail(e, err, "no appeal %llu", (unsigned long long)appeal);
    return err ? err : out->err;
}

int cdn_store_appeals(struct cdn_store *s,
                      cordon_str status,
                      cordon_str party,
                      struct cdn_store_page page,
                      struct cdn_buf *out,
                      struct cordon_error *e) {
    if (party.n && !cdn_record_is_hex(party, CDN_FINGERPRINT_TEXT))
        return cdn_fail(e, CORDON_E_ARG, "not the fingerprint of a party");
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state,
                           "SELECT " APPEAL_COLUMNS
                           " FROM appeals WHERE (?1 IS NULL OR status = ?1) AND (?2 IS NULL OR party = ?2) "
                           "AND id > ?3 ORDER BY id LIMIT ?4");
    bool first_item = true;
    int err = 0;
    cdn_q_put(&q, status);
    cdn_q_party(&q, party);
    cdn_q_int(&q, page_after(page));
    cdn_q_int(&q, page_limit(page));
    cdn_buf_char(out, '[');
    while (!err && cdn_q_next(&q)) {
        comma(out, &first_item);
        err = out_appeal(&r->state, &q, out, e);
    }
    cdn_buf_char(out, ']');
    const int end = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    err = err ? err : end;
    return err ? err : out->err;
}
