/* SPDX-License-Identifier: Apache-2.0 */
/* list_store.c: the store of cordon/lists.h over that of the room of lists. */
#include "toolkit/lists_priv.h"

CORDON_API int cordon_list_store_open(
    const char *folder, uint32_t flags, const cordon_alloc *alloc, cordon_list_store **ret, cordon_error *e) {
    const struct cordon_alloc *const a = alloc ? alloc : &cdn_alloc_libc;
    struct cordon_list_store *const s = cdn_alloc_zero(a, 1, sizeof(*s));
    if (!s)
        return cdn_toolkit_no_memory(e);
    s->alloc = a;
    const int err = cdn_list_store_open(folder, (flags & CORDON_LIST_STORE_WRITE) != 0, a, &s->store, e);
    if (err) {
        cordon_list_store_close(s);
        return err;
    }
    *ret = s;
    return CORDON_OK;
}

CORDON_API void cordon_list_store_close(cordon_list_store *store) {
    if (!store)
        return;
    cdn_list_store_close(store->store);
    cdn_free(store->alloc, store, sizeof(*store));
}

CORDON_API size_t cordon_list_store_count(const cordon_list_store *store) {
    return cdn_list_store_count(store->store);
}

CORDON_API int cordon_list_store_id(const cordon_list_store *store, size_t i, cordon_str *ret) {
    const struct cdn_list_state *const state = cdn_list_store_state(store->store, i);
    if (!state)
        return CORDON_E_NOTFOUND;
    *ret = state->id;
    return CORDON_OK;
}

CORDON_API const char *cordon_list_outcome_name(int outcome) {
    const char *const name = outcome > 0 ? cdn_list_outcome_name((unsigned)outcome) : NULL;
    return name ? name : "none";
}

CORDON_API void cordon_list_offer_init(cordon_list_offer *offer) {
    *offer = (cordon_list_offer){.size = sizeof(*offer)};
    cordon_list_rules_init(&offer->rules);
}

static void give_taken(const struct cdn_list_taken *from, cordon_list_taken *to, struct cdn_buf *reasons) {
    struct cdn_buf digest;
    char storage[CORDON_DIGEST_TEXT] = "";
    to->outcome = (int)from->outcome;
    to->entries = from->entries;
    cdn_toolkit_list_changes(&from->changes, &to->changes);
    cdn_buf_fixed(&digest, storage, sizeof(storage) - 1);
    if (from->read) {
        cdn_buf_z(&digest, "sha256:");
        cdn_buf_hex(&digest, from->sha256, sizeof(from->sha256));
    }
    storage[digest.n] = '\0';
    memcpy(to->digest, storage, sizeof(storage));
    cdn_toolkit_list_reasons(reasons, &from->judgement);
}

CORDON_API int cordon_list_store_take(cordon_list_store *store,
                                      const cordon_list_offer *offer,
                                      cordon_list_taken *ret,
                                      cordon_error *e) {
    struct cdn_list_offered_file files[CDN_TOOLKIT_LIST_FILES] = {{.kept = false}};
    struct cdn_list_offer own = {.id = offer->id,
                                 .files = files,
                                 .file_count = offer->file_count,
                                 .at = offer->at,
                                 .accept = offer->accept,
                                 .by = offer->by};
    struct cdn_list_taken taken;
    struct cdn_arena names;
    if (offer->size != sizeof(*offer))
        return cdn_fail(e, CORDON_E_ARG, "an offer that cordon_list_offer_init() did not prepare");
    if (offer->file_count == 0 || offer->file_count > CDN_TOOLKIT_LIST_FILES)
        return cdn_fail(e, CORDON_E_ARG, "a list has 1 to %d files", CDN_TOOLKIT_LIST_FILES);
    if (offer->accept.n > 0 && (!cdn_str_starts(offer->accept, CDN_STR("sha256:")) || offer->by.n == 0))
        return cdn_fail(e, CORDON_E_ARG, "what is accepted is named by `sha256:…`, and by whom");
    if (offer->accept.n > 0)
        own.accept = cdn_str(offer->accept.p + 7, offer->accept.n - 7);
    cdn_arena_init(&names, store->alloc, 0);
    int err = cdn_toolkit_list_rules(&offer->rules, &own.rules, e);
    err = err ? err : cdn_toolkit_list_part((int)offer->part, &own.part, e);
    for (size_t i = 0; i < offer->file_count && !err; i++) {
        const cordon_list_file *const from = &offer->files[i];
        files[i].url = from->url;
        files[i].etag = from->etag;
        files[i].last_modified = from->last_modified;
        files[i].kept = from->kept != 0;
        err = cdn_toolkit_list_file(from, &names, &files[i].file, e);
    }
    err = err ? err : cdn_list_store_take(store->store, &own, &taken, e);
    if (!err) {
        struct cdn_buf b =
            cdn_toolkit_open(&ret->reasons, sizeof(taken.judgement.reasons) + CDN_ACTIVATION_REASONS);
        give_taken(&taken, ret, &b);
        err = cdn_toolkit_close(&ret->reasons, &b);
        err = err ? cdn_toolkit_no_memory(e) : 0;
    }
    cdn_arena_free(&names);
    return err;
}

