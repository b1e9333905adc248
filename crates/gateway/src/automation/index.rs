//! Finds the first automation that fits a text, at a cost that does not grow with their number.
//!
//! Whole texts and words are looked up in hash maps; substrings by one Aho–Corasick automaton over
//! all of them; a regular expression is only tried when one of the literals that every match of it
//! contains stands in the text. What has no such literal is tried as one set.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use regex_syntax::hir::literal::{ExtractKind, Extractor, Literal};
use regex_syntax::hir::{Hir, HirKind};

use super::fold::{compose, fold, has_word_boundaries, words};

/// The place of an automation in its file, from 0.
pub(super) type RuleIndex = usize;

/// The largest compiled form of one regular expression, in bytes.
const REGEX_LIMIT_BYTES: usize = 1 << 20;
/// The largest compiled form of all regular expressions that must be tried every time, in bytes.
const REGEX_SET_LIMIT_BYTES: usize = 64 << 20;

/// What a text must be like.
#[derive(Debug, Clone)]
pub(super) enum TextCondition {
    /// The whole text is one of these.
    Exact(Vec<String>),
    /// One of these whole words or phrases stands in it.
    AnyWord(Vec<String>),
    /// One of these stands in it, even within a word.
    Contains(Vec<String>),
    /// This regular expression fits it.
    Regex(String),
    /// Nothing.
    Everything,
}

/// Compiles one regular expression as automations use it: letters of either case.
pub(super) fn compile_regex(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&compose(pattern))
        .case_insensitive(true)
        .size_limit(REGEX_LIMIT_BYTES)
        .build()
}

/// Collects conditions before they become an index.
#[derive(Debug, Default)]
pub(super) struct TextIndexBuilder {
    exact: HashMap<String, RuleIndex>,
    words: HashMap<String, RuleIndex>,
    phrases: HashMap<String, Vec<(Vec<String>, RuleIndex)>>,
    substrings: Vec<String>,
    substring_targets: Vec<Target>,
    regexes: Vec<(Regex, RuleIndex)>,
    unanchored: Vec<(String, RuleIndex)>,
    everything: Option<RuleIndex>,
}

/// What a substring stands for.
#[derive(Debug, Clone, Copy)]
enum Target {
    /// A `contains` of this automation.
    Rule(RuleIndex),
    /// A literal that every match of this regular expression contains, or one of several.
    Regex(usize),
}

impl TextIndexBuilder {
    /// Adds the condition of an automation. Call in the order of the file.
    pub(super) fn add(&mut self, condition: &TextCondition, rule: RuleIndex) -> Result<(), regex::Error> {
        match condition {
            TextCondition::Exact(texts) => {
                for text in texts {
                    let folded = fold(text).trim().to_owned();
                    first(self.exact.entry(folded).or_insert(rule), rule);
                }
            }
            TextCondition::AnyWord(texts) => {
                for text in texts {
                    self.add_words(fold(text).trim(), rule);
                }
            }
            TextCondition::Contains(texts) => {
                for text in texts {
                    self.substrings.push(fold(text));
                    self.substring_targets.push(Target::Rule(rule));
                }
            }
            TextCondition::Regex(pattern) => self.add_regex(pattern, rule)?,
            TextCondition::Everything => {
                first(self.everything.get_or_insert(rule), rule);
            }
        }
        Ok(())
    }

    fn add_words(&mut self, folded: &str, rule: RuleIndex) {
        if !has_word_boundaries(folded) {
            self.substrings.push(folded.to_owned());
            self.substring_targets.push(Target::Rule(rule));
            return;
        }
        let mut phrase: Vec<String> = words(folded).map(str::to_owned).collect();
        if phrase.len() == 1 {
            first(self.words.entry(phrase.remove(0)).or_insert(rule), rule);
        } else {
            self.phrases.entry(phrase[0].clone()).or_default().push((phrase, rule));
        }
    }

    fn add_regex(&mut self, pattern: &str, rule: RuleIndex) -> Result<(), regex::Error> {
        let compiled = compile_regex(pattern)?;
        match literals_it_must_contain(pattern) {
            Some(literals) => {
                let position = self.regexes.len();
                self.regexes.push((compiled, rule));
                for literal in literals {
                    self.substrings.push(literal);
                    self.substring_targets.push(Target::Regex(position));
                }
            }
            None => self.unanchored.push((compose(pattern).into_owned(), rule)),
        }
        Ok(())
    }

    /// Builds the index.
    pub(super) fn build(self) -> Result<TextIndex, IndexError> {
        let substrings = if self.substrings.is_empty() {
            None
        } else {
            Some(
                AhoCorasick::builder()
                    .match_kind(MatchKind::Standard)
                    .build(&self.substrings)
                    .map_err(|error| IndexError(error.to_string()))?,
            )
        };
        let unanchored = RegexSetBuilder::new(self.unanchored.iter().map(|(pattern, _)| pattern))
            .case_insensitive(true)
            .size_limit(REGEX_SET_LIMIT_BYTES)
            .build()
            .map_err(|error| IndexError(error.to_string()))?;
        Ok(TextIndex {
            exact: self.exact,
            words: self.words,
            phrases: self.phrases,
            substrings,
            substring_targets: self.substring_targets,
            regexes: self.regexes,
            unanchored,
            unanchored_rules: self.unanchored.into_iter().map(|(_, rule)| rule).collect(),
            everything: self.everything,
        })
    }
}

