/* SPDX-License-Identifier: Apache-2.0 */
/* config.h: the settings of cordond, from a file of lines `name = value`.
 *
 * No file is needed: every setting has a default. A mistake is an error with file, line, column and, where
 * one is near, a suggestion; nothing is skipped. `#` starts a comment at the start of a line or after white
 * space. */
#ifndef CORDOND_CONFIG_H
#define CORDOND_CONFIG_H

#include <stdio.h>

#include "base/base.h"

#define CONFIG_TEXT 512
typedef char config_text[CONFIG_TEXT];
typedef char config_path[CONFIG_TEXT];
typedef uint64_t config_count;
typedef uint64_t config_size; /* bytes */
typedef uint64_t config_span; /* milliseconds */
typedef bool config_flag;

struct config {
#define GROUP(title)
#define SETTING(name, kind, preset, live, help) config_##kind name;
#include "settings.def"
#undef GROUP
#undef SETTING
};

void config_defaults(struct config *c);
/* Sets what the text says; the rest stays. `file` is for messages. CORDON_E_SYNTAX, _NAME, _RANGE, _CONFLICT
 * (given twice). */
int config_read(struct config *c, const char *file, cordon_str text, cordon_error *e) CORDON_MUST_CHECK;
/* One `name=value` of the command line. */
int config_set(struct config *c, cordon_str assignment, cordon_error *e) CORDON_MUST_CHECK;
/* What one setting alone cannot show: a certificate without its key, beyond loopback without TLS …
 * CORDON_E_CONFLICT. */
int config_check(const struct config *c, cordon_error *e) CORDON_MUST_CHECK;
/* Copies the settings that a reload may change from `from` to `to`; *ret_fixed: how many others differ (and
 * stay). */
void config_reload(struct config *to, const struct config *from, unsigned *ret_fixed);
/* The commented default file. */
void config_print(FILE *out);

/* "127.0.0.1:8920", "[::1]:0", ":8920" (loopback). CORDON_E_SYNTAX. */
struct sockaddr_storage;
int config_address(const char *text, struct sockaddr_storage *ret, cordon_error *e) CORDON_MUST_CHECK;
bool config_is_loopback(const struct sockaddr_storage *a);

#endif
