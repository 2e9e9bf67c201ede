/*
 * The settings of a node: one table (name, type, default, help), from which forad.conf's template,
 * its manual page and its parser are made.
 *
 * forad.conf is libconfig: `name = value;`, groups in braces, lists of texts in brackets, comments
 * after #. A setting that the table does not know is an error that names the nearest known one, so
 * that a misspelt setting is not silently the default.
 */
#ifndef FORAD_CONFIG_SETTINGS_H
#define FORAD_CONFIG_SETTINGS_H

#include "core/env.h"
#include "reputation/local.h"
#include "fora/client.h"

enum {
    SETTINGS_LIST_MAX = 8,
    SETTINGS_NODES_MAX = 64,
    SETTINGS_PRODUCTS_MAX = LOCAL_PRODUCTS_MAX,
    SETTINGS_TEXT_MAX = 256,
    SETTINGS_NAME_MAX = 100
};

struct settings_list {
    char items[SETTINGS_LIST_MAX][SETTINGS_TEXT_MAX];
    size_t count;
};

struct settings_nodes {
    struct fora_principal_id items[SETTINGS_NODES_MAX];
    size_t count;
};

/* Names of products. */
struct settings_products {
    char items[SETTINGS_PRODUCTS_MAX][SETTINGS_NAME_MAX + 1];
    size_t count;
};

/* Nodes with a weight each, "foran1...=800". */
struct settings_weights {
    struct local_weight items[LOCAL_NAMED_MAX];
    size_t count;
};

enum settings_registration { REGISTRATION_OPEN, REGISTRATION_CLOSED };
enum settings_peering { SETTINGS_PEERING_OPEN, SETTINGS_PEERING_APPROVED, SETTINGS_PEERING_CLOSED };
enum settings_sandbox { SANDBOX_ON, SANDBOX_OFF };
enum settings_log { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

struct settings {
    struct settings_list listen;    /* "host:port"; port 0: any */
    struct settings_list addresses; /* "host:port" at which others reach the node */
    char name[SETTINGS_NAME_MAX + 1];
    char domain[SETTINGS_NAME_MAX + 1]; /* published beside the name; empty: none */
    uint32_t domains_check;             /* enum settings_sandbox: on or off */
    uint32_t domains_private;           /* 0: off, 1: on */
    uint32_t domains_port;
    char domains_ca[SETTINGS_NAME_MAX + 1]; /* a file; empty: the system's */
    uint32_t registration;                  /* enum settings_registration */
    uint32_t peering;                       /* enum settings_peering */
    struct settings_nodes allow;            /* of other nodes */
    struct settings_nodes block;
    struct node_limits limits;
    uint32_t standing_interval; /* s: standings are issued that often; 0: never */
    uint32_t editor_at;         /* standings; 0: never */
    uint32_t expert_at;
    struct settings_weights issuers; /* of reputation: whose word counts how much */
    uint32_t issuers_others;         /* the weight of all others */
    uint32_t issuers_cap;            /* points, for each source */
    uint32_t issuers_half_life;      /* days; 0: no decay */
    uint32_t issuers_min;
    struct settings_products products; /* that count; none: all */
    uint32_t log_level;                /* enum settings_log */
    uint32_t workers;                  /* 0: one per core */
    uint64_t map_limit;                /* bytes */
    char user[SETTINGS_NAME_MAX + 1];  /* whom root becomes; empty: stays root */
    uint32_t sandbox;                  /* enum settings_sandbox */
};

enum setting_type {
    SETTING_TEXT,
    SETTING_LIST,     /* of addresses */
    SETTING_NODES,    /* a list of nodes, by their ids */
    SETTING_WEIGHTS,  /* a list of nodes with weights */
    SETTING_PRODUCTS, /* a list of names of products */
    SETTING_CHOICE,   /* stored as the place in choices: uint32_t */
    SETTING_NUMBER,   /* uint32_t */
    SETTING_SIZE      /* uint64_t: a number of bytes, or a text such as "64M" */
};

struct setting {
    const char *name; /* "listen", "limits.connections" */
    enum setting_type type;
    const char *initial; /* as it would stand in the file */
    const char *help;    /* sentences */
    const char *const *choices;
    uint64_t least; /* of numbers, sizes, bytes of a text */
    uint64_t most;
    size_t offset; /* in struct settings */
};
/* The rows; those of a group stand together. */
const struct setting *settings_table(size_t *count);

void settings_default(struct settings *out);
/*
 * The text of a forad.conf over the defaults. `file` names it in sentences. FORA_E_CONFIG with
 * file, line, what is wrong and what would be right; FORA_E_NOMEM.
 */
int settings_parse(struct settings *out, const char *file, struct fora_bytes text,
    struct fora_client_why *why) FORA_MUST_USE;
/* Appends a forad.conf that says `settings`: every setting explained, defaults in comments. */
void settings_write(struct fora_buf *out, const struct settings *settings);
/* Appends a setting's value as the file writes it. */
void settings_write_value(
    struct fora_buf *out, const struct setting *setting, const struct settings *settings);

/* "host:port" of a listening socket: port 0 to 65535. FORA_E_CONFIG with what is wrong. */
int settings_check_listen(const char *address, struct fora_client_why *why) FORA_MUST_USE;
/* An address that others connect to: port 1 to 65535. */
int settings_check_address(const char *address, struct fora_client_why *why) FORA_MUST_USE;
/* "64M" or "65536": bytes. FORA_E_MALFORMED. */
int settings_parse_size(const char *text, uint64_t *out) FORA_MUST_USE;

#endif
