/* SPDX-License-Identifier: Apache-2.0 */
/* screen.c: one party against the lists of the active snapshot, through the public screener; the body's
 * members are those of its query. Nothing is recorded. */
#include "service/priv.h"

#include "cordon/screen.h"

static const char *const members[] = {"name",
                                      "names",
                                      "type",
                                      "birth_dates",
                                      "birth_places",
                                      "addresses",
                                      "nationalities",
                                      "countries",
                                      "gender",
                                      "identifiers",
                                      "lists",
                                      "sure",
                                      "review",
                                      NULL};

struct query {
    struct cdn_body body;
    cordon_screen_party party;
    cordon_screen_options options;
    struct cordon_error *e;
};

static int identifiers(struct query *q) {
    static const char *const names[] = {"kind", "country", "value", NULL};
    const cordon_str list = cdn_body_raw(&q->body, "identifiers");
    cordon_str item;
    size_t at = 0, n = 0;
    int err = 0;
    if (!list.n)
        return 0;
    cordon_screen_identifier *ids = cdn_arena_zero(q->body.arena, CDN_MAX_IDENTIFIERS, sizeof(*ids));
    if (!ids)
        return cdn_service_no_memory(q->e);
    while (!err && list.p[0] == '[' && cdn_body_item(list, &at, &item)) {
        struct cdn_body b;
        if (n == CDN_MAX_IDENTIFIERS)
            return cdn_fail(q->e, CORDON_E_LIMIT, "more than %d identifiers", CDN_MAX_IDENTIFIERS);
        err = cdn_body_read(item, names, q->body.arena, &b, q->e);
        err = err ? err : cdn_body_text(&b, "kind", &ids[n].kind, q->e);
        err = err ? err : cdn_body_text(&b, "country", &ids[n].country, q->e);
        err = err ? err : cdn_body_text(&b, "value", &ids[n].value, q->e);
        n++;
    }
    q->party.identifiers = ids;
    q->party.identifier_count = n;
    return err;
}

static int read_query(struct query *q, cordon_str text, struct cdn_arena *arena) {
    cordon_screen_party *p = &q->party;
    uint64_t sure = CORDON_SCREEN_SURE_DEFAULT, review = CORDON_SCREEN_REVIEW_DEFAULT;
    cordon_str *name = cdn_arena_zero(arena, 1, sizeof(*name));
    int err = name ? cdn_body_read(text, members, arena, &q->body, q->e) : cdn_service_no_memory(q->e);
    err = err ? err : cdn_body_text(&q->body, "name", name, q->e);
    err = err ? err : cdn_body_texts(&q->body, "names", &p->names, &p->name_count, q->e);
    err = err ? err : cdn_body_text(&q->body, "type", &p->type, q->e);
    err = err ? err : cdn_body_texts(&q->body, "birth_dates", &p->births, &p->birth_count, q->e);
    err = err ? err : cdn_body_texts(&q->body, "birth_places", &p->birth_places, &p->birth_place_count, q->e);
    err = err ? err : cdn_body_texts(&q->body, "addresses", &p->addresses, &p->address_count, q->e);
    err =
        err ? err : cdn_body_texts(&q->body, "nationalities", &p->nationalities, &p->nationality_count, q->e);
    err = err ? err : cdn_body_texts(&q->body, "countries", &p->countries, &p->country_count, q->e);
    err = err ? err : cdn_body_text(&q->body, "gender", &p->gender, q->e);
    err = err ? err : cdn_body_texts(&q->body, "lists", &q->options.lists, &q->options.list_count, q->e);
    err = err ? err : cdn_body_count(&q->body, "sure", &sure, q->e);
    err = err ? err : cdn_body_count(&q->body, "review", &review, q->e);
    err = err ? err : identifiers(q);
    if (!err && (sure > 1000 || review > 1000))
        err = cdn_fail(q->e, CORDON_E_RANGE, "thresholds are 0 to 1000");
    if (!err && !p->name_count && name->n) {
        p->names = name;
        p->name_count = 1;
    }
    q->options.sure = (uint32_t)sure;
    q->options.review = (uint32_t)review;
    return err;
}

