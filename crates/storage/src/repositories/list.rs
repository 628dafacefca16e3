//! Pages and batches, for all lists.

/// Defines `total`, `read_page` and `read_batch` for a table, based on its module's `filtered`, `counters` (whose stored
/// numbers are those of the list; `None` if it has to be counted) and `load`.
///
/// For a page deep in a list, its first id is found by the stored numbers and along the index alone; the rows before it are
/// never read.
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
                let mut before = filtered(filter);
                let mut place = super::totals::Place { last: i64::MAX, offset };
                if let Some(counters) = counters(filter) {
                    place = super::totals::place(conn, &counters, offset).await?;
                    before = before.filter($table::id.le(place.last));
                }
                let start = before
                    .select($table::id)
                    .order($table::id.desc())
                    .offset(place.offset)
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

        async fn total(conn: &mut Conn, filter: &$filter) -> QueryResult<u64> {
            match counters(filter) {
                Some(counters) => super::totals::sum(conn, &counters).await,
                None => Ok(crate::rows::counted(filtered(filter).count().get_result(conn).await?)),
            }
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
///
/// Among one person's rows (`$of_one`) the status is an expression: SQLite, which knows nothing of frequencies, would look for
/// the person among all rows of a status.
macro_rules! in_statuses {
    ($table:ident, $statuses:expr, $of_one:expr) => {{
        let mut rows = $table::table.into_boxed();
        if $statuses.as_slice().is_empty() {
            // No id is negative, so nothing is found.
            rows = rows.filter($table::id.lt(0));
        }
        if !$statuses.is_all() {
            for status in $statuses.as_slice() {
                rows = if $of_one {
                    rows.or_filter(($table::status + 0_i16).eq(status.code()))
                } else {
                    rows.or_filter($table::status.eq(status.code()))
                };
            }
        }
        rows
    }};
}

/// The rows of a table with these ids. Diesel's `IN` would be prepared anew for each statement; of a page's few ids there is
/// one text per number of them.
macro_rules! with_ids {
    ($table:ident, $ids:expr) => {{
        let ids: Vec<i64> = $ids;
        let mut rows = $table::table.into_boxed();
        if ids.is_empty() || ids.len() > super::list::PREPARED_IDS {
            rows = rows.filter($table::id.eq_any(ids));
        } else {
            for id in ids {
                rows = rows.or_filter($table::id.eq(id));
            }
        }
        rows
    }};
}

/// Maximum number of ids whose statement is prepared once for each number.
pub(super) const PREPARED_IDS: usize = 32;

/// Defines `walk`, `read_slice` and `read_total` for a table, based on its module's functions: `along` restricts rows to
/// a path (a range of an index), `within` to those of a path that meet the filter, `covers` tells whether a path holds
/// nothing else, and `is_in_id_order` whether its index does; `load_ids` reads records.
macro_rules! sliced_list {
    ($table:ident, $filter:ty, $path:ty, $item:ty, $id:ident) => {
        /// Walks along these paths, which share no record. Of a path that does not cover the filter, only a bounded number
        /// of rows is examined.
        async fn walk(conn: &mut Conn, filter: &$filter, paths: &[$path], walk: Walk) -> QueryResult<Found> {
            let examined = EXAMINED / i64::try_from(paths.len()).unwrap_or(EXAMINED).max(1);
            let mut reaches = Vec::with_capacity(paths.len());
            for path in paths {
                let mut rows = within(filter, path);
                let mut end: Option<i64> = None;
                if !covers(path, filter) {
                    let all = beyond(along($table::table.into_boxed(), path), walk);
                    end = in_order(all, path, walk.way)
                        .select($table::id)
                        .offset(examined)
                        .limit(1)
                        .get_result(conn)
                        .await
                        .optional()?;
                }
                rows = match (end, walk.way) {
                    (None, _) => rows,
                    (Some(end), Way::Older) => rows.filter($table::id.gt(end)),
                    (Some(end), Way::Newer) => rows.filter($table::id.lt(end)),
                };
                let rows = in_order(beyond(rows, walk), path, walk.way);
                let ids: Vec<i64> = rows.select($table::id).limit(walk.limit).load(conn).await?;
                let is_enough = i64::try_from(ids.len()).is_ok_and(|found| found >= walk.limit);
                reaches.push(Reach { ids, end: end.filter(|_| !is_enough) });
            }
            Ok(Found::merge(walk, reaches))
        }

        /// The rows on the far side of where the walk begins.
        fn beyond(rows: $table::BoxedQuery<'_, Db>, walk: Walk) -> $table::BoxedQuery<'_, Db> {
            match (walk.from, walk.way) {
                (None, _) => rows,
                (Some(from), Way::Older) => rows.filter($table::id.lt(from)),
                (Some(from), Way::Newer) => rows.filter($table::id.gt(from)),
            }
        }

        /// In the direction of the walk. Rows of a path in another order are sorted: an expression rules out that the
        /// planner walks along all ids instead.
        fn in_order<'a>(
            rows: $table::BoxedQuery<'a, Db>,
            path: &$path,
            way: Way,
        ) -> $table::BoxedQuery<'a, Db> {
            match (is_in_id_order(path), way) {
                (true, Way::Older) => rows.order($table::id.desc()),
                (true, Way::Newer) => rows.order($table::id.asc()),
                (false, Way::Older) => rows.order(($table::id + 0_i64).desc()),
                (false, Way::Newer) => rows.order(($table::id + 0_i64).asc()),
            }
        }

        /// A slice of the list.
        pub(super) async fn read_slice(
            conn: &mut Conn,
            filter: &$filter,
            window: Window<$id>,
            limit: u16,
        ) -> QueryResult<Slice<$item, $id>> {
            let paths = paths(conn, filter).await?;
            let through = Walk::through(window.map(|id| id.0), limit);
            let slice = walk(conn, filter, &paths, through).await?.slice(through);
            let slice = slice.map_positions($id);
            let items = if slice.items.is_empty() { Vec::new() } else { load_ids(conn, slice.items).await? };
            Ok(Slice { items, newer: slice.newer, older: slice.older })
        }

        /// The number of records that meet the filter, as far as it is counted.
        pub(super) async fn counted_total(conn: &mut Conn, filter: &$filter) -> QueryResult<Total> {
            let paths = paths(conn, filter).await?;
            let most = i64::from(Total::COUNTED);
            let Found { ids, stopped_at } = walk(conn, filter, &paths, Walk::newest(most + 1)).await?;
            let number = u64::try_from(ids.len()).unwrap_or(u64::MAX);
            let goes_on = stopped_at.is_some() || number > u64::from(Total::COUNTED);
            Ok(Total::counted(number.min(Total::COUNTED.into()), goes_on))
        }
    };
}
