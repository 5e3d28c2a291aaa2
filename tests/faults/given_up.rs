//! Whoever begins a transaction may be given up at any moment: a time limit, a select. The writer must stay usable.

use std::task::Poll;
use std::time::Duration;

use lamplight::clock::Timestamp;
use lamplight::model::token::Key;
use lamplight::store::Store;

#[test]
fn a_beginning_that_is_given_up_leaves_no_transaction_open() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/lamplight.db", folder.path().display());
        let store = Store::open(&url, Key::new([7; 32]), true, Timestamp(0)).await.unwrap();
        for polls in 0..300 {
            let mut beginning = Box::pin(store.begin());
            for _ in 0..polls % 4 {
                if std::future::poll_fn(|context| Poll::Ready(beginning.as_mut().poll(context))).await.is_ready() {
                    break;
                }
            }
            drop(beginning);
            let begun = tokio::time::timeout(Duration::from_secs(20), store.begin()).await;
            let tx = begun
                .expect("the writer is to be had")
                .unwrap_or_else(|why| panic!("given up after {} polls: {why}", polls % 4));
            tx.commit().await.unwrap();
        }
    });
}
