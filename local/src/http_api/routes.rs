//! Which route a request takes.
//!
//! Source: "Create routes for HTTP APIs", routing of API requests: a full match, then the longest greedy path variable,
//! then `$default`; a route for the method before one for `ANY`.

use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The routes, most specific first.
#[derive(Debug)]
pub struct Routes {
    entries: Vec<Entry>,
}

/// One route.
#[derive(Debug)]
pub struct Entry {
    /// `GET /things/{id}`, or `$default`.
    pub key: String,
    /// Logical id of the function.
    pub function: String,
    /// What the route says of authorizers.
    pub authorizer: Option<String>,
    method: Option<String>,
    segments: Option<Vec<Segment>>,
}

/// The order of the variants is the order of preference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Fixed(String),
    Variable(String),
    Greedy(String),
}

/// The route of a request.
#[derive(Debug)]
pub struct Found<'r> {
    /// The route.
    pub entry: &'r Entry,
    /// Its path parameters.
    pub parameters: BTreeMap<String, String>,
}

impl Entry {
    /// A route; method `ANY` and path `$default` as in templates.
    pub fn new(method: &str, path: &str, function: &str, authorizer: Option<String>) -> Self {
        let default = path == "$default";
        let segments = (!default).then(|| path[1..].split('/').map(segment).collect());
        Self {
            key: if default { path.to_owned() } else { format!("{method} {path}") },
            function: function.to_owned(),
            authorizer,
            method: (method != "ANY").then(|| method.to_owned()),
            segments,
        }
    }

    /// Smaller is preferred.
    fn rank(&self) -> impl Ord + use<> {
        let greedy = match &self.segments {
            None => 2,
            Some(segments) if segments.iter().any(|segment| matches!(segment, Segment::Greedy(_))) => 1,
            Some(_) => 0,
        };
        let kinds = self.segments.iter().flatten().map(|segment| match segment {
            Segment::Fixed(_) => 0,
            Segment::Variable(_) => 1,
            Segment::Greedy(_) => 2,
        });
        let length = self.segments.as_ref().map_or(0, Vec::len);
        (greedy, Reverse(if greedy == 1 { length } else { 0 }), kinds.collect::<Vec<i32>>(), self.method.is_none())
    }

    fn matches(&self, method: &str, path: &str) -> Option<BTreeMap<String, String>> {
        if self.method.as_ref().is_some_and(|own| own != method) {
            return None;
        }
        let mut parameters = BTreeMap::new();
        let Some(segments) = &self.segments else { return Some(parameters) };
        let mut rest = Some(path.strip_prefix('/')?);
        for segment in segments {
            let here = rest?;
            if let Segment::Greedy(name) = segment {
                parameters.insert(name.clone(), here.to_owned());
                return (!here.is_empty()).then_some(parameters);
            }
            let (part, after) = match here.split_once('/') {
                Some((part, after)) => (part, Some(after)),
                None => (here, None),
            };
            match segment {
                Segment::Fixed(fixed) if fixed == part => {}
                Segment::Variable(name) if !part.is_empty() => _ = parameters.insert(name.clone(), part.to_owned()),
                _ => return None,
            }
            rest = after;
        }
        rest.is_none().then_some(parameters)
    }
}

fn segment(text: &str) -> Segment {
    match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(name) => match name.strip_suffix('+') {
            Some(name) => Segment::Greedy(name.to_owned()),
            None => Segment::Variable(name.to_owned()),
        },
        None => Segment::Fixed(text.to_owned()),
    }
}

impl Routes {
    /// Sorts the routes by preference.
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by_cached_key(Entry::rank);
        Self { entries }
    }

    /// The routes.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The route for a method and a decoded path.
    pub fn find(&self, method: &str, path: &str) -> Option<Found<'_>> {
        self.entries.iter().find_map(|entry| Some(Found { entry, parameters: entry.matches(method, path)? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(routes: &[&str], method: &str, path: &str) -> Option<(String, String)> {
        let entries = routes.iter().map(|route| {
            let (method, path) = route.split_once(' ').unwrap_or(("ANY", route));
            Entry::new(method, path, "F", None)
        });
        let routes = Routes::new(entries.collect());
        let found = routes.find(method, path)?;
        let parameters = found.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        Some((found.entry.key.clone(), parameters.join(" ")))
    }

    #[test]
    fn the_most_specific_route_wins_as_in_the_developer_guide() {
        let routes = [
            "ANY /{proxy+}",
            "$default",
            "GET /pets/{proxy+}",
            "GET /pets/dog/{id}",
            "GET /pets/dog/1",
            "ANY /pets/dog/{id}",
        ];
        let table = [
            ("GET", "/pets/dog/1", "GET /pets/dog/1", ""),
            ("GET", "/pets/dog/2", "GET /pets/dog/{id}", "id=2"),
            ("PUT", "/pets/dog/2", "ANY /pets/dog/{id}", "id=2"),
            ("GET", "/pets/cat/1", "GET /pets/{proxy+}", "proxy=cat/1"),
            ("POST", "/test/5", "ANY /{proxy+}", "proxy=test/5"),
            ("GET", "/", "$default", ""),
        ];
        for (method, path, key, parameters) in table {
            assert_eq!(found(&routes, method, path), Some((key.to_owned(), parameters.to_owned())), "{method} {path}");
        }
    }

    #[test]
    fn a_path_must_match_whole_and_variables_are_never_empty() {
        let routes = ["GET /a", "GET /a/{id}", "GET /"];
        assert_eq!(found(&routes, "GET", "/a/"), None);
        assert_eq!(found(&routes, "GET", "/a/1/2"), None);
        assert_eq!(found(&routes, "POST", "/a"), None);
        assert_eq!(found(&routes, "GET", "/").unwrap().0, "GET /");
    }
}
