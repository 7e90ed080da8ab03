//! Cards that answer in pieces, wrongly, or not at all.

use super::*;
use crate::command::{GetBalance, GetChallenge};

/// Answers in the order given, and notes what it was asked.
struct Script(Vec<&'static str>, Vec<String>);

impl Transport for Script {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        self.1.push(hex::encode_upper(command));
        if self.0.is_empty() {
            return Err(TransportError::CardGone);
        }
        Ok(hex::decode(self.0.remove(0)).unwrap())
    }
}

#[track_caller]
fn check(answers: &[&'static str], asked: &[&str], outcome: Result<u32, &str>) {
    let mut script = Script(answers.to_vec(), Vec::new());
    let found = Channel::new(&mut script).ask(&GetBalance);
    assert_eq!(found.map_err(|error| error.to_string()), outcome.map_err(str::to_owned));
    assert_eq!(script.1, asked);
}

#[test]
fn a_channel_fetches_repeats_and_names_what_is_wrong() {
    let ask = "805C000204";
    check(&["0000164E9000"], &[ask], Ok(5710));
    check(&["8000164E9000"], &[ask], Ok(5710));
    check(&["6104", "0000164E9000"], &[ask, "00C0000004"], Ok(5710));
    check(&["00006102", "164E9000"], &[ask, "00C0000002"], Ok(5710));
    check(&["6C04", "0000164E9000"], &[ask, ask], Ok(5710));
    check(&["6A82"], &[ask], Err("GET BALANCE: the card answered 6A82 (file not found)"));
    check(&["9000"], &[ask], Err("GET BALANCE: the card's answer is garbage: 0 bytes, expected 4"));
    check(&["00"], &[ask], Err("GET BALANCE: the card's answer is garbage: 1 bytes, expected 2"));
    check(&[""], &[ask], Err("GET BALANCE: the card's answer is garbage: 0 bytes, expected 2"));
    check(
        &["00000016 4E9000".split(' ').next().unwrap()],
        &[ask],
        Err("GET BALANCE: the card answered 0016 (unknown status word)"),
    );
    check(&[], &[ask], Err("GET BALANCE: the card was removed"));
}

#[test]
fn a_card_that_sends_on_for_ever_is_left() {
    struct Forever;
    impl Transport for Forever {
        fn exchange(&mut self, _: &[u8]) -> Result<Vec<u8>, TransportError> {
            Ok(vec![0x61, 0x10])
        }
    }
    assert!(matches!(Channel::new(Forever).ask(&GetChallenge), Err(CardError::Answer { .. })));
}
