/* SPDX-License-Identifier: Apache-2.0 */
/* batch.c: JSON Lines in, JSON Lines out, in order, decided in blocks by several threads.
 *
 * What is fed is cut into blocks at line ends. A block is decided by one thread under one snapshot per line,
 * its records are appended in one go, and its answers are handed out when the last of them is durable and
 * every block in front of it has been handed out. A block is sent off when it is full, or when nothing of
 * this batch is under way: a slow client gets its answers line by line, a fast one in groups.
 *
 *  1. answers come in the order of the lines, whoever decided them;
 *  2. an answer is shown only after its record is durable; a lost one becomes a problem document in its
 * place;
 *  3. memory is bounded: BLOCKS blocks under way or not yet taken, then feed takes nothing. */
#include "service/priv.h"

enum { BLOCK_BYTES = 32 * 1024, BLOCK_LINES = 64, BLOCKS = 32, WRITTEN = 1, DURABLE = 2, LOST = 4 };

struct line {
    size_t from, to;                 /* of its answer so far, or of its problem document, in `answers` */
    size_t record_from, record_to;   /* in `records` */
    size_t summary_from, summary_to; /* in the worker's `summary` */
    int64_t recorded, keep;
    uint64_t index, epoch;
    struct cdn_once *once;
    uint8_t verdict, refusal;              /* refusal: the answer is a problem document */
    bool reserved, tells, whole, repeated; /* whole: nothing is to be added to the answer */
    char digest[CORDON_DIGEST_TEXT];
    uint64_t lists; /* cdn_lists_asked */
};
struct block {
    struct block *next, *next_job;
    struct cdn_service_batch *batch;
    struct cdn_waiting waiting;
    struct cdn_buf in, answers, records, out;
    struct line *lines;
    size_t line_count, line_cap;
    uint64_t first_line; /* number of its first line, from 1 */
    size_t taken;        /* of `out` */
    _Atomic unsigned phase;
    bool done; /* batch lock */
};
struct cdn_service_batch {
    struct cdn_service *s;
    struct cdn_service_caller caller;
    char key[256], trace[MAX_TRACE + 1], idempotency[MAX_IDEMPOTENCY + 1];
    size_t key_n, trace_n, idempotency_n;
    uint64_t deadline;
    void (*notify)(void *ctx);
    void *ctx;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct block *head, *tail; /* sent off, in order */
    struct block *current;     /* being filled; NULL: none */
    unsigned sent, working;    /* blocks in the list; of them not done */
    uint64_t next_line;
    bool ended, skipping,
        starved; /* skipping: the rest of a line that is too long; starved: feed took nothing */
    bool broken; /* out of memory: no more is taken */
    struct cdn_service_batch_count count;
};
struct cdn_batch_pool {
    struct cdn_service *s;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct block *first, *last;
    bool stop;
    unsigned thread_count, started;
    struct pool_thread {
        pthread_t id;
        struct cdn_service_worker *worker;
        struct cdn_batch_pool *pool;
    } threads[16];
};

/* ---- blocks
 * --------------------------------------------------------------------------------------------------- */

static struct block *block_new(struct cdn_service_batch *b) {
    const struct cordon_alloc *alloc = b->s->alloc;
    struct block *k = cdn_alloc_zero(alloc, 1, sizeof(*k));
    if (!k)
        return NULL;
    k->batch = b;
    k->first_line = b->next_line;
    cdn_buf_init(&k->in, alloc, (size_t)CDN_MAX_REQUEST_BYTES + BLOCK_BYTES + CDN_KIB(4));
    cdn_spare_take(b->s, &k->answers, (size_t)CDN_MAX_DECISION_BYTES * BLOCK_LINES);
    cdn_spare_take(b->s, &k->records, (size_t)CDN_MAX_RECORD_BYTES * 2);
    cdn_spare_take(b->s, &k->out, (size_t)CDN_MAX_DECISION_BYTES * BLOCK_LINES + CDN_MIB(1));
    return k;
}

