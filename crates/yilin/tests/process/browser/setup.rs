//! Ways to look at pages.

/// What the pages are looked at with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Device {
    /// 1280 × 800.
    Desktop,
    /// 360 × 740, with touch.
    Phone,
}

/// The colours that the person prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Theme {
    Light,
    Dark,
}

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scripts {
    On,
    Off,
}

/// A way to look at pages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setup {
    pub(super) device: Device,
    pub(super) theme: Theme,
    pub(super) scripts: Scripts,
    /// The language that the browser asks for.
    pub(super) language: &'static str,
}

impl Setup {
    pub(super) const DESKTOP: Self =
        Self { device: Device::Desktop, theme: Theme::Light, scripts: Scripts::On, language: "zh-CN" };
    pub(super) const PHONE: Self = Self { device: Device::Phone, ..Self::DESKTOP };

    pub(super) const fn dark(self) -> Self {
        Self { theme: Theme::Dark, ..self }
    }

    pub(super) const fn without_scripts(self) -> Self {
        Self { scripts: Scripts::Off, ..self }
    }

    pub(super) const fn in_english(self) -> Self {
        Self { language: "en", ..self }
    }

    /// Whether it is the one of which everything is looked at.
    pub(super) fn is_usual(self) -> bool {
        self.scripts == Scripts::On && self.language == Self::DESKTOP.language
    }

    /// For names of files and messages.
    pub(super) fn name(self) -> String {
        let scripts = if self.scripts == Scripts::On { "" } else { ".no-scripts" };
        let language = if self.language == "en" { ".english" } else { "" };
        format!("{:?}.{:?}{scripts}{language}", self.device, self.theme).to_lowercase()
    }

    /// Width and height of the window.
    pub(super) const fn size(self) -> (u64, u64) {
        match self.device {
            Device::Desktop => (1280, 800),
            Device::Phone => (360, 740),
        }
    }
}
