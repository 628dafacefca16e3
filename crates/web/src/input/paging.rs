//! Paging of lists.

use yilin_domain::list::{MAX_PAGE_SIZE, PageRequest};

use super::field::Number;
use super::request::{FieldDescription, Fields, FromFields};

/// The requested part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// The complete list.
    Complete,
    /// One page.
    Page(PageRequest),
}

type PageNumber = Option<Number<1, { i64::MAX }>>;
type PageSize = Option<Number<1, { MAX_PAGE_SIZE as i64 }>>;

const DEFAULT_SIZE: u16 = 10;

impl FromFields for Paging {
    const NAME: &'static str = "Paging";

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let (number, size) = (fields.take::<PageNumber>("page"), fields.take::<PageSize>("size"));
        let (number, size) = number.zip(size)?;
        if number.is_none() && size.is_none() {
            return Some(Self::Complete);
        }
        let number = number.map_or(Some(1), |Number(number)| u64::try_from(number).ok())?;
        let size = size.map_or(Some(DEFAULT_SIZE), |Number(size)| u16::try_from(size).ok())?;
        Some(Self::Page(PageRequest { number, size }))
    }

    fn describe() -> Vec<FieldDescription> {
        vec![
            FieldDescription::of::<PageNumber>(
                "page",
                &[
                    "Page number, from 1; a page past the end is empty.",
                    "Without `page` and `size` the complete list is returned.",
                ],
                None,
            ),
            FieldDescription::of::<PageSize>(
                "size",
                &["Records per page; 10 if only `page` is given."],
                None,
            ),
        ]
    }
}
