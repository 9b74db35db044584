/* SPDX-License-Identifier: Apache-2.0 */
/* empty.c: stands in for a library none of whose rooms has a source yet. */
typedef int cdn_empty;
