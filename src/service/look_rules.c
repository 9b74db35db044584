/* SPDX-License-Identifier: Apache-2.0 */
/* look_rules.c: measures, lists and the status as JSON; members sorted by name. */
#include "service/priv.h"

static void name(struct cdn_buf *b, bool *first, const char *z) {
    cdn_buf_z(b, *first ? "\"" : ",\"");
    *first = false;
    cdn_buf_z(b, z);
    cdn_buf_z(b, "\":");
}
static void text(struct cdn_buf *b, bool *first, const char *z, cordon_str v) {
    if (!v.n)
        return;
    name(b, first, z);
    cdn_buf_json(b, v);
}
static void instant(struct cdn_buf *b, bool *first, const char *z, int64_t t) {
    name(b, first, z);
    if (t <= CDN_TIME_MIN || t >= CDN_TIME_MAX) {
        cdn_buf_z(b, "null");
        return;
    }
    cdn_buf_char(b, '"');
    cdn_time_write(b, t);
    cdn_buf_char(b, '"');
}
static void number(struct cdn_buf *b, bool *first, const char *z, int64_t v) {
    name(b, first, z);
    cdn_buf_int(b, v);
}
static void truth(struct cdn_buf *b, bool *first, const char *z, bool v) {
    name(b, first, z);
    cdn_buf_z(b, v ? "true" : "false");
}
/* 0: not known. */
static int64_t known(int64_t t) {
    return t ? t : CDN_TIME_MAX;
}

/* ---- measures
 * ------------------------------------------------------------------------------------------------------- */

static bool in_force(const struct cdn_snapshot *s, const struct cdn_measure_rec *m, int64_t at) {
    if (at < m->effective.at || at >= m->until.at)
        return false;
    for (uint32_t i = 0; i < m->suspensions.count; i++) {
        const struct cdn_suspension_rec *x = &s->suspensions[m->suspensions.first + i];
        if (at >= x->from.at && at < x->until.at)
            return false;
    }
    return true;
}

static void sources(struct cdn_buf *b, const struct cdn_snapshot *s, const struct cdn_measure_rec *m) {
    cdn_buf_char(b, '[');
    for (uint32_t i = 0; i < m->sources.count; i++) {
        const struct cdn_source_rec *x = &s->sources[m->sources.first + i];
        bool first = true;
        cdn_buf_z(b, i ? ",{" : "{");
        text(b, &first, "title", cdn_snap_str(s, x->title));
        text(b, &first, "url", cdn_snap_str(s, x->url));
        cdn_buf_char(b, '}');
    }
    cdn_buf_char(b, ']');
}

static void outcomes(struct cdn_buf *b, const struct cdn_snapshot *s, const struct cdn_measure_rec *m) {
    cdn_buf_char(b, '[');
    for (uint32_t i = 0; i < m->outcomes.count; i++) {
        const struct cdn_outcome_rec *o = &s->outcomes[m->outcomes.first + i];
        bool first = true;
        cdn_buf_z(b, i ? ",{" : "{");
        name(b, &first, "actions");
        cdn_buf_char(b, '[');
        for (uint32_t k = 0; k < o->actions.count; k++) {
            cdn_buf_z(b, k ? "," : "");
            cdn_buf_json(b, cdn_snap_str(s, s->actions[s->indexes[o->actions.first + k]].id));
        }
        cdn_buf_char(b, ']');
        name(b, &first, "services");
        cdn_buf_char(b, '[');
        for (uint32_t k = 0; k < o->services.count; k++) {
            cdn_buf_z(b, k ? "," : "");
            cdn_buf_json(b, cdn_snap_str(s, s->services[s->indexes[o->services.first + k]].id));
        }
        cdn_buf_char(b, ']');
        text(b, &first, "verdict", cdn_str_z(cordon_verdict_name(o->verdict)));
        cdn_buf_char(b, '}');
    }
    cdn_buf_char(b, ']');
}

static void measure(
    struct cdn_buf *b, const struct cdn_snapshot *s, const struct cdn_measure_rec *m, int64_t at, bool full) {
    bool first = true;
    cdn_buf_char(b, '{');
    instant(b, &first, "announced", m->announced.at);
    text(b, &first, "appeal", cdn_snap_str(s, m->appeal));
    text(b, &first, "basis", cdn_str_z(cdn_basis_name(m->basis)));
    instant(b, &first, "effective", m->effective.at);
    text(b, &first, "effective_as_written", cdn_snap_str(s, m->effective.written));
    text(b, &first, "id", cdn_snap_str(s, m->id));
    truth(b, &first, "in_force", in_force(s, m, at));
    text(b, &first, "issuer", cdn_snap_str(s, m->issuer));
    text(b, &first, "kind", cdn_str_z(cdn_class_name(m->class_)));
    text(b, &first, "legal", cdn_snap_str(s, m->legal));
    if (full) {
        name(b, &first, "outcomes");
        outcomes(b, s, m);
    }
    text(b, &first, "owner", cdn_snap_str(s, m->owner));
    instant(b, &first, "recorded", m->recorded.at);
    if (m->release_authority.n) {
        name(b, &first, "release");
        cdn_buf_z(b, "{\"authority\":");
        cdn_buf_json(b, cdn_snap_str(s, m->release_authority));
        cdn_buf_printf(b, ",\"people\":%u,\"reason\":", CDN_MAX(m->release_count, 1));
        cdn_buf_json(b, cdn_snap_str(s, m->reason_class));
        cdn_buf_char(b, '}');
    }
    if (full) {
        name(b, &first, "sources");
        sources(b, s, m);
    }
    text(b, &first, "title", cdn_snap_str(s, m->title));
    instant(b, &first, "until", m->until.at);
    text(b, &first, "version", cdn_snap_str(s, m->version));
    cdn_buf_char(b, '}');
}

