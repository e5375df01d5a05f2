//! Order, supersede, hold back, die and drop.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};

use super::*;

const LONG: Duration = Duration::from_secs(20);

/// A wake that can be waited for.
fn wake() -> (Wake, Receiver<()>) {
    let (send, receive) = channel();
    let send = Mutex::new(send);
    let wake: Wake = Arc::new(move || {
        let _ = send.lock().unwrap().send(());
    });
    (wake, receive)
}

fn next<O: Send + 'static, A: Send + 'static>(
    worker: &mut Worker<O, A>,
    woken: &Receiver<()>,
) -> Result<A, WorkerDied> {
    loop {
        if let Some(answer) = worker.receive()? {
            return Ok(answer);
        }
        woken.recv_timeout(LONG).unwrap();
    }
}

#[test]
fn the_latest_order_wins_and_older_answers_are_dropped() {
    let (wake, woken) = wake();
    let (begun, began) = channel();
    let mut worker = Worker::spawn("test", 1, wake, move || {
        let begun = begun.clone();
        move |order: u32, desk: &Desk<'_, u32, u32>| {
            begun.send(order).unwrap();
            if order == 1 {
                assert!(desk.wait_superseded(LONG));
                assert_eq!(desk.send(order), Err(Superseded));
            } else {
                desk.send(order).unwrap();
            }
        }
    })
    .unwrap();
    worker.order(1);
    assert_eq!(began.recv_timeout(LONG), Ok(1));
    worker.order(2);
    worker.order(3);
    assert_eq!(next(&mut worker, &woken), Ok(3));
    assert!(worker.wait_until_idle(LONG));
    assert_eq!(worker.receive(), Ok(None));
}

#[test]
fn a_full_queue_holds_the_worker_back_until_answers_are_received() {
    let (wake, woken) = wake();
    let mut worker = Worker::spawn("test", 2, wake, || {
        |order: u32, desk: &Desk<'_, u32, u32>| {
            for n in 0..order {
                if desk.send(n).is_err() {
                    return;
                }
            }
        }
    })
    .unwrap();
    worker.order(50);
    let received: Vec<u32> = (0..50).map(|_| next(&mut worker, &woken).unwrap()).collect();
    assert_eq!(received, (0..50).collect::<Vec<_>>());
}

#[test]
fn an_offer_never_waits_for_room() {
    let (wake, woken) = wake();
    let (offered, offers) = channel();
    let mut worker = Worker::spawn("test", 2, wake, move || {
        let offered = offered.clone();
        move |(): (), desk: &Desk<'_, (), u32>| {
            // Nothing is received before all three were offered.
            offered.send([1, 2, 3].map(|n| desk.offer(n))).unwrap();
        }
    })
    .unwrap();
    worker.order(());
    assert_eq!(offers.recv_timeout(LONG), Ok([Ok(true), Ok(true), Ok(false)]));
    let received: Vec<u32> = (0..2).map(|_| next(&mut worker, &woken).unwrap()).collect();
    assert_eq!(received, [1, 2]);
}

#[test]
fn a_panic_is_received_once_and_the_next_order_starts_afresh() {
    let (wake, woken) = wake();
    let mut worker = Worker::spawn("test", 4, wake, || {
        let mut orders = 0;
        move |order: u32, desk: &Desk<'_, u32, u32>| {
            orders += 1;
            assert_ne!(order, 13, "unlucky");
            desk.send(orders).unwrap();
        }
    })
    .unwrap();
    worker.order(1);
    assert_eq!(next(&mut worker, &woken), Ok(1));
    worker.order(13);
    let died = next(&mut worker, &woken).unwrap_err();
    assert!(died.to_string().contains("unlucky") && died.worker == "test", "{died}");
    assert_eq!(worker.receive(), Ok(None));
    worker.order(2);
    assert_eq!(next(&mut worker, &woken), Ok(1), "its state is new");
}

/// Counts that it was dropped.
struct End(Arc<AtomicUsize>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn withdrawn_orders_have_no_answer_and_dropping_ends_the_thread() {
    let (wake, _woken) = wake();
    let ended = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&ended);
    let mut worker = Worker::spawn("test", 1, wake, move || {
        let end = End(Arc::clone(&counter));
        move |order: u32, desk: &Desk<'_, u32, u32>| {
            let _ = &end;
            let _ = desk.send(order);
        }
    })
    .unwrap();
    worker.order(1);
    assert!(worker.wait_until_idle(LONG));
    worker.withdraw();
    assert_eq!(worker.receive(), Ok(None));
    assert!(!worker.is_busy());
    drop(worker);
    let began = Instant::now();
    while ended.load(Ordering::SeqCst) == 0 && began.elapsed() < LONG {
        std::thread::yield_now();
    }
    assert_eq!(ended.load(Ordering::SeqCst), 1);
}
