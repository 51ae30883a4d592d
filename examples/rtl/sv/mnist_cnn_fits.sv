// Refuses, while the design is elaborated, a network that the blocks of mnist_cnn do not compute. The module that is
// then missing says in its name why.
module mnist_cnn_fits;
    generate
        if (
            cnn::CONV2D_OP != cnn::OP_CONV2D ||
            cnn::CONV2D_KERNEL_COLUMNS != cnn::CONV2D_KERNEL_ROWS ||
            cnn::CONV2D_STRIDE_ROWS != 1 ||
            cnn::CONV2D_STRIDE_COLUMNS != 1 ||
            cnn::CONV2D_DILATION_ROWS != 1 ||
            cnn::CONV2D_DILATION_COLUMNS != 1 ||
            cnn::CONV2D_GROUPS != 1 ||
            cnn::CONV2D_PAD_TOP != 0 ||
            cnn::CONV2D_PAD_BOTTOM != 0 ||
            cnn::CONV2D_PAD_LEFT != 0 ||
            cnn::CONV2D_PAD_RIGHT != 0 ||
            cnn::CONV2D_IN_CHANNELS_FIRST || cnn::CONV2D_OUT_CHANNELS_FIRST
        ) begin : g_conv2d_window
            conv2d_is_no_square_window_of_stride_1_without_padding u_not_so ();
        end
        if (
            cnn::CONV2D_SCHEDULE != cnn::SCHEDULE_SEQUENTIAL ||
            cnn::CONV2D_QUANTIZE != cnn::QUANTIZE_STEP ||
            cnn::CONV2D_TERMS != cnn::TERMS_INPUT ||
            cnn::CONV2D_BIAS_POSITION != cnn::BIAS_FIRST ||
            !cnn::CONV2D_HAS_BIAS || cnn::CONV2D_BIAS_CAST
        ) begin : g_conv2d_sums
            conv2d_does_not_sum_term_by_term_with_the_bias_first u_not_so ();
        end
        if (
            cnn::CONV2D_PRODUCT_CAST && (cnn::CONV2D_PRODUCT_WIDTH != cnn::CONV2D_ACC_WIDTH ||
                cnn::CONV2D_PRODUCT_FRAC != cnn::CONV2D_ACC_FRAC ||
                cnn::CONV2D_PRODUCT_SIGNED != cnn::CONV2D_ACC_SIGNED ||
                cnn::CONV2D_PRODUCT_ROUND != cnn::CONV2D_ACC_ROUND ||
                cnn::CONV2D_PRODUCT_OVERFLOW != cnn::CONV2D_ACC_OVERFLOW)
        ) begin : g_conv2d_products
            conv2d_has_products_in_a_type_that_is_not_the_accumulators u_not_so ();
        end
        if (
            cnn::DENSE_OP != cnn::OP_DENSE ||
            cnn::DENSE_SCHEDULE != cnn::SCHEDULE_SEQUENTIAL ||
            cnn::DENSE_QUANTIZE != cnn::QUANTIZE_STEP ||
            cnn::DENSE_TERMS != cnn::TERMS_INPUT ||
            cnn::DENSE_BIAS_POSITION != cnn::BIAS_FIRST ||
            !cnn::DENSE_HAS_BIAS || cnn::DENSE_BIAS_CAST
        ) begin : g_dense_sums
            dense_does_not_sum_term_by_term_with_the_bias_first u_not_so ();
        end
        if (
            cnn::DENSE_PRODUCT_CAST && (cnn::DENSE_PRODUCT_WIDTH != cnn::DENSE_ACC_WIDTH ||
                cnn::DENSE_PRODUCT_FRAC != cnn::DENSE_ACC_FRAC ||
                cnn::DENSE_PRODUCT_SIGNED != cnn::DENSE_ACC_SIGNED ||
                cnn::DENSE_PRODUCT_ROUND != cnn::DENSE_ACC_ROUND ||
                cnn::DENSE_PRODUCT_OVERFLOW != cnn::DENSE_ACC_OVERFLOW)
        ) begin : g_dense_products
            dense_has_products_in_a_type_that_is_not_the_accumulators u_not_so ();
        end
        if (
            cnn::DENSE_1_OP != cnn::OP_DENSE ||
            cnn::DENSE_1_SCHEDULE != cnn::SCHEDULE_SEQUENTIAL ||
            cnn::DENSE_1_QUANTIZE != cnn::QUANTIZE_STEP ||
            cnn::DENSE_1_TERMS != cnn::TERMS_INPUT ||
            cnn::DENSE_1_BIAS_POSITION != cnn::BIAS_FIRST ||
            !cnn::DENSE_1_HAS_BIAS || cnn::DENSE_1_BIAS_CAST
        ) begin : g_dense_1_sums
            dense_1_does_not_sum_term_by_term_with_the_bias_first u_not_so ();
        end
        if (
            cnn::DENSE_1_PRODUCT_CAST && (cnn::DENSE_1_PRODUCT_WIDTH != cnn::DENSE_1_ACC_WIDTH ||
                cnn::DENSE_1_PRODUCT_FRAC != cnn::DENSE_1_ACC_FRAC ||
                cnn::DENSE_1_PRODUCT_SIGNED != cnn::DENSE_1_ACC_SIGNED ||
                cnn::DENSE_1_PRODUCT_ROUND != cnn::DENSE_1_ACC_ROUND ||
                cnn::DENSE_1_PRODUCT_OVERFLOW != cnn::DENSE_1_ACC_OVERFLOW)
        ) begin : g_dense_1_products
            dense_1_has_products_in_a_type_that_is_not_the_accumulators u_not_so ();
        end
        if (
            cnn::CONV2D_RELU_OP != cnn::OP_RELU
        ) begin : g_conv2d_relu_op
            conv2d_relu_is_no_relu u_not_so ();
        end
        if (
            cnn::DENSE_RELU_OP != cnn::OP_RELU
        ) begin : g_dense_relu_op
            dense_relu_is_no_relu u_not_so ();
        end
        if (
            cnn::MAX_POOLING2D_OP != cnn::OP_MAX_POOL ||
            cnn::MAX_POOLING2D_POOL_ROWS != 2 ||
            cnn::MAX_POOLING2D_POOL_COLUMNS != 2 ||
            cnn::MAX_POOLING2D_STRIDE_ROWS != 2 ||
            cnn::MAX_POOLING2D_STRIDE_COLUMNS != 2 ||
            cnn::MAX_POOLING2D_PAD_TOP != 0 ||
            cnn::MAX_POOLING2D_PAD_BOTTOM != 0 ||
            cnn::MAX_POOLING2D_PAD_LEFT != 0 ||
            cnn::MAX_POOLING2D_PAD_RIGHT != 0 ||
            cnn::MAX_POOLING2D_ACC_CAST ||
            cnn::MAX_POOLING2D_OUT_WIDTH != cnn::MAX_POOLING2D_IN_WIDTH ||
            cnn::MAX_POOLING2D_OUT_FRAC != cnn::MAX_POOLING2D_IN_FRAC ||
            cnn::MAX_POOLING2D_OUT_SIGNED != cnn::MAX_POOLING2D_IN_SIGNED
        ) begin : g_max_pooling2d_window
            max_pooling2d_is_no_2x2_pool_without_padding_and_conversion u_not_so ();
        end
        if (
            cnn::FLATTEN_OP != cnn::OP_FLATTEN ||
            cnn::FLATTEN_REORDERS ||
            cnn::FLATTEN_OUT_WIDTH != cnn::FLATTEN_IN_WIDTH ||
            cnn::FLATTEN_OUT_FRAC != cnn::FLATTEN_IN_FRAC ||
            cnn::FLATTEN_OUT_SIGNED != cnn::FLATTEN_IN_SIGNED
        ) begin : g_flatten_order
            flatten_is_no_flatten_in_storage_order_without_conversion u_not_so ();
        end
        if (
            cnn::DENSE_1_SOFTMAX_OP != cnn::OP_SOFTMAX ||
            cnn::DENSE_1_SOFTMAX_KIND != cnn::SOFTMAX_STABLE ||
            cnn::DENSE_1_SOFTMAX_DIFF_SIGNED ||
            cnn::DENSE_1_SOFTMAX_EXP_SIGNED ||
            cnn::DENSE_1_SOFTMAX_ACC_SIGNED ||
            cnn::DENSE_1_SOFTMAX_INDEX_SIGNED ||
            cnn::DENSE_1_SOFTMAX_INV_SIGNED
        ) begin : g_dense_1_softmax_kind
            dense_1_softmax_is_no_stable_softmax_with_unsigned_tables_and_sums u_not_so ();
        end
    endgenerate
endmodule
