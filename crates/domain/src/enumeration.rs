//! Enumerations with wire names, and sets of their values.

/// An enumeration with a list of its values, declared by [`named_enum!`](crate).
pub trait Enumeration: Copy + PartialEq + 'static {
    /// Every value, in the order of declaration.
    const VALUES: &'static [Self];
}

/// Declares an enumeration with a wire name for each value. A value without a name does not compile, and a
/// duplicate name is an unreachable pattern.
macro_rules! named_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$value_meta:meta])* $value:ident = $wire:literal),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$value_meta])* $value,)+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: [Self; [$($wire),+].len()] = [$(Self::$value),+];

            /// The wire name of every value, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($wire),+];

            /// The wire name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $wire,)+
                }
            }

            /// The value with exactly this wire name.
            #[deny(unreachable_patterns)]
            pub fn of_name(name: &str) -> Option<Self> {
                match name {
                    $($wire => Some(Self::$value),)+
                    _ => None,
                }
            }
        }

        impl $crate::enumeration::Enumeration for $name {
            const VALUES: &'static [Self] = &Self::ALL;
        }
    };
}

pub(crate) use named_enum;

/// A set of statuses, used as the filter of a list. Statuses have no order, so a filter is a set, not a
/// range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusSet<S>(Vec<S>);

impl<S: Enumeration> StatusSet<S> {
    /// Every status.
    pub fn all() -> Self {
        Self::matching(|_| true)
    }

    /// These statuses.
    pub fn of(statuses: &[S]) -> Self {
        Self::matching(|status| statuses.contains(&status))
    }

    /// The statuses that have this property.
    pub fn matching(property: impl Fn(S) -> bool) -> Self {
        Self(S::VALUES.iter().copied().filter(|status| property(*status)).collect())
    }

    /// Whether the status is in the set.
    pub fn contains(&self, status: S) -> bool {
        self.0.contains(&status)
    }

    /// Whether every status is in the set.
    pub fn is_all(&self) -> bool {
        self.0.len() == S::VALUES.len()
    }

    /// The statuses, each once, in the order of declaration.
    pub fn as_slice(&self) -> &[S] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Sex;

    #[test]
    fn names_round_trip() {
        assert_eq!(Sex::ALL, [Sex::Male, Sex::Female]);
        assert_eq!(Sex::NAMES, ["男", "女"]);
        for sex in Sex::ALL {
            assert_eq!(Sex::of_name(sex.as_str()), Some(sex));
        }
        assert_eq!(Sex::of_name(" 男"), None);
    }

    #[test]
    fn a_set_has_each_value_once() {
        let both = StatusSet::of(&[Sex::Female, Sex::Male, Sex::Female]);
        assert_eq!(both, StatusSet::all());
        assert!(both.is_all());
        let female = StatusSet::matching(|sex| sex == Sex::Female);
        assert_eq!(female.as_slice(), [Sex::Female]);
        assert!(female.contains(Sex::Female) && !female.contains(Sex::Male) && !female.is_all());
        assert!(StatusSet::<Sex>::of(&[]).as_slice().is_empty());
    }
}