static void block_free(struct block *k) {
    if (!k)
        return;
    const struct cordon_alloc *alloc = k->batch->s->alloc;
    cdn_buf_free(&k->in);
    cdn_spare_give(k->batch->s, &k->answers);
    cdn_spare_give(k->batch->s, &k->records);
    cdn_spare_give(k->batch->s, &k->out);
    cdn_free(alloc, k->lines, k->line_cap * sizeof(*k->lines));
    cdn_free(alloc, k, sizeof(*k));
}

/* A line's answer is a problem document from now on. */
static void refuse_line(
    struct block *k, struct line *l, unsigned refusal, int code, const struct cordon_error *why) {
    struct cordon_error e = *why;
    if (e.code != code)
        (void)cdn_fail(&e, code, "%s", cdn_status_text(code));
    l->refusal = (uint8_t)(refusal ? refusal : CDN_REFUSED_INTERNAL);
    l->verdict = CORDON_VERDICT_NONE;
    l->whole = true;
    l->repeated = false;
    l->from = k->answers.n;
    cdn_service_write_problem(&k->answers, l->refusal, &e);
    k->answers.err = 0; /* no room even for that: told in the fewest words when it is written out */
    l->to = k->answers.n;
}

/* ---- deciding a block
 * ------------------------------------------------------------------------------------------ */

/* A line that was recorded before: its answer is that one. */
static int repeat(struct block *k,
                  struct line *l,
                  const struct cdn_decide_input *in,
                  uint64_t index,
                  struct cordon_error *e) {
    struct cdn_service *s = k->batch->s;
    struct cdn_reply *r = cdn_reply_new(s, NULL, NULL, 0);
    if (!r)
        return cdn_service_no_memory(e);
    int err = cdn_answer_recorded(s, index, in->key, in->idempotency, r, e);
    if (!err) {
        l->from = k->answers.n;
        cdn_buf_str(&k->answers, r->pub.body);
        l->to = k->answers.n;
        l->verdict = r->pub.verdict;
        l->whole = l->repeated = true;
        err = k->answers.err ? cdn_service_no_memory(e) : 0;
    }
    cdn_service_reply_free(&r->pub);
    return err;
}

static int claim_line(
    struct block *k, struct line *l, struct cdn_decide_input *in, int64_t wall, struct cordon_error *e) {
    struct cdn_service *s = k->batch->s;
    uint64_t index = UINT64_MAX;
    const int err = cdn_once_begin(s,
                                   in->key,
                                   in->idempotency,
                                   in->digest.p,
                                   wall - s->o.idempotency_seconds,
                                   NULL,
                                   &l->once,
                                   &index,
                                   e);
    return err || index == UINT64_MAX ? err : repeat(k, l, in, index, e);
}

