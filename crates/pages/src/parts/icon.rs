//! Icons, drawn with lines on a grid of 24.

use std::fmt::{Display, Formatter, Result};

use super::markup;

macro_rules! icons {
    ($($name:ident $word:literal $path:literal;)*) => {
        /// An icon. It says nothing by itself: a text is always beside it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Icon {
            $($name,)*
        }

        impl Icon {
            /// Every icon.
            pub(crate) const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$name)),*];

            fn path(self) -> &'static str {
                match self {
                    $(Self::$name => $path,)*
                }
            }
        }
    };
}

icons! {
    Alert "alert" "M12 8v5M12 16.5v.1M10.3 4 2.6 17.5A2 2 0 0 0 4.300 20.500h15.400a2 2 0 0 0 1.700-3L13.700 4a2 2 0 0 0-3.400 0z";
    Back "back" "M15 5l-7 7 7 7";
    Calendar "calendar" "M5 5h14a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM4 10h16M8 3v4M16 3v4";
    Check "check" "M4 12.500l5 5L20 6.500";
    Cross "cross" "M9 4h6v5h5v6h-5v5H9v-5H4V9h5z";
    File "file" "M7 3h7l5 5v12a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM14 3v5h5";
    Home "home" "M4 11l8-7 8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z";
    Person "person" "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20.500a7.500 7.500 0 0 1 15 0";
    Pill "pill" "M10.500 4.500a5 5 0 0 1 7 7l-6 6a5 5 0 0 1-7-7zM8 8l6.500 6.500";
    Print "print" "M7 9V4h10v5M7 17H4v-7a1 1 0 0 1 1-1h14a1 1 0 0 1 1 1v7h-3M7 14h10v6H7z";
    Search "search" "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.500 4.500";
    Service "service" "M5 4h14v6H5zM5 14h14v6H5zM8 7v.1M8 17v.1";
    Upload "upload" "M12 16V5M7.500 9L12 4.500 16.500 9M4 16v4h16v-4";
}

impl Icon {
    /// The icon with this name.
    pub(crate) fn named(name: &str) -> Self {
        Self::ALL.iter().find(|(known, _)| *known == name).map_or(Self::Alert, |(_, icon)| *icon)
    }
}

markup!(Icon);

impl Display for Icon {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let path = self.path();
        write!(f, r#"<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{path}"/></svg>"#)
    }
}
