/* SPDX-License-Identifier: Apache-2.0 */
/* links.c: reads files of links (forms in links.h): the members of a link, and CSV, over the reader of lists.
 */
#include "lists/links_priv.h"

#include "base/num.h"
#include "lists/csv_priv.h"

#include <openssl/evp.h>

const char *const cdn_link_member_names[CDN_LINK_MEMBERS] = {"owner",
                                                             "owner_country",
                                                             "owner_ids",
                                                             "owned",
                                                             "owned_country",
                                                             "owned_ids",
                                                             "percent",
                                                             "kind",
                                                             "since",
                                                             "until",
                                                             "source",
                                                             "disputed"};
static const char *const kinds[] = {"", "direct", "indirect", "control", "either"};

/* ---- members ----------------------------------------------------------------------------------------------
 */

static uint16_t country(struct cdn_rd *r, cordon_str text) {
    const uint16_t c = text.n ? cdn_rd_country(r, text) : 0;
    if (text.n && !c)
        cdn_rd_fail(r, CORDON_E_NAME, "`%.*s` is no country", CDN_FMT(text));
    return c;
}

static unsigned ident_kind(struct cdn_rd *r, cordon_str word) {
    struct cdn_suggest s;
    cdn_suggest_init(&s, word);
    cdn_suggest_offer(&s, CDN_STR("entry"));
    for (unsigned i = 0; cdn_ident_kind_name(i); i++) {
        if (cdn_str_eq_nocase(word, cdn_str_z(cdn_ident_kind_name(i))))
            return i;
        cdn_suggest_offer(&s, cdn_str_z(cdn_ident_kind_name(i)));
    }
    cdn_rd_fail(r, CORDON_E_NAME, "`%.*s` is no kind of identifier", CDN_FMT(word));
    if (cdn_suggest_found(&s))
        cdn_error_hint(r->e, "did you mean `%.*s`?", CDN_FMT(s.best));
    return 0;
}

