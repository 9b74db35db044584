/* SPDX-License-Identifier: Apache-2.0 */
/* scene.h: a scenario's request while it is read; private to parse_given.c and parse_scenario.c. Lists grow
 * here and are handed to the struct cdn_request when the scenario ends. */
#ifndef CDN_RULEBOOK_SCENE_H
#define CDN_RULEBOOK_SCENE_H

#include "rulebook/priv.h"

struct cdn_scene_owner {
    struct cdn_ownership own;
    uint8_t role; /* of the owner, when it is a party; 0: by name */
    struct cdn_token at;
};
struct cdn_scene_item { /* a party, an object, or the request itself */
    uint8_t owner;      /* CDN_OWNER_* */
    uint8_t index;      /* role or object kind */
    const struct cdn_value *facts[CDN_FACT_SLOTS];
    struct cdn_given_fact *given;
    struct cdn_evidence *evidence;
    uint32_t given_count, evidence_count;
    /* parties only */
    cordon_str name, gender;
    uint8_t birth_have, relations_have, owners_have, listed_have;
    struct cdn_when birth;
    bool has_here; /* a relation to the request's own service */
    struct cdn_relation here;
    struct cdn_relation *relations;
    struct cdn_identifier *identifiers;
    struct cdn_scene_owner *owners;
    struct cdn_listed *listed;
    uint32_t relation_count, identifier_count, owner_count, listed_count;
};
struct cdn_scene_state {
    struct cdn_state state;
    uint8_t role; /* whom it is about; 0: nobody in particular */
    struct cdn_token at;
};
struct cdn_scene {
    struct cdn_scene_item request;
    struct cdn_scene_item *items; /* parties and objects in the order of the text */
    struct cdn_scene_state *state;
    uint32_t item_count, state_count;
};

/* The rest of a party's or object's own line. */
bool cdn_rb_scene_head(struct cdn_parser *p, struct cdn_scene_item *item);
/* One line below it. */
bool cdn_rb_scene_detail(struct cdn_parser *p, struct cdn_scene_item *item);
/* The value of a fact whose name (`name`) was just read, or of the word at the cursor for a kind. */
bool cdn_rb_scene_fact(struct cdn_parser *p,
                       struct cdn_scene_item *item,
                       uint16_t fact,
                       const struct cdn_token *name);
/* `state …` after the keyword. */
bool cdn_rb_scene_state(struct cdn_parser *p, struct cdn_scene *scene);

#endif
