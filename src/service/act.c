/* SPDX-License-Identifier: Apache-2.0 */
/* act.c: everything that changes state. Each act is one journalled event; most are no more than that.
 *
 * An act's row says which role it needs, which event it is, which member of the event the path's id is, and
 * what else has to be done. Members of the event are read from the body by the event's own table
 * (store/events.def). The store is the judge of the event, in the order of the journal: an act that it does
 * not accept is a conflict, and changed nothing. */
#include "service/priv.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

struct act {
    struct cdn_service *s;
    const struct cdn_service_caller *caller;
    cordon_str id, body;
    struct cdn_body members;
    struct cdn_arena arena;
    struct cdn_event ev;
    int64_t at;
    uint64_t index, number; /* of the event's record; the id as a number */
    char mark[CDN_FINGERPRINT_TEXT], digest[CDN_DIGEST_HEX];
    struct cdn_buf *out;
    uint8_t *ret_refusal;
    struct cordon_error *e;
};

/* ---- members of the event
 * ------------------------------------------------------------------------------------------- */

static int read_field(struct act *a, const struct cdn_event_field *f) {
    void *to = (char *)&a->ev + f->offset;
    const char *name = cdn_event_member(f);
    if (strcmp(f->type, "TEXT") == 0 || strcmp(f->type, "DIGEST") == 0)
        return cdn_body_text(&a->members, name, to, a->e);
    if (strcmp(f->type, "PARTY") == 0) {
        cordon_str given = {NULL, 0}, mark;
        const int err = cdn_body_text(&a->members, name, &given, a->e);
        if (err || !given.n)
            return err;
        cdn_party_of(a->s, given, a->mark, &mark);
        *(cordon_str *)to = mark;
        return 0;
    }
    if (strcmp(f->type, "COUNT") == 0)
        return cdn_body_count(&a->members, name, to, a->e);
    if (strcmp(f->type, "INSTANT") == 0)
        return cdn_body_instant(&a->members, name, to, a->e);
    if (strcmp(f->type, "JSON") == 0) {
        const cordon_str raw = cdn_body_raw(&a->members, name);
        if (raw.n)
            *(cordon_str *)to = raw;
        return 0;
    }
    if (strcmp(f->type, "TEXTS") == 0) {
        struct cdn_texts *list = to;
        return cdn_body_texts(&a->members, name, &list->items, &list->count, a->e);
    }
    struct cdn_counts *list = to;
    return cdn_body_counts(&a->members, name, &list->items, &list->count, a->e);
}

static bool among(const char *const *names, const char *name) {
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names;
}

/* The names that the body may have: the event's members but for what the path or the service gives (`given`,
 * names in C). */
static int read_members(struct act *a, unsigned kind, const char *const *given) {
    const struct cdn_event_info *info = cdn_event_info(kind);
    const char *names[CDN_BODY_MEMBERS] = {NULL};
    unsigned n = 0;
    for (unsigned i = 0; i < info->field_count && n < CDN_BODY_MEMBERS - 1; i++) {
        if (!among(given, info->fields[i].name))
            names[n++] = cdn_event_member(&info->fields[i]);
    }
    int err = cdn_body_read(a->body, names, &a->arena, &a->members, a->e);
    cdn_event_init(&a->ev, kind, a->at, a->caller->key);
    for (unsigned i = 0; i < info->field_count && !err; i++) {
        if (among(names, cdn_event_member(&info->fields[i])))
            err = read_field(a, &info->fields[i]);
    }
    return err;
}

static int number_of_id(struct act *a) {
    if (cdn_body_number(a->id, &a->number))
        return cdn_state_reach(a->s, a->number, a->ret_refusal, a->e);
    *a->ret_refusal = CDN_REFUSED_NOTFOUND;
    return cdn_fail(
        a->e, CORDON_E_NOTFOUND, "`%.*s` is no number", (int)CDN_MIN(a->id.n, (size_t)60), a->id.p);
}

static int commit(struct act *a) {
    return cdn_commit_event(a->s, &a->ev, &a->index, a->ret_refusal, a->e);
}

static void say_event(struct act *a) {
    cdn_buf_z(a->out, "{\"at\":\"");
    cdn_time_write(a->out, a->at);
    cdn_buf_z(a->out, "\",\"event\":");
    cdn_buf_json(a->out, cdn_str_z(cdn_event_name(a->ev.kind)));
    cdn_buf_z(a->out, ",\"index\":");
    cdn_buf_int(a->out, (int64_t)a->index);
}

