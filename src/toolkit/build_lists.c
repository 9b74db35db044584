/* SPDX-License-Identifier: Apache-2.0 */
/* build_lists.c: the lists that go into a snapshot: from a store, or from files that are judged as a store
 * would.
 *
 *  1. a file that is not a whole list ends the build: a snapshot never holds half a list as if it were one;
 *  2. a list given as files takes the place of the one of that id in the store;
 *  3. each list stands in INFO with its date and digest. */
#include "cordon/lists.h"

#include "base/num.h"
#include "lists/store.h"
#include "toolkit/build_priv.h"

static int room(struct cdn_toolkit_build *b) {
    if (b->list_count == CDN_MAX_LISTS)
        return cdn_fail(b->e, CORDON_E_LIMIT, "more than %d lists", CDN_MAX_LISTS);
    if (!b->lists) {
        b->lists = cdn_arena_zero(&b->arena, CDN_MAX_LISTS, sizeof(*b->lists));
        b->read = cdn_arena_zero(&b->arena, CDN_MAX_LISTS, sizeof(*b->read));
    }
    return b->lists && b->read ? 0 : cdn_toolkit_no_memory(b->e);
}

/* For INFO: the digest lives with the list. */
static int note(struct cdn_toolkit_build *b, const struct cdn_compile_list *l) {
    char text[64];
    struct cdn_buf buf;
    cdn_buf_fixed(&buf, text, sizeof(text));
    if (l->list->info.date.known)
        cdn_dates_write(&buf, l->list->info.date);
    cordon_str date;
    if (cdn_arena_str(&b->arena, cdn_buf_get(&buf), &date))
        return cdn_toolkit_no_memory(b->e);
    b->inputs[b->input_count++] =
        (struct cdn_compile_input){.kind = CDN_STR("list"),
                                   .name = l->id,
                                   .version = cdn_str_z(cdn_list_format_name(l->list->info.format)),
                                   .date = date,
                                   .sha256 = l->list->info.sha256};
    return 0;
}

static int add(struct cdn_toolkit_build *b, cordon_str id, unsigned part, int64_t retrieved) {
    struct cdn_compile_list *l = &b->lists[b->list_count];
    *l = (struct cdn_compile_list){
        .list = &b->read[b->list_count], .retrieved = retrieved, .part = (uint8_t)part};
    const int err = cdn_arena_str(&b->arena, id, &l->id);
    b->list_count++;
    return err ? cdn_toolkit_no_memory(b->e) : note(b, l);
}

/* ---- files ----------------------------------------------------------------------------------------------
 */

static int judge(struct cdn_toolkit_build *b,
                 const cordon_compile_list *in,
                 const struct cdn_list *list,
                 const struct cdn_list_report *report) {
    struct cdn_list_rules rules;
    struct cdn_activation a;
    cdn_list_rules_init(&rules);
    cdn_lists_judge(&rules, &list->info, NULL, report, NULL, &a);
    if (a.accepted || (b->o->flags & CORDON_BUILD_ANY_LISTS))
        return 0;
    const int err = cdn_fail(b->e,
                             CORDON_E_STATE,
                             "the list %.*s is refused: %.150s",
                             CDN_FMT(in->id),
                             a.count ? a.reasons[0] : "");
    cdn_error_hint(
        b->e,
        "a list that is cut short says `not listed` of whoever is missing; --any-lists takes it all the "
        "same");
    return err;
}

static int read_files(struct cdn_toolkit_build *b, const cordon_compile_list *in) {
    struct cdn_list_file files[4];
    if (in->path_count == 0 || in->path_count > CDN_ARRAY_LEN(files))
        return cdn_fail(b->e, CORDON_E_ARG, "the list %.*s needs 1 to 4 files", CDN_FMT(in->id));
    if (!cdn_list_id_valid(in->id))
        return cdn_fail(b->e, CORDON_E_NAME, "`%.*s` is no id of a list", CDN_FMT(in->id));
    for (size_t i = 0; i < in->path_count; i++)
        files[i] = (struct cdn_list_file){.path = in->paths[i]};
    int err = room(b);
    if (err)
        return err;
    struct cdn_list *list = &b->read[b->list_count];
    struct cdn_list_report report;
    const struct cdn_list_options o = {
        .id = in->id, .removed = true, .part = (enum cdn_list_part)CDN_MIN((unsigned)in->part, 2U)};
    cdn_list_init(list, b->rb->alloc);
    cdn_list_report_init(&report, b->rb->alloc);
    err = cdn_lists_collect((struct cdn_list_files){files, in->path_count}, &o, &report, list, b->e);
    err = err ? err : judge(b, in, list, &report);
    cdn_list_report_free(&report);
    if (err) {
        cdn_list_free(list);
        return err;
    }
    return add(b, in->id, o.part, in->retrieved == CORDON_NEVER ? CDN_TIME_MIN : in->retrieved);
}

/* ---- a store --------------------------------------------------------------------------------------------
 */

static bool given(const struct cdn_toolkit_build *b, cordon_str id) {
    for (size_t i = 0; i < b->o->list_count; i++)
        if (cdn_str_eq(b->o->lists[i].id, id))
            return true;
    return false;
}

static int read_stored(struct cdn_toolkit_build *b,
                       const struct cdn_list_store *store,
                       const struct cdn_list_state *state) {
    const int64_t at = b->o->lists_known_at;
    const struct cdn_list_version *v = cdn_list_state_at(state, at);
    int64_t retrieved = CDN_TIME_MIN;
    int32_t offset = 0;
    if (!v || given(b, state->id))
        return 0; /* nothing was in use then: the list is without data, which the snapshot shows */
    int err = room(b);
    if (err)
        return err;
    struct cdn_list *list = &b->read[b->list_count];
    cdn_list_init(list, b->rb->alloc);
    err = cdn_list_store_load(store, state, at, true, list, b->e);
    if (err)
        return err;
    /* When the issuer last confirmed it; but not after the instant that is asked about. */
    if (cdn_time_parse(v->confirmed.n ? v->confirmed : v->activated, &retrieved, &offset) != 0)
        retrieved = CDN_TIME_MIN;
    return add(b, state->id, v->part, CDN_MIN(retrieved, at));
}

static int read_store(struct cdn_toolkit_build *b) {
    struct cdn_list_store *store = NULL;
    int err = cdn_list_store_open(b->o->lists_folder, false, b->rb->alloc, &store, b->e);
    for (size_t i = 0; !err && i < cdn_list_store_count(store); i++) {
        err = cdn_toolkit_progress(b->rb, "lists", i, cdn_list_store_count(store), b->e);
        err = err ? err : read_stored(b, store, cdn_list_store_state(store, i));
    }
    cdn_list_store_close(store);
    return err;
}

int cdn_toolkit_read_lists(struct cdn_toolkit_build *b) {
    int err = b->o && b->o->lists_folder ? read_store(b) : 0;
    for (size_t i = 0; !err && b->o && i < b->o->list_count; i++) {
        err = cdn_toolkit_progress(b->rb, "lists", i, b->o->list_count, b->e);
        err = err ? err : read_files(b, &b->o->lists[i]);
    }
    return err;
}

void cdn_toolkit_free_lists(struct cdn_toolkit_build *b) {
    for (size_t i = 0; i < b->list_count; i++)
        cdn_list_free(&b->read[i]);
    b->list_count = 0;
}
