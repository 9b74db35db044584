/* SPDX-License-Identifier: Apache-2.0 */
/* ask.c: see ask.h. */
#include "support/ask.h"

#include "compile/listed.h"
#include "compile/owners_build.h"
#include "compile/translit_icu.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/num.h"
#include "support/shared.h"
#include "zone/zone.h"

static const char vocabulary[] =
    "operator op 'Operator'\n"
    "entity op-us 'Op Inc' of op in US\n"
    "entity op-de 'Op GmbH' of op in DE\n"
    "service aws 'Cloud' of op is cloud\n"
    "service film 'Films' of op is media\n"
    "service pay 'Payments' of op is money\n"
    "action account.open 'open' needs customer may owner, recipient, payment\n"
    "action account.use 'use' needs customer may recipient\n"
    "action order.ship 'ship' needs customer, goods may recipient\n"
    "action payment.send 'send' needs customer, payment may recipient\n"
    "action content.view 'view' needs viewer, content\n"
    "action booking.make 'book' needs guest, booking\n"
    "action domain.keep 'keep' needs registrant, domain\n"
    "fact customer.tier code 'tier'\n"
    "fact payment.crypto bool 'paid in crypto-assets'\n"
    "list us/sdn 'SDN' issuer 'OFAC' | source 'SDN' <https://example.org/sdn>\n"
    "list us/ssi 'SSI' issuer 'OFAC' | source 'SSI' <https://example.org/ssi>\n"
    "set banks of bic 'Banks' { 'VTBRRUMM' } | source 'x' <https://example.org/x>\n"
    "set names of domain.name 'Names' { 'bad.example' } | source 'x' <https://example.org/x>\n"
    "calendar us 'US' zone America/New_York | holidays 2022-03-14\n"
    "rate EUR to USD 1.10 from 2022-03-01 UTC 'ECB' <https://example.org/ecb>\n"
    "rate EUR to USD 1.20 from 2022-03-20 UTC 'ECB' <https://example.org/ecb>\n"
    "geodata max-age 30 days max-radius 100 km\n"
    "territory crimea 'Crimea' | within UA, RU | includes UA-43, UA-40 from 2014-03-18 UTC | name 'Crimea', "
    "'Krimea'"
    " | city 'Simferopol' | ambiguous 'Yalta', 'Ялта' clear in RU | postal UA 95000 to 99999"
    " | postal RU 295000 to 299999 from 2014-04-01 Europe/Moscow | phone '+7978' | source 'x' "
    "<https://example.org/c>\n";

/* ' becomes ", " | " a new line with an indent. */
static cordon_str quoted(struct cdn_arena *arena, const char *text, bool clauses) {
    struct cdn_buf b;
    cdn_buf_init(&b, &arena->as_alloc, CDN_MIB(8));
    for (const char *p = text; *p; p++) {
        if (*p == '\'')
            cdn_buf_char(&b, '"');
        else if (clauses && strncmp(p, " | ", 3) == 0)
            cdn_buf_z(&b, "\n    "), p += 2;
        else
            cdn_buf_char(&b, *p);
    }
    if (b.err)
        fail_msg("out of memory");
    return cdn_buf_get(&b);
}

static int load(struct cdn_arena *arena,
                const char *const *files,
                size_t count,
                struct cdn_diagnostics *diags,
                struct cdn_rulebook **ret) {
    static const char *const names[] = {"a.measure", "b.measure", "c.measure", "d.measure", "e.measure"};
    struct cdn_rulebook_source sources[6];
    if (count > 5)
        fail_msg("too many files");
    for (size_t i = 0; i < count; i++)
        sources[i] = (struct cdn_rulebook_source){cdn_str_z(names[i]), quoted(arena, files[i], true)};
    sources[count] =
        (struct cdn_rulebook_source){CDN_STR("vocabulary.measure"), quoted(arena, vocabulary, true)};
    diags->arena = arena;
    return cdn_rulebook_load(sources, count + 1, CDN_ZONE_DIR, arena, diags, ret);
}

