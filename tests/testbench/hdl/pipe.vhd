-- pipe.v in VHDL: two layers as a pipeline of ready/valid streams. FAULT selects what is wrong.
library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;
use work.arithmetic.all;

entity pipe is
    generic (FAULT : natural := 0);
    port (
        clk, rst    : in  std_logic;
        in_data     : in  std_logic_vector(9 downto 0);
        in_valid    : in  std_logic;
        in_ready    : out std_logic;
        scale_data  : out std_logic_vector(7 downto 0);
        scale_valid : out std_logic;
        out_data    : out std_logic_vector(4 downto 0);
        out_valid   : out std_logic;
        out_ready   : in  std_logic
    );
end entity;

architecture rtl of pipe is
    signal scale                  : std_logic_vector(7 downto 0);
    signal relu                   : std_logic_vector(4 downto 0);
    signal scale_full, relu_full  : std_logic := '0';
    signal advance, again, enough : std_logic := '0';
    signal beats                  : natural := 0;
begin
    enough      <= '1' when FAULT = 5 and beats >= 50 else '0';  -- 5: stops after 50 beats
    advance     <= not relu_full or out_ready;
    in_ready    <= advance and not enough and not again;
    scale_data  <= scale(7 downto 4) & "XXXX" when FAULT = 6 and beats = 8 else scale;  -- 6: undefined bits in word 7
    scale_valid <= scale_full and advance;
    out_data    <= relu;
    out_valid   <= relu_full;

    process (clk)
    begin
        if rising_edge(clk) then
            if rst = '1' then
                scale_full <= '0';
                relu_full  <= '0';
                again      <= '0';
                beats      <= 0;
            elsif advance = '1' then
                relu_full <= scale_full;
                relu      <= rectify(scale_data, FAULT);
                if FAULT = 7 and beats = 10 then  -- 7: one bit of word 9
                    relu(0) <= not rectify(scale_data, FAULT)(0);
                end if;
                scale_full <= (in_valid and in_ready) or again;
                again      <= '0';
                if in_valid = '1' and in_ready = '1' then
                    scale <= requantize(in_data, FAULT);
                    beats <= beats + 1;
                    if FAULT = 8 and beats = 20 then  -- 8: beat 20 is lost
                        scale_full <= '0';
                    elsif (FAULT = 9 and beats = 20) or (FAULT = 10 and beats = 127) then
                        again <= '1';  -- 9: it comes twice   10: a beat too many at the very end
                    end if;
                end if;
            end if;
        end if;
    end process;
end architecture;
