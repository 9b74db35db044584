/* SPDX-License-Identifier: Apache-2.0 */
/* build_request.c: a complete program that makes its request in C, without JSON: libcordon alone, which needs
 * nothing but libc.
 *
 *     cc build_request.c $(pkg-config --cflags --libs cordon) -o build_request
 *     ./build_request rules.snapshot RU 2022-03-06T07:00:00Z
 *
 * It asks whether somebody with a billing address and a card of that country may open a cloud account. */
#include <stdio.h>
#include <stdlib.h>

#include <cordon/cordon.h>

#define TRY(call)                                                                                            \
    do {                                                                                                     \
        const int err_ = (call);                                                                             \
        if (err_ != CORDON_OK)                                                                               \
            return err_;                                                                                     \
    } while (0)

static int fill(cordon_request *r, cordon_str country, cordon_error *e) {
    cordon_subject customer;
    cordon_evidence ev;
    TRY(cordon_request_set(r, CORDON_ON_REQUEST, CORDON_STR("action"), CORDON_STR("account.open"), e));
    TRY(cordon_request_set(r, CORDON_ON_REQUEST, CORDON_STR("service"), CORDON_STR("cloud"), e));
    TRY(cordon_request_add_party(r, CORDON_STR("customer"), &customer, e));
    TRY(cordon_request_set(r, customer, CORDON_STR("kind"), CORDON_STR("person"), e));
    TRY(cordon_request_set_none(r, customer, CORDON_STR("relations"), e)); /* known to be new */

    cordon_evidence_init(&ev);
    ev.kind = CORDON_STR("billing_address");
    ev.country = country;
    TRY(cordon_request_add_evidence(r, customer, &ev, e));

    cordon_evidence_init(&ev);
    ev.kind = CORDON_STR("card_issuer");
    ev.value = country;
    TRY(cordon_request_add_evidence(r, customer, &ev, e));
    return cordon_request_finish(r, e);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        (void)fprintf(stderr, "usage: %s SNAPSHOT COUNTRY INSTANT\n", argv[0]);
        return EXIT_FAILURE;
    }
    cordon_error error;
    cordon_snapshot *snapshot = NULL;
    cordon_decider *decider = NULL;
    cordon_request *request = NULL;
    cordon_verdict verdict = CORDON_VERDICT_NONE;
    int64_t at = 0;
    int64_t changes_at = CORDON_NEVER;

    int err = cordon_time_parse(cordon_text(argv[3]), &at, &error);
    if (err == CORDON_OK) {
        err = cordon_snapshot_open(argv[1], NULL, &snapshot, &error);
    }
    if (err == CORDON_OK) {
        err = cordon_request_new(NULL, &request, &error);
    }
    if (err == CORDON_OK) {
        err = fill(request, cordon_text(argv[2]), &error);
    }
    if (err == CORDON_OK) {
        err = cordon_decider_new(snapshot, NULL, &decider, &error);
    }
    if (err == CORDON_OK) {
        err = cordon_decide_verdict(decider, request, at, &verdict, &changes_at, &error);
    }
    if (err != CORDON_OK) {
        (void)fprintf(stderr, "%s\n%s\n", error.message, error.hint);
    }
    printf("%s\n", cordon_verdict_name((int)verdict));
    cordon_decider_free(decider);
    cordon_request_free(request);
    cordon_snapshot_unref(snapshot);
    return verdict == CORDON_VERDICT_ALLOW ? EXIT_SUCCESS : EXIT_FAILURE;
}
