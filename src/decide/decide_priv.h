/* SPDX-License-Identifier: Apache-2.0 */
/* decide_priv.h: the decider's workspace and the pieces of the evaluation. For this room only.
 *
 * Order of work: decide.c finds the candidates, measure.c evaluates one measure with its licences and
 * statutes, expr.c a condition, test.c one test, with the help of fact.c, finding.c, listed.c, money.c,
 * edge.c and duty.c. Every function that looks at the instant also lowers d->changes_at to the next instant
 * at which it could answer otherwise (semantics: CS-CHANGES). */
#ifndef CDN_DECIDE_PRIV_H
#define CDN_DECIDE_PRIV_H

#include "base/limits.h"
#include "decide/decide.h"
#include "screen/owners.h"
#include "screen/screener.h"

enum {
    CDN_MAX_ASSIGNMENTS = 64, /* ways to fill the roles of a measure; beyond that its value is unknown */
    CDN_BIND_ABSENT = -1,     /* nobody has the role */
    CDN_BIND_OPEN = -2,       /* several have it: the measure decides for each */
    CDN_BIND_NONE = -3,       /* IT outside a quantifier */
    CDN_DECIDE_SCRATCH = 64 * 1024
};

enum {
    CDN_MAX_FOUND = 4096,   /* candidates of one decision, all who were screened together */
    CDN_MAX_HOLDERS = 1024, /* parties, owners who are only names, parties of the relations file */
    CDN_MAX_EDGES = 4096    /* shares between them */
};

/* What the engine's screening found of one party or owner, once per decision. */
struct cdn_screened {
    uint32_t epoch;        /* of the decision; another one: not screened yet */
    uint32_t first, count; /* in d->found */
    bool asked;            /* there was a name or an identifier to ask with */
    bool partial;          /* a bound was met: no hit is no answer */
    int64_t steady_until;
    bool has_print;
    uint8_t print[16]; /* fingerprint of what was asked with */
};

/* What somebody is screened with: the query and what it points to. */
enum { CDN_ASKED_ITEMS = 16, CDN_ASKED_TEXT = 8192 };
struct cdn_asked {
    struct cdn_screen_query query;
    cordon_str names[CDN_SCREEN_NAMES];
    struct cdn_known_birth birth;
    char nations[CDN_ASKED_ITEMS][2], countries[CDN_ASKED_ITEMS][2];
    cordon_str addresses[CDN_ASKED_ITEMS];
    struct cdn_screen_ident idents[CDN_SCREEN_IDENTS];
    struct cdn_buf text; /* over `storage`: addresses */
    char storage[CDN_ASKED_TEXT];
};

/* Somebody who may hold shares, or whose shares are held. Holders 0 … party_count - 1 are the parties. */
enum cdn_holder_kind { CDN_HOLDER_PARTY, CDN_HOLDER_NAMED, CDN_HOLDER_NODE };
struct cdn_holder {
    uint8_t kind;   /* enum cdn_holder_kind */
    uint8_t own;    /* cordon_truth: is it on the test's lists, or owned as screened? */
    uint8_t counts; /* the same, or owned by holders who count */
    bool reached;
    uint16_t party, owner; /* NAMED: of whom, and which of its owners */
    uint32_t node;         /* NODE: of the section OWNERS */
    uint32_t first, count; /* edges that tell of its owners, by owner */
};
/* One statement about a share. */
struct cdn_edge {
    uint16_t owner, owned; /* holders */
    uint8_t kind;          /* enum cdn_owner_link_kind */
    bool from_file, have, control;
    bool doubtful; /* disputed, or it is not certain that the party is the one whom the file means */
    struct cdn_decimal low, high;
    uint32_t link; /* of the file; else which of the party's owners */
};

enum { CDN_FORMS_KEEP = 1, CDN_FORMS_GIVE = 2 }; /* retain against return, close and return, withdraw */

/* Who stands for a role or object kind while a condition is evaluated. */
struct cdn_binding {
    int16_t role[CDN_ROLE_COUNT];     /* index into parties, or CDN_BIND_* */
    int16_t object[CDN_OBJECT_COUNT]; /* index into objects, or CDN_BIND_* */
    int16_t it;
    bool it_is_object;
};

/* Remembered answers of a test: of the subject that asked last, of those with an even number and of those
 * with an odd one, so that the two parties of most requests do not push each other out. */
