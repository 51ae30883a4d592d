-- The arithmetic of the datapath in terms of IEEE's fixed_pkg, nothing of our own: sfixed numbers, its "*" and "+", and its
-- resize for every conversion. Of the rounding modes fixed_pkg has two, of the overflow modes two:
--   fixed_round = RND_CONV (rule Q7), fixed_truncate = TRN (Q1), fixed_saturate = SAT (O3), fixed_wrap = WRAP (O2).
library ieee;
use ieee.std_logic_1164.all;
use ieee.fixed_float_types.all;
use ieee.fixed_pkg.all;
use std.textio.all;

package fixed_datapath is
    -- How a word is read and written. value = raw * 2.0**(-frac).
    type format is record
        width     : positive;
        frac      : integer;
        is_signed : boolean;
    end record;

    -- A word as a number. An unsigned one gets a sign bit of 0, a signed one repeats its sign.
    function to_number(word : std_logic_vector; f : format) return sfixed;

    -- A number as a word of the format: rounded to the nearest (ties to even) or toward minus infinity, then saturated or
    -- wrapped.
    function to_word(number : sfixed; f : format; nearest, saturate : boolean) return std_logic_vector;

    type word_array is array (natural range <>) of std_logic_vector;

    -- The words of a $readmemh file, one a line; // begins a comment.
    impure function read_mem(file_name : string; words, width : positive) return word_array;
end package;

package body fixed_datapath is
    function to_number(word : std_logic_vector; f : format) return sfixed is
        constant bits : std_logic_vector(f.width - 1 downto 0) := word;
        variable top : std_logic := '0';
    begin
        if f.is_signed then
            top := bits(f.width - 1);
        end if;
        return to_sfixed(top & bits, f.width - f.frac, -f.frac);
    end function;

    function to_word(number : sfixed; f : format; nearest, saturate : boolean) return std_logic_vector is
        variable rounding : fixed_round_style_type := fixed_truncate;
        variable overflow : fixed_overflow_style_type := fixed_wrap;
        -- resize does not round a number whose top bit is more than one place below the lsb (a small negative one gives -1
        -- instead of 0), so such a number is first extended, exactly, up to the lsb.
        constant long : sfixed(maximum(number'high, -f.frac) downto number'low)
            := resize(number, maximum(number'high, -f.frac), number'low);
        -- An unsigned word is the positive half of a signed one with a bit more.
        variable wide : sfixed(f.width - f.frac downto -f.frac);
        variable bits : std_logic_vector(f.width downto 0);
    begin
        if nearest then
            rounding := fixed_round;
        end if;
        if saturate then
            overflow := fixed_saturate;
        end if;
        if f.is_signed then
            return to_slv(resize(long, f.width - 1 - f.frac, -f.frac, overflow, rounding));
        end if;
        wide := resize(long, f.width - f.frac, -f.frac, overflow, rounding);
        bits := to_slv(wide);
        if saturate and bits(f.width) = '1' then
            bits := (others => '0');
        end if;
        return bits(f.width - 1 downto 0);
    end function;

    impure function read_mem(file_name : string; words, width : positive) return word_array is
        file source : text open read_mode is file_name;
        variable row : line;
        -- On the heap: a large memory does not fit a simulator's stack.
        type word_array_access is access word_array;
        variable result : word_array_access := new word_array(0 to words - 1)(width - 1 downto 0);
        variable count : natural := 0;
    begin
        while not endfile(source) loop
            readline(source, row);
            if row'length > 0 and row(row'low) /= '/' then
                assert count < words report file_name & " holds more words than the design" severity failure;
                hread(row, result(count));
                count := count + 1;
            end if;
        end loop;
        assert count = words report file_name & " holds fewer words than the design" severity failure;
        return result.all;
    end function;
end package body;
