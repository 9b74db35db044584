/* SPDX-License-Identifier: Apache-2.0 */
/* workload.c: see workload.h. A benchmark's program: out of memory or a damaged file ends it. */
#include "workload.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *lowest, *highest; /* memory taken since lowest was NULL */
static void *take(struct cdn_workload *w, size_t n, size_t size) {
    void *p = cdn_arena_zero(&w->arena, n ? n : 1, size);
    if (!p)
        abort();
    lowest = lowest && lowest < (char *)p ? lowest : p;
    highest = highest > (char *)p + n * size ? highest : (char *)p + n * size;
    return p;
}
static cordon_str keep(struct cdn_workload *w, const char *text) {
    cordon_str s;
    if (!text || cdn_arena_str(&w->arena, cdn_str_z(text), &s) < 0)
        abort();
    return s;
}
static char *read_xz(const char *dir, const char *name) {
    char command[1200];
    snprintf(command, sizeof command, "xz -dc '%s/%s.xz' 2>/dev/null", dir, name);
    FILE *f = popen(command, "r");
    char *text = NULL;
    size_t n = 0, cap = 0;
    for (;;) {
        if (n + 65537 > cap) {
            cap = cap ? cap * 2 : 1 << 20;
            text = realloc(text, cap);
        }
        const size_t got = f && text ? fread(text + n, 1, 65536, f) : 0;
        if (!got)
            break;
        n += got;
    }
    if (f)
        pclose(f);
    if (!text || !n) {
        free(text);
        return NULL;
    }
    text[n] = 0;
    return text;
}
static uint32_t number(struct cdn_workload *w, cordon_str *names, uint32_t *count, const char *text) {
    for (uint32_t i = 0; i < *count; i++) {
        if (cdn_str_eq(names[i], cdn_str_z(text)))
            return i;
    }
    names[*count] = keep(w, text);
    return (*count)++;
}
static const char *text_of(const json_t *o, const char *key) {
    return json_string_value(json_object_get(o, key));
}
static uint16_t packed(const char *code) {
    return code ? (uint16_t)(((unsigned)(uint8_t)code[0] << 8) | (uint8_t)code[1]) : 0;
}

static int load_measures(struct cdn_workload *w, const char *dir) {
    char *text = read_xz(dir, "measures.json");
    json_t *all = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    if (!json_is_array(all))
        return -1;
    w->measure_count = (uint32_t)json_array_size(all);
    w->measures = take(w, w->measure_count, sizeof *w->measures);
    for (uint32_t i = 0; i < w->measure_count; i++) {
        const json_t *o = json_array_get(all, i);
        struct cdn_workload_measure *m = &w->measures[i];
        m->id = keep(w, text_of(o, "id"));
        m->licence = keep(w, text_of(o, "licence"));
        m->action = number(w, w->actions, &w->action_count, text_of(o, "action"));
        m->service = number(w, w->services, &w->service_count, text_of(o, "service"));
        m->from = json_integer_value(json_object_get(o, "from"));
        m->except_existing = json_is_true(json_object_get(o, "except_existing"));
        m->except_ngo = json_is_true(json_object_get(o, "except_ngo"));
        const json_t *countries = json_object_get(o, "countries");
        for (size_t k = 0; k < json_array_size(countries) && m->country_count < 64; k++) {
            const char *code = json_string_value(json_array_get(countries, k));
            m->countries[m->country_count++] = packed(code);
            number(w, w->countries, &w->country_count, code);
        }
    }
    json_decref(all);
    return 0;
}

