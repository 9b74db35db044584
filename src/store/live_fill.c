/* SPDX-License-Identifier: Apache-2.0 */
/* live_fill.c: the live state from the store, and what the store tells of afterwards. */
#include "store/live_priv.h"

#include "model/request.h"

/* ---- filling
 * ------------------------------------------------------------------------------------------------------ */

/* A row of usage: party, measure, span, currency, start, amount. */
static int read_usage(const struct cdn_q *q, struct cdn_effect_cap *ret) {
    const cordon_str span = cdn_q_text(q, 2);
    const cordon_str currency = cdn_q_text(q, 3);
    *ret = (struct cdn_effect_cap){
        .party = cdn_q_text(q, 0), .measure = cdn_q_text(q, 1), .from = cdn_q_get_int(q, 4)};
    while (cdn_window_name(++ret->window) && !cdn_str_eq(span, cdn_str_z(cdn_window_name(ret->window)))) {
    }
    memcpy(ret->currency, currency.p, CDN_MIN(currency.n, (size_t)3));
    return cdn_decimal_parse(cdn_q_text(q, 5), &ret->amount);
}

static int load_usage(struct cdn_live *l, struct cdn_db *db, int64_t at, struct cordon_error *e) {
    struct cdn_q q =
        cdn_q(db, "SELECT lower(hex(party)), measure, span, currency, start, used FROM usage WHERE over > ?");
    int err = 0;
    cdn_q_int(&q, at);
    while (!err && cdn_q_next(&q)) {
        struct cdn_effect_cap c;
        err = read_usage(&q, &c);
        err = err ? err : cdn_live_add_usage(l, &c, c.amount);
    }
    const int end = cdn_q_end(&q, e);
    return end ? end : err;
}

static int add_row(struct cdn_live *l,
                   const struct cdn_q *q,
                   struct cdn_live_node *like,
                   const cordon_str texts[CDN_ITEM_TEXTS]) {
    uint8_t fp[CDN_FP];
    const cordon_str party = cdn_q_text(q, 0);
    if (party.n != CDN_FP)
        return 0;
    memcpy(fp, party.p, CDN_FP);
    return cdn_live_add(l, fp, like, texts);
}

static struct cdn_live_node plain(unsigned kind, uint64_t record) {
    return (struct cdn_live_node){.kind = (uint8_t)kind,
                                  .record = record,
                                  .due = CDN_INSTANT_NONE,
                                  .done = CDN_INSTANT_NONE,
                                  .until = CDN_INSTANT_NONE};
}

static int load_holds(struct cdn_live *l, struct cdn_db *db, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db,
                           "SELECT c.party, c.id, l.line, l.measure, l.reason, CAST(c.id AS TEXT) FROM cases "
                           "c JOIN case_lines l ON "
                           "l.case_id = c.id WHERE c.status = 'open'");
    int err = 0;
    while (!err && cdn_q_next(&q)) {
        struct cdn_live_node n = plain(CDN_STATE_HOLD, cdn_q_get_count(&q, 1));
        const cordon_str texts[CDN_ITEM_TEXTS] = {[CDN_T_MEASURE] = cdn_q_text(&q, 3),
                                                  [CDN_T_REFERENCE] = cdn_q_text(&q, 5),
                                                  [CDN_T_WHY] = cdn_q_text(&q, 4)};
        n.number = cdn_q_get_count(&q, 2);
        err = add_row(l, &q, &n, texts);
    }
    const int end = cdn_q_end(&q, e);
    return end ? end : err;
}

static int load_duties(struct cdn_live *l, struct cdn_db *db, struct cordon_error *e) {
    struct cdn_q q = cdn_q(
        db,
        "SELECT party, decision, number, measure, reference, due, done FROM duties WHERE provisional = 1");
    int err = 0;
    while (!err && cdn_q_next(&q)) {
        struct cdn_live_node n = plain(CDN_STATE_DUTY, cdn_q_get_count(&q, 1));
        const cordon_str texts[CDN_ITEM_TEXTS] = {
            [CDN_T_MEASURE] = cdn_q_text(&q, 3), [CDN_T_REFERENCE] = cdn_q_text(&q, 4)};
        n.number = cdn_q_get_count(&q, 2);
        n.due = cdn_q_get_int(&q, 5);
        n.done = cdn_q_get_instant(&q, 6);
        err = add_row(l, &q, &n, texts);
    }
    const int end = cdn_q_end(&q, e);
    return end ? end : err;
}

