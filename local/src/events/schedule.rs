//! Schedule expressions: `rate(…)` and `cron(…)`, in UTC.

use time::{Duration, OffsetDateTime, Weekday};

/// A parsed schedule expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// Every so long.
    Rate(Duration),
    /// At these minutes.
    Cron(Box<Cron>),
}

/// Why an expression is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{expression}` is not a schedule expression the laptop platform supports: {why}")]
pub struct ScheduleError {
    expression: String,
    why: String,
}

/// The allowed values of each field, as bits.
#[derive(Debug, Clone, PartialEq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    /// `None` for `?`.
    days: Option<u64>,
    months: u64,
    /// 1 is Sunday; `None` for `?`.
    weekdays: Option<u64>,
    /// Years since 1970; `None` for every year.
    years: Option<Vec<u32>>,
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// A cron expression that names no day within this many days names none at all (29 February comes within eight years).
const HORIZON_DAYS: usize = 366 * 9;

impl Expression {
    /// Parses `rate(5 minutes)` or `cron(0 10 * * ? *)`.
    ///
    /// # Errors
    /// Anything else, and the cron wildcards `L`, `W` and `#`.
    pub fn parse(expression: &str) -> Result<Self, ScheduleError> {
        let refuse = |why: String| ScheduleError { expression: expression.to_owned(), why };
        if let Some(inner) = argument(expression, "rate") {
            return rate(inner).map(Self::Rate).map_err(refuse);
        }
        if let Some(inner) = argument(expression, "cron") {
            return cron(inner).map(|cron| Self::Cron(Box::new(cron))).map_err(refuse);
        }
        Err(refuse("expected rate(…) or cron(…)".to_owned()))
    }

    /// The first time after `now`; `None` if there is none.
    pub fn next(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        match self {
            Self::Rate(every) => Some(now + *every),
            Self::Cron(cron) => cron.next(now),
        }
    }
}

fn argument<'e>(expression: &'e str, name: &str) -> Option<&'e str> {
    expression.trim().strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')')
}

fn rate(inner: &str) -> Result<Duration, String> {
    let (count, unit) = inner.trim().split_once(' ').ok_or("a rate is a number and a unit")?;
    let count: i64 = count.parse().ok().filter(|count| *count > 0).ok_or("a rate starts with a positive number")?;
    let one = match unit.trim() {
        "minute" | "minutes" => Duration::MINUTE,
        "hour" | "hours" => Duration::HOUR,
        "day" | "days" => Duration::DAY,
        other => return Err(format!("the unit `{other}` is not minutes, hours or days")),
    };
    one.checked_mul(i32::try_from(count).map_err(|error| error.to_string())?.max(1))
        .ok_or_else(|| "too long".to_owned())
}

impl std::str::FromStr for Expression {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

fn cron(inner: &str) -> Result<Cron, String> {
    let fields: Vec<&str> = inner.split_whitespace().collect();
    let [minutes, hours, days, months, weekdays, years] = fields.as_slice() else {
        return Err("a cron expression has six fields: minutes hours day-of-month month day-of-week year".to_owned());
    };
    if (*days == "?") == (*weekdays == "?") {
        return Err("exactly one of day-of-month and day-of-week must be `?`".to_owned());
    }
    let optional = |field: &str, low, high, names: &[&str]| {
        if field == "?" { Ok(None) } else { values(field, low, high, names).map(|values| Some(bits(&values))) }
    };
    Ok(Cron {
        minutes: bits(&values(minutes, 0, 59, &[])?),
        hours: bits(&values(hours, 0, 23, &[])?),
        days: optional(days, 1, 31, &[])?,
        months: bits(&values(months, 1, 12, &MONTHS)?),
        weekdays: optional(weekdays, 1, 7, &WEEKDAYS)?,
        years: if *years == "*" { None } else { Some(values(years, 1970, 2199, &[])?) },
    })
}

fn values(field: &str, low: u32, high: u32, names: &[&str]) -> Result<Vec<u32>, String> {
    let mut found = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => {
                (range, step.parse().ok().filter(|step| *step > 0).ok_or("a step must be positive")?)
            }
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (low, high),
            Some((from, to)) => (value(from, low, high, names)?, value(to, low, high, names)?),
            None => {
                let from = value(range, low, high, names)?;
                (from, if part.contains('/') { high } else { from })
            }
        };
        if from > to {
            return Err(format!("`{range}` runs backwards"));
        }
        found.extend((from..=to).step_by(step));
    }
    Ok(found)
}

