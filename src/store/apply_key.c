/* SPDX-License-Identifier: Apache-2.0 */
/* apply_key.c: what events do to keys, snapshots, lists, legal holds, and to what follows from an erased
 * record. */
#include "store/store_priv.h"

/* ---- keys
 * -------------------------------------------------------------------------------------------------------- */

static int grant(struct cdn_apply *a, cordon_str key, const char *kind, const struct cdn_texts *names) {
    int err = 0;
    for (size_t i = 0; i < names->count && !err; i++) {
        struct cdn_q q = cdn_q(
            a->check.db, "INSERT INTO key_grants(key, kind, name) VALUES(?, ?, ?) ON CONFLICT DO NOTHING");
        cdn_q_put(&q, key);
        cdn_q_put_z(&q, kind);
        cdn_q_put_always(&q, names->items[i]);
        err = cdn_q_do(&q, a->check.e);
    }
    return err;
}

static int key_exists(struct cdn_apply *a, cordon_str key) {
    struct cdn_q q = cdn_q(a->check.db, "SELECT 1 FROM keys WHERE id = ?");
    cdn_q_put(&q, key);
    const bool found = cdn_q_next(&q);
    const int err = cdn_q_end(&q, a->check.e);
    return err ? err : found;
}

int cdn_on_key_created(struct cdn_apply *a, const struct cdn_ev_key_created *ev) {
    const int found = key_exists(a, ev->key);
    if (found < 0)
        return found;
    if (found)
        return cdn_no(&a->check, CORDON_E_CONFLICT, "there is a key %.*s already", CDN_FMT(ev->key));
    for (size_t i = 0; i < ev->roles.count; i++)
        if (!cdn_draft_status_is(ev->roles.items[i], "decide read author approve audit replay admin"))
            return cdn_no(&a->check, CORDON_E_ARG, "no role `%.*s`", CDN_FMT(ev->roles.items[i]));
    struct cdn_q q = cdn_q(
        a->check.db,
        "INSERT INTO keys(id, record, at, by, label, person, hash, rate, burst, expires) VALUES(?, ?, ?, ?, "
        "?, ?, ?, ?, ?, ?)");
    cdn_q_put(&q, ev->key);
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, a->by);
    cdn_q_put(&q, ev->label);
    cdn_q_put(&q, ev->person.n ? ev->person : ev->key);
    cdn_q_put(&q, ev->hash);
    cdn_q_count(&q, ev->rate);
    cdn_q_count(&q, ev->burst);
    cdn_q_instant(&q, ev->expires);
    int err = cdn_q_do(&q, a->check.e);
    err = err ? err : grant(a, ev->key, "role", &ev->roles);
    return err ? err : grant(a, ev->key, "authority", &ev->authorities);
}

int cdn_on_key_revoked(struct cdn_apply *a, const struct cdn_ev_key_revoked *ev) {
    struct cdn_q q =
        cdn_q(a->check.db, "UPDATE keys SET revoked = ?, revoked_why = ? WHERE id = ? AND revoked IS NULL");
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, ev->why);
    cdn_q_put(&q, ev->key);
    const int err = cdn_q_do(&q, a->check.e);
    if (err || sqlite3_changes(a->check.db->h))
        return err;
    return cdn_no(&a->check, CORDON_E_NOTFOUND, "no key %.*s that counts", CDN_FMT(ev->key));
}

int cdn_on_key_signer(struct cdn_apply *a, const struct cdn_ev_key_signer *ev) {
    struct cdn_holder h;
    int verdict = cdn_check_key(&a->check, ev->key, a->at, a->arena, &h);
    if (verdict)
        return verdict;
    /* One signature must not stand for two people. */
    struct cdn_q q = cdn_q(a->check.db, "SELECT id FROM keys WHERE signer = ? AND person <> ?");
    cdn_q_put(&q, ev->public_key);
    cdn_q_put(&q, h.person);
    if (cdn_q_next(&q))
        verdict = cdn_no(&a->check,
                         CORDON_E_CONFLICT,
                         "this public key is that of key %.*s, which is somebody else's",
                         CDN_FMT(cdn_q_text(&q, 0)));
    int err = cdn_q_end(&q, a->check.e);
    if (err || verdict)
        return err ? err : verdict;
    q = cdn_q(a->check.db, "UPDATE keys SET signer = ?, signer_record = ? WHERE id = ?");
    cdn_q_put(&q, ev->public_key);
    cdn_q_count(&q, a->index);
    cdn_q_put(&q, ev->key);
    return cdn_q_do(&q, a->check.e);
}