enum { CDN_MEMOS = 2 };
struct cdn_memo {
    uint32_t epoch;
    int16_t subject;
    uint8_t value; /* and CDN_MEMO_* */
    uint8_t fits;  /* CDN_FITS_*: whom the test can be asked at all; set once */
};
enum { CDN_FITS_REQUEST = 1, CDN_FITS_PARTY = 2, CDN_FITS_OBJECT = 4 };
/* Is the subject silent about the test (CS-PRESUME)? Asked only of what is unknown. */
enum { CDN_MEMO_VALUE = 0x0F, CDN_MEMO_SILENT_KNOWN = 0x10, CDN_MEMO_SILENT = 0x20 };

/* Kinds of evidence on one side, by strength: a bit per enum cdn_evidence_kind. */
struct cdn_side {
    uint64_t kinds[4];
};

/* What a measure came to, for one way of filling the roles. */
struct cdn_assessment {
    uint8_t when, except, value;
    bool presumed_away;      /* `when` is false only because something was presumed */
    uint8_t licence;         /* the strongest licence: TRUE lifts */
    bool only_way;           /* there is no other way of filling the roles */
    int32_t licence_measure; /* that lifts; -1 */
    int32_t statute;         /* that forbids obeying it; -1 */
};

/* What every evaluation of a measure needs, in 16 bytes: the record itself has 280, and most of it is for
 * people or for the rare case. */
struct cdn_brief {
    uint32_t when, except_any;
    uint8_t flags;                       /* CDN_BRIEF_* */
    uint8_t subject_kind, subject_index; /* whom an outcome binds that does not say */
    uint8_t pad;
    uint32_t pad2;
};
enum {
    CDN_BRIEF_SUSPENDED = 1, /* there are suspensions */
    CDN_BRIEF_BINDS = 2,     /* only some entities */
    CDN_BRIEF_LIFTED = 4,    /* there are licences */
    CDN_BRIEF_FORBIDDEN = 8, /* there are statutes */
    CDN_BRIEF_AFTER = 16,    /* there are duties or residues */
    CDN_BRIEF_PRESUMES = 32
};

struct cdn_decider {
    const struct cdn_snapshot *snap;
    const struct cordon_alloc *alloc;
    /* of the decision at hand */
    const struct cdn_request *request;
    int64_t at, changes_at;
    uint32_t epoch;
    bool decided; /* by cdn_decide, and nothing was begun since: what was worked out holds for the account */
    uint32_t action, service; /* indexes */
    uint32_t entity;          /* index, CDN_NO_INDEX: not named or not known */
    uint32_t needs_roles, needs_objects;
    bool statute_conflict, form_conflict, protect_conflict, forms_seen;
    bool several; /* some role or object kind is open in `home` */
    uint8_t touched_roles[CDN_MAX_PARTIES], touched_objects[CDN_MAX_OBJECTS]; /* not absent in `home` */
    uint32_t touched_role_count, touched_object_count;
    bool crowd;         /* so many parties and objects that a measure may have too many ways */
    bool any_groups[4]; /* by which of action (1) and service (2) is "any" */
    bool snap_protects; /* the snapshot has measures of class PROTECT */
    uint8_t request_forms;
    uint8_t party_forms[CDN_MAX_PARTIES], object_forms[CDN_MAX_OBJECTS]; /* CDN_FORMS_* seen on each */
    const struct cdn_measure_rec *presumer; /* whose presumptions count; NULL: none do */
    bool stood_in;                          /* one did since this was last cleared */
    struct cdn_binding home;                /* roles filled by the only party that has them */
    struct cdn_binding bind;                /* as the evaluation at hand has it */
    uint32_t party_items[CDN_MAX_PARTIES], object_items[CDN_MAX_OBJECTS]; /* first slot in items */
    /* allocated once */
    struct cdn_brief *briefs; /* per measure */
    struct cdn_memo *memo;    /* CDN_MEMOS per test */
    uint32_t *item_epoch;     /* per evidence item */
    struct cdn_item *items;   /* its places */
    struct cdn_hit *hits;
    struct cdn_assessment *assessed; /* per hit: what it came to, for the account */
    uint32_t *candidates; /* T_POST numbers, in the order of outcomes; behind them as much for merging */
    uint64_t *live, *row; /* bit rows */
    char *scratch;        /* for folding one address */
    struct cdn_buf scratch_buf;
    uint32_t row_words, candidate_cap, hit_cap, test_cap;
    uint32_t hit_count, candidate_count;
    /* screening and ownership; NULL where the snapshot has neither lists nor owners */
    struct cdn_screener *screener;
    uint32_t *screen_lists; /* the snapshot's lists of listed parties that the rulebook names */
    uint32_t screen_list_count;
    uint16_t screen_sure, screen_review; /* the lowest of all tests */
    struct cdn_screen_candidate *found;
    struct cdn_screened *screened; /* by holder */
    uint32_t found_count;
    bool screen_asked;       /* in this decision */
    struct cdn_asked *asked; /* what a party is screened with, put together */
    struct cdn_name *name;   /* scratch */
    struct cdn_holder *holders;
    struct cdn_edge *edges;
    uint32_t holder_count, edge_count, graph_epoch;
    bool graph_cut; /* there are more than fit: nothing about owners is certain */
};

