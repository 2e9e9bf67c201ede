/*
 * The sink of a running node: Put frames over the connection of its admin, whose objects the node
 * takes as history, by the rules of admission alone. Several Puts are under way at a time; the node
 * commits those of one connection in their order.
 */
#include "import/import.h"

#include "fora/client.h"
#include "fora/policy.h"

#include <stdlib.h>
#include <string.h>

enum {
    PUT_BYTES = 64 * 1024, /* of objects in a Put, unless one is larger */
    PUT_OBJECTS = 256,
    PUTS_MAX = 8,           /* under way */
    FRAME_ROOM = 4096,      /* of a frame beside its objects */
    LIST_ROOM = PUT_OBJECTS /* objects of a Put */
};

struct put {
    uint64_t request;
    size_t first; /* of the items */
    size_t count;
    size_t bytes;
};

struct online {
    struct fora_client *client; /* the caller's */
    struct import_item *items;  /* of the batch that is being sent */
    size_t count;
    size_t next; /* not sent yet */
    struct put puts[PUTS_MAX];
    size_t puts_first;
    size_t puts_count;
    size_t bytes; /* under way */
};

static int failed(int code, const struct fora_client_why *said, struct fora_buf *why)
{
    fora_buf_printf(why, "%s What was stored stays; run the import again", said->text);
    return code;
}

/* ---- finding a space ---- */

static int fold_row(const struct fora_msg_space_row *row, struct fora_policy **out)
{
    int rc = fora_policy_new(out);
    for (size_t i = 0; rc == 0 && i < row->policy_count; i++) {
        struct fora_object statement;
        rc = fora_object_decode(&statement, row->policy[i]);
        if (rc == 0) {
            rc = fora_object_verify(&statement);
        }
        if (rc == 0) {
            rc = fora_policy_add(*out, &statement);
        }
    }
    return rc;
}

static bool is_named(
    const struct fora_msg_space_row *row, const struct fora_policy *policy, const char *name)
{
    struct fora_space_id id;
    struct fora_bytes text = fora_bytes_str(name);
    if (fora_id_parse(id.b, FORA_HRP_SPACE, name) == 0) {
        return memcmp(id.b, row->space.b, FORA_ID_SIZE) == 0;
    }
    return fora_bytes_equal(fora_policy_slug(policy), text) ||
           fora_bytes_equal(fora_policy_name(policy), text);
}

static int online_find(
    void *context, const char *name, struct import_space *out, struct fora_buf *why)
{
    struct online *online = context;
    struct fora_message ask = {.type = FORA_MSG_LIST_SPACES};
    const struct fora_message *answer;
    struct fora_client_why said;
    size_t found = 0;
    int rc = fora_client_call(online->client, &ask, FORA_MSG_SPACES, &answer, &said);
    if (rc != 0) {
        return failed(rc, &said, why);
    }
    for (size_t i = 0; rc == 0 && i < answer->u.spaces.rows_count; i++) {
        const struct fora_msg_space_row *row = &answer->u.spaces.rows[i];
        struct fora_policy *policy = NULL;
        rc = fold_row(row, &policy);
        if (rc == 0 && is_named(row, policy, name)) {
            found++;
            out->id = row->space;
            out->owner = fora_policy_owner(policy);
        }
        fora_policy_free(policy);
    }
    if (rc == 0 && found > 1) {
        fora_buf_printf(why, "several spaces of the node are called \"%.100s\"; give the id", name);
        return FORA_E_USAGE;
    }
    return rc != 0 ? rc : found == 1 ? 0 : FORA_E_NOTFOUND;
}

/* The node founds a space itself, and makes who asks its admin. */
static int online_create(void *context, const struct fora_policy_statement *policy,
    struct fora_space_id *out, struct fora_buf *why)
{
    struct online *online = context;
    struct fora_content content = {.kind = FORA_KIND_POLICY, .u.policy = *policy};
    struct fora_message ask = {.type = FORA_MSG_CREATE_SPACE};
    const struct fora_message *answer;
    struct fora_client_why said;
    struct fora_buf encoded = {0};
    int rc = fora_content_encode_unsalted(&encoded, &content);
    if (rc == 0) {
        ask.u.create_space.policy = fora_buf_bytes(&encoded);
        rc = fora_client_call(online->client, &ask, FORA_MSG_SPACE_CREATED, &answer, &said);
        rc = rc != 0 ? failed(rc, &said, why) : 0;
    }
    if (rc == 0) {
        *out = answer->u.space_created.space;
    }
    fora_buf_fini(&encoded);
    return rc;
}

