/* SPDX-License-Identifier: Apache-2.0 */
/* write_decision.c: the canonical JSON of a decision.
 *
 *  1. members are sorted by name; lists are in the order that struct cdn_decision has them, which is defined
 * there;
 *  2. the same decision under the same snapshot gives the same bytes: nothing here looks at a clock, an
 * address or the order of a hash table;
 *  3. texts come from the snapshot and the decision only, evidence is named by its pointer and never
 * repeated, so that a decision holds no personal data that the request did not put into it by name. */
#include "json/json.h"

#include "base/limits.h"
#include "decide/decision_text.h"
#include "json/out_priv.h"

#define TEXTS_BYTES ((size_t)16 << 20) /* of prepared texts; what does not fit is written anew each time */

struct writer {
    struct cdn_buf *b;
    const struct cdn_decision *d;
    const struct cdn_snapshot *s;
    struct cdn_json_texts *t; /* of the same snapshot, or NULL */
};

/* What is the same in every decision. */
enum part {
    PART_ID,      /* "…" */
    PART_FRONT,   /* {"appeal":…,"basis":"…","because":[ */
    PART_MIDDLE,  /* "id":…,"issuer":…,"legal":…,"lifted_by": */
    PART_SOURCES, /* ,"sources":[…],"standing":" */
    PART_TITLE,   /* ,"title":…,"value":" */
    PART_VERSION, /* ","version":… */
    PART_BRIEF,   /* of a measure presumed away:
                     {"basis":…,"because":[],"id":…,"lifted_by":null,"outcome":"allow","presumed": */
    PARTS
};
struct prepared { /* all parts of a measure, in their order */
    uint32_t ends[PARTS];
    char text[];
};
struct cdn_json_texts {
    const struct cordon_alloc *alloc;
    const struct cdn_snapshot *s;
    struct cdn_arena arena;
    struct cdn_buf scratch;
    struct prepared **measures; /* NULL: not asked for yet */
    size_t count;
};

static void write_part(struct writer *w, uint32_t measure, enum part part);

static cordon_str text_of(const struct writer *w, struct cdn_sref r) {
    return cdn_snap_str(w->s, r);
}

static const struct cdn_measure_rec *measure_of(const struct writer *w, uint32_t i) {
    return &w->s->measures[i];
}

static void write_id(struct writer *w, uint32_t measure) {
    write_part(w, measure, PART_ID);
}

/* A word of this program, which needs no escape, in quotes. */
static void write_word(struct cdn_buf *b, const char *word) {
    cdn_buf_char(b, '"');
    cdn_buf_z(b, word);
    cdn_buf_char(b, '"');
}

static void write_pointer(struct writer *w, const struct cdn_pointer *p) {
    /* Names of facts need no escape: the language has no quotes or controls in them. */
    cdn_buf_char(w->b, '"');
    cdn_decision_pointer(w->b, p);
    cdn_buf_char(w->b, '"');
}

static void write_ids(struct writer *w, const uint32_t *measures, uint32_t count) {
    bool first = true;
    cdn_buf_char(w->b, '[');
    for (uint32_t i = 0; i < count; i++) {
        cdn_json_comma(w->b, &first);
        write_id(w, measures[i]);
    }
    cdn_buf_char(w->b, ']');
}

static void write_money(struct writer *w, const struct cdn_money *m) {
    cdn_buf_z(w->b, "{\"amount\":\"");
    cdn_decimal_write(w->b, m->amount);
    cdn_buf_z(w->b, "\",\"currency\":");
    cdn_buf_json(w->b, cdn_str_z(m->currency));
    cdn_buf_char(w->b, '}');
}

/* ---- the parts in front and behind ----------------------------------------------------------------------
 */

static bool as_of_less(const struct cdn_as_of *a, const struct cdn_as_of *b) {
    return cdn_str_cmp(a->what, b->what) < 0;
}

