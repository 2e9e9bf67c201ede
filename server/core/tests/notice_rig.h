/* Nodes, homes and members for tests of Notices (REP-20 to REP-23). */
#ifndef FORAD_CORE_TESTS_NOTICE_RIG_H
#define FORAD_CORE_TESTS_NOTICE_RIG_H

#include "core/notice.h"
#include "guest.h"

/* bob's home is a, which has the space; ann's is b, and later c. Neither of these has the space; a
 * and b are connected, and b and c, by another one. */
struct notice_scene {
    struct net net;
    struct fx fx;
    struct net_node *a, *b, *c;
    struct fora_space_id beer, wine;
    struct fx_who *ann;
    struct guest bob;
    const struct fora_object *at_b, *at_c; /* entries of her log */
};

void notice_account(struct net_node *node, const char *handle, const struct fx_who *who);
void notice_sign_up(struct guest *guest, const char *handle);
int notice_setup(void **state);
int notice_teardown(void **state);
/* How much of her log a node has; and everybody is connected. */
void notice_begin(struct notice_scene *s, size_t at_a, size_t at_b, size_t at_c);
/* bob begins a thread that mentions her. */
void notice_ask(struct notice_scene *s, const char *title);
/* What she is listed at a node. The answer is in the arena. */
struct fora_msg_mentions notice_listed(
    struct notice_scene *s, struct net_node *node, struct fora_arena *arena);
size_t notice_count(struct notice_scene *s, struct net_node *node);
const struct fora_object *notice_mention(struct notice_scene *s, struct fx_who *who,
    const struct fora_principal_id *whom, const char *title);
/* The code that a Notice is answered with; 0: Ok. */
int notice_tell(struct guest *guest, struct fora_bytes object, const struct fora_bytes *log,
    size_t count, bool forwarded);

#endif