/* ---- acts of their own
 * ------------------------------------------------------------------------------------------------ */

static int key_create(struct act *a) {
    char id[CDN_KEY_ID_TEXT], secret[CDN_KEY_SECRET_TEXT];
    const char *const given[] = {"hash", "key", NULL};
    int err = read_members(a, CDN_EV_key_created, given);
    err = err ? err : cdn_live_make_key(id, secret, a->digest);
    if (err)
        return err;
    for (size_t i = 0; i < a->ev.u.key_created.roles.count; i++) {
        if (!cdn_role_bit_find(a->ev.u.key_created.roles.items[i])) {
            const cordon_str role = a->ev.u.key_created.roles.items[i];
            (void)cdn_fail(
                a->e, CORDON_E_NAME, "there is no role `%.*s`", (int)CDN_MIN(role.n, (size_t)60), role.p);
            cdn_error_hint(a->e, "roles are decide, read, author, approve, audit, replay, admin");
            return CORDON_E_NAME;
        }
    }
    a->ev.u.key_created.hash = cdn_str(a->digest, sizeof(a->digest));
    a->ev.u.key_created.key = cdn_str_z(id);
    err = commit(a);
    if (!err) {
        say_event(a);
        cdn_buf_z(a->out, ",\"key\":");
        cdn_buf_json(a->out, cdn_str_z(id));
        cdn_buf_z(a->out, ",\"secret\":");
        cdn_buf_json(a->out, cdn_str_z(secret));
        cdn_buf_char(a->out, '}');
    }
    explicit_bzero(secret, sizeof(secret));
    return err;
}

static int draft_text(struct act *a, struct cdn_buf *text) {
    int err = number_of_id(a);
    cdn_buf_init(text, a->s->alloc, CDN_MAX_MEASURE_FILE);
    err = err ? err : cdn_store_draft_text(a->s->store, a->number, text, a->e);
    return err;
}

static int draft_approve(struct act *a) {
    struct cdn_buf text;
    const char *const given[] = {"digest", "draft", NULL};
    int err = draft_text(a, &text);
    err = err ? err : read_members(a, CDN_EV_draft_approved, given);
    if (!err) {
        cdn_sha256_hex(cdn_buf_get(&text), a->digest);
        a->ev.u.draft_approved.draft = a->number;
        a->ev.u.draft_approved.digest = cdn_str(a->digest, sizeof(a->digest));
        err = cdn_store_may_approve(a->s->store, a->caller->key, a->at, &a->ev.u.draft_approved, a->e);
        if (err && err != CORDON_E_NOTFOUND)
            *a->ret_refusal = CDN_REFUSED_CONFLICT;
    }
    cdn_buf_free(&text);
    err = err ? err : commit(a);
    if (!err) {
        say_event(a);
        cdn_buf_char(a->out, '}');
    }
    return err;
}

/* The measure's own instant, from the snapshot that has it. */
static int own_instant(struct act *a, const char *digest, int64_t *ret) {
    struct cdn_buf out;
    struct cdn_body b;
    struct cdn_snapshot *snapshot = NULL;
    cordon_str id = {NULL, 0};
    cdn_buf_init(&out, a->s->alloc, CDN_MIB(32));
    int err = cdn_store_draft(a->s->store, a->number, &out, a->e);
    err = err ? err : cdn_body_read(cdn_buf_get(&out), NULL, &a->arena, &b, a->e);
    err = err ? err : cdn_body_text(&b, "measure", &id, a->e);
    err = err ? err : cdn_set_open(a->s, cdn_str_z(digest), &snapshot, a->e);
    if (!err) {
        const uint32_t i = cdn_snapshot_symbol(snapshot, CDN_SYMBOL_MEASURE, cdn_hash(id, 0), id);
        if (i == CDN_NO_INDEX)
            err = cdn_fail(a->e, CORDON_E_NAME, "the draft's text has no measure `%.*s`", CDN_FMT(id));
        else
            *ret = snapshot->measures[i].effective.at > CDN_TIME_MIN ? snapshot->measures[i].effective.at
                                                                     : a->at;
    }
    cdn_snapshot_unref(snapshot);
    cdn_buf_free(&out);
    return err;
}