static void decide_line(
    struct cdn_service_worker *w, struct block *k, struct line *l, cordon_str body, uint64_t number) {
    struct cdn_service_batch *b = k->batch;
    struct cdn_service *s = b->s;
    const struct cdn_service_time now = cdn_service_now(s);
    struct cordon_error e = {0};
    struct cdn_decided d;
    char digest[CDN_DIGEST_HEX], name[MAX_IDEMPOTENCY + 32];
    uint8_t refusal = 0;
    struct cdn_decide_input in = {.body = body,
                                  .key = cdn_str(b->key, b->key_n),
                                  .trace = cdn_str(b->trace, b->trace_n),
                                  .roles = b->caller.roles,
                                  .appeal = CDN_COUNT_NONE};
    int64_t at = 0;
    int err = cdn_service_instant(s, &now, &at, &refusal, &e);
    if (!err && b->deadline && now.mono >= b->deadline) {
        refusal = CDN_REFUSED_DEADLINE;
        err = cdn_fail(&e, CORDON_E_STATE, "the deadline of the request had passed before it was decided");
    }
    if (!err && b->idempotency_n && !s->o.no_journal) {
        struct cdn_buf text;
        cdn_buf_fixed(&text, name, sizeof(name));
        cdn_buf_put(&text, b->idempotency, b->idempotency_n);
        cdn_buf_char(&text, '/');
        cdn_buf_int(&text, (int64_t)number);
        in.idempotency = cdn_buf_get(&text);
        cdn_sha256_hex(body, digest);
        in.digest = cdn_str(digest, sizeof(digest));
        err = claim_line(k, l, &in, now.wall, &e);
        refusal = (uint8_t)(err == CORDON_E_STATE ? CDN_REFUSED_BUSY : cdn_service_refusal_of(err));
        if (!err && l->whole)
            return;
    }
    cdn_arena_reset(&w->effect_memory);
    l->record_from = k->records.n;
    l->summary_from = w->summary.n;
    (void)cdn_schedule_due(s, now.wall);
    if (!err && (err = cdn_worker_follow(w, &e)) != 0)
        refusal = (uint8_t)(err == CORDON_E_NOMEM ? CDN_REFUSED_MEMORY : CDN_REFUSED_INTERNAL);
    memcpy(l->digest, w->digest, sizeof(l->digest));
    err = err ? err
              : cdn_decide_one(
                    w, &in, &now, &k->answers, s->o.no_journal ? NULL : &k->records, &d, &refusal, &e);
    if (err) {
        if (k->records.err || k->answers.err) {
            k->records.err = 0;
            k->answers.err = 0;
        }
        refuse_line(k, l, refusal, err, &e);
        return;
    }
    cdn_service_observe(&s->counts.decide, cdn_service_now(s).mono - now.mono);
    l->from = d.answer_at;
    l->to = k->answers.n;
    l->record_to = k->records.n;
    l->summary_to = w->summary.n;
    l->recorded = d.record.recorded;
    l->keep = d.record.effects.keep_until == CDN_INSTANT_NONE ? l->recorded : d.record.effects.keep_until;
    l->verdict = d.record.effects.verdict;
    l->reserved = d.reserved;
    l->epoch = d.epoch;
    l->tells = d.tells;
    l->lists = d.lists;
}

static int decide_lines(struct cdn_service_worker *w, struct block *k) {
    cordon_str rest = cdn_buf_get(&k->in);
    uint64_t number = k->first_line;
    cdn_buf_clear(&w->summary);
    while (rest.n) {
        cordon_str line = cdn_str_split(rest, '\n', &rest);
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        if (cdn_grow(w->s->alloc, (void **)&k->lines, &k->line_cap, k->line_count + 1, sizeof(*k->lines)) < 0)
            return CORDON_E_NOMEM;
        struct line *l = &k->lines[k->line_count++];
        *l = (struct line){0};
        decide_line(w, k, l, line, number++);
    }
    return 0;
}

/* ---- recording a block
 * ------------------------------------------------------------------------------------------ */

/* What a record says is read back for the few lines that change the live state: deciding the next line has
 * used the memory of the one before again. */
static void with_record(struct block *k,
                        const struct line *l,
                        void (*fn)(struct cdn_service *s,
                                   const struct line *l,
                                   const struct cdn_record_decision *d)) {
    struct cdn_service *s = k->batch->s;
    struct cdn_arena arena;
    struct cdn_record record;
    cdn_arena_init(&arena, s->alloc, 0);
    const cordon_str bytes = cdn_str(k->records.p + l->record_from, l->record_to - l->record_from);
    if (cdn_record_read(bytes, &arena, &record, NULL) < 0 || record.kind != CDN_RECORD_DECISION)
        atomic_store_explicit(&s->stale, true, memory_order_release); /* filled again from the journal */
    else
        fn(s, l, &record.u.decision);
    cdn_arena_free(&arena);
}

static void tell(struct cdn_service *s, const struct line *l, const struct cdn_record_decision *d) {
    if (cdn_live_decision(s->live, l->index, d, l->reserved, NULL) < 0)
        atomic_store_explicit(&s->stale, true, memory_order_release);
}

