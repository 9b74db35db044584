/* SPDX-License-Identifier: Apache-2.0 */
/* handlers.h: what runs for each operation; routes.c says which. */
#ifndef CORDOND_HANDLERS_H
#define CORDOND_HANDLERS_H

#include "server.h"

/* answers.c: decisions */
enum handled answer_decide(struct call *c);
enum handled answer_enforce(struct call *c);
enum handled answer_explain(struct call *c); /* on the lane */
enum handled answer_screen(struct call *c);  /* on the lane */
/* state.c: the service's views and acts, on the lane */
enum handled state_look(struct call *c);
enum handled state_do(struct call *c);
enum handled state_tile(struct call *c);
enum handled state_duties_csv(struct call *c);
/* pages.c: the server's own */
enum handled page_health(struct call *c);
enum handled page_ready(struct call *c);
enum handled page_metrics(struct call *c);
enum handled page_status(struct call *c);
enum handled page_openapi(struct call *c);
enum handled page_version(struct call *c);

#endif
