//! The proxy over the real client and the real protocol of S3.

mod answers;
mod faults;
mod lambda;
mod retained;
mod s3;
mod server;
mod streaming;
mod visit;