static void open_with(struct ask *a,
                      const char *const *files,
                      size_t count,
                      const struct cdn_compile_options *options) {
    struct cdn_diagnostics diags = {0};
    struct cdn_compiled *compiled = cdn_arena_zero(&a->arena, 1, sizeof *compiled);
    struct cdn_buf bundle;
    cdn_buf_init(&bundle, &a->arena.as_alloc, CDN_MIB(64));
    if (load(&a->arena, files, count, &diags, &a->rulebook) < 0)
        fail_msg("%u:%u: %.*s",
                 diags.items[0].pos.line,
                 diags.items[0].pos.column,
                 CDN_FMT(diags.items[0].message));
    if (cdn_compile(a->rulebook, options, &a->arena, compiled, &a->error) < 0)
        fail_msg("%s", a->error.message);
    cdn_compile_bundle(compiled, &bundle);
    assert_int_equal(bundle.err, 0);
    if (cdn_snapshot_open_bytes(cdn_buf_get(&bundle), &cdn_alloc_libc, &a->snapshot, &a->error) < 0)
        fail_msg("%s", a->error.message);
    assert_int_equal(cdn_decider_new(a->snapshot, &cdn_alloc_libc, &a->decider, NULL), 0);
}

void ask_open_files(struct ask *a, const char *const *files, size_t count, cordon_str geo) {
    const struct cdn_compile_options options = {.zoneinfo = CDN_ZONE_DIR, .geo = geo};
    memset(a, 0, sizeof *a);
    cdn_arena_init(&a->arena, &cdn_alloc_libc, 0);
    open_with(a, files, count, &options);
}

static void read_list(struct ask *a, const struct ask_list *from, struct cdn_list *to) {
    const struct cdn_list_file file = {.bytes = cdn_str_z(from->csv), .name = from->id};
    const struct cdn_list_options options = {.id = cdn_str_z(from->id)};
    struct cdn_list_report report;
    struct cdn_when day;
    cdn_list_report_init(&report, &a->arena.as_alloc);
    cdn_list_init(to, &a->arena.as_alloc);
    if (cdn_lists_collect((struct cdn_list_files){&file, 1}, &options, &report, to, &a->error) < 0)
        fail_msg("%s: %s", from->id, a->error.message);
    if (!from->date)
        return;
    assert_int_equal(cdn_when_parse(cdn_str_z(from->date), &day), 0);
    to->info.date.known = true;
    to->info.date.from = to->info.date.to = (int32_t)(day.first / 86400);
}

/* The file of links (NULL: none) and what the lists say of owners, as `cordon build` puts them together. */
static cordon_str read_links(struct ask *a,
                             const char *links,
                             const struct cdn_compile_list *in,
                             size_t count) {
    const struct cdn_list_file file = {.bytes = cdn_str_z(links ? links : ""), .name = "links.csv"};
    struct cdn_owners_build *b = NULL;
    static struct cdn_buf made; /* the same every time */
    struct cdn_screen_tables tables;
    struct cdn_buf *section = cdn_arena_zero(&a->arena, 1, sizeof *section);
    uint8_t sha256[32] = {0};
    uint32_t n = 0;
    if (!links && !cdn_owners_in_lists(in, count))
        return cdn_str(NULL, 0);
    cdn_buf_init(section, &a->arena.as_alloc, CDN_MIB(16));
    if (made.n == 0) {
        cdn_buf_init(&made, &cdn_alloc_libc, CDN_MIB(16));
        if (cdn_compile_screen_tables(&cdn_alloc_libc, &made, &a->error) < 0)
            fail_msg("%s", a->error.message);
    }
    if (cdn_screen_tables_open(cdn_buf_get(&made), &tables, &a->error) < 0 ||
        cdn_owners_build_new(&a->arena, &tables, &b, &a->error) < 0 ||
        (links && cdn_owners_build_links(b, &file, &a->arena.as_alloc, sha256, &a->error) < 0) ||
        cdn_owners_build_lists(b, in, count, &a->arena, &n, &a->error) < 0 ||
        cdn_owners_build_write(b, CDN_STR("links.csv"), CDN_STR("2022-03-01"), sha256, section, &a->error) <
            0)
        fail_msg("%s (%s)", a->error.message, a->error.where);
    return cdn_buf_get(section);
}

