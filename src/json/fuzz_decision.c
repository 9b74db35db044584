/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a request under a rulebook with every kind of condition. A decision is JSON, the same a second
 * time, the same for the request written out and read again, and never `allow` by failing. */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "compile/compile.h"
#include "compile/fold_icu.h"
#include "decide/decide.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char rulebook_text[] =
    "operator shop \"Shop\"\n"
    "entity shop-inc \"Shop Inc.\" of shop in US\n"
    "service s \"S\" of shop is goods\n"
    "action a \"act\" needs customer may recipient, goods, payment\n"
    "action b \"b\" needs customer\n"
    "fact customer.tier code \"tier\"\n"
    "list us/sdn \"SDN\" issuer \"OFAC\"\n    source \"x\" <https://example.org>\n"
    "territory crimea \"Crimea\"\n    within UA, RU\n    includes UA-43, UA-40\n    name \"Crimea\", "
    "\"Krimea\"\n"
    "    ambiguous \"Yalta\" clear in RU\n    postal RU 295000 to 299999\n"
    "measure m/based\n    title \"t\"\n    basis policy of shop\n    source \"x\" <https://example.org>\n"
    "    effective 2022-03-05T00:00 America/New_York\n    deny a on s\n"
    "    when customer is new and customer based in {RU, BY}\n    notice en \"no\"\n    keep b\n"
    "measure m/crimea\n    title \"t\"\n    basis law \"31 CFR 589\" of us\n    source \"x\" "
    "<https://example.org>\n"
    "    effective 2014-12-19\n    deny a on s for recipient\n    when recipient located in crimea\n"
    "measure m/luxury\n    title \"t\"\n    basis law \"2022/428\" of eu\n    source \"x\" "
    "<https://example.org>\n"
    "    effective 2022-03-15\n    hold a on s\n    when any goods (it.hs under {\"8711\"} and it.unit_value "
    "> 300 EUR)\n"
    "measure m/freeze\n    title \"t\"\n    basis law \"31 CFR 501\" of us\n    source \"x\" "
    "<https://example.org>\n"
    "    effective 2003-01-01\n    freeze a on s for customer form retain\n"
    "    when customer is on list us/sdn or customer is owned 50 % or more by parties on us/sdn\n"
    "    duty report \"r\" to \"OFAC\" within 10 days\n"
    "measure m/cap\n    title \"t\"\n    basis policy of shop\n    source \"x\" <https://example.org>\n"
    "    effective 2022-01-01\n    limit a on s to 200 GBP per day\n    when customer.tier is free\n"
    "licence l/help\n    title \"t\"\n    basis law \"GL 1\" of us\n    source \"x\" <https://example.org>\n"
    "    effective 2022-01-01\n    lifts m/crimea, m/freeze\n    when request.purpose is humanitarian\n"
    "    on condition report \"r\" to \"OFAC\" within 10 days\n";

static struct cdn_snapshot *snapshot;
static struct cdn_decider *decider;
static struct cdn_json_texts *texts;
static struct cdn_buf with_texts;

static void must(bool ok) {
    if (!ok)
        abort(); /* allowed: this is how a fuzz target reports */
}