static void unreserve(struct cdn_service *s, const struct line *l, const struct cdn_record_decision *d) {
    const struct cdn_decided all = {.record = *d, .reserved = l->reserved, .epoch = l->epoch};
    cdn_decide_unreserve(s, &all);
}

static void refuse_recorded(struct block *k, unsigned refusal, int code, const struct cordon_error *e) {
    for (size_t i = 0; i < k->line_count; i++) {
        struct line *l = &k->lines[i];
        if (l->whole)
            continue;
        if (l->reserved)
            with_record(k, l, unreserve);
        l->reserved = false;
        refuse_line(k, l, refusal, code, e);
    }
}

/* With `order` held. */
static int append_lines(struct block *k,
                        struct cdn_journal_item *items,
                        const struct cdn_buf *summary,
                        struct cdn_recent **recent,
                        uint8_t *ret_refusal,
                        struct cordon_error *e) {
    struct cdn_service *s = k->batch->s;
    const uint64_t epoch = s->epoch;
    size_t n = 0;
    uint64_t first = 0;
    int64_t last = 0;
    for (size_t i = 0; i < k->line_count; i++) {
        struct line *l = &k->lines[i];
        if (!l->whole && l->reserved && l->epoch != epoch) {
            (void)cdn_fail(
                e, CORDON_E_CONFLICT, "the state was filled again while this was decided; ask again");
            refuse_line(k, l, CDN_REFUSED_BUSY, e->code, e);
        }
        if (!l->whole)
            items[n++] = (struct cdn_journal_item){
                cdn_str(k->records.p + l->record_from, l->record_to - l->record_from), l->keep};
    }
    if (!n)
        return 0;
    const int err = cdn_journal_append_many(s->journal, items, n, CDN_JOURNAL_NOWAIT, &first, e);
    if (err) {
        if (err != CORDON_E_LIMIT)
            *ret_refusal = (uint8_t)cdn_service_append_refusal(s, err, e);
        return err;
    }
    n = 0;
    for (size_t i = 0; i < k->line_count; i++) {
        struct line *l = &k->lines[i];
        if (l->whole)
            continue;
        l->index = first + n++;
        last = CDN_MAX(last, l->recorded);
        if (*recent)
            cdn_recent_add(*recent, cdn_str(summary->p + l->summary_from, l->summary_to - l->summary_from));
        if (l->once)
            l->once->recorded = true;
        cdn_lists_used(s, l->digest, l->lists, l->index);
        if (l->tells)
            with_record(k, l, tell);
    }
    cdn_store_recent(s->store, first, *recent);
    *recent = NULL;
    cdn_service_dated(s, last);
    k->waiting.last = first + n - 1;
    k->waiting.count = (uint32_t)n;
    atomic_fetch_add_explicit(&s->waiting, k->waiting.count, memory_order_relaxed);
    cdn_commit_queue(s, &k->waiting);
    return 0;
}

static void block_finish(struct cdn_waiting *w, bool lost);

/* True: it waits for the committer. */
static bool record_block(struct cdn_service_worker *w, struct block *k) {
    struct cdn_service *s = k->batch->s;
    struct cordon_error e = {0};
    uint8_t refusal = CDN_REFUSED_BUSY;
    struct cdn_journal_item *items = cdn_alloc_zero(s->alloc, k->line_count, sizeof(*items));
    int err = items ? 0 : cdn_service_no_memory(&e);
    struct cdn_recent *recent = cdn_recent_new(s->alloc, w->summary.n);
    if (err)
        refusal = CDN_REFUSED_MEMORY;
    k->waiting.finish = block_finish;
    for (unsigned tries = 0; !err; tries++) {
        pthread_mutex_lock(&s->order);
        err = append_lines(k, items, &w->summary, &recent, &refusal, &e);
        const bool waits = !err && k->waiting.count;
        pthread_mutex_unlock(&s->order);
        if (err != CORDON_E_LIMIT || tries > 1000) {
            cdn_recent_free(recent);
            cdn_free(s->alloc, items, k->line_count * sizeof(*items));
            if (err)
                refuse_recorded(k, refusal, err, &e);
            return waits;
        }
        /* The journal's queue is full: this thread may wait for it, nobody else does. */
        err = cdn_journal_wait(s->journal, cdn_journal_head(s->journal) + 1, &e);
        if (err)
            refusal = (uint8_t)cdn_service_append_refusal(s, err, &e);
    }
    cdn_recent_free(recent);
    cdn_free(s->alloc, items, k->line_count * sizeof(*items));
    refuse_recorded(k, refusal, err, &e);
    return false;
}

