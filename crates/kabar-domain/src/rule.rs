//! Every rule that a request can break, as one table: its id, its figures, what the upstream says to who breaks it, its
//! sentences in both languages, and where it comes from.
//!
//! What checks a rule reads the figure from its row, and the page of rules is made from the rows, so each figure is
//! written once. Sentences name their arguments in braces. `{field}` is always there: the label of the field that the
//! fault's path ends in. `{max}`, `{min}`, `{per}` and `{words}` are the row's, unless the fault has its own.

mod account;
mod authentication;
mod body;
mod buttons;
mod callbacks;
mod cards;
mod document;
mod drift;
mod editing;
mod footer;
mod header;
mod request;
mod row;
mod samples;
mod sending;
mod template;
mod variables;
mod whole;

use crate::phone::InvalidPhoneNumber;

pub use document::document;
pub use row::{Confidence, Row, Severity, Topic, Upstream};

/// A rule, by what breaks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    // Of any document.
    /// A field is missing.
    Required,
    /// A text is blank.
    Empty,
    /// A value has another JSON type.
    WrongType,
    /// A word is none of those that are known.
    NotOneOf,
    /// A text is too long.
    TooLong,
    /// A list is empty that needs an element.
    EmptyList,
    /// Two fields stand there that exclude each other.
    OnlyOneOf,
    /// A field stands where the upstream knows none of that name.
    UnexpectedField,

    // Of a template as a whole.
    /// A template's name is too long.
    NameLength,
    /// A template's name is not in `snake_case`.
    TemplateName,
    /// The name belongs to the upstream's sample templates.
    SampleName,
    /// The upstream does not know the language.
    UnknownLanguage,
    /// `ttl` stands at a template that is not for authentication.
    TtlCategory,
    /// How long a login code is tried to be delivered.
    TtlAuthentication,
    /// How long a utility message is tried to be delivered.
    TtlUtility,
    /// How long a marketing message is tried to be delivered.
    TtlMarketing,
    /// A sub-category stands at another category than its own.
    SubCategory,
    /// A component stands there twice.
    ComponentTwice,
    /// There is no BODY.
    BodyMissing,
    /// A greeting is too long.
    GreetingLength,

    // Of variables and their examples.
    /// Placeholders are not numbered from 1 without gaps.
    PlaceholderNumbers,
    /// `{{` and `}}` hold no placeholder.
    PlaceholderForm,
    /// A named placeholder has another name than a variable may have.
    VariableName,
    /// Double braces are opened or closed alone.
    BracesOpen,
    /// The examples are not as many as the placeholders.
    ExampleCount,
    /// An example is for no variable, or for one that has an example.
    ExampleName,

    // Of the header.
    /// A header's text is too long.
    HeaderLength,
    /// A header has more than one placeholder.
    HeaderPlaceholders,
    /// A header has a line break, an emoji, an asterisk or formatting.
    HeaderShape,
    /// A header or a label has a character that could be formatting.
    FormattingMark,
    /// A header is a GIF.
    HeaderGif,
    /// A product stands above another message than a marketing one.
    HeaderProductCategory,
    /// A product stands above a message that has no button for it.
    HeaderProductButton,
    /// A header's sample is neither a handle nor a URL.
    HeaderHandle,

    // Of samples.
    /// A file is empty.
    SampleEmpty,
    /// A file is of a kind that is not taken there.
    SampleContent,
    /// It is not known what a file is.
    SampleUnknown,
    /// A file is declared as something else than it is.
    SampleDeclared,
    /// A picture is too large.
    SampleImageSize,
    /// A film is too large.
    SampleVideoSize,
    /// The film of a GIF header is too large.
    SampleGifSize,
    /// A document is too large.
    SampleDocumentSize,
    /// A URL leads to an address that must not be called.
    SampleAddress,
    /// The host of a URL has no address.
    SampleHost,
    /// The server of a URL can't be reached, or broke off.
    SampleConnection,
    /// A sample was not fetched and uploaded in time.
    SampleTime,
    /// The server of a URL has not got the file.
    SampleStatus,
    /// A URL is redirected too often, or to nowhere.
    SampleRedirects,
    /// A sample is named by URL, and nothing can be uploaded.
    SampleNotConfigured,

    // Of the body.
    /// The text is too long.
    BodyLength,
    /// The text of a limited-time offer is too long.
    BodyLengthOffer,
    /// The text of a card, or below a product, is too long.
    BodyLengthCard,
    /// Too many line breaks follow each other.
    BodyNewlines,
    /// There is nothing but variables.
    BodyOnlyVariables,
    /// There are too many emoji.
    BodyEmoji,
    /// There are too few words for so many variables.
    BodyRatio,
    /// There are enough words only if punctuation counts.
    BodyRatioClose,
    /// The text starts or ends with a variable.
    BodyEdges,
    /// Nothing but punctuation stands outside of the first or last variable.
    BodyEdgesClose,
    /// Nothing stands between two variables.
    VariablesAdjacent,

    // Of the footer.
    /// The footer is too long.
    FooterLength,
    /// A footer has a placeholder.
    FooterPlaceholder,
    /// A footer has a line break or an emoji.
    FooterShape,

    // Of buttons.
    /// There are too many buttons.
    ButtonsTotal,
    /// There are too many quick replies.
    ButtonsQuickReply,
    /// There are too many URL buttons.
    ButtonsUrl,
    /// There are too many buttons that call.
    ButtonsPhone,
    /// There are too many buttons that copy a code.
    ButtonsCopyCode,
    /// There are too many buttons of a kind that may stand once.
    ButtonsOfKind,
    /// Quick replies do not stand together at one end.
    ButtonsGrouping,
    /// Another button stands before the one with the order's details.
    OrderDetailsFirst,
    /// A label is too long.
    LabelLength,
    /// A label has a variable, a line break, an emoji or formatting.
    LabelShape,
    /// A call button's label may be too long.
    LabelVoiceCall,
    /// A catalogue button has a label of its own.
    LabelCatalog,
    /// A button for several products has a label of its own.
    LabelMpm,
    /// A button for one product has a label of its own.
    LabelSpm,
    /// A button that asks for contact details has a label of its own.
    LabelContactInfo,
    /// Not an absolute http or https URL.
    NotUrl,
    /// A URL is too long.
    UrlLength,
    /// A URL has more than one placeholder, or not at its end.
    UrlPlaceholder,
    /// A URL leads to WhatsApp.
    UrlWhatsApp,
    /// A button's phone number is not one.
    ButtonPhone,
    /// A code to be copied is too long.
    CopyCodeLength,
    /// A code to be copied may be too long.
    CopyCodeClose,
    /// A button for one product stands without the product.
    SpmHeader,
    /// A button for a login code stands at another template.
    OtpCategory,

    // Of cards and offers.
    /// There are too few or too many cards.
    CarouselCards,
    /// More product cards are defined than need to be.
    CarouselProductCards,
    /// Something stands beside the cards that is not shown there.
    CarouselBeside,
    /// A card has a component that cards do not have.
    CardComponent,
    /// A card has a header that cards do not have.
    CardHeader,
    /// A card has too many buttons.
    CardButtons,
    /// A product card has a button of another kind.
    CardProductButton,
    /// A card is made of other parts than the first one.
    CardsAlike,
    /// A card has another medium than the first one, a film for a picture.
    CardHeadersAlike,
    /// A limited-time offer stands at another template than a marketing one.
    OfferCategory,
    /// The text of an offer is too long.
    OfferText,
    /// A limited-time offer has a footer.
    OfferFooter,
    /// A limited-time offer has another header than a picture or a film.
    OfferHeader,
    /// A URL button stands before the one that copies the offer's code.
    OfferOrder,

    // Of authentication templates.
    /// An authentication template carries what the upstream writes itself.
    AuthenticationFixed,
    /// An authentication template has a component that it can't have.
    AuthenticationComponent,
    /// An authentication template has another button than exactly one for its code.
    AuthenticationButton,
    /// A code is valid for too short or too long.
    CodeExpiration,
    /// There are too few or too many apps that may read the code.
    SupportedApps,
    /// An app's package name is too long.
    PackageLength,
    /// An app's package name is none.
    PackageName,
    /// An app's signature hash is none.
    SignatureHash,
    /// The terms of handing over a code without a tap are not accepted.
    ZeroTapTerms,
    /// An app is named outside of the list of apps.
    AppOutside,

    // Of the account.
    /// The app has a template of that name in that language.
    TemplateExists,
    /// Another language of that name has another category.
    NameCategory,
    /// A template of that name was deleted not long ago.
    NameBlocked,
    /// The upstream said no, in its own words.
    RefusedUpstream,

    // Of editing.
    /// A field stands in an edit, with another value, that never changes.
    EditFixed,
    /// A template with this status can't be edited.
    EditStatus,
    /// The category of an approved template is to be another.
    EditCategory,
    /// An approved template was edited not long ago.
    EditDaily,
    /// An approved template was edited too often lately.
    EditMonthly,

    // Of templates that turn.
    /// The upstream moved the template to MARKETING, which the app did not ask for.
    DriftMarketing,
    /// The upstream paused the template.
    DriftPaused,
    /// Recipients take the template badly.
    DriftRed,

    // Of what a request to send says beside the values.
    /// What names the request for its repetition is empty, too long, or no plain text.
    IdempotencyKey,
    /// How long a message may wait is out of range.
    ExpiresIn,

    // Of sending.
    /// The recipient has no country code.
    CountryCode,
    /// The recipient is no phone number.
    PhoneNumber,
    /// The template wants values for a position, and none came.
    ValuesMissing,
    /// The number of values is not the number of variables.
    ValueCount,
    /// A position came that the template does not have.
    PositionSurplus,
    /// A position, or a button, came twice.
    PositionTwice,
    /// A value is of another kind than the variable.
    ValueKind,
    /// No button of the template has that position.
    NoSuchButton,
    /// The button takes no value.
    ButtonWithoutValue,
    /// The button is of another kind.
    ButtonKind,
    /// A button that needs a value has none.
    ButtonMissing,
    /// A button of an authentication template names another code than the body.
    CodeDiffers,
    /// A login code is too long.
    CodeLength,
    /// A text with its values in it is too long.
    FilledLength,
    /// A payload is too long.
    PayloadLength,
    /// A text has a line break, a tab, or more than four spaces in a row.
    TextSpaces,
    /// A media URL is not http or https.
    MediaUrl,
    /// A value names a variable where variables have numbers.
    ParameterNameSurplus,
    /// A value names no variable where variables have names.
    ParameterNameMissing,
    /// A value names a variable that the template does not have.
    ParameterNameUnknown,
    /// Two values name the same variable.
    ParameterNameTwice,
    /// A variable with a name has no value.
    VariableMissing,
    /// A currency is no code of three capital letters.
    CurrencyCode,
    /// An id of the upstream is not made of digits.
    UpstreamId,
    /// A place lies beyond the poles.
    Latitude,
    /// A place lies beyond the date line.
    Longitude,
    /// A coupon's code is too long.
    CouponLength,
    /// A coupon's code has something else than letters and digits.
    CouponShape,
    /// What is to end has ended.
    EndPast,
    /// There are too many sections of products.
    Sections,
    /// There are too many products.
    SectionProducts,
    /// A section's title is too long.
    SectionTitle,
    /// A button would call for too short or too long.
    CallTtl,
    /// What a call is told is too long.
    CallPayloadLength,
    /// None of a thing is ordered.
    Quantity,
    /// The number of cards is not that of the template.
    CardCount,
    /// The carousel has no card of that index.
    NoSuchCard,
    /// The template has a part that this program does not know.
    NotExpressible,

    // Of callbacks, and of what else is asked under `/v1`.
    /// A callback's address can't be called.
    CallbackUrl,
    /// A callback's address is not https.
    CallbackHttps,
    /// A callback's address is of a net that is not called.
    CallbackAddress,
    /// The old key shall sign for too long.
    CallbackOverlap,
    /// A text is no point in time.
    PointInTime,
}

