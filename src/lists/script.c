/* SPDX-License-Identifier: Apache-2.0 */
/* script.c: which script a name is written in, by the blocks of its letters (Unicode 15, blocks that names
 * use).
 *
 * Japanese and Korean mix Han with their own letters; that is one script here. Anything else mixed is MIXED.
 */
#include "lists/priv.h"

struct block {
    uint32_t first, last;
    uint8_t script;
};
static const struct block blocks[] = {
    {0x41, 0x5a, CDN_SCRIPT_LATN},     {0x61, 0x7a, CDN_SCRIPT_LATN},       {0xaa, 0xaa, CDN_SCRIPT_LATN},
    {0xba, 0xba, CDN_SCRIPT_LATN},     {0xc0, 0xd6, CDN_SCRIPT_LATN},       {0xd8, 0xf6, CDN_SCRIPT_LATN},
    {0xf8, 0x2af, CDN_SCRIPT_LATN},    {0x370, 0x373, CDN_SCRIPT_GREK},     {0x376, 0x377, CDN_SCRIPT_GREK},
    {0x37b, 0x37d, CDN_SCRIPT_GREK},   {0x386, 0x386, CDN_SCRIPT_GREK},     {0x388, 0x3ff, CDN_SCRIPT_GREK},
    {0x400, 0x481, CDN_SCRIPT_CYRL},   {0x48a, 0x52f, CDN_SCRIPT_CYRL},     {0x531, 0x556, CDN_SCRIPT_ARMN},
    {0x560, 0x588, CDN_SCRIPT_ARMN},   {0x5d0, 0x5f2, CDN_SCRIPT_HEBR},     {0x620, 0x64a, CDN_SCRIPT_ARAB},
    {0x66e, 0x66f, CDN_SCRIPT_ARAB},   {0x671, 0x6d5, CDN_SCRIPT_ARAB},     {0x6ee, 0x6ef, CDN_SCRIPT_ARAB},
    {0x6fa, 0x6ff, CDN_SCRIPT_ARAB},   {0x750, 0x77f, CDN_SCRIPT_ARAB},     {0x8a0, 0x8c9, CDN_SCRIPT_ARAB},
    {0x900, 0x963, CDN_SCRIPT_DEVA},   {0xe01, 0xe3a, CDN_SCRIPT_THAI},     {0xe40, 0xe4e, CDN_SCRIPT_THAI},
    {0x1000, 0x103f, CDN_SCRIPT_MYMR}, {0x1050, 0x108f, CDN_SCRIPT_MYMR},   {0x10a0, 0x10fa, CDN_SCRIPT_GEOR},
    {0x10fc, 0x10ff, CDN_SCRIPT_GEOR}, {0x1100, 0x11ff, CDN_SCRIPT_HANG},   {0x1200, 0x135a, CDN_SCRIPT_ETHI},
    {0x1c80, 0x1c88, CDN_SCRIPT_CYRL}, {0x1c90, 0x1cbf, CDN_SCRIPT_GEOR},   {0x1d00, 0x1d25, CDN_SCRIPT_LATN},
    {0x1e00, 0x1eff, CDN_SCRIPT_LATN}, {0x1f00, 0x1fbc, CDN_SCRIPT_GREK},   {0x2c60, 0x2c7f, CDN_SCRIPT_LATN},
    {0x3005, 0x3007, CDN_SCRIPT_HANI}, {0x3041, 0x309f, CDN_SCRIPT_KANA},   {0x30a1, 0x30fa, CDN_SCRIPT_KANA},
    {0x30fc, 0x30ff, CDN_SCRIPT_KANA}, {0x3131, 0x318e, CDN_SCRIPT_HANG},   {0x3400, 0x4dbf, CDN_SCRIPT_HANI},
    {0x4e00, 0x9fff, CDN_SCRIPT_HANI}, {0xa640, 0xa66e, CDN_SCRIPT_CYRL},   {0xa680, 0xa69d, CDN_SCRIPT_CYRL},
    {0xa722, 0xa7ff, CDN_SCRIPT_LATN}, {0xac00, 0xd7a3, CDN_SCRIPT_HANG},   {0xf900, 0xfaff, CDN_SCRIPT_HANI},
    {0xfb13, 0xfb17, CDN_SCRIPT_ARMN}, {0xfb1d, 0xfb4f, CDN_SCRIPT_HEBR},   {0xfb50, 0xfdfb, CDN_SCRIPT_ARAB},
    {0xfe70, 0xfefc, CDN_SCRIPT_ARAB}, {0xff21, 0xff3a, CDN_SCRIPT_LATN},   {0xff41, 0xff5a, CDN_SCRIPT_LATN},
    {0xff66, 0xff9d, CDN_SCRIPT_KANA}, {0x20000, 0x323af, CDN_SCRIPT_HANI},
};
/* Between these blocks there are letters of scripts that no list uses. */
static const struct block others[] = {
    {0x700, 0x74f, CDN_SCRIPT_OTHER},
    {0x780, 0x89f, CDN_SCRIPT_OTHER},
    {0x980, 0xdff, CDN_SCRIPT_OTHER},
    {0xe80, 0xfff, CDN_SCRIPT_OTHER},
    {0x13a0, 0x1c4f, CDN_SCRIPT_OTHER},
    {0xa000, 0xa63f, CDN_SCRIPT_OTHER},
    {0xa800, 0xabff, CDN_SCRIPT_OTHER},
    {0x10000, 0x1d0ff, CDN_SCRIPT_OTHER},
};

static uint8_t script_of(uint32_t cp) {
    size_t low = 0;
    size_t high = CDN_ARRAY_LEN(blocks);
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (cp < blocks[middle].first) {
            high = middle;
        } else if (cp > blocks[middle].last) {
            low = middle + 1;
        } else {
            return blocks[middle].script;
        }
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(others); i++) {
        if (cp >= others[i].first && cp <= others[i].last) {
            return others[i].script;
        }
    }
    return CDN_SCRIPT_NONE;
}

enum cdn_script cdn_script_of(cordon_str s) {
    uint32_t seen = 0;
    for (size_t at = 0; at < s.n;) {
        const unsigned char c = (unsigned char)s.p[at];
        if (c < 0x80) {
            const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
            seen |= letter ? UINT32_C(1) << CDN_SCRIPT_LATN : 0;
            at++;
        } else {
            seen |= UINT32_C(1) << script_of(cdn_utf8_next(s, &at));
        }
    }
    seen &= ~(UINT32_C(1) << CDN_SCRIPT_NONE);
    const uint32_t han = UINT32_C(1) << CDN_SCRIPT_HANI;
    if (seen == (han | UINT32_C(1) << CDN_SCRIPT_KANA)) {
        return CDN_SCRIPT_KANA;
    }
    if (seen == (han | UINT32_C(1) << CDN_SCRIPT_HANG)) {
        return CDN_SCRIPT_HANG;
    }
    if (seen == 0) {
        return CDN_SCRIPT_NONE;
    }
    if ((seen & (seen - 1)) != 0) {
        return CDN_SCRIPT_MIXED;
    }
    return (enum cdn_script)__builtin_ctz(seen);
}
