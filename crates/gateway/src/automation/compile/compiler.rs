//! Walks through the automations of a file, in order.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

use ring::digest::{SHA256, digest};

use super::conditions::{CheckedTrigger, IndexBuilders, check_trigger};
use super::lint::Lint;
use super::source::Source;
use super::steps::compile_steps;
use crate::automation::document::{At, Automation, Document, Step};
use crate::automation::fold::fold;
use crate::automation::library::{Kind, Library, Rule};
use crate::automation::problem::{Problem, Problems, Severity};
use crate::automation::read::read;

/// First parts of names that `set`, `ask` and `http` may not use.
pub(super) const RESERVED_NAMES: [&str; 7] = [
    "person", "account", "message", "postback", "comment", "mention", "referral",
];

impl Library {
    /// Checks and compiles the text of an automations file.
    ///
    /// # Errors
    /// Every problem of the file with its line and column, warnings among them, if one is an error.
    pub fn compile(text: &str) -> Result<Self, Problems> {
        let document = read(text).map_err(|problem| Problems(vec![problem]))?;
        let mut compiler = Compiler::new(text, &document);
        for automation in &document.automations {
            compiler.automation(automation);
        }
        compiler.finish(version_of(text))
    }

    /// No automations at all: what runs before anything was published.
    pub fn empty() -> Self {
        Self {
            version: version_of(""),
            ..Self::default()
        }
    }
}

/// The short digest by which a version of the automations is named.
pub fn version_of(text: &str) -> String {
    digest(&SHA256, text.as_bytes())
        .as_ref()
        .iter()
        .take(6)
        .fold(String::new(), |mut hex, byte| {
            // Writing into a string cannot fail.
            let _infallible = write!(hex, "{byte:02x}");
            hex
        })
}

/// The state of a walk through a file.
pub(super) struct Compiler<'a> {
    pub(super) source: Source<'a>,
    /// What `set`, `ask` and `http` keep, anywhere in the file.
    pub(super) variable_names: BTreeSet<String>,
    /// Those that the texts of the automation at hand name.
    pub(super) used_names: BTreeSet<String>,
    pub(super) reads_person: bool,
    pub(super) chips: HashSet<(String, String)>,
    problems: Vec<Problem>,
    names_seen: HashMap<String, u64>,
    rules: Vec<Rule>,
    for_all: IndexBuilders,
    for_account: HashMap<String, IndexBuilders>,
    lint: Lint,
}

impl<'a> Compiler<'a> {
    fn new(text: &'a str, document: &Document) -> Self {
        let mut variable_names = BTreeSet::new();
        for automation in &document.automations {
            collect_names(&automation.steps.value, &mut variable_names);
        }
        Self {
            source: Source::new(text),
            variable_names,
            used_names: BTreeSet::new(),
            reads_person: false,
            chips: HashSet::new(),
            problems: Vec::new(),
            names_seen: HashMap::new(),
            rules: Vec::new(),
            for_all: IndexBuilders::default(),
            for_account: HashMap::new(),
            lint: Lint::default(),
        }
    }

    /// Notes an error at a value.
    pub(super) fn error<T>(&mut self, at: &At<T>, code: &str, message: String) {
        self.note(Severity::Error, (at.line, at.column), code, message);
    }

    /// Notes a warning at a value.
    pub(super) fn warn<T>(&mut self, at: &At<T>, code: &str, message: String) {
        self.note(Severity::Warning, (at.line, at.column), code, message);
    }

    /// Notes a problem at a place.
    pub(super) fn note(&mut self, severity: Severity, (line, column): (u64, u64), code: &str, message: String) {
        self.problems.push(Problem {
            severity,
            code: code.to_owned(),
            line,
            column,
            message,
        });
    }

    fn automation(&mut self, automation: &Automation) {
        self.check_name(&automation.name);
        let accounts = self.check_accounts(automation);
        let trigger = check_trigger(self, &automation.when);
        let kind = trigger.as_ref().map_or(Kind::Message, |trigger| trigger.kind);
        if automation.steps.value.is_empty() {
            self.error(&automation.steps, "empty", "`do` holds no step".to_owned());
        }
        let steps = compile_steps(self, kind, &automation.steps.value);
        let variable_names = std::mem::take(&mut self.used_names).into_iter().collect();
        let Some(trigger) = trigger else { return };
        let rule = self.rules.len();
        if let Some(why) = self.lint.unreachable(&trigger, &accounts, &automation.name) {
            self.warn(&automation.when, "never_runs", why);
        }
        self.index(&trigger, &accounts, rule, automation);
        self.rules.push(Rule {
            index: rule,
            name: automation.name.value.clone(),
            line: automation.name.line,
            example: trigger.example(),
            condition: trigger.description,
            accounts,
            kind,
            steps,
            variable_names,
        });
    }

