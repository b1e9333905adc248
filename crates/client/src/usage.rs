//! How much of an allowance is used up, as Graph says with every answer (contract "Rate limits").

use http::HeaderMap;
use serde_json::Value;

const APP_USAGE: &str = "x-app-usage";
const BUSINESS_USAGE: &str = "x-business-use-case-usage";
const PAGE_USAGE: &str = "x-page-usage";
/// Members that are percentages; the Instagram host has names of its own.
const PERCENTAGES: [&str; 5] = ["call_count", "total_time", "total_cputime", "call_volume", "cpu_time"];

/// How much of the allowances is used up; zero where Graph says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Usage {
    /// The fullest of them, in percent; beyond 100 calls are refused.
    pub percent: u32,
    /// How long until calls are taken again, in minutes; zero: they are.
    pub regained_after_minutes: u32,
    /// The headers that said so, as they came.
    pub headers: Vec<(&'static str, String)>,
}

impl Usage {
    /// Reads both headers. What cannot be read says nothing.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let json = |name| -> Option<Value> { serde_json::from_str(headers.get(name)?.to_str().ok()?).ok() };
        let text = |name| Some((name, headers.get(name)?.to_str().ok()?.to_owned()));
        let mut usage = Self {
            headers: [APP_USAGE, BUSINESS_USAGE, PAGE_USAGE]
                .into_iter()
                .filter_map(text)
                .collect(),
            ..Self::default()
        };
        if let Some(app) = json(APP_USAGE) {
            usage.add(&app);
        }
        if let Some(Value::Object(businesses)) = json(BUSINESS_USAGE) {
            for use_case in businesses.values().filter_map(Value::as_array).flatten() {
                usage.add(use_case);
            }
        }
        usage
    }

    fn add(&mut self, object: &Value) {
        let number = |name: &str| {
            let number = object.get(name).and_then(Value::as_u64).unwrap_or_default();
            u32::try_from(number).unwrap_or(u32::MAX)
        };
        for name in PERCENTAGES {
            self.percent = self.percent.max(number(name));
        }
        self.regained_after_minutes = self
            .regained_after_minutes
            .max(number("estimated_time_to_regain_access"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&'static str, &'static str)]) -> Usage {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        Usage::read(&map)
    }

    #[test]
    fn the_fullest_allowance_counts_whichever_header_tells_it() {
        let read = |headers: &[(&'static str, &'static str)]| {
            let Usage {
                percent,
                regained_after_minutes,
                headers: told,
            } = read(headers);
            assert_eq!(told.len(), headers.len(), "they go on as they came");
            (percent, regained_after_minutes)
        };
        let usage = |percent, regained_after_minutes| (percent, regained_after_minutes);
        assert_eq!(
            read(&[("x-app-usage", r#"{"call_count":28,"total_time":25,"total_cputime":25}"#)]),
            usage(28, 0)
        );
        assert_eq!(
            read(&[("x-app-usage", r#"{"call_volume":3,"cpu_time":7}"#)]),
            usage(7, 0)
        );
        let business = r#"{"1":[{"type":"instagram","call_count":100,"total_cputime":25,"total_time":25,"estimated_time_to_regain_access":19}],"2":[]}"#;
        assert_eq!(
            read(&[
                ("x-app-usage", r#"{"call_count":28}"#),
                ("x-business-use-case-usage", business)
            ]),
            usage(100, 19)
        );
        for broken in ["", "[]", "{", r#"{"call_count":"x"}"#, r#"{"1":{"call_count":1}}"#] {
            assert_eq!(read(&[("x-business-use-case-usage", broken)]), usage(0, 0), "{broken}");
        }
    }
}
