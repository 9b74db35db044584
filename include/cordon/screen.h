/* SPDX-License-Identifier: Apache-2.0 */
/* cordon/screen.h: a party against the lists of a snapshot: whom it may be, how sure that is, and why
 * (libcordon; links nothing but libc).
 *
 *     cordon_screener *screener = NULL;                                one per thread
 *     cordon_screener_new(snapshot, NULL, &screener, &error);
 *     cordon_str name = cordon_text("Yevgeny Prigozhin");
 *     cordon_screen_party party;
 *     cordon_screen_party_init(&party);
 *     party.names = &name;  party.name_count = 1;  party.type = cordon_text("person");
 *     cordon_screen_options options;
 *     cordon_screen_options_init(&options);
 *     options.at = now;
 *     if (cordon_screen(screener, &party, &options, &result, &error) == CORDON_OK)
 *         for (uint32_t i = 0; i < result.count; i++)
 *             cordon_screen_candidate(screener, i, &candidate) …
 *
 * This is what a decision does for `is on list …`, asked alone. After cordon_screener_new nothing allocates.
 * The rules of cordon/cordon.h about errors, memory and threads hold here too. docs/screening.md says what a
 * score means. */
#ifndef CORDON_SCREEN_H
#define CORDON_SCREEN_H

#include "cordon/cordon.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the lists of a snapshot ----------------------------------------------------------------------------
 */

/* A list as measures name it. What one published file holds may serve several: docs/lists.md. */
typedef struct cordon_screen_list {
    cordon_str id, title;         /* "us/sdn"; title: of the rulebook, empty when it does not name it */
    cordon_str source, publisher; /* the published list that serves it: its id, and whose it is */
    cordon_str format, date;      /* "ofac-xml"; the day that the file states, may be empty */
    cordon_str stale;             /* why it must not be relied on any more; empty: no reason known */
    int64_t published, retrieved; /* instants; CORDON_NEVER: not known */
    uint32_t count;               /* entries on it now */
    int has_data;                 /* 0: the rulebook names it, but the snapshot was built without it: nobody
                                   * is screened against it, and what a measure asks of it stays unknown */
    int named;                    /* the rulebook names it */
    char digest[CORDON_DIGEST_TEXT]; /* of the published file(s), unpacked; empty without data */
} cordon_screen_list;
/* First those with data, by id; then those that the rulebook names and nothing serves. */
CORDON_API uint32_t cordon_screen_list_count(const cordon_snapshot *s);
CORDON_API int cordon_screen_list_get(const cordon_snapshot *s,
                                      uint32_t i,
                                      cordon_screen_list *ret) CORDON_MUST_CHECK;

/* ---- who is asked for -----------------------------------------------------------------------------------
 */

typedef struct cordon_screen_identifier {
    cordon_str kind;    /* "passport", "tax", "imo", "bic", "lei", "wallet" … as in docs/lists.md */
    cordon_str country; /* who gave it; may be empty */
    cordon_str value;   /* as written */
} cordon_screen_identifier;

/* Start with cordon_screen_party_init(); everything may be left empty but a name or an identifier. */
typedef struct cordon_screen_party {
    size_t size;
    const cordon_str *names; /* all of one party; the first is its name */
    size_t name_count;
    cordon_str type;          /* "person", "company", "ship", "aircraft", "wallet", "bank"; empty: any */
    const cordon_str *births; /* "1965-12-12", "1965-12", "1965", "~1965" */
    size_t birth_count;
    const cordon_str *birth_places;
    size_t birth_place_count;
    const cordon_str *addresses;
    size_t address_count;
    const cordon_str *nationalities; /* codes or names of countries */
    size_t nationality_count;
    const cordon_str *countries; /* of residence, registration, flag */
    size_t country_count;
    cordon_str gender; /* "male", "female"; empty: not known */
    const cordon_screen_identifier *identifiers;
    size_t identifier_count;
} cordon_screen_party;
CORDON_API void cordon_screen_party_init(cordon_screen_party *party);

/* Those of a measure that states none; docs/screening.md has what they were measured to do. */
#define CORDON_SCREEN_SURE_DEFAULT 960
#define CORDON_SCREEN_REVIEW_DEFAULT 920
typedef struct cordon_screen_options {
    size_t size;
    int64_t at;              /* who was on the lists at this instant */
    const cordon_str *lists; /* ids */
    size_t list_count;       /* 0: all lists of the snapshot */
    uint32_t sure, review;   /* thresholds, 0 to 1000; what scores less than both is not returned */
} cordon_screen_options;
CORDON_API void cordon_screen_options_init(cordon_screen_options *options);

/* ---- whom it may be -------------------------------------------------------------------------------------
 */

typedef struct cordon_screener cordon_screener;
/* Workspace for one thread, of some megabytes; holds a reference to the snapshot. CORDON_E_NOTFOUND: the
 * snapshot was built without lists. CORDON_E_NOMEM. */
CORDON_API int cordon_screener_new(cordon_snapshot *s,
                                   const cordon_alloc *alloc,
                                   cordon_screener **ret,
                                   cordon_error *e) CORDON_MUST_CHECK;
CORDON_API void cordon_screener_free(cordon_screener *screener); /* accepts NULL */

typedef struct cordon_screen_result {
    uint32_t count;
    int verdict; /* of the first candidate; CORDON_SCREEN_NO when there is none and nothing is partial */
    int partial; /* not 0: a bound of work was met (a very common or very long name): there may be others */
    int64_t steady_from, steady_until; /* the same answer at every instant from … until before … */
} cordon_screen_result;
#define CORDON_SCREEN_NO 0
#define CORDON_SCREEN_POSSIBLE 1 /* a person has to look */
#define CORDON_SCREEN_SURE 2
/* CORDON_E_NAME: a list, type, country or gender that nothing defines; CORDON_E_SYNTAX: a date;
 * CORDON_E_NOTFOUND: a list that the snapshot has no data of; CORDON_E_ARG; CORDON_E_LIMIT: more items than
 * one query may have. */
