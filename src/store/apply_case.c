/* SPDX-License-Identifier: Apache-2.0 */
/* apply_case.c: what decisions and events do to cases, clearances, usage, duties and appeals.
 *
 *  1. a case is opened by a decision that holds, and closed by releases or a refusal, by nothing else: there
 * is no event for a timeout;
 *  2. it is released when each of its lines has as many releases by different people as the measure demands;
 *  3. what an event refers to and what has been erased is passed over in silence, so that applying again
 * after an erasure gives what is left after erasing. */
#include "store/store_priv.h"

int cdn_apply_about(struct cdn_apply *a, uint64_t about) {
    a->about = about;
    const int erased = cdn_check_erased(&a->check, about);
    return erased < 0 ? erased : erased ? CDN_DONE : 0;
}

/* ---- a decision
 * -------------------------------------------------------------------------------------------------- */

static cordon_str main_party(const struct cdn_effects *f) {
    return f->party_count ? f->parties[0] : (cordon_str){NULL, 0};
}

static int open_case(struct cdn_apply *a, const struct cdn_record_decision *d) {
    const struct cdn_effects *f = &d->effects;
    struct cdn_q q =
        cdn_q(a->check.db,
              "INSERT INTO cases(id, at, status, party, action, service, reference, snapshot, asked_by) "
              "VALUES(?, ?, 'open', ?, ?, ?, ?, ?, ?)");
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, d->recorded);
    cdn_q_party(&q, main_party(f));
    cdn_q_put(&q, f->action);
    cdn_q_put(&q, f->service);
    cdn_q_put(&q, f->reference);
    cdn_q_put(&q, d->snapshot);
    cdn_q_put(&q, d->key);
    int err = cdn_q_do(&q, a->check.e);
    for (size_t i = 0; i < f->hold_count && !err; i++) {
        const struct cdn_effect_hold *h = &f->holds[i];
        q = cdn_q(a->check.db,
                  "INSERT INTO case_lines(case_id, line, measure, reason, authority, people) VALUES(?, ?, ?, "
                  "?, ?, ?)");
        cdn_q_count(&q, a->index);
        cdn_q_int(&q, (int64_t)i);
        cdn_q_put(&q, h->measure);
        cdn_q_put(&q, h->reason);
        cdn_q_put_always(&q, h->authority);
        cdn_q_int(&q, h->people);
        err = cdn_q_do(&q, a->check.e);
    }
    return err;
}

static int read_used(struct cdn_apply *a, const struct cdn_effect_cap *c, struct cdn_decimal *ret) {
    struct cdn_q q = cdn_q(
        a->check.db,
        "SELECT used FROM usage WHERE party = ? AND measure = ? AND span = ? AND currency = ? AND start = ?");
    int bad = 0;
    cdn_q_party(&q, c->party);
    cdn_q_put(&q, c->measure);
    cdn_q_put_z(&q, cdn_window_name(c->window));
    cdn_q_put_z(&q, c->currency);
    cdn_q_int(&q, c->from);
    *ret = (struct cdn_decimal){0};
    if (cdn_q_next(&q))
        bad = cdn_decimal_parse(cdn_q_text(&q, 0), ret);
    const int err = cdn_q_end(&q, a->check.e);
    return err   ? err
           : bad ? cdn_fail(a->check.e, CORDON_E_FORMAT, "the state database has an amount that is none")
                 : 0;
}

static int write_used(struct cdn_apply *a,
                      const struct cdn_effect_cap *c,
                      int64_t over,
                      struct cdn_decimal used) {
    struct cdn_q q = cdn_q(
        a->check.db,
        "INSERT INTO usage(party, measure, span, currency, start, over, used) VALUES(?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET used = excluded.used");
    cdn_q_party(&q, c->party);
    cdn_q_put(&q, c->measure);
    cdn_q_put_z(&q, cdn_window_name(c->window));
    cdn_q_put_z(&q, c->currency);
    cdn_q_int(&q, c->from);
    cdn_q_int(&q, over);
    cdn_q_decimal(&q, used);
    return cdn_q_do(&q, a->check.e);
}

