//! The build task's one process. Exit code 0 after the commit, 1 after a reported failure, 143 after SIGTERM.

use std::process::ExitCode;
use std::time::SystemTime;

use builder::config::Config;
use builder::{flow, jail};
use domain::Timestamp;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(jail::ENTER) {
        return jail::enter();
    }
    #[expect(clippy::disallowed_methods, reason = "main owns the environment")]
    let environment = std::env::vars().collect();
    let config = match Config::read(environment) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    jail::hide_this_process();
    let children = jail::Children::default();
    match Signals::new([SIGTERM, SIGINT]) {
        Ok(mut signals) => {
            let children = children.clone();
            std::thread::spawn(move || {
                if signals.forever().next().is_some() {
                    children.kill();
                    // As PID 1 of a container nobody else would end us; 128 + SIGTERM is what a shell reports.
                    std::process::exit(143);
                }
            });
        }
        Err(error) => {
            eprintln!("cannot listen for signals: {error}");
            return ExitCode::from(2);
        }
    }
    match flow::run(&config, now, &children) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "main owns the clock")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(since.as_millis() as i64)
}
