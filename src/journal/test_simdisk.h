/* SPDX-License-Identifier: Apache-2.0 */
/* test_simdisk.h: a disk for tests that loses power. It keeps what is durable apart from what is only
 * written; a crash leaves the durable part and, of the rest, any part: whole writes, sectors of writes,
 * rubbish, or nothing; directory entries in order up to some point. It also runs full, writes short, and
 * fails to sync, after which what was to be synced may be gone though it still reads as if it were there. */
#ifndef CDN_TEST_SIMDISK_H
#define CDN_TEST_SIMDISK_H

#include "journal/file.h"

struct sim;
struct sim *sim_new(uint64_t seed);
void sim_free(struct sim *s);
const struct cdn_file_ops *sim_ops(struct sim *s);

/* After so many further calls that change something, power is gone: every call fails with -EIO. UINT64_MAX:
 * never. */
void sim_power_off_after(struct sim *s, uint64_t calls);
uint64_t sim_calls(const struct sim *s);      /* calls that change something so far */
void sim_room(struct sim *s, uint64_t bytes); /* that still fit; UINT64_MAX: any */
void sim_short_writes(struct sim *s, bool on);
void sim_fail_sync(struct sim *s, unsigned one_in); /* 0: never */
/* Power comes back: what is on the disk now. `harsh`: sectors of unsynced writes may hold rubbish. */
void sim_crash(struct sim *s, bool harsh);
/* Flips bits of what is durable: byte `at` of a file. False: there is no such byte. */
bool sim_flip(struct sim *s, const char *path, uint64_t at);

#endif
