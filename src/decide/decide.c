/* SPDX-License-Identifier: Apache-2.0 */
/* decide.c: from request to result: names, groups, guards, candidates, verdict.
 *
 * A request can only be hit by outcomes of four groups: its action and service, with either or both "any".
 * Within a group the axes narrow the outcomes down by bit rows: the places that the customer's evidence
 * speaks of let through the outcomes that ask for one of them, and those that do not ask. Only what is left
 * is evaluated. An axis is used only where a key that is missing proves the test false (CS-GUARD); whatever
 * is unknown lets everything through. */
#include "decide/decide_priv.h"

/* ---- names ------------------------------------------------------------------------------------------- */

static int no_action(const struct cdn_decider *d, const struct cdn_request *r, struct cordon_error *e) {
    struct cdn_suggest s;
    cdn_suggest_init(&s, r->action);
    for (uint32_t i = 0; i < d->snap->count[CDN_T_ACTION]; i++)
        cdn_suggest_offer(&s, cdn_snap_str(d->snap, d->snap->actions[i].id));
    const int err = cdn_fail(e, CORDON_E_NAME, "the snapshot knows no action `%.*s`", CDN_FMT(r->action));
    if (cdn_suggest_found(&s))
        cdn_error_hint(e, "did you mean `%.*s`?", CDN_FMT(s.best));
    return err;
}

static int no_service(const struct cdn_decider *d, const struct cdn_request *r, struct cordon_error *e) {
    struct cdn_suggest s;
    cdn_suggest_init(&s, r->service);
    for (uint32_t i = 0; i < d->snap->count[CDN_T_SERVICE]; i++)
        cdn_suggest_offer(&s, cdn_snap_str(d->snap, d->snap->services[i].id));
    const int err = cdn_fail(e, CORDON_E_NAME, "the snapshot knows no service `%.*s`", CDN_FMT(r->service));
    if (cdn_suggest_found(&s))
        cdn_error_hint(e, "did you mean `%.*s`?", CDN_FMT(s.best));
    return err;
}

/* ---- the beginning of a decision --------------------------------------------------------------------- */

/* Whoever alone has a role stands for it. What the last request filled is emptied first: most roles are
 * never touched. */
static void bind_home(struct cdn_decider *d, const struct cdn_request *r) {
    uint32_t ways = 1;
    for (uint32_t i = 0; i < d->touched_role_count; i++)
        d->home.role[d->touched_roles[i]] = CDN_BIND_ABSENT;
    for (uint32_t i = 0; i < d->touched_object_count; i++)
        d->home.object[d->touched_objects[i]] = CDN_BIND_ABSENT;
    d->touched_role_count = d->touched_object_count = 0;
    for (uint32_t i = 0; i < r->party_count; i++) {
        int16_t *who = &d->home.role[r->parties[i].role];
        if (*who != CDN_BIND_ABSENT)
            continue;
        const uint32_t n = r->role_count[r->parties[i].role];
        *who = (int16_t)(n == 1 ? (int)i : CDN_BIND_OPEN);
        ways = CDN_MIN(ways * n, (uint32_t)CDN_MAX_ASSIGNMENTS + 1);
        d->touched_roles[d->touched_role_count++] = r->parties[i].role;
    }
    for (uint32_t i = 0; i < r->object_count; i++) {
        int16_t *which = &d->home.object[r->objects[i].kind];
        if (*which != CDN_BIND_ABSENT)
            continue;
        const uint32_t n = r->object_count_of[r->objects[i].kind];
        *which = (int16_t)(n == 1 ? (int)i : CDN_BIND_OPEN);
        ways = CDN_MIN(ways * n, (uint32_t)CDN_MAX_ASSIGNMENTS + 1);
        d->touched_objects[d->touched_object_count++] = r->objects[i].kind;
    }
    d->several = ways > 1;
    d->crowd = ways > CDN_MAX_ASSIGNMENTS;
}

static int number_evidence(struct cdn_decider *d, const struct cdn_request *r, struct cordon_error *e) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->party_count; i++) {
        d->party_items[i] = n;
        n += r->parties[i].evidence_count;
    }
    for (uint32_t i = 0; i < r->object_count; i++) {
        d->object_items[i] = n;
        n += r->objects[i].evidence_count;
    }
    if (n > CDN_MAX_EVIDENCE_TOTAL)
        return cdn_fail(
            e, CORDON_E_LIMIT, "%u pieces of evidence; at most %u", n, (unsigned)CDN_MAX_EVIDENCE_TOTAL);
    return 0;
}

