/* SPDX-License-Identifier: Apache-2.0 */
/* info.c: the INFO section: canonical JSON (keys sorted, no blanks) of what went into a snapshot.
 *
 *   {"format":1,"inputs":[{"date":…,"kind":…,"name":…,"sha256":…,"version":…}, …],"semantics":1}
 *
 * Of a file's name only the last part is written: the same rulebook in another folder is the same. */
#include "compile/build_priv.h"

struct input {
    struct cdn_compile_input in;
    uint8_t sha256[32];
    bool has_digest;
};

static int input_order(const void *a, const void *b) {
    const struct input *x = a, *y = b;
    int c = cdn_str_cmp(x->in.kind, y->in.kind);
    c = c ? c : cdn_str_cmp(x->in.name, y->in.name);
    c = c ? c : cdn_str_cmp(x->in.version, y->in.version);
    c = c ? c : cdn_str_cmp(x->in.date, y->in.date);
    return c ? c : memcmp(x->sha256, y->sha256, sizeof(x->sha256));
}

static cordon_str base_name(cordon_str path) {
    for (size_t i = path.n; i > 0; i--)
        if (path.p[i - 1] == '/')
            return cdn_str(path.p + i, path.n - i);
    return path;
}

static void field(struct cdn_buf *out, const char *key, cordon_str s, bool *comma) {
    if (s.n == 0)
        return;
    cdn_buf_z(out, *comma ? ",\"" : "\"");
    cdn_buf_z(out, key);
    cdn_buf_z(out, "\":");
    cdn_buf_json(out, s);
    *comma = true;
}

static void write_input(struct cdn_buf *out, const struct input *i) {
    bool comma = false;
    char hex[64];
    struct cdn_buf b;
    cdn_buf_fixed(&b, hex, sizeof(hex));
    if (i->has_digest)
        cdn_buf_hex(&b, i->sha256, sizeof(i->sha256));
    cdn_buf_char(out, '{');
    field(out, "date", i->in.date, &comma);
    field(out, "kind", i->in.kind, &comma);
    field(out, "name", i->in.name, &comma);
    field(out, "sha256", cdn_buf_get(&b), &comma);
    field(out, "version", i->in.version, &comma);
    cdn_buf_char(out, '}');
}

static struct input *gather(struct cdn_build *b, size_t *ret_count) {
    const struct cdn_rulebook *rb = b->rb;
    const size_t most = (size_t)rb->file_count + 1 + b->options->input_count;
    struct input *all = cdn_build_zero(b, most, sizeof(*all));
    size_t n = 0;
    for (uint32_t i = 0; all && i < rb->file_count; i++) {
        all[n].in.kind = CDN_STR("rulebook");
        all[n].in.name = base_name(rb->files[i]);
        all[n].has_digest = true;
        if (cdn_compile_sha256(rb->texts[i].p, rb->texts[i].n, all[n].sha256) != 0)
            (void)cdn_build_fail(b, CORDON_E_INTERNAL, "SHA-256 is not to be had");
        n++;
    }
    if (all && rb->tz_version.n) {
        all[n].in.kind = CDN_STR("tzdata");
        all[n++].in.version = rb->tz_version;
    }
    for (size_t i = 0; all && i < b->options->input_count; i++) {
        all[n].in = b->options->inputs[i];
        all[n].has_digest = all[n].in.sha256 != NULL;
        if (all[n].has_digest)
            memcpy(all[n].sha256, all[n].in.sha256, sizeof(all[n].sha256));
        n++;
    }
    *ret_count = n;
    return all;
}

void cdn_build_info(struct cdn_build *b, struct cdn_buf *out) {
    size_t n = 0;
    struct input *all = gather(b, &n);
    if (b->err)
        return;
    cdn_build_sort(b, all, n, sizeof(*all), input_order);
    cdn_buf_printf(out, "{\"format\":%d,\"inputs\":[", (int)CDN_SNAP_FORMAT);
    for (size_t i = 0; i < n; i++) {
        if (i)
            cdn_buf_char(out, ',');
        write_input(out, &all[i]);
    }
    cdn_buf_printf(out, "],\"semantics\":%d}", (int)CDN_SEMANTICS);
    if (out->err)
        (void)cdn_build_fail(b, out->err, "no room for the list of inputs");
}
