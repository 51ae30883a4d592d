    // s10.6 to s8.4: ties to even, saturated. BUG 1: truncated; 2: wraps; 3: reads the input as unsigned.
    function [7:0] requantize(input [9:0] x);
        reg [7:0] floor;
        reg       up;
        begin
            floor      = x[9:2];
            up         = x[1] && (x[0] || x[2]) && BUG != 1;
            requantize = floor + {7'd0, up};
            if (floor == 8'h7f && up && BUG != 2) requantize = 8'h7f;
            if (BUG == 3 && x[9]) requantize = 8'h7f;
        end
    endfunction

    // s8.4 to u5.3: max(0, x), ties up, saturated. BUG 4: wraps.
    function [4:0] rectify(input [7:0] x);
        reg [7:0] rounded;
        begin
            rounded = {1'b0, x[7:1]} + {7'd0, x[0]};
            rectify = rounded[4:0];
            if (rounded > 31 && BUG != 4) rectify = 31;
            if (x[7]) rectify = 0;
        end
    endfunction
