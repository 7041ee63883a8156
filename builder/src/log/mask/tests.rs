use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use proptest::prelude::*;

use super::*;
use crate::log::read_lines;

fn hidden(secrets: &[&str], text: &str) -> String {
    let mut line = text.as_bytes().to_vec();
    Mask::of(secrets.iter().copied()).hide(&mut line);
    String::from_utf8(line).unwrap()
}

fn encodings(secret: &str) -> [String; 5] {
    let json = serde_json::to_string(&format!("k: {secret}")).unwrap();
    [
        secret.to_owned(),
        json,
        in_a_url(secret, "-_.~", "%20").0,
        STANDARD.encode(secret),
        URL_SAFE.encode(format!("Bearer {secret}; and more")),
    ]
}

#[test]
fn a_secret_is_hidden_in_every_form() {
    let secret = "pa55 w\"rd/+ü?&=";
    for encoded in encodings(secret) {
        let shown = hidden(&[secret], &format!("before {encoded} after"));
        assert!(shown.contains("[hidden]"), "{encoded} was shown as {shown}");
        assert!(shown.starts_with("before ") && shown.ends_with(" after"), "{shown}");
    }
    assert_eq!(hidden(&["one-secret", "one-secret-longer"], "x one-secret-longer y"), "x [hidden] y");
    assert_eq!(hidden(&[], "nothing"), "nothing");
}

#[test]
fn every_line_of_a_secret_is_one() {
    let key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----";
    assert_eq!(hidden(&[key], "the middle is hkiG9w0BAQEFAASC."), "the middle is [hidden].");
    let whole = serde_json::to_string(key).unwrap();
    assert_eq!(hidden(&[key], &whole), "\"[hidden]\"");
}

/// Reads only so much at a time, as a pipe does.
struct Pieces<'a>(&'a [u8], usize);

impl std::io::Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = self.1.min(self.0.len()).min(buffer.len());
        buffer[..size].copy_from_slice(&self.0[..size]);
        self.0 = &self.0[size..];
        self.1 = usize::MAX;
        Ok(size)
    }
}

/// A hundred secrets, five encodings of each, cut by a write at every byte: none is shown.
#[test]
fn a_secret_that_is_written_in_two_pieces_is_hidden() {
    let secrets: Vec<String> = (0..100).map(|n| format!("s3cret {n:03}/{}", "Zß+\"".repeat(1 + n % 5))).collect();
    let mask = Mask::of(secrets.iter().map(String::as_str));
    for secret in &secrets {
        for encoded in encodings(secret) {
            let text = format!("a {encoded} b\n");
            for cut in 1..text.len() {
                let mut lines = Vec::new();
                read_lines(Pieces(text.as_bytes(), cut), &mask, |line| lines.push(line));
                assert_eq!(lines.len(), 1);
                assert!(lines[0].contains("[hidden]") && !lines[0].contains(&encoded), "{encoded}: {lines:?}");
            }
        }
    }
}

/// The line is cut where it is too long; what is left of a secret there would be the secret's beginning.
#[test]
fn a_secret_on_the_edge_of_a_cut_line_is_hidden() {
    let secret = "0123456789abcdef";
    let mask = Mask::of([secret]);
    for before in 4_060..4_120 {
        let text = format!("{}{secret}{}\n", "x".repeat(before), "y".repeat(200));
        let mut lines = Vec::new();
        read_lines(text.as_bytes(), &mask, |line| lines.push(line));
        assert!(!lines[0].contains("0123"), "{before}: {}", &lines[0][4_000..]);
    }
}

/// What is hidden before it makes a line shorter, so that more of its end comes into view.
#[test]
fn a_secret_behind_others_on_the_edge_of_a_cut_line_is_hidden() {
    let secret = "0123456789abcdef0123456789ABCDEF01234567";
    let mask = Mask::of([secret]);
    for filler in 3_700..4_100 {
        let text = format!("{}{}{secret}{}\n", secret.repeat(6), "x".repeat(filler), "y".repeat(500));
        let mut lines = Vec::new();
        read_lines(text.as_bytes(), &mask, |line| lines.push(line));
        assert!(!lines[0].contains("0123"), "{filler}: {}", &lines[0][3_500..]);
    }
}

proptest! {
    #[test]
    fn no_secret_is_left_and_everything_else_stays(
        secret in "[ -~]{12,60}", before in "[a-z]{0,40}", after in "[a-z]{0,40}",
    ) {
        prop_assume!(secret.trim() == secret);
        let shown = hidden(&[&secret], &format!("{before}{secret}{after}"));
        prop_assert_eq!(shown, format!("{before}[hidden]{after}"));
    }
}
