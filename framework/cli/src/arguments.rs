use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Runs a machine-learning model natively, posts only its result on a chain, and lets one honest verifier, with a smart
/// contract as judge, catch any cheating down to a single machine instruction.
///
/// With a SPEC, the whole story is played: convert the model, run it, post the result, dispute it, give the verdict.
#[derive(Debug, Parser)]
#[command(
    name = "opml-run",
    version,
    args_conflicts_with_subcommands = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
#[command(
    after_help = "Exit codes: 0 a result or a verdict was reached, 2 the spec or an input is at fault, 1 anything else.\n\n\
    Examples:\n  opml-run specs/pipelines/mnist.yaml\n  opml-run specs/pipelines/mnist-node.yaml --report report.json\n  opml-run plugins onnx dnn mips"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    #[command(flatten)]
    pub(crate) run: RunArguments,
}

/// What playing a spec takes.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The YAML spec to play (its words: specs/schema/spec.schema.json).
    pub(crate) spec: Option<PathBuf>,

    /// Write what happened to this JSON file.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    /// Print the verdict only.
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Keep the converted model file here instead of `.opml/NAME.opml`.
    #[arg(long, value_name = "FILE")]
    pub(crate) model_file: Option<PathBuf>,

    /// Take the model file that an earlier run of this spec left instead of converting again; its constants are verified, but
    /// not that the model and its options are still the same.
    #[arg(long)]
    pub(crate) reuse_model: bool,
}

/// Where and by whom to deploy.
#[derive(Debug, Args)]
pub(crate) struct DeployArguments {
    /// The node's JSON-RPC: `http://…` or `https://…`.
    #[arg(long, value_name = "URL")]
    pub(crate) rpc: String,

    /// The environment variable that holds the private key of who pays. Anvil needs none.
    #[arg(long, value_name = "NAME", conflicts_with = "keystore")]
    pub(crate) key_env: Option<String>,

    /// The encrypted keystore of who pays.
    #[arg(long, value_name = "FILE")]
    pub(crate) keystore: Option<PathBuf>,

    /// The environment variable that holds the keystore's password.
    #[arg(long, value_name = "NAME")]
    pub(crate) password_env: Option<String>,

    /// Where to write the addresses.
    #[arg(long, short, value_name = "FILE", default_value = "deployment.json")]
    pub(crate) output: PathBuf,
}

/// What is planned with.
#[derive(Debug, Args)]
pub(crate) struct PlanArguments {
    /// Write the plan to this JSON file.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    /// The price of gas that bonds must be enough for, in gwei.
    #[arg(long, value_name = "GWEI", default_value_t = 20)]
    pub(crate) gas_price: u64,

    /// Show nothing but what is wrong.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// What to read with a language model.
#[derive(Debug, Args)]
pub(crate) struct PerplexityArguments {
    /// The spec: its model and the threads of its graph stage.
    pub(crate) spec: PathBuf,

    /// The text, in UTF-8; what lies beyond the context is left out.
    #[arg(long, value_name = "FILE")]
    pub(crate) text: PathBuf,

    /// Tokens that are read at most, the spec's `generate` notwithstanding.
    #[arg(long, value_name = "COUNT", default_value_t = 512, value_parser = clap::value_parser!(u32).range(2..))]
    pub(crate) context: u32,

    /// Show no progress.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// What to analyse.
#[derive(Debug, Args)]
pub(crate) struct AnalyseArguments {
    /// Write the analysis to this JSON file.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    /// Draw it into this SVG file.
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,

    /// Show nothing but what is wrong.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// How much to simulate.
#[derive(Debug, Args)]
pub(crate) struct SimulateArguments {
    /// Tasks to play.
    #[arg(long, value_name = "COUNT", default_value_t = 200)]
    pub(crate) tasks: u64,

    /// What all choices follow from.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,

    /// What a unit of gas costs in the books, in gwei.
    #[arg(long, value_name = "GWEI", default_value_t = 20)]
    pub(crate) gas_price: u64,