static void next_epoch(struct cdn_decider *d) {
    if (++d->epoch != 0)
        return;
    for (uint32_t i = 0; i < d->snap->count[CDN_T_TEST] * CDN_MEMOS; i++)
        d->memo[i].epoch = 0;
    memset(d->item_epoch, 0, CDN_MAX_EVIDENCE_TOTAL * sizeof *d->item_epoch);
    memset(d->screened, 0, CDN_MAX_HOLDERS * sizeof *d->screened);
    d->graph_epoch = 0;
    d->epoch = 1;
}

int cdn_decide_begin(struct cdn_decider *d, const struct cdn_request *r, int64_t at, struct cordon_error *e) {
    if (at <= CDN_TIME_MIN || at >= CDN_TIME_MAX)
        return cdn_fail(e, CORDON_E_RANGE, "the instant of a decision must be a real one");
    d->action = cdn_snapshot_symbol(d->snap, CDN_SYMBOL_ACTION, r->action_hash, r->action);
    if (d->action == CDN_NO_INDEX)
        return no_action(d, r, e);
    d->service = cdn_snapshot_symbol(d->snap, CDN_SYMBOL_SERVICE, r->service_hash, r->service);
    if (d->service == CDN_NO_INDEX)
        return no_service(d, r, e);
    d->entity = CDN_NO_INDEX;
    if (r->acting_entity.n)
        d->entity = cdn_snapshot_symbol(d->snap, CDN_SYMBOL_ENTITY, r->entity_hash, r->acting_entity);
    const int err = number_evidence(d, r, e);
    if (err < 0)
        return err;
    next_epoch(d);
    d->decided = false;
    d->request = r;
    d->at = at;
    d->changes_at = CDN_TIME_MAX;
    d->needs_roles = d->snap->actions[d->action].needs_roles;
    d->needs_objects = d->snap->actions[d->action].needs_objects;
    d->hit_count = 0;
    d->candidate_count = 0;
    d->found_count = 0;
    d->screen_asked = false;
    d->statute_conflict = d->form_conflict = d->protect_conflict = false;
    if (d->forms_seen) {
        memset(d->party_forms, 0, sizeof d->party_forms);
        memset(d->object_forms, 0, sizeof d->object_forms);
        d->request_forms = 0;
        d->forms_seen = false;
    }
    bind_home(d, r);
    return 0;
}

/* ---- guards ------------------------------------------------------------------------------------------ */

static void let_through(struct cdn_decider *d, const struct cdn_axis_rec *a, uint32_t words, uint64_t key) {
    uint32_t lo = a->guards.first, hi = a->guards.first + a->guards.count;
    const uint32_t end = hi;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (d->snap->guards[mid].key < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == end || d->snap->guards[lo].key != key)
        return;
    const uint64_t *row = &d->snap->words[d->snap->guards[lo].row];
    for (uint32_t w = 0; w < words; w++)
        d->row[w] |= row[w];
}

static void let_item_through(struct cdn_decider *d,
                             const struct cdn_axis_rec *a,
                             uint32_t words,
                             const struct cdn_item *item) {
    for (unsigned p = 0; p < item->count; p++)
        let_through(d, a, words, item->places[p]);
    for (unsigned p = 0; p < item->maybe_count; p++)
        let_through(d, a, words, item->maybe[p]);
}

/* Each returns false when the axis proves nothing about the subject. */
static bool axis_finding(
    struct cdn_decider *d, const struct cdn_axis_rec *a, uint32_t words, int index, bool is_object) {
    const unsigned against = cdn_decide_weight_against_all(d, a->finding, index, is_object);
    if (cdn_standard_table[a->standard][CDN_WEIGHT_NOTHING][against] != CORDON_FALSE)
        return false;
    uint32_t n = 0;
    const struct cdn_evidence *e = cdn_decide_evidence(d, index, is_object, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (e[i].have == CDN_HAVE_VALUE && cdn_evidence_kinds[e[i].kind].strength[a->finding])
            let_item_through(d, a, words, cdn_decide_item(d, index, is_object, i));
    }
    return true;
}

