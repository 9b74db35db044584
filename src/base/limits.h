/* SPDX-License-Identifier: Apache-2.0 */
/* limits.h: every size that a user can choose, with its limit and the reason for it.
 *
 * Whatever is larger is refused with CORDON_E_LIMIT and the name of the limit; nothing is cut off silently.
 * Two reasons recur: a request must not be able to make a decision slow (so the sum of what one request can
 * hold is small), and a count must fit the field that the snapshot stores it in. */
#ifndef CDN_LIMITS_H
#define CDN_LIMITS_H

#include <stddef.h>

#define CDN_KIB(n) ((size_t)(n) << 10)
#define CDN_MIB(n) ((size_t)(n) << 20)

/* ---- requests ------------------------------------------------------------------------------------- */

#define CDN_MAX_REQUEST_BYTES CDN_MIB(1) /* 256 parties at 4 KiB; larger is a mistake or an attack */
#define CDN_MAX_JSON_DEPTH 32            /* a request nests 6 deep; readers may use one level of stack each */
#define CDN_MAX_JSON_STRING CDN_KIB(64)  /* a free-text address or attestation is far shorter */
#define CDN_MAX_JSON_NUMBER 64           /* characters; an amount has at most 18 digits */
#define CDN_MAX_PARTIES 256              /* an ownership tree or a mass mailing; more is several requests */
#define CDN_MAX_EVIDENCE 256           /* per party or object; one of each kind and source, many times over */
#define CDN_MAX_EVIDENCE_TOTAL 16384   /* per request; bounds the work of recognising places */
#define CDN_MAX_OBJECTS 256            /* lines of an order; larger orders are sent in parts */
#define CDN_MAX_RELATIONS 256          /* per party; one per service */
#define CDN_MAX_IDENTIFIERS 64         /* per party; listed parties have up to about 40 */
#define CDN_MAX_NAMES 64               /* per party, with aliases; listed parties have up to about 50 */
#define CDN_MAX_NATIONALITIES 16       /* per party */
#define CDN_MAX_OWNERS 256             /* per party, direct */
#define CDN_MAX_OWNER_CHAIN 16         /* links of ownership followed; also what ends a circle */
#define CDN_MAX_ATTESTATIONS 256       /* per request */
#define CDN_MAX_STATE 1024             /* attested facts per request: usage, clearances, holds, reports */
#define CDN_MAX_NAME_BYTES 1024        /* of one name; the longest listed one has about 350 */
#define CDN_MAX_VALUE_BYTES CDN_KIB(4) /* of one evidence value; a postal address as free text */

/* ---- rulebooks ------------------------------------------------------------------------------------ */

#define CDN_MAX_MEASURE_FILE CDN_MIB(16) /* 10,000 generated measures take about 5 MiB */
#define CDN_MAX_RULEBOOK_FILES 4096      /* per build; one file per issuer and subject */
#define CDN_MAX_RULEBOOK_BYTES CDN_MIB(256)
#define CDN_MAX_EXPR_DEPTH 64     /* nesting of conditions; the parser and evaluator use stack for each */
#define CDN_MAX_EXPR_NODES 65535  /* per measure; counted in 16 bits */
#define CDN_MAX_SET_DEPTH 16      /* sets that name sets; also what ends a circle */
#define CDN_MAX_SET_MEMBERS 65536 /* per set, after expansion; all customs codes are about 10,000 */
#define CDN_MAX_MEASURES 65536    /* per snapshot; bitsets of measures are this long at most */
#define CDN_MAX_TERRITORIES                                                                                  \
    4096 /* per snapshot; countries and their first subdivisions are about 5,300, few                        \
            of which are ever declared anew */
#define CDN_MAX_TERRITORY_ITEMS 65536     /* names, ranges and prefixes per territory */
#define CDN_MAX_LIFTS 4096                /* measures named by one licence */
#define CDN_MAX_WORD_BYTES 255            /* of one name in the language; a length of 8 bits */
#define CDN_MAX_TEXT_BYTES CDN_KIB(64)    /* of one quoted text: titles, notices */
#define CDN_MAX_DIAGNOSTICS 1000          /* per build; after that a person needs fewer, not more */
#define CDN_MAX_SCENARIO_FILE CDN_MIB(16) /* as a measure file */

/* ---- snapshots and sources ------------------------------------------------------------------------ */

#define CDN_MAX_SNAPSHOT_SECTION CDN_MIB(1024) /* full geodata is about 30 MiB, all lists about 300 MiB */
#define CDN_MAX_SNAPSHOT_SECTIONS 256          /* in a manifest */
#define CDN_MAX_GEODATA_FILE CDN_MIB(1024)     /* the largest city databases are about 500 MiB */
#define CDN_MAX_GEODATA_SOURCES 16             /* compared with each other on every look-up */
#define CDN_MAX_NETWORKS ((size_t)1 << 26) /* ranges in one geodata table; published ones have up to 2^24 */
#define CDN_MAX_PATH_BYTES 4095            /* of a file name, as Linux has it */

/* ---- decisions ------------------------------------------------------------------------------------ */

#define CDN_MAX_DECISION_BYTES CDN_MIB(16)  /* every reason of 10,000 measures at once is about 8 MiB */
#define CDN_MAX_DECISION_MEMORY CDN_MIB(64) /* arena of one decision, so that many can run at a time */
#define CDN_MAX_DUTIES 4096                 /* per decision */

/* ---- base ----------------------------------------------------------------------------------------- */

#define CDN_MAX_MAP_ENTRIES ((size_t)1 << 30) /* an index and its successor fit 32 bits, at half the slots   \
                                               */
#define CDN_MAX_DISTANCE_TEXT 128 /* bytes that differ, for edit distance: its table is on the stack */

#endif
