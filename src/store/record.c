/* SPDX-License-Identifier: Apache-2.0 */
/* record.c: records of decisions, and records as a whole. Form: record.h, docs/events.md. */
#include "cordon/cordon.h"
#include "store/record_priv.h"

static const char *const windows[] = {NULL, "hour", "day", "month", "year"};
#define VERDICT_COUNT 6
static const char *const verdicts[VERDICT_COUNT] = {"none", "allow", "limit", "hold", "deny", "freeze"};

const char *cdn_window_name(unsigned window) {
    return window < CDN_ARRAY_LEN(windows) ? windows[window] : NULL;
}

int cdn_window_at(unsigned window, int64_t at, int64_t *ret_from, int64_t *ret_until) {
    if (at < CDN_RECORD_TIME_MIN || at > CDN_RECORD_TIME_MAX)
        return CORDON_E_ARG;
    struct cdn_civil c = cdn_civil_from_time(at);
    struct cdn_civil next;
    c.minute = c.second = 0;
    switch ((enum cdn_window)window) {
    case CDN_WINDOW_HOUR:
        *ret_from = cdn_time_from_civil(&c);
        *ret_until = *ret_from + 3600;
        return 0;
    case CDN_WINDOW_DAY:
        c.hour = 0;
        *ret_from = cdn_time_from_civil(&c);
        *ret_until = *ret_from + 86400;
        return 0;
    case CDN_WINDOW_MONTH:
        c.hour = 0;
        c.day = 1;
        next = c;
        next.year += next.month == 12;
        next.month = (uint8_t)(next.month % 12 + 1);
        break;
    case CDN_WINDOW_YEAR:
        c.hour = 0;
        c.day = c.month = 1;
        next = c;
        next.year++;
        break;
    case CDN_WINDOW_NONE:
    default:
        return CORDON_E_ARG;
    }
    *ret_from = cdn_time_from_civil(&c);
    *ret_until = cdn_time_from_civil(&next);
    return 0;
}

/* ---- writing
 * ------------------------------------------------------------------------------------------------ */

static void member(struct cdn_buf *out, bool *first, const char *name) {
    if (!*first)
        cdn_buf_char(out, ',');
    *first = false;
    cdn_buf_char(out, '"');
    cdn_buf_z(out, name);
    cdn_buf_z(out, "\":");
}
static void member_text(struct cdn_buf *out, bool *first, const char *name, cordon_str text) {
    if (!text.n)
        return;
    member(out, first, name);
    cdn_buf_json(out, text);
}