CORDON_API int cordon_list_store_note(
    cordon_list_store *store, cordon_str id, int64_t at, int outcome, cordon_str reason, cordon_error *e) {
    const enum cdn_list_outcome own = outcome == CORDON_LIST_UNCHANGED ? CDN_OUTCOME_UNCHANGED
                                      : outcome == CORDON_LIST_FAILED  ? CDN_OUTCOME_FAILED
                                                                       : CDN_OUTCOME_NONE;
    return cdn_list_store_note(store->store, id, at, own, reason, e);
}

CORDON_API int cordon_list_store_validators(const cordon_list_store *store,
                                            cordon_str id,
                                            cordon_str url,
                                            cordon_str *ret_etag,
                                            cordon_str *ret_last_modified) {
    const struct cdn_list_state *const state = cdn_list_store_find(store->store, id);
    const struct cdn_list_version *const v = state ? cdn_list_state_at(state, CORDON_NEVER) : NULL;
    for (uint32_t i = 0; v && i < v->files.n; i++) {
        if (cdn_str_eq(v->files.p[i].url, url)) {
            *ret_etag = v->files.p[i].etag;
            *ret_last_modified = v->files.p[i].last_modified;
            return CORDON_OK;
        }
    }
    return CORDON_E_NOTFOUND;
}

static const struct cdn_list_state *find(const cordon_list_store *store, cordon_str id, cordon_error *e) {
    const struct cdn_list_state *const state = cdn_list_store_find(store->store, id);
    struct cdn_suggest near;
    if (state)
        return state;
    cdn_suggest_init(&near, id);
    for (size_t i = 0; i < cdn_list_store_count(store->store); i++)
        cdn_suggest_offer(&near, cdn_list_store_state(store->store, i)->id);
    (void)cdn_fail(e, CORDON_E_NOTFOUND, "the store has no list `%.*s`", CDN_FMT(id));
    if (cdn_suggest_found(&near))
        cdn_error_hint(e, "did you mean `%.*s`?", CDN_FMT(near.best));
    else
        cdn_error_hint(e, "`cordon lists show` names its lists");
    return NULL;
}

CORDON_API int cordon_list_store_load(const cordon_list_store *store,
                                      cordon_str id,
                                      int64_t known_at,
                                      uint32_t flags,
                                      cordon_list **ret,
                                      cordon_error *e) {
    const struct cdn_list_state *const state = find(store, id, e);
    struct cordon_list *l = NULL;
    int err = state ? cdn_toolkit_list_new(store->alloc, &l, e) : CORDON_E_NOTFOUND;
    const bool removed = (flags & CORDON_LIST_WITH_REMOVED) != 0;
    if (!err && (flags & CORDON_LIST_AS_FETCHED) != 0)
        err = cdn_list_store_reread(store->store, state, known_at, removed, &l->report, &l->list, e);
    else if (!err)
        err = cdn_list_store_load(store->store, state, known_at, removed, &l->list, e);
    if (err) {
        cordon_list_free(l);
        return err;
    }
    if ((flags & CORDON_LIST_AS_FETCHED) == 0)
        l->not_understood = cdn_list_state_at(state, known_at)->not_understood;
    *ret = l;
    return CORDON_OK;
}

CORDON_API int cordon_list_store_to_json(const cordon_list_store *store,
                                         cordon_str id,
                                         cordon_buffer *out,
                                         cordon_error *e) {
    const struct cdn_list_state *const state = find(store, id, e);
    if (!state)
        return CORDON_E_NOTFOUND;
    struct cdn_buf b = cdn_toolkit_open(out, CDN_MIB(128));
    cdn_list_write_record(&b, &cdn_list_state_record, state);
    const int err = cdn_toolkit_close(out, &b);
    return err ? cdn_fail(e, err, "no memory for what is known of a list") : CORDON_OK;
}

CORDON_API int cordon_list_store_status(const cordon_list_store *store,
                                        cordon_str id,
                                        cordon_list_status *ret) {
    const struct cdn_list_state *const state = cdn_list_store_find(store->store, id);
    const struct cdn_list_version *const v = state ? cdn_list_state_at(state, CORDON_NEVER) : NULL;
    if (!state)
        return CORDON_E_NOTFOUND;
    cordon_list_status s = {.id = state->id, .versions = state->versions.n, .in_use = v != NULL};
    if (v) {
        s.issuer = v->issuer;
        s.format = v->format;
        s.digest = v->sha256;
        s.stale = v->stale;
        s.activated = v->activated;
        s.confirmed = v->confirmed;
        s.entries = v->entries;
    }
    const struct cdn_list_attempt *const last =
        state->attempts.n > 0 ? &state->attempts.p[state->attempts.n - 1] : NULL;
    if (last && (last->outcome == CDN_OUTCOME_REFUSED || last->outcome == CDN_OUTCOME_FAILED)) {
        s.last_attempt = last->at;
        s.last_reason = last->reasons.n > 0 ? last->reasons.p[0] : (cordon_str){"", 0};
    }
    if (v) {
        struct cdn_buf b;
        cdn_buf_fixed(&b, s.date, sizeof(s.date) - 1);
        cdn_dates_write(&b, v->date);
        s.date[b.n] = '\0';
    }
    *ret = s;
    return CORDON_OK;
}
