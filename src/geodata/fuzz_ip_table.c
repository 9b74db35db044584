/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_ip_table.c: an IP section that may be hostile: open, then look-ups through every node.
 *
 * A section has at least half a megabyte, nearly all of it zero, which a fuzzer cannot search. So the input
 * is a list of changes (3 bytes of offset, the new byte) to a small sound section; offsets skip the top
 * tables but for the slots in use. */
#include <stdlib.h>

#include "geodata/builder.h"
#include "places/ip_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TOPS_IN_USE 16 /* bytes around the used slot of each top table */

static const char list[] =
    "10.0.0.0/8,DE\n10.1.2.0/24,UA,UA-43,64496\n10.1.3.7,RU\n10.1.3.9,RU\n10.1.3.11,RU\n"
    "10.1.3.13,FR\n10.1.3.15,FR\n10.1.3.17,RU\n2a00::/16,FR\n2a00:1:2::/48,UA,UA-40\n"
    "2a00:1:2::1,RU\n2a00:1:3::/49,,,,anycast\n";

static struct cdn_buf sound;

static void make_sound(void) {
    struct cdn_geodata_builder *b;
    const struct cdn_geodata_source s = {
        .name = CDN_STR("list"), .vendor = CDN_STR("fuzz"), .date = 1646438400};
    cdn_buf_init(&sound, &cdn_alloc_libc, CDN_MAX_SNAPSHOT_SECTION);
    if (cdn_geodata_builder_new(&cdn_alloc_libc, &b, NULL) != 0 ||
        cdn_geodata_add_bytes(b, CDN_IP_KIND_CSV, &s, cdn_str_z(list), CDN_STR("list"), NULL) != 0 ||
        cdn_geodata_finish(b, &sound, NULL) != 0) {
        abort();
    }
    cdn_geodata_builder_free(b);
}

/* Where the change with this number lies in the section. */
static size_t place(size_t number) {
    const struct cdn_ip_header *const h = (const struct cdn_ip_header *)(const void *)sound.p;
    const size_t parts[][2] = {{0, h->top4.offset},
                               {h->top4.offset + 4 * 0x0a00, TOPS_IN_USE},
                               {h->top6.offset + 4 * 0x2a00, TOPS_IN_USE},
                               {h->nodes.offset, sound.n - h->nodes.offset}};
    size_t total = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(parts); i++) {
        total += parts[i][1];
    }
    number %= total;
    for (size_t i = 0; i < CDN_ARRAY_LEN(parts); i++) {
        if (number < parts[i][1]) {
            return parts[i][0] + number;
        }
        number -= parts[i][1];
    }
    return 0;
}

static void use(const struct cdn_ip_table *t) {
    struct cdn_ip_source s;
    uint64_t sum = 0;
    for (uint32_t low = 0; low < 65536; low += 5) {
        const struct cdn_ip_answer *const a = cdn_ip_answers(t, cdn_ip_lookup4(t, 0x0a010000 | low));
        sum += a->asn + cdn_ip_region(t, a->region).n + cdn_ip_lookup4(t, low << 16);
        uint8_t v6[16] = {0x2a, 0, 0, 1, 0, (uint8_t)low, (uint8_t)(low >> 8)};
        sum += cdn_ip_lookup6(t, v6);
        memset(v6 + 7, (int)(low & 0xff), 9);
        sum += cdn_ip_lookup6(t, v6);
    }
    for (uint32_t i = 0; cdn_ip_source(t, i, &s); i++) {
        for (size_t k = 0; k < s.name.n; k++) {
            sum += (uint8_t)s.name.p[k];
        }
        sum += s.vendor.n + s.licence.n;
    }
    static volatile uint64_t kept;
    kept = sum;
    (void)kept;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (sound.p == NULL) {
        make_sound();
    }
    uint8_t *const copy = malloc(sound.n);
    struct cdn_ip_table t;
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, sound.p, sound.n);
    for (size_t i = 0; i + 4 <= size; i += 4) {
        copy[place((size_t)data[i] << 16 | (size_t)data[i + 1] << 8 | data[i + 2])] = data[i + 3];
    }
    if (cdn_ip_open(copy, sound.n, &t, NULL) == 0) {
        use(&t);
    }
    free(copy);
    return 0;
}
