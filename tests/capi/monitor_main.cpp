// The clock of monitor_tb.sv: Verilator without --timing.
#include <verilated.h>

#include "Vmonitor_tb.h"

int main(int count, char** arguments) {
    VerilatedContext context;
    context.commandArgs(count, arguments);
    Vmonitor_tb top(&context);
    top.clk = 0;
    while (!context.gotFinish()) {
        top.eval();
        context.timeInc(1);
        top.clk = !top.clk;
    }
    top.final();
    return 0;
}
