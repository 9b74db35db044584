/* SPDX-License-Identifier: Apache-2.0 */
/* builder.h: from files of IP data to the IP section of a snapshot (places/ip.h reads it).
 *
 *     struct cdn_geodata_builder *b;
 *     cdn_geodata_builder_new(alloc, &b, e);
 *     cdn_geodata_add_file(b, CDN_IP_KIND_LIBLOC, &(struct cdn_geodata_source){.name = CDN_STR("libloc")},
 *                          "/var/lib/location/database.db", e);
 *     cdn_geodata_finish(b, &buf, e);
 *     cdn_geodata_builder_free(b);
 *
 * The same files in the same order give the same bytes. A file that fails adds nothing; the builder can go on
 * with another. Errors carry the file's name in `where`. Not for concurrent use. */
#ifndef CDN_GEODATA_BUILDER_H
#define CDN_GEODATA_BUILDER_H

#include "base/base.h"
#include "base/limits.h"
#include "places/ip.h"

/* How a source is to appear in answers. What is empty or 0 is taken from the file, where the file says it:
 * a libloc database knows vendor, licence and date; a .mmdb knows date and (as vendor) description; CSV and
 * geofeed know nothing. A date must come from one or the other, since an answer without age is no evidence.
 */
struct cdn_geodata_source {
    cordon_str name; /* must not be empty; unique within the builder */
    cordon_str vendor;
    cordon_str licence;
    int64_t date; /* of the data, seconds since 1970; 0: the file's */
};

struct cdn_geodata_builder;

int cdn_geodata_builder_new(const struct cordon_alloc *alloc,
                            struct cdn_geodata_builder **ret,
                            struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_geodata_builder_free(struct cdn_geodata_builder *b); /* accepts NULL */

/* Adds a file as the next source; at most CDN_IP_SOURCES (CORDON_E_LIMIT).
 *   CDN_IP_KIND_LIBLOC   an IPFire Location database, version 1
 *   CDN_IP_KIND_MMDB     a MaxMind DB with country, AS or anonymity fields (see mmdb.c for the names)
 *   CDN_IP_KIND_CSV      prefix,country[,region[,asn[,flags]]], strict (see csv.c)
 *   CDN_IP_KIND_GEOFEED  RFC 8805: prefix,country,region,city,postal; unusable lines are counted
 * CORDON_E_IO, CORDON_E_FORMAT or CORDON_E_SYNTAX (damaged), CORDON_E_TYPE (a file without any field that is
 * used here), CORDON_E_CONFLICT (one prefix with two answers; a name used twice), CORDON_E_ARG,
 * CORDON_E_LIMIT, CORDON_E_NOMEM. */
int cdn_geodata_add_file(struct cdn_geodata_builder *b,
                         enum cdn_ip_source_kind kind,
                         const struct cdn_geodata_source *source,
                         const char *path,
                         struct cordon_error *e) CORDON_MUST_CHECK;
/* The same from memory; `where` names it in errors. */
int cdn_geodata_add_bytes(struct cdn_geodata_builder *b,
                          enum cdn_ip_source_kind kind,
                          const struct cdn_geodata_source *source,
                          cordon_str bytes,
                          cordon_str where,
                          struct cordon_error *e);

/* Appends the section to `ret` (whose length must be a multiple of 64). Needs a source. The builder keeps its
 * sources and may go on. */
int cdn_geodata_finish(const struct cdn_geodata_builder *b,
                       struct cdn_buf *ret,
                       struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- iin_csv.c: card ranges -----------------------------------------------------------------------------
 */

/* first,last,country per line: the first digits of a card number (both of the same length, 4..12 digits) and
 * the issuer's country. A range within another wins over it; ranges that overlap otherwise, or are equal with
 * different countries, are CORDON_E_CONFLICT. `date` is that of the data. Appends the section that
 * places/iin.h reads. */
int cdn_geodata_iin_build(const struct cordon_alloc *alloc,
                          cordon_str csv,
                          cordon_str where,
                          int64_t date,
                          struct cdn_buf *ret,
                          struct cordon_error *e) CORDON_MUST_CHECK;

#endif
