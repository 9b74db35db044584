/* SPDX-License-Identifier: Apache-2.0 */
/* decide.c: a complete program: opens a snapshot, reads a request as JSON, decides it, says why.
 *
 *     cc decide.c $(pkg-config --cflags --libs cordon-json cordon) -o decide
 *     ./decide rules.snapshot request.json
 *
 * Exit status 0 only when the request is allowed: whatever fails, the thing does not happen. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cordon/cordon.h>
#include <cordon/json.h>

enum { MOST = 1 << 20 };

static size_t read_file(const char *path, char *to, size_t size) {
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        return 0;
    }
    const size_t n = fread(to, 1, size, in);
    (void)fclose(in);
    return n;
}

static int failed(const cordon_error *e) {
    (void)fprintf(
        stderr, "%s %s (line %u, column %u)\n  %s\n", e->where, e->message, e->line, e->column, e->hint);
    return EXIT_FAILURE;
}

static void print_reasons(const cordon_decision *decision) {
    for (uint32_t i = 0; i < cordon_decision_measure_count(decision); i++) {
        cordon_decision_measure m;
        if (cordon_decision_get_measure(decision, i, &m) == CORDON_OK) {
            printf("  %.*s: %s, %s\n", (int)m.id.n, m.id.p, m.standing, cordon_verdict_name((int)m.verdict));
        }
    }
    for (uint32_t i = 0; i < cordon_decision_missing_count(decision); i++) {
        cordon_missing missing;
        if (cordon_decision_get_missing(decision, i, &missing) == CORDON_OK) {
            printf("  missing: %.*s (%.*s)\n",
                   (int)missing.fact.n,
                   missing.fact.p,
                   (int)missing.why.n,
                   missing.why.p);
        }
    }
    const cordon_str notice = cordon_decision_notice(decision, cordon_text("en"));
    if (notice.n > 0) {
        printf("  %.*s\n", (int)notice.n, notice.p);
    }
}

int main(int argc, char **argv) {
    static char text[MOST];
    if (argc != 3) {
        (void)fprintf(stderr, "usage: %s SNAPSHOT REQUEST.json\n", argv[0]);
        return EXIT_FAILURE;
    }
    cordon_error error;
    cordon_snapshot *snapshot = NULL;
    cordon_decider *decider = NULL;
    cordon_request *request = NULL;
    const cordon_decision *decision = NULL;
    cordon_verdict verdict = CORDON_VERDICT_NONE;

    const size_t n = read_file(argv[2], text, sizeof(text));
    int err = cordon_snapshot_open(argv[1], NULL, &snapshot, &error);
    if (err == CORDON_OK) {
        err = cordon_request_from_json((cordon_str){text, n}, NULL, &request, &error);
    }
    if (err == CORDON_OK) {
        err = cordon_decider_new(snapshot, NULL, &decider, &error);
    }
    if (err == CORDON_OK) {
        int64_t at = (int64_t)time(NULL); /* a service decides for its own now; here the request may choose */
        (void)(cordon_request_at(request, &at) == CORDON_OK);
        err = cordon_decide(decider, request, at, &decision, &error);
    }
    if (err == CORDON_OK) {
        verdict = cordon_decision_verdict(decision);
        printf("%s\n", cordon_verdict_name((int)verdict));
        print_reasons(decision);
    } else {
        (void)failed(&error);
    }
    cordon_request_free(request);
    cordon_decider_free(decider);
    cordon_snapshot_unref(snapshot);
    return verdict == CORDON_VERDICT_ALLOW ? EXIT_SUCCESS : EXIT_FAILURE;
}
