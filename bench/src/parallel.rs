//! Work for all processors, whose results do not depend on how many there are.

use std::sync::Mutex;
use std::thread;

use anyhow::{Context as _, Result};

/// `work` on every item, on as many threads; the results in the order of the items. The first error ends it.
pub(crate) fn map<T: Send, R: Send>(
    items: Vec<T>,
    threads: usize,
    work: impl Fn(T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let results: Vec<Mutex<Option<Result<R>>>> = items.iter().map(|_| Mutex::new(None)).collect();
    let queue = Mutex::new(items.into_iter().enumerate());
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    // The lock is held only while an item is taken.
                    let Some((place, item)) = queue.lock().ok().and_then(|mut queue| queue.next()) else {
                        break;
                    };
                    let result = work(item);
                    if let Ok(mut slot) = results[place].lock() {
                        *slot = Some(result);
                    }
                }
            });
        }
    });
    results
        .into_iter()
        .map(|slot| {
            slot.into_inner().ok().flatten().context("a thread of the bench did not come to its end")?
        })
        .collect()
}
