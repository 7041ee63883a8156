//! Content negotiation by `Accept-Encoding` (RFC 9110 §12.5.3).

use domain::manifest::{Encoding, File};

/// The stored form to answer with: the acceptable one of the highest weight; at equal weight brotli, then gzip, then
/// plain. Without the header it is the plain form, which everybody understands. If nothing stored is acceptable the
/// header is disregarded (§12.4.1), because the plain form is more useful than a refusal.
pub fn choose(file: &File, accept_encoding: Option<&str>) -> Encoding {
    let Some(accepted) = accept_encoding.map(Accepted::parse) else { return Encoding::Identity };
    let stored = [Encoding::Brotli, Encoding::Gzip, Encoding::Identity];
    let mut best = (0, Encoding::Identity);
    for encoding in stored.into_iter().filter(|encoding| file.part(*encoding).is_some()) {
        let weight = accepted.weight(encoding);
        if weight > best.0 {
            best = (weight, encoding);
        }
    }
    best.1
}

/// Whether the answer depends on `Accept-Encoding`.
pub fn varies(file: &File) -> bool {
    file.brotli.is_some() || file.gzip.is_some()
}

/// Weights in thousandths; `None` where the coding is not named.
#[derive(Default)]
struct Accepted {
    brotli: Option<u16>,
    gzip: Option<u16>,
    identity: Option<u16>,
    any: Option<u16>,
}

impl Accepted {
    fn parse(header: &str) -> Self {
        let mut accepted = Self::default();
        for element in header.split(',') {
            let (coding, parameter) = element.split_once(';').unwrap_or((element, "q=1"));
            let Some(weight) = weight(parameter) else { continue };
            let slot = match coding.trim().to_ascii_lowercase().as_str() {
                "br" => &mut accepted.brotli,
                "gzip" | "x-gzip" => &mut accepted.gzip,
                "identity" => &mut accepted.identity,
                "*" => &mut accepted.any,
                _ => continue,
            };
            *slot = Some(weight);
        }
        accepted
    }

    fn weight(&self, encoding: Encoding) -> u16 {
        match encoding {
            Encoding::Brotli => self.brotli.or(self.any).unwrap_or(0),
            Encoding::Gzip => self.gzip.or(self.any).unwrap_or(0),
            // Plain is acceptable unless it is refused by name or by `*`, but anything asked for goes before it.
            Encoding::Identity => self.identity.or(self.any).unwrap_or(1),
        }
    }
}

/// `q=0.5` → 500; at most three decimals (§12.4.2). `None` when it is no weight.
fn weight(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    let (whole, decimals) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    if !name.trim().eq_ignore_ascii_case("q")
        || decimals.len() > 3
        || !decimals.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let thousandths = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::Sha256;

    use super::*;

    fn chosen(header: Option<&str>, brotli: bool, gzip: bool) -> Encoding {
        let form = |stored: bool| stored.then_some(10);
        let content_type = "text/css".to_owned();
        let file = File { sha256: Sha256::of(b""), size: 100, content_type, brotli: form(brotli), gzip: form(gzip) };
        choose(&file, header)
    }

    #[test]
    fn the_best_stored_form_by_weight_is_chosen() {
        use Encoding::{Brotli, Gzip, Identity};
        let cases = [
            ("gzip, deflate, br, zstd", Brotli),
            ("gzip", Gzip),
            ("x-gzip", Gzip),
            ("GZIP;Q=0.5", Gzip),
            ("br;q=0.2, gzip;q=0.8", Gzip),
            ("br;q=0.8, gzip;q=0.8", Brotli),
            ("br;q=0, gzip;q=0", Identity),
            ("br;q=0, *", Gzip),
            ("*", Brotli),
            ("*;q=0", Identity),
            ("identity", Identity),
            ("identity;q=0.5, br;q=0.4", Identity),
            ("identity;q=0, gzip;q=0.001", Gzip),
            ("identity;q=0", Identity),
            ("", Identity),
            ("deflate, zstd", Identity),
            ("br;q=0.000", Identity),
            ("br;q=1.5, gzip;q=0.1", Gzip),
            ("br;q=0.1234", Identity),
            ("br;q=, gzip", Gzip),
            ("br ; q=0.5", Brotli),
            (",,br,", Brotli),
        ];
        for (header, expected) in cases {
            assert_eq!(chosen(Some(header), true, true), expected, "{header:?}");
        }
    }

    #[test]
    fn without_the_header_the_plain_form_is_sent() {
        assert_eq!(chosen(None, true, true), Encoding::Identity);
    }

    #[test]
    fn a_form_that_is_not_stored_is_never_chosen() {
        assert_eq!(chosen(Some("br, gzip;q=0.5"), false, true), Encoding::Gzip);
        assert_eq!(chosen(Some("br, gzip"), false, false), Encoding::Identity);
    }
}