/* Tried out first: what does not compile, or breaks a scenario, is not scheduled. */
static int draft_schedule(struct act *a) {
    char digest[CORDON_DIGEST_TEXT];
    const char *const given[] = {"draft", NULL};
    int err = number_of_id(a);
    err = err ? err : cdn_store_may_schedule(a->s->store, a->number, a->caller->key, a->at, a->e);
    if (err && err != CORDON_E_NOTFOUND)
        *a->ret_refusal = CDN_REFUSED_CONFLICT;
    err = err ? err : read_members(a, CDN_EV_draft_scheduled, given);
    if (err)
        return err;
    struct cdn_snapshot *base = cdn_swap_take(&a->s->slot);
    pthread_mutex_lock(&a->s->build);
    err = cdn_set_build_ahead(a->s, base, a->at, a->number, digest, a->e);
    pthread_mutex_unlock(&a->s->build);
    cdn_snapshot_unref(base);
    a->ev.u.draft_scheduled.draft = a->number;
    if (!err && a->ev.u.draft_scheduled.activate == CDN_INSTANT_NONE)
        err = own_instant(a, digest, &a->ev.u.draft_scheduled.activate);
    err = err ? err : commit(a);
    if (err)
        return err;
    cdn_schedule(a->s);
    say_event(a);
    cdn_buf_z(a->out, ",\"activate\":\"");
    cdn_time_write(a->out, a->ev.u.draft_scheduled.activate);
    cdn_buf_z(a->out, "\",\"tried\":");
    cdn_buf_json(a->out, cdn_str_z(digest));
    cdn_buf_char(a->out, '}');
    return 0;
}

/* A case's release: may this person do it? Asked first, so that the journal is spared what cannot take
 * effect. */
static int case_release(struct act *a) {
    const char *const given[] = {"case_id", NULL};
    int err = number_of_id(a);
    err = err ? err : read_members(a, CDN_EV_case_released, given);
    err = err ? err : cdn_store_may_release(a->s->store, a->number, a->caller->key, a->at, a->e);
    if (err == CORDON_E_ARG)
        *a->ret_refusal = CDN_REFUSED_ROLE;
    else if (err && err != CORDON_E_NOTFOUND)
        *a->ret_refusal = CDN_REFUSED_CONFLICT;
    a->ev.u.case_released.case_id = a->number;
    err = err ? err : commit(a);
    return err ? err : cdn_store_case(a->s->store, a->number, a->at, a->out, a->e);
}

static int case_refuse(struct act *a) {
    const char *const given[] = {"case_id", NULL};
    int err = number_of_id(a);
    err = err ? err : read_members(a, CDN_EV_case_refused, given);
    err = err ? err : cdn_store_may_refuse(a->s->store, a->number, a->caller->key, a->at, a->e);
    if (err == CORDON_E_ARG)
        *a->ret_refusal = CDN_REFUSED_ROLE;
    else if (err && err != CORDON_E_NOTFOUND)
        *a->ret_refusal = CDN_REFUSED_CONFLICT;
    a->ev.u.case_refused.case_id = a->number;
    err = err ? err : commit(a);
    return err ? err : cdn_store_case(a->s->store, a->number, a->at, a->out, a->e);
}

static int appeal_open(struct act *a) {
    const char *const given[] = {NULL};
    int err = read_members(a, CDN_EV_appeal_opened, given);
    if (!err && !a->ev.u.appeal_opened.decisions.count)
        err = cdn_fail(a->e, CORDON_E_ARG, "an appeal names the decisions that it is about");
    if (!err && !a->ev.u.appeal_opened.party.n) {
        err = cdn_appeal_party(a->s, a->ev.u.appeal_opened.decisions.items[0], a->mark, a->e);
        a->ev.u.appeal_opened.party = cdn_str(a->mark, sizeof(a->mark));
    }
    err = err ? err : commit(a);
    return err ? err : cdn_store_appeal(a->s->store, a->index, a->out, a->e);
}

static int appeal_evidence(struct act *a) {
    static const char *const names[] = {"evidence", "party", NULL};
    uint64_t party = CDN_COUNT_NONE;
    int err = number_of_id(a);
    err = err ? err : cdn_body_read(a->body, names, &a->arena, &a->members, a->e);
    err = err ? err : cdn_body_count(&a->members, "party", &party, a->e);
    const cordon_str evidence = cdn_body_raw(&a->members, "evidence");
    if (!err && !evidence.n)
        err = cdn_fail(a->e, CORDON_E_ARG, "the member `evidence` is missing");
    if (err)
        return err;
    cdn_event_init(&a->ev, CDN_EV_appeal_evidence, a->at, a->caller->key);
    a->ev.u.appeal_evidence.appeal = a->number;
    a->ev.u.appeal_evidence.evidence = evidence;
    err = commit(a);
    err = err ? err : cdn_appeal_redecide(a->s, a->caller, a->number, evidence, party, a->ret_refusal, a->e);
    return err ? err : cdn_store_appeal(a->s->store, a->number, a->out, a->e);
}

