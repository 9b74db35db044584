/* SPDX-License-Identifier: Apache-2.0 */
/* fetch.h: one file over HTTP, resumed where an earlier attempt stopped.
 *
 *  1. what is at `path` afterwards is whole: the length is the one that the server told, and a part that was
 *     fetched before was continued only if the server said that it is of the same version (If-Range);
 *  2. size, duration, silence and redirects are limited; from https nothing leads to http;
 *  3. an interrupted download leaves PATH and PATH.meta behind, for the next attempt. */
#ifndef CORDON_CLI_FETCH_H
#define CORDON_CLI_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#define FETCH_TEXT 512
#define FETCH_URL 2048

struct fetch {
    const char *url;
    const char *path;                 /* where to put it */
    const char *etag, *last_modified; /* of what is in use; "" none: then it is fetched anyway */
    uint64_t most;                    /* bytes */
    long seconds, stall;              /* for all of it; without any byte */
    unsigned tries;                   /* at least 1 */
    unsigned pause;                   /* seconds before the second try, doubled for each further one */
    int (*progress)(void *ctx, const char *step, uint64_t done, uint64_t total);
    const char *step;
};
enum fetch_outcome { FETCH_DONE, FETCH_NOT_MODIFIED, FETCH_FAILED };
struct fetched {
    enum fetch_outcome outcome;
    uint64_t bytes, resumed; /* of the file; of it, from an earlier attempt */
    char etag[FETCH_TEXT], last_modified[FETCH_TEXT];
    char reason[FETCH_TEXT]; /* of a failure, one sentence */
};
void fetch_begin(void); /* once, before the first */
void fetch_end(void);
void fetch_file(const struct fetch *f, struct fetched *ret);

#endif
