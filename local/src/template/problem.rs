//! What can be wrong with a template.

use std::path::PathBuf;

/// A fault at one line, before the file's name is known.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct Problem {
    /// 1-based line.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl Problem {
    /// A fault at a line.
    pub fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

/// Why a template cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}. Give the template with --template")]
    Read {
        /// The file that was asked for.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A fault at one line, e.g. something this platform does not support.
    #[error("{file}:{}: {}", problem.line, problem.message)]
    Invalid {
        /// The file's name, without folders.
        file: String,
        /// Line and message.
        problem: Problem,
    },
    /// Parameters without default and without value.
    #[error("the template needs values for: {0}. Give each with --parameter NAME=VALUE")]
    MissingParameters(String),
    /// An override names no parameter of the template.
    #[error("--parameter {0}: the template has no parameter of this name")]
    UnknownParameter(String),
}
