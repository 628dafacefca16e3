//! Pages in Chromium, as people see them.

mod day;
mod documentation;
mod driver;
mod hospital;
mod interruptions;
mod keyboard;
mod look;
mod pages;
mod paper;
mod session;
