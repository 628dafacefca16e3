//! Rates of several sides, measured in rounds in which they take turns.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;

use super::caller::Caller;
use super::house::House;
use super::row::Row;
use super::{requests, statements, wire};
use crate::Outcome;
use crate::load::{Load, Rate};

/// How a row is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Method {
    /// Number of rounds; the median counts.
    pub(crate) rounds: usize,
    /// How long each side has in a round.
    pub(crate) lasting: Duration,
    /// Number of clients.
    pub(crate) clients: usize,
}

/// What is measured in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The service, with the large hospital.
    Large,
    /// The service, with the small hospital.
    Small,
    /// Requests that do nothing.
    Empty,
    /// The statements alone, on the database of the large hospital.
    Raw,
}

/// Rates of each side.
pub(crate) struct Rates(Vec<(Side, Vec<f64>)>);

/// A median, and the smallest and the largest value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// A large and a small hospital on the same kind of database.
pub(crate) struct Pair {
    pub(crate) large: House,
    pub(crate) small: House,
}

impl Pair {
    /// Number of clients of a row: no more than visits that wait for their physician, where each client has its own.
    pub(crate) fn clients(&self, row: Row, method: Method) -> usize {
        let clients = row.clients(method.clients);
        let waiting = self.large.scene.pending.len().min(self.small.scene.pending.len());
        if row == Row::Transition { clients.min(waiting) } else { clients }
    }

    /// Measures a row: each side once unmeasured, for a quarter of the time, and then in all rounds.
    pub(crate) fn measure(&self, row: Row, method: Method, runtime: &Runtime) -> Outcome<Rates> {
        let sides: &[Side] = match self.large.database {
            Some(_) => &[Side::Large, Side::Raw, Side::Empty, Side::Small],
            None => &[Side::Large, Side::Small],
        };
        let load = Load { clients: self.clients(row, method), lasting: method.lasting };
        for side in sides {
            self.rate(*side, row, Load { lasting: load.lasting / 4, ..load }, runtime)?;
        }
        let mut rates: Vec<_> = sides.iter().map(|side| (*side, Vec::new())).collect();
        for round in 0..method.rounds {
            for turn in 0..sides.len() {
                // Another side begins in each round, so that growth meanwhile affects all of them.
                let place = (round + turn) % sides.len();
                if let Some((side, rates)) = rates.get_mut(place) {
                    rates.push(self.rate(*side, row, load, runtime)?.per_second());
                }
            }
        }
        Ok(Rates(rates))
    }

    fn rate(&self, side: Side, row: Row, load: Load, runtime: &Runtime) -> Outcome<Rate> {
        let over_http = |house: &House| {
            let caller = |client| Caller::new(house.scene.clone(), client, load.clients);
            wire::send(&house.address, load, |client| {
                let mut caller = caller(client);
                Box::new(move |request| requests::write(row, &mut caller, request))
            })
        };
        match side {
            Side::Large => over_http(&self.large),
            Side::Small => over_http(&self.small),
            Side::Empty => wire::send(&self.large.address, load, |_| Box::new(requests::empty)),
            Side::Raw => {
                let url = self.large.database.as_deref().ok_or("there is no raw side")?;
                let scene = Arc::clone(&self.large.scene);
                let caller = |client| Caller::new(scene.clone(), client, load.clients);
                runtime.block_on(statements::send(url, load, row, caller))
            }
        }
    }
}

impl Rates {
    /// Those of a side.
    pub(crate) fn of(&self, side: Side) -> Option<Spread> {
        let (_, rates) = self.0.iter().find(|(of, _)| *of == side)?;
        Spread::of(rates.clone())
    }

    /// The rate that is possible if the statements and the request took turns: 1 ÷ (1/raw + 1/empty).
    pub(crate) fn limit(&self) -> Option<f64> {
        let (raw, empty) = (self.of(Side::Raw)?.median, self.of(Side::Empty)?.median);
        Some(1.0 / (1.0 / raw + 1.0 / empty))
    }
}

impl Spread {
    /// The spread of some values, of which there is at least one.
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (least, most) = (*values.first()?, *values.last()?);
        Some(Self { median: *values.get(values.len() / 2)?, least, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_what_both_allow_together() {
        let rates =
            Rates(vec![(Side::Raw, vec![9_000.0, 10_000.0, 30_000.0]), (Side::Empty, vec![40_000.0])]);
        let raw = rates.of(Side::Raw).unwrap();
        assert_eq!(format!("{raw:?}"), "Spread { median: 10000.0, least: 9000.0, most: 30000.0 }");
        assert!((rates.limit().unwrap() - 8_000.0).abs() < 1e-6);
        assert!(rates.of(Side::Large).is_none());
    }
}