static void prepare(void) {
    static struct cdn_arena arena;
    struct cdn_diagnostics diags = {.arena = &arena};
    struct cdn_rulebook *rb = NULL;
    struct cdn_compiled compiled;
    struct cdn_buf fold;
    struct cdn_buf bundle;
    struct cordon_error e = {0};
    const struct cdn_rulebook_source source = {CDN_STR("fuzz.measure"), CDN_STR(rulebook_text)};
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    cdn_buf_init(&fold, &arena.as_alloc, CDN_MIB(16));
    cdn_buf_init(&bundle, &arena.as_alloc, CDN_MIB(64));
    const int err = cdn_rulebook_load(&source, 1, "/usr/share/zoneinfo", &arena, &diags, &rb);
    for (size_t i = 0; err && i < diags.count; i++) {
        struct cdn_buf text;
        cdn_buf_init(&text, &cdn_alloc_libc, CDN_MIB(1));
        cdn_diagnostic_write(&text, &source, &diags.items[i], false);
        (void)fwrite(text.p, 1, text.n, stderr);
        cdn_buf_free(&text);
    }
    must(err == 0);
    must(cdn_compile_fold(&cdn_alloc_libc, &fold, &e) == 0);
    const struct cdn_compile_options o = {.zoneinfo = "/usr/share/zoneinfo", .fold = cdn_buf_get(&fold)};
    must(cdn_compile(rb, &o, &arena, &compiled, &e) == 0);
    cdn_compile_bundle(&compiled, &bundle);
    must(cdn_snapshot_open_bytes(cdn_buf_get(&bundle), &cdn_alloc_libc, &snapshot, &e) == 0);
    must(cdn_decider_new(snapshot, &cdn_alloc_libc, &decider, &e) == 0);
    must(cdn_json_texts_new(snapshot, &cdn_alloc_libc, &texts) == 0);
    cdn_buf_init(&with_texts, &cdn_alloc_libc, CDN_MAX_DECISION_BYTES);
}

/* The decision as JSON in `out`; false: no decision. */
static bool answer(const struct cdn_request *r, int64_t at, struct cdn_arena *arena, struct cdn_buf *out) {
    struct cdn_result result;
    struct cdn_decision decision = {0};
    struct cordon_error e = {0};
    cdn_buf_clear(out);
    const int err = cdn_decide(decider, r, at, &result, &e);
    if (err) {
        must(result.verdict == CORDON_VERDICT_NONE && e.message[0]);
        return false;
    }
    must(result.verdict >= CORDON_VERDICT_ALLOW && result.verdict <= CORDON_VERDICT_FREEZE);
    must(result.changes_at > at);
    must(cdn_decision_build(decider, r, &result, at, at % 2 != 0, arena, &decision) == 0);
    must(decision.verdict == result.verdict);
    must(cdn_json_write_answer(out, &decision, snapshot, CDN_STR("")) == 0);
    cdn_buf_clear(&with_texts);
    must(cdn_json_write_decision_with(&with_texts, &decision, snapshot, texts) == 0);
    must(cdn_str_starts(cdn_str(out->p + sizeof("{\"decision\":") - 1, out->n - sizeof("{\"decision\":") + 1),
                        cdn_buf_get(&with_texts)));
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!snapshot)
        prepare();
    struct cdn_arena arena;
    struct cdn_buf out[3];
    struct cdn_buf text;
    struct cdn_request *r = NULL;
    struct cdn_request *again = NULL;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    for (unsigned i = 0; i < 3; i++)
        cdn_buf_init(&out[i], &cdn_alloc_libc, CDN_MAX_DECISION_BYTES);
    cdn_buf_init(&text, &cdn_alloc_libc, CDN_MIB(16));
    if (cdn_json_read_request(cdn_str((const char *)data, size), &arena, &r, NULL) == 0) {
        const int64_t at =
            INT64_C(1646000000) + (int64_t)(cdn_hash(cdn_str((const char *)data, size), 1) % 4000000);
        must(cdn_json_write_request(&text, r) == 0);
        must(cdn_json_read_request(cdn_buf_get(&text), &arena, &again, NULL) == 0);
        if (answer(r, at, &arena, &out[0])) {
            must(answer(r, at, &arena, &out[1]) && answer(again, at, &arena, &out[2]));
            must(cdn_str_eq(cdn_buf_get(&out[0]), cdn_buf_get(&out[1])));
            must(cdn_str_eq(cdn_buf_get(&out[0]), cdn_buf_get(&out[2])));
            if (out[0].n < CDN_MAX_REQUEST_BYTES)
                must(cdn_json_check(cdn_buf_get(&out[0]), &arena, NULL) == 0);
        }
    }
    for (unsigned i = 0; i < 3; i++)
        cdn_buf_free(&out[i]);
    cdn_buf_free(&text);
    cdn_arena_free(&arena);
    return 0;
}
