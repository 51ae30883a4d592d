/* walkthrough NETWORK: every function of bittrue.h once, as a testbench in C would call them. NETWORK is the 8-bit CNN of
 * the examples. Prints the line that fails. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bittrue.h"

#define REQUIRE(condition)                                                                                         \
    do {                                                                                                           \
        if (!(condition)) {                                                                                        \
            fprintf(stderr, "line %d: %s; bittrue says: %s\n", __LINE__, #condition, bittrue_message(network));    \
            exit(1);                                                                                               \
        }                                                                                                          \
    } while (0)

static int64_t pixel(int64_t image, int64_t index) {
    return (image * 101 + index * 37 + index / 7) & 0xff;
}

static void push_image(bittrue_network* network, int64_t image) {
    int64_t index;
    const int64_t words = bittrue_layer_words(network, 0);
    for (index = 0; index < words; ++index) REQUIRE(bittrue_push(network, pixel(image, index)) == (index == words - 1));
}

/* Hands every word of the image of every layer back, but changes one: +2 on word `wrong` of the output. */
static void check_image(bittrue_network* network, int64_t image, int64_t wrong) {
    int layer;
    const int layers = bittrue_layer_count(network);
    for (layer = 0; layer < layers; ++layer) {
        int64_t index;
        for (index = 0; index < bittrue_layer_words(network, layer); ++index) {
            int64_t word = 0;
            REQUIRE(bittrue_expected(network, layer, image, index, &word) == BITTRUE_EQUAL);
            if (layer == layers - 1 && index == wrong) {
                REQUIRE(bittrue_check(network, layer, word ^ 2, 1) == BITTRUE_DIFFERENT);
            } else {
                REQUIRE(bittrue_check(network, layer, word, 1) == BITTRUE_EQUAL);
            }
        }
    }
}

int main(int count, char** arguments) {
    bittrue_network* network = NULL;
    int64_t word = 0;
    int64_t all = 0;
    int frac = 0;
    int layer;
    double* values;

    if (count != 2) return 2;
    REQUIRE(bittrue_abi_version() == BITTRUE_ABI_VERSION);
    REQUIRE(strlen(bittrue_version()) > 0);

    network = bittrue_open("no such file.toml");
    REQUIRE(network == NULL);
    REQUIRE(strstr(bittrue_message(NULL), "no such file.toml") != NULL);

    network = bittrue_open(arguments[1]);
    REQUIRE(network != NULL);
    REQUIRE(strcmp(bittrue_message(network), "") == 0);
    REQUIRE(bittrue_layer_count(network) == 9);
    REQUIRE(strcmp(bittrue_layer_name(network, 0), "input") == 0);
    REQUIRE(bittrue_layer_index(network, "conv2d") == 1);
    REQUIRE(bittrue_layer_index(network, "conv3d") == BITTRUE_UNUSABLE);
    REQUIRE(strstr(bittrue_message(network), "conv3d") != NULL);
    REQUIRE(bittrue_layer_name(network, 9) == NULL);
    REQUIRE(bittrue_layer_words(network, 1) == 26 * 26 * 2);
    REQUIRE(bittrue_layer_width(network, 1) == 8);
    REQUIRE(bittrue_layer_signed(network, 0) == 0 && bittrue_layer_signed(network, 1) == 1);
    REQUIRE(bittrue_layer_frac(network, 1, &frac) == BITTRUE_EQUAL && frac == 5);
    for (layer = 0; layer < 9; ++layer) all += bittrue_layer_words(network, layer);

    /* Nothing pushed, nothing checked. */
    REQUIRE(bittrue_verdict(network) == 1);
    REQUIRE(strstr(bittrue_message(network), "nothing was checked") != NULL);
    REQUIRE(bittrue_expected(network, 1, 0, 0, &word) == BITTRUE_PENDING);
    REQUIRE(bittrue_check(network, 1, 0, 1) == BITTRUE_PENDING);
    REQUIRE(bittrue_checked(network, 1) == 0);

    /* Two images, all equal. */
    push_image(network, 0);
    push_image(network, 1);
    REQUIRE(bittrue_images(network) == 2);
    REQUIRE(bittrue_expected(network, 0, 1, 5, &word) == BITTRUE_EQUAL && word == pixel(1, 5));
    check_image(network, 0, -1);
    REQUIRE(bittrue_verdict(network) == 1); /* image 1 is missing */
    check_image(network, 1, -1);
    REQUIRE(bittrue_checked(network, -1) == 2 * all && bittrue_mismatches(network, -1) == 0);
    REQUIRE(bittrue_verdict(network) == 0);

    /* A wrong word of the output. */
    push_image(network, 2);
    check_image(network, 2, 4);
    REQUIRE(bittrue_mismatches(network, 8) == 1 && bittrue_mismatches(network, -1) == 1);
    REQUIRE(bittrue_verdict(network) == 1);
    REQUIRE(strstr(bittrue_message(network), "first dense_1_softmax[image 2, channel 4]") != NULL);

    /* A whole image as values, x bits, forgetting. */
    REQUIRE(bittrue_reset(network) == BITTRUE_EQUAL && bittrue_images(network) == 0);
    REQUIRE(bittrue_keep(network, 1) == BITTRUE_EQUAL);
    values = calloc(784, sizeof *values);
    REQUIRE(values != NULL);
    REQUIRE(bittrue_push_values(network, values, 784) == 1);
    REQUIRE(bittrue_expected(network, 8, 0, 0, &word) == BITTRUE_EQUAL);
    REQUIRE(bittrue_check(network, 8, word, 0) == BITTRUE_DIFFERENT);
    REQUIRE(bittrue_check_bits(network, 8, "0000_00x0") == BITTRUE_DIFFERENT);
    REQUIRE(strstr(bittrue_message(network), "000000x0") != NULL);
    REQUIRE(bittrue_push_values(network, values, 784) == 1);
    REQUIRE(bittrue_expected(network, 8, 0, 0, &word) == BITTRUE_UNUSABLE); /* no longer kept */
    free(values);

    bittrue_close(network);
    bittrue_close(NULL);
    printf("%lld words of an image in 9 layers\n", (long long)all);
    return 0;
}
