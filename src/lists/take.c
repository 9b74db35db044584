/* SPDX-License-Identifier: Apache-2.0 */
/* take.c: files that are offered become the version in use of a list, or the reasons why not are kept.
 *
 * The files are packed into the store first and read from there: what was judged is what is kept. Only when
 * everything is written does the state name it; until then the store is as it was.
 *
 *  1. the same contents again are "unchanged": the version in use is confirmed, nothing else happens;
 *  2. a list that cannot be read, or that something speaks against, changes nothing but the attempts;
 *  3. somebody may accept a list that was refused, by its digest and his name; never one that cannot be read,
 *     nor one without entries. */
#include "lists/store_priv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/num.h"

struct taking {
    struct cdn_list_store *s;
    const struct cdn_list_offer *offer;
    struct cordon_error *e;
    struct cdn_list_state next; /* becomes the state when all is written */
    const struct cdn_list_version *last;
    struct cdn_list_stored_file files[CDN_ROLES];
    struct cdn_list_path paths[CDN_ROLES]; /* where each is: packed for this offer, or an object */
    bool packed[CDN_ROLES];
    struct cdn_list list;
    struct cdn_list_report report;
    struct cdn_list_taken taken;
};

static int no_memory(struct taking *t) {
    return cdn_fail(t->e, CORDON_E_NOMEM, "no memory to take a list");
}

static struct cdn_arena *arena(struct taking *t) {
    return &t->s->arena;
}

static int keep(struct taking *t, cordon_str s, cordon_str *ret) {
    return s.n > 0 && cdn_arena_str(arena(t), s, ret) != 0 ? no_memory(t) : 0;
}

static void against(struct taking *t, const char *fmt, ...) CDN_PRINTF(2, 3);
static void against(struct taking *t, const char *fmt, ...) {
    struct cdn_activation *const a = &t->taken.judgement;
    a->accepted = false;
    if (a->count < CDN_ACTIVATION_REASONS) {
        va_list args;
        va_start(args, fmt);
        (void)vsnprintf(a->reasons[a->count++], CORDON_ERROR_TEXT, fmt, args);
        va_end(args);
    }
}

/* A state that can be changed without changing the one in use. */
static int begin_state(struct cdn_list_store *s,
                       cordon_str id,
                       struct cdn_list_state *ret,
                       struct cordon_error *e) {
    const struct cdn_list_state *const have = cdn_list_store_find(s, id);
    struct cdn_list_state next = {.cordon_list_state = 1};
    if (have != NULL) {
        next = *have;
    } else if (cdn_arena_str(&s->arena, id, &next.id) != 0) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to take a list");
    }
    void *const versions = cdn_arena_zero(&s->arena, next.versions.n + 1U, sizeof *next.versions.p);
    void *const attempts = cdn_arena_zero(&s->arena, next.attempts.n + 1U, sizeof *next.attempts.p);
    if (versions == NULL || attempts == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to take a list");
    }
    if (next.versions.n > 0) {
        memcpy(versions, next.versions.p, next.versions.n * sizeof *next.versions.p);
    }
    if (next.attempts.n > 0) {
        memcpy(attempts, next.attempts.p, next.attempts.n * sizeof *next.attempts.p);
    }
    next.versions.p = versions;
    next.versions.cap = next.versions.n + 1;
    next.attempts.p = attempts;
    next.attempts.cap = next.attempts.n + 1;
    *ret = next;
    return 0;
}

static int end_state(struct cdn_list_store *s, const struct cdn_list_state *next, struct cordon_error *e) {
    const int err = cdn_lists_save(s, next, e);
    struct cdn_list_state *const state = err != 0 ? NULL : cdn_lists_state(s, next->id);
    if (err == 0 && state == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to take a list");
    }
    if (err == 0) {
        *state = *next;
    }
    return err;
}

/* ---- files
 * -------------------------------------------------------------------------------------------------- */

static int kept_file(struct taking *t, size_t i) {
    const cordon_str url = t->offer->files[i].url;
    for (uint32_t k = 0; t->last != NULL && k < t->last->files.n; k++) {
        if (cdn_str_eq(t->last->files.p[k].url, url)) {
            t->files[i] = t->last->files.p[k];
            return cdn_lists_object(t->s, t->files[i].sha256, &t->paths[i], t->e);
        }
    }
    return cdn_fail(t->e, CORDON_E_ARG, "the store holds nothing from %.*s", CDN_FMT(url));
}

