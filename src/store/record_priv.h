/* SPDX-License-Identifier: Apache-2.0 */
/* record_priv.h: what event.c and record.c share. */
#ifndef CDN_STORE_RECORD_PRIV_H
#define CDN_STORE_RECORD_PRIV_H

#include "store/json_in_priv.h"
#include "store/record.h"

#define CDN_RECORD_TIME_MIN INT64_C(-62135596800) /* 0001-01-01: what RFC 3339 can write */
#define CDN_RECORD_TIME_MAX INT64_C(253402300799) /* 9999-12-31 */

struct cdn_event_head {
    int64_t at;
    cordon_str by, event, data;
};
void cdn_event_read(struct cdn_in *in, const struct cdn_event_head *head, struct cdn_event *ret);
/* The bytes of a fingerprint, which has been checked. */
void cdn_fingerprint_bytes(cordon_str hex, uint8_t ret[CDN_FINGERPRINT_TEXT / 2]);
bool cdn_record_is_hex(cordon_str s, size_t digits);
bool cdn_record_text_good(cordon_str s);
bool cdn_record_json_good(cordon_str s);
void cdn_record_instant(struct cdn_buf *out, int64_t at); /* in quotes */
void cdn_record_read_counts(struct cdn_in *in, struct cdn_counts *ret);
void cdn_record_read_texts(struct cdn_in *in, struct cdn_texts *ret);

#endif