void ask_open_lists(
    struct ask *a, const char *rulebook, const struct ask_list *lists, size_t count, const char *links) {
    struct cdn_compile_options options = {.zoneinfo = CDN_ZONE_DIR, .list_count = count};
    memset(a, 0, sizeof *a);
    cdn_arena_init(&a->arena, &cdn_alloc_libc, 0);
    struct cdn_list *read = cdn_arena_zero(&a->arena, count + 1, sizeof *read);
    struct cdn_compile_list *in = cdn_arena_zero(&a->arena, count + 1, sizeof *in);
    for (size_t i = 0; i < count; i++) {
        read_list(a, &lists[i], &read[i]);
        in[i] = (struct cdn_compile_list){
            .id = cdn_str_z(lists[i].id), .list = &read[i], .retrieved = CDN_TIME_MIN};
    }
    options.lists = in;
    options.owners = read_links(a, links, in, count);
    open_with(a, &rulebook, 1, &options);
}

void ask_open(struct ask *a, const char *rulebook) {
    ask_open_files(a, &rulebook, 1, cdn_str(NULL, 0));
}

void ask_close(struct ask *a) {
    json_decref(a->decision);
    cdn_decider_free(a->decider);
    cdn_snapshot_unref(a->snapshot);
    cdn_arena_free(&a->arena);
}

bool ask_refused(const char *rulebook, const char *message) {
    struct cdn_arena arena;
    struct cdn_diagnostics diags = {0};
    struct cdn_rulebook *rb = NULL;
    char first[512];
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    const int err = load(&arena, &rulebook, 1, &diags, &rb);
    bool right = err < 0 && diags.count > 0 && !rb;
    if (right) {
        (void)snprintf(first, sizeof first, "%.*s", CDN_FMT(diags.items[0].message));
        right = strstr(first, message) != NULL;
        if (!right)
            printf("# refused: %s\n", first);
    }
    cdn_arena_free(&arena);
    return right;
}

int64_t ask_instant(const char *text) {
    int64_t t = 0;
    int32_t offset = 0;
    assert_int_equal(cdn_time_parse(cdn_str_z(text), &t, &offset), 0);
    return t;
}

static int run(struct ask *a, const char *at, const char *request, bool all) {
    struct cdn_request *r = NULL;
    struct cdn_result result;
    struct cdn_decision d;
    struct cdn_buf out;
    memset(&a->error, 0, sizeof a->error);
    int err = cdn_json_read_request(quoted(&a->arena, request, false), &a->arena, &r, &a->error);
    if (err)
        return err;
    err = cdn_decide(a->decider, r, ask_instant(at), &result, &a->error);
    assert_true((err == 0) == (result.verdict != CORDON_VERDICT_NONE));
    if (err)
        return err;
    assert_int_equal(cdn_decision_build(a->decider, r, &result, ask_instant(at), all, &a->arena, &d), 0);
    cdn_buf_init(&out, &a->arena.as_alloc, CDN_MIB(4));
    assert_int_equal(cdn_json_write_decision(&out, &d, a->snapshot), 0);
    a->bytes = cdn_buf_get(&out);
    return 0;
}

cordon_str ask_decide(struct ask *a, const char *at, const char *request, bool all) {
    json_error_t e;
    if (run(a, at, request, all) < 0)
        fail_msg("%s at %s: %s", a->error.message, a->error.where, request);
    json_decref(a->decision);
    a->decision = json_loadb(a->bytes.p, a->bytes.n, JSON_REJECT_DUPLICATES, &e);
    if (!a->decision)
        fail_msg("the decision is no JSON: %s", e.text);
    return a->bytes;
}

