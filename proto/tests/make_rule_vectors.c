/*
 * Writes spec/vectors/{identity,policies,views}.json into the folder named by its argument:
 *
 *     make_rule_vectors spec/vectors
 *
 * Every result that a case expects stands here in the code; when the library says otherwise, the
 * program ends without writing. rule_vectors_test.c reads the files back.
 */
#include "make_rule_vectors.h"

#include "vector_json.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct fx fx;

    if (argc != 2) {
        fprintf(stderr, "usage: make_rule_vectors FOLDER\n");
        return 2;
    }
    fx_init(&fx);
    vec_write(argv[1], "identity.json", make_identity(&fx));
    vec_write(argv[1], "policies.json", make_policies(&fx));
    vec_write(argv[1], "views.json", make_views(&fx));
    fx_fini(&fx);
    return 0;
}
