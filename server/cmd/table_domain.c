/* Rows of forad domain. */
#include "cmd/table.h"

const struct cmd_command row_domain_list = {.name = "domain list",
    .group = GROUP_PEERS,
    .summary = "List the domains that nodes name, and whether they are proven",
    .run = run_domain_list,
    .details =
        "Of this node, those that it subscribes to and those that it knows. A domain is proven "
        "when the node's identity log names it and https://DOMAIN/.well-known/fora names the node; "
        "else it is a claim. The running node asks each once a day (domains.check in forad.conf); "
        "a proof holds for seven days. Works beside a running node.",
    .json = "An object: domains (domain, node, proven, checked_at, found_at, why)."};

const struct cmd_command row_domain_check = {.name = "domain check",
    .group = GROUP_PEERS,
    .summary = "Ask a domain now which node it names, or who a handle is",
    .run = run_domain_check,
    .arguments = {{.name = "NAME",
        .help = "A domain (example.com) or a handle (@ann@example.com)."}},
    .details =
        "By HTTPS, as domains.* of forad.conf allow: at most 10 seconds and 16 KiB, no redirects, "
        "and no addresses inside a network. A handle is asked for by WebFinger; it is confirmed "
        "when the member's log names as home a node of which that domain is proven. What was found "
        "is remembered. Ends with 5 when nobody is named.",
    .json = "An object: name, found, proven (of a handle: confirmed), found_at, why.",
    .examples = "forad domain check support.example.com\nWhich node is it?\n"
                "forad domain check @ann@support.example.com\nWho is she?"};

const struct cmd_command row_domain_export = {.name = "domain export",
    .group = GROUP_PEERS,
    .summary = "Write what the web server of this node's domain has to serve",
    .run = run_domain_export,
    .arguments = {{.name = "DIR", .help = "The root of the web server's files."}},
    .details =
        "Writes DIR/.well-known/fora, which proves the domain of forad.conf, and for each member "
        "DIR/.well-known/webfinger/HANDLE.json, which the web server serves for "
        "/.well-known/webfinger?resource=acct:HANDLE@DOMAIN. Run it again when members came or the "
        "addresses changed. Works beside a running node.",
    .json = "An object: folder, domain, members."};
