/* SPDX-License-Identifier: Apache-2.0 */
/* match.c: the score of two names (meaning in match.h).
 *
 *  1. Every token of one name is compared with every token of the other.
 *  2. Neighbours that together are one token of the other name are joined (Abdel Rahman, Abdelrahman).
 *  3. The alignment with the greatest agreeing weight is taken, exactly.
 *  4. Agreement, conflict and surplus are summed; the score is their ratio.
 *
 * Tokens are free in their order: lists and forms put the surname first or last as they like. */
#include "screen/match.h"

const struct cdn_match_params cdn_match_defaults = {
    .cut = 530,
    .floor = 10,
    .foreign = 0,
    .conflict = 392,
    .surplus = 49,
    .nick = 860,
    .initial = 912,
    .initial_weight = 130,
    .prefix = 820,
    .vowels = 1010,
    .generic = 210,
    .particle = 12,
    .title = 20,
    .legal = 75,
    .stop = 19,
    .number = 101,
    .patronymic = 76,
    .acronym = 640,
    .forms_differ = 55,
    .swap = 0,
    .typo = 37,
    .few_sounds = 40,
    .against = 32,
    .both_foreign = 60,
    .slip = 660,
    .kinds = 205,
    .single = 242,
    .contrary = 192,
    .surplus_most = 256,
    .uneven = 188,
};

const char *cdn_match_how_text(enum cdn_match_how how) {
    static const char *const text[CDN_HOW_COUNT] = {"left over",
                                                    "same letters",
                                                    "same word",
                                                    "forms of one name",
                                                    "initial",
                                                    "cut off",
                                                    "vowels left out",
                                                    "spelt alike",
                                                    "sounds alike"};
    return (unsigned)how < CDN_HOW_COUNT ? text[how] : "";
}

unsigned cdn_match_weight(const struct cdn_match_params *p, const struct cdn_token *t) {
    const unsigned w = t->weight;
    switch ((enum cdn_token_class)t->class) {
    case CDN_TOKEN_INITIAL:
        return 160U * (unsigned)p->initial_weight / 256;
    case CDN_TOKEN_PARTICLE:
        return 160U * (unsigned)p->particle / 256;
    case CDN_TOKEN_TITLE:
        return 160U * (unsigned)p->title / 256;
    case CDN_TOKEN_LEGAL:
        return 160U * (unsigned)p->legal / 256;
    case CDN_TOKEN_STOP:
        return 160U * (unsigned)p->stop / 256;
    case CDN_TOKEN_GENERIC:
        return CDN_MIN(w, 160U) * (unsigned)p->generic / 256;
    case CDN_TOKEN_NUMBER:
        return 160U * (unsigned)p->number / 256;
    case CDN_TOKEN_PATRONYMIC:
    case CDN_TOKEN_PLAIN:
    case CDN_TOKEN_CLASSES:
    default:
        return w;
    }
}

static uint32_t fill(struct cdn_match_unit *u,
                     const struct cdn_name *name,
                     const struct cdn_match_params *p) {
    for (uint32_t i = 0; i < name->count; i++) {
        u[i].token = name->token[i];
        u[i].first = (uint8_t)i;
        u[i].count = 1;
        u[i].weight = (uint16_t)CDN_MAX(cdn_match_weight(p, &name->token[i]), 1U);
        u[i].mate = 0xFF;
    }
    return name->count;
}

/* ---- joining ---------------------------------------------------------------------------------------- */

static bool may_join(const struct cdn_token *t) {
    return t->class == CDN_TOKEN_PLAIN || t->class == CDN_TOKEN_PARTICLE || t->class == CDN_TOKEN_INITIAL ||
           t->class == CDN_TOKEN_GENERIC || t->class == CDN_TOKEN_PATRONYMIC || t->class == CDN_TOKEN_TITLE;
}

