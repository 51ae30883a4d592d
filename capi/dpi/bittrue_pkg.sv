// bittrue as a live reference model in SystemVerilog: the functions of bittrue.h by DPI-C, and a few of their own.
// Compile this file first, then bittrue_monitor.sv, and link with -lbittrue. IEEE 1800-2012; docs/live_model.md.
/* verilator lint_off TIMESCALEMOD */  // no delays here: any time unit will do
/* verilator lint_off UNUSEDPARAM */
package bittrue_pkg;

    // Statuses, as in bittrue.h.
    localparam int BITTRUE_EQUAL = 0;
    localparam int BITTRUE_DIFFERENT = 1;
    localparam int BITTRUE_UNUSABLE = -2;
    localparam int BITTRUE_PENDING = -3;
    localparam int BITTRUE_ABI_VERSION = 1;

    import "DPI-C" function int bittrue_abi_version();
    import "DPI-C" function string bittrue_version();
    import "DPI-C" function chandle bittrue_open(input string network_file);
    import "DPI-C" function void bittrue_close(input chandle network);
    import "DPI-C" function string bittrue_message(input chandle network);

    import "DPI-C" function int bittrue_layer_count(input chandle network);
    import "DPI-C" function int bittrue_layer_index(input chandle network, input string name);
    import "DPI-C" function string bittrue_layer_name(input chandle network, input int layer);
    import "DPI-C" function longint bittrue_layer_words(input chandle network, input int layer);
    import "DPI-C" function int bittrue_layer_width(input chandle network, input int layer);
    import "DPI-C" function int bittrue_layer_frac(input chandle network, input int layer, output int frac);
    import "DPI-C" function int bittrue_layer_signed(input chandle network, input int layer);

    import "DPI-C" function int bittrue_push(input chandle network, input longint word);
    import "DPI-C" function longint bittrue_images(input chandle network);
    import "DPI-C" function int bittrue_expected(input chandle network, input int layer, input longint image,
                                                 input longint index, output longint word);
    import "DPI-C" function int bittrue_keep(input chandle network, input longint images);

    import "DPI-C" function int bittrue_check(input chandle network, input int layer, input longint word,
                                              input int is_defined);
    import "DPI-C" function int bittrue_check_bits(input chandle network, input int layer, input string bits);
    import "DPI-C" function longint bittrue_checked(input chandle network, input int layer);
    import "DPI-C" function longint bittrue_mismatches(input chandle network, input int layer);
    import "DPI-C" function int bittrue_reset(input chandle network);
    import "DPI-C" function int bittrue_verdict(input chandle network);

    // The network of this simulation: what bittrue_monitor checks against. A testbench of several networks keeps chandles
    // of its own and calls the functions above.
    chandle bittrue_model = null;

    // Opens it, or ends the simulation with the reason.
    function automatic void bittrue_load(input string network_file);
        if (bittrue_abi_version() != BITTRUE_ABI_VERSION)
            $fatal(1, "bittrue_pkg.sv is for ABI %0d, libbittrue has %0d", BITTRUE_ABI_VERSION, bittrue_abi_version());
        bittrue_model = bittrue_open(network_file);
        if (bittrue_model == null) $fatal(1, "%s", bittrue_message(null));
    endfunction

    // One input word for the model; ends the simulation when the input's type has no such word.
    function automatic void bittrue_feed(input longint word);
        if (bittrue_push(bittrue_model, word) < 0) $fatal(1, "%s", bittrue_message(bittrue_model));
    endfunction

    // What the model has for a word; ends the simulation when there is no such layer, word or image.
    function automatic longint bittrue_word(input string layer, input longint image, input longint index);
        longint word = 0;
        int status = bittrue_layer_index(bittrue_model, layer);
        if (status >= 0) status = bittrue_expected(bittrue_model, status, image, index, word);
        if (status < 0) $fatal(1, "%s", bittrue_message(bittrue_model));
        return word;
    endfunction

    // The end of a simulation: prints the verdict. $fatal, and with it a non-zero exit status, unless something was checked
    // and all of it was equal and complete. The model stays open, because monitors may still see an edge of the clock.
    function automatic void bittrue_finish();
        int status = bittrue_verdict(bittrue_model);
        $display("bittrue: %s", bittrue_message(bittrue_model));
        if (status != 0) $fatal(1, "not equal to bittrue");
    endfunction

endpackage
/* verilator lint_on UNUSEDPARAM */
/* verilator lint_on TIMESCALEMOD */