static int write_measures(const struct cdn_snapshot *s,
                          const struct cdn_service_query *q,
                          int64_t at,
                          struct cdn_buf *out,
                          struct cordon_error *e) {
    const uint32_t limit = q->limit ? CDN_MIN(q->limit, 1000u) : 1000u;
    if (q->id.n) {
        const uint32_t i = cdn_snapshot_symbol(s, CDN_SYMBOL_MEASURE, cdn_hash(q->id, 0), q->id);
        if (i == CDN_NO_INDEX)
            return cdn_fail(e,
                            CORDON_E_NOTFOUND,
                            "there is no measure `%.*s`",
                            (int)CDN_MIN(q->id.n, (size_t)100),
                            q->id.p);
        measure(out, s, &s->measures[i], at, true);
        return out->err;
    }
    cdn_buf_z(out, "{\"at\":\"");
    cdn_time_write(out, at);
    cdn_buf_z(out, "\",\"measures\":[");
    bool first = true;
    uint32_t n = 0, i = (uint32_t)CDN_MIN(q->after, (uint64_t)UINT32_MAX);
    for (; i < s->count[CDN_T_MEASURE] && n < limit; i++) {
        if (q->has_at && !in_force(s, &s->measures[i], at))
            continue;
        cdn_buf_z(out, first ? "" : ",");
        first = false;
        measure(out, s, &s->measures[i], at, false);
        n++;
    }
    cdn_buf_z(out, "],\"next\":");
    if (i < s->count[CDN_T_MEASURE])
        cdn_buf_int(out, i);
    else
        cdn_buf_z(out, "null");
    cdn_buf_z(out, ",\"snapshot\":\"sha256:");
    cdn_buf_hex(out, s->digest, sizeof(s->digest));
    cdn_buf_z(out, "\"}");
    return out->err;
}

int cdn_look_measures(struct cdn_service *s,
                      const struct cdn_service_query *q,
                      struct cdn_buf *out,
                      struct cordon_error *e) {
    struct cdn_snapshot *snapshot = NULL;
    const int64_t at = q->has_at ? q->at : q->has_known_at ? q->known_at : cdn_service_now(s).wall;
    int err = 0;
    if (q->has_known_at) {
        char digest[CORDON_DIGEST_TEXT];
        err = cdn_set_reach(s, e);
        err = err ? err : cdn_store_snapshot_at(s->store, q->known_at, digest, e);
        err = err ? err : cdn_set_open(s, cdn_str_z(digest), &snapshot, e);
    } else if (!(snapshot = cdn_swap_take(&s->slot))) {
        err = cdn_fail(e, CORDON_E_STATE, "there is no active snapshot");
    }
    err = err ? err : write_measures(snapshot, q, at, out, e);
    cdn_snapshot_unref(snapshot);
    return err;
}

/* ---- lists
 * ------------------------------------------------------------------------------------------------------------
 */

