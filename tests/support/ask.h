/* SPDX-License-Identifier: Apache-2.0 */
/* ask.h: rulebook text, request and instant in, decision JSON out, through everything: the language, the
 * compiler, the snapshot's reader, the request's reader, the decider, the writer. For tests that show the
 * rules of docs/semantics.md as a user meets them.
 *
 *     struct ask a;
 *     ask_open(&a, LAW("op/x", "deny account.open on aws | when customer based in RU"));
 *     decides(&a, ASK_AT, "{'action':'account.open', … }", "deny; op/x applied");
 *     ask_close(&a);
 *
 * In rulebooks and requests ' stands for ", in rulebooks " | " for the beginning of the next clause. What is
 * declared (services, actions, facts, lists, territories …) stands in ask.c. All memory lives until
 * ask_close(). Not for use by several threads at once, but each may have its own. */
#ifndef CDN_TEST_ASK_H
#define CDN_TEST_ASK_H

#include <jansson.h>

#include "compile/compile.h"
#include "decide/decide.h"
#include "support/fault.h"
#include "json/json.h"

#define ASK_AT "2022-03-10T00:00:00Z"
#define LAW(id, clauses) ASK_MEASURE("measure", id, "law 'Act 1' of us", clauses)
#define POLICY(id, clauses) ASK_MEASURE("measure", id, "policy of op", clauses)
#define LICENCE(id, clauses) ASK_MEASURE("licence", id, "law 'GL' of us", clauses)
#define STATUTE(id, clauses) ASK_MEASURE("statute", id, "law 'Blocking' of eu", clauses)
#define PROTECT(id, clauses) ASK_MEASURE("protect", id, "protection of op", clauses)
/* In force since 5 March 2022. */
#define ASK_MEASURE(class_, id, basis, clauses)                                                              \
    class_ " " id " | basis " basis                                                                          \
           " | source 's' <https://example.org/s> | effective 2022-03-05T00:00 UTC | " clauses "\n"

#define OPEN(service, members) "{'action':'account.open','service':'" service "'," members "}"
#define CUSTOMER(members) "'parties':[{'role':'customer'" members "}]"
#define EVIDENCE_LIST(items) ",'evidence':[" items "]"
#define SAYS(kind, value) "{'kind':'" kind "','value':'" value "'}"

struct ask {
    struct cdn_arena arena;
    struct cdn_rulebook *rulebook;
    struct cdn_snapshot *snapshot;
    struct cdn_decider *decider;
    cordon_str bytes; /* the last decision */
    json_t *decision; /* the same, read; borrowed */
    struct cordon_error error;
    char summary[8192];
};

/* Ends the test when the rulebook does not compile. `geo` is the IP section; empty for none. */
void ask_open(struct ask *a, const char *rulebook);
void ask_open_files(struct ask *a, const char *const *files, size_t count, cordon_str geo);
/* With lists of listed parties (in-house, CSV or JSON Lines) and a file of links (NULL: none). */
struct ask_list {
    const char *id, *csv;
    const char *date; /* "2022-03-01": as the issuer dates it; NULL: it does not */
};
void ask_open_lists(
    struct ask *a, const char *rulebook, const struct ask_list *lists, size_t count, const char *links);
void ask_close(struct ask *a);
/* Whether the rulebook loads at all; then false, and its first message holds `message`. */
bool ask_refused(const char *rulebook, const char *message);

/* Decides; the bytes are valid until ask_close(). `all`: the explanation. Ends the test on an error. */
cordon_str ask_decide(struct ask *a, const char *at, const char *request, bool all);
/* The status when deciding fails: reading the request, or deciding (a->error); 0: it does not. */
int ask_fails(struct ask *a, const char *at, const char *request);

/* The decision in one line: verdict, and behind "; " each
 *     MEASURE applied | held | lifted by LICENCE [provisionally] | excepted [as LABEL]
 *     missing FACT (WHY) · contradiction FACT of MEASURE · conflict KIND: A, B
 *     duty KIND of MEASURE [until INSTANT]
 * in the decision's order. */
const char *ask_summary(struct ask *a);
/* Decides and compares the summary: nothing more and nothing less. */
#define decides(a, at, request, expected) ask_decides(a, at, request, expected, __FILE__, __LINE__)
void ask_decides(
    struct ask *a, const char *at, const char *request, const char *expected, const char *file, int line);

/* Of the last decision. Texts live as long as the decision. */
const char *ask_value(const struct ask *a, const char *measure);     /* "false" when it is not there */
const json_t *ask_measure(const struct ask *a, const char *measure); /* NULL: not there */
const char *ask_text(const json_t *object, const char *name);        /* "" when absent or null */
/* "VERDICT SUBJECT SCOPE FORM by A B [remaining N CUR]; …", then of every outcome the next. */
const char *ask_outcomes(struct ask *a);
const char *ask_keep(struct ask *a);     /* "account.use data.export" */
const char *ask_presumed(struct ask *a); /* "MEASURE: FACT (WHY); …" */
/* Evidence that the measure rests on: "+/parties/0/evidence/0 -/parties/0/evidence/1 …". */
const char *ask_evidence(struct ask *a, const char *measure);
const char *ask_changes_at(const struct ask *a); /* "never" */
int ask_http(const struct ask *a);

int64_t ask_instant(const char *text);

/* A row of a rule's table in docs/semantics.md, of the `table`-th of those that stand side by side (each of
 * `columns` columns): the words of its cells, of at most 47 bytes. Ends the test when there is none. */
enum { ASK_CELLS = 8 };
struct ask_row {
    char cells[ASK_CELLS][48];
};
void ask_doc_row(const char *rule, unsigned table, unsigned columns, const char *row, struct ask_row *ret);

#endif
