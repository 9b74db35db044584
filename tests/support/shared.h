/* SPDX-License-Identifier: Apache-2.0 */
/* shared.h: files of the repository, and the large public data sets that tests use when they are at hand.
 *
 * The data sets are looked for under $CORDON_SHARED, then in `shared` beside the repository and in the two
 * folders above it. They are not part of a clone: a test that needs one begins with
 *
 *     char path[CDN_PATH];
 *     cdn_shared_or_skip(path, "data/policy-workload/requests.jsonl");
 *
 * which skips the running cmocka test, loudly, when it is absent. */
#ifndef CDN_TEST_SHARED_H
#define CDN_TEST_SHARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CDN_PATH 1024

/* Path of a file of the repository ("tests/data/x"). */
void cdn_source_path(char ret[CDN_PATH], const char *relative);
/* Path of a file of the build folder ("cli/cordon"). */
void cdn_build_path(char ret[CDN_PATH], const char *relative);
/* False when absent. `relative` begins with "data/". */
bool cdn_shared_find(char ret[CDN_PATH], const char *relative);
/* Only inside a cmocka test. */
void cdn_shared_or_skip(char ret[CDN_PATH], const char *relative);
/* The whole file in memory of exactly its size (at least 1 byte is allocated); free() it. NULL: unreadable.
 */
uint8_t *cdn_read_file(const char *path, size_t *ret_size);

#endif