static struct cdn_value *code_value(struct cdn_workload *w,
                                    uint8_t type,
                                    const cordon_str *texts,
                                    uint32_t n) {
    struct cdn_value *v = take(w, 1, sizeof *v);
    uint64_t *hashes = take(w, n, sizeof *hashes);
    cordon_str *copy = take(w, n, sizeof *copy);
    for (uint32_t i = 0; i < n; i++) {
        copy[i] = texts[i];
        hashes[i] = cdn_hash(texts[i], 0);
    }
    *v = (struct cdn_value){
        .have = CDN_HAVE_VALUE, .type = type, .count = (uint16_t)n, .texts = copy, .hashes = hashes};
    return v;
}
static struct cdn_value *text_value(struct cdn_workload *w, uint8_t type, const char *text) {
    const cordon_str s = keep(w, text);
    return code_value(w, type, &s, 1);
}
static struct cdn_party *customer(struct cdn_workload *w,
                                  const json_t *o,
                                  const struct cdn_workload_request *x,
                                  cordon_str service) {
    struct cdn_party *p = take(w, 1, sizeof *p);
    p->role = CDN_ROLE_CUSTOMER;
    cdn_fact_put(p->facts, CDN_FACT_ID, text_value(w, CDN_TYPE_TEXT, text_of(o, "customer")));
    cdn_fact_put(p->facts, CDN_FACT_KIND, text_value(w, CDN_TYPE_CODE, text_of(o, "kind")));
    cdn_fact_put(p->facts, CDN_FACT_LICENCES, code_value(w, CDN_TYPE_CODES, x->licences, x->licence_count));
    struct cdn_evidence *e = take(w, 1, sizeof *e);
    *e = (struct cdn_evidence){.kind = CDN_EVIDENCE_DECLARED_COUNTRY,
                               .have = CDN_HAVE_VALUE,
                               .country = x->country,
                               .text = keep(w, text_of(o, "country"))};
    p->evidence = e;
    p->evidence_count = 1;
    struct cdn_relation *r = take(w, 1, sizeof *r);
    *r = (struct cdn_relation){.service = service,
                               .service_hash = cdn_hash(service, 0),
                               .since_have = CDN_HAVE_VALUE,
                               .since = cdn_when_instant(x->since)};
    p->relations = r;
    p->relation_count = 1;
    p->relations_have = CDN_HAVE_VALUE;
    struct cdn_given_fact *given = take(w, 1, sizeof *given);
    *given = (struct cdn_given_fact){
        CDN_STR("tier"), cdn_hash(CDN_STR("tier"), 0), *text_value(w, CDN_TYPE_NONE, text_of(o, "tier"))};
    p->given = given;
    p->given_count = 1;
    return p;
}
static struct cdn_request *request_of(struct cdn_workload *w,
                                      const json_t *o,
                                      const struct cdn_workload_request *x) {
    struct cdn_request *r = take(w, 1, sizeof *r);
    r->action = w->actions[x->action];
    r->service = w->services[x->service];
    cdn_fact_put(r->facts, CDN_FACT_CHANNEL, text_value(w, CDN_TYPE_CODE, text_of(o, "channel")));
    r->parties = customer(w, o, x, r->service);
    r->party_count = 1;
    struct cdn_object *payment = take(w, 1, sizeof *payment);
    struct cdn_value *amount = take(w, 1, sizeof *amount);
    *amount = (struct cdn_value){.have = CDN_HAVE_VALUE, .type = CDN_TYPE_MONEY};
    amount->money.amount = (struct cdn_decimal){json_integer_value(json_object_get(o, "amount")), 2};
    memcpy(amount->money.currency, text_of(o, "currency"), 4);
    payment->kind = CDN_OBJECT_PAYMENT;
    cdn_fact_put(payment->facts, CDN_FACT_AMOUNT, amount);
    r->objects = payment;
    r->object_count = 1;
    if (cdn_request_finish(r, NULL) < 0)
        abort();
    return r;
}
static void load_request(struct cdn_workload *w, const char *line, struct cdn_workload_request *x) {
    json_t *o = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL);
    if (!o)
        abort();
    x->action = number(w, w->actions, &w->action_count, text_of(o, "action"));
    x->service = number(w, w->services, &w->service_count, text_of(o, "service"));
    x->country = packed(text_of(o, "country"));
    number(w, w->countries, &w->country_count, text_of(o, "country"));
    x->ngo = strcmp(text_of(o, "kind"), "ngo") == 0;
    x->time = json_integer_value(json_object_get(o, "time"));
    x->since = json_integer_value(json_object_get(o, "since"));
    const json_t *licences = json_object_get(o, "licences");
    for (size_t i = 0; i < json_array_size(licences) && i < 8; i++)
        x->licences[x->licence_count++] = keep(w, json_string_value(json_array_get(licences, i)));
    lowest = highest = NULL;
    x->request = request_of(w, o, x);
    x->memory_size = (size_t)(highest - lowest);
    x->memory = x->memory_size < 65536 ? lowest : NULL;
    json_decref(o);
}
static void load_expected(struct cdn_workload *w, const char *line, struct cdn_workload_request *x) {
    json_t *o = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL);
    const json_t *ids = json_object_get(o, "measures");
    x->expected_count = (uint32_t)json_array_size(ids);
    x->expected = take(w, x->expected_count, sizeof *x->expected);
    for (uint32_t i = 0; i < x->expected_count; i++)
        x->expected[i] = (uint32_t)strtoul(json_string_value(json_array_get(ids, i)) + 1, NULL, 10);
    json_decref(o);
}
static int each_line(struct cdn_workload *w,
                     const char *dir,
                     const char *name,
                     void (*load)(struct cdn_workload *, const char *, struct cdn_workload_request *)) {
    char *text = read_xz(dir, name);
    if (!text)
        return -1;
    uint32_t n = 0;
    for (char *line = text; *line && n < w->request_count; n++) {
        load(w, line, &w->requests[n]);
        line = strchr(line, '\n');
        if (!line)
            break;
        line++;
    }
    free(text);
    return n + 1 >= w->request_count ? 0 : -1;
}

