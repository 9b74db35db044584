/* SPDX-License-Identifier: Apache-2.0 */
/* links_json.c: links as JSON Lines: an object per line, with the members that CSV has as columns. */
#include "lists/links_priv.h"

struct link {
    cordon_str member[CDN_LINK_MEMBERS];
    CDN_MANY(cordon_str) owner_ids;
    CDN_MANY(cordon_str) owned_ids;
    bool disputed;
};

#define TEXT(m, n)                                                                                           \
    { .name = (n), .offset = offsetof(struct link, member[CDN_LINK_M_##m]), .type = CDN_LFIELD_TEXT }
#define TEXTS(f)                                                                                             \
    { .name = #f, .offset = offsetof(struct link, f), .type = CDN_LFIELD_TEXTS }

static const struct cdn_list_field fields[] = {
    {.name = "disputed", .offset = offsetof(struct link, disputed), .type = CDN_LFIELD_FLAG},
    TEXT(KIND, "kind"),
    TEXT(OWNED, "owned"),
    TEXT(OWNED_COUNTRY, "owned_country"),
    TEXTS(owned_ids),
    TEXT(OWNER, "owner"),
    TEXT(OWNER_COUNTRY, "owner_country"),
    TEXTS(owner_ids),
    TEXT(PERCENT, "percent"),
    TEXT(SINCE, "since"),
    TEXT(SOURCE, "source"),
    TEXT(UNTIL, "until"),
};
static const struct cdn_list_record record = {
    .size = sizeof(struct link), .count = CDN_ARRAY_LEN(fields), .fields = fields};

static void one_line(void *ctx, cordon_str line) {
    struct cdn_link_reading *l = ctx;
    struct link in = {.disputed = false};
    struct cdn_link_text text = {.json = true};
    cdn_arena_reset(&l->r->arena);
    cdn_rd_json_object(l->r, line, &record, &in);
    if (l->r->err)
        return;
    memcpy(text.member, in.member, sizeof text.member);
    text.member[CDN_LINK_M_DISPUTED] = in.disputed ? CDN_STR("yes") : CDN_STR("no");
    text.ids[0] = in.owner_ids.p;
    text.ids[1] = in.owned_ids.p;
    text.id_count[0] = in.owner_ids.n;
    text.id_count[1] = in.owned_ids.n;
    cdn_link_take(l, &text);
}

void cdn_links_read_json(struct cdn_link_reading *l, struct cdn_list_source *s) {
    (void)cdn_rd_json_lines(l->r, s, one_line, l);
}