static void write_caps(struct cdn_buf *out, const struct cdn_effects *f) {
    for (size_t i = 0; i < f->cap_count; i++) {
        const struct cdn_effect_cap *c = &f->caps[i];
        bool first = true;
        cdn_buf_char(out, i ? ',' : '[');
        cdn_buf_char(out, '{');
        member(out, &first, "amount");
        cdn_buf_char(out, '"');
        cdn_decimal_write(out, c->amount);
        cdn_buf_char(out, '"');
        member_text(out, &first, "currency", cdn_str_z(c->currency));
        member(out, &first, "from");
        cdn_record_instant(out, c->from);
        member_text(out, &first, "measure", c->measure);
        member_text(out, &first, "party", c->party);
        member_text(out, &first, "window", cdn_str_z(cdn_window_name(c->window)));
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
}

static void write_duties(struct cdn_buf *out, const struct cdn_effects *f) {
    for (size_t i = 0; i < f->duty_count; i++) {
        const struct cdn_effect_duty *d = &f->duties[i];
        bool first = true;
        cdn_buf_char(out, i ? ',' : '[');
        cdn_buf_char(out, '{');
        if (d->due != CDN_INSTANT_NONE) {
            member(out, &first, "due");
            cdn_record_instant(out, d->due);
        }
        member_text(out, &first, "kind", d->kind);
        member_text(out, &first, "measure", d->measure);
        if (d->provisional) {
            member(out, &first, "provisional");
            cdn_buf_z(out, "true");
        }
        member_text(out, &first, "text", d->text);
        member_text(out, &first, "to", d->to);
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
}

static void write_holds(struct cdn_buf *out, const struct cdn_effects *f) {
    for (size_t i = 0; i < f->hold_count; i++) {
        const struct cdn_effect_hold *h = &f->holds[i];
        bool first = true;
        cdn_buf_char(out, i ? ',' : '[');
        cdn_buf_char(out, '{');
        member_text(out, &first, "authority", h->authority);
        member_text(out, &first, "measure", h->measure);
        member(out, &first, "people");
        cdn_buf_int(out, h->people);
        member_text(out, &first, "reason", h->reason);
        cdn_buf_char(out, '}');
    }
    cdn_buf_char(out, ']');
}

static void write_texts(
    struct cdn_buf *out, bool *first, const char *name, const cordon_str *items, size_t count) {
    if (!count)
        return;
    member(out, first, name);
    for (size_t i = 0; i < count; i++) {
        cdn_buf_char(out, i ? ',' : '[');
        cdn_buf_json(out, items[i]);
    }
    cdn_buf_char(out, ']');
}

static void write_effects(struct cdn_buf *out, const struct cdn_effects *f) {
    bool first = true;
    cdn_buf_char(out, '{');
    member_text(out, &first, "action", f->action);
    if (f->cap_count) {
        member(out, &first, "caps");
        write_caps(out, f);
    }
    if (f->duty_count) {
        member(out, &first, "duties");
        write_duties(out, f);
    }
    if (f->held_by_count) {
        member(out, &first, "held_by");
        for (size_t i = 0; i < f->held_by_count; i++) {
            cdn_buf_char(out, i ? ',' : '[');
            cdn_buf_int(out, (int64_t)f->held_by[i]);
        }
        cdn_buf_char(out, ']');
    }
    if (f->hold_count) {
        member(out, &first, "holds");
        write_holds(out, f);
    }
    if (f->keep_until != CDN_INSTANT_NONE) {
        member(out, &first, "keep_until");
        cdn_record_instant(out, f->keep_until);
    }
    write_texts(out, &first, "measures", f->measures, f->measure_count);
    write_texts(out, &first, "parties", f->parties, f->party_count);
    member_text(out, &first, "reference", f->reference);
    member_text(out, &first, "service", f->service);
    member_text(out, &first, "verdict", cdn_str_z(verdicts[f->verdict]));
    cdn_buf_char(out, '}');
}

static bool time_good(int64_t t) {
    return t >= CDN_RECORD_TIME_MIN && t <= CDN_RECORD_TIME_MAX;
}

static const char *cap_fault(const struct cdn_effect_cap *c) {
    if (!c->measure.n || !cdn_record_is_hex(c->party, CDN_FINGERPRINT_TEXT) || !cdn_window_name(c->window) ||
        !time_good(c->from))
        return "a cap without measure, party or window";
    if (!c->currency[0] || c->currency[3] || c->amount.mantissa < 0 || c->amount.scale > 18)
        return "a cap whose amount is below zero or has no currency";
    return NULL;
}

static const char *effects_fault(const struct cdn_effects *f) {
    const char *fault = NULL;
    if (f->verdict == CORDON_VERDICT_NONE || f->verdict >= VERDICT_COUNT)
        return "no verdict";
    if ((f->verdict == CORDON_VERDICT_HOLD) != (f->hold_count || f->held_by_count))
        return "a hold without who may release it, or the other way round";
    if (f->cap_count && f->verdict > CORDON_VERDICT_LIMIT)
        return "a cap taken by what was not allowed";
    for (size_t i = 0; i < f->cap_count && !fault; i++)
        fault = cap_fault(&f->caps[i]);
    for (size_t i = 0; i < f->duty_count && !fault; i++)
        if (!f->duties[i].measure.n || !f->duties[i].kind.n ||
            (f->duties[i].due != CDN_INSTANT_NONE && !time_good(f->duties[i].due)))
            fault = "a duty without measure or kind";
    for (size_t i = 0; i < f->hold_count && !fault; i++)
        if (!f->holds[i].measure.n || f->holds[i].people < 1 || f->holds[i].people > 9)
            fault = "a hold without measure or number of people";
    for (size_t i = 0; i < f->held_by_count && !fault; i++)
        if (f->held_by[i] > INT64_MAX)
            fault = "a case that is none";
    for (size_t i = 0; i < f->party_count && !fault; i++)
        if (!cdn_record_is_hex(f->parties[i], CDN_FINGERPRINT_TEXT))
            fault = "a party that is no fingerprint";
    for (size_t i = 0; i < f->measure_count && !fault; i++)
        if (!f->measures[i].n)
            fault = "a measure without a name";
    if (f->keep_until != CDN_INSTANT_NONE && !time_good(f->keep_until))
        fault = "a retention outside the years 1 to 9999";
    return fault;
}

static const char *decision_fault(const struct cdn_record_decision *d) {
    if (!time_good(d->at) || !time_good(d->recorded))
        return "no instant";
    if (!d->key.n || !d->snapshot.n)
        return "no key or snapshot";
    if ((d->idempotency_key.n != 0) != (d->idempotency_digest.n != 0))
        return "an idempotency key without a digest, or the other way round";
    if (d->appeal != CDN_COUNT_NONE && (d->appeal > INT64_MAX || d->effects.cap_count))
        return "a decision on appeal that takes of a cap";
    return effects_fault(&d->effects);
}

int cdn_record_write_decision(struct cdn_buf *out,
                              const struct cdn_record_decision *d,
                              struct cordon_error *e) {
    const char *fault = decision_fault(d);
    if (!fault &&
        (d->request.n < 2 || d->decision.n < 2 || d->request.p[0] != '{' || d->decision.p[0] != '{'))
        fault = "no request or decision";
    if (fault)
        return cdn_fail(e, CORDON_E_ARG, "the record of a decision has %s", fault);
    bool first = true;
    cdn_buf_char(out, '{');
    if (d->appeal != CDN_COUNT_NONE) {
        member(out, &first, "appeal");
        cdn_buf_int(out, (int64_t)d->appeal);
    }
    member(out, &first, "at");
    cdn_record_instant(out, d->at);
    member(out, &first, "decision");
    cdn_buf_str(out, d->decision);
    member(out, &first, "effects");
    write_effects(out, &d->effects);
    if (d->idempotency_key.n) {
        bool first_inner = true;
        member(out, &first, "idempotency");
        cdn_buf_char(out, '{');
        member_text(out, &first_inner, "digest", d->idempotency_digest);
        member_text(out, &first_inner, "key", d->idempotency_key);
        cdn_buf_char(out, '}');
    }
    member_text(out, &first, "key", d->key);
    member(out, &first, "kind");
    cdn_buf_z(out, "\"decision\"");
    member(out, &first, "recorded");
    cdn_record_instant(out, d->recorded);
    member(out, &first, "request");
    cdn_buf_str(out, d->request);
    member_text(out, &first, "snapshot", d->snapshot);
    member_text(out, &first, "trace", d->trace);
    cdn_buf_char(out, '}');
    return out->err ? cdn_fail(e, out->err, "the record of a decision could not be written") : 0;
}

/* ---- reading
 * ------------------------------------------------------------------------------------------------- */

static bool is(cordon_str key, const char *name) {
    return cdn_str_eq(key, cdn_str_z(name));
}

static void fail_member(struct cdn_in *in, cordon_str key) {
    (void)cdn_in_fail(in, CORDON_E_NAME, "no such member of a record:", key);
}

/* Marks bit `i` as seen. */
static void once(struct cdn_in *in, unsigned *seen, unsigned i, cordon_str key) {
    if (*seen & (1u << i))
        (void)cdn_in_fail(in, CORDON_E_CONFLICT, "a member twice:", key);
    *seen |= 1u << i;
}

static unsigned find_word(struct cdn_in *in, const char *const *words, unsigned count) {
    cordon_str text = {NULL, 0};
    cdn_in_text(in, &text);
    for (unsigned i = 0; i < count && !in->err; i++)
        if (words[i] && cdn_str_eq(text, cdn_str_z(words[i])))
            return i;
    (void)cdn_in_fail(in, CORDON_E_NAME, "no such word:", text);
    return 0;
}

static void read_cap(struct cdn_in *in, void *item) {
    struct cdn_effect_cap *c = item;
    cordon_str key;
    cordon_str text = {NULL, 0};
    bool first = true;
    unsigned seen = 0;
    *c = (struct cdn_effect_cap){.from = CDN_INSTANT_NONE};
    if (!cdn_in_open(in, '{'))
        return;
    while (cdn_in_member(in, &first, &key)) {
        if (is(key, "amount")) {
            once(in, &seen, 0, key);
            cdn_in_text(in, &text);
            if (!in->err && cdn_decimal_parse(text, &c->amount) != 0)
                (void)cdn_in_fail(in, CORDON_E_RANGE, "not an amount:", text);
        } else if (is(key, "currency")) {
            once(in, &seen, 1, key);
            cdn_in_text(in, &text);
            if (!in->err && text.n != 3)
                (void)cdn_in_fail(in, CORDON_E_RANGE, "not a currency:", text);
            else if (!in->err)
                memcpy(c->currency, text.p, 3);
        } else if (is(key, "from")) {
            once(in, &seen, 2, key);
            cdn_in_instant(in, &c->from);
        } else if (is(key, "measure")) {
            once(in, &seen, 3, key);
            cdn_in_text(in, &c->measure);
        } else if (is(key, "party")) {
            once(in, &seen, 4, key);
            cdn_in_text(in, &c->party);
        } else if (is(key, "window")) {
            once(in, &seen, 5, key);
            c->window = (uint8_t)find_word(in, windows, CDN_ARRAY_LEN(windows));
        } else {
            fail_member(in, key);
        }
    }
    if (!in->err && !(seen & 1u))
        (void)cdn_in_fail(in, CORDON_E_TYPE, "a cap without its amount", (cordon_str){NULL, 0});
}

static void read_duty(struct cdn_in *in, void *item) {
    struct cdn_effect_duty *d = item;
    cordon_str key;
    bool first = true;
    unsigned seen = 0;
    *d = (struct cdn_effect_duty){.due = CDN_INSTANT_NONE};
    if (!cdn_in_open(in, '{'))
        return;
    while (cdn_in_member(in, &first, &key)) {
        if (is(key, "due")) {
            once(in, &seen, 0, key);
            cdn_in_instant(in, &d->due);
        } else if (is(key, "kind")) {
            once(in, &seen, 1, key);
            cdn_in_text(in, &d->kind);
        } else if (is(key, "measure")) {
            once(in, &seen, 2, key);
            cdn_in_text(in, &d->measure);
        } else if (is(key, "provisional")) {
            once(in, &seen, 3, key);
            cdn_in_flag(in, &d->provisional);
        } else if (is(key, "text")) {
            once(in, &seen, 4, key);
            cdn_in_text(in, &d->text);
        } else if (is(key, "to")) {
            once(in, &seen, 5, key);
            cdn_in_text(in, &d->to);
        } else {
            fail_member(in, key);
        }
    }
}

static void read_hold(struct cdn_in *in, void *item) {
    struct cdn_effect_hold *h = item;
    cordon_str key;
    uint64_t people = 0;
    bool first = true;
    unsigned seen = 0;
    *h = (struct cdn_effect_hold){0};
    if (!cdn_in_open(in, '{'))
        return;
    while (cdn_in_member(in, &first, &key)) {
        if (is(key, "authority")) {
            once(in, &seen, 0, key);
            cdn_in_text(in, &h->authority);
        } else if (is(key, "measure")) {
            once(in, &seen, 1, key);
            cdn_in_text(in, &h->measure);
        } else if (is(key, "people")) {
            once(in, &seen, 2, key);
            cdn_in_count(in, &people);
            h->people = (uint8_t)CDN_MIN(people, (uint64_t)255);
        } else if (is(key, "reason")) {
            once(in, &seen, 3, key);
            cdn_in_text(in, &h->reason);
        } else {
            fail_member(in, key);
        }
    }
}

/* A list of `size`-byte items in the arena. */
static void *read_list(struct cdn_in *in,
                       size_t size,
                       void (*read)(struct cdn_in *, void *),
                       size_t *ret_count) {
    void *items = NULL;
    size_t count = 0;
    size_t cap = 0;
    bool first = true;
    if (!cdn_in_open(in, '['))
        return NULL;
    while (cdn_in_element(in, &first)) {
        if (count == CDN_MAX_RECORD_ITEMS) {
            (void)cdn_in_fail(in, CORDON_E_LIMIT, "a list is too long", (cordon_str){NULL, 0});
            return NULL;
        }
        if (cdn_grow(&in->arena->as_alloc, &items, &cap, count + 1, size) != 0) {
            (void)cdn_in_fail(in, CORDON_E_NOMEM, "out of memory", (cordon_str){NULL, 0});
            return NULL;
        }
        read(in, (char *)items + count++ * size);
    }
    *ret_count = count;
    return items;
}

static void read_effects_lists(struct cdn_in *in, cordon_str key, struct cdn_effects *f, unsigned *seen) {
    struct cdn_texts texts = {NULL, 0};
    if (is(key, "caps")) {
        once(in, seen, 1, key);
        f->caps = read_list(in, sizeof(*f->caps), read_cap, &f->cap_count);
    } else if (is(key, "duties")) {
        once(in, seen, 2, key);
        f->duties = read_list(in, sizeof(*f->duties), read_duty, &f->duty_count);
    } else if (is(key, "holds")) {
        once(in, seen, 3, key);
        f->holds = read_list(in, sizeof(*f->holds), read_hold, &f->hold_count);
    } else if (is(key, "held_by")) {
        struct cdn_counts cases = {NULL, 0};
        once(in, seen, 10, key);
        cdn_record_read_counts(in, &cases);
        f->held_by = cases.items;
        f->held_by_count = cases.count;
    } else if (is(key, "measures")) {
        once(in, seen, 4, key);
        cdn_record_read_texts(in, &texts);
        f->measures = texts.items;
        f->measure_count = texts.count;
    } else if (is(key, "parties")) {
        once(in, seen, 5, key);
        cdn_record_read_texts(in, &texts);
        f->parties = texts.items;
        f->party_count = texts.count;
    } else {
        fail_member(in, key);
    }
}

static void read_effects(struct cdn_in *in, struct cdn_effects *f) {
    cordon_str key;
    bool first = true;
    unsigned seen = 0;
    *f = (struct cdn_effects){.keep_until = CDN_INSTANT_NONE};
    if (!cdn_in_open(in, '{'))
        return;
    while (cdn_in_member(in, &first, &key)) {
        if (is(key, "action")) {
            once(in, &seen, 0, key);
            cdn_in_text(in, &f->action);
        } else if (is(key, "keep_until")) {
            once(in, &seen, 6, key);
            cdn_in_instant(in, &f->keep_until);
        } else if (is(key, "reference")) {
            once(in, &seen, 7, key);
            cdn_in_text(in, &f->reference);
        } else if (is(key, "service")) {
            once(in, &seen, 8, key);
            cdn_in_text(in, &f->service);
        } else if (is(key, "verdict")) {
            once(in, &seen, 9, key);
            f->verdict = (uint8_t)find_word(in, verdicts, VERDICT_COUNT);
        } else {
            read_effects_lists(in, key, f, &seen);
        }
    }
}

static void read_idempotency(struct cdn_in *in, struct cdn_record_decision *d) {
    cordon_str key;
    bool first = true;
    unsigned seen = 0;
    if (!cdn_in_open(in, '{'))
        return;
    while (cdn_in_member(in, &first, &key)) {
        if (is(key, "digest")) {
            once(in, &seen, 0, key);
            cdn_in_text(in, &d->idempotency_digest);
        } else if (is(key, "key")) {
            once(in, &seen, 1, key);
            cdn_in_text(in, &d->idempotency_key);
        } else {
            fail_member(in, key);
        }
    }
    if (!in->err && seen != 3u)
        (void)cdn_in_fail(in,
                          CORDON_E_TYPE,
                          "an idempotency key without a digest, or the other way round",
                          (cordon_str){NULL, 0});
}

/* Members of both kinds; which there may be is known when all are read. */
struct raw {
    struct cdn_record_decision d;
    struct cdn_event_head h;
    cordon_str kind;
    unsigned seen;
};
enum {
    APPEAL,
    AT,
    BY,
    DATA,
    DECISION,
    EFFECTS,
    EVENT_,
    IDEMPOTENCY,
    KEY,
    KIND,
    RECORDED,
    REQUEST,
    SNAPSHOT,
    TRACE,
    MEMBERS
};
static const char *const members[MEMBERS] = {"appeal",
                                             "at",
                                             "by",
                                             "data",
                                             "decision",
                                             "effects",
                                             "event",
                                             "idempotency",
                                             "key",
                                             "kind",
                                             "recorded",
                                             "request",
                                             "snapshot",
                                             "trace"};
#define BIT(m) (1u << (m))
#define EVENT_BITS (BIT(AT) | BIT(BY) | BIT(DATA) | BIT(EVENT_) | BIT(KIND))
#define DECISION_BITS                                                                                        \
    (BIT(AT) | BIT(DECISION) | BIT(EFFECTS) | BIT(KEY) | BIT(KIND) | BIT(RECORDED) | BIT(REQUEST) |          \
     BIT(SNAPSHOT))
#define DECISION_MAY (BIT(APPEAL) | BIT(IDEMPOTENCY) | BIT(TRACE))

static void read_member(struct cdn_in *in, unsigned m, struct raw *r) {
    switch (m) {
    case APPEAL:
        cdn_in_count(in, &r->d.appeal);
        return;
    case AT:
        cdn_in_instant(in, &r->d.at);
        return;
    case BY:
        cdn_in_text(in, &r->h.by);
        return;
    case DATA:
        cdn_in_value(in, &r->h.data);
        return;
    case DECISION:
        cdn_in_step_over(in, &r->d.decision);
        return;
    case EFFECTS:
        read_effects(in, &r->d.effects);
        return;
    case EVENT_:
        cdn_in_text(in, &r->h.event);
        return;
    case IDEMPOTENCY:
        read_idempotency(in, &r->d);
        return;
    case KEY:
        cdn_in_text(in, &r->d.key);
        return;
    case KIND:
        cdn_in_text(in, &r->kind);
        return;
    case RECORDED:
        cdn_in_instant(in, &r->d.recorded);
        return;
    case REQUEST:
        cdn_in_step_over(in, &r->d.request);
        return;
    case SNAPSHOT:
        cdn_in_text(in, &r->d.snapshot);
        return;
    default:
        cdn_in_text(in, &r->d.trace);
        return;
    }
}

static void read_members(struct cdn_in *in, struct raw *r) {
    cordon_str key;
    bool first = true;
    unsigned next = 0; /* members come in order: the one after the last is tried first */
    if (!cdn_in_open(in, '{'))
        return;
    while (cdn_in_member(in, &first, &key)) {
        unsigned m = next;
        for (unsigned tried = 0; tried < MEMBERS && !is(key, members[m % MEMBERS]); tried++)
            m++;
        m %= MEMBERS;
        if (!is(key, members[m])) {
            fail_member(in, key);
            return;
        }
        once(in, &r->seen, m, key);
        read_member(in, m, r);
        next = m + 1;
    }
}

int cdn_record_read(cordon_str bytes,
                    struct cdn_arena *arena,
                    struct cdn_record *ret,
                    struct cordon_error *e) {
    struct cdn_in in;
    struct raw r = {.d = {.appeal = CDN_COUNT_NONE, .at = CDN_INSTANT_NONE, .recorded = CDN_INSTANT_NONE}};
    struct cdn_record out = {0};
    if (bytes.n > CDN_MAX_RECORD_BYTES)
        return cdn_fail(e, CORDON_E_LIMIT, "a record of %zu bytes", bytes.n);
    cdn_in_init(&in, bytes, arena, e);
    read_members(&in, &r);
    cdn_in_end(&in);
    if (in.err)
        return in.err;
    if (is(r.kind, "event") && r.seen == EVENT_BITS) {
        out.kind = CDN_RECORD_EVENT;
        r.h.at = r.d.at;
        cdn_event_read(&in, &r.h, &out.u.event);
    } else if (is(r.kind, "decision") && (r.seen & ~DECISION_MAY) == DECISION_BITS) {
        const char *fault = decision_fault(&r.d);
        out.kind = CDN_RECORD_DECISION;
        out.u.decision = r.d;
        if (fault)
            (void)cdn_in_fail(&in, CORDON_E_TYPE, "the record of a decision has", cdn_str_z(fault));
    } else {
        (void)cdn_in_fail(&in,
                          CORDON_E_TYPE,
                          "neither an event nor a decision with all its members",
                          (cordon_str){NULL, 0});
    }
    if (!in.err)
        *ret = out;
    return in.err;
}

bool cdn_record_is_event(cordon_str bytes) {
    static const char tail[] = ",\"kind\":\"event\"}";
    const size_t n = sizeof(tail) - 1;
    return bytes.n > n && memcmp(bytes.p + bytes.n - n, tail, n) == 0;
}
