/* SPDX-License-Identifier: Apache-2.0 */
/* lists.c: cordon/lists.h over the room of lists: one list at a time. list_store.c has the store. */
#include "toolkit/lists_priv.h"

#include <stdio.h>

CORDON_API void cordon_list_options_init(cordon_list_options *o) {
    *o = (cordon_list_options){.size = sizeof(*o)};
}

CORDON_API void cordon_list_rules_init(cordon_list_rules *rules) {
    struct cdn_list_rules usual;
    cdn_list_rules_init(&usual);
    *rules = (cordon_list_rules){.size = sizeof(*rules),
                                 .shrink_permille = usual.shrink_permille,
                                 .nameless_permille = usual.nameless_permille,
                                 .least = usual.least};
}

int cdn_toolkit_list_rules(const cordon_list_rules *from, struct cdn_list_rules *to, struct cordon_error *e) {
    cdn_list_rules_init(to);
    if (!from)
        return 0;
    if (from->size != sizeof(*from))
        return cdn_fail(e, CORDON_E_ARG, "rules that cordon_list_rules_init() did not prepare");
    to->shrink_permille = from->shrink_permille;
    to->nameless_permille = from->nameless_permille;
    to->least = from->least;
    to->stale_allowed = (from->flags & CORDON_LIST_STALE_ALLOWED) != 0;
    to->older_allowed = (from->flags & CORDON_LIST_OLDER_ALLOWED) != 0;
    return 0;
}

int cdn_toolkit_list_part(int part, enum cdn_list_part *ret, struct cordon_error *e) {
    if (part < CORDON_LIST_PART_UNSAID || part > CORDON_LIST_PART_CONSOLIDATED)
        return cdn_fail(e, CORDON_E_ARG, "%d is no cordon_list_part", part);
    *ret = part == CORDON_LIST_PART_SDN            ? CDN_LIST_PART_SDN
           : part == CORDON_LIST_PART_CONSOLIDATED ? CDN_LIST_PART_CONSOLIDATED
                                                   : CDN_LIST_PART_UNSAID;
    return 0;
}

/* File names of messages must end in NUL; a name given as a slice is copied for the call. */
int cdn_toolkit_list_file(const cordon_list_file *from,
                          struct cdn_arena *arena,
                          struct cdn_list_file *ret,
                          struct cordon_error *e) {
    cordon_str name = {NULL, 0};
    if (from->name.n > 0 && cdn_arena_str(arena, from->name, &name) != 0)
        return cdn_toolkit_no_memory(e);
    *ret = (struct cdn_list_file){.path = from->path, .bytes = from->bytes, .name = name.p};
    if (!from->path && !from->bytes.p)
        ret->bytes = (cordon_str){"", 0};
    if (!from->path && !ret->name)
        ret->name = "a list in memory";
    return 0;
}

static int new_list(const struct cordon_alloc *alloc, struct cordon_list **ret, struct cordon_error *e) {
    struct cordon_list *const l = cdn_alloc_zero(alloc, 1, sizeof(*l));
    if (!l)
        return cdn_toolkit_no_memory(e);
    l->alloc = alloc;
    cdn_list_init(&l->list, alloc);
    cdn_list_report_init(&l->report, alloc);
    *ret = l;
    return 0;
}

int cdn_toolkit_list_new(const struct cordon_alloc *alloc, struct cordon_list **ret, struct cordon_error *e) {
    return new_list(alloc, ret, e);
}

CORDON_API void cordon_list_free(cordon_list *list) {
    if (!list)
        return;
    cdn_list_report_free(&list->report);
    cdn_list_free(&list->list);
    cdn_free(list->alloc, list, sizeof(*list));
}

CORDON_API int cordon_list_read(const cordon_list_file *files,
                                size_t count,
                                const cordon_list_options *o,
                                cordon_list **ret,
                                cordon_error *e) {
    const struct cordon_alloc *const alloc = o && o->alloc ? o->alloc : &cdn_alloc_libc;
    struct cdn_list_file own[CDN_TOOLKIT_LIST_FILES];
    struct cdn_list_options options = {.id = {NULL, 0}};
    if (o && o->size != sizeof(*o))
        return cdn_fail(e, CORDON_E_ARG, "options that cordon_list_options_init() did not prepare");
    if (count == 0 || count > CDN_TOOLKIT_LIST_FILES)
        return cdn_fail(e, CORDON_E_ARG, "a list has 1 to %d files", CDN_TOOLKIT_LIST_FILES);
    int err = o ? cdn_toolkit_list_part((int)o->part, &options.part, e) : 0;
    struct cordon_list *l = NULL;
    err = err ? err : new_list(alloc, &l, e);
    if (err)
        return err;
    for (size_t i = 0; i < count && !err; i++)
        err = cdn_toolkit_list_file(&files[i], &l->report.arena, &own[i], e);
    options.id = o ? o->id : (cordon_str){NULL, 0};
    err =
        err ? err : cdn_lists_collect((struct cdn_list_files){own, count}, &options, &l->report, &l->list, e);
    if (err) {
        cordon_list_free(l);
        return err;
    }
    *ret = l;
    return CORDON_OK;
}