static cordon_str file_name(const struct cdn_list_file *file) {
    const char *const name = file->name != NULL ? file->name : file->path != NULL ? file->path : "";
    const char *const slash = strrchr(name, '/');
    return cdn_str_z(slash != NULL ? slash + 1 : name);
}

static int pack_file(struct taking *t, size_t i) {
    const struct cdn_list_offered_file *const from = &t->offer->files[i];
    struct cdn_list_stored_file *const to = &t->files[i];
    struct cdn_lists_packed packed;
    char number[2] = {(char)('0' + (char)i), '\0'};
    int err = cdn_lists_path(&t->paths[i], t->e, t->s->folder, "/objects/.offer-", cdn_str_z(number), "");
    err = err != 0 ? err : cdn_lists_pack(&from->file, t->paths[i].z, t->s->alloc, &packed, t->e);
    if (err != 0) {
        return err;
    }
    t->packed[i] = true;
    to->bytes = packed.bytes;
    err = cdn_list_state_hex(arena(t), packed.sha256, &to->sha256) != 0 ? no_memory(t) : 0;
    err = err != 0 ? err : keep(t, file_name(&from->file), &to->name);
    err = err != 0 ? err : keep(t, from->url, &to->url);
    err = err != 0 ? err : keep(t, from->etag, &to->etag);
    return err != 0 ? err : keep(t, from->last_modified, &to->last_modified);
}

/* What a damaged or too large file is refused for, rather than an error of the store. */
static bool about_the_file(int err) {
    return err != CORDON_E_NOMEM && err != CORDON_E_IO && err != CORDON_E_INTERNAL && err != CORDON_E_ARG;
}

static int read_list(struct taking *t) {
    struct cdn_list_file files[CDN_ROLES];
    int err = 0;
    for (size_t i = 0; i < t->offer->file_count && err == 0; i++) {
        err = t->offer->files[i].kept ? kept_file(t, i) : pack_file(t, i);
        const struct cdn_list_file *const offered = &t->offer->files[i].file;
        files[i] = (struct cdn_list_file){.path = t->paths[i].z,
                                          .name = offered->name != NULL   ? offered->name
                                                  : offered->path != NULL ? offered->path
                                                                          : t->files[i].name.p};
    }
    const struct cdn_list_options options = {.id = t->offer->id, .removed = true, .part = t->offer->part};
    err =
        err != 0
            ? err
            : cdn_lists_collect(
                  (struct cdn_list_files){files, t->offer->file_count}, &options, &t->report, &t->list, t->e);
    return err;
}

/* Those whom the file itself calls removed are in the list, too, but not listed. */
static void count_removed(struct cdn_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        if (list->entries[i].removed.known) {
            list->info.removed++;
            list->info.counted--;
        }
    }
}

/* ---- judgement
 * ---------------------------------------------------------------------------------------------- */

static void judge_time(struct taking *t) {
    int64_t since = 0;
    int32_t offset = 0;
    if (t->last != NULL && cdn_time_parse(t->last->activated, &since, &offset) == 0 && since > t->offer->at) {
        against(t, "it was fetched before the one in use, which is of %.*s", CDN_FMT(t->last->activated));
    }
}

static void judge(struct taking *t, int err) {
    struct cdn_list_info last = {.counted = 0};
    if (t->last != NULL) {
        last.id = t->offer->id;
        last.counted = t->last->entries;
        last.date = t->last->date;
    }
    const struct cdn_list_info *const info = err == 0 ? &t->list.info : NULL;
    cdn_lists_judge(
        &t->offer->rules, info, t->e, &t->report, t->last != NULL ? &last : NULL, &t->taken.judgement);
    judge_time(t);
    if (info != NULL) {
        t->taken.read = true;
        t->taken.entries = info->counted;
        memcpy(t->taken.sha256, info->sha256, 32);
    }
}

static bool accepted_by_hand(const struct taking *t) {
    uint8_t digest[32];
    return t->taken.read && t->taken.entries > 0 && t->offer->accept.n > 0 && t->offer->by.n > 0 &&
           cdn_list_state_unhex(t->offer->accept, digest) && memcmp(digest, t->taken.sha256, 32) == 0;
}

