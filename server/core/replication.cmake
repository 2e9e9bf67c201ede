# Nodes in a network moved by hand.
fora_test(core_replication_test SOURCES tests/replication_test.c tests/net.c LIBS forad_core fora_fixture)
# A node and somebody who means no good.
fora_test(core_hostile_test SOURCES tests/hostile_test.c tests/story.c tests/guest.c tests/net.c
    LIBS forad_core fora_fixture)
# What is not for everybody, asked for by everybody.
fora_test(core_audience_test SOURCES tests/audience_test.c tests/story.c tests/guest.c tests/net.c
    LIBS forad_core fora_fixture)
# A peer that was dialled, and answers with what is not so.
fora_test(core_liar_test SOURCES tests/liar_test.c tests/story.c tests/guest.c tests/net.c
    LIBS forad_core fora_fixture)
# Where an object is, as a node tells its members.
fora_test(core_delivery_test SOURCES tests/delivery_test.c tests/story.c tests/guest.c tests/net.c
    LIBS forad_core fora_fixture)
# Who may bring what.
fora_test(core_peering_test SOURCES tests/peering_test.c tests/story.c tests/guest.c tests/net.c
    LIBS forad_core fora_fixture)
# How much.
fora_test(core_quota_test SOURCES tests/quota_test.c tests/story.c tests/guest.c tests/net.c
    LIBS forad_core fora_fixture)
# What is told of peers, against what went over.
fora_test(core_peer_status_test SOURCES tests/peer_status_test.c tests/story.c tests/guest.c
    tests/net.c
    LIBS forad_core fora_fixture)
# Pushing and catching up.
fora_test(core_push_test SOURCES tests/push_test.c tests/story.c tests/guest.c tests/net.c
    LIBS forad_core fora_fixture)
# What those take who do not read.
fora_test(core_flow_test SOURCES tests/flow_test.c tests/story.c tests/guest.c tests/net.c
    LIBS forad_core fora_fixture)
# What sessions rest on.
foreach(name proof proof_race)
    fora_test(core_${name}_test
        SOURCES tests/${name}_test.c tests/proof_rig.c tests/story.c tests/guest.c tests/net.c
        LIBS forad_core fora_fixture)
endforeach()
# Contents that are wanted of others.
fora_test(core_lacking_test SOURCES tests/lacking_test.c tests/story.c tests/guest.c tests/net.c
    LIBS forad_core fora_fixture)
# How often it may be tried who somebody is.
fora_test(core_logins_test SOURCES tests/logins_test.c tests/story.c tests/guest.c tests/net.c
    LIBS forad_core fora_fixture)
# What a domain or a handle names, asked through the node (DOM-8).
fora_test(core_resolve_test SOURCES tests/resolve_test.c tests/guest.c tests/net.c LIBS forad_core fora_fixture)
# Credentials of what a node stated (VC-3).
fora_test(core_credentials_test SOURCES tests/credentials_test.c tests/story.c tests/guest.c tests/net.c
    LIBS forad_core fora_fixture)
# Mentions told to the home of who is mentioned.
foreach(name notice notice_hostile)
    fora_test(core_${name}_test
        SOURCES tests/${name}_test.c tests/notice_rig.c tests/guest.c tests/net.c
        LIBS forad_core fora_fixture)
endforeach()
# Whose work goes first.
fora_test(core_turns_test SOURCES tests/turns_test.c tests/story.c tests/guest.c tests/net.c
    LIBS forad_core fora_fixture)