static bool axis_evidence(
    struct cdn_decider *d, const struct cdn_axis_rec *a, uint32_t words, int index, bool is_object) {
    uint32_t n = 0;
    bool asked = false;
    const struct cdn_evidence *e = cdn_decide_evidence(d, index, is_object, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (e[i].kind != a->evidence || (e[i].have != CDN_HAVE_VALUE && e[i].have != CDN_HAVE_NOT_APPLICABLE))
            continue;
        if (e[i].have == CDN_HAVE_VALUE) {
            if (cdn_decide_seen_later(d, &e[i]))
                continue;
            const struct cdn_item *item = cdn_decide_item(d, index, is_object, i);
            if (!cdn_decide_has_voice(item) || (item->doubt & CDN_DOUBT_CONTEXT))
                return false;
            let_item_through(d, a, words, item);
        }
        asked = true;
    }
    return asked;
}

static bool axis_fact(
    struct cdn_decider *d, const struct cdn_axis_rec *a, uint32_t words, int index, bool is_object) {
    const struct cdn_test_rec t = {
        .fact = a->fact, .subject_kind = a->subject_kind, .subject_index = a->subject_index};
    const struct cdn_value *v = cdn_decide_value(d, &t, index, is_object);
    if (!v || (v->have != CDN_HAVE_VALUE && v->have != CDN_HAVE_NOT_APPLICABLE))
        return false;
    for (uint32_t i = 0; v->have == CDN_HAVE_VALUE && i < v->count; i++)
        let_through(d, a, words, v->hashes[i]);
    return true;
}

static bool axis_ask(
    struct cdn_decider *d, const struct cdn_axis_rec *a, uint32_t words, int index, bool is_object) {
    switch (a->kind) {
    case CDN_TEST_FINDING:
        return axis_finding(d, a, words, index, is_object);
    case CDN_TEST_EVIDENCE:
        return axis_evidence(d, a, words, index, is_object);
    case CDN_TEST_FACT:
        return axis_fact(d, a, words, index, is_object);
    default:
        return false;
    }
}

/* All whom the axis asks; a role that nobody has makes the guarded tests false, unless the action needs it.
 */
static bool axis_ask_all(struct cdn_decider *d, const struct cdn_axis_rec *a, uint32_t words) {
    const struct cdn_request *r = d->request;
    if (a->subject_kind == CDN_SUBJECT_REQUEST)
        return a->kind == CDN_TEST_FACT && axis_ask(d, a, words, 0, false);
    if (a->subject_kind != CDN_SUBJECT_ROLE && a->subject_kind != CDN_SUBJECT_OBJECT)
        return false;
    const bool is_object = a->subject_kind == CDN_SUBJECT_OBJECT;
    const uint32_t count = is_object ? r->object_count_of[a->subject_index] : r->role_count[a->subject_index];
    if (count == 0)
        return !cdn_decide_needed(d, a->subject_kind, a->subject_index);
    uint32_t i = is_object ? r->object_first[a->subject_index] : r->role_first[a->subject_index];
    for (uint32_t seen = 0; seen < count; i++) {
        if ((is_object ? r->objects[i].kind : r->parties[i].role) != a->subject_index)
            continue;
        if (!axis_ask(d, a, words, (int)i, is_object))
            return false;
        seen++;
    }
    return true;
}

/* IMPLEMENTS: CS-GUARD
 * A measure with too many ways to fill its roles is unknown even if each way would be false: then nothing is
 * left out. */
static void narrow(struct cdn_decider *d, const struct cdn_group_rec *g) {
    const uint32_t words = g->words;
    for (uint32_t w = 0; w < words; w++)
        d->live[w] = UINT64_MAX;
    if (g->posts.count % 64)
        d->live[words - 1] = ((uint64_t)1 << (g->posts.count % 64)) - 1;
    for (uint32_t i = g->axes.first; !d->crowd && i < g->axes.first + g->axes.count; i++) {
        const struct cdn_axis_rec *a = &d->snap->axes[i];
        memcpy(d->row, &d->snap->words[a->unguarded], words * sizeof *d->row);
        if (!axis_ask_all(d, a, words))
            continue;
        for (uint32_t w = 0; w < words; w++)
            d->live[w] &= d->row[w];
    }
}

/* ---- candidates -------------------------------------------------------------------------------------- */

/* The last run, from `first`, and what is before it become one run in the order of outcomes. */
static void merge_runs(struct cdn_decider *d, uint32_t first) {
    const uint32_t n = d->candidate_count;
    if (first == 0 || first == n)
        return;
    uint32_t *out = d->candidates + d->candidate_cap;
    uint32_t a = 0, b = first, k = 0;
    while (a < first && b < n) {
        const bool left =
            d->snap->posts[d->candidates[a]].outcome <= d->snap->posts[d->candidates[b]].outcome;
        out[k++] = left ? d->candidates[a++] : d->candidates[b++];
    }
    while (a < first)
        out[k++] = d->candidates[a++];
    while (b < n)
        out[k++] = d->candidates[b++];
    memcpy(d->candidates, out, n * sizeof *out);
}

