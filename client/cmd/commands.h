/* The handlers of all commands, and their rows. */
#ifndef FORA_CMD_COMMANDS_H
#define FORA_CMD_COMMANDS_H

#include "cmd/app.h"

int run_help(struct app *app);
int run_generate(struct app *app);
/* account.c */
int run_register(struct app *app);
int run_login(struct app *app);
int run_logout(struct app *app);
int run_whoami(struct app *app);
/* identity*.c */
int run_identity_new(struct app *app);
int run_identity_show(struct app *app);
int run_identity_devices(struct app *app);
int run_identity_join(struct app *app);
int run_identity_add_device(struct app *app);
int run_identity_revoke(struct app *app);
int run_identity_rotate(struct app *app);
int run_identity_publish(struct app *app);
int run_identity_move(struct app *app);
int run_identity_takeout(struct app *app);
int run_identity_export(struct app *app);
int run_identity_import(struct app *app);
int run_identity_kit(struct app *app);
int run_identity_recover(struct app *app);
/* profile.c */
int run_profile(struct app *app);
/* reputation.c */
int run_reputation_show(struct app *app);
int run_reputation_verify(struct app *app);
int run_reputation_bundle(struct app *app);
int run_reputation_verify_bundle(struct app *app);
/* attest.c */
int run_reputation_award(struct app *app);
int run_reputation_nominate(struct app *app);
int run_reputation_affiliate(struct app *app);
int run_reputation_delegate(struct app *app);
int run_reputation_end(struct app *app);
int run_reputation_export(struct app *app);
int run_reputation_publish(struct app *app);
int run_reputation_withhold(struct app *app);
/* spaces.c */
int run_spaces(struct app *app);
int run_space_show(struct app *app);
/* policy.c */
int run_space_create(struct app *app);
int run_space_set(struct app *app);
int run_space_grant(struct app *app); /* and revoke */
int run_space_host(struct app *app);
/* threads.c */
int run_threads(struct app *app);
/* show.c */
int run_show(struct app *app);
/* inbox.c */
int run_inbox(struct app *app);
/* write.c */
int run_thread(struct app *app); /* ask, discuss, idea, article, media, announce */
int run_post(struct app *app);   /* answer, comment */
int run_edit(struct app *app);
int run_retract(struct app *app);
/* resolve.c */
int run_vote(struct app *app);
int run_resolve(struct app *app); /* accept, confirm, verify, workaround, supersede, regressed */
int run_duplicate(struct app *app);
int run_cite(struct app *app);
/* status.c */
int run_status(struct app *app);
/* moderate.c */
int run_flag(struct app *app);
int run_flags(struct app *app);
int run_moderate(struct app *app); /* hide, unhide, lock, unlock, close, reopen, pin, unpin, erase,
                                      dismiss */
int run_move(struct app *app);
/* follow.c, watch.c */
int run_follow(struct app *app); /* and unfollow */
int run_watch(struct app *app);
/* The name of what is followed, cleaned. */
void follow_name(struct state_follow *follow, struct fora_bytes foreign);

extern const struct cmd_program fora_program; /* program.c */

/* Options that several commands share. */
extern const struct cmd_option opt_space, opt_text, opt_file, opt_tag, opt_applies_to, opt_limit,
    opt_mention, opt_note, opt_reason, opt_password_file, opt_passphrase_file, opt_no_passphrase,
    opt_label;

#define CMD_ROWS(X)                                                                                \
    X(spaces)                                                                                      \
    X(threads)                                                                                     \
    X(show)                                                                                        \
    X(inbox)                                                                                       \
    X(watch)                                                                                       \
    X(follow)                                                                                      \
    X(unfollow)                                                                                    \
    X(status)                                                                                      \
    X(ask)                                                                                         \
    X(discuss)                                                                                     \
    X(idea)                                                                                        \
    X(article)                                                                                     \
    X(media)                                                                                       \
    X(announce)                                                                                    \
    X(answer)                                                                                      \
    X(comment)                                                                                     \
    X(edit)                                                                                        \
    X(retract)                                                                                     \
    X(vote)                                                                                        \
    X(accept)                                                                                      \
    X(confirm)                                                                                     \
    X(verify)                                                                                      \
    X(workaround)                                                                                  \
    X(supersede)                                                                                   \
    X(regressed)                                                                                   \
    X(duplicate)                                                                                   \
    X(cite)                                                                                        \
    X(flag)                                                                                        \
    X(flags)                                                                                       \
    X(dismiss)                                                                                     \
    X(hide)                                                                                        \
    X(unhide)                                                                                      \
    X(lock)                                                                                        \
    X(unlock)                                                                                      \
    X(close)                                                                                       \
    X(reopen)                                                                                      \
    X(pin)                                                                                         \
    X(unpin)                                                                                       \
    X(move)                                                                                        \
    X(erase)                                                                                       \
    X(register)                                                                                    \
    X(login)                                                                                       \
    X(logout)                                                                                      \
    X(whoami)                                                                                      \
    X(profile)                                                                                     \
    X(identity_new)                                                                                \
    X(identity_show)                                                                               \
    X(identity_devices)                                                                            \
    X(identity_join)                                                                               \
    X(identity_add_device)                                                                         \
    X(identity_revoke)                                                                             \
    X(identity_rotate)                                                                             \
    X(identity_publish)                                                                            \
    X(identity_move)                                                                               \
    X(identity_takeout)                                                                            \
    X(identity_export)                                                                             \
    X(identity_import)                                                                             \
    X(identity_kit)                                                                                \
    X(identity_recover)                                                                            \
    X(reputation_show)                                                                             \
    X(reputation_verify)                                                                           \
    X(reputation_bundle)                                                                           \
    X(reputation_verify_bundle)                                                                    \
    X(reputation_export)                                                                           \
    X(reputation_nominate)                                                                         \
    X(reputation_award)                                                                            \
    X(reputation_affiliate)                                                                        \
    X(reputation_delegate)                                                                         \
    X(reputation_end)                                                                              \
    X(reputation_withhold)                                                                         \
    X(reputation_publish)                                                                          \
    X(space_create)                                                                                \
    X(space_show)                                                                                  \
    X(space_set)                                                                                   \
    X(space_grant)                                                                                 \
    X(space_revoke)                                                                                \
    X(space_host)                                                                                  \
    X(help)                                                                                        \
    X(generate)

#define CMD_ROW_DECLARE(name) extern const struct cmd_command row_##name;
CMD_ROWS(CMD_ROW_DECLARE)
#undef CMD_ROW_DECLARE

#endif
