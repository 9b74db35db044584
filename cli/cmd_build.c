/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_build.c: cordon build */
#include "cli.h"

enum {
    OUT,
    GEODATA,
    NO_GEODATA,
    NO_SOURCE,
    STORE,
    ZONEINFO,
    LISTS,
    LIST,
    KNOWN_AT,
    ANY_LISTS,
    OWNERS,
    JSON,
    QUIET
};
static const struct option options[] = {
    [OUT] = {"--output", 'o', "SNAPSHOT", "where to put it (required)"},
    [GEODATA] = {"--geodata", 0, "FILE", "networks: .mmdb, .csv, .geofeed or libloc; repeat for several"},
    [NO_GEODATA] = {"--no-geodata", 0, NULL, "none, not even the system's libloc database"},
    [NO_SOURCE] = {"--no-source", 0, NULL, "leave the rulebook's JSON out of the snapshot"},
    [STORE] = {"--store", 0, NULL, "SNAPSHOT is a folder: a manifest and shared sections"},
    [ZONEINFO] = {"--zoneinfo", 0, "DIR", "time-zone database (default /usr/share/zoneinfo)"},
    [LISTS] = {"--lists", 0, "FOLDER", "lists kept by `cordon lists`: all that are in use"},
    [LIST] = {"--list", 0, "ID=FILE[,FILE…]", "a list from its files; repeat for several"},
    [KNOWN_AT] = {"--known-at", 0, "INSTANT", "of --lists: as they were known then"},
    [ANY_LISTS] = {"--any-lists", 0, NULL, "of --list: also what is refused otherwise (retired, cut short)"},
    [OWNERS] = {"--owners", 0, "FILE", "who owns whom: a file of links (docs/lists.md)"},
    [JSON] = {"--json", 0, NULL, "messages as JSON Lines, the result as one JSON object"},
    [QUIET] = {"--quiet", 'q', NULL, "no progress"},
};

static int run(const struct args *a) {
    if (!a->option[OUT])
        return usage_error("build", "where to? give -o SNAPSHOT");
    cordon_compile_options o;
    cordon_compile_options_init(&o);
    o.zoneinfo = a->option[ZONEINFO];
    o.owners = a->option[OWNERS];
    o.geodata = a->many;
    o.geodata_count = a->many_count;
    o.flags = (a->option[STORE] ? CORDON_BUILD_STORE : 0) |
              (a->option[NO_SOURCE] ? CORDON_BUILD_NO_SOURCE : 0) |
              (a->option[NO_GEODATA] ? CORDON_BUILD_NO_GEODATA : 0);
    o.progress = progress;
    if (a->option[QUIET])
        progress_off();
    cordon_rulebook *rb = NULL;
    struct list_options lists;
    int status = read_list_options("build",
                                   a->option[LISTS],
                                   a->option[KNOWN_AT],
                                   a->option[ANY_LISTS],
                                   a->also,
                                   a->also_count,
                                   &lists,
                                   &o);
    status = status ? status : load_rulebook(a, &o, a->option[JSON] != NULL, &rb);
    if (status) {
        free_list_options(&lists);
        return status;
    }
    cordon_error e = {0};
    char digest[CORDON_DIGEST_TEXT];
    const int err = cordon_rulebook_build(rb, a->option[OUT], &o, digest, &e);
    progress_end();
    cordon_rulebook_stats n;
    cordon_rulebook_count(rb, &n);
    if (err)
        status = say_error(a->option[OUT], &e);
    else if (a->option[JSON])
        (void)printf("{\"files\":%u,\"measures\":%u,\"snapshot\":\"%s\"}\n",
                     n.files,
                     n.measures + n.licences + n.statutes + n.protections,
                     digest);
    else
        (void)printf("%s  %s\n  %u measures, %u licences, %u statutes, %u protections, %u territories, %u "
                     "lists from %u files\n",
                     a->option[OUT],
                     digest,
                     n.measures,
                     n.licences,
                     n.statutes,
                     n.protections,
                     n.territories,
                     n.lists,
                     n.files);
    cordon_rulebook_free(rb);
    free_list_options(&lists);
    return status;
}

const struct command cmd_build = {
    .name = "build",
    .usage = "RULEBOOK… -o SNAPSHOT [options]",
    .brief = "Compile rulebooks (files or folders) into one snapshot.",
    .text =
        "The file appears under its name only when it is complete and on disk. The same inputs give the\n"
        "same digest on every machine.\n"
        "\nExamples:\n"
        "  cordon build rulebooks -o rules.snapshot\n"
        "  cordon build rulebooks --geodata GeoLite2-Country.mmdb -o rules.snapshot\n"
        "  cordon build rulebooks --lists /var/lib/cordon/lists -o rules.snapshot\n"
        "  cordon build rulebooks --list us/sdn=sdn.csv,alt.csv,add.csv --list eu/consolidated=eu.xml -o "
        "rules.snapshot\n"
        "\nExit status: 0 built; 1 errors in the rulebook; 2 usage; 3 a file cannot be read or written.\n",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .repeat = GEODATA,
    .also = LIST,
    .least = 1,
    .most = 4096,
    .run = run,
};
