/* SPDX-License-Identifier: Apache-2.0 */
/* logic.c: Kleene's logic with contradiction (CS-LOGIC), and what evidence on both sides is worth under each
 * standard of proof (CS-STANDARD). Both are tables, printed in docs/semantics.md; a test compares them. */
#include "model/model.h"

/* IMPLEMENTS: CS-LOGIC */
enum { F = CORDON_FALSE, T = CORDON_TRUE, U = CORDON_UNKNOWN, C = CORDON_CONTRADICTORY };

const uint8_t cdn_truth_and_table[4][4] = {
    /*        F  T  U  C */
    [F] = {F, F, F, F},
    [T] = {F, T, U, C},
    [U] = {F, U, U, C},
    [C] = {F, C, C, C},
};
const uint8_t cdn_truth_or_table[4][4] = {
    /*        F  T  U  C */
    [F] = {F, T, U, C},
    [T] = {T, T, T, T},
    [U] = {U, T, U, C},
    [C] = {C, T, C, C},
};
const uint8_t cdn_truth_xor_table[4][4] = {
    /*        F  T  U  C */
    [F] = {F, T, U, C},
    [T] = {T, F, U, C},
    [U] = {U, U, U, C},
    [C] = {C, C, C, C},
};

/* IMPLEMENTS: CS-WEIGHT */
unsigned cdn_weight_of(unsigned weak_kinds, unsigned medium_kinds, unsigned strong_kinds) {
    if (strong_kinds > 0) {
        return strong_kinds + medium_kinds > 1 ? CDN_WEIGHT_STRONG_AND_MORE : CDN_WEIGHT_STRONG;
    }
    if (medium_kinds > 0) {
        return medium_kinds > 1 ? CDN_WEIGHT_TWO_MEDIUM : CDN_WEIGHT_MEDIUM;
    }
    return weak_kinds > 0 ? CDN_WEIGHT_WEAK : CDN_WEIGHT_NOTHING;
}

/* IMPLEMENTS: CS-STANDARD
 * Rows: what speaks for. Columns: what speaks against. */
const uint8_t cdn_standard_table[CDN_STANDARD_COUNT][CDN_WEIGHT_COUNT][CDN_WEIGHT_COUNT] =
    {
        [CDN_STANDARD_ANY] =
            {
                /*                               nothing weak medium strong two-medium strong+ */
                [CDN_WEIGHT_NOTHING] = {U, U, F, F, F, F},
                [CDN_WEIGHT_WEAK] = {U, U, U, F, F, F},
                [CDN_WEIGHT_MEDIUM] = {T, T, T, C, T, C},
                [CDN_WEIGHT_STRONG] = {T, T, T, C, T, C},
                [CDN_WEIGHT_TWO_MEDIUM] = {T, T, T, T, T, C},
                [CDN_WEIGHT_STRONG_AND_MORE] = {T, T, T, T, T, C},
            },
        [CDN_STANDARD_TWO_KINDS] =
            {
                [CDN_WEIGHT_NOTHING] = {U, U, F, F, F, F},
                [CDN_WEIGHT_WEAK] = {U, U, F, F, F, F},
                [CDN_WEIGHT_MEDIUM] = {U, U, C, F, F, F},
                [CDN_WEIGHT_STRONG] = {U, U, C, C, C, F},
                [CDN_WEIGHT_TWO_MEDIUM] = {T, T, C, C, C, C},
                [CDN_WEIGHT_STRONG_AND_MORE] = {T, T, T, C, C, C},
            },
        [CDN_STANDARD_STRONG] =
            {
                [CDN_WEIGHT_NOTHING] = {U, U, F, F, F, F},
                [CDN_WEIGHT_WEAK] = {U, U, F, F, F, F},
                [CDN_WEIGHT_MEDIUM] = {U, U, C, F, F, F},
                [CDN_WEIGHT_STRONG] = {T, T, C, C, C, C},
                [CDN_WEIGHT_TWO_MEDIUM] = {U, U, C, F, C, F},
                [CDN_WEIGHT_STRONG_AND_MORE] = {T, T, T, C, C, C},
            },
};