static void write_one_as_of(struct writer *w, const struct cdn_as_of *a) {
    bool first = true;
    cdn_buf_char(w->b, '{');
    if (a->digest.n) {
        cdn_json_name(w->b, &first, "count");
        cdn_buf_int(w->b, (int64_t)a->count);
    }
    cdn_json_name_text(w->b, &first, "date", a->date);
    if (a->digest.n)
        cdn_json_name_text(w->b, &first, "digest", a->digest);
    cdn_json_name(w->b, &first, "stale");
    cdn_json_bool(w->b, a->stale);
    cdn_buf_char(w->b, '}');
}

static void write_as_of(struct writer *w) {
    const struct cdn_decision *d = w->d;
    bool first = true;
    cdn_buf_char(w->b, '{');
    const struct cdn_as_of *last = NULL;
    for (uint32_t n = 0; n < d->as_of_count; n++) { /* few: the next in order is looked for */
        const struct cdn_as_of *next = NULL;
        for (uint32_t i = 0; i < d->as_of_count; i++) {
            const struct cdn_as_of *a = &d->as_of[i];
            if ((!last || as_of_less(last, a)) && (!next || as_of_less(a, next)))
                next = a;
        }
        if (!next)
            break;
        cdn_json_comma(w->b, &first);
        cdn_buf_json(w->b, next->what);
        cdn_buf_char(w->b, ':');
        write_one_as_of(w, next);
        last = next;
    }
    cdn_buf_char(w->b, '}');
}

static void write_conflicts(struct writer *w) {
    bool first = true;
    cdn_buf_char(w->b, '[');
    for (uint32_t i = 0; i < w->d->conflict_count; i++) {
        const struct cdn_conflict *c = &w->d->conflicts[i];
        const uint32_t both[2] = {c->measure, c->other};
        cdn_json_comma(w->b, &first);
        cdn_buf_z(w->b, "{\"kind\":");
        cdn_buf_json(w->b, c->kind);
        cdn_buf_z(w->b, ",\"measures\":");
        write_ids(w, both, 2);
        cdn_buf_z(w->b, ",\"text\":");
        cdn_buf_json(w->b, c->text);
        cdn_buf_char(w->b, '}');
    }
    cdn_buf_char(w->b, ']');
}

static void write_pointers(struct writer *w, const struct cdn_pointer *list, uint32_t count) {
    bool first = true;
    cdn_buf_char(w->b, '[');
    for (uint32_t i = 0; i < count; i++) {
        cdn_json_comma(w->b, &first);
        write_pointer(w, &list[i]);
    }
    cdn_buf_char(w->b, ']');
}

static void write_contradictions(struct writer *w) {
    bool first = true;
    cdn_buf_char(w->b, '[');
    for (uint32_t i = 0; i < w->d->contradiction_count; i++) {
        const struct cdn_contradiction *c = &w->d->contradictions[i];
        cdn_json_comma(w->b, &first);
        cdn_buf_z(w->b, "{\"against\":");
        write_pointers(w, c->against, c->against_count);
        cdn_buf_z(w->b, ",\"fact\":");
        cdn_buf_json(w->b, c->fact);
        cdn_buf_z(w->b, ",\"for\":");
        write_pointers(w, c->for_, c->for_count);
        cdn_buf_z(w->b, ",\"measure\":");
        write_id(w, c->measure);
        cdn_buf_char(w->b, '}');
    }
    cdn_buf_char(w->b, ']');
}

static void write_duties(struct writer *w) {
    bool first = true;
    cdn_buf_char(w->b, '[');
    for (uint32_t i = 0; i < w->d->duty_count; i++) {
        const struct cdn_duty_due *due = &w->d->duties[i];
        const struct cdn_duty_rec *duty = &w->s->duties[due->duty];
        cdn_json_comma(w->b, &first);
        cdn_buf_z(w->b, "{\"due\":");
        cdn_json_instant(w->b, due->has_due ? due->due : CDN_TIME_MAX);
        cdn_buf_z(w->b, ",\"kind\":");
        cdn_buf_json(w->b, cdn_str_z(cdn_decision_duty_name(duty->kind)));
        cdn_buf_z(w->b, ",\"measure\":");
        write_id(w, due->measure);
        cdn_buf_z(w->b, ",\"text\":");
        cdn_buf_json(w->b, text_of(w, duty->text));
        cdn_buf_z(w->b, ",\"to\":");
        cdn_buf_json(w->b, text_of(w, duty->to));
        cdn_buf_char(w->b, '}');
    }
    cdn_buf_char(w->b, ']');
}