/* ---- edge.c: instants at which time alone changes an answer ------------------------------------------ */

static inline void cdn_decide_edge(struct cdn_decider *d, int64_t t) {
    if (t > d->at && t < d->changes_at)
        d->changes_at = t;
}
/* `at` compared with a moment: where the answer can change. */
void cdn_decide_edge_when(struct cdn_decider *d, struct cdn_when w);
/* a cmp b (enum cdn_cmp; IN is "the same") as cordon_truth. */
unsigned cdn_decide_when_cmp(struct cdn_when a, unsigned cmp, struct cdn_when b);
/* `at` before the moment? lowers changes_at. */
unsigned cdn_decide_at_before(struct cdn_decider *d, struct cdn_when w);

/* ---- fact.c ------------------------------------------------------------------------------------------- */

/* The value as given: NULL is "absent". Derived facts are not here. `is_object`: of objects[index]. */
const struct cdn_value *cdn_decide_value(const struct cdn_decider *d,
                                         const struct cdn_test_rec *t,
                                         int index,
                                         bool is_object);
unsigned cdn_decide_fact(struct cdn_decider *d, const struct cdn_test_rec *t, int index, bool is_object);
bool cdn_decide_has_code(const struct cdn_decider *d, struct cdn_run codes, uint64_t hash, cordon_str text);
unsigned cdn_decide_new(struct cdn_decider *d, const struct cdn_test_rec *t, int party);
/* Does the relation concern the service? */
bool cdn_decide_relation_is(const struct cdn_relation *r, cordon_str service, uint64_t hash);

/* ---- money.c ------------------------------------------------------------------------------------------ */

/* Into another currency at the snapshot's rates. False: no rate, or too many digits. */
bool cdn_decide_convert(struct cdn_decider *d,
                        const struct cdn_money *m,
                        const char to[4],
                        struct cdn_decimal *ret);
/* What is left of the outcome's cap before this request, and what this request takes. UNKNOWN: cannot be
 * told. TRUE: within the cap; *ret_remaining is what is left after it. FALSE: above. */
unsigned cdn_decide_cap(struct cdn_decider *d,
                        const struct cdn_measure_rec *m,
                        const struct cdn_outcome_rec *o,
                        struct cdn_decimal *ret_remaining);

/* ---- finding.c ---------------------------------------------------------------------------------------- */

static inline const struct cdn_evidence *cdn_decide_evidence(const struct cdn_decider *d,
                                                             int index,
                                                             bool is_object,
                                                             uint32_t *ret_count) {
    if (is_object) {
        *ret_count = d->request->objects[index].evidence_count;
        return d->request->objects[index].evidence;
    }
    *ret_count = d->request->parties[index].evidence_count;
    return d->request->parties[index].evidence;
}
void cdn_decide_resolve(struct cdn_decider *d, int index, bool is_object, uint32_t n, uint32_t slot);
/* Its places, worked out once per decision. */
static inline const struct cdn_item *cdn_decide_item(struct cdn_decider *d,
                                                     int index,
                                                     bool is_object,
                                                     uint32_t n) {
    const uint32_t slot = (is_object ? d->object_items[index] : d->party_items[index]) + n;
    if (d->item_epoch[slot] != d->epoch)
        cdn_decide_resolve(d, index, is_object, n, slot);
    cdn_decide_edge(d, d->items[slot].changes_at);
    return &d->items[slot];
}
/* Strength of one item for a finding at the instant, 0: says nothing. *ret_doubt (may be NULL): why. */
unsigned cdn_decide_strength_seen(struct cdn_decider *d,
                                  const struct cdn_evidence *e,
                                  const struct cdn_item *item,
                                  unsigned finding,
                                  unsigned *ret_doubt);
