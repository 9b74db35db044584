/* SPDX-License-Identifier: Apache-2.0 */
/* diff.c: what changes from one rulebook to another, measure by measure.
 *
 * Measures are compared by their canonical JSON (cdn_measure_json), which says nothing of files, layout or
 * comments: what is reported is a change of meaning. The members of a measure's JSON object are compared one
 * by one.
 *
 *  1. order: added, removed, changed, each by id in byte order;
 *  2. both forms say the same:
 * {"changes":[{"change":"changed","fields":{NAME:{"after":…,"before":…}},"id":…}],…}. */
#include "toolkit/toolkit_priv.h"

#include "rulebook/rulebook_json.h"

struct entry {
    cordon_str id, json, title;
};
struct side {
    struct entry *items;
    uint32_t count;
};
struct diff {
    struct cdn_arena arena;
    struct side before, after;
    struct cdn_buf out;
    bool as_json;
    uint32_t changes;
};

static int gather(struct diff *d, const struct cdn_rulebook *rb, struct side *ret, struct cordon_error *e) {
    ret->items = cdn_arena_zero(&d->arena, rb->measure_count + (size_t)1, sizeof(*ret->items));
    if (!ret->items)
        return cdn_toolkit_no_memory(e);
    for (uint32_t i = 0; i < rb->measure_count; i++) {
        struct cdn_buf b;
        cdn_buf_init(&b, &d->arena.as_alloc, CDN_MAX_MEASURE_FILE * 4);
        const int err = cdn_measure_json(rb, i, &b);
        if (err)
            return cdn_fail(e, err, "the JSON form of a measure could not be made");
        const struct entry one = {rb->measures[i].id, cdn_buf_get(&b), rb->measures[i].title};
        uint32_t k = ret->count++;
        for (; k > 0 && cdn_str_cmp(ret->items[k - 1].id, one.id) > 0; k--)
            ret->items[k] = ret->items[k - 1];
        ret->items[k] = one;
    }
    return 0;
}

/* ---- members of canonical JSON
 * ------------------------------------------------------------------------------ */

static size_t value_end(cordon_str s, size_t at) {
    unsigned depth = 0;
    bool quoted = false;
    for (; at < s.n; at++) {
        const char c = s.p[at];
        if (quoted) {
            if (c == '\\')
                at++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return at;
            depth--;
        } else if (c == ',' && depth == 0) {
            return at;
        }
    }
    return at;
}

/* The next member of an object at *at (0 at first); names have no escapes. */
static bool next_member(cordon_str s, size_t *at, cordon_str *ret_name, cordon_str *ret_value) {
    size_t i = *at ? *at : 1;
    if (i < s.n && s.p[i] == ',')
        i++;
    if (i >= s.n || s.p[i] != '"')
        return false;
    const char *close = memchr(s.p + i + 1, '"', s.n - i - 1);
    if (!close)
        return false;
    *ret_name = cdn_str(s.p + i + 1, (size_t)(close - s.p) - i - 1);
    i = (size_t)(close - s.p) + 2;
    const size_t end = value_end(s, i);
    *ret_value = cdn_str(s.p + i, end - i);
    *at = end;
    return true;
}

static cordon_str find_member(cordon_str s, cordon_str name) {
    size_t at = 0;
    cordon_str n;
    cordon_str v;
    while (next_member(s, &at, &n, &v)) {
        if (cdn_str_eq(n, name))
            return v;
    }
    return (cordon_str){NULL, 0};
}

/* ---- output
 * --------------------------------------------------------------------------------------------------- */

static void begin_change(struct diff *d, const char *change, const struct entry *one) {
    if (d->as_json) {
        cdn_buf_z(&d->out, d->changes ? ",{\"change\":\"" : "{\"change\":\"");
        cdn_buf_z(&d->out, change);
        cdn_buf_char(&d->out, '"');
    } else {
        cdn_buf_z(&d->out, change);
        cdn_buf_char(&d->out, ' ');
        cdn_buf_str(&d->out, one->id);
        if (one->title.n) {
            cdn_buf_z(&d->out, "  ");
            cdn_buf_str(&d->out, one->title);
        }
        cdn_buf_char(&d->out, '\n');
    }
    d->changes++;
}

static void end_change(struct diff *d, const struct entry *one) {
    if (!d->as_json)
        return;
    cdn_buf_z(&d->out, ",\"id\":");
    cdn_buf_json(&d->out, one->id);
    cdn_buf_char(&d->out, '}');
}

