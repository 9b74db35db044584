/* SPDX-License-Identifier: Apache-2.0 */
/* query_case.c: cases, clearances, duties and appeals as JSON. */
#include "store/store_priv.h"

/* ---- cases
 * ---------------------------------------------------------------------------------------------------------
 */

static int out_votes(
    struct cdn_db *db, uint64_t id, int64_t line, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db,
                           "SELECT at AS [instant at], key AS [text by], record AS [count record], why AS "
                           "[text why] FROM case_votes WHERE case_id = ? AND line = ? ORDER BY record");
    cdn_q_count(&q, id);
    cdn_q_int(&q, line);
    return cdn_out_rows(&q, NULL, out, e);
}

enum { LINE_CASE, LINE_NUMBER };
static int out_releases(const struct cdn_q *q,
                        int column,
                        const char *name,
                        struct cdn_buf *out,
                        bool *first,
                        struct cordon_error *e) {
    (void)column;
    cdn_out_name(out, first, name);
    return out_votes(q->db, cdn_q_get_count(q, LINE_CASE), cdn_q_get_int(q, LINE_NUMBER), out, e);
}

static int out_lines(struct cdn_db *db, uint64_t id, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_q q =
        cdn_q(db,
              "SELECT case_id, line, authority AS [text authority], measure AS [text measure], people AS "
              "[count people], reason AS [text reason], line AS [more releases] FROM case_lines WHERE "
              "case_id = ? ORDER BY line");
    cdn_q_count(&q, id);
    return cdn_out_rows(&q, out_releases, out, e);
}

enum { NOTE_KIND, NOTE_TEXT };
static int out_note(const struct cdn_q *q,
                    int column,
                    const char *name,
                    struct cdn_buf *out,
                    bool *first,
                    struct cordon_error *e) {
    const bool comment = cdn_str_eq(cdn_q_text(q, NOTE_KIND), CDN_STR("comment"));
    (void)column;
    (void)name;
    (void)e;
    if (comment)
        cdn_out_text(out, first, "comment", cdn_q_text(q, NOTE_TEXT));
    else
        cdn_out_raw(out, first, "evidence", cdn_q_text(q, NOTE_TEXT));
    return 0;
}

static int out_notes(
    struct cdn_db *db, const char *about, uint64_t id, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_q q =
        cdn_q(db,
              "SELECT kind, text, at AS [instant at], by AS [text by], text AS [more note], record AS "
              "[count record] FROM notes WHERE about = ? AND id = ? ORDER BY record");
    cdn_q_put_z(&q, about);
    cdn_q_count(&q, id);
    return cdn_out_rows(&q, out_note, out, e);
}

/* Members of a case, in three parts: between them there are what only one of the two queries has. */
#define CASE_1 "action AS [text action]"
#define CASE_2                                                                                               \
    "asked_by AS [text asked_by], id AS [count case], closed AS [instant closed], closed_by AS [text "       \
    "closed_by], closed_why AS [text closed_why], id AS [more holds]"
#define CASE_3                                                                                               \
    "at AS [instant opened], party AS [party party], reference AS [text reference], service AS [text "       \
    "service], snapshot AS [text snapshot], status AS [text status] FROM cases"

static int out_case_more(const struct cdn_q *q,
                         int column,
                         const char *name,
                         struct cdn_buf *out,
                         bool *first,
                         struct cordon_error *e) {
    const uint64_t id = cdn_q_get_count(q, column);
    cdn_out_name(out, first, name);
    return strcmp(name, "holds") == 0 ? out_lines(q->db, id, out, e) : out_notes(q->db, "case", id, out, e);
}

int cdn_store_case(
    struct cdn_store *s, uint64_t case_id, int64_t at, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state,
                           "SELECT " CASE_1 ", max(0, ?2 - at) AS [count age_seconds], " CASE_2
                           ", id AS [more notes], " CASE_3 " WHERE id = ?1");
    cdn_q_count(&q, case_id);
    cdn_q_instant(&q, at);
    const int err = cdn_out_one(s, r, &q, out_case_more, out, e);
    return err == CORDON_E_NOTFOUND ? cdn_fail(e, err, "no case %llu", (unsigned long long)case_id) : err;
}