/* ---- handing a block out
 * ------------------------------------------------------------------------------------------ */

static const char fewest[] =
    "{\"code\":\"CORDON_E_NOMEM\",\"detail\":\"out of memory\",\"refused\":\"memory\",\"status\":503,"
    "\"title\":\"out of memory\",\"type\":\"about:blank\"}";

static void write_out(struct block *k) {
    const struct cdn_service_batch *b = k->batch;
    const bool numbered = !b->s->o.no_journal;
    for (size_t i = 0; i < k->line_count; i++) {
        const struct line *l = &k->lines[i];
        const size_t begin = k->out.n;
        if (l->from == l->to)
            cdn_buf_put(&k->out, fewest, sizeof(fewest) - 1);
        cdn_buf_put(&k->out, k->answers.p + l->from, l->to - l->from);
        if (!l->whole)
            cdn_answer_tail(&k->out,
                            l->recorded,
                            l->index,
                            numbered,
                            cdn_str(b->trace, b->trace_n),
                            cdn_str_z(l->digest));
        cdn_buf_char(&k->out, '\n');
        if (k->out.err) { /* the record stays; the answer is found again by its idempotency key or index */
            k->out.n = begin;
            k->out.err = 0;
            break;
        }
    }
}

static void count_lines(struct block *k) {
    struct cdn_service_batch *b = k->batch;
    struct cdn_counts_live *c = &b->s->counts;
    for (size_t i = 0; i < k->line_count; i++) {
        const struct line *l = &k->lines[i];
        b->count.answered += !l->refusal;
        b->count.refused += l->refusal != 0;
        _Atomic uint64_t *to = l->refusal    ? &c->refusals[l->refusal]
                               : l->repeated ? &c->repeated
                                             : &c->decisions[l->verdict % 6];
        atomic_fetch_add_explicit(to, 1, memory_order_relaxed);
    }
}

static void send(struct cdn_service_batch *b, bool anyway);

