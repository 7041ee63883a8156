use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Pattern, PatternError};

fn matches(pattern: Value, event: Value) -> bool {
    Pattern::parse(&pattern).unwrap().matches(&event)
}

#[test]
fn every_operator_matches_what_the_user_guide_says() {
    let table = [
        (json!({"source": ["aws.ecs"]}), json!({"source": "aws.ecs"}), true),
        (json!({"source": ["aws.ecs"]}), json!({"source": "aws.ec2"}), false),
        (json!({"source": ["aws.ecs"]}), json!({}), false),
        (json!({"a": [1]}), json!({"a": 1}), true),
        (json!({"a": [300]}), json!({"a": 300.0}), false),
        (json!({"a": [null]}), json!({"a": null}), true),
        (json!({"a": [null]}), json!({}), false),
        (json!({"a": [true, "x"]}), json!({"a": "x"}), true),
        (json!({"a": ["x", "y"]}), json!({"a": ["z", "y"]}), true),
        (json!({"a": ["x"]}), json!({"a": ["z"]}), false),
        (json!({"a": [{"prefix": "family:b"}]}), json!({"a": "family:builder"}), true),
        (json!({"a": [{"prefix": "family:b"}]}), json!({"a": "service:b"}), false),
        (json!({"a": [{"prefix": {"equals-ignore-case": "FAM"}}]}), json!({"a": "family"}), true),
        (json!({"a": [{"suffix": ".png"}]}), json!({"a": "x.png"}), true),
        (json!({"a": [{"suffix": ".png"}]}), json!({"a": "x.gif"}), false),
        (json!({"a": [{"equals-ignore-case": "AbC"}]}), json!({"a": "aBc"}), true),
        (json!({"a": [{"anything-but": "x"}]}), json!({"a": "y"}), true),
        (json!({"a": [{"anything-but": "x"}]}), json!({"a": "x"}), false),
        (json!({"a": [{"anything-but": "x"}]}), json!({}), false),
        (json!({"a": [{"anything-but": [1, 2]}]}), json!({"a": 3}), true),
        (json!({"a": [{"anything-but": {"prefix": "x"}}]}), json!({"a": "xy"}), false),
        (json!({"a": [{"anything-but": {"suffix": ["x", "y"]}}]}), json!({"a": "ay"}), false),
        (json!({"a": [{"anything-but": {"wildcard": "a*"}}]}), json!({"a": "ba"}), true),
        (json!({"a": [{"exists": true}]}), json!({"a": ""}), true),
        (json!({"a": [{"exists": true}]}), json!({}), false),
        (json!({"a": [{"exists": true}]}), json!({"a": {"b": 1}}), false),
        (json!({"a": [{"exists": false}]}), json!({}), true),
        (json!({"a": [{"exists": false}]}), json!({"a": 0}), false),
        (json!({"a": {"b": [{"exists": false}]}}), json!({}), true),
        (json!({"a": [{"numeric": [">", 0, "<=", 5]}]}), json!({"a": 5.0}), true),
        (json!({"a": [{"numeric": [">", 0, "<=", 5]}]}), json!({"a": 6}), false),
        (json!({"a": [{"numeric": ["=", 3]}]}), json!({"a": "3"}), false),
        (json!({"a": [{"wildcard": "a*c*e"}]}), json!({"a": "abcde"}), true),
        (json!({"a": [{"wildcard": "a*c*e"}]}), json!({"a": "abcd"}), false),
        (json!({"a": [{"wildcard": "a\\*"}]}), json!({"a": "a*"}), true),
        (json!({"a": [{"wildcard": "a\\*"}]}), json!({"a": "ab"}), false),
        (json!({"a": [{"wildcard": "*aa"}]}), json!({"a": "a"}), false),
        (json!({"d": {"s": ["x"]}}), json!({"d": {"s": "x", "t": 1}}), true),
        (json!({"d": {"s": ["x"]}}), json!({"d": "x"}), false),
        (json!({"d": {"a": [1], "b": [2]}}), json!({"d": [{"a": 1, "b": 3}, {"a": 1, "b": 2}]}), true),
        (json!({"d": {"a": [1], "b": [2]}}), json!({"d": [{"a": 1}, {"b": 2}]}), false),
        (json!({"s": ["x"], "$or": [{"a": [1]}, {"b": [2]}]}), json!({"s": "x", "b": 2}), true),
        (json!({"s": ["x"], "$or": [{"a": [1]}, {"b": [2]}]}), json!({"s": "x", "b": 1}), false),
        (json!({"s": ["x"], "$or": [{"a": [1]}, {"b": [2]}]}), json!({"s": "y", "b": 2}), false),
    ];
    for (pattern, event, expected) in table {
        assert_eq!(matches(pattern.clone(), event.clone()), expected, "{pattern} on {event}");
    }
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    let error = Pattern::parse(&json!({"ip": [{"cidr": "10.0.0.0/8"}]})).unwrap_err();
    assert_eq!(error, PatternError::UnknownOperator("cidr".to_owned()));
    assert!(Pattern::parse(&json!({"source": "aws.ecs"})).is_err(), "a bare value is not a list");
    assert!(Pattern::parse(&json!({"source": []})).is_err());
    assert!(Pattern::parse(&json!({"a": [{"numeric": [">"]}]})).is_err());
}

proptest! {
    #[test]
    fn a_text_matches_itself_and_each_of_its_ends(text in "[a-z.*\\\\]{0,12}", cut in 0usize..12) {
        let (start, end) = text.split_at(cut.min(text.len()));
        let escape = |text: &str| text.replace('\\', "\\\\").replace('*', "\\*");
        let wildcard = escape(start) + "*" + &escape(end);
        for matcher in [json!(text), json!({"prefix": start}), json!({"suffix": end}), json!({"wildcard": wildcard})] {
            let found = matches(json!({"a": [matcher.clone()]}), json!({"a": text}));
            prop_assert!(found, "{} on {}", matcher, text);
        }
    }

    #[test]
    fn anything_but_is_the_opposite_of_exact_on_a_present_scalar(wanted in "[ab]{1,2}", value in "[ab]{1,2}") {
        let event = json!({"a": value});
        prop_assert_ne!(
            matches(json!({"a": [wanted]}), event.clone()),
            matches(json!({"a": [{"anything-but": wanted}]}), event)
        );
    }

    #[test]
    fn a_wildcard_agrees_with_a_naive_matcher(pattern in "[ab*]{0,6}", value in "[ab]{0,8}") {
        fn naive(pattern: &[u8], value: &[u8]) -> bool {
            match pattern.split_first() {
                None => value.is_empty(),
                Some((b'*', rest)) => (0..=value.len()).any(|skip| naive(rest, &value[skip..])),
                Some((byte, rest)) => value.first() == Some(byte) && naive(rest, &value[1..]),
            }
        }
        let expected = naive(pattern.as_bytes(), value.as_bytes());
        prop_assert_eq!(matches(json!({"a": [{"wildcard": pattern}]}), json!({"a": value})), expected);
    }
}
