/* SPDX-License-Identifier: Apache-2.0 */
/* explain.c: steps of a match and of other evidence as lines of text (what they mean: explain.h).
 *
 *  1. every step gives one line, in the order in which the steps were recorded;
 *  2. a line has no line break in it, whatever the names have: control characters become spaces;
 *  3. nothing is weighed here: all numbers are those of the match. */
#include "screen/explain.h"

#include "base/num.h"

static void put_plain(struct cdn_buf *out, cordon_str s) {
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i];
        cdn_buf_char(out, c < 0x20 || c == 0x7F ? ' ' : (char)c);
    }
}

cordon_str cdn_explain_written(const struct cdn_explain_name *n, uint32_t first, uint32_t count) {
    if (first >= n->name->count || count == 0) {
        return cdn_str(NULL, 0);
    }
    const uint32_t last = CDN_MIN(first + count, n->name->count) - 1;
    const uint32_t from = n->name->token[first].from, to = n->name->token[last].to;
    return n->text.p != NULL && from < to && to <= n->text.n ? cdn_str(n->text.p + from, to - from)
                                                             : cdn_str(NULL, 0);
}

/* The tokens as they were written, in quotes; as they are compared behind it when that is not the same. */
static void put_tokens(struct cdn_buf *out,
                       const struct cdn_explain_name *n,
                       uint32_t first,
                       uint32_t count) {
    if (first >= n->name->count || count == 0) {
        return;
    }
    const uint32_t last = CDN_MIN(first + count, n->name->count) - 1;
    const cordon_str written = cdn_explain_written(n, first, count);
    char compared[CDN_NAME_TOKENS * (CDN_TOKEN_LETTERS + 1)];
    size_t k = 0;
    for (uint32_t i = first; i <= last; i++) {
        if (i > first) {
            compared[k++] = ' ';
        }
        memcpy(compared + k, n->name->token[i].s, n->name->token[i].n);
        k += n->name->token[i].n;
    }
    const cordon_str letters = cdn_str(compared, k);
    cdn_buf_char(out, '"');
    put_plain(out, written.n > 0 ? written : letters);
    cdn_buf_char(out, '"');
    if (written.n > 0 && n->name->token[first].script > CDN_WRITTEN_DIGIT) {
        cdn_buf_z(out, " (");
        cdn_buf_str(out, letters);
        cdn_buf_char(out, ')');
    }
}

const char *cdn_explain_class(unsigned token_class) {
    static const char *const text[CDN_TOKEN_CLASSES] = {"name",
                                                        "initial",
                                                        "particle",
                                                        "title",
                                                        "legal form",
                                                        "common word",
                                                        "filler",
                                                        "number",
                                                        "patronymic"};
    return token_class < CDN_TOKEN_CLASSES ? text[token_class] : "";
}

/* " (title)": a kind of token that weighs less than a name is said. */
static void put_class(struct cdn_buf *out, const struct cdn_explain_name *n, uint32_t first) {
    if (first < n->name->count && n->name->token[first].class != CDN_TOKEN_PLAIN) {
        cdn_buf_printf(out, ", %s", cdn_explain_class(n->name->token[first].class));
    }
}

void cdn_explain_step(struct cdn_buf *out,
                      const struct cdn_explain_name *a,
                      const struct cdn_explain_name *b,
                      const struct cdn_match_step *s) {
    if (s->a_count > 0 && s->b_count > 0) {
        put_tokens(out, a, s->a, s->a_count);
        cdn_buf_z(out, " and ");
        put_tokens(out, b, s->b, s->b_count);
        cdn_buf_printf(out, ": %s %u of 1000", cdn_match_how_text((enum cdn_match_how)s->how), s->alike);
        put_class(out, a, s->a);
    } else {
        const bool first = s->a_count > 0;
        put_tokens(out, first ? a : b, first ? s->a : s->b, first ? s->a_count : s->b_count);
        cdn_buf_z(out, first ? " in the first name only" : " in the second name only");
        put_class(out, first ? a : b, first ? s->a : s->b);
    }
    cdn_buf_printf(out, ", weight %u", s->weight);
}

void cdn_explain_match(struct cdn_buf *out,
                       const struct cdn_explain_name *a,
                       const struct cdn_explain_name *b,
                       const struct cdn_match *m) {
    for (uint32_t i = 0; i < m->steps; i++) {
        cdn_explain_step(out, a, b, &m->step[i]);
        cdn_buf_char(out, '\n');
    }
    cdn_buf_printf(out,
                   "agree %lu, against each other %lu, on one side only %lu: %u of 1000\n",
                   (unsigned long)(m->agree / 1000),
                   (unsigned long)(m->conflict / 1000),
                   (unsigned long)(m->surplus / 1000),
                   m->score);
    if (m->acronym) {
        cdn_buf_z(out, "initial letters only: decides nothing alone\n");
    } else if (m->thin) {
        cdn_buf_z(out, "thin: one word, or only common ones, agree; a person has to look\n");
    }
    if (a->name->cut || b->name->cut) {
        cdn_buf_z(out, "a name is longer than what is compared of it\n");
    }
    if (a->name->mixed || b->name->mixed) {
        cdn_buf_z(out, "a name mixes scripts in one word: letters that only look alike were replaced\n");
    }
}