/* ---- as a rulebook ------------------------------------------------------------------------------------ */

static struct cdn_expr *op(struct cdn_workload *w, uint8_t kind, struct cdn_expr *a, struct cdn_expr *b) {
    struct cdn_expr *x = take(w, 1, sizeof *x);
    x->op = kind;
    x->count = b ? 2 : 1;
    x->children = take(w, 2, sizeof(struct cdn_expr *));
    x->children[0] = a;
    x->children[1] = b;
    return x;
}
static struct cdn_expr *test(struct cdn_workload *w, struct cdn_test t) {
    struct cdn_expr *x = take(w, 1, sizeof *x);
    x->op = CDN_EXPR_TEST;
    x->test = take(w, 1, sizeof *x->test);
    *x->test = t;
    x->test->subject = (struct cdn_subject){CDN_SUBJECT_ROLE, CDN_ROLE_CUSTOMER};
    x->test->service = x->test->set = -1;
    return x;
}
static struct cdn_expr *is_code(struct cdn_workload *w, unsigned fact, cordon_str code) {
    cordon_str *texts = take(w, 1, sizeof *texts);
    *texts = code;
    return test(w,
                (struct cdn_test){.kind = CDN_TEST_FACT,
                                  .cmp = CDN_CMP_IN,
                                  .fact = (uint16_t)fact,
                                  .texts = texts,
                                  .text_count = 1});
}
static void to_measure(struct cdn_workload *w, const struct cdn_workload_measure *x, struct cdn_measure *m) {
    *m = (struct cdn_measure){.id = x->id,
                              .class_ = CDN_CLASS_MEASURE,
                              .basis = CDN_BASIS_LAW,
                              .operator= - 1,
                              .standard = CDN_STANDARD_ANY,
                              .if_unknown = CORDON_VERDICT_HOLD,
                              .if_contradictory = CORDON_VERDICT_HOLD,
                              .effective = {.at = x->from, .written = CDN_STR("t")}};
    struct cdn_test in = {
        .kind = CDN_TEST_EVIDENCE, .evidence = CDN_EVIDENCE_DECLARED_COUNTRY, .standard = CDN_STANDARD_ANY};
    in.places.count = x->country_count;
    in.places.items = take(w, x->country_count, sizeof *in.places.items);
    for (uint32_t i = 0; i < x->country_count; i++)
        in.places.items[i] = (struct cdn_place){.kind = CDN_PLACE_COUNTRY, .country = x->countries[i]};
    m->when = test(w, in);
    m->excepts = take(w, 2, sizeof *m->excepts);
    if (x->except_existing) {
        const struct cdn_test is_new = {.kind = CDN_TEST_NEW, .when = cdn_when_instant(x->from)};
        m->excepts[m->except_count++].when = op(w, CDN_EXPR_NOT, test(w, is_new), NULL);
    }
    if (x->except_ngo)
        m->excepts[m->except_count++].when = op(w,
                                                CDN_EXPR_AND,
                                                is_code(w, CDN_FACT_KIND, CDN_STR("ngo")),
                                                is_code(w, CDN_FACT_LICENCES, x->licence));
    m->outcome_count = 1;
    m->outcomes = take(w, 1, sizeof *m->outcomes);
    struct cdn_outcome *o = m->outcomes;
    *o = (struct cdn_outcome){.verdict = CORDON_VERDICT_DENY,
                              .form = CDN_FORM_REFUSE,
                              .scope = CDN_SCOPE_REQUEST,
                              .action_count = 1,
                              .service_count = 1};
    o->actions = take(w, 1, sizeof *o->actions);
    o->services = take(w, 1, sizeof *o->services);
    o->actions[0] = x->action;
    o->services[0] = x->service;
}
static void declare(struct cdn_workload *w, struct cdn_rulebook *rb) {
    rb->action_count = w->action_count;
    rb->service_count = w->service_count;
    rb->actions = take(w, w->action_count, sizeof *rb->actions);
    rb->services = take(w, w->service_count, sizeof *rb->services);
    for (uint32_t i = 0; i < w->action_count; i++)
        rb->actions[i] = (struct cdn_action){.id = w->actions[i], .needs_roles = 1u << CDN_ROLE_CUSTOMER};
    for (uint32_t i = 0; i < w->service_count; i++)
        rb->services[i] = (struct cdn_service){.id = w->services[i], .operator= - 1 };
}
static void to_rulebook(struct cdn_workload *w) {
    w->rulebook = take(w, 1, sizeof *w->rulebook);
    declare(w, w->rulebook);
    w->rulebook->measure_count = w->measure_count;
    w->rulebook->measures = take(w, w->measure_count, sizeof(struct cdn_measure));
    for (uint32_t i = 0; i < w->measure_count; i++)
        to_measure(w, &w->measures[i], &w->rulebook->measures[i]);
}

