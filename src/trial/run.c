/* SPDX-License-Identifier: Apache-2.0 */
/* run.c: one scenario after the other, and the report (contract: trial.h). */
#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
#include "trial/trial_priv.h"

enum { ARENA_LIMIT = 64 << 20, LINE_MAX = 1024 };

void cdn_trial_fail(struct cdn_trial *t, struct cdn_pos pos, const char *fmt, ...) {
    char line[LINE_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(line, sizeof line, fmt, args); /* allowed: into a buffer of known size */
    va_end(args);
    if (t->options->json) {
        if (t->failure_count) {
            cdn_buf_char(&t->failures, ',');
        }
        cdn_buf_json(&t->failures, cdn_str_z(line));
    } else {
        const cordon_str file = pos.file < t->rb->file_count ? t->rb->files[pos.file] : CDN_STR("?");
        cdn_buf_printf(&t->failures, "%.*s:%u:%u: %s\n", CDN_FMT(file), pos.line, pos.column, line);
    }
    t->failure_count++;
}

int cdn_trial_decide(
    struct cdn_trial *t, int64_t at, bool all, struct cdn_decision *ret, struct cordon_error *e) {
    struct cdn_result result;
    const struct cdn_request *request = &t->scenario->request;
    const int err = cdn_decide(t->decider, request, at, &result, e);
    return err ? err : cdn_decision_build(t->decider, request, &result, at, all, &t->arena, ret);
}

static void report(struct cdn_trial *t) {
    const struct cdn_scenario *sc = t->scenario;
    if (!t->failure_count && !t->options->verbose) {
        return;
    }
    if (!t->options->json) {
        cdn_buf_printf(t->out, "%s \"%.*s\"\n", t->failure_count ? "FAIL" : "ok  ", CDN_FMT(sc->title));
        cdn_buf_str(t->out, cdn_buf_get(&t->failures));
        return;
    }
    cdn_buf_z(t->out, "{\"failures\":[");
    cdn_buf_str(t->out, cdn_buf_get(&t->failures));
    cdn_buf_z(t->out, "],\"file\":");
    cdn_buf_json(t->out, sc->pos.file < t->rb->file_count ? t->rb->files[sc->pos.file] : CDN_STR(""));
    cdn_buf_printf(t->out,
                   ",\"line\":%u,\"passed\":%s,\"scenario\":",
                   sc->pos.line,
                   t->failure_count ? "false" : "true");
    cdn_buf_json(t->out, sc->title);
    cdn_buf_z(t->out, "}\n");
}

static int run_one(struct cdn_trial *t, struct cordon_error *e) {
    struct cdn_decision d, all;
    struct cordon_error why = {0};
    cdn_arena_reset(&t->arena);
    cdn_buf_clear(&t->failures);
    t->failure_count = 0;
    int err = cdn_trial_decide(t, t->scenario->at.at, false, &d, &why);
    err = err ? err : cdn_trial_decide(t, t->scenario->at.at, true, &all, &why);
    if (err == CORDON_E_NOMEM) {
        return cdn_fail(e, err, "no memory to decide \"%.*s\"", CDN_FMT(t->scenario->title));
    }
    if (err) {
        cdn_trial_fail(
            t, t->scenario->pos, "no decision: %s%s%s", why.message, why.hint[0] ? "; " : "", why.hint);
        return 0;
    }
    cdn_trial_compare(t, &d, &all);
    return t->options->coverage ? cdn_trial_cover(t, &all, e) : 0;
}

static bool contains(cordon_str text, cordon_str part) {
    for (size_t i = 0; part.n <= text.n && i <= text.n - part.n; i++) {
        if (cdn_str_eq(cdn_str(text.p + i, part.n), part)) {
            return true;
        }
    }
    return false;
}

static int run_all(struct cdn_trial *t, struct cdn_trial_result *ret, struct cordon_error *e) {
    for (uint32_t i = 0; i < t->rb->scenario_count; i++) {
        t->scenario = &t->rb->scenarios[i];
        if (!contains(t->scenario->title, t->options->only)) {
            continue;
        }
        const int err = run_one(t, e);
        if (err) {
            return err;
        }
        report(t);
        ret->scenarios++;
        ret->passed += t->failure_count == 0;
        ret->failed += t->failure_count != 0;
    }
    ret->uncovered = t->options->coverage ? cdn_trial_uncovered(t) : 0;
    return t->out->err ? cdn_fail(e, t->out->err, "the report could not be written") : 0;
}

/* Measures of the rulebook → measures of the snapshot, by id. */
static int map_measures(struct cdn_trial *t, const struct cordon_alloc *alloc, struct cordon_error *e) {
    struct cdn_map ids;
    int err = 0;
    cdn_map_init(&ids, alloc);
    for (uint32_t i = 0; i < t->snapshot->count[CDN_T_MEASURE] && !err; i++) {
        err = cdn_map_put(&ids, cdn_snap_str(t->snapshot, t->snapshot->measures[i].id), i, NULL);
    }
    for (uint32_t i = 0; i < t->rb->measure_count && !err; i++) {
        size_t index;
        if (!cdn_map_get(&ids, t->rb->measures[i].id, &index)) {
            err = cdn_fail(
                e, CORDON_E_NAME, "the snapshot has no measure %.*s", CDN_FMT(t->rb->measures[i].id));
        } else {
            t->snapshot_measure[i] = (uint32_t)index;
        }
    }
    cdn_map_free(&ids);
    return err;
}

int cdn_trial_run(const struct cdn_rulebook *rb,
                  const struct cdn_snapshot *snapshot,
                  const struct cdn_trial_options *options,
                  const struct cordon_alloc *alloc,
                  struct cdn_buf *out,
                  struct cdn_trial_result *ret,
                  struct cordon_error *e) {
    struct cdn_arena own;
    struct cdn_trial t = {.rb = rb, .snapshot = snapshot, .options = options, .out = out};
    struct cdn_trial_result result = {.measures = rb->measure_count};
    cdn_arena_init(&own, alloc, ARENA_LIMIT);
    cdn_arena_init(&t.arena, alloc, ARENA_LIMIT);
    cdn_buf_init(&t.failures, alloc, 1u << 20);
    t.snapshot_measure = cdn_arena_zero(&own, rb->measure_count + 1u, sizeof *t.snapshot_measure);
    t.proof = cdn_arena_zero(&own, snapshot->count[CDN_T_MEASURE] + 1u, sizeof *t.proof);
    int err = t.snapshot_measure && t.proof ? 0 : cdn_fail(e, CORDON_E_NOMEM, "no memory for the scenarios");
    err = err ? err : map_measures(&t, alloc, e);
    err = err ? err : cdn_decider_new(snapshot, alloc, &t.decider, e);
    err = err ? err : run_all(&t, &result, e);
    cdn_decider_free(t.decider);
    cdn_buf_free(&t.failures);
    cdn_arena_free(&t.arena);
    cdn_arena_free(&own);
    if (!err) {
        *ret = result;
    }
    return err;
}