static bool join(const struct cdn_match_unit *u, uint32_t i, uint32_t n, struct cdn_token *ret) {
    *ret = u[i].token;
    for (uint32_t k = 0; k < n; k++) {
        const struct cdn_token *t = &u[i + k].token;
        if (!may_join(t) || t->script != ret->script) {
            return false;
        }
        if (k > 0) {
            if (ret->n + t->n > CDN_TOKEN_LETTERS) {
                return false;
            }
            memcpy(ret->s + ret->n, t->s, t->n);
            ret->n = (uint8_t)(ret->n + t->n);
        }
    }
    ret->class = CDN_TOKEN_PLAIN;
    ret->id = 0;
    ret->last = u[i + n - 1].token.last;
    cdn_token_sounds(ret);
    return true;
}

struct joint {
    uint32_t at, n, mate;
    unsigned alike, gain;
    struct cdn_token token;
};

/* Lengths of what is joined and of a token that it may be. */
static bool may_be(unsigned n, const struct cdn_token *o, bool foreign) {
    const unsigned d = n > o->n ? n - o->n : o->n - n;
    return may_join(o) && o->n >= 4 && d * (foreign ? 2U : 5U) <= CDN_MAX(n, (unsigned)o->n);
}

/* Is any of `v` as long as these neighbours together? Most are not, which saves joining them. */
static bool some_as_long(const struct cdn_match_unit *u,
                         uint32_t n,
                         const struct cdn_match_unit *v,
                         uint32_t nv) {
    unsigned letters = 0;
    for (uint32_t k = 0; k < n; k++) {
        letters += u[k].token.n;
    }
    for (uint32_t j = 0; j < nv; j++) {
        if (may_be(letters, &v[j].token, u[0].token.script != v[j].token.script)) {
            return true;
        }
    }
    return false;
}

/* The best joint of neighbours in `u` with one token of `v`. `row(i, j)` is alike[i][j] or turned round. */
static void find_joint(const struct cdn_screen_tables *t,
                       const struct cdn_match_params *p,
                       const struct cdn_matcher *m,
                       bool turned,
                       struct joint *best) {
    const struct cdn_match_unit *u = turned ? m->b : m->a, *v = turned ? m->a : m->b;
    const uint32_t nu = turned ? m->nb : m->na, nv = turned ? m->na : m->nb;
    struct cdn_token joined;
    for (uint32_t n = 2; n <= 3; n++) {
        for (uint32_t i = 0; i + n <= nu; i++) {
            if (!some_as_long(u + i, n, v, nv) || !join(u, i, n, &joined)) {
                continue;
            }
            for (uint32_t j = 0; j < nv; j++) {
                const struct cdn_token *o = &v[j].token;
                const bool foreign = joined.script != o->script;
                if (!may_be(joined.n, o, foreign)) {
                    continue;
                }
                if (!foreign && cdn_match_bits(joined.letters ^ o->letters) > 4) {
                    continue;
                }
                unsigned before = 0;
                for (uint32_t k = 0; k < n; k++) {
                    const unsigned s = turned ? m->alike[j][i + k] : m->alike[i + k][j];
                    before = CDN_MAX(before, s);
                }
                const unsigned s = cdn_match_letters(t, p, &joined, o);
                if (s >= (foreign ? 800U : 750U) && s > before + 20 && s - before > best->gain) {
                    *best = (struct joint){i, n, j, s, s - before, joined};
                }
            }
        }
    }
}

static void apply_joint(struct cdn_matcher *m, bool turned, const struct joint *j) {
    struct cdn_match_unit *u = turned ? m->b : m->a;
    uint32_t *n = turned ? &m->nb : &m->na;
    unsigned weight = 0;
    for (uint32_t k = 0; k < j->n; k++) {
        weight = CDN_MAX(weight, (unsigned)u[j->at + k].weight);
    }
    u[j->at].token = j->token;
    u[j->at].count = 0;
    for (uint32_t k = 0; k < j->n; k++) {
        u[j->at].count = (uint8_t)(u[j->at].count + (k == 0 ? 1 : u[j->at + k].count));
    }
    u[j->at].weight = (uint16_t)CDN_MAX(weight, (unsigned)(turned ? m->a : m->b)[j->mate].weight);
    memmove(&u[j->at + 1], &u[j->at + j->n], ((size_t)*n - j->at - j->n) * sizeof *u);
    *n -= j->n - 1;
}