/* entry:LIST:ID; the id is what follows the last colon. */
static bool entry_of(cordon_str rest, struct cdn_link_id *id) {
    size_t colon = rest.n;
    while (colon > 0 && rest.p[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return false;
    id->is_entry = true;
    id->list = cdn_str_trim(cdn_str(rest.p, colon - 1));
    id->value = cdn_str_trim(cdn_str_after(rest, colon));
    return id->list.n > 0 && id->value.n > 0;
}

static void one_id(struct cdn_rd *r, cordon_str text, struct cdn_link_side *side) {
    cordon_str rest = {NULL, 0}, value = {NULL, 0};
    if (side->id_count == CDN_MAX_LINK_IDS) {
        cdn_rd_fail(r, CORDON_E_LIMIT, "more than %d identifiers", CDN_MAX_LINK_IDS);
        return;
    }
    struct cdn_link_id *id = &side->ids[side->id_count];
    *id = (struct cdn_link_id){.is_entry = false};
    const cordon_str word = cdn_str_trim(cdn_str_split(text, ':', &rest));
    if (cdn_str_eq_nocase(word, CDN_STR("entry"))) {
        if (!entry_of(rest, id))
            cdn_rd_fail(r, CORDON_E_SYNTAX, "`%.*s` is not entry:LIST:ID", CDN_FMT(text));
        side->id_count++;
        return;
    }
    id->kind = (uint8_t)ident_kind(r, word);
    id->country = country(r, cdn_str_trim(cdn_str_split(rest, ':', &value)));
    id->value = cdn_str_trim(value);
    if (id->value.n == 0)
        cdn_rd_fail(r, CORDON_E_SYNTAX, "`%.*s` is not kind:country:number", CDN_FMT(text));
    side->id_count++;
}

/* Which member an error is about; of JSON only, where a line may be long. */
static uint32_t point(struct cdn_rd *r, const struct cdn_link_text *t, unsigned member) {
    return t->json ? cdn_rd_point(r, cdn_link_member_names[member], 0) : r->pointed;
}

static void ids_of(struct cdn_rd *r,
                   const struct cdn_link_text *t,
                   unsigned member,
                   struct cdn_link_side *side) {
    const unsigned which = member == CDN_LINK_M_OWNED_IDS;
    const uint32_t before = point(r, t, member);
    for (cordon_str rest = t->member[member]; rest.n > 0 && r->err == 0;) {
        const cordon_str id = cdn_str_trim(cdn_str_split(rest, '|', &rest));
        if (id.n)
            one_id(r, id, side);
    }
    for (uint32_t i = 0; i < t->id_count[which] && r->err == 0; i++) {
        const uint32_t within = cdn_rd_point(r, NULL, i);
        one_id(r, cdn_str_trim(t->ids[which][i]), side);
        cdn_rd_point_back(r, within);
    }
    cdn_rd_point_back(r, before);
}

static void side_of(struct cdn_rd *r,
                    const struct cdn_link_text *t,
                    unsigned first,
                    struct cdn_link_side *side) {
    uint32_t before = point(r, t, first);
    side->name = t->member[first];
    side->id_count = 0;
    if (side->name.n > CDN_MAX_NAME_BYTES)
        cdn_rd_fail(r, CORDON_E_LIMIT, "a name of more than %d bytes", CDN_MAX_NAME_BYTES);
    cdn_rd_point_back(r, before);
    before = point(r, t, first + 1);
    side->country = country(r, t->member[first + 1]);
    cdn_rd_point_back(r, before);
    ids_of(r, t, first + 2, side);
    if (r->err == 0 && !side->name.n && !side->id_count)
        cdn_rd_fail(
            r, CORDON_E_SYNTAX, "the %s has neither a name nor an identifier", cdn_link_member_names[first]);
}

/* Hundredths of a percent. */
static bool share(cordon_str text, uint16_t *ret) {
    struct cdn_decimal d;
    if (cdn_decimal_parse(cdn_str_trim(text), &d) < 0 || d.mantissa < 0 || d.scale > 2 ||
        cdn_decimal_cmp(d, (struct cdn_decimal){100, 0}) > 0)
        return false;
    int64_t v = d.mantissa;
    for (unsigned i = d.scale; i < 2; i++)
        v *= 10;
    *ret = (uint16_t)v;
    return true;
}

static void percent(struct cdn_rd *r, cordon_str text, struct cdn_link_row *row) {
    cordon_str second = {NULL, 0};
    row->known = text.n > 0;
    row->from = row->to = 0;
    if (!row->known)
        return;
    const cordon_str first = cdn_str_split(text, '-', &second);
    if (!share(first, &row->from) || !share(second.n ? second : first, &row->to) || row->from > row->to)
        cdn_rd_fail(r,
                    CORDON_E_RANGE,
                    "`%.*s` is no share of 0 to 100 with two decimals, nor a range",
                    CDN_FMT(text));
}

static void kind(struct cdn_rd *r, cordon_str text, struct cdn_link_row *row) {
    for (unsigned i = 0; i < CDN_ARRAY_LEN(kinds); i++) {
        if (cdn_str_eq_nocase(text, cdn_str_z(kinds[i]))) {
            row->kind = (uint8_t)i;
            return;
        }
    }
    cdn_rd_fail(r, CORDON_E_NAME, "`%.*s` is not direct, indirect, control or either", CDN_FMT(text));
}

static void date(struct cdn_rd *r, cordon_str text, struct cdn_dates *ret) {
    *ret = (struct cdn_dates){0, 0, false, false};
    if (text.n && (!cdn_dates_parse(text, ret) || !ret->known))
        cdn_rd_fail(r, CORDON_E_SYNTAX, "`%.*s` is no date", CDN_FMT(text));
}

static void since(struct cdn_rd *r, cordon_str text, struct cdn_link_row *row) {
    date(r, text, &row->since);
}

static void until(struct cdn_rd *r, cordon_str text, struct cdn_link_row *row) {
    date(r, text, &row->until);
}

static void disputed(struct cdn_rd *r, cordon_str text, struct cdn_link_row *row) {
    row->disputed = cdn_str_eq_nocase(text, CDN_STR("yes"));
    if (text.n && !row->disputed && !cdn_str_eq_nocase(text, CDN_STR("no")))
        cdn_rd_fail(r, CORDON_E_NAME, "`%.*s` is not yes or no", CDN_FMT(text));
}

/* ---- rows -----------------------------------------------------------------------------------------------
 */

static bool same_side(const struct cdn_link_side *a, const struct cdn_link_side *b) {
    if (a->id_count == 0 && b->id_count == 0)
        return cdn_str_eq(a->name, b->name) && a->country == b->country;
    for (uint32_t i = 0; i < a->id_count; i++) {
        for (uint32_t k = 0; k < b->id_count; k++) {
            if (a->ids[i].is_entry == b->ids[k].is_entry && a->ids[i].kind == b->ids[k].kind &&
                a->ids[i].country == b->ids[k].country && cdn_str_eq(a->ids[i].list, b->ids[k].list) &&
                cdn_str_eq(a->ids[i].value, b->ids[k].value))
                return true;
        }
    }
    return false;
}

static void row_of(struct cdn_rd *r, const struct cdn_link_text *t, struct cdn_link_row *row) {
    static void (*const readers[])(struct cdn_rd *, cordon_str, struct cdn_link_row *) = {
        [CDN_LINK_M_PERCENT] = percent,
        [CDN_LINK_M_KIND] = kind,
        [CDN_LINK_M_SINCE] = since,
        [CDN_LINK_M_UNTIL] = until,
        [CDN_LINK_M_DISPUTED] = disputed,
    };
    side_of(r, t, CDN_LINK_M_OWNER, &row->owner);
    side_of(r, t, CDN_LINK_M_OWNED, &row->owned);
    for (unsigned i = 0; i < CDN_ARRAY_LEN(readers); i++) {
        const uint32_t before = point(r, t, i);
        if (readers[i])
            readers[i](r, t->member[i], row);
        cdn_rd_point_back(r, before);
    }
    row->source = t->member[CDN_LINK_M_SOURCE];
    row->line = r->line;
    if (r->err == 0 && same_side(&row->owner, &row->owned))
        cdn_rd_fail(r, CORDON_E_CONFLICT, "a party that owns itself");
    if (r->err == 0 && row->since.known && row->until.known && row->until.to < row->since.from)
        cdn_rd_fail(r, CORDON_E_RANGE, "it ends before it begins");
}

void cdn_link_take(struct cdn_link_reading *l, const struct cdn_link_text *text) {
    row_of(l->r, text, l->row);
    if (l->r->err)
        return;
    const int err = l->sink->link(l->sink->ctx, l->row, l->r->e);
    if (err)
        cdn_rd_error(l->r, err);
    l->info->count++;
}

/* ---- CSV ------------------------------------------------------------------------------------------------
 */

/* Every column of the file is one of ours, and both sides are there. */
static bool header(struct cdn_rd *r, struct cdn_csv *csv) {
    bool owner = false, owned = false;
    for (size_t i = 0; i < csv->n && r->err == 0; i++) {
        const cordon_str name = cdn_str_trim(cdn_csv_field(csv, i));
        bool known = false;
        for (size_t k = 0; k < CDN_LINK_MEMBERS; k++) {
            if (!cdn_str_eq_nocase(name, cdn_str_z(cdn_link_member_names[k])))
                continue;
            known = true;
            owner |= k == CDN_LINK_M_OWNER || k == CDN_LINK_M_OWNER_IDS;
            owned |= k == CDN_LINK_M_OWNED || k == CDN_LINK_M_OWNED_IDS;
        }
        if (!known)
            cdn_rd_fail(r, CORDON_E_NAME, "no column is called `%.*s`", CDN_FMT(name));
    }
    if (r->err == 0 && (!owner || !owned))
        cdn_rd_fail(r, CORDON_E_FORMAT, "not a file of links: columns for `owner` and `owned` are needed");
    if (r->err == 0)
        cdn_csv_header(csv, cdn_link_member_names, CDN_LINK_MEMBERS);
    return r->err == 0;
}

static void read_csv(struct cdn_link_reading *l, struct cdn_list_source *s) {
    struct cdn_rd *r = l->r;
    struct cdn_csv *csv = cdn_csv_begin(r, s, ',');
    if (r->err == 0 && !cdn_csv_next(csv))
        cdn_rd_fail(r, CORDON_E_FORMAT, "the file is empty");
    if (r->err == 0 && header(r, csv)) {
        while (r->err == 0 && cdn_csv_row(csv)) {
            struct cdn_link_text text = {.json = false};
            for (size_t i = 0; i < CDN_LINK_MEMBERS; i++)
                text.member[i] = cdn_csv_col(csv, i);
            cdn_link_take(l, &text);
        }
    }
    cdn_csv_end(csv);
}

/* ---- a file ---------------------------------------------------------------------------------------------
 */

static bool begins_as_json(cordon_str begin) {
    begin = cdn_str_starts(begin, CDN_STR("\xef\xbb\xbf")) ? cdn_str_after(begin, 3) : begin;
    return cdn_str_starts(cdn_str_trim(begin), CDN_STR("{"));
}

static void read_rows(struct cdn_rd *r,
                      struct cdn_list_source *s,
                      const struct cdn_link_sink *sink,
                      struct cdn_links_info *info) {
    struct cdn_link_reading l = {.r = r, .sink = sink, .info = info};
    cordon_str begin = {NULL, 0};
    l.row = cdn_arena_zero(&r->kept, 1, sizeof *l.row);
    if (!l.row)
        cdn_rd_fail(r, CORDON_E_NOMEM, "no memory for a link");
    const int err = r->err ? r->err : cdn_list_source_peek(s, &begin, r->e);
    if (err)
        cdn_rd_error(r, err);
    else if (begins_as_json(begin))
        cdn_links_read_json(&l, s);
    else
        read_csv(&l, s);
}

int cdn_links_read(const struct cdn_list_file *file,
                   const struct cordon_alloc *alloc,
                   const struct cdn_link_sink *sink,
                   struct cdn_links_info *ret,
                   struct cordon_error *e) {
    const struct cdn_list_options options = {.removed = false};
    struct cdn_list_report report;
    struct cdn_list_source *s = NULL;
    struct cdn_links_info info = {0};
    struct cdn_rd r = {.alloc = alloc, .options = &options, .report = &report, .e = e};
    EVP_MD_CTX *sha = EVP_MD_CTX_new();
    if (!sha || EVP_DigestInit_ex(sha, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(sha);
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a digest");
    }
    cdn_list_report_init(&report, alloc);
    r.err = cdn_list_source_open(file, alloc, &s, e);
    if (r.err == 0) {
        cdn_list_source_digest(s, sha);
        cdn_arena_init(&r.arena, alloc, 0);
        cdn_arena_init(&r.kept, alloc, 0);
        cdn_map_init(&r.keys, alloc);
        cdn_map_init(&r.countries, alloc);
        cdn_buf_init(&r.clean, alloc, CDN_MAX_LIST_TEXT);
        r.entry = &r.one;
        r.file = cdn_list_source_name(s);
        read_rows(&r, s, sink, &info);
        info.bytes = cdn_list_source_bytes(s);
        if (r.err == 0 && EVP_DigestFinal_ex(sha, info.sha256, NULL) != 1)
            cdn_rd_fail(&r, CORDON_E_INTERNAL, "SHA-256 failed");
        cdn_buf_free(&r.clean);
        cdn_map_free(&r.countries);
        cdn_map_free(&r.keys);
        cdn_arena_free(&r.arena);
        cdn_arena_free(&r.kept);
    }
    cdn_list_source_close(s);
    cdn_list_report_free(&report);
    EVP_MD_CTX_free(sha);
    if (r.err == 0)
        *ret = info;
    return r.err;
}
