# Nodes in a network moved by hand.
fora_test(core_replication_test SOURCES tests/replication_test.c tests/net.c LIBS forad_core fora_fixture)
