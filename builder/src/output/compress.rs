//! The two compressed forms of a file, written while it is read once.

use std::io::{self, Write};

use brotli::CompressorWriter;
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Files below this fit a network packet anyway.
pub(super) const WORTHWHILE: u64 = 1_024;
/// A form is kept when it has at most this share of the plain bytes.
const MOST_PERCENT: u64 = 95;

/// Brotli's effort by size: the highest is about a hundred times slower than 5, which a visitor pays back only for
/// files that a site of usual size has few of.
fn quality(size: u64) -> i32 {
    match size {
        0..=262_144 => 11,
        262_145..=2_097_152 => 9,
        2_097_153..=16_777_216 => 6,
        _ => 4,
    }
}

/// Both compressors at work on one file.
pub(super) struct Compress {
    brotli: CompressorWriter<Vec<u8>>,
    gzip: GzEncoder<Vec<u8>>,
}

impl Compress {
    pub(super) fn new(size: u64) -> Self {
        let parameters = BrotliEncoderParams {
            quality: quality(size),
            // A window of 4 MB is what every decoder holds.
            lgwin: 22,
            size_hint: usize::try_from(size).unwrap_or_default(),
            ..BrotliEncoderParams::default()
        };
        let room = usize::try_from(size / 3).unwrap_or_default();
        Self {
            brotli: CompressorWriter::with_params(Vec::with_capacity(room), 16 * 1024, &parameters),
            // The header's time stays 0, so equal bytes make equal objects.
            gzip: GzEncoder::new(Vec::with_capacity(room), Compression::new(9)),
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.brotli.write_all(bytes)?;
        self.gzip.write_all(bytes)
    }

    /// The brotli and the gzip form, each only if it is worth keeping.
    pub(super) fn finish(self, size: u64) -> io::Result<(Option<Vec<u8>>, Option<Vec<u8>>)> {
        let worth = |form: Vec<u8>| (form.len() as u64 * 100 <= size * MOST_PERCENT).then_some(form);
        Ok((worth(self.brotli.into_inner()), worth(self.gzip.finish()?)))
    }
}