/* ---- comparing -------------------------------------------------------------------------------------- */

#define MENDED 940U /* the most that a word is alike to another in which a slip was undone */

static void compare_all(const struct cdn_screen_tables *t,
                        const struct cdn_match_params *p,
                        struct cdn_matcher *m) {
    for (uint32_t i = 0; i < m->na; i++) {
        for (uint32_t j = 0; j < m->nb; j++) {
            enum cdn_match_how how;
            unsigned alike = cdn_match_tokens(t, p, &m->a[i].token, &m->b[j].token, &how);
            if (alike > MENDED && m->a[i].token.mended != m->b[j].token.mended) {
                alike = MENDED;
                how = CDN_HOW_SPELLING;
            }
            m->alike[i][j] = (uint16_t)alike;
            m->how[i][j] = (uint8_t)how;
        }
    }
}

static bool settled(const struct cdn_matcher *m) {
    uint32_t exact = 0;
    for (uint32_t i = 0; i < m->na; i++) {
        for (uint32_t j = 0; j < m->nb; j++) {
            exact += m->alike[i][j] >= 980 ? 1U : 0U;
        }
    }
    return exact >= m->na || exact >= m->nb;
}

static void join_neighbours(const struct cdn_screen_tables *t,
                            const struct cdn_match_params *p,
                            struct cdn_matcher *m) {
    for (unsigned round = 0; round < 3 && !settled(m); round++) {
        if (m->na > 12 || m->nb > 12) {
            return; /* long names lose little by one joint, and cost much */
        }
        struct joint best = {0}, other = {0};
        find_joint(t, p, m, false, &best);
        find_joint(t, p, m, true, &other);
        if (best.gain == 0 && other.gain == 0) {
            return;
        }
        const bool turned = other.gain > best.gain;
        apply_joint(m, turned, turned ? &other : &best);
        compare_all(t, p, m);
    }
}

static unsigned pair_weight(const struct cdn_match_unit *a, const struct cdn_match_unit *b) {
    return CDN_MIN(a->weight, b->weight);
}

static void assign(struct cdn_matcher *m) {
    int32_t value[CDN_NAME_TOKENS * CDN_NAME_TOKENS];
    uint8_t mate[CDN_NAME_TOKENS];
    for (uint32_t i = 0; i < m->na; i++) {
        for (uint32_t j = 0; j < m->nb; j++) {
            value[i * m->nb + j] = (int32_t)(pair_weight(&m->a[i], &m->b[j]) * m->alike[i][j]);
        }
    }
    if (m->na == 0 || m->nb == 0) {
        return;
    }
    cdn_match_assign(value, m->na, m->nb, mate);
    for (uint32_t i = 0; i < m->na; i++) {
        m->a[i].mate = mate[i];
        if (mate[i] != 0xFF) {
            m->b[mate[i]].mate = (uint8_t)i;
        }
    }
}

/* ---- summing ---------------------------------------------------------------------------------------- */

/* A token left over that stands in its name twice says nothing new. */
static bool is_repeated(const struct cdn_match_unit *u, uint32_t n, uint32_t i) {
    for (uint32_t k = 0; k < n; k++) {
        if (k != i && u[k].mate != 0xFF && u[k].token.n == u[i].token.n &&
            memcmp(u[k].token.s, u[i].token.s, u[i].token.n) == 0) {
            return true;
        }
    }
    return false;
}

