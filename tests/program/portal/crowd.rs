//! Ten thousand connections on which nothing comes: whoever has work to do is served, and the memory stays what it was.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::server::{Client, Server, certificates, wait_for};
use super::town::{self, METRO, package};
use crate::city::DAY;

const CONNECTIONS: usize = 10_000;
/// Connections that are made before the server has taken them.
const AT_ONCE: usize = 250;
/// What the first crowd may cost, KiB: some of it is what the server needs for any work at all.
const CROWD_KIB_MAX: u64 = 200 << 10;
/// What the second crowd may cost beyond the first, KiB.
const LEAK_KIB_MAX: u64 = 50 << 10;
/// What a served request may take in all this.
const SERVED_WITHIN: Duration = Duration::from_secs(5);

/// Ten thousand connections, all of them open at the same time: so few at once that the queue of the door never overflows, and
/// so quickly that the first is not shown out before the last has come.
fn crowd(server: &Server, viewer: &Client) -> Vec<TcpStream> {
    let mut crowd = Vec::with_capacity(CONNECTIONS);
    while crowd.len() < CONNECTIONS {
        crowd.extend((0..AT_ONCE).map(|_| TcpStream::connect(server.address()).unwrap()));
        std::thread::sleep(Duration::from_millis(20));
    }
    wait_for("the crowd", || (connections(viewer) > CONNECTIONS).then_some(()));
    crowd
}

/// How many connections the server says it has.
fn connections(viewer: &Client) -> usize {
    let metrics = viewer.get("/metrics").expect(200);
    let line = metrics.text().lines().find_map(|line| line.strip_prefix("tongclear_connections "));
    line.unwrap().parse().unwrap()
}

#[test]
fn ten_thousand_idle_connections_hinder_nobody() {
    let wanted = CONNECTIONS as u64 + 1_000;
    let limit = rlimit::increase_nofile_limit(wanted).unwrap();
    assert!(limit >= wanted, "this test needs {wanted} open files, and the system allows {limit}");
    let centre = town::expectant();
    let server = Server::start(&centre);
    let folder = certificates(&centre);
    let collector = server.collector(&folder, METRO);
    let viewer = server.log_in("viewer");
    let before = server.memory_kib();
    let mut held = [0; 2];
    for (round, held) in (1..).zip(&mut held) {
        let crowd = crowd(&server, &viewer);
        // Others come in and are served.
        let begun = Instant::now();
        let answer = collector.upload(package(DAY, METRO, round)).expect(200).json();
        assert_eq!(answer["result"], "received");
        assert_eq!(server.log_in("viewer").get("/v1/intake").expect(200).json()["packages"], round);
        assert!(begun.elapsed() < SERVED_WITHIN, "{:?}", begun.elapsed());
        *held = server.memory_kib();
        assert!(*held < before + CROWD_KIB_MAX, "{before} KiB before, {held} KiB with the crowd");
        drop(crowd);
        wait_for("the crowd to be gone", || (connections(&viewer) < 10).then_some(()));
    }
    let [first, second] = held;
    assert!(second < first + LEAK_KIB_MAX, "{first} KiB with the first crowd, {second} KiB with the second");
}

/// Whoever says nothing is shown out, before and after the handshake.
#[test]
fn silence_ends() {
    use std::io::Read as _;
    let centre = town::expectant();
    let server = Server::start(&centre);
    let begun = Instant::now();
    let mut silent = TcpStream::connect(server.address()).unwrap();
    silent.set_read_timeout(Some(super::server::PATIENCE)).unwrap();
    assert_eq!(silent.read(&mut [0; 1]).unwrap(), 0);
    let waited = begun.elapsed().as_secs();
    assert!((29..45).contains(&waited), "{waited} s");
}
