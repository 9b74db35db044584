/* SPDX-License-Identifier: Apache-2.0 */
/* apply_draft.c: the life of a draft: draft → submitted → approved → scheduled → activated; rejected,
 * withdrawn.
 *
 *  1. whoever wrote any text of it is an author, and no author's approval counts;
 *  2. another text begins anew: approvals and the instant of activation are gone;
 *  3. it is activated only with an approval that stands at that moment: of these bytes, by a key that was not
 * revoked. */
#include <sodium.h>

#include "store/store_priv.h"

static void digest_of(cordon_str text, char ret[CDN_DIGEST_HEX + 1]) {
    uint8_t hash[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256(hash, (const unsigned char *)(text.n ? text.p : ""), text.n);
    (void)sodium_bin2hex(ret, CDN_DIGEST_HEX + 1, hash, sizeof(hash));
}

/* The person behind `by`; keys that are gone still had one. */
static int person_of(struct cdn_apply *a, cordon_str *ret) {
    struct cdn_q q = cdn_q(a->check.db, "SELECT person FROM keys WHERE id = ?");
    int bad = 0;
    cdn_q_put(&q, a->by);
    if (cdn_q_next(&q))
        bad = cdn_arena_str(a->arena, cdn_q_text(&q, 0), ret);
    else
        *ret = a->by;
    const int err = cdn_q_end(&q, a->check.e);
    return err ? err : bad ? cdn_fail(a->check.e, bad, "out of memory") : 0;
}

static int add_author(struct cdn_apply *a, uint64_t draft) {
    cordon_str person;
    const int err = person_of(a, &person);
    if (err)
        return err;
    struct cdn_q q =
        cdn_q(a->check.db, "INSERT INTO draft_authors(draft, person) VALUES(?, ?) ON CONFLICT DO NOTHING");
    cdn_q_count(&q, draft);
    cdn_q_put(&q, person);
    return cdn_q_do(&q, a->check.e);
}

int cdn_on_draft_created(struct cdn_apply *a, const struct cdn_ev_draft_created *ev) {
    char digest[CDN_DIGEST_HEX + 1];
    digest_of(ev->text, digest);
    struct cdn_q q =
        cdn_q(a->check.db,
              "INSERT INTO drafts(id, at, measure, author, status, text, digest, changed) VALUES(?, ?, ?, ?, "
              "'draft', ?, ?, ?)");
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, ev->measure);
    cdn_q_put(&q, a->by);
    cdn_q_put(&q, ev->text);
    cdn_q_put_z(&q, digest);
    cdn_q_int(&q, a->at);
    const int err = cdn_q_do(&q, a->check.e);
    return err ? err : add_author(a, a->index);
}

static int has_status(struct cdn_apply *a, uint64_t draft, const char *statuses) {
    struct cdn_q q = cdn_q(a->check.db, "SELECT status FROM drafts WHERE id = ?");
    int verdict = 0;
    cdn_q_count(&q, draft);
    if (!cdn_q_next(&q))
        verdict = cdn_no(&a->check, CORDON_E_NOTFOUND, "no draft %llu", (unsigned long long)draft);
    else if (!cdn_draft_status_is(cdn_q_text(&q, 0), statuses))
        verdict = cdn_no(&a->check,
                         CORDON_E_STATE,
                         "draft %llu is %.*s, not %s",
                         (unsigned long long)draft,
                         CDN_FMT(cdn_q_text(&q, 0)),
                         statuses);
    const int err = cdn_q_end(&q, a->check.e);
    return err ? err : verdict;
}

static int forget_approvals(struct cdn_apply *a, uint64_t draft) {
    struct cdn_q q = cdn_q(a->check.db, "DELETE FROM draft_approvals WHERE draft = ?");
    cdn_q_count(&q, draft);
    return cdn_q_do(&q, a->check.e);
}

