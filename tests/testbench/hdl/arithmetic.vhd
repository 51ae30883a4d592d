-- What pipe.vhd and pipe_memory.vhd compute.
library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

package arithmetic is
    -- s10.6 to s8.4: ties to even, saturated. BUG 1: truncated; 2: wraps; 3: reads the input as unsigned.
    function requantize(x : std_logic_vector(9 downto 0); bug : natural) return std_logic_vector;
    -- s8.4 to u5.3: max(0, x), ties up, saturated. BUG 4: wraps.
    function rectify(x : std_logic_vector(7 downto 0); bug : natural) return std_logic_vector;
end package;

package body arithmetic is

    function requantize(x : std_logic_vector(9 downto 0); bug : natural) return std_logic_vector is
        constant floor : unsigned(7 downto 0) := unsigned(x(9 downto 2));
        constant up    : std_logic            := x(1) and (x(0) or x(2));
    begin
        if bug = 3 and x(9) = '1' then
            return x"7f";
        elsif bug = 1 or up = '0' then
            return std_logic_vector(floor);
        elsif floor = 127 and bug /= 2 then
            return x"7f";
        end if;
        return std_logic_vector(floor + 1);
    end function;

    function rectify(x : std_logic_vector(7 downto 0); bug : natural) return std_logic_vector is
        variable rounded : unsigned(6 downto 0);
    begin
        if is_x(x) then
            return "XXXXX";
        end if;
        rounded := unsigned(x(7 downto 1)) + unsigned(x(0 downto 0));
        if x(7) = '1' then
            return "00000";
        elsif rounded > 31 and bug /= 4 then
            return "11111";
        end if;
        return std_logic_vector(rounded(4 downto 0));
    end function;

end package body;
