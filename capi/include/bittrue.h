/* bittrue as a live reference model: C, DPI-C and anything that can call C. Link with -lbittrue.
 *
 * A network is opened once; words are pushed in the order of its input stream; each full image is computed at once, bit
 * by bit as `bittrue run` computes it; then any word of any layer can be asked for, or handed in to be checked.
 * A network must not be used from two threads at a time; two networks may. Nothing is printed, no exception leaves.
 *
 * A word is the integer as stored: the low `width` bits are its two's complement or unsigned pattern, bit 0 is the least
 * significant. Words come out sign- or zero-extended to 64 bits; of words that go in, the bits above `width` are ignored.
 *
 * Every function that can fail returns a negative bittrue_status and leaves a sentence in bittrue_message(). A null
 * network is a failure everywhere but in bittrue_close and bittrue_message; its sentence is in bittrue_message(NULL).
 * docs/live_model.md shows how to use it.
 */
#ifndef BITTRUE_H
#define BITTRUE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BITTRUE_ABI_VERSION 1

typedef struct bittrue_network bittrue_network;

enum bittrue_status {
    BITTRUE_EQUAL = 0,     /* done, or the word is the expected one */
    BITTRUE_DIFFERENT = 1, /* the word differs; bittrue_message() is the line `bittrue diff` would print */
    BITTRUE_UNUSABLE = -2, /* bad argument or unusable file */
    BITTRUE_PENDING = -3   /* the image that word belongs to was not pushed whole yet */
};

int bittrue_abi_version(void);
const char* bittrue_version(void); /* "0.1.0" */

/* NULL when the file cannot be used; the reason is bittrue_message(NULL). Free with bittrue_close. */
bittrue_network* bittrue_open(const char* network_file);
void bittrue_close(bittrue_network* network); /* NULL is allowed */

/* The last sentence about this network; for NULL: of this thread's last failing call without a network. "" when there is
 * none. A call that has nothing to say leaves it as it was. Valid until the next call with the same network. */
const char* bittrue_message(const bittrue_network* network);

/* Layers are counted from 0, the network's input, in graph order. BITTRUE_UNUSABLE for an unknown layer. */
int bittrue_layer_count(const bittrue_network* network);
int bittrue_layer_index(const bittrue_network* network, const char* name);
const char* bittrue_layer_name(const bittrue_network* network, int layer); /* NULL: no such layer */
int64_t bittrue_layer_words(const bittrue_network* network, int layer);    /* per image */
int bittrue_layer_width(const bittrue_network* network, int layer);        /* bits of a word, 1 to 64 */
int bittrue_layer_frac(const bittrue_network* network, int layer, int* frac); /* value = raw * 2^-frac; may be < 0 */
int bittrue_layer_signed(const bittrue_network* network, int layer);          /* 1 or 0 */

/* One word of the input, in storage order. When the last word of an image arrives the network is computed and 1 is
 * returned, otherwise 0. A word that the input's type cannot hold is BITTRUE_UNUSABLE and not taken: the most negative
 * one of SAT_SYM, or one with more than 53 significant bits. */
int bittrue_push(bittrue_network* network, int64_t word);
/* A whole image of values (before the cast into the input's type), `count` = words of layer 0; between images only.
 * Returns 1 as the last bittrue_push does. */
int bittrue_push_values(bittrue_network* network, const double* values, int64_t count);
int64_t bittrue_images(const bittrue_network* network); /* pushed whole so far */

/* The word of a layer: image from 0, flat index in storage order. The last `bittrue_keep` images are kept (default 16; 0
 * keeps all). */
int bittrue_expected(bittrue_network* network, int layer, int64_t image, int64_t index, int64_t* word);
int bittrue_keep(bittrue_network* network, int64_t images);

/* Checks the next word of a layer, in stream order: each layer has a counter of its own, which equal and different words
 * advance; a word that is BITTRUE_PENDING or BITTRUE_UNUSABLE does not, so the former can be handed in again later.
 * `defined` is 0 when the word has x or z bits: then it is different. */
int bittrue_check(bittrue_network* network, int layer, int64_t word, int defined);
/* The same from the bits as a simulator prints them, most significant first ("10xx01zz"), at least `width` of them; '_'
 * is skipped, VHDL's L and H are 0 and 1, its U, W and - are undefined. The message shows the undefined bits. */
int bittrue_check_bits(bittrue_network* network, int layer, const char* bits);
int64_t bittrue_checked(const bittrue_network* network, int layer);    /* words checked so far; layer -1: of all layers */
int64_t bittrue_mismatches(const bittrue_network* network, int layer); /* likewise */

/* Forgets images, counters and message; as after bittrue_open, but for bittrue_keep. */
int bittrue_reset(bittrue_network* network);
/* 0 when at least one word was checked, all were equal, no check was refused or is pending, no image was pushed in part
 * only, and every layer that was checked at all was checked for every word of every image; 1 otherwise. Both leave a
 * sentence, the former one that counts and names the layers nobody checked. */
int bittrue_verdict(bittrue_network* network);

#ifdef __cplusplus
}
#endif
#endif
