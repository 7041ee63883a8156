//! Commits that ask not to be built, in the words that GitHub's own workflows understand.

/// Anywhere in the message, in any case.
const MARKERS: [&str; 5] = ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]"];

/// Whether a commit's message asks to be skipped: a marker anywhere, or `skip-checks: true` as its last trailer.
pub(crate) fn is_asked_for(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    MARKERS.iter().any(|marker| message.contains(marker)) || has_trailer(message.trim_end())
}

/// A trailer is not the subject: at least one other line comes before it.
fn has_trailer(message: &str) -> bool {
    let Some((_, last)) = message.rsplit_once('\n') else { return false };
    last.split_once(':').is_some_and(|(name, value)| name.trim() == "skip-checks" && value.trim() == "true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_and_the_trailer_are_understood() {
        for message in [
            "[skip ci] Docs",
            "Docs\n\nOnly words. [ci skip]",
            "[no ci]",
            "Docs [skip actions]",
            "Docs [Actions Skip]\r\n",
            "Docs\n\n\nskip-checks: true",
            "Docs\n\n\nskip-checks:true\n",
            "Docs\r\n\r\nReviewed-by: A <a@example.com>\r\nSkip-Checks: true\r\n",
        ] {
            assert!(is_asked_for(message), "{message:?}");
        }
    }

    #[test]
    fn other_messages_are_not_skipped() {
        for message in [
            "",
            "Docs",
            "skip ci",
            "[skip-ci]",
            "[skip  ci]",
            "skip-checks: true",
            "Docs\n\nskip-checks: false",
            "Docs\n\nskip-checks: true\nand more",
            "Docs\n\nno-skip-checks: true",
        ] {
            assert!(!is_asked_for(message), "{message:?}");
        }
    }
}
