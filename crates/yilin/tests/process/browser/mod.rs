//! Pages in Chromium, as people see them.

mod day;
mod documentation;
mod driver;
mod every_page;
mod hospital;
mod interruptions;
mod keyboard;
mod live;
mod look;
mod pages;
mod paper;
mod session;
mod setup;
mod uploads;
