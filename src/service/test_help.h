/* SPDX-License-Identifier: Apache-2.0 */
/* test_help.h: a service in a directory of its own, with a clock that a test sets. */
#ifndef CDN_SERVICE_TEST_HELP_H
#define CDN_SERVICE_TEST_HELP_H

#include "support/fault.h"

#include <pthread.h>
#include <stdatomic.h>

#include "service/service.h"

#define NOON INT64_C(1790856000) /* 2026-10-01T12:00:00Z */

struct help {
    char folder[64], rules[96], data[96];
    struct cdn_service_options o;
    struct cdn_service *s;
    struct cdn_service_worker *w;
    _Atomic int64_t wall;
    struct cdn_service_caller all, decider;
};
/* A fresh directory with the rulebook of the tests, and more measures at its end. */
void help_new(struct help *h, const char *more);
void help_rules(struct help *h, const char *more); /* writes it anew */
void help_open(struct help *h);                    /* fails the test when it cannot */
int help_try_open(struct help *h, struct cordon_error *e);
void help_close(struct help *h);
void help_end(struct help *h); /* closes, removes the directory */

/* Decides and waits for the answer. */
struct cdn_service_reply *help_decide(struct help *h, const char *body, const char *key);
struct cdn_service_reply *help_ask(struct help *h,
                                   struct cdn_service_worker *w,
                                   const struct cdn_service_ask *ask);
/* The same; NULL: without memory even for a refusal. */
struct cdn_service_reply *help_try(struct help *h,
                                   struct cdn_service_worker *w,
                                   const struct cdn_service_ask *ask);
/* Decides, checks the verdict, gives the reply back; the index. */
uint64_t help_verdict(struct help *h, const char *body, int verdict);
/* The whole answer of the library under the snapshot of that digest, for the canonical request of a record.
 */
int help_do(struct help *h,
            const struct cdn_service_caller *who,
            int act,
            const char *id,
            const char *body,
            char ret[65536]);
int help_look(struct help *h, int view, const char *id, char *ret, size_t size);
/* A key with these roles and authorities, as a caller. */
struct cdn_service_caller help_key(struct help *h, const char *roles, const char *authorities);
/* The member's text or number, in place; fails the test when it is not there. */
uint64_t help_number(const char *json, const char *member);
void help_text(const char *json, const char *member, char *ret, size_t size);

/* Requests of the tests. */
#define OPEN_RU                                                                                              \
    "{\"action\":\"account.open\",\"service\":\"shop\",\"parties\":[{\"role\":\"customer\",\"id\":\"c1\","   \
    "\"declared_country\":\"RU\"}]}"
#define OPEN_DE                                                                                              \
    "{\"action\":\"account.open\",\"service\":\"shop\",\"parties\":[{\"role\":\"customer\",\"id\":\"c2\","   \
    "\"evidence\":[{\"kind\":\"declared_country\",\"value\":\"DE\"}]}]}"

#endif
