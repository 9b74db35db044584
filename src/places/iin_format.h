/* SPDX-License-Identifier: Apache-2.0 */
/* iin_format.h: the bytes of the card range section, as places/iin.c reads and geodata/iin_csv.c writes them.
 */
#ifndef CDN_PLACES_IIN_FORMAT_H
#define CDN_PLACES_IIN_FORMAT_H

#include <stdint.h>

#define CDN_IIN_MAGIC "CDNIINTB"
#define CDN_IIN_VERSION 1
#define CDN_IIN_END UINT64_C(1000000000000) /* one past the last number of CDN_IIN_DIGITS digits */

struct cdn_iin_header {
    char magic[8];      /*  0 CDN_IIN_MAGIC */
    uint32_t version;   /*  8 CDN_IIN_VERSION */
    uint32_t count;     /* 12 runs that follow the header */
    int64_t date;       /* 16 of the data */
    uint8_t sha256[32]; /* 24 of the input */
    uint32_t ranges;    /* 56 in the input */
    uint32_t zero;      /* 60 */
};
_Static_assert(sizeof(struct cdn_iin_header) == 64, "card range header");

#endif