enum {
    CDN_DOUBT_NO_VOICE = CDN_DOUBT_DISAGREE | CDN_DOUBT_ANONYMOUS | CDN_DOUBT_STALE_DATA | CDN_DOUBT_INVALID |
                         CDN_DOUBT_CROWDED
};
/* What was not seen at a certain time, as most, is neither too old nor later than the instant. */
static inline unsigned cdn_decide_strength(struct cdn_decider *d,
                                           const struct cdn_evidence *e,
                                           const struct cdn_item *item,
                                           unsigned finding,
                                           unsigned *ret_doubt) {
    if (e->has_seen)
        return cdn_decide_strength_seen(d, e, item, finding, ret_doubt);
    const unsigned strength = cdn_evidence_kinds[e->kind].strength[finding];
    if (ret_doubt)
        *ret_doubt = item->doubt;
    if ((item->doubt & CDN_DOUBT_NO_VOICE) || item->count == 0)
        return CDN_STRENGTH_NONE;
    return (item->doubt & CDN_DOUBT_HOSTING) && strength > CDN_STRENGTH_WEAK ? (unsigned)CDN_STRENGTH_WEAK
                                                                             : strength;
}
enum cdn_speaks { CDN_SPEAKS_NOT, CDN_SPEAKS_FOR, CDN_SPEAKS_AGAINST };
/* For, against or not, of an item that says something at all. */
enum cdn_speaks cdn_decide_speaks(const struct cdn_snapshot *s, const struct cdn_item *item, uint32_t set);
/* An ambiguous name in it may mean a place of the set. */
bool cdn_decide_may_mean(const struct cdn_snapshot *s, const struct cdn_item *item, uint32_t set);
unsigned cdn_decide_finding(struct cdn_decider *d, const struct cdn_test_rec *t, int index, bool is_object);
unsigned cdn_decide_evidence_in(struct cdn_decider *d,
                                const struct cdn_test_rec *t,
                                int index,
                                bool is_object);
unsigned cdn_decide_text_in(struct cdn_decider *d, const struct cdn_test_rec *t, int index, bool is_object);
bool cdn_decide_seen_later(struct cdn_decider *d, const struct cdn_evidence *e);
/* Says it anything, as far as doubts go? */
bool cdn_decide_has_voice(const struct cdn_item *item);
unsigned cdn_decide_weight(const struct cdn_side *s);
/* The weight against a place when nothing speaks for it. */
unsigned cdn_decide_weight_against_all(struct cdn_decider *d, unsigned finding, int index, bool is_object);

/* ---- screened.c --------------------------------------------------------------------------------------- */

/* The thresholds of a test; the language's defaults where it names none. */
unsigned cdn_decide_sure(const struct cdn_test_rec *t);
unsigned cdn_decide_review(const struct cdn_test_rec *t);
/* Number of the rulebook's list among the listed parties; CDN_PARTIES_NONE: the snapshot has no data of it.
 */
uint32_t cdn_decide_party_list(const struct cdn_decider *d, uint32_t list);
/* Is the data of the rulebook's list past its age limit at the instant, or must not be relied on? */
bool cdn_decide_list_stale(struct cdn_decider *d, uint32_t list, int64_t *ret_stale_at);
/* Screens the holder unless that was done in this decision. NULL: the snapshot has no lists. */
const struct cdn_screened *cdn_decide_screen(struct cdn_decider *d, uint32_t holder);
/* Is the listed party on one of the test's lists, at the instant? *ret_list (may be NULL): on which. */
bool cdn_decide_entry_on(const struct cdn_decider *d,
                         const struct cdn_test_rec *t,
                         uint32_t entry,
                         uint32_t *ret_list);
/* What one candidate comes to for the test, clearances included; `party`: whose clearances count. */
unsigned cdn_decide_found(struct cdn_decider *d,
                          const struct cdn_test_rec *t,
                          uint32_t holder,
                          int party,
                          const struct cdn_screen_candidate *c);