/* Open holds or appeals, after their name; nothing where there are none. */
static void write_open(struct writer *w, const char *name, const struct cdn_open *list, uint32_t count) {
    bool first_item = true;
    if (!count)
        return;
    cdn_buf_z(w->b, name);
    cdn_buf_char(w->b, '[');
    for (uint32_t i = 0; i < count; i++) {
        const struct cdn_open *o = &list[i];
        bool first = true;
        cdn_json_comma(w->b, &first_item);
        cdn_buf_char(w->b, '{');
        if (o->by.n)
            cdn_json_name_text(w->b, &first, "by", o->by);
        if (o->measure.n)
            cdn_json_name_text(w->b, &first, "measure", o->measure);
        if (o->reference.n)
            cdn_json_name_text(w->b, &first, "reference", o->reference);
        cdn_json_name(w->b, &first, "subject");
        write_pointer(w, &o->subject);
        cdn_json_name(w->b, &first, "until");
        if (o->has_until) {
            cdn_buf_char(w->b, '"');
            cdn_when_write(w->b, o->until);
            cdn_buf_char(w->b, '"');
        } else {
            cdn_buf_z(w->b, "null");
        }
        if (o->why.n)
            cdn_json_name_text(w->b, &first, "why", o->why);
        cdn_buf_char(w->b, '}');
    }
    cdn_buf_char(w->b, ']');
}

static void write_keep(struct writer *w) {
    bool first = true;
    cdn_buf_char(w->b, '[');
    for (uint32_t i = 0; i < w->d->keep_count; i++) {
        cdn_json_comma(w->b, &first);
        cdn_buf_json(w->b, w->d->keep[i]);
    }
    cdn_buf_char(w->b, ']');
}

static void write_missing(struct writer *w) {
    bool first = true;
    cdn_buf_char(w->b, '[');
    for (uint32_t i = 0; i < w->d->missing_count; i++) {
        const struct cdn_missing *m = &w->d->missing[i];
        cdn_json_comma(w->b, &first);
        cdn_buf_z(w->b, "{\"fact\":");
        cdn_buf_json(w->b, m->fact);
        cdn_buf_z(w->b, ",\"measures\":");
        write_ids(w, m->measures, m->measure_count);
        cdn_buf_z(w->b, ",\"where\":");
        write_pointer(w, &m->where);
        cdn_buf_z(w->b, ",\"why\":");
        cdn_buf_json(w->b, m->why);
        cdn_buf_char(w->b, '}');
    }
    cdn_buf_char(w->b, ']');
}

static void write_outcomes(struct writer *w) {
    bool first_line = true;
    cdn_buf_char(w->b, '[');
    for (uint32_t i = 0; i < w->d->outcome_count; i++) {
        const struct cdn_outcome_line *o = &w->d->outcomes[i];
        bool first = true;
        cdn_json_comma(w->b, &first_line);
        cdn_buf_char(w->b, '{');
        cdn_json_name_z(w->b, &first, "basis", cdn_basis_name(o->basis));
        if (o->has_cap) {
            cdn_json_name(w->b, &first, "cap");
            write_money(w, &o->cap);
        }
        cdn_json_name_z(w->b, &first, "form", cdn_form_name(o->form));
        if (o->limit_to.n)
            cdn_json_name_text(w->b, &first, "limit_to", o->limit_to);
        cdn_json_name(w->b, &first, "measures");
        write_ids(w, o->measures, o->measure_count);
        if (o->has_cap) {
            cdn_json_name(w->b, &first, "remaining");
            write_money(w, &o->remaining);
        }
        cdn_json_name_z(w->b, &first, "scope", cdn_scope_name(o->scope));
        cdn_json_name(w->b, &first, "subject");
        write_pointer(w, &o->subject);
        cdn_json_name_z(w->b, &first, "verdict", cdn_verdict_name(o->verdict));
        cdn_buf_char(w->b, '}');
    }
    cdn_buf_char(w->b, ']');
}

