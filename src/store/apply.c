/* SPDX-License-Identifier: Apache-2.0 */
/* apply.c: a batch of records into the state, as one transaction.
 *
 * Most decisions change nothing but the greatest instant, the number of records, and a row of retention.
 * These wait in memory (struct cdn_pending) until something else is written, or CDN_STORE_BEHIND records
 * wait; a crash loses nothing of them, since the database says how many records it knows.
 *
 *  1. a record that cannot be read stops the batch: nothing of it is applied, and the error names the record;
 *  2. an event that does not fit changes nothing and leaves a row in `misfits`; that is no error;
 *  3. windows that were over when the day of the last record began are dropped, whenever a day begins: what
 * is left does not depend on when that was noticed. */
#include "store/store_priv.h"

#define DAY INT64_C(86400)

static int event(struct cdn_apply *a, const struct cdn_event *ev) {
    a->at = ev->at;
    a->by = ev->by;
    switch ((enum cdn_event_kind)ev->kind) {
#define EVENT(name, written, kept, title)                                                                    \
    case CDN_EV_##name:                                                                                      \
        return cdn_on_##name(a, &ev->u.name);
#define FIELD(name, member, type, need, meaning)
#define END(name)
#include "store/events.def"
#undef EVENT
#undef FIELD
#undef END
    case CDN_EV_NONE:
    case CDN_EV_COUNT:
        break;
    }
    return cdn_fail(a->check.e, CORDON_E_INTERNAL, "an event without a kind");
}

static int misfit(struct cdn_apply *a) {
    struct cdn_q q = cdn_q(a->check.db, "INSERT INTO misfits(record, about, code, why) VALUES(?, ?, ?, ?)");
    cdn_q_count(&q, a->index);
    cdn_q_count(&q, a->about);
    cdn_q_int(&q, a->check.no);
    cdn_q_put_z(&q, a->check.why);
    return cdn_q_do(&q, a->check.e);
}

static int tombstone(struct cdn_apply *a) {
    struct cdn_q q = cdn_q(a->check.db, "INSERT INTO erasures(record) VALUES(?) ON CONFLICT DO NOTHING");
    cdn_q_count(&q, a->index);
    return cdn_q_do(&q, a->check.e);
}

static int drop_windows(struct cdn_apply *a, int64_t day) {
    struct cdn_q q = cdn_q(a->check.db, "DELETE FROM usage WHERE over <= ?");
    cdn_q_int(&q, day);
    int err = cdn_q_do(&q, a->check.e);
    if (err)
        return err;
    q = cdn_q(a->check.db, "DELETE FROM usage_items WHERE over <= ?");
    cdn_q_int(&q, day);
    return cdn_q_do(&q, a->check.e);
}

/* Begin of the UTC day. */
static int64_t day_of(int64_t at) {
    return at - ((at % DAY) + DAY) % DAY;
}

/* ---- writing behind
 * -------------------------------------------------------------------------------------------------- */

/* A run of records on its way into the state. */
struct taking {
    struct cdn_store *s;
    struct cdn_apply a;
    int64_t last;   /* greatest instant so far */
    bool writing;   /* the transaction has begun */
    size_t flushed; /* of what was pending, how many rows are in it */
};

static int begin(struct taking *t) {
    if (t->writing)
        return 0;
    const int err = cdn_db_run(&t->s->state, "BEGIN IMMEDIATE", t->a.check.e);
    t->writing = !err;
    return err;
}

static int retain(struct taking *t, uint64_t record, int64_t until) {
    struct cdn_pending *p = &t->s->pending;
    if (cdn_grow(t->s->alloc, (void **)&p->items, &p->cap, p->count + 1, sizeof(*p->items)) != 0)
        return cdn_fail(t->a.check.e, CORDON_E_NOMEM, "out of memory");
    p->items[p->count++] = (struct cdn_retained){record, until};
    return 0;
}

/* Rows of what is pending: before anything that may ask for them. */
static int flush(struct taking *t) {
    const struct cdn_pending *p = &t->s->pending;
    int err = begin(t);
    for (; t->flushed < p->count && !err; t->flushed++) {
        struct cdn_q q = cdn_q(&t->s->state, "INSERT INTO retention(record, until) VALUES(?, ?)");
        cdn_q_count(&q, p->items[t->flushed].record);
        cdn_q_int(&q, p->items[t->flushed].until);
        err = cdn_q_do(&q, t->a.check.e);
    }
    return err;
}