fn value(text: &str, low: u32, high: u32, names: &[&str]) -> Result<u32, String> {
    if let Some(at) = names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
        return Ok(at as u32 + low);
    }
    let value: u32 = text.parse().map_err(|_| format!("`{text}` is not a value here"))?;
    if (low..=high).contains(&value) { Ok(value) } else { Err(format!("{value} is not within {low} and {high}")) }
}

fn bits(values: &[u32]) -> u64 {
    values.iter().fold(0, |bits, value| bits | 1 << value)
}

impl Cron {
    fn next(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let start = now.to_offset(time::UtcOffset::UTC) + Duration::MINUTE;
        let mut day = start.date();
        let mut from = i64::from(start.hour()) * 60 + i64::from(start.minute());
        for _ in 0..HORIZON_DAYS {
            if self.allows_day(day) {
                let minute = (from..24 * 60)
                    .find(|minute| has(self.hours, (minute / 60) as u32) && has(self.minutes, (minute % 60) as u32));
                if let Some(minute) = minute {
                    return Some(day.midnight().assume_utc() + Duration::minutes(minute));
                }
            }
            day = day.next_day()?;
            from = 0;
        }
        None
    }

    fn allows_day(&self, day: time::Date) -> bool {
        let weekday = match day.weekday() {
            Weekday::Sunday => 1,
            other => u32::from(other.number_days_from_sunday()) + 1,
        };
        self.years.as_ref().is_none_or(|years| years.contains(&(day.year().max(0) as u32)))
            && has(self.months, u32::from(u8::from(day.month())))
            && self.days.is_none_or(|days| has(days, u32::from(day.day())))
            && self.weekdays.is_none_or(|weekdays| has(weekdays, weekday))
    }
}

fn has(bits: u64, value: u32) -> bool {
    bits >> value & 1 == 1
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn next(expression: &str, now: OffsetDateTime) -> Option<OffsetDateTime> {
        Expression::parse(expression).unwrap().next(now)
    }

    #[test]
    fn rates_count_from_now() {
        let now = datetime!(2026-11-20 12:00:30 UTC);
        assert_eq!(next("rate(5 minutes)", now), Some(datetime!(2026-11-20 12:05:30 UTC)));
        assert_eq!(next("rate(1 hour)", now), Some(datetime!(2026-11-20 13:00:30 UTC)));
        assert_eq!(next("rate(2 days)", now), Some(datetime!(2026-11-22 12:00:30 UTC)));
    }

    #[test]
    fn cron_finds_the_next_minute() {
        let now = datetime!(2026-11-20 12:00:30 UTC);
        assert_eq!(next("cron(0 10 * * ? *)", now), Some(datetime!(2026-11-21 10:00 UTC)));
        assert_eq!(next("cron(15 12 * * ? *)", now), Some(datetime!(2026-11-20 12:15 UTC)));
        assert_eq!(next("cron(0/15 * * * ? *)", now), Some(datetime!(2026-11-20 12:15 UTC)));
        assert_eq!(next("cron(0 8 1 * ? *)", now), Some(datetime!(2026-12-01 08:00 UTC)));
        assert_eq!(
            next("cron(0 18 ? * MON-FRI *)", datetime!(2026-11-20 18:00 UTC)),
            Some(datetime!(2026-11-23 18:00 UTC))
        );
        assert_eq!(next("cron(0 0 29 2 ? *)", now), Some(datetime!(2028-02-29 00:00 UTC)));
        assert_eq!(next("cron(0 0 1 1 ? 2020)", now), None);
    }

    #[test]
    fn what_is_not_supported_is_refused() {
        for wrong in [
            "rate(5)",
            "rate(0 minutes)",
            "rate(5 weeks)",
            "cron(0 10 * * *)",
            "cron(0 10 * * * *)",
            "cron(0 10 L * ? *)",
            "at(2026-01-01T00:00:00)",
            "cron(99 * * * ? *)",
        ] {
            assert!(Expression::parse(wrong).is_err(), "{wrong}");
        }
    }
}
