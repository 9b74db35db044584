#include "lists/priv.h"
#define S(f)                                                                                                 \
    void f(struct cdn_rd *r, struct cdn_list_source *s) {                                                    \
        (void)s;                                                                                             \
        cdn_rd_fail(r, CORDON_E_VERSION, "this format is not read yet");                                     \
    }
S(cdn_read_eu_csv)

S(cdn_read_us_csl) S(cdn_read_house_csv) S(cdn_read_house_jsonl)
