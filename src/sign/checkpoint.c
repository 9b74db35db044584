/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint.c: the text of a checkpoint (C2SP tlog-checkpoint): origin, size, root hash, further lines. */
#include "sign/sign.h"

void cdn_checkpoint_write(struct cdn_buf *out, const struct cdn_checkpoint *c) {
    cdn_buf_str(out, c->origin);
    cdn_buf_printf(out, "\n%llu\n", (unsigned long long)c->size);
    cdn_base64_write(out, c->root, sizeof(c->root));
    cdn_buf_char(out, '\n');
    cdn_buf_str(out, c->extension);
}

/* Decimal without leading zeros, below 2^63. */
static int read_size(cordon_str s, uint64_t *ret) {
    uint64_t v = 0;
    if (s.n == 0 || s.n > 19 || (s.n > 1 && s.p[0] == '0'))
        return CORDON_E_SYNTAX;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return CORDON_E_SYNTAX;
        v = v * 10 + (uint64_t)(s.p[i] - '0');
    }
    if (v > (uint64_t)INT64_MAX)
        return CORDON_E_SYNTAX;
    *ret = v;
    return CORDON_OK;
}

int cdn_checkpoint_read(cordon_str text, struct cdn_checkpoint *ret, struct cordon_error *e) {
    struct cdn_checkpoint c = {.size = 0};
    /* A note's text ends where an empty line begins. */
    for (size_t i = 0; i + 1 < text.n; i++) {
        if (text.p[i] == '\n' && text.p[i + 1] == '\n') {
            text.n = i + 1;
            break;
        }
    }
    cordon_str rest, size, root;
    if (text.n == 0 || text.p[text.n - 1] != '\n')
        return cdn_fail(e, CORDON_E_SYNTAX, "this is no checkpoint");
    c.origin = cdn_str_split(text, '\n', &rest);
    size = cdn_str_split(rest, '\n', &rest);
    root = cdn_str_split(rest, '\n', &rest);
    if (c.origin.n == 0 || read_size(size, &c.size) || cdn_base64_read(root, c.root, sizeof(c.root)))
        return cdn_fail(
            e, CORDON_E_SYNTAX, "a checkpoint is an origin, a size and a root hash, each on its line");
    c.extension = rest;
    *ret = c;
    return CORDON_OK;
}