static int take_cap(struct cdn_apply *a, size_t number, const struct cdn_effect_cap *c) {
    struct cdn_decimal used;
    int64_t from = 0;
    int64_t over = 0;
    if (cdn_window_at(c->window, c->from, &from, &over) != 0 || from != c->from)
        return cdn_no(
            &a->check, CORDON_E_RANGE, "a cap whose window does not begin at %lld", (long long)c->from);
    int err = read_used(a, c, &used);
    if (err)
        return err;
    if (cdn_decimal_add(used, c->amount, &used) != 0)
        return cdn_no(
            &a->check, CORDON_E_RANGE, "usage of %.*s has more than 18 digits", CDN_FMT(c->measure));
    err = write_used(a, c, over, used);
    if (err)
        return err;
    struct cdn_q q = cdn_q(
        a->check.db,
        "INSERT INTO usage_items(decision, number, party, measure, span, currency, start, over, amount) "
        "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, (int64_t)number);
    cdn_q_party(&q, c->party);
    cdn_q_put(&q, c->measure);
    cdn_q_put_z(&q, cdn_window_name(c->window));
    cdn_q_put_z(&q, c->currency);
    cdn_q_int(&q, c->from);
    cdn_q_int(&q, over);
    cdn_q_decimal(&q, c->amount);
    return cdn_q_do(&q, a->check.e);
}

/* Duties that somebody has to do by a certain time. What is to be kept, frozen or warned of is not done once.
 */
bool cdn_duty_is_task(const struct cdn_effect_duty *d) {
    return d->due != CDN_INSTANT_NONE && !cdn_str_eq(d->kind, CDN_STR("keep_records")) &&
           !cdn_str_eq(d->kind, CDN_STR("freeze")) && !cdn_str_eq(d->kind, CDN_STR("warn"));
}

static int add_duty(struct cdn_apply *a,
                    size_t number,
                    const struct cdn_effect_duty *t,
                    const struct cdn_record_decision *d) {
    struct cdn_q q = cdn_q(
        a->check.db,
        "INSERT INTO duties(decision, number, at, measure, kind, text, recipient, due, provisional, party, "
        "reference) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, (int64_t)number);
    cdn_q_int(&q, d->recorded);
    cdn_q_put(&q, t->measure);
    cdn_q_put(&q, t->kind);
    cdn_q_put(&q, t->text);
    cdn_q_put(&q, t->to);
    cdn_q_int(&q, t->due);
    cdn_q_int(&q, t->provisional);
    cdn_q_party(&q, main_party(&d->effects));
    cdn_q_put(&q, d->effects.reference);
    return cdn_q_do(&q, a->check.e);
}

int cdn_apply_decision(struct cdn_apply *a, const struct cdn_record_decision *d) {
    const struct cdn_effects *f = &d->effects;
    int err = 0;
    if (d->appeal != CDN_COUNT_NONE)
        return 0;
    if (f->hold_count)
        err = open_case(a, d);
    for (size_t i = 0; i < f->duty_count && !err; i++)
        if (cdn_duty_is_task(&f->duties[i]))
            err = add_duty(a, i, &f->duties[i], d);
    for (size_t i = 0; i < f->cap_count && !err; i++)
        err = take_cap(a, i, &f->caps[i]);
    return err;
}

/* ---- cases
 * ------------------------------------------------------------------------------------------------------------
 */

static int add_note(struct cdn_apply *a, const char *about, uint64_t id, const char *kind, cordon_str text) {
    struct cdn_q q = cdn_q(
        a->check.db, "INSERT INTO notes(record, about, id, at, by, kind, text) VALUES(?, ?, ?, ?, ?, ?, ?)");
    cdn_q_count(&q, a->index);
    cdn_q_put_z(&q, about);
    cdn_q_count(&q, id);
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, a->by);
    cdn_q_put_z(&q, kind);
    cdn_q_put(&q, text);
    return cdn_q_do(&q, a->check.e);
}

static int case_exists(struct cdn_apply *a, uint64_t id) {
    const int verdict = cdn_check_open_case(&a->check, id);
    return verdict == CDN_NO && a->check.no == CORDON_E_STATE
               ? 0
               : verdict; /* a closed one may be commented on, too */
}

int cdn_on_case_commented(struct cdn_apply *a, const struct cdn_ev_case_commented *ev) {
    int verdict = cdn_apply_about(a, ev->case_id);
    verdict = verdict ? verdict : case_exists(a, ev->case_id);
    return verdict ? verdict : add_note(a, "case", ev->case_id, "comment", ev->text);
}

int cdn_on_case_evidence(struct cdn_apply *a, const struct cdn_ev_case_evidence *ev) {
    int verdict = cdn_apply_about(a, ev->case_id);
    verdict = verdict ? verdict : case_exists(a, ev->case_id);
    return verdict ? verdict : add_note(a, "case", ev->case_id, "evidence", ev->evidence);
}

static int close_case(struct cdn_apply *a, uint64_t id, const char *status, cordon_str why) {
    struct cdn_q q = cdn_q(
        a->check.db, "UPDATE cases SET status = ?, closed = ?, closed_by = ?, closed_why = ? WHERE id = ?");
    cdn_q_put_z(&q, status);
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, a->by);
    cdn_q_put(&q, why);
    cdn_q_count(&q, id);
    return cdn_q_do(&q, a->check.e);
}

