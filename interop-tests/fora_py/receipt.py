"""Receipts (section 3a): which objects of a thread, and which statements of a policy, stand where a
date is disputed."""

import copy

from .text import hash_

RECEIPT = 20


def comes_out(leaves, root, object_id, index, path):
    """RCP-2."""
    if index >= leaves:
        return False
    node, i, n, path = hash_("fora.v1.merkle.leaf", object_id), index, leaves, list(path)
    while n > 1:
        if i % 2 or i + 1 < n:
            if not path:
                return False
            other = path.pop(0)
            node = hash_("fora.v1.merkle.node", *((other, node) if i % 2 else (node, other)))
        i, n = i // 2, (n + 1) // 2
    return not path and node == root


def proves(body, object_id):
    return not body.erased and any(
        p.object == object_id and comes_out(body.leaves, body.objects_root, p.object, p.index, p.path)
        for p in body.proofs)


def homes(log):
    """Of the winning branch."""
    found = {log.create.home}
    for id_ in log.state().branch:
        if log.bodies[id_].HasField("home"):
            found.add(log.bodies[id_].home.home)
    return found - {b""}


def _custodial(log, key):
    listed = list(log.create.keys) + [b.add_key for b in log.bodies.values() if b.HasField("add_key")]
    return any(k.custodial for k in listed if k.sign == key)


def _is_witness(policy, log, key, logs, receipt):
    node = logs.get(receipt.author)
    if node is None or node.create.type != 2 or receipt.h.key in node.state().disputed:
        return False
    home = receipt.author in homes(log)
    if _custodial(log, key):
        return not home and _hosts(policy, receipt.author)
    return home or _hosts(policy, receipt.author)


def _hosts(policy, node):
    return node in policy.hosts() or node == policy.owner()


def stands(policy, logs, items, o):
    """RCP-3, RCP-4."""
    log = logs.get(o.author)
    if o.h.kind == RECEIPT or log is None or o.h.key not in log.state().disputed:
        return True
    revoked = log.state().keys[o.h.key][1]
    return any(r.h.kind == RECEIPT and r.content is not None and r.body().accepted_at < revoked
               and proves(r.body(), o.id) and _is_witness(policy, log, o.h.key, logs, r)
               for r in items)


def apply(policy, logs, items):
    """RCP-5: the same objects; those that do not stand are without content."""
    out = []
    for o in items:
        if not stands(policy, logs, items, o):
            o = copy.copy(o)
            o.content = None
        out.append(o)
    return out


def judge(policy, logs, items):
    """RCP-9: takes the effect from statements that do not stand; how many. `items` are the space's
    objects that belong to no thread."""
    receipts = [r for r in items if r.h.kind == RECEIPT and not r.h.root and r.h.space == policy.space]
    disputed = [o for o, _ in policy.statements.values() if o.id != policy.space
                and o.author in logs and o.h.key in logs[o.author].state().disputed]
    policy.fall({o.id for o in disputed})
    fallen = {o.id for o in disputed if not stands(policy, logs, receipts, o)}
    policy.fall(fallen)
    return len(fallen)