static int commit(struct taking *t, uint64_t end) {
    struct cdn_db *db = &t->s->state;
    int err = flush(t);
    err = err ? err : cdn_db_set_meta(db, "last_instant", t->last, t->a.check.e);
    err = err ? err : cdn_db_set_meta(db, "applied", (int64_t)end, t->a.check.e);
    return err ? err : cdn_db_run(db, "COMMIT", t->a.check.e);
}

/* ---- one record
 * --------------------------------------------------------------------------------------------------- */

static int change(struct taking *t, const struct cdn_summary *m, bool *ret_effect) {
    struct cdn_record r;
    struct cdn_apply *a = &t->a;
    int verdict = cdn_record_read(m->text, a->arena, &r, a->check.e);
    if (verdict)
        return verdict;
    a->check.no = 0;
    const bool event_record = r.kind == CDN_RECORD_EVENT;
    if (event_record) {
        verdict = flush(t);
        t->a.at = r.u.event.at;
    }
    verdict = verdict ? verdict : event_record ? event(a, &r.u.event) : cdn_apply_decision(a, &r.u.decision);
    *ret_effect = verdict == 0 && event_record;
    if (verdict == CDN_NO)
        return misfit(a);
    return verdict == CDN_DONE ? 0 : verdict;
}

static int one(struct taking *t, const struct cdn_summary *m, bool *ret_effect) {
    struct cdn_apply *a = &t->a;
    a->about = CDN_COUNT_NONE;
    int err = 0;
    int64_t at = m->recorded;
    if (m->kind != CDN_SUMMARY_DECISION)
        err = begin(t);
    if (err)
        return err;
    if (m->kind == CDN_SUMMARY_NONE)
        return tombstone(a);
    if (m->keep_until != CDN_INSTANT_NONE)
        err = retain(t, a->index, m->keep_until);
    if (!err && m->kind != CDN_SUMMARY_DECISION)
        err = change(t, m, ret_effect);
    if (m->kind == CDN_SUMMARY_EVENT)
        at = a->at;
    if (!err && (t->last == CDN_INSTANT_NONE || day_of(at) > day_of(t->last))) {
        err = begin(t);
        err = err ? err : drop_windows(a, day_of(at));
    }
    if (at > t->last)
        t->last = at;
    return err;
}

int cdn_store_load_counts(struct cdn_store *s, struct cordon_error *e) {
    uint64_t applied = 0;
    int64_t last = CDN_INSTANT_NONE;
    int err = cdn_db_applied(&s->state, &applied, e);
    err = err ? err : cdn_db_meta(&s->state, "last_instant", &last, e);
    err = err ? err : cdn_store_index_load(s, e);
    if (err)
        return err;
    s->pending.count = 0;
    s->pending.written = applied;
    atomic_store(&s->pending.last, last);
    atomic_store(&s->applied, (unsigned long long)applied);
    return 0;
}

/* Events of a batch that took effect: their summaries in it. */
struct effective {
    struct effect {
        uint64_t index;
        cordon_str text;
    } * items;
    size_t count, cap;
};
static int note_effective(struct taking *t, struct effective *f, cordon_str text) {
    if (cdn_grow(t->s->alloc, (void **)&f->items, &f->cap, f->count + 1, sizeof(*f->items)) != 0)
        return cdn_fail(t->a.check.e, CORDON_E_NOMEM, "out of memory");
    f->items[f->count++] = (struct effect){t->a.index, text};
    return 0;
}

static int batch(struct taking *t, uint64_t first, const char *p, size_t count, struct effective *f) {
    struct cordon_error *e = t->a.check.e;
    int err = 0;
    for (size_t i = 0; i < count && !err; i++) {
        struct cdn_summary m;
        bool effect = false;
        const char *next = cdn_summary_read(p, &m);
        t->a.index = first + i;
        err = one(t, &m, &effect);
        if (!err && effect)
            err = note_effective(t, f, m.text);
        if (err && e && err != CORDON_E_IO && err != CORDON_E_NOMEM)
            cdn_error_hint(e, "at record %llu", (unsigned long long)t->a.index);
        cdn_arena_reset(t->a.arena);
        p = next;
    }
    return err;
}