static int load_clearances(struct cdn_live *l, struct cdn_db *db, int64_t at, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db,
                           "SELECT party, id, list, entry, entry_fingerprint, party_fingerprint, by, why, "
                           "until FROM clearances WHERE "
                           "withdrawn IS NULL AND (until IS NULL OR until > ?)");
    int err = 0;
    cdn_q_int(&q, at);
    while (!err && cdn_q_next(&q)) {
        struct cdn_live_node n = plain(CDN_STATE_CLEARANCE, cdn_q_get_count(&q, 1));
        const cordon_str texts[CDN_ITEM_TEXTS] = {[CDN_T_LIST] = cdn_q_text(&q, 2),
                                                  [CDN_T_ENTRY] = cdn_q_text(&q, 3),
                                                  [CDN_T_ENTRY_FP] = cdn_q_text(&q, 4),
                                                  [CDN_T_PARTY_FP] = cdn_q_text(&q, 5),
                                                  [CDN_T_BY] = cdn_q_text(&q, 6),
                                                  [CDN_T_WHY] = cdn_q_text(&q, 7)};
        n.until = cdn_q_get_instant(&q, 8);
        err = add_row(l, &q, &n, texts);
    }
    const int end = cdn_q_end(&q, e);
    return end ? end : err;
}

static int load_appeals(struct cdn_live *l, struct cdn_db *db, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT party, id, CAST(id AS TEXT), by FROM appeals WHERE status = 'open'");
    int err = 0;
    while (!err && cdn_q_next(&q)) {
        const struct cdn_live_node n = plain(CDN_STATE_APPEAL, cdn_q_get_count(&q, 1));
        const cordon_str texts[CDN_ITEM_TEXTS] = {
            [CDN_T_REFERENCE] = cdn_q_text(&q, 2), [CDN_T_BY] = cdn_q_text(&q, 3)};
        struct cdn_live_node like = n;
        err = add_row(l, &q, &like, texts);
    }
    const int end = cdn_q_end(&q, e);
    return end ? end : err;
}

static int load_roles(struct cdn_db *db,
                      cordon_str key,
                      struct cdn_arena *arena,
                      struct cdn_texts *ret,
                      struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT name FROM key_grants WHERE key = ? AND kind = 'role' LIMIT 16");
    cordon_str *names = cdn_arena_take(arena, 16 * sizeof(*names));
    int bad = names ? 0 : CORDON_E_NOMEM;
    size_t count = 0;
    cdn_q_put(&q, key);
    while (!bad && cdn_q_next(&q))
        bad = cdn_arena_str(arena, cdn_q_text(&q, 0), &names[count++]);
    const int end = cdn_q_end(&q, e);
    *ret = (struct cdn_texts){names, count};
    return end ? end : bad;
}

static int load_keys(struct cdn_live *l, struct cdn_db *db, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT id, hash, rate, burst, expires FROM keys WHERE revoked IS NULL");
    struct cdn_arena arena;
    int err = 0;
    cdn_arena_init(&arena, l->alloc, 0);
    while (!err && cdn_q_next(&q)) {
        struct cdn_ev_key_created ev = {.key = cdn_q_text(&q, 0),
                                        .hash = cdn_q_text(&q, 1),
                                        .rate = cdn_q_get_count(&q, 2),
                                        .burst = cdn_q_get_count(&q, 3),
                                        .expires = cdn_q_get_instant(&q, 4)};
        err = load_roles(db, ev.key, &arena, &ev.roles, e);
        err = err ? err : cdn_live_add_key(l, &ev);
        cdn_arena_reset(&arena);
    }
    cdn_arena_free(&arena);
    const int end = cdn_q_end(&q, e);
    return end ? end : err;
}

int cdn_live_load(struct cdn_live *l, struct cdn_store *s, int64_t at, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    int err = cdn_db_run(&r->state, "BEGIN", e); /* all of it as it is at one moment */
    if (!err) {
        err = cdn_db_applied(&r->state, &l->seen, e);
        err = err ? err : load_keys(l, &r->state, e);
        err = err ? err : load_usage(l, &r->state, at, e);
        err = err ? err : load_holds(l, &r->state, e);
        err = err ? err : load_duties(l, &r->state, e);
        err = err ? err : load_clearances(l, &r->state, at, e);
        err = err ? err : load_appeals(l, &r->state, e);
        const int end = cdn_db_run(&r->state, "COMMIT", err ? NULL : e);
        err = err ? err : end;
    }
    cdn_store_give(s, r);
    return err;
}

