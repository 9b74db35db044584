/* SPDX-License-Identifier: Apache-2.0 */
/* import_measure.c: measures, licences, statutes and protections of the JSON form → measure language. */
#include "rulebook/import_priv.h"

static void word_list(struct cdn_importer *im, node *n) {
    cdn_im_list(im, n, cdn_im_word);
}
static void place_list(struct cdn_importer *im, node *n) {
    cdn_im_list(im, n, cdn_im_place);
}

static void after(struct cdn_importer *im, const char *words, node *n, cdn_im_item item) {
    if (!n)
        return;
    cdn_im_z(im, words);
    item(im, n);
}

/* An empty text was left out by the export. */
static void text_or_none(struct cdn_importer *im, node *n) {
    if (n)
        cdn_im_quoted(im, n);
    else
        cdn_im_z(im, "\"\"");
}

static void hyphened(struct cdn_importer *im, node *n) {
    cdn_im_enum(im, n, '-');
}
static void spaced(struct cdn_importer *im, node *n) {
    cdn_im_enum(im, n, ' ');
}

/* Each item of an array as a clause. */
static void clauses(struct cdn_importer *im, node *array, cdn_im_item item) {
    if (!array || !cdn_im_array(im, array))
        return;
    for (node *n = array->first; n && !im->err; n = n->next)
        item(im, n);
}

static void basis(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"kind", "citation", "of"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    if (im->err || !cdn_im_need(im, n, m[0], "kind") || !cdn_im_need(im, n, m[2], "of"))
        return;
    const bool law = cdn_im_is(m[0], "law"), supplier = cdn_im_is(m[0], "supplier");
    if (law && !cdn_im_need(im, n, m[1], "citation"))
        return;
    if (!law && m[1])
        cdn_im_fail(im, m[1], "only law has a citation");
    cdn_im_word(im, m[0]);
    cdn_im_z(im, supplier ? " terms" : "");
    after(im, " ", m[1], cdn_im_quoted);
    after(im, " of ", m[2], law ? cdn_im_code : supplier ? cdn_im_quoted : cdn_im_word);
}

static void place_set(struct cdn_importer *im, node *n) {
    cdn_im_z(im, "{");
    place_list(im, n);
    cdn_im_z(im, "}");
}

static void binds(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"places", "entities"};
    node *m[2];
    if (!n)
        return;
    cdn_im_members(im, n, keys, 2, m);
    cdn_im_clause(im, m[0], "binds entities in", place_set);
    cdn_im_clause(im, m[1], "binds", word_list);
}

static void outcome(struct cdn_importer *im, node *n) {
    enum {
        VERDICT,
        ACTIONS,
        ANY_ACTION,
        EXCEPT,
        SERVICES,
        ANY_SERVICE,
        LIMIT,
        CAP,
        PER,
        SUBJECT,
        SCOPE,
        FORM,
        COUNT
    };
    static const char *const keys[] = {"verdict",
                                       "actions",
                                       "any_action",
                                       "except_actions",
                                       "services",
                                       "any_service",
                                       "limit_to",
                                       "cap",
                                       "cap_per",
                                       "subject",
                                       "scope",
                                       "form"};
    node *m[COUNT];
    cdn_im_members(im, n, keys, COUNT, m);
    const bool any = cdn_im_true(im, m[ANY_ACTION]), everywhere = cdn_im_true(im, m[ANY_SERVICE]);
    if (im->err || !cdn_im_need(im, n, m[VERDICT], "verdict") ||
        (!any && !cdn_im_need(im, n, m[ACTIONS], "actions")) ||
        (!everywhere && !cdn_im_need(im, n, m[SERVICES], "services")))
        return;
    if ((any && m[ACTIONS]) || (everywhere && m[SERVICES]) || (m[LIMIT] && m[CAP]) || (m[PER] && !m[CAP]) ||
        (m[EXCEPT] && !any)) {
        cdn_im_fail(im, n, "two members of this outcome exclude each other");
        return;
    }
    cdn_im_begin(im, n, "    ");
    cdn_im_word(im, m[VERDICT]);
    if (any)
        cdn_im_z(im, " any action");
    else
        after(im, " ", m[ACTIONS], word_list);
    after(im, " except ", m[EXCEPT], word_list);
    if (everywhere)
        cdn_im_z(im, " on any service");
    else
        after(im, " on ", m[SERVICES], word_list);
    after(im, " to ", m[LIMIT], cdn_im_quoted);
    after(im, " to ", m[CAP], cdn_im_money);
    after(im, " per ", m[PER], cdn_im_word);
    after(im, " for ", m[SUBJECT], cdn_im_word);
    after(im, " scope ", m[SCOPE], hyphened);
    after(im, " form ", m[FORM], hyphened);
    cdn_im_end(im);
}

static void suspension(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"from", "until", "source"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    if (im->err || !cdn_im_need(im, n, m[0], "from"))
        return;
    cdn_im_begin(im, n, "    suspended ");
    cdn_im_moment(im, m[0]);
    after(im, " to ", m[1], cdn_im_moment);
    after(im, " ", m[2], cdn_im_source);
    cdn_im_end(im);
}

static void exception(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"label", "when"};
    node *m[2];
    cdn_im_members(im, n, keys, 2, m);
    if (im->err || !cdn_im_need(im, n, m[1], "when"))
        return;
    cdn_im_begin(im, n, "    except ");
    after(im, "", m[0], cdn_im_quoted);
    cdn_im_z(im, m[0] ? " " : "");
    cdn_im_expr(im, m[1]);
    cdn_im_end(im);
}

