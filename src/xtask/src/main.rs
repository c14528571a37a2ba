//! `cargo xtask`: the only automation of this repository.
//!
//! Reading order: [`tools`] gets what a fresh machine lacks, [`build`] makes the
//! artefacts, [`demo`] runs them, [`mod@test`] is everything CI runs. [`run`] and
//! [`server`] start processes, [`stop`] sees that none outlives us.

mod bench;
mod bless;
mod build;
mod demo;
mod fastly_cli;
mod fuzz;
mod http;
mod load;
mod paths;
mod run;
mod say;
mod server;
mod size;
mod stamp;
mod stop;
mod test;
mod tools;
mod totals;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The only automation of Edgewise. It installs what it needs, outside the checkout.
#[derive(Parser, Debug)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Build everything and put the module in front of the demo site
    Demo(demo::Options),
    /// Run everything CI runs; ends with "N passed, N failed"
    Test(test::Options),
    /// Make the release artefacts
    Build(build::Options),
    /// Compare the module's speed with a pass-through and a hard-coded rewriter
    Bench,
    /// Send the module many requests, ordinary or hostile, and watch its answers and its memory
    Load(load::Options),
    /// Hold the engine against pages that libFuzzer thinks up
    Fuzz(fuzz::Options),
    /// Rewrite the expected files of the test cases; git diff is the review
    Bless,
    /// Print the sizes of the artefacts and hold them to their budgets
    Size,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = stop::with_us().and_then(|()| dispatch(arguments.command));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            say::error(&error);
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<ExitCode> {
    match command {
        Command::Demo(options) => demo::run(&options),
        Command::Test(options) => Ok(test::run(options)),
        Command::Build(options) => build::run(&options),
        Command::Bench => bench::run(),
        Command::Load(options) => load::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Bless => bless::run(),
        Command::Size => size::run(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_fastly_cli_may_name_the_binary() {
        let typed = ["xtask", "build", "--bin", "edgewise-edge"];
        assert!(Arguments::try_parse_from(typed).is_ok());
        let typed = ["xtask", "build", "--bin", "something-else"];
        assert!(Arguments::try_parse_from(typed).is_err());
    }

    #[test]
    fn the_demo_has_its_ports_and_takes_others() {
        let Command::Demo(options) =
            Arguments::try_parse_from(["xtask", "demo"]).expect("parses").command
        else {
            panic!("another command");
        };
        assert_eq!(
            (options.port, options.origin_port, options.check),
            (7676, 7677, false)
        );
        let typed = ["xtask", "demo", "--port", "80000"];
        assert!(Arguments::try_parse_from(typed).is_err());
    }
}
