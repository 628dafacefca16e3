use yilin_domain::list::{MAX_PAGE_SIZE, PageRequest};

use super::Query;

/// How much of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paging {
    /// All of it.
    Complete,
    /// One page.
    Page(PageRequest),
}

impl Paging {
    const DEFAULT_SIZE: u16 = 10;

    /// Reads `page` and `size`. What is bad about them is noted in the query.
    pub(super) fn read(query: &mut Query) -> Self {
        let given = query.text("page").is_some() || query.text("size").is_some();
        let number = query.number("page", 1, i64::MAX).and_then(|number| u64::try_from(number).ok());
        let size = query.number("size", 1, MAX_PAGE_SIZE.into()).and_then(|size| u16::try_from(size).ok());
        if !given {
            return Self::Complete;
        }
        Self::Page(PageRequest { number: number.unwrap_or(1), size: size.unwrap_or(Self::DEFAULT_SIZE) })
    }
}
