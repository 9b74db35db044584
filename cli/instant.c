/* SPDX-License-Identifier: Apache-2.0 */
/* instant.c: the machine's clock, which only a program may read, and exit statuses of verdicts. */
#include <time.h>

#include "cli.h"

int64_t now(void) {
    return (int64_t)time(NULL);
}

int exit_of_verdict(cordon_verdict v) {
    switch (v) {
    case CORDON_VERDICT_ALLOW:
        return EXIT_OK;
    case CORDON_VERDICT_LIMIT:
        return EXIT_LIMIT;
    case CORDON_VERDICT_HOLD:
        return EXIT_HOLD;
    case CORDON_VERDICT_DENY:
        return EXIT_DENY;
    case CORDON_VERDICT_FREEZE:
        return EXIT_FREEZE;
    case CORDON_VERDICT_NONE:
        break;
    }
    return EXIT_TROUBLE;
}
