/* SPDX-License-Identifier: Apache-2.0 */
/* decide.c: one request, from its bytes to the record that is appended and the answer that waits for it.
 *
 *   claim the idempotency key → read → instant → state → decide → take from caps → effects, record → append
 *   → (committer) durable → answer
 *
 *  1. nothing fails between the append and the answer: all memory is there before;
 *  2. what was taken of a cap is given back on every way out but the append;
 *  3. two who take from one cap at a time: the second decides again, on what the first has left. */
#include "service/priv.h"

#include "json/json.h"

/* ---- up to the append
 * ------------------------------------------------------------------------------------------ */

/* Instant and state are the service's own. */
static int check_own(const struct cdn_request *r,
                     uint32_t roles,
                     uint8_t *ret_refusal,
                     struct cordon_error *e) {
    if (roles & CDN_MAY_REPLAY)
        return 0;
    if (r->at_have != CDN_HAVE_ABSENT) {
        *ret_refusal = CDN_REFUSED_ROLE;
        (void)cdn_fail(e, CORDON_E_STATE, "only a key with the role `replay` may choose the instant");
        cdn_error_where(e, CDN_STR("/at"), 0, 0);
        return CORDON_E_STATE;
    }
    if (r->state_count) {
        *ret_refusal = CDN_REFUSED_ROLE;
        (void)cdn_fail(e, CORDON_E_STATE, "state is attested by the service, not by who asks");
        cdn_error_where(e, CDN_STR("/state"), 0, 0);
        return CORDON_E_STATE;
    }
    return 0;
}

static int read_request(struct cdn_service_worker *w,
                        const struct cdn_decide_input *in,
                        struct cdn_request **ret,
                        uint8_t *ret_refusal,
                        struct cordon_error *e) {
    cdn_arena_reset(&w->request_memory);
    int err =
        in->body.n > CDN_MAX_REQUEST_BYTES
            ? cdn_fail(e, CORDON_E_LIMIT, "a request of more than %zu bytes", (size_t)CDN_MAX_REQUEST_BYTES)
            : cdn_json_read_request(in->body, &w->request_memory, ret, e);
    if (err) {
        *ret_refusal = (uint8_t)cdn_service_refusal_of(err);
        return err;
    }
    return check_own(*ret, in->roles, ret_refusal, e);
}

/* The usage that the decision was made with, for each cap that it takes from. */
static int expected_usage(const struct cdn_request *r, const struct cdn_effects *f, struct cdn_decimal *ret) {
    for (size_t i = 0; i < f->cap_count; i++) {
        ret[i] = (struct cdn_decimal){0, 0};
        for (unsigned k = 0; k < r->state_count; k++) {
            if (r->state[k].kind == CDN_STATE_USAGE && cdn_str_eq(r->state[k].measure, f->caps[i].measure) &&
                cdn_decimal_add(ret[i], r->state[k].used.amount, &ret[i]) < 0)
                return CORDON_E_RANGE;
        }
    }
    return 0;
}

static int reserve(struct cdn_service_worker *w,
                   const struct cdn_request *r,
                   struct cdn_decided *d,
                   struct cordon_error *e) {
    const struct cdn_effects *f = &d->record.effects;
    d->reserved = false;
    if (!f->cap_count)
        return 0;
    struct cdn_decimal *expected = cdn_arena_zero(&w->effect_memory, f->cap_count, sizeof(*expected));
    if (!expected)
        return cdn_service_no_memory(e);
    int err = expected_usage(r, f, expected);
    d->epoch = atomic_load_explicit(&w->s->epoch, memory_order_acquire);
    err = err ? cdn_fail(e, err, "usage of a cap cannot be added up")
              : cdn_live_reserve(w->s->live, f->caps, expected, f->cap_count, e);
    d->reserved = !err;
    return err;
}

void cdn_decide_unreserve(struct cdn_service *s, const struct cdn_decided *d) {
    if (d->reserved && d->epoch == atomic_load_explicit(&s->epoch, memory_order_acquire))
        cdn_live_unreserve(s->live, d->record.effects.caps, d->record.effects.cap_count);
}