/* All of them together; FALSE where the snapshot has no lists. */
unsigned cdn_decide_all_found(struct cdn_decider *d,
                              const struct cdn_test_rec *t,
                              uint32_t holder,
                              int party);
/* Would the absence of hits on the rulebook's list be an answer? */
bool cdn_decide_engine_answers(struct cdn_decider *d, uint32_t holder, uint32_t list);
/* asked.c: puts together what the holder is screened with. */
void cdn_decide_ask(const struct cdn_decider *d, uint32_t holder, struct cdn_asked *ret);

/* ---- print.c ------------------------------------------------------------------------------------------ */

/* Fingerprints: of what the holder is screened with, of what a list says of an entry. The order in which
 * either is written does not matter. */
void cdn_decide_party_print(struct cdn_decider *d, uint32_t holder, uint8_t ret[16]);
void cdn_decide_entry_print(const struct cdn_decider *d, uint32_t entry, uint8_t ret[16]);
enum cdn_cleared {
    CDN_CLEARED_NOT,           /* no clearance names the entry */
    CDN_CLEARED,               /* one does, and counts */
    CDN_CLEARED_OVER,          /* its end has come, or may have */
    CDN_CLEARED_ENTRY_CHANGED, /* the list says something else of it now */
    CDN_CLEARED_PARTY_CHANGED,
    CDN_CLEARED_NO_PRINT /* it does not say what was compared */
};
/* What the clearances of `party` make of the entry, found for the holder. *ret_state (may be NULL): the
 * clearance. */
enum cdn_cleared cdn_decide_cleared_entry(
    struct cdn_decider *d, uint32_t holder, int party, uint32_t entry, const struct cdn_state **ret_state);
/* The same of a result that the request supplied. */
enum cdn_cleared cdn_decide_cleared_listed(struct cdn_decider *d,
                                           int party,
                                           const struct cdn_listed *l,
                                           const struct cdn_state **ret_state);

/* ---- graph.c: parties, their owners, and the owners of those by the relations file ----------------------
 */

void cdn_decide_graph(struct cdn_decider *d); /* of this decision, once */

/* ---- owned.c ------------------------------------------------------------------------------------------ */

/* Marks whom the party's shares lead to and works out who of them counts. `matches_only`: who was not
 * screened counts as clean. */
unsigned cdn_decide_owned_through(struct cdn_decider *d,
                                  const struct cdn_test_rec *t,
                                  int party,
                                  bool matches_only);
/* The shares of one owner of one owned: edges [first, first + n). */
struct cdn_stake {
    struct cdn_decimal low, high;
    bool open;    /* how much is not known */
    bool control; /* controls it by other means … */
    bool sure_control;
    bool differ; /* statements that do not agree */
};
void cdn_decide_stake(const struct cdn_decider *d, uint32_t first, uint32_t n, struct cdn_stake *ret);
/* How many edges from `first` on have one owner. */
uint32_t cdn_decide_stake_size(const struct cdn_decider *d, const struct cdn_holder *h, uint32_t first);

/* ---- listed.c ----------------------------------------------------------------------------------------- */

unsigned cdn_decide_listed(struct cdn_decider *d, const struct cdn_test_rec *t, int party);
unsigned cdn_decide_owned(struct cdn_decider *d, const struct cdn_test_rec *t, int party);
/* By the results of screening alone: what is owned by those on the lists. */
unsigned cdn_decide_owned_as_screened(struct cdn_decider *d, const struct cdn_test_rec *t, int party);
/* Does any result, the engine's or a supplied one, speak for it? */
bool cdn_decide_is_match(struct cdn_decider *d, const struct cdn_test_rec *t, int party);
struct cdn_shares {
    struct cdn_decimal sure, possible;
    bool open; /* how much is not known */
    bool controlled;
};
/* One holder's share; `holder` says whether the holder counts. */
void cdn_decide_add_share(const struct cdn_test_rec *t,
                          struct cdn_shares *s,
                          unsigned holder,
                          const struct cdn_stake *stake);
unsigned cdn_decide_weigh(const struct cdn_test_rec *t, const struct cdn_shares *s);
/* One entry of a screening result, clearances included. */
unsigned cdn_decide_candidate(struct cdn_decider *d,
                              const struct cdn_test_rec *t,
                              int party,
                              const struct cdn_listed *l);