static bool excluded(const struct cdn_decider *d, const struct cdn_outcome_rec *o) {
    const uint32_t *p = &d->snap->indexes[o->not_actions.first], *const end = p + o->not_actions.count;
    while (p < end && *p != d->action)
        p++;
    return p < end;
}

static void add_candidate(struct cdn_decider *d, uint32_t post, bool any_action) {
    const struct cdn_post_rec *p = &d->snap->posts[post];
    cdn_decide_edge(d, p->effective);
    if (d->at < p->effective || d->at >= p->until)
        return;
    cdn_decide_edge(d, p->until);
    if (!any_action || !excluded(d, &d->snap->outcomes[p->outcome]))
        d->candidates[d->candidate_count++] = post;
}

static void gather(struct cdn_decider *d, uint32_t group, bool any_action, bool scan) {
    const struct cdn_group_rec *g = &d->snap->groups[group];
    const uint32_t first = d->candidate_count;
    if (scan) {
        for (uint32_t i = 0; i < g->posts.count; i++)
            add_candidate(d, g->posts.first + i, any_action);
    } else {
        narrow(d, g);
        for (uint32_t w = 0; w < g->words; w++) {
            for (uint64_t bits = d->live[w]; bits; bits &= bits - 1)
                add_candidate(d, g->posts.first + w * 64 + (uint32_t)__builtin_ctzll(bits), any_action);
        }
    }
    merge_runs(d, first);
}

static void evaluate(struct cdn_decider *d) {
    uint32_t i = 0;
    while (i < d->candidate_count) {
        const uint32_t measure = d->snap->posts[d->candidates[i]].measure;
        uint32_t n = 1;
        while (i + n < d->candidate_count && d->snap->posts[d->candidates[i + n]].measure == measure)
            n++;
        cdn_decide_measure(d, measure, &d->candidates[i], n);
        i += n;
    }
}

/* IMPLEMENTS: CS-STRICTEST */
static void conclude(struct cdn_decider *d, struct cdn_result *ret) {
    cdn_decide_conflicts(d);
    unsigned verdict = CORDON_VERDICT_ALLOW;
    for (uint32_t i = 0; i < d->hit_count; i++)
        verdict = CDN_MAX(verdict, d->hits[i].verdict);
    for (uint32_t i = 0; i < d->request->state_count; i++)
        ret->held |= cdn_decide_hold_counts(d, &d->request->state[i]);
    if (ret->held)
        verdict = CDN_MAX(verdict, (unsigned)CORDON_VERDICT_HOLD);
    ret->screened = d->screen_asked;
    ret->owners_asked = d->graph_epoch == d->epoch;
    ret->conflict = d->statute_conflict || d->form_conflict || d->protect_conflict;
    ret->hits = d->hits;
    ret->hit_count = d->hit_count;
    ret->changes_at = d->changes_at;
    ret->verdict = (uint8_t)verdict;
}

/* IMPLEMENTS: CS-PURE CS-ALL CS-ZERO */
static int decide(struct cdn_decider *d,
                  const struct cdn_request *r,
                  int64_t at,
                  bool scan,
                  struct cdn_result *ret,
                  struct cordon_error *e) {
    *ret = (struct cdn_result){.verdict = CORDON_VERDICT_NONE, .changes_at = CDN_TIME_MAX};
    const int err = cdn_decide_begin(d, r, at, e);
    if (err < 0)
        return err;
    for (unsigned any = 0; any < 4; any++) {
        const uint32_t action = any & 1u ? CDN_NO_INDEX : d->action;
        const uint32_t service = any & 2u ? CDN_NO_INDEX : d->service;
        if (any && !d->any_groups[any])
            continue;
        const uint32_t group = cdn_snapshot_group(d->snap, action, service);
        if (group != CDN_NO_INDEX)
            gather(d, group, any & 1u, scan);
    }
    evaluate(d);
    conclude(d, ret);
    d->decided = true;
    return 0;
}

int cdn_decide(struct cdn_decider *d,
               const struct cdn_request *request,
               int64_t at,
               struct cdn_result *ret,
               struct cordon_error *e) {
    return decide(d, request, at, false, ret, e);
}

int cdn_decide_scan(struct cdn_decider *d,
                    const struct cdn_request *request,
                    int64_t at,
                    struct cdn_result *ret,
                    struct cordon_error *e) {
    return decide(d, request, at, true, ret, e);
}
