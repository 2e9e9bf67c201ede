/*
 * What one carries from node to node (ATT-15 to ATT-17): gathered from the node that is asked, from
 * a bundle, from what was carried before and from what this machine kept; chosen, fitted into one
 * object, and stored where one is a member.
 *
 * The file "carried-foram1..." of the client's folder is a bundle about that member, oneself, made
 * whenever there is one to be had: a home that is dead gives nothing any more.
 */
#ifndef FORA_CMD_CARRY_H
#define FORA_CMD_CARRY_H

#include "cmd/reputation.h"

struct carry_options {
    const char *file;       /* a bundle to take as well, or NULL */
    bool refresh;           /* only where something is carried already */
    bool say;               /* adds a line for each claim to what is shown */
    struct js_writer *list; /* or here, to the array that is open; NULL: nowhere */
};
struct carry_result {
    size_t claims;   /* about her, that are carried now */
    size_t left_out; /* that would not fit */
    size_t objects;
    size_t bytes;
    bool stored; /* false: it was so already, or there is nothing */
    struct fora_object_id id;
};

/* Keeps what was loaded about oneself, beside what was kept before. Everything else is passed over;
 * a failure says what, and is none of the command's. */
void carry_keep(struct reputation *r);
/* Asks the node that is connected about `member` and keeps the answer, as far as it goes. */
void carry_remember(struct app *app, const struct fora_principal_id *member);

/* Takes a bundle (encoded) about r->subject; another one's is refused with a sentence. An exit
 * code. */
int carry_take(struct reputation *r, struct fora_bytes encoded);
/* The same of what was kept about r->subject; there may be nothing. */
int carry_take_kept(struct reputation *r);
/* Stores what is to be carried at the node that is connected, where one is logged in. An exit code.
 */
int carry_publish(struct app *app, const struct carry_options *options, struct carry_result *out);

/* --- choosing (carry_choose.c) --- */

/* What goes together into one bundle: the claims that hold, and what they rest on. */
struct carry_choice {
    struct fora_object *objects; /* owned: as chosen, borrowing from r->objects */
    size_t count;
    size_t bytes;
    size_t claims;
    size_t left_out;
};
struct carry_room {
    size_t bytes;
    size_t objects;
    bool withheld; /* also what is not to be shown */
    bool own_log;  /* also her own log */
};
/* FORA_E_NOMEM. */
int carry_choose(
    struct reputation *r, const struct carry_room *room, struct carry_choice *out) FORA_MUST_USE;
void carry_choice_fini(struct carry_choice *choice);

#endif