CORDON_API int cordon_screen(cordon_screener *screener,
                             const cordon_screen_party *party,
                             const cordon_screen_options *options,
                             cordon_screen_result *ret,
                             cordon_error *e) CORDON_MUST_CHECK;

/* All texts belong to the snapshot or to the party asked for. */
typedef struct cordon_candidate {
    cordon_str entry;      /* the issuer's id */
    cordon_str source;     /* of the published list: "us/sdn" */
    cordon_str title;      /* the entry's primary name */
    cordon_str name;       /* the listed name that agrees best; empty: an identifier alone */
    cordon_str asked;      /* the name of the party that agrees best */
    const char *type;      /* "person" … */
    const char *name_kind; /* "primary", "strong", "weak", "former" */
    const char *strength;  /* "full"; "thin": one word or common words only; "weak": weak alias, initials */
    int verdict;           /* CORDON_SCREEN_POSSIBLE or _SURE */
    uint32_t score;        /* final, 0 to 1000 */
    uint32_t name_score;   /* by the name alone */
    int by_identifier;     /* an equal identifier decides */
    uint32_t list_count;   /* on how many lists of those asked for */
    uint32_t source_line;  /* where it stands in the published file; 0: not known */
    char listed[16];       /* day on which it was listed, or first seen: "2022-02-24"; may be empty */
} cordon_candidate;
/* i < result.count of the last cordon_screen(). CORDON_E_NOTFOUND. */
CORDON_API int cordon_screen_candidate(const cordon_screener *screener,
                                       uint32_t i,
                                       cordon_candidate *ret) CORDON_MUST_CHECK;
/* The k-th of the lists asked for that candidate i is on: its id, title and so on. CORDON_E_NOTFOUND. */
CORDON_API int cordon_screen_candidate_list(const cordon_screener *screener,
                                            uint32_t i,
                                            uint32_t k,
                                            cordon_screen_list *ret) CORDON_MUST_CHECK;
/* Other names, programmes, measures in force and identifiers of candidate i; n counts from 0.
 * CORDON_E_NOTFOUND. */
typedef enum cordon_candidate_part {
    CORDON_CANDIDATE_NAME = 1,
    CORDON_CANDIDATE_PROGRAMME,
    CORDON_CANDIDATE_MEASURE,    /* "asset-freeze" */
    CORDON_CANDIDATE_IDENTIFIER, /* as written */
    CORDON_CANDIDATE_REFERENCE
} cordon_candidate_part;
CORDON_API int cordon_screen_candidate_part(const cordon_screener *screener,
                                            uint32_t i,
                                            cordon_candidate_part part,
                                            uint32_t n,
                                            cordon_str *ret) CORDON_MUST_CHECK;
/* How candidate i came about, in words: a line for each step of the names and of other evidence, then the
 * sum. Belongs to the screener until it is asked again. CORDON_E_NOTFOUND. */
CORDON_API int cordon_screen_explain(cordon_screener *screener, uint32_t i, cordon_str *ret, cordon_error *e)
    CORDON_MUST_CHECK;

/* ---- two parties ----------------------------------------------------------------------------------------
 */

typedef struct cordon_comparison {
    int verdict;
    uint32_t score, name_score;
    cordon_str a, b;      /* the names that agree best */
    const char *strength; /* as of a candidate */
    int by_identifier;
    cordon_str text; /* how it came about, in words; of the screener until it is asked again */
} cordon_comparison;
/* Two parties that need not be listed, compared as a listed one would be: words weigh as rare as they are
 * among the names of the lists. Errors as cordon_screen(). The last result of cordon_screen() is gone. */
CORDON_API int cordon_screen_compare(cordon_screener *screener,
                                     const cordon_screen_party *a,
                                     const cordon_screen_party *b,
                                     const cordon_screen_options *options,
                                     cordon_comparison *ret,
                                     cordon_error *e) CORDON_MUST_CHECK;

/* The lines of its text one by one, but for the first, which names the two: each with what it is made of. */
typedef enum cordon_step_kind {
    CORDON_STEP_WORDS = 1, /* words of both names, held against each other */
    CORDON_STEP_FIRST,     /* words that only the first name has */
    CORDON_STEP_SECOND,    /* … only the second */
    CORDON_STEP_EVIDENCE,  /* something besides the names */
    CORDON_STEP_NOTE,      /* the sum of the names, and what limits it */
    CORDON_STEP_RESULT
} cordon_step_kind;
typedef struct cordon_step {
    cordon_step_kind kind;
    cordon_str a, b;    /* words, or values weighed, as written; empty: none on that side */
    const char *what;   /* of words: "name", "title", "legal form" …; of evidence: "born on the same day" */
    const char *how;    /* of CORDON_STEP_WORDS: "sounds alike" … */
    uint32_t alike;     /* of CORDON_STEP_WORDS: 0 to 1000 */
    uint32_t weight;    /* of words */
    int32_t points;     /* WORDS: how much of the weight agrees; EVIDENCE: what the score gains or loses;
                         * RESULT: the score */
    int decides;        /* an equal identifier: its points do not matter */
    cordon_str why;     /* the line */
    char values[2][64]; /* `a` and `b` may point here */
} cordon_step;
/* Step i (from 0) of the last cordon_screen_compare(); texts belong to the screener and to the parties
 * compared. CORDON_E_NOTFOUND: there are no more. */
CORDON_API int cordon_screen_compare_step(const cordon_screener *screener,
                                          uint32_t i,
                                          cordon_step *ret) CORDON_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