int ask_fails(struct ask *a, const char *at, const char *request) {
    return run(a, at, request, false);
}

/* ---- reading it --------------------------------------------------------------------------------------- */

const char *ask_text(const json_t *object, const char *name) {
    const char *s = json_string_value(json_object_get(object, name));
    return s ? s : "";
}

const json_t *ask_measure(const struct ask *a, const char *measure) {
    size_t i = 0;
    json_t *m = NULL;
    json_array_foreach(json_object_get(a->decision, "measures"), i, m) {
        if (strcmp(ask_text(m, "id"), measure) == 0)
            return m;
    }
    return NULL;
}

const char *ask_value(const struct ask *a, const char *measure) {
    const json_t *m = ask_measure(a, measure);
    return m ? ask_text(m, "value") : "false";
}

const char *ask_changes_at(const struct ask *a) {
    const char *s = ask_text(a->decision, "changes_at");
    return *s ? s : "never";
}

int ask_http(const struct ask *a) {
    return (int)json_integer_value(json_object_get(a->decision, "http_status"));
}

static void CDN_PRINTF(2, 3) add(struct ask *a, const char *fmt, ...) {
    const size_t n = strlen(a->summary);
    va_list args;
    va_start(args, fmt);
    const int more = vsnprintf(a->summary + n, sizeof a->summary - n, fmt, args);
    va_end(args);
    assert_in_range(more, 0, sizeof a->summary - n - 1);
}

static void add_measures(struct ask *a) {
    size_t i = 0;
    json_t *m = NULL;
    json_array_foreach(json_object_get(a->decision, "measures"), i, m) {
        add(a, "; %s %s", ask_text(m, "id"), ask_text(m, "standing"));
        if (*ask_text(m, "lifted_by"))
            add(a, " by %s", ask_text(m, "lifted_by"));
        if (json_is_true(json_object_get(m, "provisional")))
            add(a, " provisionally");
        if (*ask_text(m, "except"))
            add(a, " as %s", ask_text(m, "except"));
    }
}

const char *ask_summary(struct ask *a) {
    size_t i = 0;
    json_t *x = NULL;
    a->summary[0] = 0;
    add(a, "%s", ask_text(a->decision, "verdict"));
    add_measures(a);
    json_array_foreach(json_object_get(a->decision, "missing"), i, x) {
        add(a, "; missing %s (%s)", ask_text(x, "fact"), ask_text(x, "why"));
    }
    json_array_foreach(json_object_get(a->decision, "contradictions"), i, x) {
        add(a, "; contradiction %s of %s", ask_text(x, "fact"), ask_text(x, "measure"));
    }
    json_array_foreach(json_object_get(a->decision, "conflicts"), i, x) {
        const json_t *both = json_object_get(x, "measures");
        add(a,
            "; conflict %s: %s, %s",
            ask_text(x, "kind"),
            json_string_value(json_array_get(both, 0)),
            json_string_value(json_array_get(both, 1)));
    }
    json_array_foreach(json_object_get(a->decision, "duties"), i, x) {
        add(a, "; duty %s of %s", ask_text(x, "kind"), ask_text(x, "measure"));
        if (*ask_text(x, "due"))
            add(a, " until %s", ask_text(x, "due"));
    }
    return a->summary;
}

void ask_decides(
    struct ask *a, const char *at, const char *request, const char *expected, const char *file, int line) {
    (void)ask_decide(a, at, request, false);
    if (strcmp(ask_summary(a), expected) != 0)
        fail_msg("%s:%d:\n  decided  %s\n  expected %s\n  %s", file, line, a->summary, expected, request);
}

static void add_list(struct ask *a, const json_t *list) {
    size_t i = 0;
    json_t *s = NULL;
    json_array_foreach(list, i, s) {
        add(a, "%s%s", i ? " " : "", json_string_value(s));
    }
}

