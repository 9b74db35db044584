/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.c: all figures in one struct: counters as they are at this moment, and states asked of those who
 * have them. */
#include "service/priv.h"

static void histogram(const struct cdn_histogram *from, struct cdn_service_histogram *to) {
    for (unsigned i = 0; i < CDN_SERVICE_BUCKETS; i++)
        to->buckets[i] = atomic_load_explicit(&from->buckets[i], memory_order_relaxed);
    to->count = atomic_load_explicit(&from->count, memory_order_relaxed);
    to->sum_ns = atomic_load_explicit(&from->sum, memory_order_relaxed);
}

static void counters(const struct cdn_counts_live *c, struct cdn_service_metrics *ret) {
    for (unsigned i = 0; i < CDN_ARRAY_LEN(ret->decisions); i++)
        ret->decisions[i] = atomic_load_explicit(&c->decisions[i], memory_order_relaxed);
    for (unsigned i = 0; i < CDN_REFUSAL_COUNT; i++)
        ret->refusals[i] = atomic_load_explicit(&c->refusals[i], memory_order_relaxed);
    ret->repeated = atomic_load_explicit(&c->repeated, memory_order_relaxed);
    ret->swaps = atomic_load_explicit(&c->swaps, memory_order_relaxed);
    ret->reloads = atomic_load_explicit(&c->reloads, memory_order_relaxed);
    ret->reload_failures = atomic_load_explicit(&c->reload_failures, memory_order_relaxed);
    histogram(&c->decide, &ret->decide);
    histogram(&c->durable, &ret->durable);
}

static void journal(struct cdn_service *s, struct cdn_service_metrics *ret) {
    struct cdn_journal_state j;
    cdn_journal_state(s->journal, &j);
    ret->journal_size = j.appended;
    ret->journal_durable = j.durable;
    ret->journal_waiting = j.queued_records;
    ret->journal_failures = j.failures;
    for (unsigned i = 0; i < CDN_MIN(CDN_SERVICE_BUCKETS, CDN_JOURNAL_BUCKETS); i++) {
        ret->commit.buckets[i] = j.commit_bucket[i];
        ret->commit.count += j.commit_bucket[i];
    }
    ret->commit.sum_ns = j.sync_ns_sum;
}

/* Open duties come by due instant: the first that has one is the next. */
static int64_t next_due(struct cdn_service *s, int64_t now) {
    struct cdn_buf out;
    struct cdn_arena arena;
    struct cdn_body b;
    cordon_str item;
    size_t at = 0;
    int64_t due = CORDON_NEVER;
    cdn_buf_init(&out, s->alloc, CDN_MIB(1));
    cdn_arena_init(&arena, s->alloc, 0);
    if (cdn_store_duties(
            s->store, now, CDN_INSTANT_NONE, (struct cdn_store_page){CDN_COUNT_NONE, 1}, &out, NULL) == 0 &&
        cdn_body_item(cdn_buf_get(&out), &at, &item) && cdn_body_read(item, NULL, &arena, &b, NULL) == 0)
        (void)!cdn_body_instant(&b, "due", &due, NULL);
    cdn_arena_free(&arena);
    cdn_buf_free(&out);
    return due;
}

static void state(struct cdn_service *s, struct cdn_service_metrics *ret) {
    const int64_t now = cdn_service_now(s).wall;
    const int64_t edges[3] = {now - 3600, now - 86400, now - 7 * 86400};
    struct cdn_store_ages ages;
    struct cdn_store_duty_sums duties = {0};
    struct cdn_store_waiting waiting;
    if (cdn_store_case_ages(s->store, edges, 3, &ages, NULL) == 0) {
        ret->holds_open[0] = ages.open - ages.older[0];
        ret->holds_open[1] = ages.older[0] - ages.older[1];
        ret->holds_open[2] = ages.older[1] - ages.older[2];
        ret->holds_open[3] = ages.older[2];
    }
    if (cdn_store_duty_counts(s->store, now, now, &duties, NULL) == 0) {
        ret->duties_open = duties.open;
        ret->duties_overdue = duties.overdue;
    }
    ret->next_due = next_due(s, now);
    if (cdn_store_waiting(s->store, &waiting, NULL) == 0) {
        ret->appeals_open = waiting.appeals;
        ret->drafts_waiting = waiting.drafts;
    }
}

void cdn_service_metrics(struct cdn_service *s, struct cdn_service_metrics *ret) {
    const char *why = NULL;
    *ret = (struct cdn_service_metrics){.next_due = CORDON_NEVER};
    counters(&s->counts, ret);
    journal(s, ret);
    state(s, ret);
    pthread_mutex_lock(&s->set_lock);
    ret->snapshot_since = s->active.since;
    ret->geodata_date = s->active.geodata_date;
    ret->list_count = s->active.list_count;
    memcpy(ret->lists, s->active.lists, sizeof(ret->lists));
    pthread_mutex_unlock(&s->set_lock);
    ret->ready = cdn_service_ready(s, &why);
    if (why) {
        struct cdn_buf b;
        cdn_buf_fixed(&b, ret->not_ready, sizeof(ret->not_ready) - 1);
        cdn_buf_put(&b, why, CDN_MIN(strlen(why), sizeof(ret->not_ready) - 1));
    }
}