/* ---- measures -------------------------------------------------------------------------------------------
 */

static void write_sides(struct writer *w, const struct cdn_because *c, bool against) {
    bool first = true;
    cdn_buf_char(w->b, '[');
    for (uint32_t i = 0; i < c->evidence_count; i++) {
        if (c->against[i] != against)
            continue;
        cdn_json_comma(w->b, &first);
        write_pointer(w, &c->evidence[i]);
    }
    cdn_buf_char(w->b, ']');
}

static void write_texts(struct writer *w, bool *first, const char *name, const cordon_str *list, uint32_t n) {
    bool first_text = true;
    cdn_json_name(w->b, first, name);
    cdn_buf_char(w->b, '[');
    for (uint32_t i = 0; i < n; i++) {
        cdn_json_comma(w->b, &first_text);
        cdn_buf_json(w->b, list[i]);
    }
    cdn_buf_char(w->b, ']');
}

static void text_if(struct writer *w, bool *first, const char *name, cordon_str text) {
    if (text.n)
        cdn_json_name_text(w->b, first, name, text);
}

static void write_candidate(struct writer *w, const struct cdn_candidate_told *c) {
    bool first = true;
    cdn_buf_char(w->b, '{');
    write_texts(w, &first, "against", c->against, c->against_count);
    text_if(w, &first, "cleared", c->cleared);
    cdn_json_name_text(w->b, &first, "entry", c->entry);
    text_if(w, &first, "entry_fingerprint", c->entry_fingerprint);
    write_texts(w, &first, "for", c->for_, c->for_count);
    cdn_json_name_text(w->b, &first, "list", c->list);
    text_if(w, &first, "name", c->name);
    if (c->has_score && !c->supplied) {
        cdn_json_name(w->b, &first, "name_score");
        cdn_buf_int(w->b, c->name_score);
    }
    text_if(w, &first, "not_cleared", c->not_cleared);
    text_if(w, &first, "party_fingerprint", c->party_fingerprint);
    if (c->has_score) {
        cdn_json_name(w->b, &first, "score");
        cdn_buf_int(w->b, c->score);
    }
    cdn_json_name_z(w->b, &first, "source", c->supplied ? "request" : "engine");
    cdn_json_name_z(w->b, &first, "value", cdn_truth_name(c->value));
    cdn_json_name(w->b, &first, "who");
    write_pointer(w, &c->who);
    cdn_buf_char(w->b, '}');
}

static void write_link(struct writer *w, const struct cdn_link_told *l) {
    bool first = true;
    cdn_buf_char(w->b, '{');
    cdn_json_name_z(w->b, &first, "counts", cdn_truth_name(l->counts));
    cdn_json_name(w->b, &first, "disputed");
    cdn_json_bool(w->b, l->disputed);
    cdn_json_name_text(w->b, &first, "kind", l->kind);
    cdn_json_name_text(w->b, &first, "owned", l->owned);
    cdn_json_name_text(w->b, &first, "owner", l->owner);
    cdn_json_name(w->b, &first, "percent");
    if (l->percent.n)
        cdn_buf_json(w->b, l->percent);
    else
        cdn_buf_z(w->b, "null");
    cdn_json_name_text(w->b, &first, "source", l->source);
    cdn_buf_char(w->b, '}');
}