int cdn_store_cases(struct cdn_store *s,
                    const struct cdn_store_case_query *query,
                    struct cdn_buf *out,
                    struct cordon_error *e) {
    if (query->party.n && !cdn_record_is_hex(query->party, CDN_FINGERPRINT_TEXT))
        return cdn_fail(e, CORDON_E_ARG, "not the fingerprint of a party");
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state,
                           "SELECT " CASE_1 ", " CASE_2 ", " CASE_3
                           " WHERE (?1 IS NULL OR status = ?1) AND (?2 IS NULL OR party = ?2) "
                           "AND (?3 IS NULL OR EXISTS(SELECT 1 FROM case_lines l WHERE l.case_id = id AND "
                           "l.authority = ?3)) AND "
                           "id > ?4 ORDER BY id LIMIT ?5");
    cdn_q_put(&q, query->status);
    cdn_q_party(&q, query->party);
    cdn_q_put(&q, query->authority);
    cdn_q_page(&q, query->page);
    return cdn_out_list(s, r, &q, out_case_more, out, e);
}

/* Counted entries of an index that holds all that is asked: rows are not looked at (schema.c). */
#define OPEN_CASES "FROM cases INDEXED BY cases_open WHERE status = 'open'"

/* Opened from `from` on and before `before`. */
static int count_opened(
    struct cdn_db *db, int64_t from, int64_t before, uint64_t *ret, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT count(*) " OPEN_CASES " AND at >= ? AND at < ?");
    cdn_q_int(&q, from);
    cdn_q_int(&q, before);
    if (cdn_q_next(&q))
        *ret = cdn_q_get_count(&q, 0);
    return cdn_q_end(&q, e);
}

static int oldest_case(struct cdn_db *db, int64_t *ret, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT at " OPEN_CASES " ORDER BY at LIMIT 1");
    if (cdn_q_next(&q))
        *ret = cdn_q_get_instant(&q, 0);
    return cdn_q_end(&q, e);
}

/* Each open case is counted once: in the span between two edges that it was opened in. */
static int case_ages(struct cdn_db *db,
                     const int64_t *edges,
                     size_t count,
                     struct cdn_store_ages *ret,
                     struct cordon_error *e) {
    int64_t from = INT64_MIN;
    int err = oldest_case(db, &ret->oldest, e);
    for (size_t i = count; i > 0 && !err; i--) {
        uint64_t n = 0;
        err = count_opened(db, from, edges[i - 1], &n, e);
        ret->open += n;
        ret->older[i - 1] = ret->open;
        from = edges[i - 1];
    }
    uint64_t n = 0;
    err = err ? err : count_opened(db, from, INT64_MAX, &n, e);
    ret->open += n;
    return err;
}

int cdn_store_case_ages(struct cdn_store *s,
                        const int64_t *edges,
                        size_t count,
                        struct cdn_store_ages *ret,
                        struct cordon_error *e) {
    struct cdn_store_ages ages = {.oldest = CDN_INSTANT_NONE};
    if (count > CDN_STORE_EDGES)
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d edges", CDN_STORE_EDGES);
    for (size_t i = 1; i < count; i++)
        if (edges[i - 1] < edges[i])
            return cdn_fail(e, CORDON_E_ARG, "the latest edge comes first");
    struct cdn_reader *r = cdn_store_take(s);
    int err = cdn_db_run(&r->state, "BEGIN", e); /* what is opened meanwhile is in no span */
    if (!err) {
        err = case_ages(&r->state, edges, count, &ages, e);
        const int end = cdn_db_run(&r->state, "COMMIT", err ? NULL : e);
        err = err ? err : end;
    }
    cdn_store_give(s, r);
    if (!err)
        *ret = ages;
    return err;
}

int cdn_store_waiting(struct cdn_store *s, struct cdn_store_waiting *ret, struct cordon_error *e) {
    struct cdn_store_waiting waiting = {0, 0};
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state,
                           "SELECT (SELECT count(*) FROM appeals WHERE status = 'open'), (SELECT count(*) "
                           "FROM drafts WHERE status = 'submitted')");
    if (cdn_q_next(&q))
        waiting =
            (struct cdn_store_waiting){.appeals = cdn_q_get_count(&q, 0), .drafts = cdn_q_get_count(&q, 1)};
    const int err = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    if (!err)
        *ret = waiting;
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
    struct cdn_q q =
        cdn_q(&r->state,
              "SELECT at AS [instant at], by AS [text by], case_id AS [count case], id AS [count clearance], "
              "entry AS [text entry], entry_fingerprint AS [text entry_fingerprint], list AS [text list], "
              "party AS [party party], party_fingerprint AS [text party_fingerprint], until AS [instant "
              "until], why AS [text why], withdrawn AS [instant withdrawn], withdrawn_by AS [text "
              "withdrawn_by], withdrawn_why AS [text withdrawn_why] FROM clearances WHERE (?1 IS NULL OR "
              "party = ?1) AND id > ?2 ORDER BY id LIMIT ?3");
    cdn_q_party(&q, party);
    cdn_q_page(&q, page);
    return cdn_out_list(s, r, &q, NULL, out, e);
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
              "SELECT decision AS [count decision], due AS [instant due], kind AS [text kind], measure AS "
              "[text measure], number AS [count number], due < ?4 AS [flag overdue], party AS [party party], "
              "reference AS [text reference], at AS [instant since], text AS [text text], recipient AS [text "
              "to] FROM duties WHERE done IS NULL AND (?1 IS NULL OR due < ?1) ORDER BY due, decision, "
              "number LIMIT ?3 OFFSET ?2");
    cdn_q_instant(&q, until);
    cdn_q_page(&q, page); /* the cursor is a number of rows here; none: OFFSET -1, which is 0 */
    cdn_q_int(&q, at);
    return cdn_out_list(s, r, &q, NULL, out, e);
}

