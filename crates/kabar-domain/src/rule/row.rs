//! A row of the table of rules.

use crate::rule::Rule;

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The rule.
    pub rule: Rule,
    /// Its name for programs, such as `body_text_length`. It never changes.
    pub id: &'static str,
    /// What it is about.
    pub topic: Topic,
    /// What it limits, for people, in English.
    pub limits: &'static str,
    /// The least that is allowed, where the rule is about a number.
    pub min: Option<u32>,
    /// The most that is allowed, where the rule is about a number.
    pub max: Option<u32>,
    /// How many are demanded for each of something, beside `min`.
    pub per: Option<u32>,
    /// The words that are allowed, or that are not.
    pub words: &'static [&'static str],
    /// What follows for who breaks it.
    pub severity: Severity,
    /// What the upstream answers to who breaks it, where that is known.
    pub upstream: Option<Upstream>,
    /// Where the rule comes from: the vendor's page, the upstream's documentation or error, or Kabar's own choice.
    pub source: &'static str,
    /// How sure it is.
    pub confidence: Confidence,
    /// The sentence in Indonesian.
    pub indonesian: &'static str,
    /// The sentence in English.
    pub english: &'static str,
}

/// An error of the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upstream {
    /// Its `code`.
    pub code: u32,
    /// Its `error_subcode`, where one is known.
    pub subcode: Option<u32>,
}

/// What follows for who breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The request is refused.
    Refused,
    /// The request is taken, with a warning: the upstream may refuse it, or sources contradict each other.
    Warned,
}

/// How sure it is that a rule is as it stands here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// A vendor's documentation says so.
    Documented,
    /// Somebody saw the upstream refuse it, and published what it said.
    Live,
    /// Others say so, and no vendor does.
    ThirdParty,
    /// Kabar's own choice, or what follows from other rules.
    Own,
}

impl Confidence {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "doc",
            Self::Live => "live",
            Self::ThirdParty => "third-party",
            Self::Own => "own",
        }
    }
}

/// What rules are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Any JSON document.
    Document,
    /// A template as a whole.
    Template,
    /// Variables and their examples.
    Variables,
    /// The header.
    Header,
    /// The files that headers show.
    Samples,
    /// The body.
    Body,
    /// The footer.
    Footer,
    /// Buttons.
    Buttons,
    /// Cards and offers.
    Cards,
    /// Authentication templates.
    Authentication,
    /// What else is in the account, and what the upstream says.
    Account,
    /// Edits of a template that there is.
    Editing,
    /// Templates that turn after their approval.
    Drift,
    /// Values of a send.
    Sending,
    /// Callbacks, which are the app's and no matter of the upstream's.
    Callbacks,
}

impl Topic {
    /// Every topic, in the order of the table.
    pub const ALL: [Self; 15] = [
        Self::Document,
        Self::Template,
        Self::Variables,
        Self::Header,
        Self::Samples,
        Self::Body,
        Self::Footer,
        Self::Buttons,
        Self::Cards,
        Self::Authentication,
        Self::Account,
        Self::Editing,
        Self::Drift,
        Self::Sending,
        Self::Callbacks,
    ];

    /// The heading for people, in English.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Document => "Any request",
            Self::Template => "The template as a whole",
            Self::Variables => "Variables and examples",
            Self::Header => "HEADER",
            Self::Samples => "Sample media",
            Self::Body => "BODY",
            Self::Footer => "FOOTER",
            Self::Buttons => "BUTTONS",
            Self::Cards => "CAROUSEL and LIMITED_TIME_OFFER",
            Self::Authentication => "Authentication templates",
            Self::Account => "The account",
            Self::Editing => "Editing",
            Self::Drift => "Templates that turn",
            Self::Sending => "Sending",
            Self::Callbacks => "Callbacks",
        }
    }
}

/// Rows are written as a chain: what it limits, its figures, the upstream's error, the source, and the sentences.
impl Row {
    pub(super) const fn new(topic: Topic, rule: Rule, id: &'static str, limits: &'static str) -> Self {
        Self {
            rule,
            id,
            topic,
            limits,
            min: None,
            max: None,
            per: None,
            words: &[],
            severity: Severity::Refused,
            upstream: None,
            source: "",
            confidence: Confidence::Own,
            indonesian: "",
            english: "",
        }
    }

    pub(super) const fn most(mut self, max: u32) -> Self {
        self.max = Some(max);
        self
    }

    pub(super) const fn between(mut self, min: u32, max: u32) -> Self {
        self.min = Some(min);
        self.max = Some(max);
        self
    }

    /// At least `per` for each, and `min` beside.
    pub(super) const fn per(mut self, per: u32, min: u32) -> Self {
        self.per = Some(per);
        self.min = Some(min);
        self
    }

    pub(super) const fn words(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }

    pub(super) const fn warns(mut self) -> Self {
        self.severity = Severity::Warned;
        self
    }

    pub(super) const fn code(mut self, code: u32) -> Self {
        self.upstream = Some(Upstream { code, subcode: None });
        self
    }

    /// A subcode of the upstream's "Invalid parameter", which is code 100.
    pub(super) const fn subcode(mut self, subcode: u32) -> Self {
        self.upstream = Some(Upstream { code: 100, subcode: Some(subcode) });
        self
    }

    pub(super) const fn from(mut self, confidence: Confidence, source: &'static str) -> Self {
        self.confidence = confidence;
        self.source = source;
        self
    }

    pub(super) const fn says(mut self, indonesian: &'static str, english: &'static str) -> Self {
        self.indonesian = indonesian;
        self.english = english;
        self
    }
}

/// The rows of all parts, one after the other; there must be `N` of them.
pub(super) const fn joined<const N: usize>(parts: &[&[Row]]) -> [Row; N] {
    let mut rows = [parts[0][0]; N];
    let mut place = 0;
    let mut part = 0;
    while part < parts.len() {
        let mut index = 0;
        while index < parts[part].len() {
            rows[place] = parts[part][index];
            place += 1;
            index += 1;
        }
        part += 1;
    }
    assert!(place == N, "every rule has one row");
    rows
}