static void add_step(struct cdn_match *r, struct cdn_match_step step) {
    if (r->steps < CDN_ARRAY_LEN(r->step)) {
        r->step[r->steps++] = step;
    }
}

struct left {
    uint32_t weight[CDN_NAME_TOKENS], count; /* what is left over, heaviest first */
    bool legal, names;                       /* legal forms; a name of some weight */
};

/* A letter in a person's name where the other has a patronymic or nothing (Yevgeny "P" Prigozhin, Yevgeniy
 * Viktorovich Prigozhin) contradicts nothing: it may be a nickname, a second name, a slip. */
static bool letters_say_little(const struct cdn_matcher *m, bool is_b) {
    const struct cdn_match_unit *other = is_b ? m->a : m->b;
    const uint32_t n = is_b ? m->na : m->nb;
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t class = other[i].token.class;
        if (other[i].mate == 0xFF && class != CDN_TOKEN_PATRONYMIC && class != CDN_TOKEN_PARTICLE &&
            class != CDN_TOKEN_TITLE) {
            return false;
        }
    }
    return m->persons;
}

static void sum_left(const struct cdn_match_params *p,
                     const struct cdn_matcher *m,
                     bool is_b,
                     struct cdn_match *r,
                     struct left *ret) {
    const struct cdn_match_unit *u = is_b ? m->b : m->a;
    const uint32_t n = is_b ? m->nb : m->na;
    const bool little = letters_say_little(m, is_b);
    for (uint32_t i = 0; i < n; i++) {
        if (u[i].mate != 0xFF) {
            continue;
        }
        uint32_t w = u[i].weight;
        if (is_repeated(u, n, i)) {
            w /= 8;
        }
        if (u[i].token.class == CDN_TOKEN_PATRONYMIC) {
            w = w * (uint32_t)p->patronymic / 256;
        }
        const bool aside = little && u[i].token.class == CDN_TOKEN_INITIAL;
        if (aside) {
            w /= 8;
            r->surplus += w * 1000;
        }
        ret->legal = ret->legal || u[i].token.class == CDN_TOKEN_LEGAL;
        ret->names = ret->names || (u[i].token.class == CDN_TOKEN_PLAIN && w >= 70);
        uint32_t at = aside ? 0 : ret->count++;
        for (; at > 0 && ret->weight[at - 1] < w; at--) {
            ret->weight[at] = ret->weight[at - 1];
        }
        if (!aside) {
            ret->weight[at] = w;
        }
        add_step(r,
                 is_b ? (struct cdn_match_step){0, 0, u[i].first, u[i].count, CDN_HOW_NONE, 0, (uint16_t)w}
                      : (struct cdn_match_step){u[i].first, u[i].count, 0, 0, CDN_HOW_NONE, 0, (uint16_t)w});
    }
}

/* What is left over on both sides is set against each other, the heaviest first: a share of the heavier of
 * two, so that a rare token against a common one still is a difference. The rest is surplus. */
static void set_against(const struct cdn_match_params *p,
                        const struct left *a,
                        const struct left *b,
                        struct cdn_match *r) {
    for (uint32_t i = 0; i < a->count || i < b->count; i++) {
        const uint32_t x = i < a->count ? a->weight[i] : 0, y = i < b->count ? b->weight[i] : 0;
        const uint32_t less = CDN_MIN(x, y), more = CDN_MAX(x, y) - less;
        const uint32_t moved = less >= 20 ? more * (uint32_t)p->uneven / 256 : 0;
        r->conflict += (less + moved) * 1000;
        r->surplus += (more - moved) * 1000;
    }
}

/* A name that agrees, and not by three letters of another script: those agree with too much. */
static bool says_a_name(const struct cdn_match_unit *a,
                        const struct cdn_match_unit *b,
                        uint32_t alike,
                        uint8_t how) {
    const bool name = a->token.class == CDN_TOKEN_PLAIN || b->token.class == CDN_TOKEN_PLAIN;
    return name && alike >= 700 && (how != CDN_HOW_SOUND || CDN_MIN(a->token.n, b->token.n) >= 4);
}