/* Merge, decide, account, effects, reserve: once. CORDON_E_CONFLICT: the cap was taken from meanwhile. */
static int attempt(struct cdn_service_worker *w,
                   struct cdn_request *r,
                   const struct cdn_decide_input *in,
                   int64_t at,
                   struct cdn_decided *ret,
                   struct cordon_error *e) {
    struct cdn_live_state live;
    struct cdn_result result;
    const bool own_state = in->has_at || (in->roles & CDN_MAY_REPLAY && r->state_count);
    const bool counts = in->appeal == CDN_COUNT_NONE && at == ret->record.recorded;
    int err = own_state ? 0 : cdn_merge_state(w, r, at, &live, e);
    err = err ? err : cdn_decide(w->decider, r, at, &result, e);
    if (err)
        return err;
    cdn_arena_reset(&w->decision_memory);
    err = cdn_decision_build(w->decider, r, &result, at, false, &w->decision_memory, &ret->decision);
    if (err)
        return cdn_fail(e, err, "the account of the decision could not be made: %s", cdn_status_text(err));
    err = cdn_effects_of(w, r, &ret->decision, &ret->record.effects, e);
    if (!err && !counts) { /* asked of another time, or again: nothing is used up or owed by it */
        ret->record.effects.cap_count = 0;
        ret->record.effects.duty_count = 0;
    }
    return err ? err : reserve(w, r, ret, e);
}

static int write_all(struct cdn_service_worker *w,
                     const struct cdn_request *r,
                     struct cdn_buf *answer,
                     struct cdn_buf *record,
                     struct cdn_decided *d,
                     struct cordon_error *e) {
    static const char head[] = "{\"decision\":";
    cdn_buf_put(answer, head, sizeof(head) - 1);
    const size_t from = answer->n;
    int err = cdn_json_write_decision_with(answer, &d->decision, w->snapshot, w->json_texts);
    const size_t to = answer->n;
    /* Nothing may fail after the append: the room for the rest is taken now. */
    cdn_buf_room(answer, CDN_TAIL_ROOM + d->record.trace.n * 6);
    err = err ? err : answer->err;
    cdn_buf_clear(&w->request_text);
    if (record)
        err = err ? err : cdn_json_write_request(&w->request_text, r);
    if (err)
        return cdn_fail(e, err, "the decision could not be written: %s", cdn_status_text(err));
    d->record.decision = cdn_str(answer->p + from, to - from);
    d->record.request = cdn_buf_get(&w->request_text);
    d->answer_at = from - (sizeof(head) - 1);
    if (!record)
        return 0;
    err = cdn_record_write_decision(record, &d->record, e);
    if (!err && cdn_summary_decision(&w->summary, &d->record))
        err = cdn_service_no_memory(e);
    return err;
}

static bool provisional(const struct cdn_effects *f) {
    for (size_t i = 0; i < f->duty_count; i++) {
        if (f->duties[i].provisional)
            return true;
    }
    return false;
}

int cdn_decide_one(struct cdn_service_worker *w,
                   const struct cdn_decide_input *in,
                   const struct cdn_service_time *now,
                   struct cdn_buf *answer,
                   struct cdn_buf *record,
                   struct cdn_decided *ret,
                   uint8_t *ret_refusal,
                   struct cordon_error *e) {
    struct cdn_request *r = NULL;
    int64_t clock = 0;
    int err = cdn_service_instant(w->s, now, &clock, ret_refusal, e);
    err = err ? err : read_request(w, in, &r, ret_refusal, e);
    if (err)
        return err;
    const int64_t at = in->has_at ? in->at : r->at_have == CDN_HAVE_VALUE ? r->at : clock;
    *ret = (struct cdn_decided){.record = {.at = at,
                                           .recorded = clock,
                                           .key = in->key,
                                           .trace = in->trace,
                                           .idempotency_key = in->idempotency,
                                           .idempotency_digest = in->digest,
                                           .snapshot = cdn_str(w->digest, CORDON_DIGEST_TEXT - 1),
                                           .appeal = in->appeal}};
    const size_t answer_n = answer->n, record_n = record ? record->n : 0, summary_n = w->summary.n;
    cdn_marks_of(w->s, r, &w->marks);
    for (unsigned tries = 0; tries < MAX_TRIES; tries++) {
        err = attempt(w, r, in, at, ret, e);
        if (err != CORDON_E_CONFLICT)
            break;
        r->state = NULL;
        r->state_count = 0;
    }
    err = err ? err : write_all(w, r, answer, record, ret, e);
    if (err) {
        cdn_decide_unreserve(w->s, ret);
        answer->n = answer_n;
        if (record)
            record->n = record_n;
        w->summary.n = summary_n;
        *ret_refusal = (uint8_t)(err == CORDON_E_CONFLICT ? CDN_REFUSED_BUSY : cdn_service_refusal_of(err));
        return err;
    }
    const struct cdn_effects *f = &ret->record.effects;
    ret->lists = record ? cdn_lists_asked(w, &ret->decision) : 0;
    ret->tells = f->cap_count || f->hold_count || in->idempotency.n || provisional(f);
    return 0;
}

