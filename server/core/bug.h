/*
 * Deliberate bugs, for the simulator to find (docs/simulator.md): a check that never failed proves
 * nothing. They exist only where the core is compiled with FORA_SIM_BUGS, which is a library of its
 * own and linked with nothing but the simulator's second program; everywhere else SIM_BUG() is the
 * constant false, and the compiler leaves nothing of it.
 */
#ifndef FORAD_CORE_BUG_H
#define FORAD_CORE_BUG_H

#include <stdbool.h>

#ifdef FORA_SIM_BUGS

/* X(NAME, "name", "what is wrong") */
#define SIM_BUGS(X)                                                                                \
    X(VERIFY_SKIPPED, "verify-skipped", "signatures are not verified")                             \
    X(ACK_EARLY, "ack-early", "a member is told 'stored' before the commit")                       \
    X(VIEW_ORDER, "view-order", "a view leaves out what arrived after something newer")            \
    X(CURSOR_LOST, "cursor-lost", "cursors are not stored")                                        \
    X(CURSOR_AHEAD, "cursor-ahead", "a cursor is stored before the objects that it stands behind") \
    X(ECHO_BROAD, "echo-broad", "what one peer brought is sent to no peer")                        \
    X(NEED_IGNORED, "need-ignored", "what a reconciliation finds missing is not fetched")          \
    X(PENDING_DROPPED, "pending-dropped", "what is to wait is thrown away")                        \
    X(SUPERSEDED_STAYS, "superseded-stays", "what was replaced does not leave its set")            \
    X(AUTHOR_ALONE, "author-alone", "an author's identity does not join the set")                  \
    X(REFUSAL_WIDE, "refusal-wide", "every refusal is remembered for ever")                        \
    X(INFLIGHT_LEAK, "inflight-leak", "batches of ended connections count for ever")               \
    X(SLOT_BY_ARRIVAL, "slot-by-arrival", "of two in a slot the one that came last stands")        \
    X(ERASED_RETURNS, "erased-returns", "a copy brings erased content back")                       \
    X(TOUCH_LOST, "touch-lost", "what comes while a follower is read for is not noticed")          \
    X(POLICY_STALE, "policy-stale", "rows are made by the policy that was read first")             \
    X(NEWS_ALONE, "news-alone", "what an author says of herself later joins no set")

enum sim_bug {
#define SIM_BUG_ENUM(name, word, what) SIM_BUG_##name,
    SIM_BUGS(SIM_BUG_ENUM)
#undef SIM_BUG_ENUM
        SIM_BUG_COUNT
};

bool sim_bug(enum sim_bug bug); /* of the program: is it switched on? */
#define SIM_BUG(name) sim_bug(SIM_BUG_##name)

#else
#define SIM_BUG(name) (false)
#endif

#endif
