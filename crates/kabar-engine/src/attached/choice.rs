//! Which files are worth an upload. A picture that many messages show is: it is fetched and uploaded once. A file that only
//! one message names, as an invoice, is not: it would go through here for nothing, where the upstream could fetch it itself.
//!
//! Which it is can't be known from one message. So files are uploaded, until in one place of a template three in a row turned
//! out to be named by one message only. From then on, a file that is new there goes as a link, and is uploaded when a second
//! message names it. The first file that two messages share ends that.

use std::collections::{HashMap, VecDeque};

use kabar_domain::attached::AtSend;
use kabar_domain::ids::Msgid;
use kabar_store::media::FileKey;

/// After so many files in a row that one message alone named, those of the place go as links.
const MOST_ALONE: u32 = 3;
/// How many files are remembered that went as links.
const MOST_SEEN: usize = 16_384;

/// A place of a template where a file is shown: the template, by the store's number, and the file's place among those of
/// the message.
pub(super) type Place = (i64, usize);

/// What was learnt. It is not kept: a place is learnt anew by three uploads.
#[derive(Debug, Default)]
pub(super) struct Choices {
    alone: HashMap<Place, u32>,
    /// Files that went as links, with the messages that named them.
    seen: HashMap<FileKey, Msgid>,
    order: VecDeque<FileKey>,
}

impl Choices {
    /// How a file goes that the upstream does not have.
    pub(super) fn choose(&mut self, place: Place, key: FileKey, msgid: Msgid) -> AtSend {
        match self.seen.get(&key) {
            // The same message again, as after a pause that the upstream asked for.
            Some(first) if *first == msgid => return AtSend::Link,
            Some(_) => {
                self.shared(place);
                return AtSend::Upload;
            }
            None => {}
        }
        let alone = self.alone.entry(place).or_default();
        if *alone < MOST_ALONE {
            *alone += 1;
            return AtSend::Upload;
        }
        if self.order.len() >= MOST_SEEN
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        self.order.push_back(key);
        self.seen.insert(key, msgid);
        AtSend::Link
    }

    /// A file can't be had, so it says nothing of the others of its place.
    pub(super) fn refused(&mut self, place: Place) {
        if let Some(alone) = self.alone.get_mut(&place) {
            *alone = alone.saturating_sub(1);
        }
    }

    /// Two messages named the same file there.
    pub(super) fn shared(&mut self, place: Place) {
        self.alone.remove(&place);
    }
}

#[cfg(test)]
mod tests {
    use kabar_domain::clock::Clock;
    use kabar_domain::ids::SenderId;
    use kabar_domain::template::contract::MediaKind;

    use super::*;

    fn key(n: usize) -> FileKey {
        FileKey::of(&SenderId::parse("100").unwrap(), MediaKind::Document, &format!("https://a.example/{n}.pdf"))
    }

    fn msgid() -> Msgid {
        Clock::system().msgid()
    }

    #[test]
    fn files_of_one_message_each_go_as_links_after_a_few() {
        let mut choices = Choices::default();
        let went: Vec<AtSend> = (0..6).map(|n| choices.choose((7, 0), key(n), msgid())).collect();
        assert_eq!(went[..3], [AtSend::Upload; 3]);
        assert_eq!(went[3..], [AtSend::Link; 3]);
        assert_eq!(choices.choose((7, 1), key(9), msgid()), AtSend::Upload, "another place");
        assert_eq!(choices.choose((8, 0), key(9), msgid()), AtSend::Upload, "another template");
    }

    #[test]
    fn a_file_that_went_as_a_link_is_uploaded_for_the_second_message() {
        let mut choices = Choices::default();
        for n in 0..3 {
            choices.choose((7, 0), key(n), msgid());
        }
        let one = msgid();
        assert_eq!(choices.choose((7, 0), key(3), one), AtSend::Link);
        assert_eq!(choices.choose((7, 0), key(3), one), AtSend::Link, "the same message, once more");
        assert_eq!(choices.choose((7, 0), key(3), msgid()), AtSend::Upload);
        assert_eq!(choices.choose((7, 0), key(4), msgid()), AtSend::Upload, "files are shared here");
    }

    #[test]
    fn a_shared_file_keeps_the_place_uploading() {
        let mut choices = Choices::default();
        for n in 0..20 {
            assert_eq!(choices.choose((7, 0), key(n), msgid()), AtSend::Upload);
            choices.shared((7, 0));
        }
    }

    #[test]
    fn files_that_can_t_be_had_do_not_count() {
        let mut choices = Choices::default();
        for n in 0..20 {
            assert_eq!(choices.choose((7, 0), key(n), msgid()), AtSend::Upload);
            choices.refused((7, 0));
        }
    }

    #[test]
    fn only_so_many_links_are_remembered() {
        let mut choices = Choices::default();
        for n in 0..MOST_SEEN + 10 {
            choices.choose((7, 0), key(n), msgid());
        }
        assert_eq!((choices.seen.len(), choices.order.len()), (MOST_SEEN, MOST_SEEN));
    }
}