static void block_done(struct block *k) {
    struct cdn_service_batch *b = k->batch;
    for (size_t i = 0; i < k->line_count; i++) {
        if (k->lines[i].once)
            cdn_once_drop(b->s, k->lines[i].once);
        k->lines[i].once = NULL;
    }
    cdn_buf_free(&k->in);
    cdn_spare_give(k->batch->s, &k->answers);
    cdn_spare_give(k->batch->s, &k->records);
    pthread_mutex_lock(&b->lock);
    count_lines(k);
    k->done = true;
    b->working--;
    const bool first = k == b->head;
    send(b, false);
    void (*notify)(void *ctx) = first ? b->notify : NULL;
    void *ctx = b->ctx;
    if (notify)
        notify(ctx); /* under the lock: the batch cannot be freed meanwhile */
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

static void settle(struct block *k, unsigned phase) {
    if (phase & LOST) {
        struct cordon_error e = {0};
        const bool full = atomic_load_explicit(&k->batch->s->full, memory_order_relaxed);
        (void)cdn_fail(&e, CORDON_E_IO, "the decision could not be recorded, so there is none");
        cdn_buf_clear(&k->out);
        for (size_t i = 0; i < k->line_count; i++) {
            if (k->lines[i].once && !k->lines[i].whole)
                k->lines[i].once->recorded = false;
            if (!k->lines[i].whole)
                refuse_line(k, &k->lines[i], full ? CDN_REFUSED_DISK : CDN_REFUSED_JOURNAL, e.code, &e);
        }
        write_out(k);
    }
    block_done(k);
}

static void block_finish(struct cdn_waiting *w, bool lost) {
    struct block *k = (struct block *)(void *)((char *)w - offsetof(struct block, waiting));
    const unsigned mine = lost ? DURABLE | LOST : DURABLE;
    const unsigned before = atomic_fetch_or_explicit(&k->phase, mine, memory_order_acq_rel);
    if (before & WRITTEN)
        settle(k, before | mine);
}

static void work(struct cdn_service_worker *w, struct block *k) {
    struct cordon_error e = {0};
    const int err = decide_lines(w, k);
    bool waits = false;
    if (err) {
        (void)cdn_fail(&e, err, "the lines could not be decided: %s", cdn_status_text(err));
        refuse_recorded(k, err == CORDON_E_NOMEM ? CDN_REFUSED_MEMORY : CDN_REFUSED_INTERNAL, err, &e);
    } else if (!k->batch->s->o.no_journal && k->line_count) {
        waits = record_block(w, k);
    }
    write_out(k);
    if (!waits) {
        block_done(k);
        return;
    }
    const unsigned before = atomic_fetch_or_explicit(&k->phase, WRITTEN, memory_order_acq_rel);
    if (before & DURABLE)
        settle(k, before | WRITTEN);
}

/* ---- the threads
 * -------------------------------------------------------------------------------------------------- */

static void *pool_run(void *arg) {
    struct pool_thread *t = arg;
    struct cdn_batch_pool *p = t->pool;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->first && !p->stop)
            pthread_cond_wait(&p->wake, &p->lock);
        struct block *k = p->first;
        if (!k)
            break;
        p->first = k->next_job;
        if (!p->first)
            p->last = NULL;
        pthread_mutex_unlock(&p->lock);
        work(t->worker, k);
        pthread_mutex_lock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

void cdn_pool_stop(struct cdn_service *s) {
    struct cdn_batch_pool *p = s->pool;
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->started; i++)
        (void)pthread_join(p->threads[i].id, NULL);
    for (unsigned i = 0; i < p->thread_count; i++)
        cdn_service_worker_free(p->threads[i].worker);
    p->thread_count = p->started = 0;
}

/* After the journal has answered its last: blocks give their memory back until then. */
void cdn_pool_free(struct cdn_service *s) {
    struct cdn_batch_pool *p = s->pool;
    if (!p)
        return;
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    cdn_free(s->alloc, p, sizeof(*p));
    s->pool = NULL;
}

int cdn_pool_start(struct cdn_service *s, struct cordon_error *e) {
    struct cdn_batch_pool *p = cdn_alloc_zero(s->alloc, 1, sizeof(*p));
    if (!p)
        return cdn_service_no_memory(e);
    p->s = s;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    s->pool = p;
    const unsigned wanted =
        (unsigned)CDN_MIN((size_t)CDN_MAX(s->o.batch_threads, 1u), CDN_ARRAY_LEN(p->threads));
    for (unsigned i = 0; i < wanted; i++) {
        struct pool_thread *t = &p->threads[p->thread_count++];
        t->pool = p;
        int err = cdn_service_worker_new(s, &t->worker, e);
        if (!err && pthread_create(&t->id, NULL, pool_run, t) != 0)
            err = cdn_fail(e, CORDON_E_STATE, "a thread for batches could not be started");
        if (err)
            return err;
        (void)pthread_setname_np(t->id, "batch");
        p->started++;
    }
    return 0;
}

static void pool_give(struct cdn_batch_pool *p, struct block *k) {
    pthread_mutex_lock(&p->lock);
    k->next_job = NULL;
    if (p->last)
        p->last->next_job = k;
    else
        p->first = k;
    p->last = k;
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
}

/* ---- feeding
 * -------------------------------------------------------------------------------------------------------- */

static uint64_t lines_in(cordon_str text) {
    uint64_t n = text.n && text.p[text.n - 1] != '\n';
    for (const char *p = text.p, *end = text.p + text.n; p < end && (p = memchr(p, '\n', (size_t)(end - p)));
         p++)
        n++;
    return n;
}

