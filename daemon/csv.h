/* SPDX-License-Identifier: Apache-2.0 */
/* csv.h: an array of flat JSON objects as CSV. */
#ifndef CORDOND_CSV_H
#define CORDOND_CSV_H

#include "base/base.h"

#define CSV_COLUMNS 16
/* Appends a head and a row for each object. CORDON_E_FORMAT: not such an array. */
int csv_write(cordon_str json, const char *const *columns, size_t count, struct cdn_buf *out)
    CORDON_MUST_CHECK;

#endif
