/* SPDX-License-Identifier: Apache-2.0 */
/* may.c: who may do what, judged on the state alone. The same functions answer beforehand (cdn_store_may_*)
 * and when an event is applied, where the order of records makes the answer final.
 *
 *  1. nothing here changes anything;
 *  2. whatever is not known (no such key, no public key, a line without a vote) is a no;
 *  3. people count, not keys: two keys of one person are one (key.created, `person`). */
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>

#include "sign/sign.h"
#include "store/store_priv.h"

int cdn_no(struct cdn_check *c, int code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(c->why, sizeof(c->why), fmt, args);
    va_end(args);
    c->no = code;
    return CDN_NO;
}

static int no_memory(struct cdn_check *c) {
    return cdn_fail(c->e, CORDON_E_NOMEM, "out of memory");
}

/* ---- keys
 * ------------------------------------------------------------------------------------------------------ */

int cdn_check_key(
    struct cdn_check *c, cordon_str key, int64_t at, struct cdn_arena *arena, struct cdn_holder *ret) {
    struct cdn_q q =
        cdn_q(c->db,
              "SELECT person, signer, expires, revoked, EXISTS(SELECT 1 FROM key_grants WHERE key = id AND "
              "kind = 'role' AND name = 'approve') FROM keys WHERE id = ?");
    int verdict = CDN_NO;
    struct cdn_holder h = {0};
    cdn_q_put(&q, key);
    if (!cdn_q_next(&q))
        (void)cdn_no(c, CORDON_E_NOTFOUND, "no key %.*s", CDN_FMT(key));
    else if (!cdn_q_null(&q, 3))
        (void)cdn_no(c, CORDON_E_STATE, "key %.*s was revoked", CDN_FMT(key));
    else if (!cdn_q_null(&q, 2) && at >= cdn_q_get_int(&q, 2))
        (void)cdn_no(c, CORDON_E_STATE, "key %.*s has expired", CDN_FMT(key));
    else
        verdict = 0;
    if (!verdict && (cdn_arena_str(arena, cdn_q_text(&q, 0), &h.person) ||
                     cdn_arena_str(arena, cdn_q_text(&q, 1), &h.signer)))
        verdict = no_memory(c);
    if (!verdict)
        h.approve = cdn_q_get_int(&q, 4) != 0;
    const int err = cdn_q_end(&q, c->e);
    if (!err && !verdict)
        *ret = h;
    return err ? err : verdict;
}

/* ---- cases
 * ------------------------------------------------------------------------------------------------------- */

int cdn_check_erased(struct cdn_check *c, uint64_t record) {
    struct cdn_q q = cdn_q(c->db, "SELECT 1 FROM erasures WHERE record = ?");
    cdn_q_count(&q, record);
    const bool found = cdn_q_next(&q);
    const int err = cdn_q_end(&q, c->e);
    return err ? err : found;
}

int cdn_check_open_case(struct cdn_check *c, uint64_t case_id) {
    struct cdn_q q = cdn_q(c->db, "SELECT status FROM cases WHERE id = ?");
    int verdict = 0;
    cdn_q_count(&q, case_id);
    if (!cdn_q_next(&q))
        verdict = cdn_no(c, CORDON_E_NOTFOUND, "no case %llu", (unsigned long long)case_id);
    else if (!cdn_str_eq(cdn_q_text(&q, 0), CDN_STR("open")))
        verdict = cdn_no(c,
                         CORDON_E_STATE,
                         "case %llu is not open: %.*s",
                         (unsigned long long)case_id,
                         CDN_FMT(cdn_q_text(&q, 0)));
    const int err = cdn_q_end(&q, c->e);
    return err ? err : verdict;
}

