-- A dense layer (rule L2) built the other way round than sv/dense.sv: a MAC for every output, all working on the input
-- element that arrives, which is never stored. A vector takes INPUTS clocks; the results leave one a beat while the next
-- vector is worked on.
--
-- WEIGHTS_FILE: word i * OUTPUTS + o; BIAS_FILE: word o: the arrays in storage order, one word a line.
library ieee;
use ieee.std_logic_1164.all;
use work.fixed_datapath.all;

entity dense is
    generic (
        INPUTS       : positive := 12;
        OUTPUTS      : positive := 8;
        IN_WIDTH     : positive := 6;
        IN_FRAC      : integer  := 4;
        IN_SIGNED    : boolean  := true;
        W_WIDTH      : positive := 5;
        W_FRAC       : integer  := 3;
        W_SIGNED     : boolean  := true;
        B_WIDTH      : positive := 6;
        B_FRAC       : integer  := 3;
        B_SIGNED     : boolean  := true;
        ACC_WIDTH    : positive := 8;
        ACC_FRAC     : integer  := 4;
        ACC_SIGNED   : boolean  := true;
        ACC_NEAREST  : boolean  := true;
        ACC_SATURATE : boolean  := true;
        PRODUCT_CAST : boolean  := true;
        OUT_WIDTH    : positive := 5;
        OUT_FRAC     : integer  := 2;
        OUT_SIGNED   : boolean  := true;
        OUT_NEAREST  : boolean  := true;
        OUT_SATURATE : boolean  := true;
        WEIGHTS_FILE : string   := "parameters/dense_weights.mem";
        BIAS_FILE    : string   := "parameters/dense_bias.mem"
    );
    port (
        clk       : in  std_logic;
        rst       : in  std_logic;
        in_data   : in  std_logic_vector(IN_WIDTH - 1 downto 0);
        in_valid  : in  std_logic;
        in_ready  : out std_logic;
        out_data  : out std_logic_vector(OUT_WIDTH - 1 downto 0);
        out_valid : out std_logic;
        out_ready : in  std_logic
    );
end entity;

architecture rtl of dense is
    constant weights : word_array(0 to INPUTS * OUTPUTS - 1)(W_WIDTH - 1 downto 0)
        := read_mem(WEIGHTS_FILE, INPUTS * OUTPUTS, W_WIDTH);
    constant biases : word_array(0 to OUTPUTS - 1)(B_WIDTH - 1 downto 0) := read_mem(BIAS_FILE, OUTPUTS, B_WIDTH);

    signal index : natural range 0 to INPUTS - 1 := 0;  -- of the element that arrives
    signal first : std_logic;
    signal take : std_logic;

    type accumulators is array (0 to OUTPUTS - 1) of std_logic_vector(ACC_WIDTH - 1 downto 0);
    signal acc : accumulators;
    signal done : std_logic := '0';     -- acc holds the results of a vector

    signal results : accumulators;      -- they leave from here
    signal result : std_logic_vector(ACC_WIDTH - 1 downto 0);
    signal leaving : std_logic := '0';
    signal position : natural range 0 to OUTPUTS - 1 := 0;
begin
    -- The accumulators may not start anew before their results have been copied.
    in_ready <= not (done and leaving);
    take <= in_valid and in_ready;
    first <= '1' when index = 0 else '0';

    lanes : for o in 0 to OUTPUTS - 1 generate
        signal weight : std_logic_vector(W_WIDTH - 1 downto 0);
    begin
        weight <= weights(index * OUTPUTS + o);
        unit : entity work.mac
            generic map (W_WIDTH => W_WIDTH, W_FRAC => W_FRAC, W_SIGNED => W_SIGNED, X_WIDTH => IN_WIDTH, X_FRAC => IN_FRAC,
                         X_SIGNED => IN_SIGNED, B_WIDTH => B_WIDTH, B_FRAC => B_FRAC, B_SIGNED => B_SIGNED,
                         ACC_WIDTH => ACC_WIDTH, ACC_FRAC => ACC_FRAC, ACC_SIGNED => ACC_SIGNED,
                         ACC_NEAREST => ACC_NEAREST, ACC_SATURATE => ACC_SATURATE, PRODUCT_CAST => PRODUCT_CAST)
            port map (clk => clk, enable => take, first => first, weight => weight, x => in_data,
                      bias => biases(o), acc => acc(o));
    end generate;

    process (clk)
    begin
        if rising_edge(clk) then
            if rst = '1' then
                index <= 0;
                done <= '0';
                leaving <= '0';
                position <= 0;
            else
                if done = '1' and leaving = '0' then
                    results <= acc;
                    leaving <= '1';
                    done <= '0';
                end if;
                if take = '1' then
                    if index = INPUTS - 1 then
                        index <= 0;
                        done <= '1';
                    else
                        index <= index + 1;
                    end if;
                end if;
                if leaving = '1' and out_ready = '1' then
                    if position = OUTPUTS - 1 then
                        position <= 0;
                        leaving <= '0';
                    else
                        position <= position + 1;
                    end if;
                end if;
            end if;
        end if;
    end process;

    result <= results(position);
    out_valid <= leaving;
    out_word : entity work.requantise
        generic map (IN_WIDTH => ACC_WIDTH, IN_FRAC => ACC_FRAC, IN_SIGNED => ACC_SIGNED, OUT_WIDTH => OUT_WIDTH,
                     OUT_FRAC => OUT_FRAC, OUT_SIGNED => OUT_SIGNED, NEAREST => OUT_NEAREST, SATURATE => OUT_SATURATE)
        port map (in_raw => result, out_raw => out_data);
end architecture;
