//! Whole runs against a small centre in the same process: whatever goes wrong on the way, every package is taken
//! once, and every failure names its package.

use std::sync::Mutex;
use std::time::Duration;

use crate::{FleetError, Mischief, Outcome, Plan, Progress, play};

mod centre;
mod city;

use centre::{Centre, Manners};
use city::{City, PACKAGES, collector};

/// More mischief than any real fleet would make.
const WILD: Mischief =
    Mischief { resend_percent: 60, lose_answer_percent: 50, hang_up_mid_body_percent: 50, shuffle: true };

/// Plays, and holds the progress that was told against the outcome.
async fn watched(plan: &Plan) -> Result<Outcome, FleetError> {
    let told = Mutex::new(Vec::<Progress>::new());
    let outcome = play(plan, &|progress| told.lock().unwrap().push(progress)).await?;
    let told = told.into_inner().unwrap();
    assert!(told.is_sorted_by_key(|progress| (progress.answered, progress.retries)));
    let last = told.last().unwrap();
    assert_eq!((last.answered, last.packages_total), (outcome.packages, outcome.packages));
    assert_eq!((last.records, last.retries), (outcome.records, outcome.retries));
    Ok(outcome)
}

/// Holds an outcome against the city and what the centre has.
fn check(outcome: &Outcome, city: &City, centre: &Centre) {
    let quarantined = u64::try_from(outcome.quarantined.len()).unwrap();
    assert_eq!(outcome.packages, u64::try_from(city.digests.len()).unwrap());
    assert_eq!(outcome.packages, outcome.received + outcome.already_received + quarantined);
    centre.seen(|seen| {
        let taken: Vec<_> = seen.taken.keys().cloned().collect();
        assert_eq!(taken, city.digests, "nothing lost, nothing added");
        assert!(seen.taken.values().all(|times| *times == 1), "nothing doubled");
    });
    assert_eq!((outcome.records, outcome.bytes), (city.records, city.bytes));
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_whatever_goes_wrong() {
    let city = City::new(6);
    let centre = Centre::open(Manners { faults_percent: 30, ..Manners::GOOD }, None).await;
    let plan = city.plan(format!("http://{}", centre.address), WILD);
    let outcome = watched(&plan).await.unwrap();
    check(&outcome, &city, &centre);
    assert_eq!(outcome.collectors, 6);
    assert!(outcome.resent > 0 && outcome.answers_lost > 0 && outcome.hung_up > 0, "{outcome:?}");
    assert!(outcome.retries > 0 && outcome.already_received > 0, "{outcome:?}");
    assert!(centre.seen(|seen| seen.cut_off) > 0, "some body ended early");

    let again = watched(&plan).await.unwrap();
    check(&again, &city, &centre);
    assert_eq!((again.received, again.already_received), (0, outcome.packages));
}

#[tokio::test]
async fn every_collector_shows_its_own_certificate() {
    let city = City::new(4);
    let (acceptor, certificates) = city.certify(4);
    let manners = Manners { faults_percent: 10, certificates: Some(certificates), ..Manners::GOOD };
    let centre = Centre::open(manners, Some(acceptor)).await;
    let plan = city.plan(format!("https://{}", centre.address), WILD);
    check(&watched(&plan).await.unwrap(), &city, &centre);

    // Another's certificate: the centre says no, and that is the end.
    let file = |name: String| city.certificates().join(name);
    for ending in ["pem", "key"] {
        let from = file(format!("{}.{ending}", collector(1)));
        std::fs::copy(from, file(format!("{}.{ending}", collector(0)))).unwrap();
    }
    let error = play(&Plan { collectors: Some(1), ..plan.clone() }, &|_| {}).await.unwrap_err();
    assert!(matches!(error, FleetError::Refused { status: 403, .. }), "{error}");

    std::fs::copy(file(format!("{}.key", collector(2))), file(format!("{}.key", collector(0)))).unwrap();
    let error = play(&plan, &|_| {}).await.unwrap_err();
    assert!(matches!(error, FleetError::Certificate { .. }), "{error}");
    std::fs::remove_file(file(format!("{}.key", collector(0)))).unwrap();
    let error = play(&plan, &|_| {}).await.unwrap_err();
    assert!(matches!(error, FleetError::Io { .. }), "{error}");
}

#[tokio::test]
async fn a_quiet_fleet_sends_each_package_once_and_keeps_to_its_seats() {
    let city = City::new(6);
    let centre = Centre::open(Manners::GOOD, None).await;
    let plan = city.plan(format!("http://{}", centre.address), Mischief::NONE);
    let outcome = watched(&plan).await.unwrap();
    check(&outcome, &city, &centre);
    assert_eq!((outcome.uploads, outcome.received, outcome.retries), (54, 54, 0));
    assert_eq!(centre.seen(|seen| seen.requests), 54);
    let most = centre.seen(|seen| seen.in_hand.1);
    assert!((1..=3).contains(&most), "{most} requests at once from 3 seats");
}

#[tokio::test]
async fn mishaps_are_what_they_are_called() {
    let city = City::new(3);
    for (lost, hung_up) in [(27, 0), (0, 27)] {
        let centre = Centre::open(Manners::GOOD, None).await;
        let percent = |count| if count > 0 { 100 } else { 0 };
        let mischief = Mischief {
            lose_answer_percent: percent(lost),
            hang_up_mid_body_percent: percent(hung_up),
            ..Mischief::NONE
        };
        let outcome = watched(&city.plan(format!("http://{}", centre.address), mischief)).await.unwrap();
        check(&outcome, &city, &centre);
        assert_eq!((outcome.answers_lost, outcome.hung_up), (lost, hung_up));
        assert_eq!((outcome.uploads, outcome.retries), (54, 0));
        // What was cut off never came whole; an answer that was lost had mostly been given.
        if hung_up > 0 {
            assert_eq!((centre.seen(|seen| seen.requests), outcome.already_received), (27, 0));
            assert!(centre.seen(|seen| seen.cut_off) > 0);
        } else {
            assert!(outcome.already_received > 0, "{outcome:?}");
        }
    }
}

#[tokio::test]
async fn only_the_first_collectors_play_when_fewer_are_asked_for() {
    let city = City::new(4);
    for (asked, expected) in [(1, 1), (3, 3), (4, 4), (560, 4)] {
        let centre = Centre::open(Manners::GOOD, None).await;
        let plan = city.plan(format!("http://{}", centre.address), Mischief::NONE);
        let outcome = watched(&Plan { collectors: Some(asked), ..plan }).await.unwrap();
        assert_eq!((outcome.collectors, outcome.packages), (expected, expected * u64::from(PACKAGES)));
    }
}

#[tokio::test]
async fn packages_put_aside_are_reported_and_left_alone() {
    let city = City::new(2);
    let centre = Centre::open(Manners { quarantines: Some(5), ..Manners::GOOD }, None).await;
    let plan =
        city.plan(format!("http://{}", centre.address), Mischief { resend_percent: 100, ..Mischief::NONE });
    let outcome = watched(&plan).await.unwrap();
    let reason = "chain_broken: previous_seal is 00, expected 01".to_owned();
    let due = [0, 1].map(|number| (format!("{}-0000000005.ctp", collector(number)), reason.clone()));
    assert_eq!(outcome.quarantined, due);
    assert_eq!((outcome.packages, outcome.received), (18, 16));
    assert!(outcome.resent > 0);
}

/// Plays one collector against a centre with these manners, without patience; the error must contain `expected`.
async fn fails(manners: Manners, expected: &str) {
    let city = City::new(1);
    let centre = Centre::open(manners, None).await;
    let mischief = Mischief { resend_percent: 100, ..Mischief::NONE };
    let mut plan = city.plan(format!("http://{}", centre.address), mischief);
    plan.give_up_after = Duration::from_millis(200);
    let error = play(&plan, &|_| {}).await.unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
    assert!(error.starts_with("651000000000-0000000001.ctp: "), "{error}");
}

#[tokio::test]
async fn failures_name_the_package_and_what_was_wrong() {
    let busy = "503 Service Unavailable";
    fails(Manners { always: Some(busy), ..Manners::GOOD }, "the last one: status 503: as always").await;
    let later = "429 Too Many Requests\r\nretry-after: 9";
    fails(Manners { always: Some(later), ..Manners::GOOD }, "1 attempts; the last one: status 429").await;
    let gone = "401 Unauthorized";
    fails(Manners { always: Some(gone), ..Manners::GOOD }, "refused the request with status 401: as always")
        .await;
    let strange = "200 OK";
    fails(Manners { always: Some(strange), ..Manners::GOOD }, "not an answer to a package").await;
    fails(Manners { faults_percent: 100, ..Manners::GOOD }, "error sending request").await;
    fails(Manners { forgets: true, ..Manners::GOOD }, "expected already_received, answered received").await;
    fails(Manners { mixes_up: true, ..Manners::GOOD }, "sent bytes with SHA-256").await;
}

#[tokio::test]
async fn a_folder_is_refused_when_it_holds_nothing_to_play() {
    let city = City::new(0);
    let plan = city.plan("http://127.0.0.1:9".to_owned(), Mischief::NONE);
    let error = play(&plan, &|_| {}).await.unwrap_err();
    assert!(error.is_input() && error.to_string().contains("a folder with .ctp files below it"), "{error}");
    std::fs::write(plan.packages.join("first.ctp"), "").unwrap();
    let error = play(&plan, &|_| {}).await.unwrap_err();
    assert!(error.is_input() && error.to_string().contains("first.ctp: expected <collector"), "{error}");
}
