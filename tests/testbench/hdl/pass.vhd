-- pass.v in VHDL: what comes out is what went in, but for the beats WRONG and LATE.
library ieee;
use ieee.std_logic_1164.all;

entity pass is
    generic (
        BITS    : natural := 8;
        WRONG   : integer := -1;
        UNKNOWN : natural := 0;
        LATE    : integer := -1
    );
    port (
        clock, reset_n : in  std_logic;
        in_data        : in  std_logic_vector(BITS - 1 downto 0);
        in_valid       : in  std_logic;
        in_ready       : out std_logic;
        out_data       : out std_logic_vector(BITS - 1 downto 0);
        out_valid      : out std_logic := '0';
        out_ready      : in  std_logic
    );
end entity;

architecture rtl of pass is
    signal beat : natural := 0;
begin
    in_ready <= not out_valid or out_ready;

    process (clock)
    begin
        if rising_edge(clock) then
            if reset_n = '0' then
                out_valid <= '0';
                beat      <= 0;
            elsif in_ready = '1' then
                out_valid <= in_valid;
                out_data  <= in_data;
                if beat = WRONG and UNKNOWN /= 0 then
                    out_data <= (others => 'X');
                elsif beat = WRONG then
                    out_data <= not in_data;
                elsif beat = LATE then
                    out_data(BITS - 1) <= not in_data(BITS - 1);
                end if;
                if in_valid = '1' then
                    beat <= beat + 1;
                end if;
            end if;
        end if;
    end process;
end architecture;