static void presumption(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"test", "value", "because", "url"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    if (im->err || !cdn_im_need(im, n, m[0], "test"))
        return;
    cdn_im_begin(im, n, "    presume ");
    cdn_im_test(im, m[0], m[1] && !cdn_im_true(im, m[1]));
    cdn_im_z(im, " because ");
    text_or_none(im, m[2]);
    after(im, " ", m[3], cdn_im_url);
    cdn_im_end(im);
}

static void span(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"amount", "unit", "calendar"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    if (im->err || !cdn_im_need(im, n, m[0], "amount") || !cdn_im_need(im, n, m[1], "unit"))
        return;
    cdn_im_whole(im, m[0]);
    cdn_im_z(im, " ");
    spaced(im, m[1]);
    after(im, " of ", m[2], cdn_im_word);
}

static void duty(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"condition", "duty", "text", "to", "within"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    if (im->err || !cdn_im_need(im, n, m[1], "duty"))
        return;
    cdn_im_begin(im, n, cdn_im_true(im, m[0]) ? "    on condition " : "    duty ");
    hyphened(im, m[1]);
    after(im, " ", m[2], cdn_im_quoted);
    after(im, " to ", m[3], cdn_im_quoted);
    after(im, " within ", m[4], span);
    cdn_im_end(im);
}

static void keep(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"actions", "until", "note"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    if (im->err || !cdn_im_need(im, n, m[0], "actions"))
        return;
    cdn_im_begin(im, n, "    keep ");
    word_list(im, m[0]);
    after(im, " until ", m[1], cdn_im_moment);
    after(im, " ", m[2], cdn_im_quoted);
    cdn_im_end(im);
}

static void release(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"reason_class", "by", "people"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    if (im->err)
        return;
    text_or_none(im, m[0]);
    cdn_im_z(im, " by ");
    text_or_none(im, m[1]);
    after(im, " people ", m[2], cdn_im_whole);
}

static void notice(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"lang", "text"};
    node *m[2];
    cdn_im_members(im, n, keys, 2, m);
    if (im->err || !cdn_im_need(im, n, m[0], "lang"))
        return;
    cdn_im_begin(im, n, "    notice ");
    cdn_im_word(im, m[0]);
    cdn_im_z(im, " ");
    text_or_none(im, m[1]);
    cdn_im_end(im);
}

enum {
    KIND,
    ID,
    TITLE,
    BASIS,
    OWNER,
    SOURCES,
    ANNOUNCED,
    EFFECTIVE,
    RECORDED,
    UNTIL,
    SUSPENSIONS,
    SUPERSEDES,
    BINDS,
    LIFTS,
    FORBIDS,
    OUTCOMES,
    WHEN,
    EXCEPTS,
    PRESUMES,
    EVIDENCE,
    IF_UNKNOWN,
    IF_CONTRADICTORY,
    KEEPS,
    DUTIES,
    RELEASE,
    NOTICES,
    APPEAL,
    COMMENT,
    COUNT
};
static const char *const keys[COUNT] = {
    "kind",        "id",
    "title",       "basis",
    "owner",       "sources",
    "announced",   "effective",
    "recorded",    "until",
    "suspensions", "supersedes",
    "binds",       "lifts",
    "forbids",     "outcomes",
    "when",        "excepts",
    "presumes",    "evidence",
    "if_unknown",  "if_contradictory",
    "keeps",       "duties",
    "release",     "notices",
    "appeal",      "#",
};

void cdn_im_measure(struct cdn_importer *im, node *n) {
    node *m[COUNT];
    cdn_im_members(im, n, keys, COUNT, m);
    cdn_im_begin(im, n, "");
    if (im->err || !cdn_im_need(im, n, m[ID], "id"))
        return;
    cdn_im_word(im, m[KIND]);
    after(im, " ", m[ID], cdn_im_word);
    cdn_im_end(im);
    cdn_im_clause(im, m[TITLE], "title", cdn_im_quoted);
    cdn_im_clause(im, m[BASIS], "basis", basis);
    cdn_im_clause(im, m[OWNER], "owner", cdn_im_quoted);
    cdn_im_sources(im, m[SOURCES]);
    cdn_im_clause(im, m[ANNOUNCED], "announced", cdn_im_moment);
    cdn_im_clause(im, m[EFFECTIVE], "effective", cdn_im_moment);
    cdn_im_clause(im, m[RECORDED], "recorded", cdn_im_moment);
    cdn_im_clause(im, m[UNTIL], "until", cdn_im_moment);
    clauses(im, m[SUSPENSIONS], suspension);
    cdn_im_clause(im, m[SUPERSEDES], "supersedes", word_list);
    binds(im, m[BINDS]);
    cdn_im_clause(im, m[LIFTS], "lifts", word_list);
    cdn_im_clause(im, m[FORBIDS], "forbids", word_list);
    clauses(im, m[OUTCOMES], outcome);
    cdn_im_clause(im, m[WHEN], "when", cdn_im_expr);
    clauses(im, m[EXCEPTS], exception);
    clauses(im, m[PRESUMES], presumption);
    cdn_im_clause(im, m[EVIDENCE], "evidence", spaced);
    cdn_im_clause(im, m[IF_UNKNOWN], "if unknown", cdn_im_word);
    cdn_im_clause(im, m[IF_CONTRADICTORY], "if contradictory", cdn_im_word);
    clauses(im, m[KEEPS], keep);
    clauses(im, m[DUTIES], duty);
    cdn_im_clause(im, m[RELEASE], "release", release);
    clauses(im, m[NOTICES], notice);
    cdn_im_clause(im, m[APPEAL], "appeal", cdn_im_url);
}
