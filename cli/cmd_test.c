/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_test.c: cordon test */
#include "cli.h"

enum { ONLY, COVERAGE, GEODATA, NO_GEODATA, LISTS, LIST, ANY_LISTS, OWNERS, JSON, VERBOSE, QUIET };
static const struct option options[] = {
    [ONLY] = {"--only", 0, "TEXT", "scenarios whose title contains it"},
    [COVERAGE] = {"--coverage", 0, NULL, "each measure needs scenarios: a hit, a miss, its edges in time"},
    [GEODATA] = {"--geodata", 0, "FILE", "networks, as for build; repeat for several"},
    [NO_GEODATA] = {"--no-geodata", 0, NULL, "none"},
    [LISTS] = {"--lists", 0, "FOLDER", "listed parties, as for build"},
    [LIST] = {"--list", 0, "ID=FILE[,FILE…]", "a list from its files, as for build; repeat for several"},
    [ANY_LISTS] = {"--any-lists", 0, NULL, "of --list: also what is refused otherwise"},
    [OWNERS] = {"--owners", 0, "FILE", "who owns whom, as for build"},
    [JSON] = {"--json", 0, NULL, "one JSON object for each failed scenario, then the counts"},
    [VERBOSE] = {"--verbose", 'v', NULL, "name the scenarios that pass, too"},
    [QUIET] = {"--quiet", 'q', NULL, "no progress"},
};

static int run(const struct args *a) {
    cordon_compile_options o;
    cordon_compile_options_init(&o);
    o.owners = a->option[OWNERS];
    o.geodata = a->many;
    o.geodata_count = a->many_count;
    o.flags = a->option[NO_GEODATA] ? CORDON_BUILD_NO_GEODATA : 0;
    o.progress = progress;
    if (a->option[QUIET])
        progress_off();
    cordon_rulebook *rb = NULL;
    struct list_options lists;
    int status = read_list_options(
        "test", a->option[LISTS], NULL, a->option[ANY_LISTS], a->also, a->also_count, &lists, &o);
    status = status ? status : load_rulebook(a, &o, a->option[JSON] != NULL, &rb);
    if (status) {
        free_list_options(&lists);
        return status;
    }
    cordon_error e = {0};
    cordon_buffer out = {0};
    cordon_test_result result = {0};
    const uint32_t flags = (a->option[COVERAGE] ? CORDON_TEST_COVERAGE : 0) |
                           (a->option[JSON] ? CORDON_TEST_JSON : 0) |
                           (a->option[VERBOSE] ? CORDON_TEST_VERBOSE : 0);
    const int err = cordon_rulebook_test(
        rb, &o, cordon_text(a->option[ONLY] ? a->option[ONLY] : ""), flags, &out, &result, &e);
    progress_end();
    (void)fwrite(out.p ? out.p : "", 1, out.n, stdout);
    if (err)
        status = say_error("test", &e);
    else if (a->option[JSON])
        (void)printf("{\"failed\":%u,\"passed\":%u,\"scenarios\":%u,\"uncovered\":%u}\n",
                     result.failed,
                     result.passed,
                     result.scenarios,
                     result.uncovered);
    else
        (void)printf("%u scenarios: %u passed, %u failed\n", result.scenarios, result.passed, result.failed);
    if (!err && a->option[COVERAGE] && !a->option[JSON])
        (void)printf("%u measures lack a scenario\n", result.uncovered);
    if (!err && (result.failed || result.uncovered))
        status = EXIT_FINDINGS;
    if (!err && a->option[ONLY] && result.scenarios == 0)
        status = usage_error("test", "no scenario's title contains `%s`", a->option[ONLY]);
    cordon_buffer_free(&out);
    cordon_rulebook_free(rb);
    free_list_options(&lists);
    return status;
}

const struct command cmd_test = {
    .name = "test",
    .usage = "RULEBOOK… [--only TEXT] [--coverage]",
    .brief = "Run the scenarios that stand beside the measures.",
    .text = "Examples:\n"
            "  cordon test rulebooks\n"
            "  cordon test --only Sebastopol --verbose rulebooks\n"
            "\nExit status: 0 all passed; 1 failures, errors in the rulebook, or gaps with --coverage; 2 "
            "usage; 3 files.\n",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .repeat = GEODATA,
    .also = LIST,
    .least = 1,
    .most = 4096,
    .run = run,
};
