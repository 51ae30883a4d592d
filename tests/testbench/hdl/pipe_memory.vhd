-- pipe_memory.v in VHDL: a word of the input each clock, results written by address. FAULT selects what is wrong.
library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;
use work.arithmetic.all;

entity pipe_memory is
    generic (FAULT : natural := 0);
    port (
        clk, rst   : in  std_logic;
        start      : in  std_logic;
        done       : out std_logic := '0';
        in_addr    : out std_logic_vector(4 downto 0);
        in_data    : in  std_logic_vector(9 downto 0);
        scale_we   : out std_logic;
        scale_addr : out std_logic_vector(4 downto 0);
        scale_data : out std_logic_vector(7 downto 0);
        out_we     : out std_logic := '0';
        out_addr   : out std_logic_vector(4 downto 0);
        out_data   : out std_logic_vector(4 downto 0)
    );
end entity;

architecture rtl of pipe_memory is
    signal count, arrived : unsigned(4 downto 0) := (others => '0');
    signal reading, here  : std_logic := '0';
    signal result         : std_logic_vector(4 downto 0);
begin
    in_addr    <= std_logic_vector(count);
    scale_we   <= '0' when FAULT = 8 and arrived = 20 else here;  -- 8: word 20 is never written
    scale_addr <= std_logic_vector(arrived);
    scale_data <= "0011XXXX" when FAULT = 6 and arrived = 7 else requantize(in_data, FAULT);
    result     <= rectify(scale_data, FAULT);

    process (clk)
    begin
        if rising_edge(clk) then
            done   <= '0';
            out_we <= '0';
            if rst = '1' then
                reading <= '0';
                here    <= '0';
                count   <= (others => '0');
            else
                if start = '1' then
                    reading <= '1';
                    count   <= (others => '0');
                elsif reading = '1' then
                    count <= count + 1;
                    if count = 31 then
                        reading <= '0';
                    end if;
                end if;
                arrived <= count;
                here    <= reading;
                if here = '1' then
                    out_we   <= '1';
                    out_addr <= std_logic_vector(arrived);
                    out_data <= result;
                    if FAULT = 9 and arrived = 20 then  -- 9: word 19 is written twice
                        out_addr <= "10011";
                    elsif FAULT = 7 and arrived = 9 then  -- 7: one bit of word 9
                        out_data(0) <= not result(0);
                    end if;
                    if arrived = 31 and FAULT /= 5 then  -- 5: never done
                        done <= '1';
                    end if;
                end if;
                if FAULT = 10 and done = '1' then  -- 10: a write behind done
                    out_we <= '1';
                end if;
            end if;
        end if;
    end process;
end architecture;