struct cdn_rulebook *cdn_workload_pile(struct cdn_workload *w, uint32_t copies) {
    struct cdn_rulebook *rb = take(w, 1, sizeof *rb);
    declare(w, rb);
    rb->measure_count = copies;
    rb->measures = take(w, copies, sizeof *rb->measures);
    for (uint32_t i = 0; i < copies; i++) {
        struct cdn_workload_measure x = w->measures[i % w->measure_count];
        char id[16];
        snprintf(id, sizeof id, "pile%u", i);
        x.id = keep(w, id);
        x.action = x.service = 0;
        x.from = 0;
        x.except_existing = x.except_ngo = false;
        x.countries[0] = packed("RU");
        to_measure(w, &x, &rb->measures[i]);
    }
    return rb;
}

int cdn_workload_load(const char *dir, struct cdn_workload *w) {
    memset(w, 0, sizeof *w);
    cdn_arena_init(&w->arena, &cdn_alloc_libc, 0);
    w->request_count = 10000;
    w->requests = take(w, w->request_count, sizeof *w->requests);
    if (load_measures(w, dir) < 0 || each_line(w, dir, "requests.jsonl", load_request) < 0 ||
        each_line(w, dir, "expected.jsonl", load_expected) < 0) {
        printf("skipped: no workload in %s\n", dir);
        cdn_arena_free(&w->arena);
        return -1;
    }
    to_rulebook(w);
    return 0;
}

void cdn_workload_free(struct cdn_workload *w) {
    cdn_arena_free(&w->arena);
}