static void write_field(struct diff *d, cordon_str name, cordon_str before, cordon_str after, bool *first) {
    if (d->as_json) {
        cdn_buf_z(&d->out, *first ? ",\"fields\":{" : ",");
        cdn_buf_json(&d->out, name);
        cdn_buf_z(&d->out, ":{\"after\":");
        cdn_buf_str(&d->out, after.p ? after : CDN_STR("null"));
        cdn_buf_z(&d->out, ",\"before\":");
        cdn_buf_str(&d->out, before.p ? before : CDN_STR("null"));
        cdn_buf_char(&d->out, '}');
    } else {
        cdn_buf_z(&d->out, "    ");
        cdn_buf_str(&d->out, name);
        cdn_buf_char(&d->out, '\n');
        if (before.p)
            cdn_buf_z(&d->out, "      - "), cdn_buf_str(&d->out, before), cdn_buf_char(&d->out, '\n');
        if (after.p)
            cdn_buf_z(&d->out, "      + "), cdn_buf_str(&d->out, after), cdn_buf_char(&d->out, '\n');
    }
    *first = false;
}

static void compare_members(struct diff *d, const struct entry *before, const struct entry *after) {
    bool first = true;
    size_t a = 0;
    size_t b = 0;
    cordon_str name_a;
    cordon_str name_b;
    cordon_str value_a;
    cordon_str value_b;
    bool more_a = next_member(before->json, &a, &name_a, &value_a);
    bool more_b = next_member(after->json, &b, &name_b, &value_b);
    while (more_a || more_b) { /* both are sorted by name */
        const int order = !more_a ? 1 : !more_b ? -1 : cdn_str_cmp(name_a, name_b);
        if (order < 0) {
            write_field(d, name_a, value_a, (cordon_str){NULL, 0}, &first);
        } else if (order > 0) {
            write_field(d, name_b, (cordon_str){NULL, 0}, value_b, &first);
        } else if (!cdn_str_eq(value_a, value_b)) {
            write_field(d, name_a, value_a, value_b, &first);
        }
        if (order <= 0)
            more_a = next_member(before->json, &a, &name_a, &value_a);
        if (order >= 0)
            more_b = next_member(after->json, &b, &name_b, &value_b);
    }
    if (d->as_json && !first)
        cdn_buf_char(&d->out, '}');
}

static const struct entry *find(const struct side *s, cordon_str id) {
    uint32_t low = 0;
    uint32_t high = s->count;
    while (low < high) {
        const uint32_t mid = low + (high - low) / 2;
        const int order = cdn_str_cmp(s->items[mid].id, id);
        if (order == 0)
            return &s->items[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static void only_in(struct diff *d, const struct side *here, const struct side *there, const char *change) {
    for (uint32_t i = 0; i < here->count; i++) {
        if (find(there, here->items[i].id))
            continue;
        begin_change(d, change, &here->items[i]);
        const cordon_str effective = find_member(here->items[i].json, CDN_STR("effective"));
        if (!d->as_json && effective.p)
            cdn_buf_z(&d->out, "    effective "), cdn_buf_str(&d->out, effective),
                cdn_buf_char(&d->out, '\n');
        end_change(d, &here->items[i]);
    }
}

static void changed(struct diff *d) {
    for (uint32_t i = 0; i < d->after.count; i++) {
        const struct entry *now = &d->after.items[i];
        const struct entry *then = find(&d->before, now->id);
        if (!then || cdn_str_eq(then->json, now->json))
            continue;
        begin_change(d, "changed", now);
        compare_members(d, then, now);
        end_change(d, now);
    }
}

CORDON_API int cordon_rulebook_diff(const cordon_rulebook *before,
                                    const cordon_rulebook *after,
                                    int as_json,
                                    cordon_buffer *out,
                                    uint32_t *ret_changes,
                                    cordon_error *e) {
    if (!before->rb || !after->rb)
        return cdn_fail(e, CORDON_E_STATE, "a rulebook with errors cannot be compared");
    struct diff d = {.as_json = as_json != 0};
    cdn_arena_init(&d.arena, before->alloc, 0);
    int err = gather(&d, before->rb, &d.before, e);
    err = err ? err : gather(&d, after->rb, &d.after, e);
    if (!err) {
        d.out = cdn_toolkit_open(out, CDN_MAX_RULEBOOK_BYTES);
        if (d.as_json)
            cdn_buf_z(&d.out, "{\"changes\":[");
        only_in(&d, &d.after, &d.before, "added");
        only_in(&d, &d.before, &d.after, "removed");
        changed(&d);
        if (d.as_json)
            cdn_buf_printf(&d.out, "],\"count\":%u}", d.changes);
        err = cdn_toolkit_close(out, &d.out);
        if (err)
            err = cdn_fail(e, err, "the differences could not be written");
    }
    cdn_arena_free(&d.arena);
    if (!err)
        *ret_changes = d.changes;
    return err;
}