/* ---- snapshots
 * ---------------------------------------------------------------------------------------------------------
 */

static int no_members(struct act *a) {
    static const char *const none[] = {NULL};
    return cdn_body_read(a->body, none, &a->arena, &a->members, a->e);
}

static int snapshot_build(struct act *a) {
    char digest[CORDON_DIGEST_TEXT];
    int err = no_members(a);
    err = err ? err : cdn_set_build_and_tell(a->s, a->at, a->caller->key, digest, a->e);
    if (!err)
        cdn_buf_printf(a->out, "{\"active\":false,\"snapshot\":\"%s\"}", digest);
    return err;
}

static int activate(struct act *a, cordon_str digest, const char *how) {
    cdn_schedule_tell(a->s); /* what fell due before this is no longer waiting after it */
    pthread_mutex_lock(&a->s->build);
    const int err = cdn_schedule_switch(a->s, digest, how, a->caller->key, a->e);
    pthread_mutex_unlock(&a->s->build);
    if (!err)
        cdn_schedule_tell(a->s);
    if (!err)
        cdn_buf_printf(a->out, "{\"active\":true,\"snapshot\":\"%.*s\"}", CDN_FMT(digest));
    return err;
}

static int snapshot_activate(struct act *a) {
    const int err = no_members(a);
    return err ? err : activate(a, a->id, "api");
}

static int snapshot_rollback(struct act *a) {
    char digest[CORDON_DIGEST_TEXT] = "";
    int err = no_members(a);
    err = err ? err : cdn_set_before(a->s, digest, a->e);
    return err ? err : activate(a, cdn_str_z(digest), "rollback");
}

static int reload(struct act *a) {
    const int err = no_members(a);
    return err ? err : cdn_set_reload(a->s, "api", a->caller->key, a->out, a->e);
}

/* ---- erasing, backing up
 * ------------------------------------------------------------------------------------------------- */

static int conflict(struct act *a, const char *why) {
    *a->ret_refusal = CDN_REFUSED_CONFLICT;
    return cdn_fail(
        a->e, CORDON_E_STATE, "record %llu has to be kept: %s", (unsigned long long)a->number, why);
}

/* May it go? Asked when state and index have all that is recorded. */
static int may_erase(struct act *a) {
    const uint64_t head = cdn_journal_head(a->s->journal);
    int err = cdn_store_wait_applied(a->s->store, head, CDN_EVENT_WAIT_MS, a->e);
    err = err ? err : cdn_store_wait_indexed(a->s->store, head, CDN_EVENT_WAIT_MS, a->e);
    if (err)
        *a->ret_refusal = CDN_REFUSED_BUSY;
    err = err ? err : cdn_store_may_erase(a->s->store, a->number, a->at, a->e);
    if (err && !*a->ret_refusal && err != CORDON_E_NOTFOUND && err != CORDON_E_ARG)
        *a->ret_refusal = CDN_REFUSED_CONFLICT;
    return err;
}

static int read_kept(struct act *a, bool *ret_gone) {
    struct cdn_journal_record r;
    struct cdn_buf storage;
    cdn_buf_init(&storage, a->s->alloc, CDN_MAX_RECORD_BYTES);
    int err = cdn_journal_read(a->s->journal, a->number, &storage, &r, a->e);
    cdn_buf_free(&storage);
    if (!err && !r.erased && r.retain_until > a->at)
        err = conflict(a, "it was written to be kept");
    *ret_gone = !err && r.erased;
    return err;
}

/* With `erasing` held: no legal hold is recorded between the question and the last byte. record.erased comes
 * first, and the bytes go only if it took effect; interrupted in between, asking again finishes it. */