/* ---- snapshots and lists
 * -------------------------------------------------------------------------------------------- */

int cdn_on_service_started(struct cdn_apply *a, const struct cdn_ev_service_started *ev) {
    struct cdn_q q =
        cdn_q(a->check.db, "INSERT INTO starts(record, at, version, snapshot) VALUES(?, ?, ?, ?)");
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, ev->version);
    cdn_q_put(&q, ev->snapshot);
    return cdn_q_do(&q, a->check.e);
}

int cdn_on_snapshot_built(struct cdn_apply *a, const struct cdn_ev_snapshot_built *ev) {
    /* Building the same again gives the same digest: the first time counts. */
    struct cdn_q q = cdn_q(a->check.db,
                           "INSERT INTO snapshots(digest, record, built, by, info) VALUES(?, ?, ?, ?, ?) ON "
                           "CONFLICT DO NOTHING");
    cdn_q_put(&q, ev->snapshot);
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, a->by);
    cdn_q_put(&q, ev->info);
    return cdn_q_do(&q, a->check.e);
}

int cdn_on_snapshot_activated(struct cdn_apply *a, const struct cdn_ev_snapshot_activated *ev) {
    struct cdn_q q =
        cdn_q(a->check.db, "INSERT INTO activations(record, at, by, snapshot, how) VALUES(?, ?, ?, ?, ?)");
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, a->by);
    cdn_q_put(&q, ev->snapshot);
    cdn_q_put(&q, ev->how);
    return cdn_q_do(&q, a->check.e);
}

int cdn_on_list_activated(struct cdn_apply *a, const struct cdn_ev_list_activated *ev) {
    struct cdn_q q = cdn_q(
        a->check.db,
        "INSERT INTO lists(list, digest, record, activated, published, entries) VALUES(?, ?, ?, ?, ?, ?) ON "
        "CONFLICT DO NOTHING");
    cdn_q_put(&q, ev->list);
    cdn_q_put(&q, ev->digest);
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, a->at);
    cdn_q_instant(&q, ev->published);
    cdn_q_count(&q, ev->entries);
    return cdn_q_do(&q, a->check.e);
}

int cdn_on_list_used(struct cdn_apply *a, const struct cdn_ev_list_used *ev) {
    struct cdn_q q =
        cdn_q(a->check.db,
              "UPDATE lists SET used = ?, used_decision = ? WHERE list = ? AND digest = ? AND used IS NULL");
    cdn_q_int(&q, a->at);
    cdn_q_count(&q, ev->decision);
    cdn_q_put(&q, ev->list);
    cdn_q_put(&q, ev->digest);
    const int err = cdn_q_do(&q, a->check.e);
    if (err || sqlite3_changes(a->check.db->h))
        return err;
    return cdn_no(&a->check,
                  CORDON_E_CONFLICT,
                  "this version of %.*s is unknown or has been used before",
                  CDN_FMT(ev->list));
}

/* ---- the journal itself
 * ------------------------------------------------------------------------------------------------ */

int cdn_on_checkpoint_witnessed(struct cdn_apply *a, const struct cdn_ev_checkpoint_witnessed *ev) {
    struct cdn_q q =
        cdn_q(a->check.db, "INSERT INTO checkpoints(record, at, size, root, witness) VALUES(?, ?, ?, ?, ?)");
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, a->at);
    cdn_q_count(&q, ev->size);
    cdn_q_put(&q, ev->root);
    cdn_q_put(&q, ev->witness);
    return cdn_q_do(&q, a->check.e);
}

int cdn_on_journal_key(struct cdn_apply *a, const struct cdn_ev_journal_key *ev) {
    struct cdn_q q =
        cdn_q(a->check.db,
              "INSERT INTO journal_keys(record, at, name, public_key, signature) VALUES(?, ?, ?, ?, ?)");
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, ev->name);
    cdn_q_put(&q, ev->public_key);
    cdn_q_put(&q, ev->signature);
    return cdn_q_do(&q, a->check.e);
}

