/* SPDX-License-Identifier: Apache-2.0 */
/* cordon/types.h: the small values that every Cordon header speaks in.
 *
 * Text is a slice (pointer and length), never assumed NUL-terminated. Codes of errors and verdicts are
 * closed sets; zero is "no error" for the first and "no verdict" (which counts as not allowed) for the
 * second. Instants are seconds since 1970-01-01T00:00:00Z. */
#ifndef CORDON_TYPES_H
#define CORDON_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CORDON_API __attribute__((visibility("default")))
#define CORDON_MUST_CHECK __attribute__((warn_unused_result))
#else
#define CORDON_API
#define CORDON_MUST_CHECK
#endif

/* Text or bytes by value; the owner is whoever the function's comment says. */
typedef struct cordon_str {
    const char *p;
    size_t n;
} cordon_str;

/* Every failing function returns one of these (negative). The texts are in cordon_strerror(). */
typedef enum cordon_status {
    CORDON_OK = 0,
    CORDON_E_NOMEM = -1,     /* the allocator returned NULL */
    CORDON_E_ARG = -2,       /* an argument breaks the function's contract */
    CORDON_E_SYNTAX = -3,    /* text does not follow its grammar (JSON, measure language, address …) */
    CORDON_E_NAME = -4,      /* a name that nothing defines */
    CORDON_E_TYPE = -5,      /* a value of the wrong type, unit or kind */
    CORDON_E_RANGE = -6,     /* a number, date or amount outside its range */
    CORDON_E_LIMIT = -7,     /* larger than a stated limit */
    CORDON_E_FORMAT = -8,    /* a binary file that is not what it claims to be, or is damaged */
    CORDON_E_VERSION = -9,   /* a format or semantics version this build does not carry */
    CORDON_E_DIGEST = -10,   /* content does not have the digest that names it */
    CORDON_E_IO = -11,       /* reading or writing failed; errno is in cordon_error.system */
    CORDON_E_NOTFOUND = -12, /* asked for something that is not there */
    CORDON_E_CONFLICT = -13, /* two declarations or values exclude each other */
    CORDON_E_STATE = -14,    /* called in the wrong order */
    CORDON_E_INTERNAL = -15  /* a broken invariant: a bug in Cordon; the decision is "no verdict" */
} cordon_status;

/* Verdicts, mildest first. NONE means that no decision was reached: treat it as not allowed. */
typedef enum cordon_verdict {
    CORDON_VERDICT_NONE = 0,
    CORDON_VERDICT_ALLOW = 1,
    CORDON_VERDICT_LIMIT = 2,
    CORDON_VERDICT_HOLD = 3,
    CORDON_VERDICT_DENY = 4,
    CORDON_VERDICT_FREEZE = 5
} cordon_verdict;

/* What a fact or a condition is worth: Kleene's three values and contradiction. */
typedef enum cordon_truth {
    CORDON_FALSE = 0,
    CORDON_TRUE = 1,
    CORDON_UNKNOWN = 2,
    CORDON_CONTRADICTORY = 3
} cordon_truth;

#define CORDON_ERROR_TEXT 240

/* Where and why something failed. `line` and `column` count from 1 and are 0 where they make no sense;
 * `where` is a file name or a JSON pointer. Filled only on failure; all text is NUL-terminated. */
typedef struct cordon_error {
    int code;         /* cordon_status */
    int system;       /* errno at CORDON_E_IO, else 0 */
    uint32_t line;    /* of the input */
    uint32_t column;  /* of the input, in characters */
    uint64_t offset;  /* of the input, in bytes */
    const char *file; /* source file of Cordon in which the error was born (static) */
    int source_line;  /* and the line there */
    char where[CORDON_ERROR_TEXT];
    char message[CORDON_ERROR_TEXT];
    char hint[CORDON_ERROR_TEXT]; /* the next step or a suggestion; may be empty */
} cordon_error;

/* The caller's allocator. `resize` and `release` are told the old size. All three must be set; sizes are
 * never 0; memory must be aligned for any object. */
typedef struct cordon_alloc {
    void *(*alloc)(void *ctx, size_t size);
    void *(*resize)(void *ctx, void *p, size_t old_size, size_t size);
    void (*release)(void *ctx, void *p, size_t size);
    void *ctx;
} cordon_alloc;

#ifdef __cplusplus
}
#endif
#endif
