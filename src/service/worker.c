/* SPDX-License-Identifier: Apache-2.0 */
/* worker.c: one thread's workspace. It follows the current snapshot between requests, never within one. */
#include "service/priv.h"

#include "cordon/screen.h"
#include "json/json.h"

#define MEMORY_LIMIT                                                                                         \
    ((size_t)256 << 20) /* of one request and its decision: far above what the limits of both allow */

int cdn_service_worker_new(struct cdn_service *s, struct cdn_service_worker **ret, struct cordon_error *e) {
    struct cdn_service_worker *w = cdn_alloc_zero(s->alloc, 1, sizeof(*w));
    if (!w)
        return cdn_service_no_memory(e);
    w->s = s;
    cdn_arena_init(&w->request_memory, s->alloc, MEMORY_LIMIT);
    cdn_arena_init(&w->decision_memory, s->alloc, CDN_MAX_DECISION_MEMORY);
    cdn_arena_init(&w->effect_memory, s->alloc, MEMORY_LIMIT);
    cdn_buf_init(&w->request_text, s->alloc, (size_t)CDN_MAX_REQUEST_BYTES * 8);
    cdn_buf_init(&w->record, s->alloc, CDN_MAX_RECORD_BYTES);
    cdn_buf_init(&w->summary, s->alloc, 2 * (size_t)CDN_MAX_RECORD_BYTES);
    *ret = w;
    return 0;
}

void cdn_service_worker_free(struct cdn_service_worker *w) {
    if (!w)
        return;
    const struct cordon_alloc *alloc = w->s->alloc;
    cordon_screener_free(w->screener);
    cdn_json_texts_free(w->json_texts);
    cdn_decider_free(w->decider);
    cdn_snapshot_unref(w->snapshot);
    cdn_arena_free(&w->request_memory);
    cdn_arena_free(&w->decision_memory);
    cdn_arena_free(&w->effect_memory);
    cdn_buf_free(&w->request_text);
    cdn_buf_free(&w->record);
    cdn_buf_free(&w->summary);
    cdn_free(alloc, w->capped, w->capped_cap * sizeof(*w->capped));
    cdn_free(alloc, w, sizeof(*w));
}

static int find_capped(struct cdn_service_worker *w, const struct cdn_snapshot *s, struct cordon_error *e) {
    w->capped_count = 0;
    for (uint32_t i = 0; i < s->count[CDN_T_OUTCOME]; i++) {
        const struct cdn_outcome_rec *o = &s->outcomes[i];
        if (!(o->flags & CDN_OUTCOME_CAP) || cdn_cap_window(o->cap_window) == CDN_WINDOW_NONE)
            continue;
        if (cdn_grow(
                w->s->alloc, (void **)&w->capped, &w->capped_cap, w->capped_count + 1, sizeof(*w->capped)) <
            0)
            return cdn_service_no_memory(e);
        w->capped[w->capped_count++] = i;
    }
    return 0;
}

int cdn_worker_use(struct cdn_service_worker *w, struct cdn_snapshot *snapshot, struct cordon_error *e) {
    struct cdn_decider *decider = NULL;
    if (snapshot == w->snapshot)
        return 0;
    int err = cdn_decider_new(snapshot, w->s->alloc, &decider, e);
    if (err)
        return err;
    cordon_screener_free(w->screener);
    w->screener = NULL;
    cdn_decider_free(w->decider);
    cdn_snapshot_unref(w->snapshot);
    cdn_json_texts_free(w->json_texts);
    w->json_texts = NULL;
    (void)!cdn_json_texts_new(snapshot, w->s->alloc, &w->json_texts);
    w->decider = decider;
    w->snapshot = cdn_snapshot_ref(snapshot);
    struct cdn_buf text;
    cdn_buf_fixed(&text, w->digest, sizeof(w->digest));
    cdn_buf_z(&text, "sha256:");
    cdn_buf_hex(&text, snapshot->digest, sizeof(snapshot->digest));
    cdn_buf_zero(&text, 1);
    err = find_capped(w, snapshot, e);
    if (err) { /* half a view of a snapshot is none */
        cdn_json_texts_free(w->json_texts);
        w->json_texts = NULL;
        cdn_decider_free(w->decider);
        cdn_snapshot_unref(w->snapshot);
        w->decider = NULL;
        w->snapshot = NULL;
    }
    return err;
}

int cdn_worker_follow(struct cdn_service_worker *w, struct cordon_error *e) {
    struct cdn_snapshot *now = cdn_swap_take(&w->s->slot);
    if (!now)
        return cdn_fail(e, CORDON_E_STATE, "there is no active snapshot");
    const int err = cdn_worker_use(w, now, e);
    cdn_snapshot_unref(now);
    return err;
}
