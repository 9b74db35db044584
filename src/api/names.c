/* SPDX-License-Identifier: Apache-2.0 */
/* names.c: versions, words for codes, instants as text. */
#include "api/handle.h"
#include "base/num.h"

#define TEXT_OF(x) #x
#define VERSION_TEXT(a, b, c) TEXT_OF(a) "." TEXT_OF(b) "." TEXT_OF(c)

CORDON_API const char *cordon_version(void) {
    return VERSION_TEXT(CORDON_VERSION_MAJOR, CORDON_VERSION_MINOR, CORDON_VERSION_PATCH);
}

CORDON_API uint32_t cordon_version_number(void) {
    return CORDON_VERSION_NUMBER;
}

CORDON_API cordon_str cordon_text(const char *z) {
    return cdn_str_z(z);
}

CORDON_API const char *cordon_strerror(int status) {
    return cdn_status_text(status);
}

CORDON_API const char *cordon_status_name(int status) {
    return cdn_status_name(status);
}

CORDON_API const char *cordon_verdict_name(int verdict) {
    return cdn_verdict_name(verdict < 0 ? CORDON_VERDICT_NONE : (unsigned)verdict);
}

CORDON_API const char *cordon_truth_name(int truth) {
    return cdn_truth_name(truth < 0 ? CORDON_UNKNOWN : (unsigned)truth);
}

CORDON_API int cordon_time_parse(cordon_str text, int64_t *ret, cordon_error *e) {
    int32_t offset = 0;
    const int err = cdn_time_parse(text, ret, &offset);
    if (err) {
        (void)cdn_fail(e, err, "`%.*s` is not an instant", CDN_FMT(text));
        cdn_error_hint(e, "date, time and zone: 2022-03-10T09:00:00Z or 2022-03-10T10:00:00+01:00");
    }
    return err;
}

CORDON_API size_t cordon_time_format(int64_t t, char ret[CORDON_TIME_TEXT]) {
    struct cdn_buf b;
    cdn_buf_fixed(&b, ret, CORDON_TIME_TEXT - 1);
    cdn_time_write(&b, t);
    ret[b.n] = '\0';
    return b.n;
}
