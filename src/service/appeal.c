/* SPDX-License-Identifier: Apache-2.0 */
/* appeal.c: a past decision is made again with evidence that was not known then; both stay.
 *
 *  1. the same request, with the state that it had, at the instant that it was decided for, under the
 * snapshot that decided it: only the evidence differs, so that the difference is its doing;
 *  2. the new decision is a record of its own that names the appeal; it opens no case, uses up no cap, owes
 * no duty. */
#include "service/priv.h"

#include "json/json.h"

int cdn_appeal_party(struct cdn_service *s,
                     uint64_t decision,
                     char ret[CDN_FINGERPRINT_TEXT],
                     struct cordon_error *e) {
    struct cdn_past past;
    int err = cdn_past_read(s, decision, &past, e);
    if (!err && !past.record.u.decision.effects.party_count)
        err = cdn_fail(e,
                       CORDON_E_ARG,
                       "decision %llu names nobody; say whose appeal it is",
                       (unsigned long long)decision);
    if (!err)
        memcpy(ret, past.record.u.decision.effects.parties[0].p, CDN_FINGERPRINT_TEXT);
    cdn_past_free(&past);
    return err;
}

/* ---- the request with more evidence
 * ------------------------------------------------------------------------------------ */

/* Where the party's object begins in the canonical request: the `party`-th item of "parties". */
static bool party_object(cordon_str request, uint64_t party, struct cdn_arena *arena, cordon_str *ret) {
    struct cdn_body b;
    cordon_str item = {NULL, 0};
    size_t at = 0;
    if (cdn_body_read(request, NULL, arena, &b, NULL) < 0)
        return false;
    const cordon_str parties = cdn_body_raw(&b, "parties");
    for (uint64_t i = 0; parties.n && i <= party; i++) {
        if (!cdn_body_item(parties, &at, &item))
            return false;
    }
    *ret = item;
    return item.n > 0;
}

/* Puts the items (an array, or one object) at the end of the party's evidence. */
static int with_evidence(struct cdn_buf *out,
                         cordon_str request,
                         cordon_str object,
                         cordon_str evidence,
                         struct cdn_arena *arena,
                         struct cordon_error *e) {
    struct cdn_body b;
    const int err = cdn_body_read(object, NULL, arena, &b, e);
    if (err)
        return err;
    const cordon_str old = cdn_body_raw(&b, "evidence");
    const cordon_str items =
        evidence.p[0] == '[' ? cdn_str_trim(cdn_str(evidence.p + 1, evidence.n - 2)) : evidence;
    const bool empty = old.n <= 2;
    const char *at = old.n ? old.p + old.n - 1 : object.p + 1;
    cdn_buf_put(out, request.p, (size_t)(at - request.p));
    if (!old.n)
        cdn_buf_z(out, "\"evidence\":[");
    else if (!empty && items.n)
        cdn_buf_char(out, ',');
    cdn_buf_str(out, items);
    if (!old.n)
        cdn_buf_z(out, "],");
    cdn_buf_put(out, at, (size_t)(request.p + request.n - at));
    return out->err ? cdn_service_no_memory(e) : 0;
}

/* The party that the appeal is of, where the body does not say which: the first whose mark is the appeal's.
 */
static uint64_t party_of(struct cdn_service_worker *w, cordon_str mark, cordon_str request) {
    struct cdn_request *r = NULL;
    cdn_arena_reset(&w->request_memory);
    if (cdn_json_read_request(request, &w->request_memory, &r, NULL) < 0)
        return 0;
    cdn_marks_of(w->s, r, &w->marks);
    for (size_t i = 0; i < w->marks.count; i++) {
        if (cdn_str_eq(w->marks.slice[i], mark) && w->marks.party[i] >= 0)
            return (uint64_t)w->marks.party[i];
    }
    return 0;
}

/* ---- deciding again
 * ---------------------------------------------------------------------------------------------------- */

static int append_again(struct cdn_service_worker *w,
                        const struct cdn_decided *d,
                        uint64_t *ret_index,
                        uint8_t *ret_refusal,
                        struct cordon_error *e) {
    struct cdn_service *s = w->s;
    pthread_mutex_lock(&s->order);
    int err = cdn_journal_append(
        s->journal, cdn_buf_get(&w->record), d->record.recorded, CDN_JOURNAL_NOWAIT, ret_index, e);
    if (!err)
        cdn_service_dated(s, d->record.recorded);
    pthread_mutex_unlock(&s->order);
    err = err ? err : cdn_journal_wait(s->journal, *ret_index + 1, e);
    if (err)
        *ret_refusal = (uint8_t)cdn_service_append_refusal(s, err, e);
    return err;
}