/* ---- the answer
 * ----------------------------------------------------------------------------------------------------- */

void cdn_answer_tail(struct cdn_buf *answer,
                     int64_t recorded,
                     uint64_t index,
                     bool has_index,
                     cordon_str trace,
                     cordon_str snapshot) {
    cdn_buf_z(answer, ",\"envelope\":{\"decided_at\":\"");
    cdn_time_write(answer, recorded);
    cdn_buf_z(answer, "\"");
    if (has_index) {
        cdn_buf_z(answer, ",\"journal_index\":");
        cdn_buf_int(answer, (int64_t)index);
    }
    if (trace.n) {
        cdn_buf_z(answer, ",\"trace\":");
        cdn_buf_json(answer, trace);
    }
    cdn_buf_z(answer, "},\"snapshot\":\"");
    cdn_buf_str(answer, snapshot);
    cdn_buf_z(answer, "\"}");
}

static void fill(struct cdn_reply *r, const struct cdn_service_worker *w, const struct cdn_decided *d) {
    const struct cdn_decision *decision = &d->decision;
    const cordon_str by = cdn_blocked_by(w, decision);
    r->pub.verdict = decision->verdict;
    r->pub.http_status = decision->http_status;
    r->pub.changes_at = decision->changes_at >= CDN_TIME_MAX ? CORDON_NEVER : decision->changes_at;
    if (by.n && by.n <= sizeof(r->blocked_by)) {
        memcpy(r->blocked_by, by.p, by.n);
        r->pub.blocked_by = cdn_str(r->blocked_by, by.n);
    }
}

static struct cdn_reply *of_waiting(struct cdn_waiting *w) {
    return (struct cdn_reply *)(void *)((char *)w - offsetof(struct cdn_reply, waiting));
}

static void finish(struct cdn_waiting *waiting, bool lost) {
    struct cdn_reply *r = of_waiting(waiting);
    if (lost) {
        struct cordon_error e = {0};
        const bool full = atomic_load_explicit(&r->s->full, memory_order_relaxed);
        (void)cdn_fail(&e, CORDON_E_IO, "the decision could not be recorded, so there is none");
        if (r->once)
            r->once->recorded = false;
        cdn_reply_refuse(r, full ? CDN_REFUSED_DISK : CDN_REFUSED_JOURNAL, e.code, &e);
    }
    cdn_reply_deliver(r);
}

/* Appends the record and queues the reply. The reply is the committer's from the moment that the lock is
 * given back. */
static int append(struct cdn_service_worker *w,
                  struct cdn_decided *d,
                  struct cdn_reply *r,
                  bool more,
                  uint8_t *ret_refusal,
                  struct cordon_error *e) {
    struct cdn_service *s = w->s;
    const uint32_t flags = CDN_JOURNAL_NOWAIT | (more ? CDN_JOURNAL_LATER : 0);
    const struct cdn_effects *f = &d->record.effects;
    const int64_t keep = f->keep_until == CDN_INSTANT_NONE ? d->record.recorded : f->keep_until;
    uint64_t index = 0;
    struct cdn_recent *recent = cdn_recent_new(s->alloc, w->summary.n);
    if (recent)
        cdn_recent_add(recent, cdn_buf_get(&w->summary));
    pthread_mutex_lock(&s->order);
    int err = d->reserved && d->epoch != s->epoch ? CORDON_E_CONFLICT : 0;
    if (err)
        *ret_refusal = CDN_REFUSED_BUSY;
    else if ((err = cdn_journal_append(s->journal, cdn_buf_get(&w->record), keep, flags, &index, e)) != 0)
        *ret_refusal = (uint8_t)cdn_service_append_refusal(s, err, e);
    if (!err) {
        cdn_store_recent(s->store, index, recent);
        cdn_service_dated(s, d->record.recorded);
        cdn_lists_used(s, w->digest, d->lists, index);
        if (d->tells && cdn_live_decision(s->live, index, &d->record, d->reserved, NULL) < 0)
            atomic_store_explicit(&s->stale, true, memory_order_release);
        if (r->once)
            r->once->recorded = true;
        cdn_answer_tail(&r->text, d->record.recorded, index, true, d->record.trace, d->record.snapshot);
        r->pub.body = cdn_buf_get(&r->text);
        r->pub.index = index;
        r->waiting.last = index;
        r->waiting.count = 1;
        r->waiting.finish = finish;
        atomic_fetch_add_explicit(&s->waiting, 1, memory_order_relaxed);
        cdn_commit_queue(s, &r->waiting);
    }
    pthread_mutex_unlock(&s->order);
    if (err)
        cdn_recent_free(recent);
    return err;
}

