/* SPDX-License-Identifier: Apache-2.0 */
/* diff.c: difference of two sorted lists. Entries with the same id are compared in their order; where an id
 * stands more often on one side, the rest is added or removed. Arrays are compared as multisets, since
 * issuers reorder them. */
#include "lists/diff.h"

cordon_str cdn_list_entry_title(const struct cdn_list_entry *entry) {
    for (uint32_t i = 0; i < entry->names.n; i++) {
        if (entry->names.p[i].kind == CDN_NAME_PRIMARY) {
            return entry->names.p[i].full;
        }
    }
    return entry->names.n > 0 ? entry->names.p[0].full : (cordon_str){NULL, 0};
}

static bool contains(const struct cdn_list_field *field,
                     const struct cdn_many *many,
                     const void *item,
                     uint32_t skip) {
    for (uint32_t i = 0; i < many->n; i++) {
        const bool text = field->type == CDN_LFIELD_TEXTS;
        const void *const have =
            (const char *)many->p + (size_t)i * (text ? sizeof(cordon_str) : field->record->size);
        const bool same = text ? cdn_str_eq(*(const cordon_str *)have, *(const cordon_str *)item)
                               : cdn_list_record_equal(field->record, have, item);
        if (same && skip-- == 0) {
            return true;
        }
    }
    return false;
}

static size_t item_size(const struct cdn_list_field *field) {
    return field->type == CDN_LFIELD_TEXTS ? sizeof(cordon_str) : field->record->size;
}
static const void *item_at(const struct cdn_list_field *field, const struct cdn_many *many, uint32_t i) {
    return (const char *)many->p + (size_t)i * item_size(field);
}
/* How many items before number i are equal to it. */
static uint32_t equal_before(const struct cdn_list_field *field, const struct cdn_many *many, uint32_t i) {
    uint32_t n = 0;
    struct cdn_many before = {many->p, i, i};
    while (n < i && contains(field, &before, item_at(field, many, i), n)) {
        n++;
    }
    return n;
}

static bool many_same(const struct cdn_list_field *field,
                      const struct cdn_many *a,
                      const struct cdn_many *b) {
    if (a->n != b->n) {
        return false;
    }
    for (uint32_t i = 0; i < a->n; i++) {
        if (!contains(field, b, item_at(field, a, i), equal_before(field, a, i))) {
            return false;
        }
    }
    return true;
}

/* As cdn_list_entry_equal, but the order within arrays is of no account. */
static bool same_entry(const struct cdn_list_entry *a, const struct cdn_list_entry *b) {
    if (cdn_list_entry_equal(a, b)) {
        return true;
    }
    for (uint32_t f = 0; f < cdn_list_entry_record.count; f++) {
        const struct cdn_list_field *const field = &cdn_list_entry_record.fields[f];
        const struct cdn_list_record one = {.size = cdn_list_entry_record.size, .count = 1, .fields = field};
        if (field->type >= CDN_LFIELD_TEXTS ? !many_same(field,
                                                         (const void *)((const char *)a + field->offset),
                                                         (const void *)((const char *)b + field->offset))
                                            : !cdn_list_record_equal(&one, a, b)) {
            return false;
        }
    }
    return true;
}

struct walk {
    int (*each)(void *ctx, const struct cdn_diff_item *item);
    void *ctx;
    struct cdn_diff_counts counts;
};

static int tell(struct walk *w,
                enum cdn_diff_kind kind,
                const struct cdn_list_entry *before,
                const struct cdn_list_entry *after) {
    size_t *const counts[] = {&w->counts.added, &w->counts.removed, &w->counts.changed};
    (*counts[kind])++;
    const struct cdn_diff_item item = {kind, before, after};
    return w->each == NULL ? 0 : w->each(w->ctx, &item);
}

int cdn_lists_diff(const struct cdn_list *old,
                   const struct cdn_list *now,
                   int (*each)(void *ctx, const struct cdn_diff_item *item),
                   void *ctx,
                   struct cdn_diff_counts *ret) {
    struct walk w = {.each = each, .ctx = ctx};
    size_t i = 0;
    size_t k = 0;
    int err = 0;
    while ((i < old->count || k < now->count) && err == 0) {
        const int order = i == old->count   ? 1
                          : k == now->count ? -1
                                            : cdn_str_cmp(old->entries[i].id, now->entries[k].id);
        if (order < 0) {
            err = tell(&w, CDN_DIFF_REMOVED, &old->entries[i++], NULL);
        } else if (order > 0) {
            err = tell(&w, CDN_DIFF_ADDED, NULL, &now->entries[k++]);
        } else if (same_entry(&old->entries[i], &now->entries[k])) {
            w.counts.same++;
            i++;
            k++;
        } else {
            err = tell(&w, CDN_DIFF_CHANGED, &old->entries[i++], &now->entries[k++]);
        }
    }
    if (err == 0) {
        *ret = w.counts;
    }
    return err;
}

