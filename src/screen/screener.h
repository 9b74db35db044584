/* SPDX-License-Identifier: Apache-2.0 */
/* screen/screener.h: a party → the listed parties that it may be, each with its score and why. Read side.
 *
 *     struct cdn_screener *s;                       one per thread, sized for the snapshot; later nothing
 * allocates cdn_screener_make(parties, alloc, &s, e); struct cdn_screen_query q = {.names = names,
 * .name_count = n, .kind = CDN_SCREEN_PERSON, .known = known, .at = now, .lists = lists, .list_count = k,
 * .sure = 920, .review = 800}; cdn_screener_screen(s, &q, &result); for (i < result.count) …
 * result.candidates[i]
 *
 * How: entries that have a name like one of the query's are found through the index of names, entries that
 * have an equal identifier through the index of identifiers. Each entry found is then judged whole: every one
 * of its names against every name of the query, and all other evidence. So what an entry scores does not
 * depend on how it was found, and a weak alias that agrees fully does not hide a strong one that nearly does.
 *
 * Always true here:
 *  1. the same query and snapshot give the same result, whatever was asked before;
 *  2. an entry that is not on any of the lists asked for, or not on the list at the instant, is no candidate;
 *  3. work is bounded: CDN_INDEX_WORK for each name, CDN_SCREEN_FOUND entries; `partial` says that a bound
 * was met, and then nobody may take the absence of candidates for an answer. */
#ifndef CDN_SCREEN_SCREENER_H
#define CDN_SCREEN_SCREENER_H

#include "screen/evidence.h"
#include "screen/parties.h"

#define CDN_SCREEN_NAMES 32      /* of one query; more: the first ones are used and `partial` is set */
#define CDN_SCREEN_FOUND 96      /* entries judged for one query */
#define CDN_SCREEN_CANDIDATES 32 /* returned */
#define CDN_SCREEN_IDENTS 64     /* of one query */

struct cdn_screen_ident {
    uint8_t kind;     /* enum cdn_party_ident_kind: cdn_ident_kind_of(word) */
    uint16_t country; /* packed; 0: not known */
    cordon_str value; /* as written */
};
struct cdn_screen_query {
    const cordon_str *names; /* all of one party; the first is its name */
    uint32_t name_count;     /* may be 0 with identifiers */
    uint8_t kind;            /* enum cdn_screen_kind: what the party is */
    /* What else is known; `idents` of it is not used (they are below, in this room's form). */
    struct cdn_known known;
    const struct cdn_screen_ident *idents;
    uint32_t ident_count;
    int64_t at;            /* instant: who is on the list then */
    const uint32_t *lists; /* numbers of struct cdn_parties, in any order */
    uint32_t list_count;   /* with lists == NULL: all */
    uint16_t sure, review; /* thresholds, 0..1000; what scores less than both is not returned */
};

/* How sure a name is by its own: in this order the first class that reaches a threshold speaks. */
enum cdn_screen_strength {
    CDN_SCREEN_FULL, /* may decide */
    CDN_SCREEN_THIN, /* one word or common words agree: a person has to look */
    CDN_SCREEN_WEAK, /* weak alias, or initial letters only: counts only with other evidence */
    CDN_SCREEN_STRENGTHS
};
struct cdn_screen_name_score {
    uint16_t score; /* 0..1000 by name alone; 0: no name of that class is alike */
    uint16_t query; /* which name of the query */
    uint32_t name;  /* which name of the entry */
    bool thin, acronym, weak;
};
struct cdn_screen_candidate {
    uint32_t entry;      /* through all sources: cdn_parties_entry() */
    uint16_t score;      /* final, 0..1000: what `verdict` rests on */
    uint8_t verdict;     /* enum cdn_screen_verdict for sure and review of the query */
    uint8_t strength;    /* enum cdn_screen_strength of the name that it rests on: index into `best` */
    bool by_ident;       /* an equal identifier decides */
    bool doubtful_ident; /* equal to one that the list calls invalid, or of another country: possible at most
                          */
    struct cdn_screen_name_score best[CDN_SCREEN_STRENGTHS];
    struct cdn_weighing evidence; /* a: the query's items, b: the entry's (rows of its tables); identifiers:
                                   * of query->idents and of the entry */
};
struct cdn_screen_result {
    const struct cdn_screen_candidate *candidates; /* of the screener, until it is asked again */
    uint32_t count;
    bool partial; /* a bound was met: there may be others */
    /* Within [steady_from, steady_until) no entry that could be a candidate comes or goes: the same answer at
     * every instant there. */
    int64_t steady_from, steady_until;
};

struct cdn_screener;
/* About 10 bytes for each name and token of the index and at most 17 MiB. CORDON_E_NOMEM. */
int cdn_screener_make(const struct cdn_parties *parties,
                      const struct cordon_alloc *alloc,
                      struct cdn_screener **ret,
                      struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_screener_free(struct cdn_screener *s); /* accepts NULL */

/* Candidates by verdict (sure first), final score, then number of the entry. Never fails. */
void cdn_screener_screen(struct cdn_screener *s,
                         const struct cdn_screen_query *query,
                         struct cdn_screen_result *ret);

/* What a candidate is for other thresholds (those of another measure). */
enum cdn_screen_verdict cdn_screen_judge(const struct cdn_screen_candidate *c,
                                         unsigned sure,
                                         unsigned review,
                                         unsigned *ret_score,
                                         enum cdn_screen_strength *ret_strength);

/* The steps of the name that the candidate rests on, and both names as they were compared; for explaining.
 * The three pointers are the screener's, until it is asked again. */
void cdn_screener_steps(struct cdn_screener *s,
                        const struct cdn_screen_query *query,
                        const struct cdn_screen_candidate *c,
                        const struct cdn_match **ret,
                        const struct cdn_name **ret_query,
                        const struct cdn_name **ret_listed);
/* What is known of an entry, in the form that evidence is weighed in; of the screener, until asked again. */
const struct cdn_known *cdn_screener_known(struct cdn_screener *s, uint32_t entry);

/* Two parties, neither of which need be listed: `b` stands where an entry would. ret->entry is NONE,
 * best[].name a name of b, and items `b` of the evidence are b's. `at` and lists do not matter; thresholds
 * are those of a. */
void cdn_screener_compare(struct cdn_screener *s,
                          const struct cdn_screen_query *a,
                          const struct cdn_screen_query *b,
                          struct cdn_screen_candidate *ret);
/* The steps of two names as they are compared here; as of cdn_screener_steps(). */
void cdn_screener_pair(struct cdn_screener *s,
                       cordon_str a,
                       unsigned a_kind,
                       cordon_str b,
                       unsigned b_kind,
                       const struct cdn_match **ret,
                       const struct cdn_name **ret_a,
                       const struct cdn_name **ret_b);

/* The twin: every entry that the query allows is judged, without any index. Slow; for comparison. */
void cdn_screener_scan(struct cdn_screener *s,
                       const struct cdn_screen_query *query,
                       struct cdn_screen_result *ret);

#endif
