/* SPDX-License-Identifier: Apache-2.0 */
/* json_in.c: reads lists in canonical form (json_out.c), for in-house lists.
 *
 * One JSON object per line. A first line with "cordon_list" and a last line with "end" may be absent in a
 * list written by hand; when the last one is there, its count is the one that the file claims. Strict: an
 * unknown member, a word that is not of its vocabulary or a wrong type is an error with line and suggestion,
 * because a misspelt `identifier` must not become a party without identifiers. Texts are cleaned as those of
 * every list.
 *
 *  1. reading what was written gives equal entries;
 *  2. nesting is that of the table of fields; nothing deeper is accepted, so the stack is bounded;
 *  3. one line is in memory at a time. */
#include "lists/priv.h"

#include "places/codes.h"

struct in {
    struct cdn_rd *r;
    const char *p, *end;
};

#define syntax(in, ...) cdn_rd_fail((in)->r, CORDON_E_SYNTAX, __VA_ARGS__)

/* ---- tokens
 * --------------------------------------------------------------------------------------------------- */

static char peek(struct in *in) {
    while (in->p < in->end && (*in->p == ' ' || *in->p == '\t' || *in->p == '\r' || *in->p == '\n')) {
        in->p++;
    }
    return in->p < in->end && in->r->err == 0 ? *in->p : '\0';
}

static bool take(struct in *in, char c) {
    if (peek(in) != c) {
        return false;
    }
    in->p++;
    return true;
}

static void expect(struct in *in, char c) {
    if (!take(in, c)) {
        syntax(in, "expected `%c`", c);
    }
}

static int hex4(const char *p) {
    int v = 0;
    for (int i = 0; i < 4; i++) {
        const char c = p[i];
        const int d = c >= '0' && c <= '9'                 ? c - '0'
                      : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                           : -1;
        if (d < 0) {
            return -1;
        }
        v = v * 16 + d;
    }
    return v;
}