/* A vote on each line that the key has authority for and its holder has not released. */
static int vote(struct cdn_apply *a, uint64_t id, cordon_str why) {
    struct cdn_q q = cdn_q(a->check.db,
                           "INSERT INTO case_votes(case_id, line, person, key, record, at, why) SELECT "
                           "l.case_id, l.line, k.person, k.id, "
                           "?, ?, ? FROM case_lines l JOIN keys k ON k.id = ? WHERE l.case_id = ? AND "
                           "EXISTS(SELECT 1 FROM key_grants g "
                           "WHERE g.key = k.id AND (g.kind = 'authority' AND g.name = l.authority OR "
                           "l.authority = '' AND g.kind = 'role' "
                           "AND g.name = 'approve')) ON CONFLICT DO NOTHING");
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, why);
    cdn_q_put(&q, a->by);
    cdn_q_count(&q, id);
    return cdn_q_do(&q, a->check.e);
}

/* Lines that still lack a release; a case without lines lacks one. */
static int lines_lacking(struct cdn_apply *a, uint64_t id, int64_t *ret) {
    struct cdn_q q = cdn_q(
        a->check.db,
        "SELECT count(*) - sum((SELECT count(*) FROM case_votes v WHERE v.case_id = l.case_id AND v.line = "
        "l.line) >= l.people) FROM case_lines l WHERE l.case_id = ?");
    *ret = 1;
    cdn_q_count(&q, id);
    if (cdn_q_next(&q) && !cdn_q_null(&q, 0))
        *ret = cdn_q_get_int(&q, 0);
    return cdn_q_end(&q, a->check.e);
}

int cdn_on_case_released(struct cdn_apply *a, const struct cdn_ev_case_released *ev) {
    int64_t lacking = 1;
    int verdict = cdn_apply_about(a, ev->case_id);
    verdict = verdict ? verdict : cdn_check_release(&a->check, ev->case_id, a->by, a->at);
    verdict = verdict ? verdict : vote(a, ev->case_id, ev->why);
    verdict = verdict ? verdict : lines_lacking(a, ev->case_id, &lacking);
    if (!verdict && lacking == 0)
        verdict = close_case(a, ev->case_id, "released", ev->why);
    return verdict;
}

int cdn_on_case_refused(struct cdn_apply *a, const struct cdn_ev_case_refused *ev) {
    int verdict = cdn_apply_about(a, ev->case_id);
    verdict = verdict ? verdict : cdn_check_refuse(&a->check, ev->case_id, a->by, a->at);
    return verdict ? verdict : close_case(a, ev->case_id, "refused", ev->why);
}

/* ---- clearances
 * ----------------------------------------------------------------------------------------------------------
 */

int cdn_on_clearance_granted(struct cdn_apply *a, const struct cdn_ev_clearance_granted *ev) {
    struct cdn_q q =
        cdn_q(a->check.db,
              "INSERT INTO clearances(id, at, by, party, list, entry, entry_fingerprint, party_fingerprint, "
              "case_id, until, why) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, a->by);
    cdn_q_party(&q, ev->party);
    cdn_q_put(&q, ev->list);
    cdn_q_put(&q, ev->entry);
    cdn_q_put(&q, ev->entry_fingerprint);
    cdn_q_put(&q, ev->party_fingerprint);
    cdn_q_count(&q, ev->case_id);
    cdn_q_instant(&q, ev->until);
    cdn_q_put(&q, ev->why);
    return cdn_q_do(&q, a->check.e);
}

int cdn_on_clearance_withdrawn(struct cdn_apply *a, const struct cdn_ev_clearance_withdrawn *ev) {
    struct cdn_q q =
        cdn_q(a->check.db,
              "UPDATE clearances SET withdrawn = ?, withdrawn_by = ?, withdrawn_why = ? WHERE id = ? AND "
              "withdrawn IS NULL");
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, a->by);
    cdn_q_put(&q, ev->why);
    cdn_q_count(&q, ev->clearance);
    const int err = cdn_q_do(&q, a->check.e);
    if (err || sqlite3_changes(a->check.db->h))
        return err;
    return cdn_no(
        &a->check, CORDON_E_NOTFOUND, "no clearance %llu that counts", (unsigned long long)ev->clearance);
}

