# Standing: counted beside the objects, issued, and read. Part of the core's library, which calls it
# from its transactions.
set(REPUTATION_DIR ${CMAKE_CURRENT_LIST_DIR})
target_sources(forad_core PRIVATE
    ${REPUTATION_DIR}/apply.c ${REPUTATION_DIR}/attested.c ${REPUTATION_DIR}/change.c ${REPUTATION_DIR}/check.c ${REPUTATION_DIR}/count.c ${REPUTATION_DIR}/credential.c ${REPUTATION_DIR}/evidence.c ${REPUTATION_DIR}/explain.c
    ${REPUTATION_DIR}/grant.c ${REPUTATION_DIR}/issue.c ${REPUTATION_DIR}/local.c ${REPUTATION_DIR}/page.c ${REPUTATION_DIR}/records.c ${REPUTATION_DIR}/waits.c)
target_link_libraries(forad_core PUBLIC fora_reputation)