/* Told only of what is committed, so that nobody acts on an event that is rolled back. */
static void tell_listener(struct cdn_store *s, const struct effective *f) {
    struct cdn_arena arena;
    (void)pthread_mutex_lock(&s->listening);
    cdn_arena_init(&arena, s->alloc, 0);
    for (size_t i = 0; i < f->count && s->listener; i++) {
        struct cdn_record r;
        struct cdn_event none = {.kind = CDN_EV_NONE};
        const bool read = cdn_record_read(f->items[i].text, &arena, &r, NULL) == 0;
        s->listener(s->listener_ctx, f->items[i].index, read ? &r.u.event : &none);
        cdn_arena_reset(&arena);
    }
    cdn_arena_free(&arena);
    (void)pthread_mutex_unlock(&s->listening);
}

void cdn_store_listen(struct cdn_store *s, cdn_store_listener *listener, void *ctx) {
    (void)pthread_mutex_lock(&s->listening);
    s->listener = listener;
    s->listener_ctx = ctx;
    (void)pthread_mutex_unlock(&s->listening);
}

/* With the writer's lock held. `count` 0: only writes. */
static int take_in(
    struct cdn_store *s, uint64_t first, const char *p, size_t count, bool write, struct cordon_error *e) {
    struct cdn_arena arena;
    struct cdn_pending *pending = &s->pending;
    const size_t before = pending->count;
    const uint64_t end = first + count;
    struct taking t = {.s = s,
                       .a = {.check = {.db = &s->state, .e = e}, .arena = &arena},
                       .last = atomic_load(&pending->last)};
    struct effective f = {NULL, 0, 0};
    cdn_arena_init(&arena, s->alloc, 0);
    int err = batch(&t, first, p, count, &f);
    write = write || t.writing || end - pending->written >= CDN_STORE_BEHIND;
    if (!err && write) {
        err = begin(&t);
        err = err ? err : commit(&t, end);
    }
    if (err) {
        if (t.writing)
            (void)sqlite3_exec(s->state.h, "ROLLBACK", NULL, NULL, NULL);
        pending->count = before;
    } else {
        atomic_store(&pending->last, t.last);
        if (write) {
            pending->count = 0;
            pending->written = end;
        }
        tell_listener(s, &f);
        atomic_store(&s->applied, (unsigned long long)end);
    }
    cdn_arena_free(&arena);
    cdn_free(s->alloc, f.items, f.cap * sizeof(*f.items));
    return err;
}

int cdn_store_state_take(
    struct cdn_store *s, uint64_t first, const char *p, size_t count, struct cordon_error *e) {
    if (first != atomic_load(&s->applied))
        return cdn_fail(
            e, CORDON_E_ARG, "record %llu is not the next one to apply", (unsigned long long)first);
    (void)pthread_mutex_lock(&s->applying[0]);
    const int err = count ? take_in(s, first, p, count, false, e) : 0;
    (void)pthread_mutex_unlock(&s->applying[0]);
    return err;
}

int cdn_store_state_write(struct cdn_store *s, struct cordon_error *e) {
    int err = 0;
    (void)pthread_mutex_lock(&s->applying[0]);
    if (s->state.h && s->pending.written != atomic_load(&s->applied))
        err = take_in(s, atomic_load(&s->applied), NULL, 0, true, e);
    (void)pthread_mutex_unlock(&s->applying[0]);
    return err;
}

int cdn_store_outcome(struct cdn_store *s, uint64_t index, struct cordon_error *e) {
    if (index >= atomic_load(&s->applied))
        return cdn_fail(e, CORDON_E_RANGE, "record %llu is not applied yet", (unsigned long long)index);
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->state, "SELECT code, why FROM misfits WHERE record = ?");
    int code = 0;
    cdn_q_count(&q, index);
    if (cdn_q_next(&q)) {
        code = (int)cdn_q_get_int(&q, 0);
        (void)cdn_fail(e, code, "%.*s", CDN_FMT(cdn_q_text(&q, 1)));
    }
    const int err = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    return err ? err : code;
}

int64_t cdn_store_last_instant(const struct cdn_store *s) {
    return atomic_load(&s->pending.last);
}
