library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;
use std.textio.all;

entity tb is
end entity;

architecture sim of tb is
    signal clk   : std_logic := '0';
    signal rst   : std_logic := '1';
    signal phase : unsigned(1 downto 0) := "00";
    signal ready : std_logic;
    signal valid : std_logic;
    signal data  : std_logic_vector(7 downto 0);
    signal halt  : boolean := false;
begin
    ready <= '0' when phase = 3 else '1';
    dut : entity work.counter_stream port map (clk => clk, rst => rst, data => data, valid => valid, ready => ready);

    clk <= not clk after 5 ns when not halt else '0';
    rst <= '0' after 23 ns;
    halt <= true after 1023 ns;

    -- What a flip-flop behind the stream takes is the truth that the reader of the dump must find.
    process (clk)
        file log : text open write_mode is "taken.txt";
        variable row : line;
    begin
        if rising_edge(clk) then
            phase <= phase + 1;
            if rst = '0' and valid = '1' and ready = '1' then
                write(row, now / 1 ps);
                write(row, ' ');
                for i in data'range loop
                    write(row, std_logic'image(data(i))(2));
                end loop;
                writeline(log, row);
            end if;
        end if;
    end process;
end architecture;