/* With the batch's lock: sends the whole lines of the current block off if it is full, or if nothing is under
 * way. */
static void send(struct cdn_service_batch *b, bool anyway) {
    struct block *k = b->current;
    if (!k || !k->in.n || (!anyway && !b->ended && k->in.n < BLOCK_BYTES && b->working))
        return;
    const char *end = memrchr(k->in.p, '\n', k->in.n);
    const size_t whole = b->ended ? k->in.n : end ? (size_t)(end - k->in.p) + 1 : 0;
    if (!whole)
        return;
    struct block *next = NULL;
    if (whole < k->in.n) {
        next = block_new(b);
        if (next)
            cdn_buf_put(&next->in, k->in.p + whole, k->in.n - whole);
        if (!next || next->in.err) {
            block_free(next);
            b->broken = true;
            return;
        }
        k->in.n = whole;
    }
    const uint64_t lines = lines_in(cdn_buf_get(&k->in));
    b->next_line += lines;
    b->count.lines += lines;
    if (next)
        next->first_line = b->next_line;
    b->current = next;
    k->next = NULL;
    if (b->tail)
        b->tail->next = k;
    else
        b->head = k;
    b->tail = k;
    b->sent++;
    b->working++;
    pool_give(b->s->pool, k);
}

/* With the lock: adds one piece without a line end, or ending with its only one. A line beyond the limit is
 * cut one byte above it, so that it is refused for its length, and the rest of it is dropped. */
static bool add_piece(struct cdn_service_batch *b, const char *p, size_t n) {
    const bool ends = p[n - 1] == '\n';
    struct block *k = b->current;
    const char *line = memrchr(k->in.p ? k->in.p : "", '\n', k->in.n);
    const size_t have = line ? k->in.n - (size_t)(line + 1 - k->in.p) : k->in.n;
    if (b->skipping) {
        if (ends)
            cdn_buf_char(&k->in, '\n');
        b->skipping = !ends;
        return !k->in.err;
    }
    if (have + n > (size_t)CDN_MAX_REQUEST_BYTES + 2) {
        cdn_buf_put(&k->in, p, (size_t)CDN_MAX_REQUEST_BYTES + 1 - have);
        if (ends)
            cdn_buf_char(&k->in, '\n');
        b->skipping = !ends;
        return !k->in.err;
    }
    cdn_buf_put(&k->in, p, n);
    return !k->in.err;
}

size_t cdn_service_batch_feed(struct cdn_service_batch *b, const char *p, size_t n) {
    size_t used = 0;
    pthread_mutex_lock(&b->lock);
    while (used < n && !b->ended && !b->broken && b->sent < BLOCKS) {
        if (!b->current && !(b->current = block_new(b))) {
            b->broken = true;
            break;
        }
        const size_t room = CDN_MIN(n - used, (size_t)BLOCK_BYTES);
        const char *end = memchr(p + used, '\n', room);
        const size_t piece = end ? (size_t)(end - (p + used)) + 1 : room;
        if (!add_piece(b, p + used, piece)) {
            b->broken = true;
            break;
        }
        used += piece;
        if (b->current->in.n >= BLOCK_BYTES)
            send(b, true);
    }
    send(b, false);
    b->starved = used < n;
    pthread_mutex_unlock(&b->lock);
    return used;
}