/* ---- usage
 * ------------------------------------------------------------------------------------------------------------------
 */

/* The first item of the decision that is not reversed; *ret_number -1: none. Texts are in the arena. */
static int next_item(struct cdn_apply *a,
                     uint64_t decision,
                     struct cdn_effect_cap *ret,
                     int64_t *ret_over,
                     int64_t *ret_number) {
    struct cdn_q q = cdn_q(
        a->check.db,
        "SELECT number, lower(hex(party)), measure, span, currency, start, over, amount FROM usage_items "
        "WHERE decision = ? AND reversed IS NULL ORDER BY number LIMIT 1");
    int bad = 0;
    *ret_number = -1;
    cdn_q_count(&q, decision);
    if (cdn_q_next(&q)) {
        const cordon_str span = cdn_q_text(&q, 3);
        const cordon_str currency = cdn_q_text(&q, 4);
        *ret = (struct cdn_effect_cap){.from = cdn_q_get_int(&q, 5)};
        while (cdn_window_name(++ret->window) && !cdn_str_eq(span, cdn_str_z(cdn_window_name(ret->window)))) {
        }
        memcpy(ret->currency, currency.p, CDN_MIN(currency.n, (size_t)3));
        *ret_over = cdn_q_get_int(&q, 6);
        *ret_number = cdn_q_get_int(&q, 0);
        bad = cdn_decimal_parse(cdn_q_text(&q, 7), &ret->amount);
        bad = bad ? bad : cdn_arena_str(a->arena, cdn_q_text(&q, 1), &ret->party);
        bad = bad ? bad : cdn_arena_str(a->arena, cdn_q_text(&q, 2), &ret->measure);
    }
    const int err = cdn_q_end(&q, a->check.e);
    return err ? err : bad ? cdn_fail(a->check.e, bad, "an item of usage cannot be read") : 0;
}

static int mark_reversed(struct cdn_apply *a, uint64_t decision, int64_t number) {
    struct cdn_q q =
        cdn_q(a->check.db, "UPDATE usage_items SET reversed = ? WHERE decision = ? AND number = ?");
    cdn_q_count(&q, a->index);
    cdn_q_count(&q, decision);
    cdn_q_int(&q, number);
    return cdn_q_do(&q, a->check.e);
}

int cdn_on_usage_reversed(struct cdn_apply *a, const struct cdn_ev_usage_reversed *ev) {
    struct cdn_effect_cap c;
    struct cdn_decimal used;
    int64_t over = 0;
    int64_t number = -1;
    int verdict = cdn_apply_about(a, ev->decision);
    verdict = verdict ? verdict : next_item(a, ev->decision, &c, &over, &number);
    if (!verdict && number < 0)
        return cdn_no(&a->check,
                      CORDON_E_NOTFOUND,
                      "record %llu takes nothing of a cap whose window is not over, or was reversed",
                      (unsigned long long)ev->decision);
    while (!verdict && number >= 0) {
        verdict = read_used(a, &c, &used);
        if (!verdict && cdn_decimal_sub(used, c.amount, &used) != 0)
            return cdn_fail(a->check.e, CORDON_E_FORMAT, "usage below nothing");
        verdict = verdict ? verdict : write_used(a, &c, over, used);
        verdict = verdict ? verdict : mark_reversed(a, ev->decision, number);
        verdict = verdict ? verdict : next_item(a, ev->decision, &c, &over, &number);
    }
    return verdict;
}

/* ---- duties
 * --------------------------------------------------------------------------------------------------------------------
 */

