-- pass.vhd with TKEEP and TLAST.
library ieee;
use ieee.std_logic_1164.all;

entity pass_axis is
    generic (
        BITS    : natural := 8;
        WRONG   : integer := -1;
        UNKNOWN : natural := 0;
        LATE    : integer := -1
    );
    port (
        clock, reset_n : in  std_logic;
        in_data        : in  std_logic_vector(BITS - 1 downto 0);
        in_keep        : in  std_logic_vector(BITS / 8 - 1 downto 0);
        in_last        : in  std_logic;
        in_valid       : in  std_logic;
        in_ready       : out std_logic;
        out_data       : out std_logic_vector(BITS - 1 downto 0);
        out_keep       : out std_logic_vector(BITS / 8 - 1 downto 0);
        out_last       : out std_logic;
        out_valid      : out std_logic;
        out_ready      : in  std_logic
    );
end entity;

architecture rtl of pass_axis is
    constant WIDTH   : natural := BITS + BITS / 8 + 1;
    signal into, out_of : std_logic_vector(WIDTH - 1 downto 0);
begin
    into     <= in_last & in_keep & in_data;
    out_data <= out_of(BITS - 1 downto 0);
    out_keep <= out_of(WIDTH - 2 downto BITS);
    out_last <= out_of(WIDTH - 1);

    stage : entity work.pass
        generic map (BITS => WIDTH, WRONG => WRONG, UNKNOWN => UNKNOWN, LATE => LATE)
        port map (clock => clock, reset_n => reset_n, in_data => into, in_valid => in_valid, in_ready => in_ready,
                  out_data => out_of, out_valid => out_valid, out_ready => out_ready);
end architecture;
