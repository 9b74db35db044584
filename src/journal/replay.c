/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c: decides every recorded request again, under its own snapshot or another one, and compares the
 * bytes.
 *
 * The caller's thread reads records and fills a batch; threads take items of it one by one; then the caller's
 * thread tells the differences in the order of indexes. So what is told does not depend on the number of
 * threads.
 *
 *  1. A record that cannot be decided again (its snapshot is missing, its request is refused) is told, never
 * passed over.
 *  2. Erased records are counted: nothing is left of them that could be decided. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "journal/member.h"
#include "journal/reader_priv.h"

enum { BATCH = 1024, MOST_SNAPSHOTS = 64, MOST_THREADS = 64, PATH = 4200 };
#define BATCH_BYTES ((size_t)16 << 20)

struct item {
    cordon_record record;
    size_t at, n; /* of the payload in `text` */
    cordon_str was;
    cordon_buffer now; /* empty when it is the same */
    cordon_error why;
    uint8_t verdict_was, verdict_now;
    enum { SAME, DIFFERENT, UNDECIDED } outcome;
};

struct snapshots { /* opened so far, shared by the threads */
    pthread_mutex_t lock;
    const cordon_replay_options *o;
    struct {
        char digest[CORDON_DIGEST_TEXT];
        cordon_snapshot *s;
    } open[MOST_SNAPSHOTS];
    size_t count;
    cordon_snapshot *with;
};

struct replaying {
    const cordon_replay_options *o;
    const struct cordon_alloc *alloc;
    struct cdn_filter filter;
    struct snapshots snapshots;
    struct item *items; /* BATCH */
    size_t count;
    struct cdn_buf text;
    atomic_size_t next;
    cordon_replayed *ret;
    uint64_t total;
};

struct worker {
    struct replaying *r;
    pthread_t thread;
    cordon_request *request;
    cordon_decider *decider;
    char digest[CORDON_DIGEST_TEXT]; /* of the decider's snapshot */
    cordon_buffer out;
};

/* ---- snapshots
 * ---------------------------------------------------------------------------------------------------- */

static int open_named(const cordon_replay_options *o,
                      cordon_str digest,
                      cordon_snapshot **ret,
                      cordon_error *e) {
    char path[PATH], named[CORDON_DIGEST_TEXT];
    static const char prefix[] = "sha256:";
    if (digest.n != 71 || !cdn_str_starts(digest, CDN_STR(prefix)) || memchr(digest.p, '/', digest.n))
        return cdn_fail(e, CORDON_E_SYNTAX, "the record names no snapshot");
    const int n =
        snprintf(path, sizeof(path), "%s/%.*s.snapshot", o->snapshots ? o->snapshots : ".", 64, digest.p + 7);
    if (n < 0 || (size_t)n >= sizeof(path))
        return cdn_fail(e, CORDON_E_LIMIT, "the path of the snapshots is too long");
    cordon_snapshot *s = NULL;
    const int err = cordon_snapshot_open(path, NULL, &s, e);
    if (err)
        return err;
    cordon_snapshot_digest(s, named);
    if (!cdn_str_eq(cdn_str_z(named), digest)) {
        cordon_snapshot_unref(s);
        return cdn_fail(e, CORDON_E_DIGEST, "%s is another snapshot", path);
    }
    *ret = s;
    return CORDON_OK;
}

/* A reference of the caller's own. */
static int snapshot_of(struct snapshots *c, cordon_str digest, cordon_snapshot **ret, cordon_error *e) {
    int err = CORDON_OK;
    cordon_snapshot *s = NULL;
    (void)pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->count && !s; i++) {
        if (cdn_str_eq(cdn_str_z(c->open[i].digest), digest))
            s = c->open[i].s;
    }
    if (!s) {
        err = open_named(c->o, digest, &s, e);
        if (!err && c->count == MOST_SNAPSHOTS) { /* the oldest goes */
            cordon_snapshot_unref(c->open[0].s);
            memmove(c->open, c->open + 1, sizeof(c->open[0]) * (MOST_SNAPSHOTS - 1));
            c->count--;
        }
        if (!err) {
            cordon_snapshot_digest(s, c->open[c->count].digest);
            c->open[c->count++].s = s;
        }
    }
    if (!err)
        *ret = cordon_snapshot_ref(s);
    (void)pthread_mutex_unlock(&c->lock);
    return err;
}