static void write_candidates(struct writer *w, bool *first, const struct cdn_because *c) {
    bool first_item = true;
    if (!c->candidate_count)
        return;
    cdn_json_name(w->b, first, "candidates");
    cdn_buf_char(w->b, '[');
    for (uint32_t i = 0; i < c->candidate_count; i++) {
        cdn_json_comma(w->b, &first_item);
        write_candidate(w, &c->candidates[i]);
    }
    cdn_buf_char(w->b, ']');
}

static void write_owners(struct writer *w, bool *first, const struct cdn_because *c) {
    bool first_item = true;
    if (!c->link_count)
        return;
    cdn_json_name(w->b, first, "owners");
    cdn_buf_char(w->b, '[');
    for (uint32_t i = 0; i < c->link_count; i++) {
        cdn_json_comma(w->b, &first_item);
        write_link(w, &c->links[i]);
    }
    cdn_buf_char(w->b, ']');
}

static void write_because(struct writer *w, const struct cdn_because *c) {
    bool first = false;
    cdn_buf_z(w->b, "{\"against\":");
    write_sides(w, c, true);
    write_candidates(w, &first, c);
    cdn_buf_z(w->b, ",\"evidence\":");
    write_sides(w, c, false);
    cdn_buf_z(w->b, ",\"fact\":");
    cdn_buf_json(w->b, c->text);
    if (c->finding_count)
        write_texts(w, &first, "findings", c->findings, c->finding_count);
    cdn_buf_z(w->b, ",\"is\":");
    cdn_buf_json(w->b, c->is);
    write_owners(w, &first, c);
    cdn_buf_z(w->b, ",\"value\":");
    write_word(w->b, cdn_truth_name(c->value));
    cdn_buf_char(w->b, '}');
}

static void write_presumed(struct writer *w, const struct cdn_account *a) {
    bool first = true;
    cdn_buf_char(w->b, '[');
    for (uint32_t i = 0; i < a->because_count; i++) {
        const struct cdn_because *c = &a->because[i];
        if (!c->presumed)
            continue;
        cdn_json_comma(w->b, &first);
        cdn_buf_z(w->b, "{\"fact\":");
        cdn_buf_json(w->b, c->text);
        cdn_buf_z(w->b, ",\"why\":");
        cdn_buf_json(w->b, c->presumed_why);
        cdn_buf_char(w->b, '}');
    }
    cdn_buf_char(w->b, ']');
}

static void write_sources(struct writer *w, struct cdn_run run) {
    bool first_source = true;
    cdn_buf_char(w->b, '[');
    for (uint32_t i = 0; i < run.count; i++) {
        const struct cdn_source_rec *src = &w->s->sources[run.first + i];
        bool first = true;
        cdn_json_comma(w->b, &first_source);
        cdn_buf_char(w->b, '{');
        if (src->accessed.n)
            cdn_json_name_text(w->b, &first, "accessed", text_of(w, src->accessed));
        cdn_json_name_text(w->b, &first, "title", text_of(w, src->title));
        if (src->unverified.n)
            cdn_json_name_text(w->b, &first, "unverified", text_of(w, src->unverified));
        cdn_json_name_text(w->b, &first, "url", text_of(w, src->url));
        cdn_buf_char(w->b, '}');
    }
    cdn_buf_char(w->b, ']');
}

static void name_optional(struct writer *w, bool *first, const char *name, struct cdn_sref r) {
    if (r.n)
        cdn_json_name_text(w->b, first, name, text_of(w, r));
}