static int tell(struct cdn_service *s,
                const struct cdn_service_caller *caller,
                uint64_t appeal,
                uint64_t before,
                uint64_t after,
                uint8_t *ret_refusal,
                struct cordon_error *e) {
    const struct cdn_service_time now = cdn_service_now(s);
    struct cdn_event ev;
    uint64_t index = 0;
    int64_t at = 0;
    const int err = cdn_service_instant(s, &now, &at, ret_refusal, e);
    if (err)
        return err;
    cdn_event_init(&ev, CDN_EV_appeal_redecided, at, caller->key);
    ev.u.appeal_redecided.appeal = appeal;
    ev.u.appeal_redecided.before = before;
    ev.u.appeal_redecided.after = after;
    return cdn_commit_event(s, &ev, &index, ret_refusal, e);
}

struct again {
    struct cdn_service *s;
    const struct cdn_service_caller *caller;
    struct cdn_service_worker *w;
    uint64_t appeal, party;
    cordon_str mark, evidence;
};

static int decide_again(const struct again *a,
                        uint64_t before,
                        uint8_t *ret_refusal,
                        struct cordon_error *e) {
    struct cdn_service_worker *w = a->w;
    struct cdn_past past;
    struct cdn_buf request, answer;
    struct cdn_snapshot *snapshot = NULL;
    struct cdn_decided d;
    cordon_str object = {NULL, 0};
    uint64_t after = 0;
    const struct cdn_service_time now = cdn_service_now(a->s);
    cdn_buf_init(&request, a->s->alloc, (size_t)CDN_MAX_REQUEST_BYTES * 8);
    cdn_buf_init(&answer, a->s->alloc, CDN_MAX_DECISION_BYTES);
    int err = cdn_past_read(a->s, before, &past, e);
    const struct cdn_record_decision *old = &past.record.u.decision;
    if (!err) {
        const uint64_t party = a->party == CDN_COUNT_NONE ? party_of(w, a->mark, old->request) : a->party;
        if (!party_object(old->request, party, &past.arena, &object))
            err = cdn_fail(e,
                           CORDON_E_RANGE,
                           "decision %llu has no party %llu",
                           (unsigned long long)before,
                           (unsigned long long)party);
    }
    err = err ? err : with_evidence(&request, old->request, object, a->evidence, &past.arena, e);
    err = err ? err : cdn_set_open(a->s, old->snapshot, &snapshot, e);
    err = err ? err : cdn_worker_use(w, snapshot, e);
    if (!err) {
        const struct cdn_decide_input in = {.body = cdn_buf_get(&request),
                                            .key = a->caller->key,
                                            .roles = CDN_MAY_REPLAY,
                                            .appeal = a->appeal,
                                            .has_at = true,
                                            .at = old->at};
        cdn_buf_clear(&w->record);
        cdn_buf_clear(&w->summary);
        cdn_arena_reset(&w->effect_memory);
        err = cdn_decide_one(w, &in, &now, &answer, &w->record, &d, ret_refusal, e);
        err = err ? err : append_again(w, &d, &after, ret_refusal, e);
        err = err ? err : tell(a->s, a->caller, a->appeal, before, after, ret_refusal, e);
    }
    cdn_snapshot_unref(snapshot);
    cdn_past_free(&past);
    cdn_buf_free(&request);
    cdn_buf_free(&answer);
    return err;
}

int cdn_appeal_redecide(struct cdn_service *s,
                        const struct cdn_service_caller *caller,
                        uint64_t appeal,
                        cordon_str evidence,
                        uint64_t party,
                        uint8_t *ret_refusal,
                        struct cordon_error *e) {
    struct again a = {.s = s, .caller = caller, .appeal = appeal, .party = party, .evidence = evidence};
    struct cdn_past opened;
    struct cdn_journal_record r;
    cdn_buf_init(&opened.storage, s->alloc, CDN_MAX_RECORD_BYTES);
    cdn_arena_init(&opened.arena, s->alloc, 0);
    int err = cdn_journal_read(s->journal, appeal, &opened.storage, &r, e);
    err = err ? err : cdn_record_read(r.payload, &opened.arena, &opened.record, e);
    if (!err &&
        (opened.record.kind != CDN_RECORD_EVENT || opened.record.u.event.kind != CDN_EV_appeal_opened))
        err = cdn_fail(e, CORDON_E_NOTFOUND, "there is no appeal %llu", (unsigned long long)appeal);
    err = err ? err : cdn_service_worker_new(s, &a.w, e);
    if (!err) {
        const struct cdn_counts *list = &opened.record.u.event.u.appeal_opened.decisions;
        a.mark = opened.record.u.event.u.appeal_opened.party;
        for (size_t i = 0; i < list->count && !err; i++)
            err = decide_again(&a, list->items[i], ret_refusal, e);
    }
    cdn_service_worker_free(a.w);
    cdn_past_free(&opened);
    return err;
}
