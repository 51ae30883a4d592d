/* Opens a network through the C interface, as a user's first testbench would. */
#include <stdio.h>

#include <bittrue.h>

int main(int count, char** arguments) {
    bittrue_network* network = bittrue_open(count > 1 ? arguments[1] : "");
    if (!network) {
        fprintf(stderr, "%s\n", bittrue_message(NULL));
        return 1;
    }
    printf("bittrue %s: %d layers\n", bittrue_version(), bittrue_layer_count(network));
    bittrue_close(network);
    return 0;
}
