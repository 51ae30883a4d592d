-- Multiply-accumulate, one term a clock, every step converted (rule A6: sequential, step, bias first), in fixed_pkg's
-- arithmetic. Where `enable` is 1 at a rising edge: acc <= Q(base + weight * x), base = first ? Q(bias) : acc. With
-- PRODUCT_CAST the product is converted into the accumulator's format first (rule A1).
library ieee;
use ieee.std_logic_1164.all;
use ieee.fixed_pkg.all;
use work.fixed_datapath.all;

entity mac is
    generic (
        W_WIDTH      : positive := 8;
        W_FRAC       : integer  := 7;
        W_SIGNED     : boolean  := true;
        X_WIDTH      : positive := 8;
        X_FRAC       : integer  := 7;
        X_SIGNED     : boolean  := true;
        B_WIDTH      : positive := 8;
        B_FRAC       : integer  := 7;
        B_SIGNED     : boolean  := true;
        ACC_WIDTH    : positive := 20;
        ACC_FRAC     : integer  := 14;
        ACC_SIGNED   : boolean  := true;
        ACC_NEAREST  : boolean  := false;
        ACC_SATURATE : boolean  := true;
        PRODUCT_CAST : boolean  := false
    );
    port (
        clk    : in  std_logic;
        enable : in  std_logic;
        first  : in  std_logic;
        weight : in  std_logic_vector(W_WIDTH - 1 downto 0);
        x      : in  std_logic_vector(X_WIDTH - 1 downto 0);
        bias   : in  std_logic_vector(B_WIDTH - 1 downto 0);
        acc    : out std_logic_vector(ACC_WIDTH - 1 downto 0)
    );
end entity;

architecture rtl of mac is
    constant A : format := (ACC_WIDTH, ACC_FRAC, ACC_SIGNED);
begin
    process (clk)
        -- The register, and the two operands of the addition, as words of the accumulator.
        variable base : std_logic_vector(ACC_WIDTH - 1 downto 0);
        variable term : std_logic_vector(ACC_WIDTH - 1 downto 0);
    begin
        if rising_edge(clk) then
            if enable = '1' then
                if first = '1' then
                    base := to_word(to_number(bias, (B_WIDTH, B_FRAC, B_SIGNED)), A, ACC_NEAREST, ACC_SATURATE);
                else
                    base := acc;
                end if;
                if PRODUCT_CAST then
                    term := to_word(to_number(weight, (W_WIDTH, W_FRAC, W_SIGNED)) * to_number(x, (X_WIDTH, X_FRAC, X_SIGNED)),
                                    A, ACC_NEAREST, ACC_SATURATE);
                    acc <= to_word(to_number(base, A) + to_number(term, A), A, ACC_NEAREST, ACC_SATURATE);
                else
                    acc <= to_word(to_number(base, A)
                                   + to_number(weight, (W_WIDTH, W_FRAC, W_SIGNED)) * to_number(x, (X_WIDTH, X_FRAC, X_SIGNED)),
                                   A, ACC_NEAREST, ACC_SATURATE);
                end if;
            end if;
        end if;
    end process;
end architecture;