static int erase_now(struct act *a) {
    struct cdn_journal_erased done = {0};
    bool gone = false;
    int err = may_erase(a);
    err = err ? err : read_kept(a, &gone);
    if (!err && atomic_load(&a->s->holds_wanted))
        err = conflict(a, "a legal hold is being placed");
    a->ev.u.record_erased.record = a->number;
    err = err ? err : commit(a);
    if (err == CORDON_E_CONFLICT && !gone)
        err = 0; /* it was recorded before, and the bytes are still there */
    if (err || gone)
        return err;
    const struct cdn_journal_erase what = {.first = a->number,
                                           .last = a->number,
                                           .now = a->at,
                                           .by = a->caller->key,
                                           .reason = a->ev.u.record_erased.why,
                                           .events = true};
    *a->ret_refusal = CDN_REFUSED_NOT;
    err = cdn_journal_erase(a->s->journal, &what, &done, a->e);
    cdn_windows_forget(a->s);
    return err || done.erased || done.already ? err : conflict(a, "the journal holds it");
}

static int erase(struct act *a) {
    const char *const given[] = {"record", NULL};
    int err = number_of_id(a);
    err = err ? err : read_members(a, CDN_EV_record_erased, given);
    err = err ? err : may_erase(a); /* waits for what lags before anybody is kept waiting */
    if (err)
        return err;
    pthread_mutex_lock(&a->s->erasing);
    err = erase_now(a);
    pthread_mutex_unlock(&a->s->erasing);
    if (!err) {
        say_event(a);
        cdn_buf_char(a->out, '}');
    }
    return err;
}

/* Once it is answered, nothing that it covers is erased. An erasure under way ends first, or gives way. */
static int legal_hold(struct act *a) {
    const char *const given[] = {NULL};
    int err = read_members(a, CDN_EV_legal_hold_placed, given);
    if (err)
        return err;
    atomic_fetch_add(&a->s->holds_wanted, 1);
    pthread_mutex_lock(&a->s->erasing);
    atomic_fetch_sub(&a->s->holds_wanted, 1);
    err = commit(a);
    pthread_mutex_unlock(&a->s->erasing);
    if (!err) {
        say_event(a);
        cdn_buf_char(a->out, '}');
    }
    return err;
}

static int copy_folder(const char *from, const char *to, struct cordon_error *e) {
    int err = mkdir(to, 0700) == 0 || errno == EEXIST
                  ? 0
                  : cdn_fail(e, CORDON_E_IO, "make %.150s: %s", to, strerrordesc_np(errno));
    DIR *d = err ? NULL : opendir(from);
    if (!err && !d)
        err = cdn_fail(e, CORDON_E_IO, "open %.150s: %s", from, strerrordesc_np(errno));
    for (const struct dirent *x = NULL; !err && (x = readdir(d));) {
        char a[PATH_SIZE], b[PATH_SIZE];
        struct stat st;
        if (x->d_name[0] == '.')
            continue;
        const int n = snprintf(a, sizeof(a), "%s/%s", from, x->d_name);
        const int m = snprintf(b, sizeof(b), "%s/%s", to, x->d_name);
        if (n < 0 || m < 0 || n >= (int)sizeof(a) || m >= (int)sizeof(b))
            err = cdn_fail(e, CORDON_E_LIMIT, "a path is too long");
        else if (stat(a, &st) == 0 && S_ISREG(st.st_mode))
            err = cdn_set_copy(a, b, e);
    }
    if (d)
        (void)closedir(d);
    return err;
}

static int backup_folder(struct act *a, const char *to, const char *name) {
    char from[PATH_SIZE], into[PATH_SIZE];
    const int n = snprintf(from, sizeof(from), "%s/%s", a->s->o.data, name);
    const int m = snprintf(into, sizeof(into), "%s/%s", to, name);
    if (n < 0 || m < 0 || n >= (int)sizeof(from) || m >= (int)sizeof(into))
        return cdn_fail(a->e, CORDON_E_LIMIT, "a path is too long");
    return copy_folder(from, into, a->e);
}