int cdn_answer_recorded(struct cdn_service *s,
                        uint64_t index,
                        cordon_str key,
                        cordon_str idempotency,
                        struct cdn_reply *r,
                        struct cordon_error *e) {
    struct cdn_buf storage;
    struct cdn_arena arena;
    struct cdn_journal_record record;
    struct cdn_record parsed;
    cdn_buf_init(&storage, s->alloc, CDN_MAX_RECORD_BYTES);
    cdn_arena_init(&arena, s->alloc, 0);
    int err = cdn_journal_wait(s->journal, index + 1, e);
    err = err ? err : cdn_journal_read(s->journal, index, &storage, &record, e);
    if (!err && record.erased)
        err = cdn_fail(e, CORDON_E_NOTFOUND, "the record of this idempotency key has been erased");
    err = err ? err : cdn_record_read(record.payload, &arena, &parsed, e);
    if (!err && parsed.kind != CDN_RECORD_DECISION)
        err = cdn_fail(e, CORDON_E_INTERNAL, "record %llu is no decision", (unsigned long long)index);
    /* The index was asked of the live state: records may have been lost since, and it may be another's by
     * now. */
    if (!err && (!cdn_str_eq(parsed.u.decision.key, key) ||
                 !cdn_str_eq(parsed.u.decision.idempotency_key, idempotency)))
        err = cdn_fail(e, CORDON_E_IO, "the record of this idempotency key was lost; ask again");
    if (!err) {
        const struct cdn_record_decision *d = &parsed.u.decision;
        cdn_buf_z(&r->text, "{\"decision\":");
        cdn_buf_str(&r->text, d->decision);
        cdn_answer_tail(&r->text, d->recorded, index, true, d->trace, d->snapshot);
        err = r->text.err ? cdn_service_no_memory(e) : 0;
        r->pub.body = cdn_buf_get(&r->text);
        r->pub.verdict = d->effects.verdict;
        r->pub.index = index;
        r->pub.repeated = true;
        err = err ? err : cdn_answer_facts(d, r, e);
    }
    cdn_arena_free(&arena);
    cdn_buf_free(&storage);
    return err;
}

/* ---- the call
 * ----------------------------------------------------------------------------------------------------------
 */

static int may_start(struct cdn_service *s,
                     const struct cdn_service_ask *ask,
                     const struct cdn_service_time *now,
                     uint8_t *ret_refusal,
                     struct cordon_error *e) {
    int64_t at = 0;
    if (!(ask->caller.roles & CDN_MAY_DECIDE)) {
        *ret_refusal = CDN_REFUSED_ROLE;
        return cdn_fail(e, CORDON_E_STATE, "this key may not decide: it has not the role `decide`");
    }
    const int err = cdn_service_instant(s, now, &at, ret_refusal, e);
    if (err)
        return err;
    if (ask->deadline && now->mono >= ask->deadline) {
        *ret_refusal = CDN_REFUSED_DEADLINE;
        return cdn_fail(e, CORDON_E_STATE, "the deadline of the request had passed before it was decided");
    }
    if (atomic_load_explicit(&s->waiting, memory_order_relaxed) >= s->o.max_waiting) {
        *ret_refusal = CDN_REFUSED_BUSY;
        return cdn_fail(e, CORDON_E_LIMIT, "too many decisions wait to be recorded");
    }
    if (ask->trace.n > MAX_TRACE) {
        *ret_refusal = CDN_REFUSED_SIZE;
        return cdn_fail(e, CORDON_E_LIMIT, "a trace id of more than %d bytes", MAX_TRACE);
    }
    return 0;
}

