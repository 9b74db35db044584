/* SPDX-License-Identifier: Apache-2.0 */
/* rulebook.c: loading the rulebook that a command names, and showing its messages. */
#include "cli.h"

int load_rulebook(const struct args *a, const cordon_compile_options *o, bool json, cordon_rulebook **ret) {
    cordon_error e = {0};
    cordon_rulebook *rb = NULL;
    const int err = cordon_rulebook_load(a->words, a->word_count, o, &rb, &e);
    progress_end();
    if (!err) {
        *ret = rb;
        return EXIT_OK;
    }
    if (!rb)
        return say_error(NULL, &e);
    cordon_buffer out = {0};
    const bool colour = paint_for(stderr)->bold[0] != '\0';
    const int written = json ? cordon_rulebook_messages_to_json(rb, &out)
                             : cordon_rulebook_messages_to_text(rb, colour, &out);
    if (!written)
        (void)fwrite(out.p, 1, out.n, json ? stdout : stderr);
    const uint32_t errors = cordon_rulebook_message_count(rb, 1);
    if (!json)
        (void)fprintf(stderr, "%u error%s; nothing was compiled\n", errors, errors == 1 ? "" : "s");
    cordon_buffer_free(&out);
    cordon_rulebook_free(rb);
    return EXIT_FINDINGS;
}
