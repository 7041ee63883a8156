//! `local`: runs `template.yaml` on this machine.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use local::platform::{Platform, Settings};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Runs a SAM template on this machine: the same function binaries, with AWS played by one process on loopback.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The SAM template.
    #[arg(long, default_value = "template.yaml")]
    template: PathBuf,
    /// Folder of the functions' executables, named like the last segment of CodeUri.
    #[arg(long, default_value = "target/debug")]
    bin_dir: PathBuf,
    /// Folder of all state; it survives restarts.
    #[arg(long, default_value = ".slipway")]
    state: PathBuf,
    /// Port of the HTTP API and, as <label>.localhost, of the sites; 0 is any.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of the AWS APIs and of /_local/; 0 is any.
    #[arg(long, default_value_t = 8081)]
    aws_port: u16,
    /// A value for a template parameter.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    parameter: Vec<(String, String)>,
    /// The executable that stands for a container image.
    #[arg(long, value_name = "REF=PATH", value_parser = pair)]
    image: Vec<(String, String)>,
    /// A variable of this environment that containers get too, e.g. HTTPS_PROXY.
    #[arg(long, value_name = "NAME")]
    task_env: Vec<String>,
    /// Append every AWS call to calls.jsonl in the state folder.
    #[arg(long)]
    record: bool,
    /// Seconds before the first and second retry of an asynchronous invocation (60,120 on AWS).
    #[arg(long, value_name = "SECONDS,…", value_delimiter = ',', default_value = "1,2")]
    retry_delays: Vec<f64>,
}

/// Splits at the first `=`.
fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("`{text}` is not of the form NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn settings(arguments: Arguments) -> Result<Settings, String> {
    let retry_delays = arguments.retry_delays.iter().map(|seconds| Duration::try_from_secs_f64(*seconds));
    let mut images = std::collections::HashMap::new();
    for (image, path) in arguments.image {
        let path = PathBuf::from(&path).canonicalize().map_err(|error| format!("--image {image}={path}: {error}"))?;
        images.insert(image, path);
    }
    let mut task_environment = Vec::new();
    for name in arguments.task_env {
        match variable(&name) {
            Some(value) => task_environment.push((name, value)),
            None => return Err(format!("--task-env {name}: the variable is not set")),
        }
    }
    Ok(Settings {
        template: arguments.template,
        bin_dir: arguments.bin_dir,
        state: arguments.state,
        port: arguments.port,
        aws_port: arguments.aws_port,
        parameters: arguments.parameter.into_iter().collect(),
        images,
        record: arguments.record,
        retry_delays: retry_delays.collect::<Result<_, _>>().map_err(|error| format!("--retry-delays: {error}"))?,
        path: variable("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".to_owned()),
        task_environment,
    })
}

#[expect(clippy::disallowed_methods, reason = "main.rs is where the environment is read")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,local=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("local: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let cannot_listen = |error: std::io::Error| format!("cannot listen for signals: {error}");
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot_listen)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot_listen)?;
    let platform = Platform::start(settings(arguments)?).await.map_err(|error| error.to_string())?;
    let (public, aws) = (platform.addresses.public, platform.addresses.aws);
    println!("ready: http://{public} (sites: http://<label>.localhost:{}), AWS http://{aws}", public.port());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    platform.stop().await;
    Ok(())
}