static int decide(struct cdn_service_worker *w,
                  const struct cdn_service_ask *ask,
                  const struct cdn_decide_input *in,
                  const struct cdn_service_time *now,
                  struct cdn_reply *r,
                  uint8_t *ret_refusal,
                  struct cordon_error *e) {
    struct cdn_service *s = w->s;
    struct cdn_decided d;
    cdn_buf_clear(&w->record);
    cdn_buf_clear(&w->summary);
    cdn_arena_reset(&w->effect_memory);
    (void)cdn_schedule_due(s, now->wall);
    int err = cdn_worker_follow(w, e);
    if (err) {
        *ret_refusal = (uint8_t)(err == CORDON_E_NOMEM ? CDN_REFUSED_MEMORY : CDN_REFUSED_INTERNAL);
        return err;
    }
    cdn_buf_room(&r->text, w->answer_room); /* as much as answers took until now, rather than growing there */
    err = cdn_decide_one(w, in, now, &r->text, s->o.no_journal ? NULL : &w->record, &d, ret_refusal, e);
    if (err)
        return err;
    w->answer_room = CDN_MIN(CDN_MAX(w->answer_room, r->text.n + CDN_TAIL_ROOM * 2), (size_t)MAX_ANSWER_ROOM);
    fill(r, w, &d);
    const struct cdn_service_time decided = cdn_service_now(s);
    cdn_service_observe(&s->counts.decide, decided.mono - now->mono);
    if (ask->deadline && decided.mono >= ask->deadline) {
        cdn_decide_unreserve(s, &d);
        *ret_refusal = CDN_REFUSED_DEADLINE;
        return cdn_fail(
            e,
            CORDON_E_STATE,
            "the deadline of the request passed while it was being decided; nothing was recorded");
    }
    if (s->o.no_journal) {
        cdn_answer_tail(&r->text, d.record.recorded, 0, false, d.record.trace, d.record.snapshot);
        r->pub.body = cdn_buf_get(&r->text);
        cdn_reply_deliver(r);
        return 0;
    }
    err = append(w, &d, r, ask->more, ret_refusal, e);
    if (err)
        cdn_decide_unreserve(s, &d);
    return err;
}

/* Only a request with an idempotency key: *ret_over when it has its answer, or waits for another's. */
static int claim(struct cdn_service_worker *w,
                 const struct cdn_decide_input *in,
                 const struct cdn_service_time *now,
                 struct cdn_reply *r,
                 bool *ret_over,
                 uint8_t *ret_refusal,
                 struct cordon_error *e) {
    struct cdn_service *s = w->s;
    struct cdn_once *once = NULL;
    uint64_t index = UINT64_MAX;
    int err = cdn_once_begin(
        s, in->key, in->idempotency, in->digest.p, now->wall - s->o.idempotency_seconds, r, &once, &index, e);
    *ret_over = !err && !once;
    if (!err && index != UINT64_MAX) {
        err = cdn_answer_recorded(s, index, in->key, in->idempotency, r, e);
        *ret_over = false;
        if (!err) {
            *ret_over = true;
            cdn_reply_deliver(r);
        }
    }
    if (err)
        *ret_refusal = (uint8_t)cdn_service_refusal_of(err);
    else if (once) /* a reply that waits or was answered is no longer this thread's */
        r->once = once;
    return err;
}

int cdn_service_decide(struct cdn_service_worker *w,
                       const struct cdn_service_ask *ask,
                       cdn_service_done done,
                       void *ctx) {
    struct cdn_service *s = w->s;
    const struct cdn_service_time now = cdn_service_now(s);
    struct cdn_reply *r = cdn_reply_new(s, done, ctx, now.mono);
    struct cordon_error e = {0};
    char digest[CDN_DIGEST_HEX];
    uint8_t refusal = 0;
    bool over = false;
    if (!r)
        return CORDON_E_NOMEM;
    struct cdn_decide_input in = {.body = ask->body,
                                  .key = ask->caller.key,
                                  .trace = ask->trace,
                                  .idempotency = ask->idempotency,
                                  .roles = ask->caller.roles,
                                  .appeal = CDN_COUNT_NONE};
    int err = may_start(s, ask, &now, &refusal, &e);
    if (!err && ask->idempotency.n && !s->o.no_journal) {
        cdn_sha256_hex(ask->body, digest);
        in.digest = cdn_str(digest, sizeof(digest));
        err = claim(w, &in, &now, r, &over, &refusal, &e);
    } else {
        in.idempotency = cdn_str(NULL, 0);
    }
    if (over)
        return 0;
    err = err ? err : decide(w, ask, &in, &now, r, &refusal, &e);
    if (err) {
        cdn_reply_refuse(r, refusal, err, &e);
        cdn_reply_deliver(r);
    }
    return 0;
}

void cdn_service_push(struct cdn_service *s) {
    if (s->journal)
        cdn_journal_push(s->journal);
}
