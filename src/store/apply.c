/* SPDX-License-Identifier: Apache-2.0 */
/* apply.c: a batch of records into the state, as one transaction.
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

/* One record; *last is the greatest instant so far. */
static int one(struct cdn_apply *a, cordon_str bytes, int64_t *last, bool *ret_effect) {
    struct cdn_record r;
    a->about = CDN_COUNT_NONE;
    if (!bytes.p)
        return tombstone(a);
    int verdict = cdn_record_read(bytes, a->arena, &r, a->check.e);
    if (verdict)
        return verdict;
    const int64_t at = r.kind == CDN_RECORD_EVENT ? r.u.event.at : r.u.decision.recorded;
    a->check.no = 0;
    verdict = r.kind == CDN_RECORD_EVENT ? event(a, &r.u.event) : cdn_apply_decision(a, &r.u.decision);
    *ret_effect = verdict == 0 && r.kind == CDN_RECORD_EVENT;
    if (verdict == CDN_NO)
        verdict = misfit(a);
    else if (verdict == CDN_DONE)
        verdict = 0;
    if (!verdict && (*last == CDN_INSTANT_NONE || day_of(at) > day_of(*last)))
        verdict = drop_windows(a, day_of(at));
    if (at > *last)
        *last = at;
    return verdict;
}

static int get_meta(struct cdn_db *db, const char *name, int64_t *ret, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT value FROM meta WHERE name = ?");
    cdn_q_put_z(&q, name);
    if (cdn_q_next(&q))
        *ret = cdn_q_get_instant(&q, 0);
    return cdn_q_end(&q, e);
}
static int set_meta(struct cdn_db *db, const char *name, int64_t v, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "UPDATE meta SET value = ? WHERE name = ?");
    cdn_q_instant(&q, v);
    cdn_q_put_z(&q, name);
    return cdn_q_do(&q, e);
}

int cdn_store_load_counts(struct cdn_store *s, struct cordon_error *e) {
    int64_t applied = 0;
    int64_t indexed = 0;
    int err = get_meta(&s->state, "applied", &applied, e);
    err = err ? err : get_meta(&s->index, "applied", &indexed, e);
    if (err)
        return err;
    atomic_store(&s->applied, (unsigned long long)applied);
    atomic_store(&s->indexed, (unsigned long long)indexed);
    return 0;
}

/* Events of a batch that took effect: their places in it. */
struct effective {
    size_t *items;
    size_t count, cap;
};
static int note_effective(struct cdn_store *s, struct effective *f, size_t i, struct cordon_error *e) {
    if (cdn_grow(s->alloc, (void **)&f->items, &f->cap, f->count + 1, sizeof(*f->items)) != 0)
        return cdn_fail(e, CORDON_E_NOMEM, "out of memory");
    f->items[f->count++] = i;
    return 0;
}

static int batch(struct cdn_store *s,
                 uint64_t first,
                 const cordon_str *records,
                 size_t count,
                 struct effective *f,
                 struct cordon_error *e) {
    struct cdn_arena arena;
    struct cdn_apply a = {.check = {.db = &s->state, .e = e}, .arena = &arena};
    int64_t last = CDN_INSTANT_NONE;
    cdn_arena_init(&arena, s->alloc, 0);
    int err = get_meta(&s->state, "last_instant", &last, e);
    const int64_t before = last;
    for (size_t i = 0; i < count && !err; i++) {
        a.index = first + i;
        bool effect = false;
        err = one(&a, records[i], &last, &effect);
        if (!err && effect)
            err = note_effective(s, f, i, e);
        if (err && e && err != CORDON_E_IO && err != CORDON_E_NOMEM)
            cdn_error_hint(e, "at record %llu", (unsigned long long)a.index);
        cdn_arena_reset(&arena);
    }
    if (!err && last != before)
        err = set_meta(&s->state, "last_instant", last, e);
    err = err ? err : set_meta(&s->state, "applied", (int64_t)(first + count), e);
    cdn_arena_free(&arena);
    return err;
}

/* Told only of what is committed, so that nobody acts on an event that is rolled back. */
static void tell_listener(struct cdn_store *s,
                          uint64_t first,
                          const cordon_str *records,
                          const struct effective *f) {
    struct cdn_arena arena;
    (void)pthread_mutex_lock(&s->listening);
    cdn_arena_init(&arena, s->alloc, 0);
    for (size_t i = 0; i < f->count && s->listener; i++) {
        struct cdn_record r;
        struct cdn_event none = {.kind = CDN_EV_NONE};
        const bool read = cdn_record_read(records[f->items[i]], &arena, &r, NULL) == 0;
        s->listener(s->listener_ctx, first + f->items[i], read ? &r.u.event : &none);
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

int cdn_store_apply(
    struct cdn_store *s, uint64_t first, const cordon_str *records, size_t count, struct cordon_error *e) {
    if (first != atomic_load(&s->applied))
        return cdn_fail(
            e, CORDON_E_ARG, "record %llu is not the next one to apply", (unsigned long long)first);
    if (!count)
        return 0;
    int err = cdn_db_run(&s->state, "BEGIN IMMEDIATE", e);
    if (err)
        return err;
    struct effective f = {NULL, 0, 0};
    err = batch(s, first, records, count, &f, e);
    err = err ? err : cdn_db_run(&s->state, "COMMIT", e);
    if (err) {
        (void)sqlite3_exec(s->state.h, "ROLLBACK", NULL, NULL, NULL);
    } else {
        tell_listener(s, first, records, &f);
        atomic_store(&s->applied, (unsigned long long)(first + count));
    }
    cdn_free(s->alloc, f.items, f.cap * sizeof(*f.items));
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

int cdn_store_last_instant(struct cdn_store *s, int64_t *ret, struct cordon_error *e) {
    struct cdn_reader *r = cdn_store_take(s);
    const int err = get_meta(&r->state, "last_instant", ret, e);
    cdn_store_give(s, r);
    return err;
}