/* Lines of the case that the key has authority for, and how many of them its person has not released yet. */
static int count_lines(struct cdn_check *c,
                       uint64_t case_id,
                       cordon_str key,
                       cordon_str person,
                       int64_t *ret_may,
                       int64_t *ret_left) {
    struct cdn_q q = cdn_q(
        c->db,
        "SELECT count(*), sum(NOT EXISTS(SELECT 1 FROM case_votes v WHERE v.case_id = l.case_id AND v.line = "
        "l.line AND v.person = ?)) FROM case_lines l WHERE l.case_id = ? AND EXISTS(SELECT 1 FROM key_grants "
        "g "
        "WHERE g.key = ? AND (g.kind = 'authority' AND g.name = l.authority OR l.authority = '' AND g.kind = "
        "'role' AND g.name = 'approve'))");
    cdn_q_put(&q, person);
    cdn_q_count(&q, case_id);
    cdn_q_put(&q, key);
    if (cdn_q_next(&q)) {
        *ret_may = cdn_q_get_int(&q, 0);
        *ret_left = cdn_q_get_int(&q, 1);
    }
    return cdn_q_end(&q, c->e);
}

/* *ret_left: lines that a release by this key would count for. */
static int check_authority(
    struct cdn_check *c, uint64_t case_id, cordon_str key, int64_t at, int64_t *ret_left) {
    struct cdn_arena arena;
    struct cdn_holder h = {0};
    int64_t may = 0;
    int verdict = cdn_check_open_case(c, case_id);
    if (verdict)
        return verdict;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    verdict = cdn_check_key(c, key, at, &arena, &h);
    if (!verdict)
        verdict = count_lines(c, case_id, key, h.person, &may, ret_left);
    if (!verdict && !may)
        verdict = cdn_no(c,
                         CORDON_E_ARG,
                         "key %.*s has none of the authorities that may release case %llu",
                         CDN_FMT(key),
                         (unsigned long long)case_id);
    cdn_arena_free(&arena);
    return verdict;
}

int cdn_check_release(struct cdn_check *c, uint64_t case_id, cordon_str key, int64_t at) {
    int64_t left = 0;
    const int verdict = check_authority(c, case_id, key, at, &left);
    if (verdict || left)
        return verdict;
    return cdn_no(c,
                  CORDON_E_CONFLICT,
                  "the holder of key %.*s has released case %llu already; it takes another person",
                  CDN_FMT(key),
                  (unsigned long long)case_id);
}

int cdn_check_refuse(struct cdn_check *c, uint64_t case_id, cordon_str key, int64_t at) {
    int64_t left = 0;
    return check_authority(c, case_id, key, at, &left);
}

/* ---- drafts
 * ---------------------------------------------------------------------------------------------------------
 */

struct draft {
    cordon_str status, text, digest;
    int64_t activate;
};

bool cdn_draft_status_is(cordon_str status, const char *words) {
    cordon_str rest = cdn_str_z(words);
    while (rest.n)
        if (cdn_str_eq(cdn_str_split(rest, ' ', &rest), status))
            return true;
    return false;
}

static int load_draft(
    struct cdn_check *c, uint64_t id, const char *statuses, struct cdn_arena *arena, struct draft *ret) {
    struct cdn_q q = cdn_q(c->db, "SELECT status, text, digest, activate FROM drafts WHERE id = ?");
    int verdict = 0;
    cdn_q_count(&q, id);
    if (!cdn_q_next(&q))
        verdict = cdn_no(c, CORDON_E_NOTFOUND, "no draft %llu", (unsigned long long)id);
    else if (!cdn_draft_status_is(cdn_q_text(&q, 0), statuses))
        verdict = cdn_no(c,
                         CORDON_E_STATE,
                         "draft %llu is %.*s, not %s",
                         (unsigned long long)id,
                         CDN_FMT(cdn_q_text(&q, 0)),
                         statuses);
    else if (cdn_arena_str(arena, cdn_q_text(&q, 0), &ret->status) ||
             cdn_arena_str(arena, cdn_q_text(&q, 1), &ret->text) ||
             cdn_arena_str(arena, cdn_q_text(&q, 2), &ret->digest))
        verdict = no_memory(c);
    else
        ret->activate = cdn_q_get_instant(&q, 3);
    const int err = cdn_q_end(&q, c->e);
    return err ? err : verdict;
}