/// Why an index could not be built: a limit of the matcher.
#[derive(Debug, thiserror::Error)]
#[error("the conditions are too many or too large to be compiled: {0}")]
pub(super) struct IndexError(String);

/// The conditions of all automations of one trigger, compiled.
#[derive(Debug, Default)]
pub(super) struct TextIndex {
    exact: HashMap<String, RuleIndex>,
    words: HashMap<String, RuleIndex>,
    phrases: HashMap<String, Vec<(Vec<String>, RuleIndex)>>,
    substrings: Option<AhoCorasick>,
    substring_targets: Vec<Target>,
    regexes: Vec<(Regex, RuleIndex)>,
    unanchored: RegexSet,
    unanchored_rules: Vec<RuleIndex>,
    everything: Option<RuleIndex>,
}

impl TextIndex {
    /// The first automation, in the order of the file, that fits this text.
    pub(super) fn find(&self, text: &Text) -> Option<RuleIndex> {
        let mut best = self.everything;
        if let Some(rule) = self.exact.get(text.whole.as_str()) {
            better(&mut best, *rule);
        }
        if !(self.words.is_empty() && self.phrases.is_empty()) {
            self.find_words(text, &mut best);
        }
        if let Some(automaton) = &self.substrings {
            for found in automaton.find_overlapping_iter(&text.whole) {
                match self.substring_targets[found.pattern().as_usize()] {
                    Target::Rule(rule) => better(&mut best, rule),
                    Target::Regex(position) => {
                        let (regex, rule) = &self.regexes[position];
                        if best.is_none_or(|best| *rule < best) && regex.is_match(&text.trimmed) {
                            best = Some(*rule);
                        }
                    }
                }
            }
        }
        for position in &self.unanchored.matches(&text.trimmed) {
            better(&mut best, self.unanchored_rules[position]);
        }
        best
    }

    fn find_words(&self, text: &Text, best: &mut Option<RuleIndex>) {
        let all: Vec<&str> = words(&text.whole).collect();
        for (position, word) in all.iter().enumerate() {
            if let Some(rule) = self.words.get(*word) {
                better(best, *rule);
            }
            for (phrase, rule) in self.phrases.get(*word).into_iter().flatten() {
                let here = &all[position..];
                if here.len() >= phrase.len() && here.iter().zip(phrase).all(|(a, b)| a == b) {
                    better(best, *rule);
                }
            }
        }
    }
}

/// A text, prepared once for all indexes.
#[derive(Debug)]
pub(super) struct Text {
    /// Folded and trimmed.
    whole: String,
    /// Composed and trimmed only; regular expressions fold for themselves.
    trimmed: String,
}

impl Text {
    /// Prepares a text.
    pub(super) fn new(text: &str) -> Self {
        Self {
            whole: fold(text).trim().to_owned(),
            trimmed: compose(text).trim().to_owned(),
        }
    }
}

fn first(slot: &mut RuleIndex, rule: RuleIndex) {
    *slot = (*slot).min(rule);
}

fn better(best: &mut Option<RuleIndex>, rule: RuleIndex) {
    if best.is_none_or(|best| rule < best) {
        *best = Some(rule);
    }
}

/// The folded literals one of which every match contains; `None` when there is no such list. Of those at its beginning, at its end
/// and within, the longest, because they stand in the fewest texts.
fn literals_it_must_contain(pattern: &str) -> Option<Vec<String>> {
    // Without the case flag: the literals are folded below, as the text is.
    let parsed = regex_syntax::Parser::new().parse(&compose(pattern)).ok()?;
    let at_an_end = |kind| {
        let mut extractor = Extractor::new();
        extractor.kind(kind);
        let literals = extractor.extract(&parsed);
        let literals = literals.literals()?.iter().map(Literal::as_bytes);
        folded_literals(literals)
    };
    let within = literal_within(&parsed).and_then(|literal| folded_literals(std::iter::once(literal)));
    let lists = [at_an_end(ExtractKind::Prefix), at_an_end(ExtractKind::Suffix), within];
    let shortest = |list: &Vec<String>| list.iter().map(String::len).min();
    lists.into_iter().flatten().max_by_key(shortest)
}

/// The longest literal that is in every match.
fn literal_within(hir: &Hir) -> Option<&[u8]> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(&literal.0),
        HirKind::Capture(capture) => literal_within(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => literal_within(&repetition.sub),
        HirKind::Concat(parts) => parts
            .iter()
            .filter_map(literal_within)
            .max_by_key(|literal| literal.len()),
        _ => None,
    }
}

/// `None` when one of them says nothing. Space at the ends of a literal may be cut off the text, so it is not looked for.
fn folded_literals<'l>(literals: impl Iterator<Item = &'l [u8]>) -> Option<Vec<String>> {
    let mut folded = Vec::new();
    for literal in literals {
        let text = fold(std::str::from_utf8(literal).ok()?).trim().to_owned();
        if text.is_empty() {
            return None;
        }
        folded.push(text);
    }
    folded.sort();
    folded.dedup();
    (!folded.is_empty()).then_some(folded)
}