/* ---- sending ---- */

/* How many of the next items go into a Put. */
static struct put next_put(const struct online *online)
{
    struct put put = {.first = online->next};
    while (put.first + put.count < online->count && put.count < PUT_OBJECTS) {
        size_t size = online->items[put.first + put.count].object.encoded.size;
        if (put.count > 0 && put.bytes + size > PUT_BYTES) {
            break;
        }
        put.bytes += size;
        put.count++;
    }
    put.bytes += FRAME_ROOM;
    return put;
}

/*
 * The node's window is what it granted; a quarter of that may not have been given back yet
 * (FrameCredit, SES). Half of it is used: then sending never waits for credit, during which the
 * client would drop answers of Puts that are under way.
 */
static bool may_send(const struct online *online, const struct put *put)
{
    uint64_t window = fora_client_hello(online->client)->credit / 2;
    return online->puts_count == 0 ||
           (online->puts_count < PUTS_MAX && online->bytes + put->bytes <= window);
}

static int send_put(struct online *online, const struct put *put, struct fora_buf *why)
{
    struct fora_bytes list[LIST_ROOM];
    struct fora_message ask = {.type = FORA_MSG_PUT};
    struct fora_client_why said;
    struct put *slot = &online->puts[(online->puts_first + online->puts_count) % PUTS_MAX];
    for (size_t i = 0; i < put->count; i++) {
        list[i] = online->items[put->first + i].object.encoded;
    }
    ask.u.put.objects = list;
    ask.u.put.objects_count = put->count;
    *slot = *put;
    int rc = fora_client_start(online->client, &ask, &slot->request, &said);
    if (rc != 0) {
        return failed(rc, &said, why);
    }
    online->puts_count++;
    online->bytes += put->bytes;
    online->next += put->count;
    return 0;
}

/* Answers come in the order of the Puts, for the node commits them so. */
static int receive_result(struct online *online, struct fora_buf *why)
{
    struct put *put = &online->puts[online->puts_first];
    const struct fora_message *answer;
    struct fora_client_why said;
    int rc = fora_client_receive(online->client, put->request, 0, &answer, &said);
    if (rc != 0) {
        return failed(rc, &said, why);
    }
    if (answer->type != FORA_MSG_PUT_RESULT || answer->u.put_result.results_count != put->count) {
        fora_buf_append_str(why, "the node's answer does not fit the question");
        return FORA_E_MALFORMED;
    }
    for (size_t i = 0; i < put->count; i++) {
        const struct fora_msg_result *result = &answer->u.put_result.results[i];
        online->items[put->first + i].code = fora_error_from_wire(result->code);
        online->items[put->first + i].duplicate = result->duplicate;
    }
    online->bytes -= put->bytes;
    online->puts_first = (online->puts_first + 1) % PUTS_MAX;
    online->puts_count--;
    return 0;
}

static int online_put(void *context, struct import_item *items, size_t count, struct fora_buf *why)
{
    struct online *online = context;
    int rc = 0;
    online->items = items;
    online->count = count;
    online->next = 0;
    while (rc == 0 && (online->next < count || online->puts_count > 0)) {
        struct put put = next_put(online);
        bool send = put.count > 0 && may_send(online, &put);
        rc = send ? send_put(online, &put, why) : receive_result(online, why);
    }
    return rc;
}

/* The node makes its rows itself. */
static int online_finish(void *context, void (*step)(void *context, uint64_t left),
    void *step_context, struct fora_buf *why)
{
    (void)context;
    (void)step;
    (void)step_context;
    (void)why;
    return 0;
}

int import_online_new(struct import_sink *out, struct fora_client *client)
{
    struct online *online = calloc(1, sizeof *online);
    *out = (struct import_sink){online, online_find, online_create, online_put, online_finish};
    if (online == NULL) {
        return FORA_E_NOMEM;
    }
    online->client = client;
    return 0;
}

void import_online_free(struct import_sink *sink)
{
    free(sink->context);
    memset(sink, 0, sizeof *sink);
}