int cdn_on_legal_hold_placed(struct cdn_apply *a, const struct cdn_ev_legal_hold_placed *ev) {
    struct cdn_q q =
        cdn_q(a->check.db,
              "INSERT INTO legal_holds(id, at, by, party, first, last, why) VALUES(?, ?, ?, ?, ?, ?, ?)");
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, a->by);
    cdn_q_party(&q, ev->party);
    cdn_q_count(&q, ev->from);
    cdn_q_count(&q, ev->to);
    cdn_q_put(&q, ev->why);
    return cdn_q_do(&q, a->check.e);
}

int cdn_on_legal_hold_lifted(struct cdn_apply *a, const struct cdn_ev_legal_hold_lifted *ev) {
    struct cdn_q q = cdn_q(
        a->check.db,
        "UPDATE legal_holds SET lifted = ?, lifted_by = ?, lifted_why = ? WHERE id = ? AND lifted IS NULL");
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, a->by);
    cdn_q_put(&q, ev->why);
    cdn_q_count(&q, ev->hold);
    const int err = cdn_q_do(&q, a->check.e);
    if (err || sqlite3_changes(a->check.db->h))
        return err;
    return cdn_no(
        &a->check, CORDON_E_NOTFOUND, "no legal hold %llu that counts", (unsigned long long)ev->hold);
}

/* Statements that remove what follows from one record. A tombstone (record applied without its bytes) and the
 * event that says it was erased both end here, whichever comes first. */
static const char *const erase_sql[] = {
    "DELETE FROM case_votes WHERE case_id = ?",
    "DELETE FROM case_lines WHERE case_id = ?",
    "DELETE FROM cases WHERE id = ?",
    "DELETE FROM notes WHERE record = ?1 OR (about = 'case' AND id = ?1) OR (about = 'appeal' AND id = ?1)",
    "DELETE FROM usage_items WHERE decision = ?",
    "DELETE FROM duties WHERE decision = ?",
    "DELETE FROM appeal_decisions WHERE appeal = ?",
    "DELETE FROM appeals WHERE id = ?",
    "DELETE FROM retention WHERE record = ?",
    "DELETE FROM misfits WHERE about = ?1 OR record = ?1",
};

int cdn_apply_erase(struct cdn_apply *a, uint64_t record) {
    int err = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(erase_sql) && !err; i++) {
        struct cdn_q q = cdn_q(a->check.db, erase_sql[i]);
        cdn_q_count(&q, record);
        err = cdn_q_do(&q, a->check.e);
    }
    return err;
}

static int record_erased_already(struct cdn_apply *a, uint64_t record) {
    struct cdn_q q = cdn_q(a->check.db, "SELECT 1 FROM erasures WHERE record = ? AND event IS NOT NULL");
    cdn_q_count(&q, record);
    const bool found = cdn_q_next(&q);
    const int err = cdn_q_end(&q, a->check.e);
    return err ? err : found;
}

int cdn_on_record_erased(struct cdn_apply *a, const struct cdn_ev_record_erased *ev) {
    if (ev->record >= a->index)
        return cdn_no(
            &a->check, CORDON_E_RANGE, "there was no record %llu yet", (unsigned long long)ev->record);
    const int already = record_erased_already(a, ev->record);
    if (already)
        return already < 0 ? already
                           : cdn_no(&a->check,
                                    CORDON_E_CONFLICT,
                                    "record %llu was erased before",
                                    (unsigned long long)ev->record);
    int verdict = cdn_check_erase(&a->check, ev->record, a->at);
    verdict = verdict ? verdict : cdn_apply_erase(a, ev->record);
    if (verdict)
        return verdict;
    struct cdn_q q = cdn_q(
        a->check.db,
        "INSERT INTO erasures(record, event, at, by, why) VALUES(?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "event = excluded.event, at = excluded.at, by = excluded.by, why = excluded.why");
    cdn_q_count(&q, ev->record);
    cdn_q_count(&q, a->index);
    cdn_q_int(&q, a->at);
    cdn_q_put(&q, a->by);
    cdn_q_put(&q, ev->why);
    return cdn_q_do(&q, a->check.e);
}
