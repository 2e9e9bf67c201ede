# Which nodes may bring what: records, lanes, quotas, decisions.
set(CORE_PEERING_SOURCES
    bucket.c known.c lane.c peer_record.c peer_status.c peers.c quota.c write_peering.c)