static int note_attempt(struct taking *t, enum cdn_list_outcome outcome) {
    struct cdn_list_attempt attempt = {.outcome = (uint8_t)outcome, .entries = t->taken.entries};
    const struct cdn_activation *const a = &t->taken.judgement;
    int err = cdn_list_state_instant(arena(t), t->offer->at, &attempt.at);
    if (err == 0 && t->taken.read) {
        err = cdn_list_state_hex(arena(t), t->taken.sha256, &attempt.sha256);
    }
    for (uint32_t i = 0; i < a->count && err == 0; i++) {
        cordon_str *const reason =
            cdn_many_add(arena(t), &attempt.reasons, sizeof *reason, CDN_ACTIVATION_REASONS);
        err = reason == NULL ? CORDON_E_NOMEM : cdn_arena_str(arena(t), cdn_str_z(a->reasons[i]), reason);
    }
    err = err != 0 ? err : cdn_list_state_attempt(arena(t), &t->next, &attempt);
    t->taken.outcome = outcome;
    return err != 0 ? no_memory(t) : 0;
}

/* ---- activation
 * --------------------------------------------------------------------------------------------- */

static struct cdn_dates day_of(int64_t at) {
    const int32_t day = (int32_t)(at >= 0 ? at / 86400 : -((86399 - at) / 86400));
    return (struct cdn_dates){.from = day, .to = day, .known = true};
}

/* Those who were listed and are not any more stay, with the day of their removal. Of those on the first
 * version nobody knows since when they are listed, unless the file says so: no day is made up, or who was
 * listed for years would not be for an instant before the store began. */
static int carry(struct taking *t, const struct cdn_list *old) {
    const struct cdn_dates day = day_of(t->offer->at);
    if (old != NULL) {
        cdn_lists_carry(old, &t->list, day);
    }
    const size_t n = t->list.count;
    struct cdn_list gone = {.entries = t->list.entries, .count = n}; /* a view: appending moves the entries */
    int err = 0;
    for (size_t i = 0; old != NULL && i < old->count && err == 0; i++) {
        gone.entries = t->list.entries;
        if (cdn_list_find(&gone, old->entries[i].id) != NULL) {
            continue;
        }
        err = cdn_list_append(&t->list, &old->entries[i]);
        if (err == 0 && !t->list.entries[t->list.count - 1].removed.known) {
            t->list.entries[t->list.count - 1].removed = day;
        }
    }
    err = err != 0 ? err : cdn_list_finish(&t->list);
    return err != 0 ? cdn_fail(t->e, err, "no memory to carry on a list") : 0;
}

static int compare(struct taking *t, const struct cdn_list *old) {
    struct cdn_list was = {.count = 0};
    struct cdn_list_entry *const listed =
        old == NULL ? NULL : cdn_alloc(t->s->alloc, (old->count + 1) * sizeof *listed);
    if (old != NULL && listed == NULL) {
        return no_memory(t);
    }
    for (size_t i = 0; old != NULL && i < old->count; i++) {
        if (!old->entries[i].removed.known) {
            listed[was.count++] = old->entries[i];
        }
    }
    was.entries = listed;
    const int err = cdn_lists_diff(&was, &t->list, NULL, NULL, &t->taken.changes);
    cdn_free(t->s->alloc, listed, old == NULL ? 0 : (old->count + 1) * sizeof *listed);
    return err;
}

static int store_canonical(struct taking *t, struct cdn_list_version *v) {
    struct cdn_list_path fresh;
    struct cdn_list_path path;
    struct cdn_lists_packed packed;
    struct cdn_buf text;
    cdn_buf_init(&text, t->s->alloc, CDN_MAX_LIST_BYTES);
    cdn_list_write(&text, &t->list);
    const struct cdn_list_file file = {.bytes = cdn_buf_get(&text), .name = "the canonical form"};
    int err = text.err != 0 ? cdn_fail(t->e, text.err, "no memory for the canonical form of a list") : 0;
    err = err != 0
              ? err
              : cdn_lists_path(&fresh, t->e, t->s->folder, "/objects/.canonical", (cordon_str){NULL, 0}, "");
    err = err != 0 ? err : cdn_lists_pack(&file, fresh.z, t->s->alloc, &packed, t->e);
    cdn_buf_free(&text);
    if (err == 0 && cdn_list_state_hex(arena(t), packed.sha256, &v->canonical) != 0) {
        err = no_memory(t);
    }
    err = err != 0 ? err : cdn_lists_object(t->s, v->canonical, &path, t->e);
    if (err == 0 && rename(fresh.z, path.z) != 0) {
        err = cdn_lists_io(path.z, t->e);
    }
    return err;
}

