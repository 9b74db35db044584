/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_explain.c: cordon explain: a decision with every measure considered, for people or as JSON. */
#include <string.h>

#include "cli.h"

enum { AT, ALL, JSON };
static const struct option options[] = {
    [AT] = {"--at", 0, "INSTANT", "decide for it, whatever the request asks for"},
    [ALL] = {"--all", 'a', NULL, "also the reasons of measures that do not apply"},
    [JSON] = {"--json", 0, NULL, "as JSON, all measures"},
};

/* Measures that had a say; licences and statutes are named beside those that they bear upon. */
static bool counts(const cordon_decision_measure *m) {
    const bool restricts = strcmp(m->standing, "applied") == 0 || strcmp(m->standing, "held") == 0;
    return (restricts && m->verdict != CORDON_VERDICT_NONE) || strcmp(m->standing, "lifted") == 0 ||
           strcmp(m->standing, "excepted") == 0 || strcmp(m->standing, "presumed") == 0;
}

static void print_because(
    const cordon_decision *d, uint32_t measure, uint32_t i, bool presumed_only, const struct paint *p) {
    cordon_because c;
    if (cordon_decision_get_because(d, measure, i, &c) != CORDON_OK || (presumed_only && !c.presumed))
        return;
    (void)printf("      %s%-13s%s %.*s", p->bold, cordon_truth_name(c.value), p->off, STR_FMT(c.fact));
    if (c.is.n)
        (void)printf("  %s→ %.*s%s", p->blue, STR_FMT(c.is), p->off);
    if (c.presumed)
        (void)printf("  (presumed)");
    for (uint32_t k = 0; k < c.evidence_count; k++) {
        char pointer[CORDON_POINTER_TEXT];
        int against = 0;
        if (cordon_decision_get_evidence(d, measure, i, k, pointer, &against) == CORDON_OK)
            (void)printf("  %s%s%s%s", p->dim, against ? "against " : "", pointer, p->off);
    }
    (void)putchar('\n');
}

static void print_measure(
    const cordon_decision *d, const cordon_snapshot *s, uint32_t i, bool all, const struct paint *p) {
    cordon_decision_measure m;
    cordon_measure what;
    if (cordon_decision_get_measure(d, i, &m) != CORDON_OK ||
        cordon_snapshot_measure(s, m.number, &what) != CORDON_OK)
        return;
    (void)printf("  %s%.*s%s  %s", p->bold, STR_FMT(m.id), p->off, m.standing);
    if (m.lifted_by.n)
        (void)printf(" by %.*s", STR_FMT(m.lifted_by));
    if (counts(&m))
        (void)printf("  %s%s%s", verdict_paint(p, m.verdict), cordon_verdict_name((int)m.verdict), p->off);
    (void)printf("\n      %.*s", STR_FMT(what.title));
    (void)printf(
        "  %s(%s%s%.*s)%s\n", p->dim, what.basis, what.legal.n ? ": " : "", STR_FMT(what.legal), p->off);
    if (m.why_not.n)
        (void)printf("      %.*s\n", STR_FMT(m.why_not));
    for (uint32_t k = 0; k < m.because_count; k++)
        print_because(d, i, k, !all && strcmp(m.standing, "presumed") == 0, p);
}

static void print_measures(const cordon_decision *d,
                           const cordon_snapshot *s,
                           bool all,
                           const struct paint *p) {
    const uint32_t count = cordon_decision_measure_count(d);
    uint32_t others = 0;
    bool head = false;
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < count; i++) {
            cordon_decision_measure m;
            if (cordon_decision_get_measure(d, i, &m) != CORDON_OK || counts(&m) != (pass == 0))
                continue;
            if (pass == 1) {
                others++;
                if (!all)
                    continue;
            }
            if (!head)
                (void)printf("\nMeasures\n");
            head = true;
            print_measure(d, s, i, all, p);
        }
    }
    if (others > 0 && !all)
        (void)printf("%s  %u %smeasure%s considered and %s; --all shows why\n",
                     head ? "" : "\nMeasures\n",
                     others,
                     head ? "other " : "",
                     others == 1 ? " was" : "s were",
                     head ? "not applied" : "none applied");
}

static void print_missing(const cordon_decision *d) {
    const uint32_t n = cordon_decision_missing_count(d);
    for (uint32_t i = 0; i < n; i++) {
        cordon_missing m;
        if (cordon_decision_get_missing(d, i, &m) == CORDON_OK)
            (void)printf("%s  %.*s  (%.*s)%s%s\n",
                         i ? "" : "\nMissing\n",
                         STR_FMT(m.fact),
                         STR_FMT(m.why),
                         m.where[0] ? "  " : "",
                         m.where);
    }
}

static void print_duties(const cordon_decision *d) {
    const uint32_t n = cordon_decision_duty_count(d);
    for (uint32_t i = 0; i < n; i++) {
        cordon_duty duty;
        if (cordon_decision_get_duty(d, i, &duty) != CORDON_OK)
            continue;
        char due[CORDON_TIME_TEXT] = "";
        if (duty.due != CORDON_NEVER)
            (void)cordon_time_format(duty.due, due);
        (void)printf("%s  %s %.*s%s%.*s%s%s  (%.*s)\n",
                     i ? "" : "\nDuties\n",
                     duty.kind,
                     STR_FMT(duty.text),
                     duty.to.n ? " to " : "",
                     STR_FMT(duty.to),
                     due[0] ? " by " : "",
                     due,
                     STR_FMT(duty.measure));
    }
}

