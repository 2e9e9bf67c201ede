/* What is kept of Notices: table NOTICES (notice.h). */
#include "core/notice.h"

#include <string.h>

enum { FORMAT = 1, HEAD_SIZE = 1 + FORA_ID_SIZE + SEQ_SIZE + FORA_ID_SIZE, MARK_SIZE = 32 + 4 };

static void order_key(struct store_key *key, uint64_t number)
{
    uint8_t name[SEQ_SIZE];
    seq_put(name, number);
    key_name(key, 'o', fora_bytes(name, sizeof name));
}

static void total_key(struct store_key *key)
{
    key_name(key, 's', fora_bytes_str(""));
}

static uint64_t total_get(struct kv_txn *txn)
{
    struct store_key key;
    struct fora_bytes value;
    total_key(&key);
    return kv_get(txn, T_NOTICES, store_key_bytes(&key), &value) && value.size == SEQ_SIZE
               ? seq_get(value.data)
               : 0;
}

static void total_put(struct kv_txn *txn, uint64_t total)
{
    struct store_key key;
    uint8_t value[SEQ_SIZE];
    total_key(&key);
    seq_put(value, total);
    kv_put(txn, T_NOTICES, store_key_bytes(&key), fora_bytes(value, sizeof value));
}

/* The number of the last that came; 0: there is none. */
static uint64_t last_number(struct kv_txn *txn)
{
    struct store_key key;
    struct fora_bytes found;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_NOTICES);
    key_name(&key, 'o' + 1, fora_bytes_str(""));
    bool there = kv_seek_before(cursor, store_key_bytes(&key), &found, NULL) &&
                 found.size == 1 + SEQ_SIZE && found.data[0] == 'o';
    uint64_t number = there ? seq_get(found.data + 1) : 0;
    kv_cursor_close(cursor);
    return number;
}

static void drop(struct kv_txn *txn, uint64_t number)
{
    struct store_key key, order;
    struct fora_bytes value;
    struct fora_principal_id member;
    order_key(&order, number);
    if (!kv_get(txn, T_NOTICES, store_key_bytes(&order), &value) || value.size != MARK_SIZE) {
        kv_delete(txn, T_NOTICES, store_key_bytes(&order));
        return;
    }
    memcpy(member.b, value.data, sizeof member.b);
    uint64_t size = key_be32(value.data + sizeof member.b), total = total_get(txn);
    key_mention(&key, &member, number);
    kv_delete(txn, T_NOTICES, store_key_bytes(&key));
    kv_delete(txn, T_NOTICES, store_key_bytes(&order));
    total_put(txn, total > size ? total - size : 0);
}

/* The oldest of all; false when there is none. */
static bool drop_oldest(struct kv_txn *txn)
{
    struct store_key key;
    struct fora_bytes found;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_NOTICES);
    order_key(&key, 0);
    bool there = kv_seek(cursor, store_key_bytes(&key), &found, NULL) &&
                 found.size == 1 + SEQ_SIZE && found.data[0] == 'o';
    uint64_t number = there ? seq_get(found.data + 1) : 0;
    kv_cursor_close(cursor);
    if (there) {
        drop(txn, number);
    }
    return there;
}

bool notices_before(struct kv_txn *txn, const struct fora_principal_id *member, uint64_t below,
    struct notice_kept *out)
{
    static const uint64_t most = ((uint64_t)1 << (8 * SEQ_SIZE)) - 1;
    struct store_key key;
    struct fora_bytes found, value;
    uint8_t of[ID_PREFIX_SIZE];
    struct kv_cursor *cursor = kv_cursor_open(txn, T_NOTICES);
    key_mention(&key, member, below < most ? below : most);
    bool there = kv_seek_before(cursor, store_key_bytes(&key), &found, &value) &&
                 key_mention_parse(found, of, &out->number) &&
                 memcmp(of, member->b, sizeof of) == 0 && value.size > HEAD_SIZE &&
                 value.data[0] == FORMAT;
    kv_cursor_close(cursor);
    if (there) {
        const uint8_t *at = value.data + 1;
        memcpy(out->id.b, at, FORA_ID_SIZE);
        out->seq = seq_get(at + FORA_ID_SIZE);
        memcpy(out->from.b, at + FORA_ID_SIZE + SEQ_SIZE, FORA_ID_SIZE);
        out->frame = fora_bytes(value.data + HEAD_SIZE, value.size - HEAD_SIZE);
    }
    return there;
}

