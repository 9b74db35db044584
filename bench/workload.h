/* SPDX-License-Identifier: Apache-2.0 */
/* workload.h: the neutral decision workload (measures, requests, expected answers) as Cordon sees it.
 *
 * A measure of the workload forbids ACTION on SERVICE for customers whose country is in a set, from a
 * date, except existing customers, except NGOs that hold a licence. In the measure language:
 *
 *     measure m00001
 *         effective  2022-01-14T00:00:00Z
 *         deny       train_model on svc_04
 *         when       customer.declared_country in {AF, HT, RU}
 *         except     customer is existing
 *         except     customer.kind is ngo and customer.licences in {GL-42}                              */
#ifndef CDN_BENCH_WORKLOAD_H
#define CDN_BENCH_WORKLOAD_H

#include "model/request.h"
#include "rulebook/rulebook.h"

struct cdn_workload_measure {
    cordon_str id, licence;
    uint32_t action, service; /* index */
    uint16_t countries[64];   /* packed */
    uint32_t country_count;
    int64_t from;
    bool except_existing, except_ngo;
};
/* A request as a program that knows the workload would hold it. */
struct cdn_workload_request {
    uint32_t action, service;
    uint16_t country;
    bool ngo;
    int64_t time, since;
    cordon_str licences[8];
    uint32_t licence_count;
    struct cdn_request *request;
    const char *memory; /* of `request` and all that it points to; NULL: not in one piece */
    size_t memory_size;
    uint32_t *expected; /* measure numbers, ascending */
    uint32_t expected_count;
};
struct cdn_workload {
    struct cdn_arena arena;
    cordon_str actions[256], services[256];
    uint32_t action_count, service_count;
    cordon_str countries[512];
    uint32_t country_count;
    struct cdn_workload_measure *measures;
    uint32_t measure_count;
    struct cdn_workload_request *requests;
    uint32_t request_count;
    struct cdn_rulebook *rulebook;
};
/* Reads DIR/{measures.json,requests.jsonl,expected.jsonl}.xz through xz(1). 0, or prints what is wrong. */
int cdn_workload_load(const char *dir, struct cdn_workload *w);
void cdn_workload_free(struct cdn_workload *w);
/* The rulebook of only these measures made `copies` times, all with the one action, service and country. */
struct cdn_rulebook *cdn_workload_pile(struct cdn_workload *w, uint32_t copies);

#endif