static int store_files(struct taking *t, struct cdn_list_version *v) {
    struct cdn_list_path path;
    int err = 0;
    for (size_t i = 0; i < t->offer->file_count && err == 0; i++) {
        struct cdn_list_stored_file *const file = cdn_many_add(arena(t), &v->files, sizeof *file, CDN_ROLES);
        if (file == NULL) {
            return no_memory(t);
        }
        *file = t->files[i];
        if (t->packed[i]) {
            err = cdn_lists_object(t->s, file->sha256, &path, t->e);
            if (err == 0 && rename(t->paths[i].z, path.z) != 0) {
                err = cdn_lists_io(path.z, t->e);
            }
            t->packed[i] = err != 0;
        }
    }
    err = err != 0 ? err : cdn_lists_path(&path, t->e, t->s->folder, "/objects", (cordon_str){NULL, 0}, "");
    return err != 0 ? err : cdn_lists_sync_folder(path.z, t->e);
}

static int describe(struct taking *t, struct cdn_list_version *v) {
    const struct cdn_list_info *const info = &t->list.info;
    const struct cdn_activation *const a = &t->taken.judgement;
    v->date = info->date;
    v->entries = info->counted;
    v->removed = info->removed;
    v->bytes = info->bytes;
    v->part = (uint8_t)t->offer->part;
    v->added = t->taken.changes.added;
    v->gone = t->taken.changes.removed;
    v->changed = t->taken.changes.changed;
    v->not_understood = cdn_list_report_total(&t->report, CDN_REPORT_FIELD, (cordon_str){"", 0}) +
                        cdn_list_report_total(&t->report, CDN_REPORT_VALUE, (cordon_str){"", 0});
    int err = cdn_list_state_instant(arena(t), t->offer->at, &v->activated);
    v->confirmed = v->activated;
    err = err != 0 ? no_memory(t) : keep(t, info->issuer, &v->issuer);
    err = err != 0 ? err : keep(t, info->stale, &v->stale);
    err = err != 0 ? err : keep(t, cdn_str_z(cdn_list_format_name(info->format)), &v->format);
    if (err == 0 && cdn_list_state_hex(arena(t), info->sha256, &v->sha256) != 0) {
        err = no_memory(t);
    }
    if (a->count > 0) {
        err = err != 0 ? err : keep(t, t->offer->by, &v->accepted_by);
    }
    for (uint32_t i = 0; i < a->count && err == 0; i++) {
        cordon_str *const reason =
            cdn_many_add(arena(t), &v->accepted_despite, sizeof *reason, CDN_ACTIVATION_REASONS);
        err = reason == NULL ? no_memory(t) : keep(t, cdn_str_z(a->reasons[i]), reason);
    }
    return err;
}

static int activate(struct taking *t) {
    struct cdn_list old;
    const struct cdn_list_state *const have = cdn_list_store_find(t->s, t->offer->id);
    cdn_list_init(&old, t->s->alloc);
    int err = t->last == NULL ? 0 : cdn_list_store_load(t->s, have, INT64_MAX, true, &old, t->e);
    const struct cdn_list *const before = t->last == NULL ? NULL : &old;
    err = err != 0 ? err : compare(t, before);
    err = err != 0 ? err : carry(t, before);
    cdn_list_free(&old);
    if (err != 0) {
        return err;
    }
    struct cdn_list_version *const v =
        cdn_many_add(arena(t), &t->next.versions, sizeof *v, CDN_MAX_LIST_ITEMS);
    if (v == NULL) {
        return cdn_fail(
            t->e, CORDON_E_LIMIT, "more than %d versions of one list, or no memory", CDN_MAX_LIST_ITEMS);
    }
    err = describe(t, v);
    err = err != 0 ? err : store_canonical(t, v);
    err = err != 0 ? err : store_files(t, v);
    return err != 0 ? err : note_attempt(t, CDN_OUTCOME_ACTIVATED);
}

/* The same contents again: what the issuer said of them may be new. */
static int confirm(struct taking *t) {
    struct cdn_list_version *const v = &t->next.versions.p[t->next.versions.n - 1];
    int err = cdn_list_state_instant(arena(t), t->offer->at, &v->confirmed);
    v->files.p = NULL;
    v->files.n = v->files.cap = 0;
    for (size_t i = 0; i < t->offer->file_count && err == 0; i++) {
        struct cdn_list_stored_file *const file = cdn_many_add(arena(t), &v->files, sizeof *file, CDN_ROLES);
        err = file == NULL ? CORDON_E_NOMEM : 0;
        if (file != NULL) {
            *file = t->files[i];
        }
    }
    t->taken.judgement = (struct cdn_activation){.accepted = true};
    return err != 0 ? no_memory(t) : note_attempt(t, CDN_OUTCOME_UNCHANGED);
}

static bool same_contents(const struct taking *t) {
    uint8_t digest[32];
    return t->taken.read && t->last != NULL && t->last->part == (uint8_t)t->offer->part &&
           cdn_list_state_unhex(t->last->sha256, digest) && memcmp(digest, t->taken.sha256, 32) == 0;
}