static void print_rest(const cordon_decision *d, const cordon_snapshot *s) {
    for (uint32_t i = 0; i < cordon_decision_conflict_count(d); i++) {
        cordon_conflict c;
        if (cordon_decision_get_conflict(d, i, &c) == CORDON_OK)
            (void)printf("%s  %.*s: %.*s and %.*s  %.*s\n",
                         i ? "" : "\nConflicts\n",
                         STR_FMT(c.kind),
                         STR_FMT(c.measure),
                         STR_FMT(c.other),
                         STR_FMT(c.text));
    }
    print_missing(d);
    print_duties(d);
    const uint32_t keep = cordon_decision_keep_count(d);
    for (uint32_t i = 0; i < keep; i++)
        (void)printf("%s%.*s%s",
                     i ? ", " : "\nStays allowed: ",
                     STR_FMT(cordon_decision_get_keep(d, i)),
                     i + 1 == keep ? "\n" : "");
    const cordon_str notice = cordon_decision_notice(d, cordon_text("en"));
    if (notice.n)
        (void)printf("\nNotice: %.*s\n", STR_FMT(notice));
    for (uint32_t i = 0; i < cordon_decision_as_of_count(d); i++) {
        cordon_as_of a;
        if (cordon_decision_get_as_of(d, i, &a) == CORDON_OK)
            (void)printf("%s  %.*s  of %.*s%s\n",
                         i ? "" : "\nData used\n",
                         STR_FMT(a.what),
                         STR_FMT(a.date),
                         a.stale ? "  past its age limit: what rests on it is unknown" : "");
    }
    char when[CORDON_TIME_TEXT] = "never";
    if (cordon_decision_changes_at(d) != CORDON_NEVER)
        (void)cordon_time_format(cordon_decision_changes_at(d), when);
    char digest[CORDON_DIGEST_TEXT];
    cordon_snapshot_digest(s, digest);
    (void)printf("\nTime alone changes this answer: %s\nSnapshot %s\n", when, digest);
}

static void print_decision(const cordon_decision *d, const cordon_snapshot *s, bool all) {
    const struct paint *p = paint_for(stdout);
    const cordon_verdict v = cordon_decision_verdict(d);
    char at[CORDON_TIME_TEXT];
    (void)cordon_time_format(cordon_decision_at(d), at);
    (void)printf("%s%s%s%s  at %s\n", p->bold, verdict_paint(p, v), cordon_verdict_name((int)v), p->off, at);
    print_measures(d, s, all, p);
    print_rest(d, s);
}

static int explain(
    cordon_snapshot *s, const char *name, cordon_str text, const struct args *a, const int64_t *fixed) {
    cordon_error e = {0};
    cordon_request *request = NULL;
    cordon_decider *decider = NULL;
    const cordon_decision *decision = NULL;
    cordon_buffer out = {0};
    int64_t at = now();
    int err = cordon_request_from_json(text, NULL, &request, &e);
    if (!err) {
        int64_t asked = 0;
        if (fixed)
            at = *fixed;
        else if (cordon_request_at(request, &asked) == CORDON_OK)
            at = asked;
        err = cordon_decider_new(s, NULL, &decider, &e);
    }
    if (!err)
        err = cordon_explain(decider, request, at, &decision, &e);
    if (!err && a->option[JSON])
        err = cordon_decision_to_json(decision, cordon_text(""), &out, &e);
    int status = EXIT_OK;
    if (err) {
        status = say_error(name, &e);
    } else {
        if (a->option[JSON])
            (void)printf("%.*s\n", (int)out.n, out.p);
        else
            print_decision(decision, s, a->option[ALL] != NULL);
        status = exit_of_verdict(cordon_decision_verdict(decision));
    }
    cordon_buffer_free(&out);
    cordon_decider_free(decider);
    cordon_request_free(request);
    return status;
}

static int run(const struct args *a) {
    const char *input = a->word_count > 1 ? a->words[1] : "-";
    cordon_error e = {0};
    int64_t at = 0;
    if (a->option[AT] && cordon_time_parse(cordon_text(a->option[AT]), &at, &e)) {
        (void)say_error("--at", &e);
        return EXIT_USAGE;
    }
    cordon_snapshot *s = NULL;
    cordon_buffer text = {0};
    if (open_verified(a->words[0], &s, &e))
        return say_error(a->words[0], &e);
    const int status = read_input(input, &text, &e)
                           ? say_error(NULL, &e)
                           : explain(s, input, (cordon_str){text.p, text.n}, a, a->option[AT] ? &at : NULL);
    cordon_buffer_free(&text);
    cordon_snapshot_unref(s);
    return status;
}

const struct command cmd_explain = {
    .name = "explain",
    .usage = "SNAPSHOT [REQUEST.json] [options]",
    .brief = "Decide a request and say why: every measure considered, on what evidence, what is missing.",
    .text = "Without a file, or with `-`, standard input is read.\n"
            "\nExamples:\n"
            "  cordon explain rules.snapshot request.json\n"
            "  cordon explain --all rules.snapshot request.json\n"
            "  cordon explain --json rules.snapshot request.json | jq '.decision.measures[].standing'\n"
            "\nExit status: 0 allow, 10 limit, 11 hold, 12 deny, 13 freeze; 2 usage, 3 bad input, 70 no "
            "decision.\n",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .repeat = -1,
    .least = 1,
    .most = 2,
    .run = run,
};