/* ---- test.c ------------------------------------------------------------------------------------------- */

/* Who is asked. CDN_BIND_ABSENT, or an index into parties or objects (0 for the request). */
static inline int cdn_decide_subject(const struct cdn_decider *d,
                                     unsigned kind,
                                     unsigned index,
                                     bool *ret_is_object) {
    *ret_is_object = false;
    switch ((enum cdn_subject_kind)kind) {
    case CDN_SUBJECT_ROLE:
        return d->bind.role[index];
    case CDN_SUBJECT_OBJECT:
        *ret_is_object = true;
        return d->bind.object[index];
    case CDN_SUBJECT_IT:
        *ret_is_object = d->bind.it_is_object;
        return d->bind.it;
    case CDN_SUBJECT_ANY_PARTY:
        return d->request->party_count ? CDN_BIND_OPEN : CDN_BIND_ABSENT;
    case CDN_SUBJECT_NONE:
    case CDN_SUBJECT_REQUEST:
    default:
        return 0;
    }
}
/* Is the role or object kind one that the action cannot do without? */
bool cdn_decide_needed(const struct cdn_decider *d, unsigned kind, unsigned index);
enum { CDN_MEMO_OBJECT = 0x4000 }; /* in the remembered subject: an index into objects */
static inline int16_t cdn_decide_memo_key(int index, bool is_object) {
    return (int16_t)(is_object ? index | CDN_MEMO_OBJECT : index); /* CDN_BIND_* have the bit already */
}
static inline struct cdn_memo *cdn_decide_memo_of(const struct cdn_decider *d, uint32_t test, int index) {
    return &d->memo[(size_t)test * CDN_MEMOS + (unsigned)index % CDN_MEMOS];
}
unsigned cdn_decide_test_anew(
    struct cdn_decider *d, uint32_t test, int index, bool is_object, struct cdn_memo *memo);
/* A test, whom it asks, and where its answer is remembered. */
struct cdn_asking {
    uint32_t test;
    int index;
    bool is_object;
    struct cdn_memo *memo;
};
/* Remembered; presumptions not applied. */
static inline unsigned cdn_decide_test_asked(struct cdn_decider *d, uint32_t test, struct cdn_asking *ret) {
    const struct cdn_test_rec *t = &d->snap->tests[test];
    ret->test = test;
    ret->index = cdn_decide_subject(d, t->subject_kind, t->subject_index, &ret->is_object);
    ret->memo = cdn_decide_memo_of(d, test, ret->index);
    if (ret->memo->epoch == d->epoch && ret->memo->subject == cdn_decide_memo_key(ret->index, ret->is_object))
        return ret->memo->value & CDN_MEMO_VALUE;
    return cdn_decide_test_anew(d, test, ret->index, ret->is_object, ret->memo);
}
static inline unsigned cdn_decide_test(struct cdn_decider *d, uint32_t test) {
    struct cdn_asking unused;
    return cdn_decide_test_asked(d, test, &unused);
}
/* The presumption (T_PRESUME) of d->presumer that stands in for a test that came out unknown; -1: none does.
 */
int64_t cdn_decide_presumed(struct cdn_decider *d, const struct cdn_asking *asked);
/* Test of a party or object, not remembered. */
unsigned cdn_decide_test_of(struct cdn_decider *d, const struct cdn_test_rec *t, int index, bool is_object);
/* Whom a test of this kind can be asked (CDN_FITS_*). Anybody else's answer is unknown: a snapshot's reader
 * does not check what `it` will stand for. */
unsigned cdn_decide_fits(const struct cdn_test_rec *t);
/* The bit of the subject that cdn_decide_subject() gave. */
static inline unsigned cdn_decide_fit_of(const struct cdn_test_rec *t, bool is_object) {
    if (t->subject_kind == CDN_SUBJECT_REQUEST || t->subject_kind == CDN_SUBJECT_NONE)
        return CDN_FITS_REQUEST;
    return is_object ? CDN_FITS_OBJECT : CDN_FITS_PARTY;
}
/* Does nothing at all speak for the test, and no ambiguous name either? Then it may be presumed. */
bool cdn_decide_test_silent(struct cdn_decider *d, const struct cdn_test_rec *t, int index, bool is_object);