/* ---- one decision
 * ---------------------------------------------------------------------------------------------------- */

static int decider_for(struct worker *w, cordon_str digest, cordon_error *e) {
    if (w->decider && (w->r->snapshots.with || cdn_str_eq(cdn_str_z(w->digest), digest)))
        return CORDON_OK;
    cordon_decider_free(w->decider);
    w->decider = NULL;
    cordon_snapshot *s = NULL;
    int err = CORDON_OK;
    if (w->r->snapshots.with)
        s = cordon_snapshot_ref(w->r->snapshots.with);
    else
        err = snapshot_of(&w->r->snapshots, digest, &s, e);
    if (!err)
        err = cordon_decider_new(s, w->r->o->alloc, &w->decider, e);
    if (!err)
        cordon_snapshot_digest(s, w->digest);
    cordon_snapshot_unref(s);
    return err;
}

static uint8_t verdict_of(cordon_str decision) {
    const cordon_str name = cdn_member_text(decision, "verdict");
    for (uint8_t v = CORDON_VERDICT_NONE; v <= CORDON_VERDICT_FREEZE; v++) {
        if (cdn_str_eq(name, cordon_text(cordon_verdict_name(v))))
            return v;
    }
    return CORDON_VERDICT_NONE;
}

static int decide_again(struct worker *w, cordon_str record, cordon_error *e) {
    int64_t at;
    const cordon_decision *d = NULL;
    const cordon_str request = cdn_member(record, "request");
    if (request.n == 0)
        return cdn_fail(e, CORDON_E_FORMAT, "the record has no request");
    int err = cordon_time_parse(cdn_member_text(record, "at"), &at, e);
    if (!err)
        err = decider_for(w, cdn_member_text(record, "snapshot"), e);
    if (!err && !w->request)
        err = cordon_request_new(w->r->o->alloc, &w->request, e);
    if (!err)
        err = cordon_request_read_json(w->request, request, e);
    if (!err)
        err = cordon_decide(w->decider, w->request, at, &d, e);
    w->out.n = 0;
    if (!err)
        err = cordon_decision_to_json(d, cdn_str(NULL, 0), &w->out, e);
    return err;
}

static void do_item(struct worker *w, struct item *i) {
    const cordon_str record = cdn_str(w->r->text.p + i->at, i->n);
    i->record.payload = record;
    i->was = cdn_member(record, "decision");
    i->verdict_was = verdict_of(i->was);
    i->now.n = 0;
    if (decide_again(w, record, &i->why)) {
        i->outcome = UNDECIDED;
        return;
    }
    const cordon_str now = cdn_member(cdn_str(w->out.p, w->out.n), "decision");
    i->verdict_now = verdict_of(now);
    i->outcome = cdn_str_eq(now, i->was) ? SAME : DIFFERENT;
    if (i->outcome == DIFFERENT && cdn_public_append(&i->now, now, &i->why))
        i->outcome = UNDECIDED;
}

static void *work(void *ctx) {
    struct worker *w = ctx;
    for (;;) {
        const size_t i = atomic_fetch_add(&w->r->next, 1);
        if (i >= w->r->count)
            return NULL;
        do_item(w, &w->r->items[i]);
    }
}

/* ---- batches
 * -------------------------------------------------------------------------------------------------------- */

