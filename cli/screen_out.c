/* SPDX-License-Identifier: Apache-2.0 */
/* screen_out.c: what a party was screened with, as JSON (members in the order of their names), CSV, or for
 * people. */
#include <string.h>

#include "screen.h"

const char *screen_verdict_name(int verdict) {
    return verdict == CORDON_SCREEN_SURE ? "sure" : verdict == CORDON_SCREEN_POSSIBLE ? "possible" : "no";
}

bool put_json(cordon_buffer *out, cordon_str s) {
    bool good = append(out, "\"", 1);
    for (size_t i = 0; i < s.n && good; i++) {
        const unsigned char c = (unsigned char)s.p[i];
        char escaped[8];
        if (c == '"' || c == '\\')
            good = append(out, (char[]){'\\', (char)c}, 2);
        else if (c < 0x20) {
            (void)snprintf(escaped, sizeof(escaped), "\\u%04x", c);
            good = append_z(out, escaped);
        } else
            good = append(out, s.p + i, 1);
    }
    return good && append(out, "\"", 1);
}

static bool put_number(cordon_buffer *out, uint64_t n) {
    char text[24];
    (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
    return append_z(out, text);
}

/* ,"name":"value" */
static bool member(cordon_buffer *out, const char *name, cordon_str value) {
    return append_z(out, ",\"") && append_z(out, name) && append_z(out, "\":") && put_json(out, value);
}
static bool member_number(cordon_buffer *out, const char *name, uint64_t value) {
    return append_z(out, ",\"") && append_z(out, name) && append_z(out, "\":") && put_number(out, value);
}

/* Each line of a text as an item. */
static bool put_lines(cordon_buffer *out, cordon_str text) {
    bool good = append(out, "[", 1);
    bool first = true;
    while (text.n > 0 && good) {
        const char *const end = memchr(text.p, '\n', text.n);
        const size_t n = end ? (size_t)(end - text.p) : text.n;
        good = (first || append(out, ",", 1)) && put_json(out, (cordon_str){text.p, n});
        first = false;
        text.p += end ? n + 1 : n;
        text.n -= end ? n + 1 : n;
    }
    return good && append(out, "]", 1);
}

static bool put_lists(cordon_buffer *out, cordon_screener *s, uint32_t i, const char *between, bool json) {
    cordon_screen_list list;
    bool good = true;
    for (uint32_t k = 0; good && cordon_screen_candidate_list(s, i, k, &list) == CORDON_OK; k++)
        good = (k == 0 || append_z(out, between)) &&
               (json ? put_json(out, list.id) : append(out, list.id.p, list.id.n));
    return good;
}

/* ---- JSON
 * ----------------------------------------------------------------------------------------------------- */

static bool candidate_json(cordon_buffer *out, cordon_screener *s, uint32_t i, bool explain) {
    cordon_candidate c;
    cordon_str why = {"", 0};
    cordon_error e;
    if (cordon_screen_candidate(s, i, &c))
        return false;
    bool good = append_z(out, "{\"asked\":") && put_json(out, c.asked);
    if (c.by_identifier)
        good = good && append_z(out, ",\"by_identifier\":true");
    good = good && member(out, "entry", c.entry);
    if (c.listed[0])
        good = good && member(out, "listed", cordon_text(c.listed));
    good = good && append_z(out, ",\"lists\":[") && put_lists(out, s, i, ",", true) && append_z(out, "]");
    if (c.name.n > 0)
        good = good && member(out, "name", c.name) && member(out, "name_kind", cordon_text(c.name_kind));
    good = good && member_number(out, "name_score", c.name_score) && member_number(out, "score", c.score) &&
           member(out, "source", c.source);
    if (c.source_line)
        good = good && member_number(out, "source_line", c.source_line);
    good = good && member(out, "strength", cordon_text(c.strength)) && member(out, "title", c.title) &&
           member(out, "type", cordon_text(c.type)) &&
           member(out, "verdict", cordon_text(screen_verdict_name(c.verdict)));
    if (explain && cordon_screen_explain(s, i, &why, &e) == CORDON_OK)
        good = good && append_z(out, ",\"why\":") && put_lines(out, why);
    return good && append(out, "}", 1);
}

static bool answer_json(cordon_buffer *out, cordon_screener *s, const struct answer_of *a) {
    bool good = append(out, "{", 1);
    const char *before = "";
    if (a->as_of)
        good = good && append_z(out, "\"as_of\":") && append_z(out, a->as_of) && append_z(out, ",");
    if (a->error) {
        good = good && append_z(out, "\"error\":") && put_json(out, cordon_text(a->error));
    } else {
        good = good && append_z(out, "\"candidates\":[");
        for (uint32_t i = 0; i < a->result.count && good; i++) {
            good = append_z(out, before) && candidate_json(out, s, i, a->explain);
            before = ",";
        }
        good = good && append_z(out, "]");
    }
    if (a->id.n > 0)
        good = good && member(out, "id", a->id);
    good = good && member(out, "name", a->name);
    if (!a->error && a->result.partial)
        good = good && append_z(out, ",\"partial\":true");
    if (a->row)
        good = good && member_number(out, "row", a->row);
    if (a->snapshot)
        good = good && member(out, "snapshot", cordon_text(a->snapshot));
    return good &&
           member(out, "verdict", cordon_text(a->error ? "none" : screen_verdict_name(a->result.verdict))) &&
           append_z(out, "}\n");
}

/* ---- CSV
 * ------------------------------------------------------------------------------------------------------ */

const char answer_csv_head[] = "row,id,name,verdict,score,name_score,strength,by_identifier,lists,source,"
                               "entry,listed_name,title,type,partial,error,snapshot\n";

static bool csv_text(cordon_buffer *out, cordon_str s, const char *after) {
    bool quote = false;
    for (size_t i = 0; i < s.n; i++)
        quote = quote || s.p[i] == '"' || s.p[i] == ',' || (unsigned char)s.p[i] < 0x20;
    bool good = !quote || append(out, "\"", 1);
    for (size_t i = 0; i < s.n && good; i++)
        good = (s.p[i] != '"' || append(out, "\"", 1)) && append(out, s.p + i, 1);
    return good && (!quote || append(out, "\"", 1)) && append_z(out, after);
}

static bool csv_begin(cordon_buffer *out, const struct answer_of *a, const char *verdict) {
    return put_number(out, a->row) && append_z(out, ",") && csv_text(out, a->id, ",") &&
           csv_text(out, a->name, ",") && append_z(out, verdict) && append_z(out, ",");
}

static bool candidate_csv(cordon_buffer *out, cordon_screener *s, const struct answer_of *a, uint32_t i) {
    cordon_candidate c;
    if (cordon_screen_candidate(s, i, &c))
        return false;
    return csv_begin(out, a, screen_verdict_name(c.verdict)) && put_number(out, c.score) &&
           append_z(out, ",") && put_number(out, c.name_score) && append_z(out, ",") &&
           append_z(out, c.strength) && append_z(out, c.by_identifier ? ",yes," : ",,") &&
           put_lists(out, s, i, " ", false) && append_z(out, ",") && csv_text(out, c.source, ",") &&
           csv_text(out, c.entry, ",") && csv_text(out, c.name, ",") && csv_text(out, c.title, ",") &&
           append_z(out, c.type) && append_z(out, a->result.partial ? ",yes,," : ",,,") &&
           csv_text(out, cordon_text(a->snapshot ? a->snapshot : ""), "\n");
}

static bool answer_csv(cordon_buffer *out, cordon_screener *s, const struct answer_of *a) {
    if (a->error)
        return csv_begin(out, a, "none") && append_z(out, ",,,,,,,,,,,") &&
               csv_text(out, cordon_text(a->error), ",") &&
               csv_text(out, cordon_text(a->snapshot ? a->snapshot : ""), "\n");
    bool good = true;
    for (uint32_t i = 0; i < a->result.count && good; i++)
        good = candidate_csv(out, s, a, i);
    if (good && a->result.count == 0)
        good = csv_begin(out, a, screen_verdict_name(a->result.verdict)) && append_z(out, ",,,,,,,,,,") &&
               append_z(out, a->result.partial ? "yes,," : ",,") &&
               csv_text(out, cordon_text(a->snapshot ? a->snapshot : ""), "\n");
    return good;
}

/* ---- for people
 * ------------------------------------------------------------------------------------------------ */

static bool candidate_text(cordon_buffer *out, cordon_screener *s, uint32_t i, bool explain) {
    cordon_candidate c;
    cordon_str why = {"", 0};
    cordon_error e;
    char line[160];
    if (cordon_screen_candidate(s, i, &c))
        return false;
    (void)snprintf(line, sizeof(line), "  %4u  %-8s  ", c.score, screen_verdict_name(c.verdict));
    bool good = append_z(out, line) && append(out, c.title.p, c.title.n) && append_z(out, "  (") &&
                append_z(out, c.type) && append_z(out, ", ") && put_lists(out, s, i, ", ", false) &&
                append_z(out, ", entry ") && append(out, c.entry.p, c.entry.n);
    if (c.listed[0])
        good = good && append_z(out, ", listed ") && append_z(out, c.listed);
    good = good && append_z(out, ")\n");
    if (c.name.n > 0) {
        (void)snprintf(line, sizeof(line), "        name %u, %s: ", c.name_score, c.strength);
        good = good && append_z(out, line) && append(out, c.asked.p, c.asked.n) && append_z(out, " / ") &&
               append(out, c.name.p, c.name.n) && append_z(out, " (") && append_z(out, c.name_kind) &&
               append_z(out, ")\n");
    }
    if (c.by_identifier)
        good = good && append_z(out, "        an equal identifier decides\n");
    if (!explain || cordon_screen_explain(s, i, &why, &e) != CORDON_OK)
        return good;
    while (why.n > 0 && good) {
        const char *const end = memchr(why.p, '\n', why.n);
        const size_t n = end ? (size_t)(end - why.p) : why.n;
        good = append_z(out, "          ") && append(out, why.p, n) && append_z(out, "\n");
        why.p += end ? n + 1 : n;
        why.n -= end ? n + 1 : n;
    }
    return good;
}

static bool answer_text(cordon_buffer *out, cordon_screener *s, const struct answer_of *a) {
    char line[64] = "";
    if (a->row)
        (void)snprintf(line, sizeof(line), "row %llu  ", (unsigned long long)a->row);
    bool good = append_z(out, line) && append(out, a->name.p, a->name.n) && append_z(out, ": ");
    if (a->error)
        return good && append_z(out, "not screened: ") && append_z(out, a->error) && append_z(out, "\n");
    good = good && append_z(out,
                            a->result.verdict == CORDON_SCREEN_NO         ? "no match\n"
                            : a->result.verdict == CORDON_SCREEN_POSSIBLE ? "possible match\n"
                                                                          : "sure match\n");
    if (a->result.partial)
        good = good && append_z(out, "  a bound of work was met: there may be others\n");
    for (uint32_t i = 0; i < a->result.count && good; i++)
        good = candidate_text(out, s, i, a->explain);
    return good;
}

bool answer_write(cordon_buffer *out, enum out_format f, cordon_screener *s, const struct answer_of *a) {
    if (!a->error && !a->all && a->result.count == 0 && !a->result.partial)
        return true;
    return f == OUT_JSON  ? answer_json(out, s, a)
           : f == OUT_CSV ? answer_csv(out, s, a)
                          : answer_text(out, s, a);
}