void cdn_service_batch_end(struct cdn_service_batch *b) {
    pthread_mutex_lock(&b->lock);
    b->ended = true;
    send(b, true);
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

/* ---- taking
 * ----------------------------------------------------------------------------------------------------------
 */

static bool over(const struct cdn_service_batch *b) {
    return !b->head && ((b->ended && (!b->current || !b->current->in.n)) || b->broken);
}

size_t cdn_service_batch_take(struct cdn_service_batch *b, char *p, size_t n, bool *ret_over) {
    size_t got = 0;
    pthread_mutex_lock(&b->lock);
    while (got < n && b->head && b->head->done) {
        struct block *k = b->head;
        const size_t piece = CDN_MIN(n - got, k->out.n - k->taken);
        memcpy(p + got, k->out.p + k->taken, piece);
        got += piece;
        k->taken += piece;
        if (k->taken < k->out.n)
            break;
        b->head = k->next;
        if (!b->head)
            b->tail = NULL;
        b->sent--;
        block_free(k);
    }
    *ret_over = over(b);
    const bool room = got && b->starved && b->sent < BLOCKS;
    if (room) {
        b->starved = false;
        pthread_cond_broadcast(&b->changed);
    }
    void (*notify)(void *ctx) = room ? b->notify : NULL;
    void *ctx = b->ctx;
    pthread_mutex_unlock(&b->lock);
    if (notify)
        notify(ctx);
    return got;
}

void cdn_service_batch_wait(struct cdn_service_batch *b, uint64_t timeout_ns) {
    const struct timespec until = cdn_service_later(b->s, timeout_ns);
    pthread_mutex_lock(&b->lock);
    while (!(b->head && b->head->done) && !over(b) && !(b->starved && b->sent < BLOCKS)) {
        if (pthread_cond_timedwait(&b->changed, &b->lock, &until) != 0)
            break;
    }
    pthread_mutex_unlock(&b->lock);
}

void cdn_service_batch_count(struct cdn_service_batch *b, struct cdn_service_batch_count *ret) {
    pthread_mutex_lock(&b->lock);
    *ret = b->count;
    pthread_mutex_unlock(&b->lock);
}

/* ---- opening and closing
 * ----------------------------------------------------------------------------------------------- */

static int check_ask(const struct cdn_service_ask *ask, struct cordon_error *e) {
    if (!(ask->caller.roles & CDN_MAY_DECIDE))
        return cdn_fail(e, CORDON_E_STATE, "this key may not decide: it has not the role `decide`");
    if (ask->trace.n > MAX_TRACE || ask->idempotency.n > MAX_IDEMPOTENCY || ask->caller.key.n > 255)
        return cdn_fail(e, CORDON_E_LIMIT, "a trace id, an idempotency key or the id of a key is too long");
    return 0;
}

int cdn_service_batch_open(struct cdn_service *s,
                           const struct cdn_service_ask *ask,
                           void (*notify)(void *ctx),
                           void *ctx,
                           struct cdn_service_batch **ret,
                           struct cordon_error *e) {
    const int err = check_ask(ask, e);
    if (err)
        return err;
    struct cdn_service_batch *b = cdn_alloc_zero(s->alloc, 1, sizeof(*b));
    pthread_condattr_t monotonic;
    if (!b)
        return cdn_service_no_memory(e);
    b->s = s;
    b->caller = ask->caller;
    b->deadline = ask->deadline;
    b->key_n = ask->caller.key.n;
    b->trace_n = ask->trace.n;
    b->idempotency_n = ask->idempotency.n;
    memcpy(b->key, ask->caller.key.n ? ask->caller.key.p : "", b->key_n);
    memcpy(b->trace, ask->trace.n ? ask->trace.p : "", b->trace_n);
    memcpy(b->idempotency, ask->idempotency.n ? ask->idempotency.p : "", b->idempotency_n);
    b->notify = notify;
    b->ctx = ctx;
    b->next_line = 1;
    pthread_mutex_init(&b->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&b->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *ret = b;
    return 0;
}

void cdn_service_batch_free(struct cdn_service_batch *b) {
    if (!b)
        return;
    const struct cordon_alloc *alloc = b->s->alloc;
    pthread_mutex_lock(&b->lock);
    b->notify = NULL;
    b->ended = true;
    block_free(b->current);
    b->current = NULL;
    while (b->working)
        pthread_cond_wait(&b->changed, &b->lock);
    while (b->head) {
        struct block *k = b->head;
        b->head = k->next;
        block_free(k);
    }
    pthread_mutex_unlock(&b->lock);
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
    cdn_free(alloc, b, sizeof(*b));
}