/* Written anew. Members keep the order of their names. */
static void write_plain_part(struct writer *w, uint32_t measure, enum part part) {
    const struct cdn_measure_rec *m = measure_of(w, measure);
    bool first = part == PART_FRONT || part == PART_MIDDLE;
    switch (part) {
    case PART_FRONT:
        cdn_buf_char(w->b, '{');
        name_optional(w, &first, "appeal", m->appeal);
        cdn_json_name_z(w->b, &first, "basis", cdn_basis_name(m->basis));
        cdn_buf_z(w->b, ",\"because\":[");
        break;
    case PART_MIDDLE:
        cdn_json_name_text(w->b, &first, "id", text_of(w, m->id));
        name_optional(w, &first, "issuer", m->issuer);
        name_optional(w, &first, "legal", m->legal);
        cdn_buf_z(w->b, ",\"lifted_by\":");
        break;
    case PART_SOURCES:
        cdn_buf_z(w->b, ",\"sources\":");
        write_sources(w, m->sources);
        cdn_buf_z(w->b, ",\"standing\":\"");
        break;
    case PART_TITLE:
        cdn_json_name_text(w->b, &first, "title", text_of(w, m->title));
        cdn_buf_z(w->b, ",\"value\":\"");
        break;
    case PART_VERSION:
        cdn_buf_z(w->b, "\",\"version\":");
        cdn_buf_json(w->b, text_of(w, m->version));
        break;
    case PART_BRIEF:
        cdn_buf_char(w->b, '{');
        first = true;
        cdn_json_name_z(w->b, &first, "basis", cdn_basis_name(m->basis));
        cdn_buf_z(w->b, ",\"because\":[]");
        cdn_json_name_text(w->b, &first, "id", text_of(w, m->id));
        cdn_buf_z(w->b, ",\"lifted_by\":null,\"outcome\":\"allow\",\"presumed\":");
        break;
    case PART_ID:
    case PARTS:
    default:
        cdn_buf_json(w->b, text_of(w, m->id));
        break;
    }
}

/* NULL: no memory. Then it is written anew each time. */
static const struct prepared *prepare(struct cdn_json_texts *t, uint32_t measure) {
    uint32_t ends[PARTS];
    struct writer w = {.b = &t->scratch, .s = t->s};
    if (measure >= t->count)
        return NULL;
    cdn_buf_clear(&t->scratch);
    for (unsigned i = 0; i < PARTS; i++) {
        write_plain_part(&w, measure, (enum part)i);
        ends[i] = (uint32_t)t->scratch.n;
    }
    struct prepared *p =
        t->scratch.err ? NULL : cdn_arena_take(&t->arena, sizeof(*p) + CDN_MAX(t->scratch.n, (size_t)1));
    if (!p)
        return NULL;
    memcpy(p->ends, ends, sizeof(ends));
    memcpy(p->text, t->scratch.p, t->scratch.n);
    t->measures[measure] = p;
    return p;
}

static void write_part(struct writer *w, uint32_t measure, enum part part) {
    const struct prepared *p = w->t && measure < w->t->count ? w->t->measures[measure] : NULL;
    if (!p && w->t)
        p = prepare(w->t, measure);
    if (!p) {
        write_plain_part(w, measure, part);
        return;
    }
    const uint32_t from = part ? p->ends[part - 1] : 0;
    cdn_buf_put(w->b, p->text + from, p->ends[part] - from);
}

static void write_subject(struct writer *w, const struct cdn_hit *hit) {
    const struct cdn_pointer subject = {.kind = hit->subject_kind, .index = hit->subject, .evidence = -1};
    cdn_buf_z(w->b, "\",\"subject\":");
    write_pointer(w, &subject);
}

/* A measure that restricts nobody since something was presumed: which, and why. The rest is asked for with an
 * explanation; in decisions, most of which are such, it would be most of the text. */
static void write_brief(struct writer *w, const struct cdn_account *a) {
    write_part(w, a->hit.measure, PART_BRIEF);
    write_presumed(w, a);
    cdn_buf_z(w->b, ",\"standing\":\"presumed");
    write_subject(w, &a->hit);
    cdn_buf_z(w->b, ",\"value\":\"");
    cdn_buf_z(w->b, cdn_truth_name(a->hit.value));
    write_part(w, a->hit.measure, PART_VERSION);
    cdn_buf_char(w->b, '}');
}