static void put_text(char *to, size_t size, struct cdn_buf *from) {
    const size_t n = CDN_MIN(from->n, size - 1);
    memcpy(to, from->p, n);
    to[n] = '\0';
}

static uint64_t complaints(const struct cordon_list *l) {
    return cdn_list_report_total(&l->report, CDN_REPORT_FIELD, CDN_STR("")) +
           cdn_list_report_total(&l->report, CDN_REPORT_VALUE, CDN_STR("")) +
           cdn_list_report_total(&l->report, CDN_REPORT_ORPHAN, CDN_STR("")) +
           cdn_list_report_total(&l->report, CDN_REPORT_DUPLICATE, CDN_STR("")) + l->not_understood;
}

CORDON_API void cordon_list_describe(const cordon_list *list, cordon_list_facts *ret) {
    const struct cdn_list_info *const info = &list->list.info;
    char storage[CORDON_DIGEST_TEXT];
    struct cdn_buf b;
    *ret = (cordon_list_facts){.id = info->id,
                               .issuer = info->issuer,
                               .format = cdn_str_z(cdn_list_format_name(info->format)),
                               .stale = info->stale,
                               .bytes = info->bytes,
                               .removed = info->removed,
                               .not_understood = complaints(list)};
    for (size_t i = 0; i < list->list.count; i++) {
        if (!list->list.entries[i].removed.known) {
            ret->entries++;
            ret->names += list->list.entries[i].names.n;
        }
    }
    cdn_buf_fixed(&b, storage, sizeof(storage));
    cdn_buf_z(&b, "sha256:");
    cdn_buf_hex(&b, info->sha256, sizeof(info->sha256));
    put_text(ret->digest, sizeof(ret->digest), &b);
    cdn_buf_fixed(&b, storage, sizeof(storage));
    cdn_dates_write(&b, info->date);
    put_text(ret->date, sizeof(ret->date), &b);
}

/* ---- JSON -------------------------------------------------------------------------------------------- */

#define WORDS 32

/* {"company":3,…} in the order of the words; those with 0 are left out. */
static void counts_json(struct cdn_buf *b, const uint64_t counts[WORDS], const char *(*name)(unsigned)) {
    const char *before = "";
    unsigned last = WORDS;
    cdn_buf_char(b, '{');
    for (unsigned turn = 0; turn < WORDS; turn++) { /* the smallest word above the last: few, and seldom */
        unsigned best = WORDS;
        for (unsigned i = 0; i < WORDS; i++) {
            const char *const w = counts[i] ? name(i) : NULL;
            if (w && (last == WORDS || strcmp(w, name(last)) > 0) &&
                (best == WORDS || strcmp(w, name(best)) < 0))
                best = i;
        }
        if (best == WORDS)
            break;
        cdn_buf_printf(b, "%s\"%s\":", before, name(best)[0] ? name(best) : "unknown");
        cdn_buf_int(b, (int64_t)counts[best]);
        before = ",";
        last = best;
    }
    cdn_buf_char(b, '}');
}

static void report_json(struct cdn_buf *b, const struct cdn_list_report *r) {
    const char *before = "";
    cdn_buf_char(b, '[');
    for (size_t i = 0; i < r->count; i++) {
        const struct cdn_report_item *const item = &r->items[i];
        if (item->kind == CDN_REPORT_READ)
            continue;
        cdn_buf_printf(b, "%s{\"count\":%llu", before, (unsigned long long)item->count);
        if (item->example.n > 0) {
            cdn_buf_z(b, ",\"example\":");
            cdn_buf_json(b, item->example);
        }
        cdn_buf_z(b, ",\"field\":");
        cdn_buf_json(b, item->field);
        cdn_buf_z(b, ",\"kind\":");
        cdn_buf_json(b, cdn_str_z(cdn_report_kind_name(item->kind)));
        if (item->line)
            cdn_buf_printf(b, ",\"line\":%u", item->line);
        cdn_buf_char(b, '}');
        before = ",";
    }
    cdn_buf_char(b, ']');
}

static void text_json(struct cdn_buf *b, const char *name, cordon_str value) {
    if (value.n > 0) {
        cdn_buf_printf(b, ",\"%s\":", name);
        cdn_buf_json(b, value);
    }
}

