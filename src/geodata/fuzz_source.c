/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_source.c: every reader of IP data. The first byte picks it, the rest is the file; what is read must
 * make a section that opens. */
#include <stdlib.h>

#include "geodata/builder.h"
#include "places/iin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void cards(cordon_str csv) {
    struct cdn_buf out;
    struct cdn_iin_table t;
    struct cordon_error e;
    cdn_buf_init(&out, &cdn_alloc_libc, CDN_MIB(64));
    if (cdn_geodata_iin_build(&cdn_alloc_libc, csv, CDN_STR("fuzz"), 1, &out, &e) == 0 &&
        cdn_iin_open(out.p, out.n, &t, &e) != 0) {
        abort();
    }
    cdn_buf_free(&out);
}

static void addresses(enum cdn_ip_source_kind kind, cordon_str file) {
    const struct cdn_geodata_source s = {.name = CDN_STR("fuzz"), .date = 1646438400};
    struct cdn_geodata_builder *b;
    struct cdn_buf out;
    struct cdn_ip_table t;
    struct cordon_error e;
    cdn_buf_init(&out, &cdn_alloc_libc, CDN_MIB(64));
    if (cdn_geodata_builder_new(&cdn_alloc_libc, &b, &e) != 0) {
        abort();
    }
    const int err = cdn_geodata_add_bytes(b, kind, &s, file, CDN_STR("fuzz"), &e);
    if (err == 0 && (cdn_geodata_finish(b, &out, &e) != 0 || cdn_ip_open(out.p, out.n, &t, &e) != 0)) {
        abort();
    }
    if (err == CORDON_E_INTERNAL || (err != 0 && cdn_geodata_finish(b, &out, &e) != CORDON_E_STATE)) {
        abort();
    }
    cdn_buf_free(&out);
    cdn_geodata_builder_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    const cordon_str rest = cdn_str((const char *)data + 1, size - 1);
    switch (data[0]) {
    case 'l':
        addresses(CDN_IP_KIND_LIBLOC, rest);
        break;
    case 'm':
        addresses(CDN_IP_KIND_MMDB, rest);
        break;
    case 'c':
        addresses(CDN_IP_KIND_CSV, rest);
        break;
    case 'g':
        addresses(CDN_IP_KIND_GEOFEED, rest);
        break;
    case 'i':
        cards(rest);
        break;
    default:
        break;
    }
    return 0;
}
