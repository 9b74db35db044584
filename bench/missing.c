/* SPDX-License-Identifier: Apache-2.0 */
/* missing.c: one attribute is taken out of each request that is denied, and it is decided again (missing.h).
 *
 * Not one may become `allow`, and where the answer is no longer `deny` it must name what is missing. A
 * request that is still denied was not denied for want of that attribute: no measure that denies it asks for
 * it, or another one denies it as well. */
#include "missing.h"

#include <stdio.h>
#include <string.h>

#include "measure.h"

enum attribute { COUNTRY, SINCE, KIND, LICENCES, ATTRIBUTES };

/* What the answer calls it, and what other engines did with the same requests: the README of the workload. */
static const struct {
    const char *name, *called, *others;
} attributes[ATTRIBUTES] = {
    [COUNTRY] = {"country", "customer.declared_country", "Cedar, OPA, zen, Casbin: allow 3,050 of 3,050"},
    [SINCE] = {"since", "customer.since", "Cedar, OPA, zen: allow 1,184 of 3,050"},
    [KIND] = {"kind", "customer.kind", "not recorded"},
    [LICENCES] = {"licences", "customer.licences", "not recorded"},
};

static void take_out(enum attribute what, struct cdn_party *p) {
    switch (what) {
    case COUNTRY:
        p->evidence_count = 0;
        return;
    case SINCE:
        p->relations_have = CDN_HAVE_ABSENT;
        p->relation_count = 0;
        return;
    case KIND:
        cdn_fact_put(p->facts, CDN_FACT_KIND, NULL);
        return;
    case LICENCES:
        cdn_fact_put(p->facts, CDN_FACT_LICENCES, NULL);
        return;
    case ATTRIBUTES:
    default:
        return;
    }
}

struct tally {
    uint32_t denied, allowed, held, still_denied, named, unnamed;
};

static bool names(const struct cdn_decision *d, const char *fact) {
    for (uint32_t i = 0; i < d->missing_count; i++) {
        if (cdn_str_eq(d->missing[i].fact, cdn_str_z(fact)))
            return true;
    }
    return false;
}

static void without(struct cdn_decider *d,
                    const struct cdn_workload_request *x,
                    enum attribute what,
                    struct cdn_arena *arena,
                    struct tally *t) {
    struct cdn_party p = x->request->parties[0];
    struct cdn_request r = *x->request;
    struct cdn_result result;
    struct cdn_decision decision;
    take_out(what, &p);
    r.parties = &p;
    cdn_arena_reset(arena);
    t->denied++;
    if (cdn_decide(d, &r, x->time, &result, NULL) < 0 ||
        cdn_decision_build(d, &r, &result, x->time, false, arena, &decision) < 0) {
        t->unnamed++;
        return;
    }
    t->allowed += decision.verdict == CORDON_VERDICT_ALLOW;
    t->held += decision.verdict == CORDON_VERDICT_HOLD;
    t->still_denied += decision.verdict == CORDON_VERDICT_DENY;
    const bool named = names(&decision, attributes[what].called);
    t->named += named;
    if (!named && decision.verdict != CORDON_VERDICT_DENY) {
        if (!t->unnamed && decision.missing_count)
            printf("  (it names %.*s)\n", CDN_FMT(decision.missing[0].fact));
        t->unnamed++;
    }
}

/* The instant is an argument: without one there is no decision, and the refusal says what is wanted. */
static void without_instant(struct cdn_decider *d, const struct cdn_workload_request *x, struct tally *t) {
    struct cdn_result result;
    struct cordon_error e = {0};
    t->denied++;
    if (cdn_decide(d, x->request, CDN_TIME_MIN, &result, &e) == 0 || result.verdict != CORDON_VERDICT_NONE)
        t->allowed++;
    else if (strstr(e.message, "instant"))
        t->named++;
    else
        t->unnamed++;
}

static void row(const char *name, const struct tally *t, const char *others) {
    printf("  %-10s %7u %8u %6u %8u %8u   %s\n",
           name,
           t->denied,
           t->allowed,
           t->held,
           t->still_denied,
           t->named,
           others);
}

bool bench_missing(struct cdn_decider *d, const struct cdn_workload *w) {
    struct cdn_arena arena;
    uint32_t allowed = 0, unnamed = 0;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    printf("one attribute taken out of each denied request (other engines: recorded with the workload)\n");
    printf("  without     denied  allowed   held  denied named in   other engines\n");
    printf("              before                  still the answer\n");
    for (unsigned what = 0; what <= ATTRIBUTES; what++) {
        struct tally t = {0};
        for (uint32_t i = 0; i < w->request_count; i++) {
            if (!w->requests[i].expected_count)
                continue;
            if (what < ATTRIBUTES)
                without(d, &w->requests[i], (enum attribute)what, &arena, &t);
            else
                without_instant(d, &w->requests[i], &t);
        }
        row(what < ATTRIBUTES ? attributes[what].name : "instant",
            &t,
            what < ATTRIBUTES ? attributes[what].others
                              : "Cedar, OPA, zen, Casbin: allow 3,050 of 3,050 (here: no decision)");
        allowed += t.allowed;
        unnamed += t.unnamed;
    }
    cdn_arena_free(&arena);
    bool met = bench_at_most("a missing fact makes allow of deny", allowed, 0, "requests");
    met &= bench_at_most("answers, no longer deny, that do not name it", unnamed, 0, "answers");
    return met;
}