    fn index(&mut self, trigger: &CheckedTrigger, accounts: &[String], rule: usize, automation: &Automation) {
        let mut result = Ok(());
        if accounts.is_empty() {
            result = self.for_all.add(trigger, rule);
        }
        for account in accounts {
            let builders = self.for_account.entry(fold(account)).or_default();
            result = result.and(builders.add(trigger, rule));
        }
        if let Err(error) = result {
            self.error(&automation.when, "regex", error.to_string());
        }
    }

    fn check_name(&mut self, name: &At<String>) {
        if name.value.trim().is_empty() {
            self.error(name, "empty", "the name is empty".to_owned());
            return;
        }
        if let Some(line) = self.names_seen.insert(name.value.clone(), name.line) {
            self.error(
                name,
                "name_twice",
                format!("`{}` is already the name of the automation on line {line}", name.value),
            );
        }
    }

    /// The usernames an automation is for, without `@`.
    fn check_accounts(&mut self, automation: &Automation) -> Vec<String> {
        let Some(accounts) = &automation.accounts else {
            return Vec::new();
        };
        if accounts.value.is_empty() {
            self.error(
                accounts,
                "empty",
                "the list is empty; leave `accounts` out to mean every account".to_owned(),
            );
        }
        let mut usernames = Vec::new();
        for account in &accounts.value {
            let username = account.value.trim().trim_start_matches('@');
            if username.is_empty() || username.contains(char::is_whitespace) {
                self.error(
                    account,
                    "account",
                    format!("`{}` is not a username; write it like \"@luna.coffee\"", account.value),
                );
            } else {
                usernames.push(username.to_owned());
            }
        }
        usernames
    }

    fn finish(mut self, version: String) -> Result<Library, Problems> {
        let mut build = || {
            let for_all = std::mem::take(&mut self.for_all).build()?;
            let for_account = self
                .for_account
                .drain()
                .map(|(account, builders)| Ok((account, builders.build()?)))
                .collect::<Result<HashMap<_, _>, _>>()?;
            Ok::<_, crate::automation::index::IndexError>((for_all, for_account))
        };
        let indexes = build();
        if let Err(error) = &indexes {
            self.note(Severity::Error, (0, 0), "too_large", error.to_string());
        }
        self.problems.sort_by_key(|problem| (problem.line, problem.column));
        match indexes {
            Ok((for_all, for_account)) if self.problems.iter().all(|problem| problem.severity != Severity::Error) => {
                let mut by_kind: HashMap<Kind, Vec<usize>> = HashMap::new();
                for rule in &self.rules {
                    by_kind.entry(rule.kind).or_default().push(rule.index);
                }
                Ok(Library {
                    version,
                    rules: self.rules,
                    by_kind,
                    for_all,
                    for_account,
                    chips: self.chips,
                    reads_person: self.reads_person,
                    warnings: self.problems,
                })
            }
            _ => Err(Problems(self.problems)),
        }
    }
}

fn collect_names(steps: &[At<Step>], names: &mut BTreeSet<String>) {
    for step in steps {
        match &step.value {
            Step::Set(values) => names.extend(values.keys().cloned()),
            Step::Ask(ask) => {
                names.insert(ask.keep_as.value.clone());
                collect_names(ask.otherwise.as_deref().unwrap_or_default(), names);
            }
            Step::Http(http) => {
                names.extend(http.keep_as.as_ref().map(|name| name.value.clone()));
                collect_names(http.otherwise.as_deref().unwrap_or_default(), names);
            }
            Step::If(fork) => {
                collect_names(&fork.then, names);
                collect_names(&fork.otherwise, names);
            }
            Step::Typing(_) | Step::Send(_) | Step::Reply(_) | Step::Wait(_) | Step::React(_) | Step::HandOver(_) => {}
        }
    }
}