/* Agreeing weight (12 for each halving of the names of the lists) below which names are common. */
#define NAME_ALONE 240U

static void sum(const struct cdn_match_params *p, struct cdn_matcher *m, struct cdn_match *r) {
    uint32_t strong = 0, initials = 0, sure = 0;
    for (uint32_t i = 0; i < m->na; i++) {
        const struct cdn_match_unit *a = &m->a[i];
        if (a->mate == 0xFF) {
            continue;
        }
        const struct cdn_match_unit *b = &m->b[a->mate];
        const uint32_t alike = m->alike[i][a->mate], w = pair_weight(a, b);
        r->agree += w * alike;
        r->conflict += w * (1000 - alike);
        initials += m->how[i][a->mate] == CDN_HOW_INITIAL ? w * alike : 0;
        strong += says_a_name(a, b, alike, m->how[i][a->mate]) ? 1U : 0U;
        sure += m->how[i][a->mate] != CDN_HOW_SOUND ? 1U : 0U;
        add_step(
            r,
            (struct cdn_match_step){
                a->first, a->count, b->first, b->count, m->how[i][a->mate], (uint16_t)alike, (uint16_t)w});
    }
    struct left a = {0}, b = {0};
    sum_left(p, m, false, r, &a);
    sum_left(p, m, true, r, &b);
    set_against(p, &a, &b, r);
    r->thin = strong < 2;
    const unsigned k = (unsigned)p->conflict;
    r->score = 0;
    if (r->agree > 0) {
        const uint64_t most = (uint64_t)r->agree * (unsigned)p->surplus_most / 256;
        /* many words beside two rare ones that agree are a full name; beside common ones, another person */
        const uint64_t surplus =
            r->agree >= CDN_MATCH_FULL ? CDN_MIN((uint64_t)r->surplus, most) : r->surplus;
        const uint64_t against = (uint64_t)r->conflict * k + surplus * (unsigned)p->surplus;
        r->score = (uint16_t)((uint64_t)r->agree * 1000 * 256 / ((uint64_t)r->agree * 256 + against));
    }
    const uint32_t rest = CDN_MAX(a.count > 0 ? a.weight[0] : 0, b.count > 0 ? b.weight[0] : 0);
    if (r->thin && rest >= 60) { /* one word agrees, and there are more that name */
        r->score = (uint16_t)(r->score * (unsigned)p->single / 256);
        if (strong + sure == 0) { /* and that only by a few sounds of another script */
            r->score = (uint16_t)(r->score * 3U / 4);
        }
    }
    /* common words that agree while others are left over are not a name */
    const uint32_t agree = r->agree / 1000, needed = 150 + r->surplus / 2000;
    r->thin = r->thin || (r->score < 930 && agree < needed);
    if (initials * 2 > r->agree && r->score > p->acronym) { /* initials that fit are no name */
        r->score = (uint16_t)p->acronym;
        r->thin = true;
    }
    r->thin = r->thin || agree < NAME_ALONE;
    if (a.names && b.names) { /* a word that names on either side, and they are not the same */
        r->score = (uint16_t)(r->score * (unsigned)p->contrary / 256);
    }
    if (a.legal && b.legal) {
        r->score =
            (uint16_t)(r->score > (unsigned)p->forms_differ ? r->score - (unsigned)p->forms_differ : 0U);
    }
}

/* ---- initial letters --------------------------------------------------------------------------------- */