impl Rule {
    /// The rule that a text breaks which is no phone number.
    pub const fn of_phone_number(invalid: InvalidPhoneNumber) -> Self {
        match invalid {
            InvalidPhoneNumber::CountryCode => Self::CountryCode,
            InvalidPhoneNumber::NotDigits
            | InvalidPhoneNumber::TooShort
            | InvalidPhoneNumber::TooLong
            | InvalidPhoneNumber::Impossible => Self::PhoneNumber,
        }
    }

    /// The rule's row. The table has the rules in the order of the enum, which a test sees kept.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// The rule's name for programs, such as `body_text_length`. It never changes.
    pub fn id(self) -> &'static str {
        self.row().id
    }

    /// The most that the rule allows; without a limit of that kind, any number.
    pub fn max(self) -> usize {
        self.row().max.map_or(usize::MAX, |max| max as usize)
    }

    /// The least that the rule demands; without a limit of that kind, nothing.
    pub fn min(self) -> usize {
        self.row().min.map_or(0, |min| min as usize)
    }

    /// Whether a number is within what the rule allows.
    pub fn allows(self, number: usize) -> bool {
        (self.min()..=self.max()).contains(&number)
    }

    /// Whether who breaks the rule is only warned.
    pub fn is_warning(self) -> bool {
        self.row().severity == Severity::Warned
    }
}

