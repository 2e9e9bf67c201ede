/* Rows of the commands about one's own keys and log. */
#include "cmd/commands.h"

#define IDENTITY "Your identity"

const struct cmd_option opt_label = {.name = "label",
    .type = CMD_TEXT,
    .value = "NAME",
    .help = "A name for the device's key; else the host's name."};
static const struct cmd_option opt_offline = {.name = "offline",
    .type = CMD_FLAG,
    .help = "Only write it down here; \"fora identity publish\" tells a node later."};
static const struct cmd_option opt_stolen = {.name = "stolen",
    .type = CMD_TEXT,
    .value = "SINCE",
    .help = "Since when somebody else had it: 30m, 5h or 2d ago, or 2026-11-22T10:00:00Z."};
static const struct cmd_option opt_handle = {.name = "handle",
    .type = CMD_TEXT,
    .value = "HANDLE",
    .help = "Your short name at the new home; else the one of the old."};
static const struct cmd_option opt_revoke = {.name = "revoke",
    .type = CMD_FLAG,
    .help = "And revoke the node's key at once: it cannot sign for you any more."};
static const struct cmd_option opt_without_next = {.name = "without-next",
    .type = CMD_FLAG,
    .help = "The file next_roots is lost: without another root. The node goes on knowing this "
            "one."};
static const struct cmd_option opt_revoke_others = {.name = "revoke-others",
    .type = CMD_FLAG,
    .help = "And revoke every other key: whoever has one is out."};
static const struct cmd_option opt_kit_file = {.name = "kit-file",
    .type = CMD_FILE,
    .value = "FILE",
    .help = "Read the lines of the kit from there instead of typing them."};
static const struct cmd_option opt_export_passphrase_file = {.name = "export-passphrase-file",
    .type = CMD_FILE,
    .value = "FILE",
    .help = "The passphrase of the copy is its first line."};

static const struct cmd_option opt_no_qr = {
    .name = "no-qr", .type = CMD_FLAG, .help = "Show the code as text only, also on a terminal."};

#define DONE_JSON "An object: member, head, entries, told (whether the node has it), forked."

const struct cmd_command row_identity_new = {.name = "identity new",
    .group = IDENTITY,
    .summary = "Make keys of your own",
    .run = run_identity_new,
    .options = {&opt_label, &opt_no_passphrase},
    .details =
        "Makes a root key, the next root key (so that a thief of today's keys cannot take over "
        "your identity) and a key for this device, and keeps them under a passphrase. "
        "\"fora register --self-custody\" then takes them to a node.",
    .json = "An object: member, file, sealed.",
    .examples = "fora identity new --label laptop\nThe passphrase is asked for."};

const struct cmd_command row_identity_show = {.name = "identity show",
    .group = IDENTITY,
    .summary = "Show your identity, or a member's, with its history",
    .run = run_identity_show,
    .arguments = {{.name = "MEMBER",
        .help = "An id (foram1...), a handle at the node, or name@domain; else your own, as this "
                "machine has it, or, while the node keeps your keys, as that has it.",
        .optional = true}},
    .details = "Entries that do not count, because somebody signed beside the log, are shown as "
               "what they are: evidence that a key was stolen or used twice.",
    .json = "An object: member, file, sealed, home, root, entries, forked, keys (an array: key, "
            "label, custodial, disputed, added_at, revoked_at), history (an array: id, parent, "
            "operation, signer, created_at, stands, about).",
    .examples =
        "fora identity show\nYour own.\nfora identity show bob\nBob's, as the node has it."};

const struct cmd_command row_identity_devices = {.name = "identity devices",
    .group = IDENTITY,
    .summary = "List the keys that speak or spoke for you",
    .run = run_identity_devices,
    .json = "An array: key, label, state (active, revoked, stolen), custodial, here, added_at, "
            "revoked_at.",
    .examples = "fora identity devices\nWhich device has which key."};

const struct cmd_command row_identity_join = {.name = "identity join",
    .group = IDENTITY,
    .summary = "Make this a further device of yours: shows the code to add",
    .run = run_identity_join,
    .arguments = {{.name = "MEMBER", .help = "You: your id (foram1...), or your handle there."}},
    .options = {&opt_label, &opt_no_passphrase, &opt_no_qr},
    .details = "The new device gets a key of its own, which never leaves it; the root key stays "
               "where it is. The code that is shown is typed in on the device with the root key, "
               "after \"fora identity add-device\". On a terminal it is also drawn as a QR code, "
               "so that a camera there reads it.",
    .json = "An object: member, code.",
    .examples = "fora identity join ann --label phone\nOn the phone."};

const struct cmd_command row_identity_add_device = {.name = "identity add-device",
    .group = IDENTITY,
    .summary = "Let another device of yours speak for you",
    .run = run_identity_add_device,
    .arguments = {{.name = "CODE", .help = "What \"fora identity join\" shows there."}},
    .options = {&opt_label, &opt_offline},
    .json = DONE_JSON,
    .examples = "fora identity add-device forak1... --label phone\nOn the device with the root "
                "key."};

