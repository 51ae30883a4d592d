// The program: the only code that prints, parses flags or exits.
#include <csignal>
#include <exception>
#include <new>
#include <sstream>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "command.hpp"
#include "console.hpp"
#include "paths.hpp"

namespace {

constexpr const char* kFooter = R"(Example:
  bittrue run examples/mnist-cnn/mnist_cnn_8bit.toml --input digits:100 --engine both

Exit status: 0 done or equal, 1 different, 2 the input cannot be used.)";

int complain(const char* what) {
    std::fputs(fmt::format("bittrue: {}\n", what).c_str(), stderr);
    return bittrue::cli::kUnusable;
}

// The emulator's limits are golden's to pass, but not every command can choose its engine.
std::string with_own_remedy(std::string message, const CLI::App& app) {
    constexpr std::string_view kRemedy = "use --engine golden";
    if (!message.ends_with(kRemedy)) return message;
    for (const CLI::App* command : app.get_subcommands()) {
        if (command->get_option_no_throw("--engine") != nullptr) return message;
    }
    message.resize(message.size() - kRemedy.size());
    return message + "give the layer fewer bits (only 'bittrue run --engine golden' goes beyond)";
}

// --help and --version, through print() so that a full disk is noticed.
int help(const CLI::App& app, const CLI::Success& request) {
    std::ostringstream out;
    app.exit(request, out, out);
    try {
        bittrue::cli::print(out.str());
    } catch (const bittrue::InputError& e) {
        return complain(e.what());
    }
    return bittrue::cli::kEqual;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace bittrue::cli;
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    CLI::App app{
        "bittrue runs a trained network exactly as an FPGA datapath will, writes golden vectors and compares dumps",
        "bittrue"};
    app.set_version_flag("--version", "bittrue " BITTRUE_VERSION);
    app.require_subcommand(1);
    app.footer(kFooter);
    int status = kEqual;
    add_run(app, status);
    add_vectors(app, status);
    add_stimulus(app, status);
    add_coverage(app, status);
    add_diff(app, status);
    add_explain(app, status);
    add_map(app, status);
    add_cast(app, status);
    add_formats(app, status);
    add_mac(app, status);
    add_init(app, status);
    add_show(app, status);
    add_plan(app, status);
    add_precision(app, status);
    add_quantize(app, status);
    add_bounds(app, status);
    add_sweep(app, status);
    add_sweep_merge(app, status);
    add_train(app, status);
    add_train_vectors(app, status);
    // Runs after parsing and before the command.
    app.parse_complete_callback([&app] {
        for (const CLI::App* command : app.get_subcommands()) refuse_empty_values(*command);
    });
    try {
        app.parse(argc, argv);
        return status;
    } catch (const CLI::Success& e) {
        return help(app, e);
    } catch (const CLI::ParseError& e) {
        std::string command;
        for (const CLI::App* sub : app.get_subcommands()) command = sub->get_name() + " ";
        if (command.empty() && argc > 1 && argv[1][0] != '-') {
            return complain(
                fmt::format("there is no command '{}'; 'bittrue --help' lists the commands", argv[1]).c_str());
        }
        return complain(fmt::format("{}; 'bittrue {}--help' shows an example", e.what(), command).c_str());
    } catch (const bittrue::Interrupted&) {
        std::fputs("bittrue: interrupted; nothing was written\n", stderr);
        return kInterrupted;
    } catch (const bittrue::InputError& e) {
        return complain(with_own_remedy(e.what(), app).c_str());
    } catch (const std::bad_alloc&) {
        return complain("there is not enough memory for this; use --first to take fewer images");
    } catch (const std::exception& e) {
        return complain(fmt::format("internal error: {}; please report it with the command", e.what()).c_str());
    }
}