static void write_measure(struct writer *w, const struct cdn_account *a) {
    const uint32_t measure = a->hit.measure;
    const struct cdn_measure_rec *m = measure_of(w, measure);
    bool first = true;
    write_part(w, measure, PART_FRONT);
    for (uint32_t i = 0; i < a->because_count; i++) {
        cdn_json_comma(w->b, &first);
        write_because(w, &a->because[i]);
    }
    cdn_buf_z(w->b, "],");
    if (a->except >= 0) {
        cdn_buf_z(w->b, "\"except\":");
        cdn_buf_json(w->b, text_of(w, w->s->excepts[m->excepts.first + (uint32_t)a->except].label));
        cdn_buf_char(w->b, ',');
    }
    write_part(w, measure, PART_MIDDLE);
    if (a->hit.lifted_by >= 0)
        write_id(w, (uint32_t)a->hit.lifted_by);
    else
        cdn_buf_z(w->b, "null");
    cdn_buf_z(w->b, ",\"outcome\":");
    write_word(w->b, cdn_verdict_name(a->hit.verdict));
    cdn_buf_z(w->b, ",\"presumed\":");
    write_presumed(w, a);
    if (a->provisional)
        cdn_buf_z(w->b, ",\"provisional\":true");
    write_part(w, measure, PART_SOURCES);
    cdn_buf_z(w->b, cdn_decision_standing_name(a->hit.standing));
    write_subject(w, &a->hit);
    write_part(w, measure, PART_TITLE);
    cdn_buf_z(w->b, cdn_truth_name(a->hit.value));
    write_part(w, measure, PART_VERSION);
    if (a->why_not.n) {
        cdn_buf_z(w->b, ",\"why_not\":");
        cdn_buf_json(w->b, a->why_not);
    }
    cdn_buf_char(w->b, '}');
}

/* ---- prepared texts ---------------------------------------------------------------------------------------
 */

int cdn_json_texts_new(const struct cdn_snapshot *s,
                       const struct cordon_alloc *alloc,
                       struct cdn_json_texts **ret) {
    struct cdn_json_texts *t = cdn_alloc_zero(alloc, 1, sizeof(*t));
    if (!t)
        return CORDON_E_NOMEM;
    t->alloc = alloc;
    t->s = s;
    t->count = s->count[CDN_T_MEASURE];
    t->measures = cdn_alloc_zero(alloc, t->count + 1, sizeof(struct prepared *));
    if (!t->measures) {
        cdn_free(alloc, t, sizeof(*t));
        return CORDON_E_NOMEM;
    }
    cdn_arena_init(&t->arena, alloc, TEXTS_BYTES);
    cdn_buf_init(&t->scratch, alloc, CDN_MAX_DECISION_BYTES);
    *ret = t;
    return 0;
}

void cdn_json_texts_free(struct cdn_json_texts *t) {
    if (!t)
        return;
    cdn_arena_free(&t->arena);
    cdn_buf_free(&t->scratch);
    cdn_free(t->alloc, t->measures, (t->count + 1) * sizeof(struct prepared *));
    cdn_free(t->alloc, t, sizeof(*t));
}

/* ---- notice ----------------------------------------------------------------------------------------------
 */

/* Each language once, sorted; the text is that of the strictest measure which has one in it, the first of
 * equals. */
static void write_notice(struct writer *w) {
    bool first = true;
    cordon_str last = {NULL, 0};
    cdn_buf_char(w->b, '{');
    for (;;) {
        cordon_str lang;
        cordon_str text;
        if (!cdn_decision_notice(w->d, w->s, last, &lang, &text))
            break;
        cdn_json_comma(w->b, &first);
        cdn_buf_json(w->b, lang);
        cdn_buf_char(w->b, ':');
        cdn_buf_json(w->b, text);
        last = lang;
    }
    cdn_buf_char(w->b, '}');
}

/* ---- the whole -------------------------------------------------------------------------------------------
 */