const struct cmd_command row_identity_revoke = {.name = "identity revoke",
    .group = IDENTITY,
    .summary = "Let a key speak for you no more",
    .run = run_identity_revoke,
    .arguments = {{.name = "KEY", .help = "Its label, or the beginning of its id."}},
    .options = {&opt_stolen, &opt_offline},
    .details = "With --stolen everything that it signed since then goes, everywhere; and what it "
               "dates before then stands only where a node of the space, or your home, can say "
               "that it received it in time.",
    .json = DONE_JSON,
    .examples = "fora identity revoke phone\nThe old phone is given away.\n"
                "fora identity revoke phone --stolen 2d\nIt was stolen two days ago."};

const struct cmd_command row_identity_rotate = {.name = "identity rotate",
    .group = IDENTITY,
    .summary = "Put the next root key in force",
    .run = run_identity_rotate,
    .options = {&opt_offline},
    .details = "A rotation wins over whatever a thief of the present root key wrote beside it. "
               "Copies and kits made before do not recover you afterwards.",
    .json = DONE_JSON,
    .examples = "fora identity rotate\nSomebody may have seen the root key."};

const struct cmd_command row_identity_publish = {.name = "identity publish",
    .group = IDENTITY,
    .summary = "Tell a node your whole log, and learn what it knows",
    .run = run_identity_publish,
    .json = DONE_JSON,
    .examples = "fora --node other.example identity publish\nAfter a move, say."};

const struct cmd_command row_identity_move = {.name = "identity move",
    .group = IDENTITY,
    .summary = "Move to another home",
    .run = run_identity_move,
    .arguments = {{.name = "HOME", .help = "The address of the node that you move to."}},
    .options = {&opt_handle},
    .details =
        "Your root key signs where you live; no node can forbid it. What you wrote stays "
        "yours everywhere. The old home is told if it answers; if it is dead, or refuses, "
        "nothing is lost but its word, and the same command again tells it later, as it does "
        "whatever else was left undone. You vote where your home is: in a space that it does not "
        "hold you cannot. Keys that the node keeps are taken out first: "
        "\"fora identity takeout\".",
    .json = "An object: member, home, address, was_there (a member, before), old_home_told, "
            "carried (how many statements about her), forked.",
    .examples = "fora identity move new.example\nWith the handle of the old home."};

const struct cmd_command row_identity_takeout = {.name = "identity takeout",
    .group = IDENTITY,
    .summary = "Take your keys out of the node that keeps them",
    .run = run_identity_takeout,
    .options = {&opt_label, &opt_password_file, &opt_no_passphrase, &opt_revoke, &opt_without_next},
    .details =
        "The root key comes here, a key of this device is added, and the root is rotated to the "
        "one that was made where you registered, which the node never had: nothing that it could "
        "still write stands beside that. Until its own key is revoked (--revoke, or \"fora "
        "identity revoke home\") the node can still sign for you, as when you log in with the "
        "password.\n\nThe key to come is in the file next_roots of the folder in which you "
        "registered: keep a copy. Of who registered otherwise (in a browser, by an import) the "
        "node made that one too. Then the root is rotated twice, and a node that kept both and "
        "means harm could still date a rotation back so that it wins; \"fora identity show\" "
        "shows such a fork.",
    .json = DONE_JSON,
    .examples = "fora identity takeout --revoke\nThe node can act for you no more."};

const struct cmd_command row_identity_export = {.name = "identity export",
    .group = IDENTITY,
    .summary = "Copy your identity to a file, sealed under a passphrase",
    .run = run_identity_export,
    .arguments = {{.name = "FILE", .help = "It must not exist yet."}},
    .options = {&opt_export_passphrase_file},
    .details = "The keys are sealed with XChaCha20-Poly1305 under a key that Argon2id makes of "
               "the passphrase. The log in it is public.",
    .json = DONE_JSON,
    .examples = "fora identity export /media/stick/ann.fora\nAnd put the stick away."};

const struct cmd_command row_identity_import = {.name = "identity import",
    .group = IDENTITY,
    .summary = "Restore your identity from such a file",
    .run = run_identity_import,
    .arguments = {{.name = "FILE", .help = "What \"fora identity export\" made."}},
    .json = DONE_JSON,
    .examples = "fora identity import /media/stick/ann.fora\nOn a new machine."};

const struct cmd_command row_identity_kit = {.name = "identity kit",
    .group = IDENTITY,
    .summary = "Show the paper kit: seven lines that recover you",
    .run = run_identity_kit,
    .details = "The kit holds who you are and the next root key. Each line has a check, so that "
               "a slip of the pen is found where it is. Who has the kit can become you; it is "
               "used up by \"fora identity recover\" and by \"fora identity rotate\".",
    .json = "An array of seven lines.",
    .examples = "fora identity kit\nWrite it down by hand."};

const struct cmd_command row_identity_recover = {.name = "identity recover",
    .group = IDENTITY,
    .summary = "Come back with the paper kit, when all devices are lost or stolen",
    .run = run_identity_recover,
    .options = {&opt_kit_file, &opt_label, &opt_no_passphrase, &opt_revoke_others},
    .details = "Puts the key of the kit in force, adds this device, and makes the next root key. "
               "Any node that knows your log will do: name it with --node.",
    .json = DONE_JSON,
    .examples = "fora --node forum.example identity recover --revoke-others\nThe lines are typed "
                "in."};