/* State first, journal last: so the journal knows every record that the state knows. */
static int backup(struct act *a) {
    static const char *const names[] = {"to", NULL};
    cordon_str to = {NULL, 0};
    char path[PATH_SIZE], folder[PATH_SIZE];
    uint64_t size = 0;
    int err = cdn_body_read(a->body, names, &a->arena, &a->members, a->e);
    err = err ? err : cdn_body_text(&a->members, "to", &to, a->e);
    if (!err && (!to.n || to.p[0] != '/' || to.n > PATH_SIZE - 64))
        err = cdn_fail(a->e, CORDON_E_ARG, "`to` is to be the absolute path of a new directory");
    if (err)
        return err;
    (void)snprintf(folder, sizeof(folder), "%.*s", CDN_FMT(to));
    if (mkdir(folder, 0700) != 0)
        return cdn_fail(a->e, CORDON_E_STATE, "make %.150s: %s", folder, strerrordesc_np(errno));
    (void)snprintf(path, sizeof(path), "%.4000s/state", folder);
    if (mkdir(path, 0700) != 0)
        return cdn_fail(a->e, CORDON_E_IO, "make %.150s: %s", path, strerrordesc_np(errno));
    err = cdn_store_backup(a->s->store, path, a->e);
    err = err ? err : backup_folder(a, folder, "keys");
    err = err ? err : backup_folder(a, folder, "snapshots");
    err = err ? err : backup_folder(a, folder, "snapshots/sections");
    (void)snprintf(path, sizeof(path), "%.4000s/journal", folder);
    err = err ? err : cdn_journal_backup(a->s->journal, path, &size, a->e);
    if (!err)
        cdn_buf_printf(a->out, "{\"records\":%llu}", (unsigned long long)size);
    return err;
}

/* ---- the table
 * --------------------------------------------------------------------------------------------------------------
 */

#define OF(name, member) CDN_EV_##name, offsetof(struct cdn_event, u.name.member), #member
static const struct row {
    uint32_t roles;
    int (*run)(struct act *a); /* NULL: the event is all there is to it */
    unsigned kind;
    size_t id_at;   /* where the path's id goes */
    const char *id; /* its member; NULL: there is none */
    bool id_text;   /* a text, not a number */
} rows[CDN_ACT_COUNT] = {
    [CDN_ACT_KEY_CREATE] = {CDN_MAY_ADMIN, .run = key_create},
    [CDN_ACT_KEY_REVOKE] = {CDN_MAY_ADMIN, NULL, OF(key_revoked, key), true},
    [CDN_ACT_KEY_SIGNER] = {CDN_MAY_ADMIN, NULL, OF(key_signer, key), true},
    [CDN_ACT_CASE_COMMENT] = {CDN_MAY_READ, NULL, OF(case_commented, case_id), false},
    [CDN_ACT_CASE_EVIDENCE] = {CDN_MAY_READ, NULL, OF(case_evidence, case_id), false},
    [CDN_ACT_CASE_RELEASE] = {CDN_MAY_ALL, .run = case_release},
    [CDN_ACT_CASE_REFUSE] = {CDN_MAY_ALL, .run = case_refuse},
    [CDN_ACT_CLEARANCE] = {CDN_MAY_AUTHOR, NULL, CDN_EV_clearance_granted, 0, NULL, false},
    [CDN_ACT_CLEARANCE_WITHDRAW] = {CDN_MAY_AUTHOR, NULL, OF(clearance_withdrawn, clearance), false},
    [CDN_ACT_USAGE_REVERSE] = {CDN_MAY_DECIDE, NULL, OF(usage_reversed, decision), false},
    [CDN_ACT_DUTY_DONE] = {CDN_MAY_AUTHOR, NULL, OF(duty_done, decision), false},
    [CDN_ACT_APPEAL_OPEN] = {CDN_MAY_AUTHOR, .run = appeal_open},
    [CDN_ACT_APPEAL_EVIDENCE] = {CDN_MAY_AUTHOR, .run = appeal_evidence},
    [CDN_ACT_APPEAL_RESOLVE] = {CDN_MAY_APPROVE, NULL, OF(appeal_resolved, appeal), false},
    [CDN_ACT_DRAFT_CREATE] = {CDN_MAY_AUTHOR, NULL, CDN_EV_draft_created, 0, NULL, false},
    [CDN_ACT_DRAFT_CHANGE] = {CDN_MAY_AUTHOR, NULL, OF(draft_changed, draft), false},
    [CDN_ACT_DRAFT_SUBMIT] = {CDN_MAY_AUTHOR, NULL, OF(draft_submitted, draft), false},
    [CDN_ACT_DRAFT_APPROVE] = {CDN_MAY_APPROVE, .run = draft_approve},
    [CDN_ACT_DRAFT_REJECT] = {CDN_MAY_APPROVE, NULL, OF(draft_rejected, draft), false},
    [CDN_ACT_DRAFT_SCHEDULE] = {CDN_MAY_APPROVE, .run = draft_schedule},
    [CDN_ACT_DRAFT_WITHDRAW] = {CDN_MAY_AUTHOR, NULL, OF(draft_withdrawn, draft), false},
    [CDN_ACT_SNAPSHOT_BUILD] = {CDN_MAY_AUTHOR, .run = snapshot_build},
    [CDN_ACT_SNAPSHOT_ACTIVATE] = {CDN_MAY_APPROVE, .run = snapshot_activate},
    [CDN_ACT_SNAPSHOT_ROLLBACK] = {CDN_MAY_APPROVE, .run = snapshot_rollback},
    [CDN_ACT_RELOAD] = {CDN_MAY_APPROVE, .run = reload},
    [CDN_ACT_LEGAL_HOLD] = {CDN_MAY_AUDIT, .run = legal_hold},
    [CDN_ACT_LEGAL_HOLD_LIFT] = {CDN_MAY_AUDIT, NULL, OF(legal_hold_lifted, hold), false},
    [CDN_ACT_ERASE] = {CDN_MAY_AUDIT, .run = erase},
    [CDN_ACT_BACKUP] = {CDN_MAY_AUDIT, .run = backup},
};