int cdn_json_write_decision_with(struct cdn_buf *out,
                                 const struct cdn_decision *d,
                                 const struct cdn_snapshot *s,
                                 struct cdn_json_texts *t) {
    struct writer w = {out, d, s, t && t->s == s ? t : NULL};
    cdn_buf_char(out, '{');
    write_open(&w, "\"appeals\":", d->appeals, d->appeal_count);
    cdn_buf_z(out, d->appeal_count ? ",\"as_of\":" : "\"as_of\":");
    write_as_of(&w);
    cdn_buf_z(out, ",\"at\":");
    cdn_json_instant(out, d->at);
    cdn_buf_z(out, ",\"changes_at\":");
    cdn_json_instant(out, d->changes_at);
    cdn_buf_z(out, ",\"conflicts\":");
    write_conflicts(&w);
    cdn_buf_z(out, ",\"contradictions\":");
    write_contradictions(&w);
    cdn_buf_z(out, ",\"duties\":");
    write_duties(&w);
    write_open(&w, ",\"holds\":", d->holds, d->hold_count);
    cdn_buf_z(out, ",\"http_status\":");
    cdn_buf_int(out, d->http_status);
    cdn_buf_z(out, ",\"keep\":");
    write_keep(&w);
    cdn_buf_z(out, ",\"measures\":[");
    bool first = true;
    for (uint32_t i = 0; i < d->measure_count; i++) {
        cdn_json_comma(out, &first);
        if (d->measures[i].hit.standing == CDN_STANDING_PRESUMED && !d->explained)
            write_brief(&w, &d->measures[i]);
        else
            write_measure(&w, &d->measures[i]);
    }
    cdn_buf_z(out, "],\"missing\":");
    write_missing(&w);
    cdn_buf_z(out, ",\"notice\":");
    write_notice(&w);
    cdn_buf_z(out, ",\"outcomes\":");
    write_outcomes(&w);
    cdn_buf_z(out, ",\"semantics\":");
    cdn_buf_int(out, d->semantics);
    cdn_buf_z(out, ",\"verdict\":");
    cdn_buf_json(out, cdn_str_z(cdn_verdict_name(d->verdict)));
    cdn_buf_char(out, '}');
    return out->err;
}

int cdn_json_write_decision(struct cdn_buf *out, const struct cdn_decision *d, const struct cdn_snapshot *s) {
    return cdn_json_write_decision_with(out, d, s, NULL);
}

int cdn_json_write_answer(struct cdn_buf *out,
                          const struct cdn_decision *d,
                          const struct cdn_snapshot *s,
                          cordon_str envelope) {
    cdn_buf_z(out, "{\"decision\":");
    const int err = cdn_json_write_decision(out, d, s);
    if (err)
        return err;
    if (envelope.n) {
        cdn_buf_z(out, ",\"envelope\":");
        cdn_buf_str(out, envelope);
    }
    cdn_buf_z(out, ",\"snapshot\":\"sha256:");
    cdn_buf_hex(out, s->digest, sizeof(s->digest));
    cdn_buf_z(out, "\"}");
    return out->err;
}

int cdn_json_write_problem(struct cdn_buf *out, const struct cordon_error *e) {
    bool first = true;
    cdn_buf_char(out, '{');
    cdn_json_name_z(out, &first, "code", cdn_status_name(e->code));
    if (e->column) {
        cdn_json_name(out, &first, "column");
        cdn_buf_int(out, e->column);
    }
    cdn_json_name_z(out, &first, "detail", e->message);
    if (e->hint[0])
        cdn_json_name_z(out, &first, "hint", e->hint);
    if (e->line) {
        cdn_json_name(out, &first, "line");
        cdn_buf_int(out, e->line);
    }
    if (e->where[0])
        cdn_json_name_z(out, &first, "pointer", e->where);
    const bool internal = e->code == CORDON_E_NOMEM || e->code == CORDON_E_INTERNAL || e->code == CORDON_E_IO;
    cdn_json_name(out, &first, "status");
    cdn_buf_int(out, internal ? 500 : e->code == CORDON_E_LIMIT ? 413 : 400);
    cdn_json_name_z(out, &first, "title", cdn_status_text(e->code));
    cdn_json_name_z(out, &first, "type", "about:blank");
    cdn_buf_char(out, '}');
    return out->err;
}
