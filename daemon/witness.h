/* SPDX-License-Identifier: Apache-2.0 */
/* witness.h: hands each new checkpoint of the journal to somebody outside: a file, or an HTTP push. */
#ifndef CORDOND_WITNESS_H
#define CORDOND_WITNESS_H

#include "server.h"

struct witness *witness_start(struct daemon *d); /* NULL: nothing to do, or no memory (logged) */
void witness_stop(struct witness *w);            /* accepts NULL */

#endif
