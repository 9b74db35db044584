/* SPDX-License-Identifier: Apache-2.0 */
/* detect.c: which format a file has, by how it begins; never by its name.
 *
 * XML: the local name of the root element. CSV: the first line. JSON Lines: the first byte. */
#include "lists/priv.h"

struct root {
    const char *name;
    enum cdn_list_format format;
};
static const struct root roots[] = {
    {"sdnList", CDN_LIST_OFAC_XML},
    {"Sanctions", CDN_LIST_OFAC_ADVANCED},
    {"sanctionsData", CDN_LIST_OFAC_ENHANCED},
    {"export", CDN_LIST_EU_XML},
    {"CONSOLIDATED_LIST", CDN_LIST_UN_XML},
    {"Designations", CDN_LIST_UK_XML},
    {"swiss-sanctions-list", CDN_LIST_CH_XML},
};

/* Past `<?…?>`, `<!--…-->` and white space; empty when there is no element in sight. */
static cordon_str root_element(cordon_str s) {
    while (s.n > 0) {
        s = cdn_str_trim(s);
        const char *end = NULL;
        if (cdn_str_starts(s, CDN_STR("<?"))) {
            end = "?>";
        } else if (cdn_str_starts(s, CDN_STR("<!--"))) {
            end = "-->";
        } else if (cdn_str_starts(s, CDN_STR("<!DOCTYPE "))) {
            s = cdn_str_after(s, 9); /* names the root element; xml.c refuses it and says why */
            break;
        } else {
            break;
        }
        const size_t at = cdn_str_find_nocase(s, cdn_str_z(end));
        s = at == SIZE_MAX ? (cordon_str){NULL, 0} : cdn_str_after(s, at + strlen(end));
    }
    if (s.n < 2 || (s.p[0] != '<' && s.p[0] != ' ')) {
        return (cordon_str){NULL, 0};
    }
    size_t from = 1;
    size_t to = 1;
    while (to < s.n && s.p[to] != '>' && s.p[to] != ' ' && s.p[to] != '/' && s.p[to] != '\n' &&
           s.p[to] != '\r' && s.p[to] != '\t') {
        from = s.p[to] == ':' ? to + 1 : from;
        to++;
    }
    return cdn_str(s.p + from, to - from);
}

/* Fields of the first line as CSV with commas, quotation marks respected. */
static size_t count_fields(cordon_str line) {
    size_t n = 1;
    bool in_quotes = false;
    for (size_t i = 0; i < line.n; i++) {
        in_quotes = in_quotes != (line.p[i] == '"');
        n += line.p[i] == ',' && !in_quotes;
    }
    return n;
}

static enum cdn_list_format sniff_flat(cordon_str line, enum cdn_list_role *ret_role) {
    cordon_str rest = line;
    uint64_t number = 0;
    if (!cdn_parse_uint(cdn_str_trim(cdn_str_split(line, ',', &rest)), &number)) {
        return CDN_LIST_UNKNOWN;
    }
    const size_t n = count_fields(line);
    *ret_role = n == 12 ? CDN_ROLE_MAIN : n == 5 ? CDN_ROLE_ALT : n == 6 ? CDN_ROLE_ADD : CDN_ROLE_COMMENTS;
    return n == 12 || n == 5 || n == 6 || n == 2 ? CDN_LIST_OFAC_FLAT : CDN_LIST_UNKNOWN;
}

enum cdn_list_format cdn_list_sniff(cordon_str begin, enum cdn_list_role *ret_role) {
    *ret_role = CDN_ROLE_MAIN;
    cordon_str s = cdn_str_starts(begin, CDN_STR("\xef\xbb\xbf")) ? cdn_str_after(begin, 3) : begin;
    s = cdn_str_trim(s);
    if (s.n > 0 && s.p[0] == '<') {
        const cordon_str root = root_element(s);
        for (size_t i = 0; i < CDN_ARRAY_LEN(roots); i++) {
            if (cdn_str_eq(root, cdn_str_z(roots[i].name))) {
                return roots[i].format;
            }
        }
        return CDN_LIST_UNKNOWN;
    }
    if (s.n > 0 && s.p[0] == '{') {
        return CDN_LIST_HOUSE_JSONL;
    }
    cordon_str rest = s;
    cordon_str line = cdn_str_trim(cdn_str_split(s, '\n', &rest));
    if (cdn_str_starts_nocase(line, CDN_STR("Report Date:"))) {
        return CDN_LIST_UK_CSV;
    }
    if (cdn_str_starts_nocase(line, CDN_STR("Last Updated,Unique ID"))) {
        return CDN_LIST_UK_CSV;
    }
    if (cdn_str_starts_nocase(line, CDN_STR("Last Updated,"))) {
        return CDN_LIST_UK_CONLIST;
    }
    if (cdn_str_find_nocase(line, CDN_STR("fileGenerationDate;")) != SIZE_MAX) {
        return CDN_LIST_EU_CSV;
    }
    if (cdn_str_find_nocase(line, CDN_STR("source,entity_number,type,programs,name")) != SIZE_MAX) {
        return CDN_LIST_US_CSL;
    }
    if (cdn_str_starts_nocase(line, CDN_STR("id,type,"))) {
        return CDN_LIST_HOUSE_CSV;
    }
    return sniff_flat(line, ret_role);
}