const char *ask_keep(struct ask *a) {
    a->summary[0] = 0;
    add_list(a, json_object_get(a->decision, "keep"));
    return a->summary;
}

const char *ask_outcomes(struct ask *a) {
    size_t i = 0;
    json_t *o = NULL;
    a->summary[0] = 0;
    json_array_foreach(json_object_get(a->decision, "outcomes"), i, o) {
        const json_t *left = json_object_get(o, "remaining");
        add(a,
            "%s%s %s %s %s by ",
            i ? "; " : "",
            ask_text(o, "verdict"),
            *ask_text(o, "subject") ? ask_text(o, "subject") : "request",
            ask_text(o, "scope"),
            ask_text(o, "form"));
        add_list(a, json_object_get(o, "measures"));
        if (*ask_text(o, "limit_to"))
            add(a, " to %s", ask_text(o, "limit_to"));
        if (left)
            add(a, " remaining %s %s", ask_text(left, "amount"), ask_text(left, "currency"));
    }
    return a->summary;
}

const char *ask_presumed(struct ask *a) {
    size_t i = 0, k = 0;
    json_t *m = NULL, *p = NULL;
    a->summary[0] = 0;
    json_array_foreach(json_object_get(a->decision, "measures"), i, m) {
        json_array_foreach(json_object_get(m, "presumed"), k, p) {
            add(a,
                "%s%s: %s (%s)",
                *a->summary ? "; " : "",
                ask_text(m, "id"),
                ask_text(p, "fact"),
                ask_text(p, "why"));
        }
    }
    return a->summary;
}

const char *ask_evidence(struct ask *a, const char *measure) {
    size_t i = 0, k = 0;
    json_t *b = NULL, *p = NULL;
    a->summary[0] = 0;
    json_array_foreach(json_object_get(ask_measure(a, measure), "because"), i, b) {
        json_array_foreach(json_object_get(b, "evidence"), k, p) {
            add(a, "%s+%s", *a->summary ? " " : "", json_string_value(p));
        }
        json_array_foreach(json_object_get(b, "against"), k, p) {
            add(a, "%s-%s", *a->summary ? " " : "", json_string_value(p));
        }
    }
    return a->summary;
}

/* ---- tables of the documentation ---------------------------------------------------------------------- */

void ask_doc_row(const char *rule, unsigned table, unsigned columns, const char *row, struct ask_row *ret) {
    char path[CDN_PATH], label[64];
    size_t n = 0;
    cdn_source_path(path, "docs/semantics.md");
    uint8_t *bytes = cdn_read_file(path, &n);
    assert_non_null(bytes);
    cordon_str rest = cdn_str((const char *)bytes, n);
    (void)snprintf(label, sizeof label, "* **%s**", rule);
    bool inside = false, found = false;
    while (rest.n && !found) {
        cordon_str line = cdn_str_trim(cdn_str_split(rest, '\n', &rest));
        if (cdn_str_starts(line, CDN_STR("* **")))
            inside = cdn_str_starts(line, cdn_str_z(label));
        if (!inside || !cdn_str_starts(line, CDN_STR("|")))
            continue;
        cordon_str cell = cdn_str(NULL, 0);
        for (unsigned i = 0; i < 2 + table * (columns + 2); i++)
            cell = cdn_str_trim(cdn_str_split(line, '|', &line));
        char want[64];
        (void)snprintf(want, sizeof want, "**%s**", row);
        found = cdn_str_eq(cell, cdn_str_z(want));
        for (unsigned c = 0; c < columns && found; c++) {
            cell = cdn_str_trim(cdn_str_split(line, '|', &line));
            (void)snprintf(ret->cells[c], sizeof ret->cells[c], "%.*s", CDN_FMT(cell));
        }
    }
    free(bytes);
    if (!found)
        fail_msg("docs/semantics.md has no row %s in table %u of %s", row, table, rule);
}