static int event_alone(struct act *a, const struct row *row) {
    const char *const given[] = {row->id, NULL};
    int err = row->id && !row->id_text ? number_of_id(a) : 0;
    err = err ? err : read_members(a, row->kind, given);
    if (err)
        return err;
    if (a->ev.kind == CDN_EV_duty_done && a->ev.u.duty_done.done == CDN_INSTANT_NONE)
        a->ev.u.duty_done.done = a->at;
    if (row->id && row->id_text)
        *(cordon_str *)((char *)&a->ev + row->id_at) = a->id;
    else if (row->id)
        *(uint64_t *)((char *)&a->ev + row->id_at) = a->number;
    err = commit(a);
    if (err)
        return err;
    say_event(a);
    cdn_buf_char(a->out, '}');
    return a->out->err;
}

int cdn_service_do(struct cdn_service *s,
                   const struct cdn_service_caller *caller,
                   enum cdn_service_act what,
                   cordon_str id,
                   cordon_str body,
                   struct cdn_buf *out,
                   uint8_t *ret_refusal,
                   struct cordon_error *e) {
    const struct cdn_service_time now = cdn_service_now(s);
    struct act a = {
        .s = s, .caller = caller, .id = id, .body = body, .out = out, .ret_refusal = ret_refusal, .e = e};
    *ret_refusal = CDN_REFUSED_NOT;
    if ((unsigned)what >= CDN_ACT_COUNT || !rows[what].roles) {
        *ret_refusal = CDN_REFUSED_NOTFOUND;
        return cdn_fail(e, CORDON_E_NOTFOUND, "there is no such act");
    }
    if (!(caller->roles & rows[what].roles)) {
        *ret_refusal = CDN_REFUSED_ROLE;
        return cdn_fail(e, CORDON_E_STATE, "this key has not the role that this needs");
    }
    int err = cdn_service_instant(s, &now, &a.at, ret_refusal, e);
    if (err)
        return err;
    const size_t before = out->n;
    cdn_arena_init(&a.arena, s->alloc, CDN_MIB(256));
    err = rows[what].run ? rows[what].run(&a) : event_alone(&a, &rows[what]);
    cdn_arena_free(&a.arena);
    if (err) {
        out->n = before;
        if (!*ret_refusal)
            *ret_refusal = (uint8_t)cdn_service_refusal_of(err);
    }
    return err;
}

/* ---- keys
 * -----------------------------------------------------------------------------------------------------------------------
 */

int cdn_service_authenticate(struct cdn_service *s,
                             cordon_str secret,
                             struct cdn_service_caller *ret,
                             struct cordon_error *e) {
    struct cdn_live_key key;
    const int err = cdn_live_find_key(s->live, secret, cdn_service_now(s).wall, &key, e);
    if (err)
        return err;
    *ret = (struct cdn_service_caller){
        .roles = key.roles & CDN_MAY_ALL,
        .rate = key.rate == CDN_COUNT_NONE ? 0 : (uint32_t)CDN_MIN(key.rate, (uint64_t)UINT32_MAX),
        .burst = key.burst == CDN_COUNT_NONE ? 0 : (uint32_t)CDN_MIN(key.burst, (uint64_t)UINT32_MAX)};
    return cdn_keys_slot(s, cdn_str_z(key.id), &ret->key, &ret->slot, e);
}
