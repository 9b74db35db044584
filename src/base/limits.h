/* SPDX-License-Identifier: Apache-2.0 */
/* limits.h: every size that a user can choose, with its limit and the reason for it.
 *
 * Whatever is larger is refused with CORDON_E_LIMIT; nothing is cut off silently. Two reasons recur: a
 * request must not be able to make a decision slow (so what one request can hold is bounded), and a count
 * must fit the field that stores it. Where a reason names listed parties, it was counted on the OFAC list of
 * August 2026 and the EU list of May 2026. */
#ifndef CDN_LIMITS_H
#define CDN_LIMITS_H

#include <stddef.h>

#define CDN_KIB(n) ((size_t)(n) << 10)
#define CDN_MIB(n) ((size_t)(n) << 20)

/* ---- requests ------------------------------------------------------------------------------------- */

#define CDN_MAX_REQUEST_BYTES CDN_MIB(1) /* the most parties at 4 KiB each */
#define CDN_MAX_JSON_DEPTH 32            /* a request nests about 8 deep; a reader may use stack per level */
#define CDN_MAX_JSON_STRING CDN_KIB(64)  /* far above any address or attestation */
#define CDN_MAX_JSON_NUMBER 64           /* characters; an amount has at most 18 digits */
#define CDN_MAX_PARTIES 256              /* more is several requests */
#define CDN_MAX_EVIDENCE 256             /* per party or object: each kind, from several sources */
#define CDN_MAX_EVIDENCE_TOTAL 16384     /* per request; bounds the work of recognising places */
#define CDN_MAX_OBJECTS 256              /* lines of an order; more is several requests */
#define CDN_MAX_RELATIONS 256            /* per party: one per service */
#define CDN_MAX_IDENTIFIERS 64           /* per party; a listed party of the EU has up to 14 */
#define CDN_MAX_NAMES 256                /* per party, with aliases; a listed party of the EU has up to 145 */
#define CDN_MAX_NATIONALITIES 16         /* per party; a listed party of the EU has up to 3 */
#define CDN_MAX_OWNERS 256               /* per party, direct */
#define CDN_MAX_OWNER_CHAIN 16           /* links of ownership that are followed; also ends a circle */
#define CDN_MAX_ATTESTATIONS 256         /* per request */
#define CDN_MAX_STATE 1024               /* attested facts per request: usage, clearances, holds, reports */
#define CDN_MAX_NAME_BYTES 1024          /* of one name; the longest listed by the EU has 386 */
#define CDN_MAX_VALUE_BYTES CDN_KIB(4)   /* of one evidence value, such as an address in free text */

/* ---- rulebooks ------------------------------------------------------------------------------------ */

#define CDN_MAX_MEASURE_FILE CDN_MIB(16)    /* room for ten thousand generated measures in one file */
#define CDN_MAX_RULEBOOK_FILES 4096         /* per build; a file per issuer and subject is far fewer */
#define CDN_MAX_RULEBOOK_BYTES CDN_MIB(256) /* per build, all files; the syntax tree is a multiple of it */
#define CDN_MAX_EXPR_DEPTH 64               /* nesting of conditions; each level may use stack */
#define CDN_MAX_EXPR_NODES 65535            /* per measure; counted in 16 bits */
#define CDN_MAX_SET_DEPTH 16                /* sets that name sets; also ends a circle */
#define CDN_MAX_SET_MEMBERS 65536           /* per set, expanded; more than there are customs codes */
#define CDN_MAX_MEASURES 65536              /* per snapshot; the longest bitset of measures is 8 KiB */
#define CDN_MAX_TERRITORIES 16384           /* per snapshot; several times the subdivisions of ISO 3166-2 */
#define CDN_MAX_TERRITORY_ITEMS 65536       /* names, ranges and prefixes of one territory */
#define CDN_MAX_LIFTS 4096                  /* measures that one licence names */
#define CDN_MAX_WORD_BYTES 255              /* of one name in the language; counted in 8 bits */
#define CDN_MAX_TEXT_BYTES CDN_KIB(64)      /* of one quoted text, such as a notice */
#define CDN_MAX_DIAGNOSTICS 1000            /* per build; nobody reads on after that */
#define CDN_MAX_SCENARIO_FILE CDN_MIB(16)   /* as a measure file */

/* ---- snapshots and sources ------------------------------------------------------------------------ */

#define CDN_MAX_SNAPSHOT_SECTION CDN_MIB(1024) /* offsets within a section fit 32 bits with room to spare */
#define CDN_MAX_SNAPSHOT_SECTIONS 256          /* named by one manifest */
#define CDN_MAX_GEODATA_FILE CDN_MIB(1024)     /* a source becomes a section, with the same limit */
#define CDN_MAX_GEODATA_SOURCES 4              /* answers side by side in each record of the IP section */
#define CDN_MAX_NETWORKS ((size_t)1 << 26)     /* ranges of one source; sixteen bytes each fill a section */
#define CDN_MAX_PATH_BYTES 4095                /* of a file name; PATH_MAX of Linux without its NUL */

/* ---- lists of listed parties ----------------------------------------------------------------------- */

#define CDN_MAX_LIST_BYTES CDN_MIB(2048) /* unpacked; the longest published one has about 120 MiB */
#define CDN_MAX_LIST_TEXT CDN_MIB(1)     /* of one text or CSV record; the longest seen has 30 KiB */
#define CDN_MAX_LIST_TAG                                                                                     \
    CDN_MIB(1)                  /* of one XML tag with its attributes; longer ones take quadratic time       \
                                 */
#define CDN_MAX_LIST_DEPTH 32   /* nesting of elements; the deepest format has 12 */
#define CDN_MAX_LIST_ITEMS 8192 /* names, addresses … of one entry, each; the most seen are 145 */
#define CDN_MAX_LIST_ENTRY CDN_MIB(16) /* memory of one entry; the largest seen needs 300 KiB */
#define CDN_MAX_LIST_ENTRIES 4194304   /* of one list; a hundred times all lists together */
#define CDN_MAX_LIST_COLUMNS 512       /* of a CSV file; the widest has 118 */
#define CDN_MAX_LIST_REPORT 1024       /* different fields that are reported by name */
#define CDN_MAX_LISTS 200              /* compiled into one snapshot, each a section of its own */

/* ---- decisions ------------------------------------------------------------------------------------ */

#define CDN_MAX_DECISION_BYTES CDN_MIB(16)  /* room for the reasons of ten thousand measures at once */
#define CDN_MAX_DECISION_MEMORY CDN_MIB(64) /* arena of one decision: many threads may hold one each */
#define CDN_MAX_DUTIES 4096                 /* per decision */

/* ---- base ----------------------------------------------------------------------------------------- */

#define CDN_MAX_MAP_ENTRIES ((size_t)1 << 30) /* twice as many slots still have 32-bit numbers */
#define CDN_MAX_DISTANCE_TEXT 128 /* bytes that differ: the table of edit distance is on the stack */

#endif
