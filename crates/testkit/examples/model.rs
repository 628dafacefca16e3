//! A language model's server for trying things out by hand and for fuzzing: prints where it is, and
//! answers every question the same until it is stopped.
//!

use yilin_testkit::openai::StandIn;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let model = StandIn::start().await;
    println!("{}", model.base_url());
    std::future::pending::<()>().await;
}