static int is_author(struct cdn_check *c, uint64_t draft, cordon_str person) {
    struct cdn_q q = cdn_q(c->db, "SELECT 1 FROM draft_authors WHERE draft = ? AND person = ?");
    cdn_q_count(&q, draft);
    cdn_q_put(&q, person);
    const bool found = cdn_q_next(&q);
    const int err = cdn_q_end(&q, c->e);
    return err ? err : found;
}

/* A good signature of exactly this text by exactly this public key. */
static int check_signature(struct cdn_check *c,
                           cordon_str public_key,
                           cordon_str text,
                           cordon_str signature) {
    struct cdn_sign_public key;
    struct cordon_error e = {0};
    int err = cdn_minisign_read_public(public_key, &key, &e);
    err = err ? err : cdn_minisign_verify(&key, text, signature, NULL, &e);
    if (err == CORDON_E_NOMEM)
        return no_memory(c);
    return err ? cdn_no(c, CORDON_E_ARG, "the signature does not stand: %.180s", e.message) : 0;
}

static int approve_as(struct cdn_check *c,
                      const struct draft *d,
                      cordon_str key,
                      const struct cdn_holder *h,
                      const struct cdn_ev_draft_approved *approval) {
    const uint64_t id = approval->draft;
    if (!h->approve)
        return cdn_no(c, CORDON_E_ARG, "key %.*s has not the role `approve`", CDN_FMT(key));
    const int author = is_author(c, id, h->person);
    if (author < 0)
        return author;
    if (author)
        return cdn_no(c,
                      CORDON_E_CONFLICT,
                      "the holder of key %.*s wrote draft %llu; it takes a second person",
                      CDN_FMT(key),
                      (unsigned long long)id);
    if (!cdn_str_eq(approval->digest, d->digest))
        return cdn_no(c,
                      CORDON_E_CONFLICT,
                      "what was signed is not the text that draft %llu has now",
                      (unsigned long long)id);
    if (!h->signer.n)
        return cdn_no(c, CORDON_E_ARG, "no public key is registered for key %.*s", CDN_FMT(key));
    return check_signature(c, h->signer, d->text, approval->signature);
}

int cdn_check_approve(struct cdn_check *c,
                      cordon_str key,
                      int64_t at,
                      const struct cdn_ev_draft_approved *approval) {
    struct cdn_arena arena;
    struct cdn_holder h = {0};
    struct draft d = {0};
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    int verdict = load_draft(c, approval->draft, "submitted", &arena, &d);
    if (!verdict)
        verdict = cdn_check_key(c, key, at, &arena, &h);
    if (!verdict)
        verdict = approve_as(c, &d, key, &h, approval);
    cdn_arena_free(&arena);
    return verdict;
}

/* An approval that still stands: of the present text, by the key's public key, the key not revoked since. */
static int check_approved(struct cdn_check *c, uint64_t draft, const struct draft *d) {
    struct cdn_q q = cdn_q(
        c->db,
        "SELECT a.digest, a.signature, a.public_key, k.revoked FROM draft_approvals a JOIN keys k ON k.id = "
        "a.key WHERE a.draft = ? AND NOT EXISTS(SELECT 1 FROM draft_authors w WHERE w.draft = a.draft AND "
        "w.person = a.person) ORDER BY a.record");
    int verdict =
        cdn_no(c, CORDON_E_STATE, "draft %llu has no approval by a second person", (unsigned long long)draft);
    cdn_q_count(&q, draft);
    while (verdict == CDN_NO && cdn_q_next(&q)) {
        if (!cdn_q_null(&q, 3))
            verdict = cdn_no(
                c, CORDON_E_STATE, "the key that approved draft %llu was revoked", (unsigned long long)draft);
        else if (!cdn_str_eq(cdn_q_text(&q, 0), d->digest))
            verdict = cdn_no(
                c, CORDON_E_CONFLICT, "draft %llu was changed after its approval", (unsigned long long)draft);
        else
            verdict = check_signature(c, cdn_q_text(&q, 2), d->text, cdn_q_text(&q, 1));
    }
    const int err = cdn_q_end(&q, c->e);
    return err ? err : verdict;
}