/* Has she been told of the object before? Else makes room for one more of hers. */
static bool told(
    struct kv_txn *txn, const struct fora_principal_id *member, const struct fora_object_id *id)
{
    struct notice_kept kept;
    uint64_t below = UINT64_MAX, oldest = 0;
    size_t count = 0;
    while (notices_before(txn, member, below, &kept)) {
        if (memcmp(kept.id.b, id->b, sizeof id->b) == 0) {
            return true;
        }
        below = oldest = kept.number;
        count++;
    }
    if (count >= NOTICES_MEMBER_MAX) {
        drop(txn, oldest);
    }
    return false;
}

struct keeping {
    struct write *write;
    const struct fora_object *object;
    struct fora_bytes frame;
};

static int keep(void *context, const struct fora_principal_id *member)
{
    const struct keeping *keeping = context;
    struct kv_txn *txn = keeping->write->kv;
    struct store_key key, order;
    struct fora_buf value = {0};
    uint8_t seq[SEQ_SIZE], mark[MARK_SIZE];
    if (told(txn, member, &keeping->object->id)) {
        return 0;
    }
    size_t size = HEAD_SIZE + keeping->frame.size;
    uint64_t total;
    while ((total = total_get(txn)) + size > NOTICES_BYTES_MAX && drop_oldest(txn)) {
    }
    uint64_t number = last_number(txn) + 1;
    seq_put(seq, objects_last(txn));
    fora_buf_u8(&value, FORMAT);
    fora_buf_append(&value, keeping->object->id.b, FORA_ID_SIZE);
    fora_buf_append(&value, seq, sizeof seq);
    fora_buf_append(&value, keeping->write->job->asker.node.b, FORA_ID_SIZE);
    fora_buf_append_bytes(&value, keeping->frame);
    memcpy(mark, member->b, FORA_ID_SIZE);
    for (int i = 0; i < 4; i++) {
        mark[FORA_ID_SIZE + i] = (uint8_t)(size >> (8 * (3 - i)));
    }
    key_mention(&key, member, number);
    order_key(&order, number);
    int rc = value.error;
    if (rc == 0) {
        kv_put(txn, T_NOTICES, store_key_bytes(&key), fora_buf_bytes(&value));
        kv_put(txn, T_NOTICES, store_key_bytes(&order), fora_bytes(mark, sizeof mark));
        total_put(txn, total + size);
    }
    fora_buf_fini(&value);
    return rc;
}

int write_notice(struct write *write)
{
    struct fora_object object;
    struct fora_buf frame = {0};
    struct fora_message told = {.type = FORA_MSG_NOTICE, .u.notice = write->request->u.notice};
    told.u.notice.forwarded = false;
    /* Written anew: what else was in the frame nobody has counted. */
    int rc = fora_message_encode(&frame, &told);
    rc = rc == 0 ? fora_object_decode(&object, told.u.notice.object) : rc;
    if (rc == 0) {
        const struct fora_bytes bytes = fora_buf_bytes(&frame);
        struct keeping keeping = {write, &object, fora_bytes(bytes.data + 4, bytes.size - 4)};
        rc = notice_at_home(write->kv, &write->env->self, &object, keep, &keeping);
    }
    fora_buf_fini(&frame);
    write->answer.type = FORA_MSG_OK;
    return rc;
}