/* Whether a record may have an idempotency key. The name of a member with its quotes and colon cannot stand
 * inside a JSON text, so most records need not be read, which costs much more. */
static bool may_be_once(cordon_str record) {
    static const char name[] = "\"idempotency\":";
    return !cdn_record_is_event(record) && memmem(record.p, record.n, name, sizeof(name) - 1) != NULL;
}

/* Idempotency keys of records that are not indexed yet. */
static int load_once(struct cdn_live *l,
                     const struct cdn_store_source *source,
                     uint64_t from,
                     uint64_t end,
                     struct cordon_error *e) {
    struct cdn_arena arena;
    struct cdn_buf bytes;
    int err = 0;
    cdn_arena_init(&arena, l->alloc, 0);
    cdn_buf_init(&bytes, l->alloc, CDN_MAX_RECORD_BYTES);
    for (uint64_t i = from; i < end && !err; i++) {
        struct cdn_record r;
        cdn_buf_clear(&bytes);
        err = source->read(source->ctx, i, &bytes, e);
        const bool erased = err == CORDON_E_NOTFOUND;
        err = erased ? 0 : err;
        if (!err && !erased && may_be_once(cdn_buf_get(&bytes))) {
            err = cdn_record_read(cdn_buf_get(&bytes), &arena, &r, e);
            if (!err && r.u.decision.idempotency_key.n)
                err = cdn_live_note_once(l, i, &r.u.decision);
        }
        cdn_arena_reset(&arena);
    }
    cdn_buf_free(&bytes);
    cdn_arena_free(&arena);
    return err;
}

int cdn_live_fill(struct cdn_live *l,
                  struct cdn_store *s,
                  const struct cdn_store_source *source,
                  uint64_t end,
                  int64_t at,
                  struct cordon_error *e) {
    int err = cdn_store_reach(s, source, end, e);
    if (err)
        return err;
    /* What is applied from here on is told, and waits for the lock; what the loading has seen is then passed
     * over. */
    cdn_store_listen(s, cdn_live_listen, l);
    (void)pthread_mutex_lock(&l->lock);
    cdn_live_empty(l);
    l->store = s;
    err = cdn_live_load(l, s, at, e);
    err = err ? err : load_once(l, source, cdn_store_indexed(s), end, e);
    l->incomplete = err != 0;
    (void)pthread_mutex_unlock(&l->lock);
    if (err && e && !e->code)
        return cdn_fail(e, err, "the live state could not be filled");
    return err;
}

/* ---- listening
 * ------------------------------------------------------------------------------------------------------ */

static int add_for(struct cdn_live *l,
                   cordon_str party,
                   const struct cdn_live_node *like,
                   const cordon_str texts[CDN_ITEM_TEXTS]) {
    uint8_t fp[CDN_FP];
    return cdn_live_unhex(party, fp) ? cdn_live_add(l, fp, like, texts) : CORDON_E_ARG;
}

static int clearance(struct cdn_live *l, uint64_t index, const struct cdn_event *event) {
    const struct cdn_ev_clearance_granted *ev = &event->u.clearance_granted;
    struct cdn_live_node n = plain(CDN_STATE_CLEARANCE, index);
    const cordon_str texts[CDN_ITEM_TEXTS] = {[CDN_T_LIST] = ev->list,
                                              [CDN_T_ENTRY] = ev->entry,
                                              [CDN_T_ENTRY_FP] = ev->entry_fingerprint,
                                              [CDN_T_PARTY_FP] = ev->party_fingerprint,
                                              [CDN_T_BY] = event->by,
                                              [CDN_T_WHY] = ev->why};
    n.until = ev->until;
    return add_for(l, ev->party, &n, texts);
}

static int appeal(struct cdn_live *l, uint64_t index, const struct cdn_event *ev) {
    const struct cdn_live_node n = plain(CDN_STATE_APPEAL, index);
    char reference[24];
    struct cdn_buf b;
    cdn_buf_fixed(&b, reference, sizeof(reference));
    cdn_buf_int(&b, (int64_t)index);
    const cordon_str texts[CDN_ITEM_TEXTS] = {[CDN_T_REFERENCE] = cdn_buf_get(&b), [CDN_T_BY] = ev->by};
    return add_for(l, ev->u.appeal_opened.party, &n, texts);
}

