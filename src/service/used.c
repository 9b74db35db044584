/* SPDX-License-Identifier: Apache-2.0 */
/* used.c: the first decision that looked at a version of a list, for the time from its publication to its
 * use.
 *
 * A decision says which lists were asked (`as_of`). While a list of the active snapshot that the rulebook
 * names has not been asked, each decision is looked at for it; the timer makes list.used of what was found.
 *
 *  1. a decision under a former snapshot says nothing about the lists of the active one;
 *  2. a version is used for the first time once, also across reloads and restarts. */
#include "service/priv.h"

uint64_t cdn_lists_of(const struct cdn_snapshot *snapshot) {
    const uint32_t count = snapshot->parties ? snapshot->parties->list_count : 0;
    uint64_t set = 0;
    for (uint32_t i = 0; snapshot->party_lists && i < snapshot->count[CDN_T_LIST]; i++) {
        if (snapshot->party_lists[i] < CDN_MIN(count, (uint32_t)CDN_SERVICE_LISTS))
            set |= UINT64_C(1) << snapshot->party_lists[i];
    }
    return set;
}

uint64_t cdn_lists_asked(const struct cdn_service_worker *w, const struct cdn_decision *d) {
    const cordon_str prefix = CDN_STR("list/");
    const struct cdn_snapshot *snapshot = w->snapshot;
    uint64_t set = 0;
    if (!atomic_load_explicit(&w->s->lists_wait, memory_order_relaxed) || !snapshot->party_lists)
        return 0;
    for (uint32_t i = 0; i < d->as_of_count; i++) {
        const cordon_str what = d->as_of[i].what;
        for (uint32_t k = 0; cdn_str_starts(what, prefix) && k < snapshot->count[CDN_T_LIST]; k++) {
            const cordon_str id = cdn_str(what.p + prefix.n, what.n - prefix.n);
            if (snapshot->party_lists[k] < CDN_SERVICE_LISTS &&
                cdn_str_eq(id, cdn_snap_str(snapshot, snapshot->lists[k].id)))
                set |= UINT64_C(1) << snapshot->party_lists[k];
        }
    }
    return set;
}

void cdn_lists_used(struct cdn_service *s, const char *snapshot, uint64_t set, uint64_t index) {
    if (!(set & atomic_load_explicit(&s->lists_wait, memory_order_relaxed)))
        return;
    pthread_mutex_lock(&s->set_lock);
    if (strcmp(s->active.digest, snapshot) == 0) {
        set &= atomic_load_explicit(&s->lists_wait, memory_order_relaxed);
        for (uint32_t i = 0; i < s->active.list_count; i++) {
            if (set >> i & 1)
                s->active.used_by[i] = index;
        }
        atomic_fetch_and_explicit(&s->lists_wait, ~set, memory_order_relaxed);
        atomic_store_explicit(&s->lists_untold, true, memory_order_release);
    }
    pthread_mutex_unlock(&s->set_lock);
}

/* One list; true: it is said, or need not be. */
static bool say(struct cdn_service *s, uint32_t i) {
    struct cdn_event ev;
    struct cordon_error e = {0};
    uint64_t index = 0;
    uint8_t refusal = 0;
    char name[64], digest[72];
    int64_t at = 0;
    const struct cdn_service_time now = cdn_service_now(s);
    pthread_mutex_lock(&s->set_lock);
    const uint64_t decision = i < s->active.list_count ? s->active.used_by[i] : UINT64_MAX;
    const bool wanted = decision != UINT64_MAX && !s->active.list_told[i];
    memcpy(name, s->active.lists[i].name, sizeof(name));
    memcpy(digest, s->active.list_digest[i], sizeof(digest));
    pthread_mutex_unlock(&s->set_lock);
    if (!wanted)
        return true;
    if (cdn_service_instant(s, &now, &at, &refusal, &e) < 0)
        return false;
    cdn_event_init(&ev, CDN_EV_list_used, at, CDN_STR("service"));
    ev.u.list_used.list = cdn_str_z(name);
    ev.u.list_used.digest = cdn_str_z(digest);
    ev.u.list_used.decision = decision;
    if (cdn_commit_durably(s, &ev, &index, &refusal, &e) < 0)
        return false;
    pthread_mutex_lock(&s->set_lock);
    if (i < s->active.list_count && strcmp(s->active.list_digest[i], digest) == 0) {
        s->active.list_told[i] = true;
        s->active.lists[i].first_used = at;
    }
    pthread_mutex_unlock(&s->set_lock);
    return true;
}

void cdn_lists_tell(struct cdn_service *s) {
    bool all = true;
    if (!atomic_exchange_explicit(&s->lists_untold, false, memory_order_acq_rel))
        return;
    for (uint32_t i = 0; i < CDN_SERVICE_LISTS; i++)
        all &= say(s, i);
    if (!all) /* the next second again */
        atomic_store_explicit(&s->lists_untold, true, memory_order_release);
}

/* ---- what was used before a restart
 * -------------------------------------------------------------------------------------------------- */

static void resume_one(struct cdn_active *a, const struct cdn_body *b) {
    cordon_str list = {NULL, 0}, digest = {NULL, 0};
    int64_t used = CDN_INSTANT_NONE;
    if (cdn_body_text(b, "list", &list, NULL) < 0 || cdn_body_text(b, "digest", &digest, NULL) < 0 ||
        cdn_body_instant(b, "first_used", &used, NULL) < 0 || used == CDN_INSTANT_NONE)
        return;
    for (uint32_t i = 0; i < a->list_count; i++) {
        if (cdn_str_eq(digest, cdn_str_z(a->list_digest[i])) &&
            cdn_str_eq(list, cdn_str_z(a->lists[i].name))) {
            a->lists[i].first_used = used;
            a->list_told[i] = true;
        }
    }
}

int cdn_lists_resume(struct cdn_service *s, struct cordon_error *e) {
    struct cdn_buf out;
    struct cdn_arena arena;
    struct cdn_body b;
    cordon_str item;
    size_t at = 0;
    uint64_t told = 0;
    cdn_buf_init(&out, s->alloc, CDN_MIB(256));
    cdn_arena_init(&arena, s->alloc, 0);
    int err = s->active.list_count ? cdn_store_lists(s->store, &out, e) : 0;
    pthread_mutex_lock(&s->set_lock);
    while (!err && out.n && cdn_body_item(cdn_buf_get(&out), &at, &item)) {
        if ((err = cdn_body_read(item, NULL, &arena, &b, e)) == 0)
            resume_one(&s->active, &b);
    }
    for (uint32_t i = 0; i < s->active.list_count; i++)
        told |= s->active.list_told[i] ? UINT64_C(1) << i : 0;
    atomic_fetch_and_explicit(&s->lists_wait, ~told, memory_order_relaxed);
    pthread_mutex_unlock(&s->set_lock);
    cdn_arena_free(&arena);
    cdn_buf_free(&out);
    return err;
}