/* Open, and due before `before`. */
static int count_due(struct cdn_db *db, int64_t before, uint64_t *ret, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT count(*) FROM duties WHERE done IS NULL AND due < ?");
    cdn_q_int(&q, before);
    if (cdn_q_next(&q))
        *ret = cdn_q_get_count(&q, 0);
    return cdn_q_end(&q, e);
}

static int duty_counts(
    struct cdn_db *db, int64_t at, int64_t soon, struct cdn_store_duty_sums *ret, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT count(*) FROM duties INDEXED BY duties_open WHERE done IS NULL");
    if (cdn_q_next(&q))
        ret->open = cdn_q_get_count(&q, 0);
    int err = cdn_q_end(&q, e);
    err = err ? err : count_due(db, at, &ret->overdue, e);
    ret->soon = ret->overdue;
    return err || soon == at ? err : count_due(db, soon, &ret->soon, e);
}

int cdn_store_duty_counts(
    struct cdn_store *s, int64_t at, int64_t soon, struct cdn_store_duty_sums *ret, struct cordon_error *e) {
    struct cdn_store_duty_sums sums = {0};
    struct cdn_reader *r = cdn_store_take(s);
    int err = cdn_db_run(&r->state, "BEGIN", e); /* all of them at one moment */
    if (!err) {
        err = duty_counts(&r->state, at, soon, &sums, e);
        const int end = cdn_db_run(&r->state, "COMMIT", err ? NULL : e);
        err = err ? err : end;
    }
    cdn_store_give(s, r);
    if (!err)
        *ret = sums;
    return err;
}

/* ---- appeals
 * ------------------------------------------------------------------------------------------------------------------
 */

static int out_appeal_decisions(struct cdn_db *db,
                                uint64_t appeal,
                                struct cdn_buf *out,
                                struct cordon_error *e) {
    struct cdn_q q = cdn_q(db,
                           "SELECT after AS [count after], before AS [count before] FROM appeal_decisions "
                           "WHERE appeal = ? ORDER BY before");
    cdn_q_count(&q, appeal);
    return cdn_out_rows(&q, NULL, out, e);
}

#define APPEALS                                                                                              \
    "SELECT id AS [count appeal], by AS [text by], id AS [more decisions], grounds AS [text grounds], id "   \
    "AS [more notes], at AS [instant opened], party AS [party party], resolved AS [instant resolved], "      \
    "resolved_by AS [text resolved_by], resolved_why AS [text resolved_why], status AS [text status] FROM "  \
    "appeals"

static int out_appeal_more(const struct cdn_q *q,
                           int column,
                           const char *name,
                           struct cdn_buf *out,
                           bool *first,
                           struct cordon_error *e) {
    const uint64_t id = cdn_q_get_count(q, column);
    cdn_out_name(out, first, name);
    return strcmp(name, "decisions") == 0 ? out_appeal_decisions(q->db, id, out, e)
                                          : out_notes(q->db, "appeal", id, out, e);
}

int cdn_store_appeal(struct cdn_store *s, uint64_t appeal, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state, APPEALS " WHERE id = ?");
    cdn_q_count(&q, appeal);
    const int err = cdn_out_one(s, r, &q, out_appeal_more, out, e);
    return err == CORDON_E_NOTFOUND ? cdn_fail(e, err, "no appeal %llu", (unsigned long long)appeal) : err;
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
    struct cdn_q q = cdn_q(
        &r->state,
        APPEALS " WHERE (?1 IS NULL OR status = ?1) AND (?2 IS NULL OR party = ?2) AND id > ?3 ORDER BY "
                "id LIMIT ?4");
    cdn_q_put(&q, status);
    cdn_q_party(&q, party);
    cdn_q_page(&q, page);
    return cdn_out_list(s, r, &q, out_appeal_more, out, e);
}