int cdn_on_draft_changed(struct cdn_apply *a, const struct cdn_ev_draft_changed *ev) {
    char digest[CDN_DIGEST_HEX + 1];
    int verdict = has_status(a, ev->draft, "draft submitted rejected approved scheduled");
    verdict = verdict ? verdict : forget_approvals(a, ev->draft);
    if (verdict)
        return verdict;
    digest_of(ev->text, digest);
    struct cdn_q q = cdn_q(
        a->check.db,
        "UPDATE drafts SET status = 'draft', text = ?, digest = ?, changed = ?, activate = NULL, closed_by = "
        "NULL, closed_why = NULL WHERE id = ?");
    cdn_q_put(&q, ev->text);
    cdn_q_put_z(&q, digest);
    cdn_q_int(&q, a->at);
    cdn_q_count(&q, ev->draft);
    const int err = cdn_q_do(&q, a->check.e);
    return err ? err : add_author(a, ev->draft);
}

static int set_status(struct cdn_apply *a, uint64_t draft, const char *status) {
    struct cdn_q q = cdn_q(a->check.db, "UPDATE drafts SET status = ? WHERE id = ?");
    cdn_q_put_z(&q, status);
    cdn_q_count(&q, draft);
    return cdn_q_do(&q, a->check.e);
}

int cdn_on_draft_submitted(struct cdn_apply *a, const struct cdn_ev_draft_submitted *ev) {
    const int verdict = has_status(a, ev->draft, "draft");
    return verdict ? verdict : set_status(a, ev->draft, "submitted");
}

int cdn_on_draft_approved(struct cdn_apply *a, const struct cdn_ev_draft_approved *ev) {
    const int verdict = cdn_check_approve(&a->check, a->by, a->at, ev);
    if (verdict)
        return verdict;
    struct cdn_q q = cdn_q(
        a->check.db,
        "INSERT INTO draft_approvals(draft, person, key, record, at, digest, signature, public_key) SELECT "
        "?, person, id, ?, ?, ?, ?, signer FROM keys WHERE id = ? ON CONFLICT DO NOTHING");
    cdn_q_count(&q, ev->draft);
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, ev->digest);
    cdn_q_put(&q, ev->signature);
    cdn_q_put(&q, a->by);
    const int err = cdn_q_do(&q, a->check.e);
    return err ? err : set_status(a, ev->draft, "approved");
}

static int close_draft(struct cdn_apply *a, uint64_t draft, const char *status, cordon_str why) {
    struct cdn_q q =
        cdn_q(a->check.db,
              "UPDATE drafts SET status = ?, closed_by = ?, closed_why = ?, activate = NULL WHERE id = ?");
    cdn_q_put_z(&q, status);
    cdn_q_put(&q, a->by);
    cdn_q_put(&q, why);
    cdn_q_count(&q, draft);
    const int err = cdn_q_do(&q, a->check.e);
    return err ? err : forget_approvals(a, draft);
}

int cdn_on_draft_rejected(struct cdn_apply *a, const struct cdn_ev_draft_rejected *ev) {
    const int verdict = has_status(a, ev->draft, "submitted approved scheduled");
    return verdict ? verdict : close_draft(a, ev->draft, "rejected", ev->why);
}

int cdn_on_draft_withdrawn(struct cdn_apply *a, const struct cdn_ev_draft_withdrawn *ev) {
    const int verdict = has_status(a, ev->draft, "draft submitted rejected approved scheduled");
    return verdict ? verdict : close_draft(a, ev->draft, "withdrawn", ev->why);
}

int cdn_on_draft_scheduled(struct cdn_apply *a, const struct cdn_ev_draft_scheduled *ev) {
    const int verdict = cdn_check_schedule(&a->check, ev->draft, a->by, a->at);
    if (verdict)
        return verdict;
    struct cdn_q q = cdn_q(a->check.db, "UPDATE drafts SET status = 'scheduled', activate = ? WHERE id = ?");
    cdn_q_int(&q, ev->activate);
    cdn_q_count(&q, ev->draft);
    return cdn_q_do(&q, a->check.e);
}

int cdn_on_draft_activated(struct cdn_apply *a, const struct cdn_ev_draft_activated *ev) {
    const int verdict = cdn_check_activate(&a->check, ev->draft, a->at);
    if (verdict)
        return verdict;
    struct cdn_q q = cdn_q(
        a->check.db, "UPDATE drafts SET status = 'activated', activated = ?, snapshot = ? WHERE id = ?");
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, ev->snapshot);
    cdn_q_count(&q, ev->draft);
    return cdn_q_do(&q, a->check.e);
}