/* ---- expr.c ------------------------------------------------------------------------------------------- */

unsigned cdn_decide_expr(struct cdn_decider *d, uint32_t expr); /* under d->bind; CDN_NO_INDEX: true */

/* ---- measure.c ---------------------------------------------------------------------------------------- */

bool cdn_decide_in_force(struct cdn_decider *d, const struct cdn_measure_rec *m);
bool cdn_decide_bound(const struct cdn_decider *d, const struct cdn_measure_rec *m);
/* Ways to fill the roles and objects of the measure that d->bind leaves open. */
uint32_t cdn_decide_ways(const struct cdn_decider *d, const struct cdn_measure_rec *m);
/* Fills d->bind for the n-th of them, 0 <= n < ways, from `base`. */
void cdn_decide_assign(struct cdn_decider *d,
                       const struct cdn_measure_rec *m,
                       const struct cdn_binding *base,
                       uint32_t n);
/* Under d->bind. */
void cdn_decide_assess(struct cdn_decider *d, uint32_t measure, struct cdn_assessment *ret);
unsigned cdn_decide_licence(struct cdn_decider *d, const struct cdn_measure_rec *licence);
void cdn_decide_subject_of(const struct cdn_decider *d, const struct cdn_outcome_rec *o, struct cdn_hit *ret);
/* CDN_FORMS_KEEP, CDN_FORMS_GIVE or 0. */
unsigned cdn_decide_forms(const struct cdn_outcome_rec *o);
bool cdn_decide_in_form_conflict(struct cdn_decider *d, const struct cdn_hit *hit);
/* Value of a licence or statute while the roles of another measure are filled. */
unsigned cdn_decide_other(struct cdn_decider *d, const struct cdn_measure_rec *other);
/* Turns the contributions that contradict each other on one subject, or a protection, into holds. */
void cdn_decide_conflicts(struct cdn_decider *d);
/* Adds the hit of a measure whose applicable outcomes are the posts [first, first + n), unless its condition
 * is false. */
void cdn_decide_measure(struct cdn_decider *d, uint32_t measure, const uint32_t *posts, uint32_t n);
/* Verdict of one outcome when the condition is true. */
unsigned cdn_decide_outcome(struct cdn_decider *d,
                            const struct cdn_measure_rec *m,
                            const struct cdn_outcome_rec *o);

/* ---- held.c ------------------------------------------------------------------------------------------- */

/* Has the outcome to do with the request's action and service? */
bool cdn_decide_concerns(const struct cdn_decider *d, const struct cdn_outcome_rec *o);
/* Is the state an open hold or appeal (`kind`) that has to do with this request? */
bool cdn_decide_open(struct cdn_decider *d, const struct cdn_state *s, unsigned kind);
/* An open hold: contributes at least `hold`. */
static inline bool cdn_decide_hold_counts(struct cdn_decider *d, const struct cdn_state *s) {
    return s->kind == CDN_STATE_HOLD && cdn_decide_open(d, s, CDN_STATE_HOLD);
}

/* ---- decide.c ------------------------------------------------------------------------------------------ */

/* Names, numbers, an empty state. Errors as in cdn_decide. */
int cdn_decide_begin(struct cdn_decider *d, const struct cdn_request *r, int64_t at, struct cordon_error *e)
    CORDON_MUST_CHECK;

/* ---- duty.c ------------------------------------------------------------------------------------------- */

/* When the duty falls due if it begins now. False: no due instant (or beyond the calendar). */
bool cdn_decide_due(struct cdn_decider *d, const struct cdn_duty_rec *duty, int64_t *ret_due);
/* Standing of a licence's duties as the state reports them: TRUE nothing overdue. */
unsigned cdn_decide_duties_kept(struct cdn_decider *d, const struct cdn_measure_rec *licence);
/* Where the due instants and residues of a hit change. */
void cdn_decide_hit_edges(struct cdn_decider *d, const struct cdn_measure_rec *m);
/* The next state from *from on that tells of a duty of the licence under the request's reference; advances
 * *from. NULL: no more. */
const struct cdn_state *cdn_decide_duty_state(const struct cdn_decider *d,
                                              const struct cdn_measure_rec *licence,
                                              uint32_t *from);

#endif