CORDON_API int cordon_list_describe_json(const cordon_list *list, cordon_buffer *out) {
    uint64_t types[WORDS] = {0};
    uint64_t kinds[WORDS] = {0};
    uint64_t scripts[WORDS] = {0};
    cordon_list_facts facts;
    cordon_list_describe(list, &facts);
    for (size_t i = 0; i < list->list.count; i++) {
        const struct cdn_list_entry *const entry = &list->list.entries[i];
        if (entry->removed.known)
            continue;
        types[entry->type % WORDS]++;
        for (uint32_t n = 0; n < entry->names.n; n++) {
            kinds[entry->names.p[n].kind % WORDS]++;
            scripts[entry->names.p[n].script % WORDS]++;
        }
    }
    struct cdn_buf b = cdn_toolkit_open(out, CDN_MIB(64));
    cdn_buf_printf(&b, "{\"bytes\":%llu", (unsigned long long)facts.bytes);
    text_json(&b, "date", cdn_str_z(facts.date));
    text_json(&b, "digest", cdn_str_z(facts.digest));
    cdn_buf_printf(&b, ",\"entries\":%llu", (unsigned long long)facts.entries);
    text_json(&b, "format", facts.format);
    text_json(&b, "id", facts.id);
    text_json(&b, "issuer", facts.issuer);
    cdn_buf_printf(&b, ",\"names\":%llu,\"names_by_kind\":", (unsigned long long)facts.names);
    counts_json(&b, kinds, cdn_name_kind_name);
    cdn_buf_z(&b, ",\"names_by_script\":");
    counts_json(&b, scripts, cdn_script_name);
    cdn_buf_printf(&b,
                   ",\"not_understood\":%llu,\"removed\":%llu,\"report\":",
                   (unsigned long long)facts.not_understood,
                   (unsigned long long)facts.removed);
    report_json(&b, &list->report);
    text_json(&b, "stale", facts.stale);
    cdn_buf_z(&b, ",\"types\":");
    counts_json(&b, types, cdn_entry_type_name);
    cdn_buf_char(&b, '}');
    return cdn_toolkit_close(out, &b);
}

CORDON_API int cordon_list_to_json(const cordon_list *list, cordon_buffer *out) {
    struct cdn_buf b = cdn_toolkit_open(out, CDN_MAX_LIST_BYTES);
    cdn_list_write(&b, &list->list);
    return cdn_toolkit_close(out, &b);
}

CORDON_API int cordon_list_report_text(const cordon_list *list, cordon_buffer *out) {
    struct cdn_buf b = cdn_toolkit_open(out, CDN_MIB(64));
    cdn_list_report_write(&b, &list->report);
    return cdn_toolkit_close(out, &b);
}

/* ---- difference and judgement ------------------------------------------------------------------------ */

void cdn_toolkit_list_changes(const struct cdn_diff_counts *from, cordon_list_changes *to) {
    *to = (cordon_list_changes){from->added, from->removed, from->changed, from->same};
}

CORDON_API int cordon_list_diff(const cordon_list *before,
                                const cordon_list *after,
                                int as_json,
                                cordon_buffer *out,
                                cordon_list_changes *ret,
                                cordon_error *e) {
    struct cdn_diff_counts counts;
    int err = cdn_lists_diff(&before->list, &after->list, NULL, NULL, &counts);
    if (!err && out) {
        struct cdn_buf b = cdn_toolkit_open(out, CDN_MAX_LIST_BYTES);
        err = as_json ? cdn_lists_diff_json(&b, before->alloc, &before->list, &after->list)
                      : cdn_lists_diff_words(&b, before->alloc, &before->list, &after->list);
        const int closed = cdn_toolkit_close(out, &b);
        err = err ? err : closed;
    }
    if (err)
        return cdn_fail(e, err, "the differences could not be written");
    cdn_toolkit_list_changes(&counts, ret);
    return CORDON_OK;
}

CORDON_API int cordon_list_judge(const cordon_list *list,
                                 const cordon_list *last,
                                 const cordon_list_rules *rules,
                                 cordon_buffer *reasons,
                                 cordon_error *e) {
    struct cdn_list_rules own;
    struct cdn_activation a;
    int err = cdn_toolkit_list_rules(rules, &own, e);
    if (err)
        return err;
    cdn_lists_judge(&own, &list->list.info, NULL, &list->report, last ? &last->list.info : NULL, &a);
    struct cdn_buf b = cdn_toolkit_open(reasons, sizeof(a.reasons) + CDN_ACTIVATION_REASONS);
    cdn_toolkit_list_reasons(&b, &a);
    err = cdn_toolkit_close(reasons, &b);
    if (err)
        return cdn_fail(e, err, "no memory for the reasons");
    return a.accepted ? CORDON_OK : cdn_fail(e, CORDON_E_STATE, "%s", a.count > 0 ? a.reasons[0] : "refused");
}

void cdn_toolkit_list_reasons(struct cdn_buf *out, const struct cdn_activation *a) {
    for (uint32_t i = 0; i < a->count; i++) {
        cdn_buf_z(out, a->reasons[i]);
        cdn_buf_char(out, '\n');
    }
}