static void duty_done(struct cdn_live *l, const struct cdn_ev_duty_done *ev) {
    for (size_t i = 0; i < l->party_slots; i++)
        for (struct cdn_live_node *n = l->parties[i].first; n; n = n->next)
            if (n->kind == CDN_STATE_DUTY && n->record == ev->decision && n->number == ev->number)
                n->done = ev->done;
}

/* A case that is not open any more holds nothing. */
static int release(struct cdn_live *l, uint64_t case_id) {
    struct cdn_reader *r = cdn_store_take(l->store);
    struct cdn_q q = cdn_q(&r->state, "SELECT 1 FROM cases WHERE id = ? AND status = 'open'");
    cdn_q_count(&q, case_id);
    const bool open = cdn_q_next(&q);
    const int err = cdn_q_end(&q, NULL);
    cdn_store_give(l->store, r);
    if (!err && !open)
        cdn_live_remove(l, CDN_STATE_HOLD, case_id);
    return err;
}

static int reverse(struct cdn_live *l, uint64_t index, uint64_t decision) {
    struct cdn_reader *r = cdn_store_take(l->store);
    struct cdn_q q = cdn_q(&r->state,
                           "SELECT lower(hex(party)), measure, span, currency, start, amount FROM "
                           "usage_items WHERE decision = ? "
                           "AND reversed = ?");
    int err = 0;
    cdn_q_count(&q, decision);
    cdn_q_count(&q, index);
    while (!err && cdn_q_next(&q)) {
        struct cdn_effect_cap c;
        err = read_usage(&q, &c);
        c.amount.mantissa = -c.amount.mantissa;
        err = err ? err : cdn_live_add_usage(l, &c, c.amount);
    }
    const int end = cdn_q_end(&q, NULL);
    cdn_store_give(l->store, r);
    return end ? end : err;
}

static int take_event(struct cdn_live *l, uint64_t index, const struct cdn_event *ev) {
    switch (ev->kind) {
    case CDN_EV_key_created:
        return cdn_live_add_key(l, &ev->u.key_created);
    case CDN_EV_key_revoked:
        cdn_live_revoke(l, ev->u.key_revoked.key);
        return 0;
    case CDN_EV_case_released:
        return release(l, ev->u.case_released.case_id);
    case CDN_EV_case_refused:
        return release(l, ev->u.case_refused.case_id);
    case CDN_EV_clearance_granted:
        return clearance(l, index, ev);
    case CDN_EV_clearance_withdrawn:
        cdn_live_remove(l, CDN_STATE_CLEARANCE, ev->u.clearance_withdrawn.clearance);
        return 0;
    case CDN_EV_usage_reversed:
        return reverse(l, index, ev->u.usage_reversed.decision);
    case CDN_EV_duty_done:
        duty_done(l, &ev->u.duty_done);
        return 0;
    case CDN_EV_appeal_opened:
        return appeal(l, index, ev);
    case CDN_EV_appeal_resolved:
        cdn_live_remove(l, CDN_STATE_APPEAL, ev->u.appeal_resolved.appeal);
        return 0;
    case CDN_EV_record_erased:
        cdn_live_remove(l, CDN_STATE_DUTY, ev->u.record_erased.record);
        cdn_live_remove(l, CDN_STATE_APPEAL, ev->u.record_erased.record);
        return 0;
    case CDN_EV_NONE: /* it could not be read again */
        return CORDON_E_NOMEM;
    default:
        return 0;
    }
}

void cdn_live_listen(void *ctx, uint64_t index, const struct cdn_event *ev) {
    struct cdn_live *l = ctx;
    (void)pthread_mutex_lock(&l->lock);
    if (index >= l->seen && take_event(l, index, ev) != 0)
        l->incomplete = true;
    (void)pthread_mutex_unlock(&l->lock);
}

int cdn_live_event(struct cdn_live *l, uint64_t index, const struct cdn_event *ev, struct cordon_error *e) {
    (void)e;
    (void)index;
    if (ev->kind != CDN_EV_key_revoked && ev->kind != CDN_EV_clearance_withdrawn)
        return 0;
    (void)pthread_mutex_lock(&l->lock);
    if (ev->kind == CDN_EV_key_revoked)
        cdn_live_revoke(l, ev->u.key_revoked.key);
    else
        cdn_live_remove(l, CDN_STATE_CLEARANCE, ev->u.clearance_withdrawn.clearance);
    (void)pthread_mutex_unlock(&l->lock);
    return 0;
}
