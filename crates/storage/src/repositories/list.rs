//! Pages and batches, for all lists.

/// Defines `read_page` and `read_batch` for a table, based on its module's `filtered`, `total` and `load`.
///
/// For a page deep in a list, its first id is found along the index alone; the rows before it are never read.
macro_rules! paged_list {
    ($table:ident, $filter:ty, $item:ty, $id:ty) => {
        /// One page, newest first.
        async fn read_page(conn: &mut Conn, filter: &$filter, page: PageRequest) -> QueryResult<Page<$item>> {
            let total = total(conn, filter).await?;
            let offset = page.offset();
            let past_the_end = Page { total, items: Vec::new() };
            let Some(offset) = i64::try_from(offset).ok().filter(|_| offset < total) else {
                return Ok(past_the_end);
            };
            let mut rows = filtered(filter);
            if offset > 0 {
                let start = filtered(filter)
                    .select($table::id)
                    .order($table::id.desc())
                    .offset(offset)
                    .limit(1)
                    .get_result::<i64>(conn)
                    .await
                    .optional()?;
                let Some(start) = start else { return Ok(past_the_end) };
                rows = rows.filter($table::id.le(start));
            }
            let items = load(conn, rows.order($table::id.desc()).limit(page.size.into())).await?;
            Ok(Page { total, items })
        }

        /// The next records with an id below `before`, newest first.
        async fn read_batch(
            conn: &mut Conn,
            filter: &$filter,
            before: Option<$id>,
            limit: u16,
        ) -> QueryResult<Vec<$item>> {
            let mut rows = filtered(filter);
            if let Some(before) = before {
                rows = rows.filter($table::id.lt(before.0));
            }
            load(conn, rows.order($table::id.desc()).limit(limit.into())).await
        }
    };
}

/// The rows of a table whose status is in the set. Diesel's `IN` would be prepared anew for each statement;
/// there are only a few of these texts, each prepared once per connection.
macro_rules! in_statuses {
    ($table:ident, $statuses:expr) => {{
        let mut rows = $table::table.into_boxed();
        if $statuses.as_slice().is_empty() {
            // No id is negative, so nothing is found.
            rows = rows.filter($table::id.lt(0));
        }
        if !$statuses.is_all() {
            for status in $statuses.as_slice() {
                rows = rows.or_filter($table::status.eq(status.code()));
            }
        }
        rows
    }};
}
