/* The figure of the importer: a made-up dump into an empty store, everything counted from the first
 * byte read to the last row of a list. */
#include "import/import.h"

#include "bench.h"
#include "dump.h"
#include "import/html_markdown.h"
#include "store/schema.h"

#include <stdio.h>

static void import_dump(const char *dump, const char *folder, struct import_report *report)
{
    struct bench_node node;
    struct import_sink sink;
    struct kv *kv;
    struct fora_buf why = {0};
    const struct kv_lmdb_options options = {.path = folder};
    bench_node_make(&node, 1, "import", "127.0.0.1:1");
    bench_store_fill(folder, &node, NULL, NULL, 0);
    bench_need(kv_lmdb_open(&kv, &options, store_table_names, STORE_TABLE_COUNT, &why), "a store");
    bench_need(import_store_new(&sink, kv), "an import");
    const struct import_options import = {.folder = dump,
        .site = "bench.example.com",
        .scratch = folder,
        .node = node.id,
        .device = node.device,
        .custody = node.custody,
        .sink = &sink};
    html_markdown_init();
    if (import_stackexchange(&import, report, &why) != 0) {
        fprintf(stderr, "bench: %s\n", fora_buf_cstr(&why));
        bench_need(FORA_E_INTERNAL, "an import");
    }
    bench_need(report->refused == 0 ? 0 : FORA_E_REFUSED, "what was imported");
    import_store_free(&sink);
    kv_close(kv);
    fora_buf_fini(&why);
    bench_node_fini(&node);
}

void bench_import(struct bench *bench)
{
    char dump[256], folder[256];
    struct import_report report;
    bench_folder(dump);
    bench_folder(folder);
    bench_need(dump_write(dump, 100000 / bench->scale, 1) ? 0 : FORA_E_IO, "a dump");
    double limit = bench_sign_verify_rate(bench);
    import_dump(dump, folder, &report);
    limit = (limit + bench_sign_verify_rate(bench)) / 2;
    double rate = (double)report.stored / report.seconds;
    results_add(bench->results, "import", rate, "objects/s", limit,
        "sign, hash and verify on all cores, objects/s", rate / limit, true, 0.5);
    dump_remove(dump);
    bench_folder_remove(folder);
}