    /// Show no progress.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the plugins that are loaded: versions, places, what each provides.
    Plugins {
        /// Plugins by name or path; all that are found when none is given.
        plugins: Vec<String>,
    },
    /// Convert a spec's model and write the model file.
    Convert {
        /// The spec.
        spec: PathBuf,
        /// Where to write the model file.
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
        /// Show no progress.
        #[arg(long, short)]
        quiet: bool,
    },
    /// Check a model file whole: header, records, and every constant against its root.
    Verify {
        /// The model file.
        model: PathBuf,
    },
    /// Compare the float model with the quantised one on a labelled set: right answers, and the signal to noise of every layer.
    Evaluate {
        /// The spec whose model is evaluated.
        spec: PathBuf,
        /// Images, or other inputs: IDX (MNIST) or NPY, one a row.
        #[arg(long, value_name = "FILE")]
        images: PathBuf,
        /// Labels: IDX or NPY.
        #[arg(long, value_name = "FILE")]
        labels: PathBuf,
        /// Only the first so many.
        #[arg(long, value_name = "COUNT")]
        limit: Option<usize>,
        /// Show no progress.
        #[arg(long, short)]
        quiet: bool,
    },
    /// Judge a finished play again, offline, with the contracts in this program, and say what every move meant.
    ///
    /// The report must have been written by `opml-run SPEC --report FILE`. Neither the model nor plugins are needed. A move, an amount of
    /// gas or a verdict that was altered is named.
    Replay {
        /// The report.
        report: PathBuf,
        /// Print the verdict only.
        #[arg(long, short)]
        quiet: bool,
    },
    /// Say what a dispute over the spec's model would take, for every arity: rounds, gas, delay, bonds; and check the spec's clocks.
    ///
    /// No dispute is fought. The disputed work is run once, in the machine, which also measures whether three re-executions fit each clock's unit
    /// (else the exit code is 2). Then, for each arity, the contracts in this program judge a sketch of the dispute: all that they read of it is
    /// as in a real one, except that the machine's states between the first and the disputed one are invented. The dispute is the one that the
    /// spec's lie leads to; without a lie, one in the work that takes the longest.
    Plan {
        /// The spec: its model, input, bonds, window, clocks and lie. Its arity is marked; its chain is not looked at.
        spec: PathBuf,
        #[command(flatten)]
        arguments: PlanArguments,
    },
    /// Say how well a language model foretells a text: e to the mean of −ln of the chance that it gives each next token.
    ///
    /// The chances are those of the graph that writes a token, natively, token by token; the tokens are the model's own, with the one that
    /// begins a text where the model asks for it.
    Perplexity(PerplexityArguments),
    /// Measure why a dispute has stages: how much faster nodes are natively than in the machine, and what a dispute takes with one stage,
    /// with more, and at every arity.
    ///
    /// One node of each kind in the model's last graph is run both ways, on the request's values and zeros. Steps are those of the whole
    /// model in the machine, every kind counted as often as it is there; the shorter disputes follow from them. Rounds and gas at each arity
    /// are those of `plan`, for the spec's own stages.
    Analyse {
        /// The spec: its model, input and stages.
        spec: PathBuf,
        #[command(flatten)]
        arguments: AnalyseArguments,
    },
    /// Let random strategies play against the real contracts, and print who gains and who loses.
    ///
    /// Every task over the spec's model has an honest verifier, mostly an honest server, and one to four of: liars, liars that stop
    /// answering, liars that dispute themselves, false challengers, ones that stop answering, spammers, freeloaders. The same seed gives the
    /// same table. It fails when something happens that must not: a false result becomes final, an honest owner loses more than gas, the
    /// service holds more or less than it owes, a task takes longer than its bound.
    Simulate {
        /// The spec: its model, input, bonds, window and clocks. Its parties are not looked at.
        spec: PathBuf,
        #[command(flatten)]
        arguments: SimulateArguments,
    },
    /// Put the contracts on a chain once, and write where they are; specs name the file in `chain: { rpc: URL, deployment: FILE }`.
    ///
    /// When the file exists, what stands on the chain is held against this program's contracts instead.
    Deploy(DeployArguments),
    /// Print the JSON schema of specs, for editors.
    Schema,
}
