//! Logs: one JSON object per line on standard output, as Lambda's JSON log format expects.

use tracing::level_filters::LevelFilter;

use crate::Environment;

/// Starts logging. `AWS_LAMBDA_LOG_LEVEL`, which Lambda sets from the function's `ApplicationLogLevel`, chooses from which
/// level on; `info` without it. Not a filter per module: the crate that reads those is a tenth of a function.
pub fn start(environment: &Environment) {
    let level = environment.optional("AWS_LAMBDA_LOG_LEVEL").and_then(level).unwrap_or(LevelFilter::INFO);
    tracing_subscriber::fmt().json().with_max_level(level).with_target(false).with_current_span(false).init();
}

/// Lambda's words for levels (`TRACE` to `FATAL`).
fn level(word: &str) -> Option<LevelFilter> {
    match word {
        "FATAL" => Some(LevelFilter::ERROR),
        other => other.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambdas_words_are_levels() {
        let words = [
            ("TRACE", Some(LevelFilter::TRACE)),
            ("DEBUG", Some(LevelFilter::DEBUG)),
            ("INFO", Some(LevelFilter::INFO)),
            ("WARN", Some(LevelFilter::WARN)),
            ("ERROR", Some(LevelFilter::ERROR)),
            ("FATAL", Some(LevelFilter::ERROR)),
            ("loud", None),
        ];
        for (word, expected) in words {
            assert_eq!(level(word), expected, "{word}");
        }
    }
}
