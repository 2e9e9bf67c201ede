# Accounts, passwords, votes, spaces and custodial keys: the requests that change a node's own state.
set(CORE_ACCOUNTS_SOURCES
    accounts.c attempts.c auth.c entry.c compose.c custody.c links.c logins.c make.c meta.c password.c votes.c
    write.c write_account.c write_take_out.c write_space.c write_vote.c)