static int take(struct taking *t) {
    int err = begin_state(t->s, t->offer->id, &t->next, t->e);
    if (err != 0) {
        return err;
    }
    t->last = t->next.versions.n > 0 ? &t->next.versions.p[t->next.versions.n - 1] : NULL;
    err = read_list(t);
    if (err != 0 && !about_the_file(err)) {
        return err;
    }
    if (err == 0) {
        count_removed(&t->list);
    }
    judge(t, err);
    if (same_contents(t)) {
        err = confirm(t);
    } else if (t->taken.judgement.accepted || accepted_by_hand(t)) {
        err = activate(t);
    } else {
        err = note_attempt(t, CDN_OUTCOME_REFUSED);
    }
    return err != 0 ? err : end_state(t->s, &t->next, t->e);
}

static int check_offer(const struct cdn_list_store *s, cordon_str id, struct cordon_error *e) {
    if (s->lock < 0) {
        return cdn_fail(e, CORDON_E_STATE, "the store was opened for reading");
    }
    if (!cdn_list_id_valid(id)) {
        (void)cdn_fail(e, CORDON_E_ARG, "`%.*s` is no id of a list", CDN_FMT(id));
        cdn_error_hint(e, "like us/sdn: a-z, 0-9, `.`, `_`, `-`, and `/` between at most 4 parts");
        return CORDON_E_ARG;
    }
    return 0;
}

int cdn_list_store_take(struct cdn_list_store *s,
                        const struct cdn_list_offer *offer,
                        struct cdn_list_taken *ret,
                        struct cordon_error *e) {
    struct cordon_error own = {.code = 0};
    int err = check_offer(s, offer->id, e);
    if (err != 0) {
        return err;
    }
    if (offer->file_count == 0 || offer->file_count > CDN_ROLES) {
        return cdn_fail(e, CORDON_E_ARG, "a list has 1 to %d files", (int)CDN_ROLES);
    }
    struct taking *const t = cdn_alloc_zero(s->alloc, 1, sizeof *t);
    if (t == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to take a list");
    }
    t->s = s;
    t->offer = offer;
    t->e = e != NULL ? e : &own;
    cdn_list_init(&t->list, s->alloc);
    cdn_list_report_init(&t->report, s->alloc);
    err = take(t);
    for (size_t i = 0; i < offer->file_count; i++) {
        if (t->packed[i]) {
            (void)unlink(t->paths[i].z);
        }
    }
    cdn_list_free(&t->list);
    cdn_list_report_free(&t->report);
    if (err == 0) {
        *ret = t->taken;
    }
    cdn_free(s->alloc, t, sizeof *t);
    return err;
}

int cdn_list_store_note(struct cdn_list_store *s,
                        cordon_str id,
                        int64_t at,
                        enum cdn_list_outcome outcome,
                        cordon_str reason,
                        struct cordon_error *e) {
    struct cdn_list_state next;
    struct cdn_list_attempt attempt = {.outcome = (uint8_t)outcome};
    int err = check_offer(s, id, e);
    err = err != 0 ? err : begin_state(s, id, &next, e);
    if (err != 0) {
        return err;
    }
    if (outcome == CDN_OUTCOME_UNCHANGED && next.versions.n == 0) {
        return cdn_fail(e, CORDON_E_NOTFOUND, "nothing of the list `%.*s` is in use", CDN_FMT(id));
    }
    if (outcome != CDN_OUTCOME_UNCHANGED && outcome != CDN_OUTCOME_FAILED) {
        return cdn_fail(e, CORDON_E_ARG, "only what is unchanged or failed can be noted");
    }
    err = cdn_list_state_instant(&s->arena, at, &attempt.at);
    if (err == 0 && outcome == CDN_OUTCOME_UNCHANGED) {
        next.versions.p[next.versions.n - 1].confirmed = attempt.at;
    }
    cordon_str *const text =
        err != 0 || reason.n == 0
            ? NULL
            : cdn_many_add(&s->arena, &attempt.reasons, sizeof *text, CDN_ACTIVATION_REASONS);
    if (reason.n > 0 && (text == NULL || cdn_arena_str(&s->arena, reason, text) != 0)) {
        err = CORDON_E_NOMEM;
    }
    err = err != 0 ? err : cdn_list_state_attempt(&s->arena, &next, &attempt);
    return err != 0 ? cdn_fail(e, err, "no memory to note an attempt") : end_state(s, &next, e);
}
