-- The design of counter_stream.sv with a resolved bus: word 5 is driven twice and word 9 is not driven in some bits.
library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

entity counter_stream is
    port (
        clk   : in  std_logic;
        rst   : in  std_logic;
        data  : out std_logic_vector(7 downto 0);
        valid : out std_logic;
        ready : in  std_logic
    );
end entity;

architecture rtl of counter_stream is
    signal index  : unsigned(7 downto 0) := (others => '0');
    signal gap    : unsigned(1 downto 0) := "00";
    signal word   : std_logic_vector(7 downto 0) := (others => '0');
    signal full   : std_logic := '0';
    signal pair   : std_logic_vector(15 downto 0);
    signal down   : std_logic_vector(0 to 7);
begin
    data  <= word;
    valid <= full;
    pair  <= not word & word;
    down  <= word;

    process (clk)
        variable following : std_logic_vector(7 downto 0);
    begin
        if rising_edge(clk) then
            if rst = '1' then
                index <= (others => '0');
                gap <= "00";
                full <= '0';
                word <= (others => '0');
            else
                if gap = 2 then
                    gap <= "00";
                else
                    gap <= gap + 1;
                end if;
                if full = '1' and ready = '1' then
                    full <= '0';
                end if;
                if (full = '0' or ready = '1') and gap /= 2 then
                    following := std_logic_vector(resize(index * to_unsigned(37, 8) + 11, 8));
                    if index = 5 then
                        following(3 downto 2) := "XX";
                    elsif index = 9 then
                        following(5 downto 3) := "ZZZ";
                    elsif index = 12 then
                        following := "UW-LH" & following(2 downto 0);
                    end if;
                    full <= '1';
                    word <= following;
                    index <= index + 1;
                end if;
            end if;
        end if;
    end process;
end architecture;