static void write_lists(struct cdn_service *s, const struct cdn_active *a, struct cdn_buf *out) {
    const int64_t now = cdn_service_now(s).wall;
    cdn_buf_char(out, '[');
    for (uint32_t i = 0; i < a->list_count; i++) {
        const struct cdn_service_list_age *l = &a->lists[i];
        bool first = true;
        cdn_buf_z(out, i ? ",{" : "{");
        if (l->published)
            number(out, &first, "age_seconds", now - l->published);
        text(out, &first, "digest", cdn_str_z(a->list_digest[i]));
        number(out, &first, "entries", (int64_t)l->entries);
        instant(out, &first, "first_used", known(l->first_used));
        text(out, &first, "list", cdn_str_z(l->name));
        instant(out, &first, "published", known(l->published));
        if (l->published && l->first_used)
            number(out, &first, "seconds_to_first_use", l->first_used - l->published);
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
}

int cdn_look_lists(struct cdn_service *s,
                   const struct cdn_service_query *q,
                   struct cdn_buf *out,
                   struct cordon_error *e) {
    (void)q;
    struct cdn_active *a = cdn_alloc_zero(s->alloc, 1, sizeof(*a));
    if (!a)
        return cdn_service_no_memory(e);
    pthread_mutex_lock(&s->set_lock);
    *a = s->active;
    pthread_mutex_unlock(&s->set_lock);
    cdn_buf_z(out, "{\"geodata\":{");
    bool first = true;
    instant(out, &first, "date", known(a->geodata_date));
    cdn_buf_z(out, "},\"history\":");
    const int err = cdn_store_lists(s->store, out, e);
    cdn_buf_z(out, ",\"lists\":");
    write_lists(s, a, out);
    cdn_buf_z(out, ",\"snapshot\":");
    cdn_buf_json(out, cdn_str_z(a->digest));
    cdn_buf_char(out, '}');
    cdn_free(s->alloc, a, sizeof(*a));
    return err ? err : out->err;
}

/* ---- status
 * -------------------------------------------------------------------------------------------------------------
 */

static void write_journal(struct cdn_buf *out, const struct cdn_service_metrics *m) {
    bool first = true;
    cdn_buf_char(out, '{');
    number(out, &first, "durable", (int64_t)m->journal_durable);
    number(out, &first, "failures", (int64_t)m->journal_failures);
    number(out, &first, "size", (int64_t)m->journal_size);
    number(out, &first, "waiting", (int64_t)m->journal_waiting);
    cdn_buf_char(out, '}');
}

static void write_counts(struct cdn_buf *out, const struct cdn_service_metrics *m) {
    bool first = true;
    cdn_buf_char(out, '{');
    for (unsigned v = 1; v <= CORDON_VERDICT_FREEZE; v++)
        number(out, &first, cordon_verdict_name((int)v), (int64_t)m->decisions[v]);
    number(out, &first, "repeated", (int64_t)m->repeated);
    cdn_buf_z(out, "},\"drafts_waiting\":");
    cdn_buf_int(out, (int64_t)m->drafts_waiting);
    cdn_buf_z(out, ",\"duties\":{");
    first = true;
    instant(out, &first, "next_due", m->next_due);
    number(out, &first, "open", (int64_t)m->duties_open);
    number(out, &first, "overdue", (int64_t)m->duties_overdue);
    cdn_buf_z(out, "},\"geodata\":{");
    first = true;
    instant(out, &first, "date", known(m->geodata_date));
    cdn_buf_z(out, "},\"holds_open\":{");
    first = true;
    number(out, &first, "day", (int64_t)m->holds_open[1]);
    number(out, &first, "hour", (int64_t)m->holds_open[0]);
    number(out, &first, "older", (int64_t)m->holds_open[3]);
    number(out, &first, "week", (int64_t)m->holds_open[2]);
    cdn_buf_z(out, "},\"journal\":");
    write_journal(out, m);
}

static void write_refusals(struct cdn_buf *out, const struct cdn_service_metrics *m) {
    bool first = true;
    cdn_buf_char(out, '{');
    for (unsigned i = 1; i < CDN_REFUSAL_COUNT; i++)
        number(out, &first, cdn_service_refusal_name(i), (int64_t)m->refusals[i]);
    cdn_buf_char(out, '}');
}

int cdn_look_status(struct cdn_service *s,
                    const struct cdn_service_query *q,
                    struct cdn_buf *out,
                    struct cordon_error *e) {
    (void)q;
    struct cdn_service_metrics *m = cdn_alloc_zero(s->alloc, 1, sizeof(*m));
    struct cdn_active *a = cdn_alloc_zero(s->alloc, 1, sizeof(*a));
    char error[sizeof(s->reload_error)];
    bool first = true;
    if (m && a) {
        cdn_service_metrics(s, m);
        pthread_mutex_lock(&s->set_lock);
        *a = s->active;
        memcpy(error, s->reload_error, sizeof(error));
        pthread_mutex_unlock(&s->set_lock);
        cdn_buf_char(out, '{');
        number(out, &first, "appeals_open", (int64_t)m->appeals_open);
        name(out, &first, "decisions");
        write_counts(out, m);
        name(out, &first, "lists");
        write_lists(s, a, out);
        const int64_t next = atomic_load(&s->next_activation);
        instant(out, &first, "next_activation", next == INT64_MAX ? CDN_TIME_MAX : next);
        text(out, &first, "not_ready", cdn_str_z(m->not_ready));
        truth(out, &first, "ready", m->ready);
        name(out, &first, "refused");
        write_refusals(out, m);
        text(out, &first, "reload_error", cdn_str_z(error));
        text(out, &first, "snapshot", cdn_str_z(a->digest));
        instant(out, &first, "snapshot_since", a->since);
        text(out, &first, "version", cdn_str_z(cordon_version()));
        cdn_buf_char(out, '}');
    }
    const bool whole = m && a;
    cdn_free(s->alloc, m, sizeof(*m));
    cdn_free(s->alloc, a, sizeof(*a));
    return whole ? out->err : cdn_service_no_memory(e);
}
