//! A stand-in for a language model server, for manual tests and fuzzing: prints its URL, and returns the same
//! answer to every request until it is stopped.

use yilin_testkit::openai::StandIn;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let model = StandIn::start().await;
    println!("{}", model.base_url());
    std::future::pending::<()>().await;
}