/// The parts of the table, in the order of the enum.
const PARTS: &[&[Row]] = &[
    whole::ROWS,
    template::ROWS,
    variables::ROWS,
    header::ROWS,
    samples::ROWS,
    body::ROWS,
    footer::ROWS,
    buttons::ROWS,
    cards::ROWS,
    authentication::ROWS,
    account::ROWS,
    editing::ROWS,
    drift::ROWS,
    request::ROWS,
    sending::ROWS,
    callbacks::ROWS,
];

const N_ROWS: usize = Rule::PointInTime as usize + 1;

static ALL: [Row; N_ROWS] = row::joined(PARTS);

/// All rules.
pub static TABLE: &[Row] = &ALL;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_has_every_rule_in_the_order_of_the_enum() {
        for (place, row) in TABLE.iter().enumerate() {
            assert_eq!(row.rule as usize, place, "{:?}", row.rule);
        }
    }

    #[test]
    fn every_row_says_all_that_a_row_has_to_say() {
        for row in TABLE {
            let texts = [row.limits, row.source, row.indonesian, row.english];
            assert!(texts.iter().all(|text| !text.is_empty()), "{row:?}");
            let is_id = !row.id.is_empty() && row.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            assert!(is_id, "{row:?}");
            assert!(row.min.is_none_or(|min| row.max.is_none_or(|max| min <= max)), "{row:?}");
        }
        assert_eq!(TABLE.iter().map(|row| row.id).collect::<BTreeSet<_>>().len(), TABLE.len(), "an id stands twice");
    }

    #[test]
    fn a_topic_stands_in_one_place() {
        let mut topics: Vec<Topic> = TABLE.iter().map(|row| row.topic).collect();
        topics.dedup();
        assert_eq!(topics, Topic::ALL);
    }
}