static int tell(struct replaying *r) {
    for (size_t k = 0; k < r->count; k++) {
        struct item *i = &r->items[k];
        r->ret->decisions++;
        r->ret->same += i->outcome == SAME;
        r->ret->different += i->outcome == DIFFERENT;
        r->ret->undecided += i->outcome == UNDECIDED;
        if (i->outcome != UNDECIDED)
            r->ret->verdicts[i->verdict_was][i->verdict_now]++;
        if (i->outcome == SAME || !r->o->difference)
            continue;
        const cordon_str why = i->outcome == UNDECIDED ? cdn_str_z(i->why.message) : cdn_str(NULL, 0);
        const int err = r->o->difference(r->o->ctx, &i->record, i->was, cdn_str(i->now.p, i->now.n), why);
        if (err)
            return err;
    }
    return CORDON_OK;
}

static int do_batch(struct replaying *r, struct worker *workers, unsigned threads) {
    unsigned started = 1;
    atomic_store(&r->next, 0);
    while (started < threads && r->count > 1 &&
           pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0)
        started++;
    (void)work(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        (void)pthread_join(workers[i].thread, NULL);
    const int err = tell(r);
    r->count = 0;
    cdn_buf_clear(&r->text);
    return err;
}

enum { FULL = 0x7ffe0002 };

static int gather(void *ctx, const struct cdn_journal_record *record, struct cordon_error *e) {
    struct replaying *r = ctx;
    if (record->erased) {
        r->ret->erased++;
        return 0;
    }
    if (!cdn_str_eq(cdn_member_text(record->payload, "kind"), CDN_STR("decision")))
        return 0;
    const int matches = cdn_filter_matches(&r->filter, record);
    if (matches <= 0)
        return matches;
    struct item *i = &r->items[r->count++];
    cdn_record_publish(record, &i->record);
    i->at = r->text.n;
    i->n = record->payload.n;
    cdn_buf_str(&r->text, record->payload);
    if (r->text.err)
        return cdn_fail(e, r->text.err, "no memory for a batch of records");
    return r->count == BATCH || r->text.n >= BATCH_BYTES ? FULL : 0;
}

static int run(
    struct replaying *r, cordon_journal *j, struct worker *workers, unsigned threads, cordon_error *e) {
    const cordon_journal_query *q = &r->o->which;
    uint64_t next = q->from;
    const struct cdn_scan_what what = {
        .to = q->to ? CDN_MIN(q->to, j->segs.head) : j->segs.head, .each = gather, .ctx = r, .leaves = true};
    int err;
    do {
        err = cdn_segs_scan(&j->segs, &what, &next, e);
        if (err == FULL || err == CORDON_OK) {
            const int told = do_batch(r, workers, threads);
            if (told)
                return told;
        }
        if (r->o->progress && r->o->progress(r->o->ctx, "replay", next, what.to) != 0)
            return cdn_fail(e, CORDON_E_STATE, "ended by the caller");
    } while (err == FULL);
    return err;
}

void cordon_replay_options_init(cordon_replay_options *o) {
    memset(o, 0, sizeof(*o));
    o->size = sizeof(*o);
    cordon_journal_query_init(&o->which);
}

static void release(struct replaying *r, struct worker *workers, unsigned threads) {
    for (unsigned i = 0; workers && i < threads; i++) {
        cordon_decider_free(workers[i].decider);
        cordon_request_free(workers[i].request);
        cordon_buffer_free(&workers[i].out);
    }
    cdn_free(r->alloc, workers, sizeof(*workers) * MOST_THREADS);
    for (size_t i = 0; r->items && i < BATCH; i++)
        cordon_buffer_free(&r->items[i].now);
    cdn_free(r->alloc, r->items, sizeof(*r->items) * BATCH);
    for (size_t i = 0; i < r->snapshots.count; i++)
        cordon_snapshot_unref(r->snapshots.open[i].s);
    cordon_snapshot_unref(r->snapshots.with);
    cdn_buf_free(&r->text);
    cdn_filter_free(&r->filter);
    (void)pthread_mutex_destroy(&r->snapshots.lock);
    cdn_free(r->alloc, r, sizeof(*r));
}

int cordon_journal_replay(cordon_journal *j,
                          const cordon_replay_options *o,
                          cordon_replayed *ret,
                          cordon_error *e) {
    cordon_replayed result = {.decisions = 0};
    const struct cordon_alloc *alloc = o->alloc ? o->alloc : &cdn_alloc_libc;
    const unsigned threads = CDN_MIN(CDN_MAX(o->threads, 1u), (unsigned)MOST_THREADS);
    struct replaying *r = cdn_alloc_zero(alloc, 1, sizeof(*r));
    if (!r)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to replay");
    r->o = o;
    r->alloc = alloc;
    r->ret = &result;
    r->snapshots.o = o;
    cdn_buf_init(&r->text, alloc, SIZE_MAX / 2);
    struct worker *workers = cdn_alloc_zero(alloc, MOST_THREADS, sizeof(*workers));
    r->items = cdn_alloc_zero(alloc, BATCH, sizeof(*r->items));
    int err = cdn_filter_init(&r->filter, &o->which, alloc, e);
    if (!err && (pthread_mutex_init(&r->snapshots.lock, NULL) != 0 || !workers || !r->items))
        err = cdn_fail(e, CORDON_E_NOMEM, "no memory to replay");
    if (!err && o->with)
        err = cordon_snapshot_open(o->with, NULL, &r->snapshots.with, e);
    for (unsigned i = 0; !err && i < threads; i++)
        workers[i].r = r;
    if (!err)
        err = run(r, j, workers, threads, e);
    release(r, workers, threads);
    if (!err)
        *ret = result;
    return err;
}

/* ---- what changed
 * ------------------------------------------------------------------------------------------------------ */

/* What a measure demands in a decision: its outcome, or nothing. */
static cordon_str demand(cordon_str measure) {
    const cordon_str outcome = cdn_member_text(measure, "outcome");
    return cdn_str_eq(outcome, CDN_STR("allow")) ? cdn_str("", 0) : outcome;
}

static bool find_measure(cordon_str decision, cordon_str id, cordon_str *ret_demand) {
    struct cdn_walk w = cdn_walk_begin(cdn_member(decision, "measures"));
    cordon_str key, measure;
    bool there = false;
    *ret_demand = cdn_str("", 0);
    while (cdn_walk_next(&w, &key, &measure)) {
        if (!cdn_str_eq(cdn_member_text(measure, "id"), id))
            continue;
        there = true;
        if (ret_demand->n == 0)
            *ret_demand = demand(measure);
    }
    return there;
}

/* Each measure of `a` once: the first line of an id stands for it. */
static void compare(cordon_str a,
                    cordon_str b,
                    bool reverse,
                    void (*each)(void *ctx, cordon_str measure, cordon_str was, cordon_str now),
                    void *ctx) {
    struct cdn_walk w = cdn_walk_begin(cdn_member(a, "measures"));
    cordon_str key, measure, last = {NULL, 0};
    while (cdn_walk_next(&w, &key, &measure)) {
        const cordon_str id = cdn_member_text(measure, "id");
        cordon_str here, there;
        if (cdn_str_eq(id, last))
            continue;
        last = id;
        (void)find_measure(a, id, &here);
        const bool both = find_measure(b, id, &there);
        if (cdn_str_eq(here, there) || (reverse && both))
            continue;
        if (reverse)
            each(ctx, id, there, here);
        else
            each(ctx, id, here, there);
    }
}

int cordon_decision_compare(cordon_str was,
                            cordon_str now,
                            void (*each)(void *ctx, cordon_str measure, cordon_str was, cordon_str now),
                            void *ctx) {
    compare(was, now, false, each, ctx);
    compare(now, was, true, each, ctx);
    return CORDON_OK;
}