int cdn_check_schedule(struct cdn_check *c, uint64_t draft, cordon_str key, int64_t at) {
    struct cdn_arena arena;
    struct cdn_holder h = {0};
    struct draft d = {0};
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    int verdict = load_draft(c, draft, "approved scheduled", &arena, &d);
    if (!verdict)
        verdict = cdn_check_key(c, key, at, &arena, &h);
    if (!verdict)
        verdict = check_approved(c, draft, &d);
    cdn_arena_free(&arena);
    return verdict;
}

int cdn_check_activate(struct cdn_check *c, uint64_t draft, int64_t at) {
    struct cdn_arena arena;
    struct draft d = {0};
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    int verdict = load_draft(c, draft, "scheduled", &arena, &d);
    if (!verdict && (d.activate == CDN_INSTANT_NONE || at < d.activate))
        verdict = cdn_no(c, CORDON_E_STATE, "draft %llu is scheduled for later", (unsigned long long)draft);
    if (!verdict)
        verdict = check_approved(c, draft, &d);
    cdn_arena_free(&arena);
    return verdict;
}

/* ---- erasing
 * -----------------------------------------------------------------------------------------------------------
 */

/* Rows that say that something still rests on the record: a word for each. */
static const struct {
    const char *sql, *why;
} live[] = {
    {"SELECT 1 FROM cases WHERE id = ?1 AND status = 'open' AND ?2 IS NOT NULL", "its case is open"},
    {"SELECT 1 FROM notes n WHERE n.record = ?1 AND ?2 IS NOT NULL AND (n.about = 'case' AND EXISTS(SELECT 1 "
     "FROM cases c WHERE "
     "c.id = n.id AND c.status = 'open') OR n.about = 'appeal' AND EXISTS(SELECT 1 FROM appeals a WHERE a.id "
     "= n.id AND a.status = "
     "'open'))",
     "the case or appeal that it belongs to is open"},
    {"SELECT 1 FROM duties WHERE decision = ?1 AND done IS NULL AND ?2 IS NOT NULL",
     "a duty of it is not done"},
    {"SELECT 1 FROM appeals WHERE id = ?1 AND status = 'open' AND ?2 IS NOT NULL", "the appeal is open"},
    {"SELECT 1 FROM appeal_decisions d JOIN appeals a ON a.id = d.appeal WHERE (d.before = ?1 OR d.after = "
     "?1) AND a.status = "
     "'open' AND ?2 IS NOT NULL",
     "an open appeal is about it"},
    {"SELECT 1 FROM usage_items WHERE decision = ?1 AND reversed IS NULL AND over > ?2",
     "it counts against a cap"},
    {"SELECT 1 FROM retention WHERE record = ?1 AND until > ?2", "its measures demand that it be kept"},
    {"SELECT 1 FROM legal_holds WHERE lifted IS NULL AND party IS NULL AND (first IS NULL OR first <= ?1) "
     "AND (last IS NULL OR last "
     ">= ?1) AND ?2 IS NOT NULL",
     "a legal hold covers it"},
};

int cdn_check_erase(struct cdn_check *c, uint64_t record, int64_t at) {
    const int erased = cdn_check_erased(c, record);
    if (erased < 0)
        return erased;
    for (size_t i = 0; i < CDN_ARRAY_LEN(live); i++) {
        struct cdn_q q = cdn_q(c->db, live[i].sql);
        cdn_q_count(&q, record);
        cdn_q_int(&q, at);
        const bool found = cdn_q_next(&q);
        const int err = cdn_q_end(&q, c->e);
        if (err)
            return err;
        if (found)
            return cdn_no(
                c, CORDON_E_STATE, "record %llu must stay: %s", (unsigned long long)record, live[i].why);
    }
    return 0;
}
