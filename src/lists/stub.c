#include "lists/priv.h"
#define S(f)                                                                                                 \
    void f(struct cdn_rd *r, struct cdn_list_source *s) {                                                    \
        (void)s;                                                                                             \
        cdn_rd_fail(r, CORDON_E_VERSION, "this format is not read yet");                                     \
    }
S(cdn_read_ofac_advanced)
S(cdn_read_ofac_enhanced)
S(cdn_read_eu_csv)
S(cdn_read_uk_xml)
S(cdn_read_uk_csv)
S(cdn_read_uk_conlist) S(cdn_read_ch_xml) S(cdn_read_us_csl) S(cdn_read_house_csv) S(cdn_read_house_jsonl)
