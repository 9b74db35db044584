/* SPDX-License-Identifier: Apache-2.0 */
/* listed.h: all real lists under a folder, read with the product's readers, as the screening benchmarks need
 * them. Whatever is missing there is left out and said. */
#ifndef CDN_BENCH_LISTED_H
#define CDN_BENCH_LISTED_H

#include "compile/screen_index.h"
#include "screen/evidence.h"

struct bench_entry {
    const char *list; /* "us/sdn" … */
    cordon_str id;
    struct cdn_known known; /* births, nationalities, birth places */
    bool core;              /* of OFAC, EU, UN or UK as they are now: what innocents are held against */
};
struct bench_listed {
    struct cdn_listed_name *names; /* entry: index of `entries` */
    struct bench_entry *entries;
    size_t name_count, entry_count;
    double seconds; /* that reading took */
};
/* Of a labelled name, by the word of the data set for it. */
enum cdn_screen_kind bench_kind_of(const char *schema);
/* DIR holds ofac eu un uk ch us-csl. Ends the program when memory runs out. */
void bench_listed_read(const char *dir, struct bench_listed *ret);

#endif
