/* SPDX-License-Identifier: Apache-2.0 */
/* mmdb_writer.h: makes MaxMind DB files for tests and benchmarks, so that libmaxminddb can be asked about the
 * same networks as the IP section. Needs only libc; ends the program when memory runs out. */
#ifndef CDN_TEST_MMDB_WRITER_H
#define CDN_TEST_MMDB_WRITER_H

#include <stddef.h>
#include <stdint.h>

struct mmdb_writer;

/* What one record says; empty text and 0 are left out of it. */
struct mmdb_data {
    char country[3], subdivision[4];
    uint32_t asn;
    uint16_t accuracy_km;
    uint8_t anonymous, satellite, anycast, hosting; /* 0 or 1 */
};

struct mmdb_writer *mmdb_writer_new(void);
void mmdb_writer_free(struct mmdb_writer *w);
/* Returns the number of the record; equal ones are stored once. */
uint32_t mmdb_writer_data(struct mmdb_writer *w, const struct mmdb_data *data);
/* A network of the IPv6 space; IPv4 a.b.c.d is ::a.b.c.d, length + 96. Later ones cut into earlier ones. */
void mmdb_writer_add(struct mmdb_writer *w, const uint8_t addr[16], unsigned length, uint32_t data);
/* The file; free() it. `record_bits` is 24, 28 or 32; `alias` adds ::ffff:0:0/96 and 2002::/16. Once only. */
uint8_t *mmdb_writer_finish(struct mmdb_writer *w, unsigned record_bits, int alias, size_t *ret_size);

#endif