/* After "\u": the code point, with its second half if it has one; 0 is an error. */
static uint32_t escaped(struct in *in) {
    int v = in->end - in->p >= 4 ? hex4(in->p) : -1;
    in->p += v < 0 ? 0 : 4;
    if (v >= 0xd800 && v < 0xdc00 && in->end - in->p >= 6 && in->p[0] == '\\' && in->p[1] == 'u') {
        const int low = hex4(in->p + 2);
        if (low >= 0xdc00 && low < 0xe000) {
            in->p += 6;
            return 0x10000U + ((uint32_t)(v - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
        }
    }
    if (v <= 0 || (v >= 0xd800 && v < 0xe000)) {
        syntax(in, "a \\u escape that is no character");
        return 0;
    }
    return (uint32_t)v;
}

static void escape(struct in *in, struct cdn_buf *out) {
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    const char c = in->p < in->end ? *in->p++ : '\0';
    const char *const at = c == '\0' ? NULL : strchr(from, c);
    if (at != NULL) {
        cdn_buf_char(out, to[at - from]);
    } else if (c == 'u') {
        char bytes[4];
        const uint32_t cp = escaped(in);
        cdn_buf_put(out, bytes, cdn_utf8_encode(cp, bytes));
    } else {
        syntax(in, "an unknown escape in a text");
    }
}

/* The text as it stands, unescaped into `out`. */
static void raw_text(struct in *in, struct cdn_buf *out) {
    expect(in, '"');
    while (in->r->err == 0 && out->err == 0) {
        const char *const from = in->p;
        while (in->p < in->end && *in->p != '"' && *in->p != '\\' && (unsigned char)*in->p >= 0x20) {
            in->p++;
        }
        cdn_buf_put(out, from, (size_t)(in->p - from));
        if (in->p == in->end || (unsigned char)*in->p < 0x20) {
            syntax(in, "a text without end, or with a control character in it");
        } else if (*in->p++ == '"') {
            break;
        } else {
            escape(in, out);
        }
    }
    if (out->err != 0) {
        cdn_rd_fail(in->r, out->err, "a text that is too long, or no memory");
    }
}

/* A short word into `storage`. */
static cordon_str word(struct in *in, char storage[128]) {
    struct cdn_buf out;
    cdn_buf_fixed(&out, storage, 128);
    raw_text(in, &out);
    return in->r->err == 0 ? cdn_buf_get(&out) : (cordon_str){NULL, 0};
}

static cordon_str text(struct in *in) {
    struct cdn_buf out;
    cdn_buf_init(&out, in->r->alloc, CDN_MAX_LIST_TEXT);
    raw_text(in, &out);
    const cordon_str kept = in->r->err == 0 ? cdn_rd_text(in->r, cdn_buf_get(&out)) : (cordon_str){NULL, 0};
    cdn_buf_free(&out);
    return kept;
}

static bool literal(struct in *in, const char *what) {
    const size_t n = strlen(what);
    (void)peek(in);
    if ((size_t)(in->end - in->p) < n || memcmp(in->p, what, n) != 0) {
        return false;
    }
    in->p += n;
    return true;
}

static uint64_t number(struct in *in) {
    (void)peek(in);
    const char *const from = in->p;
    while (in->p < in->end && *in->p >= '0' && *in->p <= '9') {
        in->p++;
    }
    uint64_t v = 0;
    const cordon_str digits = cdn_str(from, (size_t)(in->p - from));
    if (!cdn_parse_uint(digits, &v) || (digits.n > 1 && digits.p[0] == '0')) {
        syntax(in, "expected a whole number");
    }
    return v;
}

static uint32_t number32(struct in *in) {
    const uint64_t v = number(in);
    if (v > UINT32_MAX) {
        cdn_rd_fail(in->r, CORDON_E_RANGE, "a number above %u", UINT32_MAX);
    }
    return (uint32_t)(v & UINT32_MAX);
}

/* ---- fields
 * ----------------------------------------------------------------------------------------------------- */

static uint8_t vocabulary(struct in *in, const struct cdn_list_field *field) {
    char storage[128];
    const cordon_str w = word(in, storage);
    struct cdn_suggest suggest;
    cdn_suggest_init(&suggest, w);
    for (uint32_t i = 0; i < field->word_count; i++) {
        if (cdn_str_eq(w, cdn_str_z(field->words[i]))) {
            return (uint8_t)i;
        }
        cdn_suggest_offer(&suggest, cdn_str_z(field->words[i]));
    }
    cdn_rd_fail(in->r, CORDON_E_NAME, "`%.*s` is no word for `%s`", CDN_FMT(w), field->name);
    if (in->r->err != 0 && cdn_suggest_found(&suggest)) {
        cdn_error_hint(in->r->e, "did you mean `%.*s`?", CDN_FMT(suggest.best));
    }
    return 0;
}

static struct cdn_dates date(struct in *in, const struct cdn_list_field *field) {
    char storage[128];
    const cordon_str w = word(in, storage);
    struct cdn_dates dates = {0};
    if (in->r->err == 0 && !cdn_dates_parse(w, &dates)) {
        cdn_rd_fail(in->r, CORDON_E_TYPE, "`%.*s` of `%s` is no date", CDN_FMT(w), field->name);
    }
    return dates;
}

static uint32_t percent(struct in *in) {
    char storage[128];
    const cordon_str w = word(in, storage);
    cordon_str fraction = {NULL, 0};
    uint64_t whole = 0;
    uint64_t part = 0;
    const bool good = cdn_parse_uint(cdn_str_split(w, '.', &fraction), &whole) && whole <= 100 &&
                      fraction.n <= 2 && (fraction.n == 0 || cdn_parse_uint(fraction, &part));
    const uint64_t hundredths = whole * 100 + (fraction.n == 1 ? part * 10 : part);
    if (!good || hundredths > 10000) {
        cdn_rd_fail(in->r, CORDON_E_RANGE, "`%.*s` is no percentage with at most two decimals", CDN_FMT(w));
        return 0;
    }
    return (uint32_t)hundredths;
}

static uint16_t country(struct in *in) {
    char storage[128];
    const cordon_str w = word(in, storage);
    uint16_t code = 0;
    if (in->r->err == 0 && cdn_country_any(w, &code, in->r->e) != 0) {
        cdn_rd_error(in->r, CORDON_E_NAME);
        cdn_rd_where(in->r);
    }
    return code;
}

static void object(struct in *in, const struct cdn_list_record *record, void *to);

static void array(struct in *in, const struct cdn_list_field *field, struct cdn_many *many) {
    expect(in, '[');
    if (take(in, ']')) {
        return;
    }
    const size_t size = field->type == CDN_LFIELD_TEXTS ? sizeof(cordon_str) : field->record->size;
    do {
        const uint32_t before = cdn_rd_point(in->r, NULL, many->n);
        void *const item =
            in->r->err != 0 ? NULL : cdn_many_add(&in->r->arena, many, size, CDN_MAX_LIST_ITEMS);
        if (item == NULL) {
            cdn_rd_fail(in->r,
                        many->n >= CDN_MAX_LIST_ITEMS ? CORDON_E_LIMIT : CORDON_E_NOMEM,
                        "too many items in `%s`, or no memory",
                        field->name);
            return;
        }
        if (field->type == CDN_LFIELD_TEXTS) {
            *(cordon_str *)item = text(in);
        } else {
            object(in, field->record, item);
        }
        cdn_rd_point_back(in->r, before);
    } while (take(in, ','));
    expect(in, ']');
}

static void field_value(struct in *in, const struct cdn_list_field *field, void *at) {
    switch ((enum cdn_list_field_type)field->type) {
    case CDN_LFIELD_TEXT:
        *(cordon_str *)at = text(in);
        break;
    case CDN_LFIELD_WORD:
        *(uint8_t *)at = vocabulary(in, field);
        break;
    case CDN_LFIELD_FLAG:
        *(bool *)at = literal(in, "true");
        if (!*(bool *)at && !literal(in, "false")) {
            cdn_rd_fail(in->r, CORDON_E_TYPE, "`%s` is true or false", field->name);
        }
        break;
    case CDN_LFIELD_COUNTRY:
        *(uint16_t *)at = country(in);
        break;
    case CDN_LFIELD_DATES:
        *(struct cdn_dates *)at = date(in, field);
        break;
    case CDN_LFIELD_NUMBER:
        *(uint32_t *)at = number32(in);
        break;
    case CDN_LFIELD_LARGE:
        *(uint64_t *)at = number(in);
        break;
    case CDN_LFIELD_PERCENT:
        *(uint32_t *)at = percent(in);
        break;
    case CDN_LFIELD_TEXTS:
    case CDN_LFIELD_RECORDS:
        array(in, field, at);
        break;
    }
}

static const struct cdn_list_field *member(struct in *in,
                                           const struct cdn_list_record *record,
                                           uint32_t *seen) {
    char storage[128];
    const cordon_str name = word(in, storage);
    struct cdn_suggest suggest;
    cdn_suggest_init(&suggest, name);
    for (uint32_t i = 0; i < record->count; i++) {
        const cordon_str have = cdn_str_z(record->fields[i].name);
        if (cdn_str_eq(name, have)) {
            if ((*seen >> i & 1) != 0) {
                cdn_rd_fail(in->r, CORDON_E_CONFLICT, "member `%s` twice", record->fields[i].name);
            }
            *seen |= UINT32_C(1) << i;
            return &record->fields[i];
        }
        cdn_suggest_offer(&suggest, have);
    }
    cdn_rd_fail(in->r, CORDON_E_NAME, "unknown member `%.*s`", CDN_FMT(name));
    if (cdn_suggest_found(&suggest)) {
        cdn_error_hint(in->r->e, "did you mean `%.*s`?", CDN_FMT(suggest.best));
    }
    return NULL;
}

static void object(struct in *in, const struct cdn_list_record *record, void *to) {
    uint32_t seen = 0;
    expect(in, '{');
    if (take(in, '}')) {
        return;
    }
    do {
        const struct cdn_list_field *const field = member(in, record, &seen);
        expect(in, ':');
        if (in->r->err == 0 && field != NULL) {
            const uint32_t before = cdn_rd_point(in->r, field->name, 0);
            field_value(in, field, (char *)to + field->offset);
            cdn_rd_point_back(in->r, before);
        }
    } while (in->r->err == 0 && take(in, ','));
    expect(in, '}');
}

/* ---- lines
 * ----------------------------------------------------------------------------------------------------------
 */

struct head {
    cordon_str id, issuer, format, sha256, stale;
    struct cdn_dates date;
    uint32_t cordon_list;
};
static const struct cdn_list_field head_fields[] = {
    {.name = "cordon_list", .offset = offsetof(struct head, cordon_list), .type = CDN_LFIELD_NUMBER},
    {.name = "date", .offset = offsetof(struct head, date), .type = CDN_LFIELD_DATES},
    {.name = "format", .offset = offsetof(struct head, format), .type = CDN_LFIELD_TEXT},
    {.name = "id", .offset = offsetof(struct head, id), .type = CDN_LFIELD_TEXT},
    {.name = "issuer", .offset = offsetof(struct head, issuer), .type = CDN_LFIELD_TEXT},
    {.name = "sha256", .offset = offsetof(struct head, sha256), .type = CDN_LFIELD_TEXT},
    {.name = "stale", .offset = offsetof(struct head, stale), .type = CDN_LFIELD_TEXT},
};
static const struct cdn_list_record head_record = {
    .size = sizeof(struct head), .count = CDN_ARRAY_LEN(head_fields), .fields = head_fields};

struct tail {
    uint64_t count;
    bool end;
};
static const struct cdn_list_field tail_fields[] = {
    {.name = "count", .offset = offsetof(struct tail, count), .type = CDN_LFIELD_LARGE},
    {.name = "end", .offset = offsetof(struct tail, end), .type = CDN_LFIELD_FLAG},
};
static const struct cdn_list_record tail_record = {
    .size = sizeof(struct tail), .count = CDN_ARRAY_LEN(tail_fields), .fields = tail_fields};

static cordon_str kept(struct cdn_rd *r, cordon_str s) {
    cordon_str copy = {NULL, 0};
    if (s.n > 0 && r->err == 0 && cdn_arena_str(&r->report->arena, s, &copy) != 0) {
        cdn_rd_fail(r, CORDON_E_NOMEM, "no memory for the head of a list");
    }
    return copy;
}

int cdn_list_read_record(cordon_str text_in,
                         const char *name,
                         const struct cdn_list_record *record,
                         struct cdn_arena *arena,
                         void *to,
                         struct cordon_error *e) {
    struct cdn_list_report report;
    cdn_list_report_init(&report, arena->parent);
    /* The texts are to stay in the caller's arena: it is lent to the reading and taken back. */
    struct cdn_rd r = {
        .alloc = arena->parent, .report = &report, .e = e, .file = name, .line = 1, .arena = *arena};
    cdn_map_init(&r.countries, r.alloc);
    cdn_buf_init(&r.clean, r.alloc, CDN_MAX_LIST_TEXT);
    const char *const begin = text_in.n > 0 ? text_in.p : "";
    struct in in = {.r = &r, .p = begin, .end = begin + text_in.n};
    if (text_in.n > 0 && (!cdn_utf8_valid(text_in) || memchr(text_in.p, 0, text_in.n) != NULL)) {
        cdn_rd_fail(&r, CORDON_E_FORMAT, "not UTF-8, or with a NUL byte");
    }
    object(&in, record, to);
    if (r.err == 0 && peek(&in) != '\0') {
        syntax(&in, "something follows the object");
    }
    *arena = r.arena;
    cdn_buf_free(&r.clean);
    cdn_map_free(&r.countries);
    cdn_list_report_free(&report);
    return r.err;
}

static void head_line(struct in *in) {
    struct cdn_rd *const r = in->r;
    struct head head = {.cordon_list = 0};
    object(in, &head_record, &head);
    if (r->err == 0 && head.cordon_list != 1) {
        cdn_rd_fail(
            r, CORDON_E_VERSION, "version %u of the form of lists; this build reads 1", head.cordon_list);
    }
    r->info.date = head.date;
    if (r->options->id.n == 0 && head.id.n > 0) {
        r->info.id = kept(r, head.id);
    }
    if (r->options->issuer.n == 0 && head.issuer.n > 0) {
        r->info.issuer = kept(r, head.issuer);
    }
    r->info.stale = head.stale.n > 0 ? kept(r, head.stale) : r->info.stale;
}

/* What reading sets beyond the members. */
static void complete(struct cdn_rd *r) {
    for (uint32_t i = 0; i < r->entry->names.n && r->err == 0; i++) {
        struct cdn_list_name *const name = &r->entry->names.p[i];
        name->script = (uint8_t)cdn_script_of(name->full);
        name->low = name->low || name->kind == CDN_NAME_WEAK;
        if (name->kind == CDN_NAME_UNKNOWN) {
            name->kind = name->low ? CDN_NAME_WEAK : CDN_NAME_STRONG;
        }
        if (name->full.n == 0 || name->full.n > CDN_MAX_NAME_BYTES) {
            cdn_rd_fail(r,
                        CORDON_E_LIMIT,
                        "a name of %zu bytes; 1 to %d are allowed",
                        name->full.n,
                        CDN_MAX_NAME_BYTES);
        }
    }
}

static void entry_line(struct in *in) {
    struct cdn_rd *const r = in->r;
    const uint32_t line = r->line;
    const uint64_t byte = r->byte;
    cdn_rd_begin(r, (cordon_str){NULL, 0});
    r->entry->source_line = 0; /* the line says where it was read first, or this is where */
    r->entry->source_byte = 0;
    object(in, &cdn_list_entry_record, r->entry);
    if (r->entry->source_line == 0) {
        r->entry->source_line = line;
        r->entry->source_byte = byte;
    }
    complete(r);
    r->info.rows++;
    cdn_rd_emit(r);
    r->line = line;
}

static void tail_line(struct in *in) {
    struct tail tail = {.count = 0};
    object(in, &tail_record, &tail);
    in->r->info.claims = true;
    in->r->info.claimed = tail.count;
    in->r->info.clean_end = tail.end;
}

static bool whole_text(struct cdn_rd *r, cordon_str line) {
    if (!cdn_utf8_valid(line) || memchr(line.p, 0, line.n) != NULL) {
        cdn_rd_fail(r, CORDON_E_FORMAT, "a line that is not UTF-8, or with a NUL byte");
    }
    return r->err == 0;
}

static void nothing_follows(struct in *in) {
    if (in->r->err == 0 && peek(in) != '\0') {
        syntax(in, "something follows the object");
    }
}

void cdn_rd_json_object(struct cdn_rd *r, cordon_str line, const struct cdn_list_record *record, void *to) {
    struct in in = {.r = r, .p = line.p, .end = line.p + line.n};
    if (whole_text(r, line)) {
        object(&in, record, to);
        nothing_follows(&in);
    }
}

/* A list, line by line. */
struct house {
    struct cdn_rd *r;
    bool begun, ended;
};

static void house_line(void *ctx, cordon_str line) {
    struct house *const h = ctx;
    struct in in = {.r = h->r, .p = line.p, .end = line.p + line.n};
    const bool first = !h->begun;
    h->begun = true;
    if (h->ended) {
        syntax(&in, "something follows the last line of the list");
    } else if (!whole_text(h->r, line)) {
        return;
    } else if (first && cdn_str_starts(line, CDN_STR("{\"cordon_list\""))) {
        cdn_rd_begin(h->r, (cordon_str){NULL, 0});
        head_line(&in);
    } else if (cdn_str_starts(line, CDN_STR("{\"count\""))) {
        h->ended = true;
        tail_line(&in);
    } else {
        entry_line(&in);
    }
    nothing_follows(&in);
}

bool cdn_rd_json_lines(struct cdn_rd *r,
                       struct cdn_list_source *s,
                       void (*each)(void *ctx, cordon_str line),
                       void *ctx) {
    struct cdn_buf line;
    cdn_buf_init(&line, r->alloc, CDN_MAX_LIST_TEXT);
    uint64_t byte = 0;
    uint32_t number_of_line = 0;
    bool last = false;
    bool whole = true;
    while (!last && r->err == 0) {
        cordon_str chunk = {NULL, 0};
        const int err = cdn_list_source_next(s, &chunk, r->e);
        if (err != 0) {
            cdn_rd_error(r, err);
        }
        last = chunk.n == 0;
        while ((chunk.n > 0 || (last && line.n > 0)) && r->err == 0) {
            const char *const nl = chunk.n == 0 ? NULL : memchr(chunk.p, '\n', chunk.n);
            const size_t n = nl == NULL ? chunk.n : (size_t)(nl - chunk.p);
            cdn_buf_put(&line, chunk.p, n);
            chunk = cdn_str_after(chunk, n + 1);
            if (line.err != 0) {
                cdn_rd_fail(
                    r, line.err, "a line of more than %zu bytes, or no memory", (size_t)CDN_MAX_LIST_TEXT);
            }
            if (nl == NULL && !last) {
                break;
            }
            whole = nl != NULL;
            r->line = ++number_of_line;
            r->byte = byte;
            byte += line.n + 1;
            cordon_str text_of_line = cdn_buf_get(&line);
            if (number_of_line == 1 && cdn_str_starts(text_of_line, CDN_STR("\xef\xbb\xbf"))) {
                text_of_line = cdn_str_after(text_of_line, 3);
            }
            if (r->err == 0 && cdn_str_trim(text_of_line).n > 0) {
                each(ctx, cdn_str_trim(text_of_line));
            }
            cdn_buf_clear(&line);
        }
    }
    cdn_buf_free(&line);
    return whole;
}

void cdn_read_house_jsonl(struct cdn_rd *r, struct cdn_list_source *s) {
    struct house h = {.r = r};
    const bool whole = cdn_rd_json_lines(r, s, house_line, &h);
    if (!h.ended) {
        r->info.clean_end = whole;
    }
}