/* ---- fields
 * ---------------------------------------------------------------------------------------------------- */

struct fields {
    struct cdn_buf before, after;
    int (*each)(void *ctx, const struct cdn_diff_field *field);
    void *ctx;
};

static int hand_on(struct fields *f, const char *name) {
    const int err = f->before.err != 0 ? f->before.err : f->after.err;
    const struct cdn_diff_field field = {name, cdn_buf_get(&f->before), cdn_buf_get(&f->after)};
    const int result = err != 0 ? err : f->each(f->ctx, &field);
    cdn_buf_clear(&f->before);
    cdn_buf_clear(&f->after);
    return result;
}

static void write_item(struct cdn_buf *out, const struct cdn_list_field *field, const void *item) {
    if (field->type == CDN_LFIELD_TEXTS) {
        cdn_buf_json(out, *(const cordon_str *)item);
    } else {
        cdn_list_write_record(out, field->record, item);
    }
}

/* Items of `a` that are not in `b`, told into `out` one by one. */
static int missing(
    struct fields *f, const struct cdn_list_field *field, const void *a, const void *b, struct cdn_buf *out) {
    const struct cdn_many *const have = (const void *)((const char *)a + field->offset);
    const struct cdn_many *const other = (const void *)((const char *)b + field->offset);
    for (uint32_t i = 0; i < have->n; i++) {
        const void *const item = item_at(field, have, i);
        if (contains(field, other, item, equal_before(field, have, i))) {
            continue;
        }
        write_item(out, field, item);
        const int err = hand_on(f, field->name);
        if (err != 0) {
            return err;
        }
    }
    return 0;
}

static int one_field(struct fields *f, const struct cdn_list_field *field, const void *a, const void *b) {
    if (field->type >= CDN_LFIELD_TEXTS) {
        const int err = missing(f, field, a, b, &f->before);
        return err != 0 ? err : missing(f, field, b, a, &f->after);
    }
    const struct cdn_list_record one = {.size = cdn_list_entry_record.size, .count = 1, .fields = field};
    if (cdn_list_record_equal(&one, a, b)) {
        return 0;
    }
    cdn_list_write_field(&f->before, field, a);
    if (f->before.err == 0) {
        cdn_list_write_field(&f->after, field, b);
    }
    return hand_on(f, field->name);
}

int cdn_lists_diff_fields(const struct cordon_alloc *alloc,
                          const struct cdn_diff_item *item,
                          int (*each)(void *ctx, const struct cdn_diff_field *field),
                          void *ctx) {
    struct fields f = {.each = each, .ctx = ctx};
    cdn_buf_init(&f.before, alloc, CDN_MAX_LIST_TEXT);
    cdn_buf_init(&f.after, alloc, CDN_MAX_LIST_TEXT);
    int err = 0;
    for (uint32_t i = 0; i < cdn_list_entry_record.count && err == 0 && item->kind == CDN_DIFF_CHANGED; i++) {
        err = one_field(&f, &cdn_list_entry_record.fields[i], item->before, item->after);
    }
    cdn_buf_free(&f.before);
    cdn_buf_free(&f.after);
    return err;
}

/* ---- words and JSON
 * ------------------------------------------------------------------------------------------------ */

struct print {
    struct cdn_buf *out;
    const struct cordon_alloc *alloc;
    enum cdn_diff_kind wanted;
    size_t count;
};

static int field_in_words(void *ctx, const struct cdn_diff_field *field) {
    struct print *const p = ctx;
    cdn_buf_printf(p->out, "    %s: ", field->field);
    if (field->before.n > 0) {
        cdn_buf_z(p->out, field->after.n > 0 ? "" : "no longer ");
        cdn_buf_str(p->out, field->before);
    }
    if (field->after.n > 0) {
        cdn_buf_z(p->out, field->before.n > 0 ? " → " : "now also ");
        cdn_buf_str(p->out, field->after);
    }
    cdn_buf_char(p->out, '\n');
    return p->out->err;
}

