/* SPDX-License-Identifier: Apache-2.0 */
/* event.c: events of events.def, written and read by one table. Form: record.h. */
#include "store/json_in_priv.h"
#include "store/record_priv.h"

enum field_type { T_TEXT, T_DIGEST, T_PARTY, T_JSON, T_TEXTS, T_COUNT, T_COUNTS, T_INSTANT };
enum { NEED = 1, MAY = 0, ERASE = 1, KEEP = 0 };

#define EVENT(name, written, kept, title) static const struct cdn_event_field fields_##name[] = {
#define FIELD(name, member, type, need, meaning)                                                             \
    {#member, #type, meaning, (uint16_t)(offsetof(struct cdn_event, u.name.member)), T_##type, need},
#define END(name)                                                                                            \
    }                                                                                                        \
    ;
#include "store/events.def"
#undef EVENT
#undef FIELD
#undef END

static const struct cdn_event_info events[CDN_EV_COUNT] = {
#define EVENT(name, written, kept, title)                                                                    \
    [CDN_EV_##name] = {written, title, fields_##name, (unsigned)CDN_ARRAY_LEN(fields_##name), kept},
#define FIELD(name, member, type, need, meaning)
#define END(name)
#include "store/events.def"
#undef EVENT
#undef FIELD
#undef END
};

const struct cdn_event_info *cdn_event_info(unsigned kind) {
    return kind > CDN_EV_NONE && kind < CDN_EV_COUNT ? &events[kind] : NULL;
}

const char *cdn_event_name(unsigned kind) {
    const struct cdn_event_info *info = cdn_event_info(kind);
    return info ? info->name : NULL;
}

unsigned cdn_event_find(cordon_str name) {
    for (unsigned k = CDN_EV_NONE + 1; k < CDN_EV_COUNT; k++)
        if (cdn_str_eq(name, cdn_str_z(events[k].name)))
            return k;
    return CDN_EV_NONE;
}

bool cdn_event_erasable(unsigned kind) {
    const struct cdn_event_info *info = cdn_event_info(kind);
    return info && info->erasable;
}

const char *cdn_event_member(const struct cdn_event_field *f) {
    return strcmp(f->name, "case_id") == 0 ? "case" : f->name;
}

/* The member's place in the event; the table's offsets are its own. */
static void *member_of(struct cdn_event *ev, const struct cdn_event_field *f) {
    return (char *)ev + f->offset;
}
static const void *const_member_of(const struct cdn_event *ev, const struct cdn_event_field *f) {
    return (const char *)ev + f->offset;
}

void cdn_event_init(struct cdn_event *ev, unsigned kind, int64_t at, cordon_str by) {
    const struct cdn_event_info *info = cdn_event_info(kind);
    memset(ev, 0, sizeof(*ev));
    ev->kind = (uint8_t)kind;
    ev->at = at;
    ev->by = by;
    for (unsigned i = 0; info && i < info->field_count; i++) {
        const struct cdn_event_field *f = &info->fields[i];
        if (f->type_no == T_COUNT)
            *(uint64_t *)member_of(ev, f) = CDN_COUNT_NONE;
        else if (f->type_no == T_INSTANT)
            *(int64_t *)member_of(ev, f) = CDN_INSTANT_NONE;
    }
}

/* ---- the form of values
 * ------------------------------------------------------------------------------------ */

bool cdn_record_is_hex(cordon_str s, size_t digits) {
    if (s.n != digits)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
            return false;
    return true;
}

static bool member_absent(const struct cdn_event_field *f, const void *at) {
    switch ((enum field_type)f->type_no) {
    case T_COUNT:
        return *(const uint64_t *)at == CDN_COUNT_NONE;
    case T_INSTANT:
        return *(const int64_t *)at == CDN_INSTANT_NONE;
    case T_TEXTS:
        return ((const struct cdn_texts *)at)->count == 0;
    case T_COUNTS:
        return ((const struct cdn_counts *)at)->count == 0;
    case T_TEXT:
    case T_DIGEST:
    case T_PARTY:
    case T_JSON:
        break;
    }
    return ((const cordon_str *)at)->n == 0;
}

/* What is wrong with a member; NULL: nothing. Applied when writing and when reading. */
static const char *member_fault(const struct cdn_event_field *f, const void *at) {
    if (member_absent(f, at))
        return f->need ? "needed and absent" : NULL;
    switch ((enum field_type)f->type_no) {
    case T_DIGEST:
        return cdn_record_is_hex(*(const cordon_str *)at, CDN_DIGEST_HEX) ? NULL
                                                                          : "not a digest of 64 hex digits";
    case T_PARTY:
        return cdn_record_is_hex(*(const cordon_str *)at, CDN_FINGERPRINT_TEXT) ? NULL : "not a fingerprint";
    case T_COUNT:
        return *(const uint64_t *)at <= INT64_MAX ? NULL : "too large";
    case T_INSTANT: {
        const int64_t t = *(const int64_t *)at;
        return t >= CDN_RECORD_TIME_MIN && t <= CDN_RECORD_TIME_MAX ? NULL : "outside the years 1 to 9999";
    }
    case T_TEXT:
        return cdn_record_text_good(*(const cordon_str *)at) ? NULL : "not UTF-8 without NUL";
    case T_TEXTS:
    case T_COUNTS:
    case T_JSON:
        break;
    }
    return NULL;
}

bool cdn_record_text_good(cordon_str s) {
    return s.n == 0 || (!memchr(s.p, 0, s.n) && cdn_utf8_valid(s));
}

/* Whether a text is one JSON value. */
bool cdn_record_json_good(cordon_str s) {
    struct cdn_arena arena;
    struct cdn_in in;
    cordon_str value = {NULL, 0};
    cdn_arena_init(&arena, &cdn_alloc_libc, CDN_MAX_RECORD_BYTES);
    cdn_in_init(&in, s, &arena, NULL);
    cdn_in_value(&in, &value);
    cdn_in_end(&in);
    cdn_arena_free(&arena);
    return !in.err;
}

/* ---- writing
 * ----------------------------------------------------------------------------------------------- */

void cdn_record_instant(struct cdn_buf *out, int64_t at) {
    cdn_buf_char(out, '"');
    cdn_time_write(out, at);
    cdn_buf_char(out, '"');
}

static void write_member(struct cdn_buf *out, const struct cdn_event_field *f, const void *at) {
    switch ((enum field_type)f->type_no) {
    case T_TEXT:
    case T_DIGEST:
    case T_PARTY:
        cdn_buf_json(out, *(const cordon_str *)at);
        return;
    case T_JSON:
        cdn_buf_str(out, *(const cordon_str *)at);
        return;
    case T_COUNT:
        cdn_buf_int(out, (int64_t) * (const uint64_t *)at);
        return;
    case T_INSTANT:
        cdn_record_instant(out, *(const int64_t *)at);
        return;
    case T_TEXTS: {
        const struct cdn_texts *t = at;
        for (size_t i = 0; i < t->count; i++) {
            cdn_buf_char(out, i ? ',' : '[');
            cdn_buf_json(out, t->items[i]);
        }
        cdn_buf_char(out, ']');
        return;
    }
    case T_COUNTS: {
        const struct cdn_counts *c = at;
        for (size_t i = 0; i < c->count; i++) {
            cdn_buf_char(out, i ? ',' : '[');
            cdn_buf_int(out, (int64_t)c->items[i]);
        }
        cdn_buf_char(out, ']');
        return;
    }
    }
}

int cdn_event_write(struct cdn_buf *out, const struct cdn_event *ev, struct cordon_error *e) {
    const struct cdn_event_info *info = cdn_event_info(ev->kind);
    if (!info || !ev->by.n || ev->at < CDN_RECORD_TIME_MIN || ev->at > CDN_RECORD_TIME_MAX)
        return cdn_fail(e, CORDON_E_ARG, "an event needs a kind, an instant and who caused it");
    for (unsigned i = 0; i < info->field_count; i++) {
        const char *fault = member_fault(&info->fields[i], const_member_of(ev, &info->fields[i]));
        if (!fault && info->fields[i].type_no == T_JSON &&
            !member_absent(&info->fields[i], const_member_of(ev, &info->fields[i])) &&
            !cdn_record_json_good(*(const cordon_str *)const_member_of(ev, &info->fields[i])))
            fault = "not JSON";
        if (fault)
            return cdn_fail(
                e, CORDON_E_ARG, "%s: member `%s` is %s", info->name, info->fields[i].name, fault);
    }
    bool first = true;
    cdn_buf_z(out, "{\"at\":");
    cdn_record_instant(out, ev->at);
    cdn_buf_z(out, ",\"by\":");
    cdn_buf_json(out, ev->by);
    cdn_buf_z(out, ",\"data\":{");
    for (unsigned i = 0; i < info->field_count; i++) {
        const struct cdn_event_field *f = &info->fields[i];
        const void *at = const_member_of(ev, f);
        if (member_absent(f, at))
            continue;
        if (!first)
            cdn_buf_char(out, ',');
        first = false;
        cdn_buf_json(out, cdn_str_z(cdn_event_member(f)));
        cdn_buf_char(out, ':');
        write_member(out, f, at);
    }
    cdn_buf_z(out, "},\"event\":");
    cdn_buf_json(out, cdn_str_z(info->name));
    cdn_buf_z(out, ",\"kind\":\"event\"}");
    return out->err ? cdn_fail(e, out->err, "the record of an event could not be written") : 0;
}

/* ---- reading
 * ------------------------------------------------------------------------------------------------ */

void cdn_record_read_texts(struct cdn_in *in, struct cdn_texts *ret) {
    cordon_str *items = NULL;
    size_t count = 0;
    size_t cap = 0;
    bool first = true;
    if (!cdn_in_open(in, '['))
        return;
    while (cdn_in_element(in, &first)) {
        if (count == CDN_MAX_RECORD_ITEMS) {
            (void)cdn_in_fail(in, CORDON_E_LIMIT, "a list is too long", (cordon_str){NULL, 0});
            return;
        }
        if (cdn_grow(&in->arena->as_alloc, (void **)&items, &cap, count + 1, sizeof(*items)) != 0) {
            (void)cdn_in_fail(in, CORDON_E_NOMEM, "out of memory", (cordon_str){NULL, 0});
            return;
        }
        cdn_in_text(in, &items[count++]);
    }
    ret->items = items;
    ret->count = count;
}

void cdn_record_read_counts(struct cdn_in *in, struct cdn_counts *ret) {
    uint64_t *items = NULL;
    size_t count = 0;
    size_t cap = 0;
    bool first = true;
    if (!cdn_in_open(in, '['))
        return;
    while (cdn_in_element(in, &first)) {
        if (count == CDN_MAX_RECORD_ITEMS) {
            (void)cdn_in_fail(in, CORDON_E_LIMIT, "a list is too long", (cordon_str){NULL, 0});
            return;
        }
        if (cdn_grow(&in->arena->as_alloc, (void **)&items, &cap, count + 1, sizeof(*items)) != 0) {
            (void)cdn_in_fail(in, CORDON_E_NOMEM, "out of memory", (cordon_str){NULL, 0});
            return;
        }
        items[count] = 0;
        cdn_in_count(in, &items[count++]);
    }
    ret->items = items;
    ret->count = count;
}

static void read_member(struct cdn_in *in, const struct cdn_event_field *f, void *at) {
    switch ((enum field_type)f->type_no) {
    case T_TEXT:
    case T_DIGEST:
    case T_PARTY:
        cdn_in_text(in, at);
        break;
    case T_JSON:
        cdn_in_value(in, at);
        break;
    case T_COUNT:
        cdn_in_count(in, at);
        break;
    case T_INSTANT:
        cdn_in_instant(in, at);
        break;
    case T_TEXTS:
        cdn_record_read_texts(in, at);
        break;
    case T_COUNTS:
        cdn_record_read_counts(in, at);
        break;
    }
}

static void read_data(struct cdn_in *in, const struct cdn_event_info *info, struct cdn_event *ev) {
    bool first = true;
    uint64_t seen = 0;
    cordon_str key;
    if (!cdn_in_open(in, '{'))
        return;
    while (cdn_in_member(in, &first, &key)) {
        unsigned i = 0;
        while (i < info->field_count && !cdn_str_eq(cdn_str_z(cdn_event_member(&info->fields[i])), key))
            i++;
        if (i == info->field_count)
            (void)cdn_in_fail(in, CORDON_E_NAME, "no such member of the event:", key);
        else if (seen & (UINT64_C(1) << i))
            (void)cdn_in_fail(in, CORDON_E_CONFLICT, "a member twice:", key);
        else
            read_member(in, &info->fields[i], member_of(ev, &info->fields[i]));
        seen |= i < 64 ? UINT64_C(1) << i : 0;
    }
    for (unsigned i = 0; !in->err && i < info->field_count; i++) {
        const char *fault = member_fault(&info->fields[i], member_of(ev, &info->fields[i]));
        if (fault)
            (void)cdn_in_fail(in, CORDON_E_TYPE, fault, cdn_str_z(info->fields[i].name));
    }
}

void cdn_event_read(struct cdn_in *in, const struct cdn_event_head *head, struct cdn_event *ret) {
    const unsigned kind = cdn_event_find(head->event);
    if (!kind) {
        (void)cdn_in_fail(in, CORDON_E_NAME, "no such event:", head->event);
        return;
    }
    if (!head->by.n || head->at == CDN_INSTANT_NONE) {
        (void)cdn_in_fail(in, CORDON_E_TYPE, "an event without `by` or `at`", (cordon_str){NULL, 0});
        return;
    }
    cdn_event_init(ret, kind, head->at, head->by);
    struct cdn_in data;
    cdn_in_init(&data, head->data, in->arena, in->e);
    read_data(&data, &events[kind], ret);
    if (data.err)
        in->err = data.err;
}