/* True when the one word of `a` is the first letters of b's words, in some turn of their order. */
static bool is_acronym(const struct cdn_name *a, const struct cdn_name *b) {
    char letters[CDN_NAME_TOKENS];
    uint32_t n = 0;
    if (a->count != 1 || a->token[0].n < 2 || a->token[0].n > 8) {
        return false;
    }
    for (uint32_t i = 0; i < b->count; i++) {
        const struct cdn_token *t = &b->token[i];
        if (t->class != CDN_TOKEN_STOP && t->class != CDN_TOKEN_LEGAL && t->class != CDN_TOKEN_TITLE &&
            t->n > 0) {
            letters[n++] = t->s[0];
        }
    }
    if (n != a->token[0].n) {
        return false;
    }
    for (uint32_t turn = 0; turn < n; turn++) {
        uint32_t k = 0;
        while (k < n && a->token[0].s[k] == letters[(k + turn) % n]) {
            k++;
        }
        if (k == n) {
            return true;
        }
    }
    return false;
}

/* All letters of both, in order, the same: only the spaces differ. */
static bool same_without_spaces(const struct cdn_name *a, const struct cdn_name *b) {
    uint32_t i = 0, j = 0, k = 0, l = 0;
    for (;;) {
        while (i < a->count && k == a->token[i].n) {
            i++;
            k = 0;
        }
        while (j < b->count && l == b->token[j].n) {
            j++;
            l = 0;
        }
        if (i == a->count || j == b->count) {
            return i == a->count && j == b->count && a->count > 0;
        }
        if (a->token[i].s[k++] != b->token[j].s[l++]) {
            return false;
        }
    }
}

/* A fixed order of names, so that (a, b) and (b, a) take the same path. */
static bool comes_after(const struct cdn_name *a, const struct cdn_name *b) {
    if (a->count != b->count) {
        return a->count > b->count;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        const struct cdn_token *x = &a->token[i], *y = &b->token[i];
        const int order = cdn_str_cmp(cdn_str(x->s, x->n), cdn_str(y->s, y->n));
        if (order != 0) {
            return order > 0;
        }
        if (x->script != y->script) {
            return x->script > y->script;
        }
        if (x->class != y->class) {
            return x->class > y->class;
        }
        if (x->weight != y->weight) {
            return x->weight > y->weight;
        }
    }
    return false;
}

static void turn_steps(struct cdn_match *r) {
    for (unsigned i = 0; i < r->steps; i++) {
        struct cdn_match_step *s = &r->step[i];
        *s = (struct cdn_match_step){s->b, s->b_count, s->a, s->a_count, s->how, s->alike, s->weight};
    }
}

void cdn_match_names(const struct cdn_screen_tables *t,
                     const struct cdn_match_params *p,
                     struct cdn_matcher *m,
                     const struct cdn_name *a,
                     const struct cdn_name *b,
                     struct cdn_match *ret) {
    const bool turned = comes_after(a, b);
    const struct cdn_name *first = turned ? b : a, *second = turned ? a : b;
    ret->score = 0;
    ret->steps = 0;
    ret->thin = true;
    ret->acronym = false;
    ret->agree = ret->conflict = ret->surplus = 0;
    m->persons = a->kind <= CDN_SCREEN_PERSON && b->kind <= CDN_SCREEN_PERSON;
    m->na = fill(m->a, first, p);
    m->nb = fill(m->b, second, p);
    compare_all(t, p, m);
    join_neighbours(t, p, m);
    assign(m);
    sum(p, m, ret);
    const bool person = a->kind == CDN_SCREEN_PERSON || b->kind == CDN_SCREEN_PERSON;
    if (person && a->kind != b->kind && a->kind != CDN_SCREEN_ANY && b->kind != CDN_SCREEN_ANY) {
        ret->score = (uint16_t)((unsigned)ret->score * p->kinds / 256);
    }
    if (ret->score < 985 && same_without_spaces(a, b)) {
        ret->score = 985;
    }
    if (ret->score < p->acronym && (is_acronym(a, b) || is_acronym(b, a))) {
        ret->score = (uint16_t)p->acronym;
        ret->acronym = true;
        ret->thin = true;
    }
    if (turned) {
        turn_steps(ret);
    }
}
