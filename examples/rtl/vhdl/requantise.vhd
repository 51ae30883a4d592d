-- A number of one format becomes one of another, by fixed_pkg's resize. Combinational. The counterpart of sv/requantise.sv
-- for NEAREST (RND_CONV, else TRN) and SATURATE (SAT, else WRAP).
library ieee;
use ieee.std_logic_1164.all;
use work.fixed_datapath.all;

entity requantise is
    generic (
        IN_WIDTH   : positive := 16;
        IN_FRAC    : integer  := 8;
        IN_SIGNED  : boolean  := true;
        OUT_WIDTH  : positive := 8;
        OUT_FRAC   : integer  := 4;
        OUT_SIGNED : boolean  := true;
        NEAREST    : boolean  := true;
        SATURATE   : boolean  := true
    );
    port (
        in_raw  : in  std_logic_vector(IN_WIDTH - 1 downto 0);
        out_raw : out std_logic_vector(OUT_WIDTH - 1 downto 0)
    );
end entity;

architecture rtl of requantise is
begin
    out_raw <= to_word(to_number(in_raw, (IN_WIDTH, IN_FRAC, IN_SIGNED)), (OUT_WIDTH, OUT_FRAC, OUT_SIGNED), NEAREST,
                       SATURATE);
end architecture;