static int item_in_words(void *ctx, const struct cdn_diff_item *item) {
    struct print *const p = ctx;
    static const char *const words[] = {"+ ", "- ", "~ "};
    const struct cdn_list_entry *const entry = item->after != NULL ? item->after : item->before;
    cdn_buf_z(p->out, words[item->kind]);
    cdn_buf_str(p->out, entry->id);
    cdn_buf_z(p->out, "  ");
    cdn_buf_str(p->out, cdn_list_entry_title(entry));
    cdn_buf_char(p->out, '\n');
    return p->out->err != 0 ? p->out->err : cdn_lists_diff_fields(p->alloc, item, field_in_words, p);
}

int cdn_lists_diff_words(struct cdn_buf *out,
                         const struct cordon_alloc *alloc,
                         const struct cdn_list *old,
                         const struct cdn_list *now) {
    struct print p = {.out = out, .alloc = alloc};
    struct cdn_diff_counts counts;
    const int err = cdn_lists_diff(old, now, item_in_words, &p, &counts);
    if (err == 0) {
        cdn_buf_printf(out,
                       "%zu added, %zu removed, %zu changed, %zu as before\n",
                       counts.added,
                       counts.removed,
                       counts.changed,
                       counts.same);
    }
    return err != 0 ? err : out->err;
}

static int field_as_json(void *ctx, const struct cdn_diff_field *field) {
    struct print *const p = ctx;
    cdn_buf_z(p->out, p->count++ > 0 ? ",{" : "{");
    if (field->after.n > 0) {
        cdn_buf_z(p->out, "\"after\":");
        cdn_buf_str(p->out, field->after);
        cdn_buf_char(p->out, ',');
    }
    if (field->before.n > 0) {
        cdn_buf_z(p->out, "\"before\":");
        cdn_buf_str(p->out, field->before);
        cdn_buf_char(p->out, ',');
    }
    cdn_buf_printf(p->out, "\"field\":\"%s\"}", field->field);
    return p->out->err;
}

static int item_as_json(void *ctx, const struct cdn_diff_item *item) {
    struct print *const p = ctx;
    if (item->kind != p->wanted) {
        return 0;
    }
    cdn_buf_z(p->out, p->count++ > 0 ? "," : "");
    if (item->kind != CDN_DIFF_CHANGED) {
        const struct cdn_list_entry *const entry = item->after != NULL ? item->after : item->before;
        cdn_list_write_record(p->out, &cdn_list_entry_record, entry);
        return p->out->err;
    }
    cdn_buf_z(p->out, "{\"fields\":[");
    struct print inner = {.out = p->out, .alloc = p->alloc};
    const int err = cdn_lists_diff_fields(p->alloc, item, field_as_json, &inner);
    cdn_buf_z(p->out, "],\"id\":");
    cdn_buf_json(p->out, item->after->id);
    cdn_buf_char(p->out, '}');
    return err != 0 ? err : p->out->err;
}

int cdn_lists_diff_json(struct cdn_buf *out,
                        const struct cordon_alloc *alloc,
                        const struct cdn_list *old,
                        const struct cdn_list *now) {
    static const struct {
        const char *before;
        enum cdn_diff_kind kind;
    } parts[] = {{"{\"added\":[", CDN_DIFF_ADDED},
                 {"],\"changed\":[", CDN_DIFF_CHANGED},
                 {"],\"removed\":[", CDN_DIFF_REMOVED}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(parts); i++) {
        struct print p = {.out = out, .alloc = alloc, .wanted = parts[i].kind};
        struct cdn_diff_counts counts;
        cdn_buf_z(out, parts[i].before);
        const int err = cdn_lists_diff(old, now, item_as_json, &p, &counts);
        if (err != 0) {
            return err;
        }
    }
    cdn_buf_z(out, "]}\n");
    return out->err;
}

void cdn_lists_carry(const struct cdn_list *old, struct cdn_list *now, struct cdn_dates day) {
    for (size_t i = 0; i < now->count; i++) {
        const struct cdn_list_entry *const before =
            old == NULL ? NULL : cdn_list_find(old, now->entries[i].id);
        now->entries[i].first_seen = before != NULL ? before->first_seen : day;
    }
}