static void text(struct cdn_buf *b, const char *name, cordon_str v) {
    cdn_buf_z(b, name);
    cdn_buf_json(b, v);
}

static const char *verdict_name(int v) {
    return v == CORDON_SCREEN_SURE ? "sure" : v == CORDON_SCREEN_POSSIBLE ? "possible" : "no";
}

static int write_candidate(cordon_screener *s, uint32_t i, struct cdn_buf *out, struct cordon_error *e) {
    cordon_candidate c;
    cordon_str why = {NULL, 0};
    int err = cordon_screen_candidate(s, i, &c);
    err = err ? err : cordon_screen_explain(s, i, &why, e);
    if (err)
        return err;
    text(out, "{\"asked\":", c.asked);
    cdn_buf_printf(out, ",\"by_identifier\":%s", c.by_identifier ? "true" : "false");
    text(out, ",\"entry\":", c.entry);
    text(out, ",\"listed\":", cdn_str_z(c.listed));
    cdn_buf_z(out, ",\"lists\":[");
    for (uint32_t k = 0; k < c.list_count; k++) {
        cordon_screen_list l;
        if (cordon_screen_candidate_list(s, i, k, &l) == 0)
            text(out, k ? "," : "", l.id);
    }
    text(out, "],\"name\":", c.name);
    cdn_buf_printf(out, ",\"score\":%u", c.score);
    text(out, ",\"source\":", c.source);
    text(out, ",\"strength\":", cdn_str_z(c.strength));
    text(out, ",\"title\":", c.title);
    text(out, ",\"type\":", cdn_str_z(c.type));
    text(out, ",\"verdict\":", cdn_str_z(verdict_name(c.verdict)));
    text(out, ",\"why\":", why);
    cdn_buf_char(out, '}');
    return out->err;
}

static int write_result(struct cdn_service_worker *w,
                        const cordon_screen_result *r,
                        int64_t at,
                        struct cdn_buf *out,
                        struct cordon_error *e) {
    int err = 0;
    cdn_buf_z(out, "{\"at\":\"");
    cdn_time_write(out, at);
    cdn_buf_z(out, "\",\"candidates\":[");
    for (uint32_t i = 0; i < r->count && !err; i++) {
        cdn_buf_z(out, i ? "," : "");
        err = write_candidate(w->screener, i, out, e);
    }
    cdn_buf_printf(out, "],\"partial\":%s", r->partial ? "true" : "false");
    text(out, ",\"snapshot\":", cdn_str_z(w->digest));
    text(out,
         ",\"verdict\":",
         cdn_str_z(r->partial && r->verdict == CORDON_SCREEN_NO ? "possible" : verdict_name(r->verdict)));
    cdn_buf_char(out, '}');
    return err ? err : out->err;
}

int cdn_service_screen(struct cdn_service_worker *w,
                       const struct cdn_service_ask *ask,
                       struct cdn_buf *out,
                       struct cordon_error *e) {
    const struct cdn_service_time now = cdn_service_now(w->s);
    struct query q = {.e = e};
    cordon_screen_result result;
    uint8_t refusal = 0;
    int64_t at = 0;
    int err = cdn_may_read(ask, e);
    err = err ? err : cdn_service_instant(w->s, &now, &at, &refusal, e);
    err = err ? err : cdn_worker_follow(w, e);
    cdn_arena_reset(&w->request_memory);
    cordon_screen_party_init(&q.party);
    cordon_screen_options_init(&q.options);
    err = err ? err : read_query(&q, ask->body, &w->request_memory);
    q.options.at = at;
    if (!err && !w->screener)
        err = cordon_screener_new((cordon_snapshot *)(void *)w->snapshot, w->s->alloc, &w->screener, e);
    err = err ? err : cordon_screen(w->screener, &q.party, &q.options, &result, e);
    return err ? err : write_result(w, &result, at, out, e);
}