int cdn_on_duty_done(struct cdn_apply *a, const struct cdn_ev_duty_done *ev) {
    const int verdict = cdn_apply_about(a, ev->decision);
    if (verdict)
        return verdict;
    struct cdn_q q = cdn_q(
        a->check.db,
        "UPDATE duties SET done = ?, done_by = ?, done_record = ?, note = ? WHERE decision = ? AND number "
        "= ? AND done IS NULL");
    cdn_q_int(&q, ev->done);
    cdn_q_put(&q, a->by);
    cdn_q_count(&q, a->index);
    cdn_q_put(&q, ev->note);
    cdn_q_count(&q, ev->decision);
    cdn_q_count(&q, ev->number);
    const int err = cdn_q_do(&q, a->check.e);
    if (err || sqlite3_changes(a->check.db->h))
        return err;
    return cdn_no(&a->check,
                  CORDON_E_NOTFOUND,
                  "record %llu has no duty %llu that is still to be done",
                  (unsigned long long)ev->decision,
                  (unsigned long long)ev->number);
}

/* ---- appeals
 * ---------------------------------------------------------------------------------------------------------------------
 */

int cdn_on_appeal_opened(struct cdn_apply *a, const struct cdn_ev_appeal_opened *ev) {
    struct cdn_q q = cdn_q(
        a->check.db, "INSERT INTO appeals(id, at, by, party, status, grounds) VALUES(?, ?, ?, ?, 'open', ?)");
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, a->by);
    cdn_q_party(&q, ev->party);
    cdn_q_put(&q, ev->grounds);
    int err = cdn_q_do(&q, a->check.e);
    for (size_t i = 0; i < ev->decisions.count && !err; i++) {
        q = cdn_q(a->check.db,
                  "INSERT INTO appeal_decisions(appeal, before) VALUES(?, ?) ON CONFLICT DO NOTHING");
        cdn_q_count(&q, a->index);
        cdn_q_count(&q, ev->decisions.items[i]);
        err = cdn_q_do(&q, a->check.e);
    }
    return err;
}

static int open_appeal(struct cdn_apply *a, uint64_t id) {
    int verdict = cdn_apply_about(a, id);
    if (verdict)
        return verdict;
    struct cdn_q q = cdn_q(a->check.db, "SELECT status FROM appeals WHERE id = ?");
    cdn_q_count(&q, id);
    if (!cdn_q_next(&q))
        verdict = cdn_no(&a->check, CORDON_E_NOTFOUND, "no appeal %llu", (unsigned long long)id);
    else if (!cdn_str_eq(cdn_q_text(&q, 0), CDN_STR("open")))
        verdict = cdn_no(&a->check, CORDON_E_STATE, "appeal %llu is not open", (unsigned long long)id);
    const int err = cdn_q_end(&q, a->check.e);
    return err ? err : verdict;
}

int cdn_on_appeal_evidence(struct cdn_apply *a, const struct cdn_ev_appeal_evidence *ev) {
    const int verdict = open_appeal(a, ev->appeal);
    return verdict ? verdict : add_note(a, "appeal", ev->appeal, "evidence", ev->evidence);
}

int cdn_on_appeal_redecided(struct cdn_apply *a, const struct cdn_ev_appeal_redecided *ev) {
    const int verdict = open_appeal(a, ev->appeal);
    if (verdict)
        return verdict;
    struct cdn_q q =
        cdn_q(a->check.db, "UPDATE appeal_decisions SET after = ? WHERE appeal = ? AND before = ?");
    cdn_q_count(&q, ev->after);
    cdn_q_count(&q, ev->appeal);
    cdn_q_count(&q, ev->before);
    const int err = cdn_q_do(&q, a->check.e);
    if (err || sqlite3_changes(a->check.db->h))
        return err;
    return cdn_no(&a->check,
                  CORDON_E_NOTFOUND,
                  "appeal %llu is not about decision %llu",
                  (unsigned long long)ev->appeal,
                  (unsigned long long)ev->before);
}

int cdn_on_appeal_resolved(struct cdn_apply *a, const struct cdn_ev_appeal_resolved *ev) {
    if (!cdn_draft_status_is(ev->outcome, "upheld overturned partly withdrawn"))
        return cdn_no(&a->check,
                      CORDON_E_ARG,
                      "an appeal is upheld, overturned, partly or withdrawn, not `%.*s`",
                      CDN_FMT(ev->outcome));
    const int verdict = open_appeal(a, ev->appeal);
    if (verdict)
        return verdict;
    struct cdn_q q =
        cdn_q(a->check.db,
              "UPDATE appeals SET status = ?, resolved = ?, resolved_by = ?, resolved_why = ? WHERE id = ?");
    cdn_q_put(&q, ev->outcome);
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, a->by);
    cdn_q_put(&q, ev->why);
    cdn_q_count(&q, ev->appeal);
    return cdn_q_do(&q, a->check.e);
}
