//! What the client's commands take.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::{
    cli::server::{COMMON, Server},
    client::input::Source,
};

/// `cipherdeck client`
#[derive(Debug, Args)]
#[command(
    about = "Encrypt, ask a server, decrypt",
    long_about = "Encrypts your data with a key that never leaves this machine, asks a cipherdeck server to compute on \
                  the encrypted data, and decrypts the answer.",
    after_help = super::help::CLIENT
)]
pub struct ClientArgs {
    /// Which.
    #[command(flatten)]
    pub server: Server,
    /// Directory of the keys [default: cipherdeck/wallet in the user's data directory]
    #[arg(
        long,
        global = true,
        help_heading = COMMON,
        env = "CIPHERDECK_WALLET",
        hide_env_values = true,
        value_name = "DIR"
    )]
    pub wallet: Option<PathBuf>,
    /// Print exactly one JSON object, and an error as one on standard error
    #[arg(long, global = true, help_heading = COMMON)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The client's commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Smallest, largest and average of encrypted weights
    #[command(alias = "weight_stats", after_help = super::help::WEIGHT_STATS)]
    WeightStats(WeightArgs),
    /// Quality of encrypted nights of sleep, 1 (excellent) to 5 (poor)
    #[command(alias = "sleep_quality", after_help = super::help::SLEEP_QUALITY)]
    SleepQuality(NightArgs),
    /// The ads that fit an encrypted profile best
    #[command(alias = "ad_targeting", after_help = super::help::AD_TARGETING)]
    AdTargeting(AdArgs),
    /// Make the keys now instead of when they are first needed
    #[command(after_help = super::help::KEYGEN)]
    Keygen,
    /// Encrypt an input to a file, to send it with another program such as curl
    #[command(after_help = super::help::ENCRYPT)]
    Encrypt {
        /// What for.
        #[command(subcommand)]
        use_case: EncryptCommand,
    },
    /// Decrypt an answer that another program has fetched
    #[command(after_help = super::help::DECRYPT)]
    Decrypt {
        /// Of what.
        #[command(subcommand)]
        use_case: DecryptCommand,
    },
    /// Delete the key, the tasks and the results on the server, and the wallet's entry for it
    #[command(after_help = super::help::FORGET)]
    Forget(ForgetArgs),
}

/// Weights.
#[derive(Debug, Args)]
pub struct WeightArgs {
    /// Weights in kg with at most one decimal, up to 1638.3; 1 to 1000 of them
    #[arg(value_name = "KG", required_unless_present = "file", allow_negative_numbers = true)]
    pub weights: Vec<String>,
    /// Read them from a file, one a line (`-`: standard input)
    #[arg(long, value_name = "FILE", conflicts_with = "weights")]
    pub file: Option<Source>,
}

/// Nights.
#[derive(Debug, Args)]
pub struct NightArgs {
    /// JSON or CSV file (`-`: standard input); see below
    #[arg(value_name = "NIGHTS")]
    pub nights: Source,
}

/// A profile.
#[derive(Debug, Args)]
pub struct ProfileArgs {
    /// female or male
    #[arg(long)]
    pub gender: Option<String>,
    /// Age in years
    #[arg(long, value_name = "YEARS")]
    pub age: Option<u32>,
    /// Language to read ads in, such as French
    #[arg(long)]
    pub language: Option<String>,
    /// Country of residence, such as Canada
    #[arg(long)]
    pub country: Option<String>,
    /// An interest, such as "Video Games"; may be given several times
    #[arg(long = "interest", value_name = "INTEREST")]
    pub interests: Vec<String>,
    /// There are kids in the household
    #[arg(long)]
    pub kids: bool,
}

/// How ads are shown.
#[derive(Debug, Args)]
pub struct ShowAdsArgs {
    /// How many of the best ads to show
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub top: u32,
    /// Write every ad's score to a file, in catalogue order, one a line
    #[arg(long, value_name = "FILE")]
    pub scores: Option<PathBuf>,
}

/// `ad-targeting`
#[derive(Debug, Args)]
pub struct AdArgs {
    /// Who asks.
    #[command(flatten)]
    pub profile: ProfileArgs,
    /// How to show.
    #[command(flatten)]
    pub show: ShowAdsArgs,
}

/// Where encrypted bytes go.
#[derive(Debug, Args)]
pub struct OutArgs {
    /// Where to write the encrypted input (`-`: standard output)
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// A catalogue file.
#[derive(Debug, Args)]
pub struct CatalogueArgs {
    /// The ad catalogue, as `GET /get_ads` answers it [default: the wallet's copy, else the server's]
    #[arg(long, value_name = "FILE")]
    pub catalogue: Option<PathBuf>,
}

/// `encrypt USE_CASE`
#[derive(Debug, Subcommand)]
pub enum EncryptCommand {
    /// Encrypt weights
    #[command(alias = "weight_stats", after_help = super::help::ENCRYPT)]
    WeightStats {
        /// The input.
        #[command(flatten)]
        input: WeightArgs,
        /// The output.
        #[command(flatten)]
        out: OutArgs,
    },
    /// Encrypt nights of sleep
    #[command(alias = "sleep_quality", after_help = super::help::ENCRYPT)]
    SleepQuality {
        /// The input.
        #[command(flatten)]
        input: NightArgs,
        /// The output.
        #[command(flatten)]
        out: OutArgs,
    },
    /// Encrypt a profile
    #[command(alias = "ad_targeting", after_help = super::help::ENCRYPT)]
    AdTargeting {
        /// The input.
        #[command(flatten)]
        input: ProfileArgs,
        /// The catalogue.
        #[command(flatten)]
        catalogue: CatalogueArgs,
        /// The output.
        #[command(flatten)]
        out: OutArgs,
    },
}

/// `decrypt USE_CASE`
#[derive(Debug, Subcommand)]
pub enum DecryptCommand {
    /// Decrypt the JSON answer with avg, min and max, or one of its values
    #[command(alias = "weight_stats", after_help = super::help::DECRYPT)]
    WeightStats {
        /// What `GET /get_task_result` answered (`-`: standard input)
        file: Source,
    },
    /// Decrypt the scores of nights
    #[command(alias = "sleep_quality", after_help = super::help::DECRYPT)]
    SleepQuality {
        /// What `GET /get_task_result` answered (`-`: standard input)
        file: Source,
    },
    /// Decrypt the scores of ads
    #[command(alias = "ad_targeting", after_help = super::help::DECRYPT)]
    AdTargeting {
        /// What `GET /get_task_result` answered (`-`: standard input)
        file: Source,
        /// The catalogue.
        #[command(flatten)]
        catalogue: CatalogueArgs,
        /// How to show.
        #[command(flatten)]
        show: ShowAdsArgs,
    },
}

/// `forget`
#[derive(Debug, Args)]
pub struct ForgetArgs {
    /// On every server of this wallet, and delete the key files too
    #[arg(long)]
    pub all: bool,
    /// Do not ask before deleting the key files
    #[arg(long, requires = "all")]
    pub yes: bool,
}