/* ---- other evidence --------------------------------------------------------------------------------- */

static void put_day(struct cdn_buf *out, int32_t days) {
    cdn_when_write(out,
                   (struct cdn_when){.kind = CDN_WHEN_DAY,
                                     .first = (int64_t)days * 86400,
                                     .after = ((int64_t)days + 1) * 86400});
}

static void put_birth(struct cdn_buf *out, const struct cdn_known *k, uint32_t i) {
    if (i >= k->birth_count) {
        return;
    }
    const struct cdn_known_birth *b = &k->births[i];
    cdn_buf_z(out, b->circa ? "about " : "");
    put_day(out, b->from);
    if (b->to != b->from) {
        cdn_buf_z(out, " to ");
        put_day(out, b->to);
    }
}

static cordon_str text_of(const cordon_str *texts, uint32_t count, uint32_t i) {
    return i < count ? texts[i] : cdn_str(NULL, 0);
}

static cordon_str country_of(const char (*countries)[2], uint32_t count, uint32_t i) {
    return i < count ? cdn_str(countries[i], 2) : cdn_str(NULL, 0);
}

cordon_str cdn_explain_value(unsigned kind,
                             const struct cdn_known *k,
                             uint32_t i,
                             char storage[CDN_EXPLAIN_VALUE]) {
    struct cdn_buf out;
    switch ((enum cdn_weighed)kind) {
    case CDN_EVIDENCE_IDENT_SAME:
    case CDN_EVIDENCE_IDENT_DIFFERS:
        return i < k->ident_count ? k->idents[i].value : cdn_str(NULL, 0);
    case CDN_EVIDENCE_BIRTH_SAME:
    case CDN_EVIDENCE_BIRTH_FITS:
    case CDN_EVIDENCE_BIRTH_NEAR:
    case CDN_EVIDENCE_BIRTH_YEAR:
    case CDN_EVIDENCE_BIRTH_DIFFERS:
        cdn_buf_fixed(&out, storage, CDN_EXPLAIN_VALUE);
        put_birth(&out, k, i);
        return cdn_buf_get(&out);
    case CDN_EVIDENCE_PLACE_SAME:
    case CDN_EVIDENCE_PLACE_DIFFERS:
        return text_of(k->birth_places, k->birth_place_count, i);
    case CDN_EVIDENCE_NATION_SAME:
    case CDN_EVIDENCE_NATION_DIFFERS:
        return country_of(k->nationalities, k->nationality_count, i);
    case CDN_EVIDENCE_COUNTRY_SAME:
    case CDN_EVIDENCE_COUNTRY_DIFFERS:
        return country_of(k->countries, k->country_count, i);
    case CDN_EVIDENCE_ADDRESS_SAME:
        return text_of(k->addresses, k->address_count, i);
    case CDN_EVIDENCE_SEX_DIFFERS:
        return k->sex == CDN_SEX_FEMALE ? CDN_STR("female") : CDN_STR("male");
    case CDN_EVIDENCE_KINDS:
    default:
        return cdn_str(NULL, 0);
    }
}

static void put_value(struct cdn_buf *out, enum cdn_weighed kind, const struct cdn_known *k, uint32_t i) {
    char storage[CDN_EXPLAIN_VALUE];
    put_plain(out, cdn_explain_value(kind, k, i, storage));
}

void cdn_explain_evidence_step(struct cdn_buf *out,
                               const struct cdn_known *a,
                               const struct cdn_known *b,
                               const struct cdn_evidence_step *s) {
    const enum cdn_weighed kind = (enum cdn_weighed)s->kind;
    cdn_buf_z(out, cdn_evidence_text(kind));
    if (a != NULL && b != NULL) {
        cdn_buf_z(out, " (");
        put_value(out, kind, a, s->a);
        cdn_buf_z(out, "; ");
        put_value(out, kind, b, s->b);
        cdn_buf_char(out, ')');
    }
    if (kind == CDN_EVIDENCE_IDENT_SAME) {
        cdn_buf_z(out, ": decides");
    } else {
        cdn_buf_printf(out, ": %s%d", s->points > 0 ? "+" : "", s->points);
    }
}

void cdn_explain_evidence(struct cdn_buf *out,
                          const struct cdn_known *a,
                          const struct cdn_known *b,
                          const struct cdn_weighing *e) {
    for (uint32_t i = 0; i < e->steps; i++) {
        cdn_explain_evidence_step(out, a, b, &e->step[i]);
        cdn_buf_char(out, '\n');
    }
}

const char *cdn_explain_verdict(enum cdn_screen_verdict verdict) {
    static const char *const text[] = {"no", "possible", "sure"};
    return (unsigned)verdict < CDN_ARRAY_LEN(text) ? text[verdict] : "";
}
