//! The simulated city: cards, terminals, anomalies and the truth about each record; knows nothing of the engine.
//!
//! [`simulate`] turns a [`Plan`] into a folder that holds everything a clearing centre needs for one to thirty days:
//!
//! | path | what |
//! |---|---|
//! | `registry/registry.toml`, `registry/terminals.csv` | the registry |
//! | `keys.toml` | TAC keys of each card operator, seal masters |
//! | `lists/deny-<operator>-<version>.txt` | deny lists, to be loaded before the first night in the order of their names |
//! | `packages/<date>/<collector>-<sequence>.ctp` | what arrives in the window of that date, in whatever order |
//! | `operators/<operator>-<date>.csv` | what the card operator's books say about that working day |
//! | `operators/<operator>-<date>-part.csv` | the first part of it, where one arrives before the whole file |
//! | `operators/arrivals.csv` | when each of these arrives, in order |
//! | `operators/truth.csv` | what must become of each of their lines, and the records that none of them meets |
//! | `truth.csv` | the disposition each record must get |
//!
//! The same plan gives the same bytes. Memory grows with cards and terminals; records pass through: a collector's
//! buffer is bounded, and so are what is laid aside for the next window and the lines that wait for their record or
//! for a later day's file. One thing grows with the anomalies, and slowly: 8 bytes for the counters of each purchase
//! that left no record to find and of each record with a wrong counter, which must never meet.
//!
//! # The city
//!
//! Chengdu: buses with depot concentrators, a metro with distance fares (composite purchases), water, power and gas
//! with a few tills and large bills, shops, load agents, a sponsor for the bus rides of seniors and one for the metro
//! rides of students. Twelve in a hundred of the city's own cards have a concession, a tenth use SM4 with key version
//! 2, and three in a hundred of all cards come from Chongqing and Beijing. A working day runs from 04:00 to 02:00, so
//! taps after midnight carry the date after the window's. The cards have a past: counters and balances start
//! anywhere, and the first window knows nothing of them. A day has exactly `transactions` records, anomalies, copies
//! and late arrivals included. A city with few terminals has only the first of the merchants.
//!
//! # Why the truth is certain
//!
//! `truth.csv` is written from what was done to each record. Four facts carry that:
//!
//! 1. *A card's genuine records ascend.* Each transaction advances the counter of its chain by one and happens later
//!    than the one before, so the order in which the simulator makes a chain's records is the order in which the rules
//!    take them. Records that were held back are offered before all others of the next window, where their lower
//!    counters put them; a card holds back one record at a time.
//! 2. *What is not accepted leaves the chain alone.* A rejected or suspended record or a duplicate occupies nothing,
//!    so wherever it sorts, the verdicts of other records do not move. The card itself advanced, though, so its next
//!    record shows the gap: the simulator keeps of each chain what the centre keeps, and reads the flags off it.
//! 3. *No limit is met by accident.* A card rests when its counter is 900 above the highest of earlier windows
//!    (the limit is 1,024); terminals never use a number twice unless that is the anomaly; amounts stay within limits;
//!    listed cards tap only while no list in force has them, or as the anomaly.
//! 4. *One anomaly a record.* Each spoils one field of an otherwise sound record, so exactly one check fails.
//!
//! # How each anomaly is made
//!
//! | anomaly | made by | must become |
//! |---|---|---|
//! | malformed date, time, type | values that are none, written over a genuine record | rejected `malformed` |
//! | test card, unknown operator | a serial that no card has, with the test flag or a strange issuer | rejected `test_card`, `unknown_operator` |
//! | unknown terminal; another merchant's; a retired one | terminals kept for this alone, with numbers of their own | rejected `unknown_terminal`, `terminal_not_in_service` |
//! | TAC flipped; amount tampered | bits of a right TAC turned; the amount raised under the TAC of the smaller one | rejected `tac_mismatch` |
//! | deny-listed | the record's list version is chosen so that version or grace refuses | rejected `deny_listed` |
//! | deny-listed late | the card's stay began less than 24 hours ago, the terminal held an older list | accepted, `deny_listed_late` |
//! | future-dated, too old | the terminal's clock is wrong by more than a day ahead or 30 days behind, the card signed that date | suspended |
//! | unknown key version, unknown algorithm | the byte is replaced | suspended `key_unavailable` |
//! | balance arithmetic | the balance that the TAC does not cover is shifted | suspended |
//! | contract not in force; for others | shops kept for this; a foreign card in a shop for Tianfu Tong's cards | suspended `no_contract` |
//! | over limit | an amount above the limit of the contract in force | suspended |
//! | duplicate in the same package, a later one, the next window | the same record again | the later one is a duplicate |
//! | duplicate by another collector | both send it in the same window; the lower collector id comes first | the other one is a duplicate |
//! | duplicate under another counter | a higher counter, so the genuine record comes first | duplicate |
//! | suspended twice, suspended again next window | any of the suspended kinds, and the same record again | the later one is a duplicate |
//! | number reused | a genuine record with a terminal number that an earlier window accepted for another card | suspended `number_conflict` |
//! | replay in the next window | an accepted record again under a counter above all accepted before | suspended `number_conflict` |
//! | stale counter, counter jump | the counter is misread as 65 or more below, 1,025 or more above the highest of earlier windows | suspended |
//! | counter conflict | a clone makes another, later purchase with the counter of the last accepted one | suspended |
//! | record lost | a transaction without a record, then another one | the second shows `counter_gap` |
//! | gap closed | the first of two purchases arrives in the next window | accepted, `gap_closed` and `late` |
//! | balance break | money reaches the card by no record, between two purchases that follow each other | accepted, `balance_break` |
//! | supplementary, late, late in the next window | the flag; an older date; held back | accepted with that flag |
//! | corrected in the same window, or the next | a garbled record, and the same one whole | rejected, and accepted |
//!
//! Kinds take turns in an order drawn from the seed; a kind that cannot be made at its turn is passed over. Kinds that
//! need an earlier or a later window occur only when there is one.
//!
//! # The books of the card operators
//!
//! Every genuine transaction of the working day with status `ok`, as the card made it: also those whose records were
//! lost, spoilt or held back. Those of listed cards that the merchant should have refused are `refused:deny_listed`.
//! Clones, phantom cards and copies are in nobody's books.
//!
//! At the same rate as records, lines of ordinary, accepted transactions are got wrong, in turns:
//!
//! | anomaly | made by | must become |
//! |---|---|---|
//! | `line_left_out` | no line at all | the record is `ours_only` |
//! | `line_booked_late` | in the file of one to three days later | `matched` |
//! | `amount_misread`, `counter_misread`, `terminal_misread`, `terminal_number_misread`, `date_misread`, `time_misread`, `amount_and_time_misread` | a value that nothing else has | `mismatch` with these fields |
//! | `refused_although_accepted` | `refused:` and a reason | `mismatch` with `status` |
//! | `line_twice` | again in the same file | the later one `duplicate_line` |
//! | `line_repeated_next_day` | again in the next day's file | the one that arrives later `repeated` |
//! | `line_of_nothing` | a card that nobody has | `theirs_only` |
//!
//! In runs of more than one day files come irregularly, too: `file_late` one to three days after its date,
//! `file_in_part` as it stood around noon and later whole (what was in the part is then `repeated`), `file_twice` the
//! same bytes again, which change nothing. Chongqing sends nothing on days off in its own calendar, and on the next
//! business day a file for each of them; that is a habit and no anomaly. Where there are anomalies, every file that has
//! lines has one of its own date, a `line_of_nothing` if need be.
//!
//! `operators/truth.csv` has the columns
//! `operator,file,line,state,fields,disposition,reason,collector,package_sequence,row,window`, one row for each line of
//! each file (`line` counts the header as 1) and one for each accepted record that no line ever meets (`file` and `line`
//! empty), in the order in which they become certain. It says what holds when every file has arrived and a last run has taken in the last window's records. The record is the
//! accepted one of that transaction; of a `theirs_only` line it is the first of those that were not accepted, with its
//! disposition and reason, and of a `duplicate_line` or `repeated` one the record of the line that it repeats. A line
//! dated more than a day after its file is `not_taken` with the field `date`.
//!
//! Why this is certain: no two accepted records share card, type and counter, or card, type, terminal and number, and no
//! two lines do but copies, so nothing is ever paired with another's record in whatever order files arrive. Misread
//! values are none that occur: counters from 32,768, numbers from 2³¹, terminals that nobody has. A line without an
//! accepted record is shown the record with its terminal and number, which only its own transaction's have; where there
//! is none (the record was lost, or its type is none) the counter decides, and the wrong counters of copies and misread
//! records keep away from those of such lines. Only a spoilt type is never found: types are compared as sent.

mod books;
mod card;
mod city;
mod deny;
mod draft;
mod encounters;
mod fee;
mod files;
mod holidays;
mod inject;
mod keys;
mod kind;
mod merchants;
mod moment;
mod outbox;
mod plan;
mod post;
mod profile;
mod random;
mod registry_text;
mod run;
mod sector_data;
mod summary;
#[cfg(test)]
mod tests;
mod view;
mod world;

pub use kind::Anomaly;
pub use plan::{
    AnomalyRate, CARDS_MAX, DAYS_MAX, Plan, Progress, SimError, TAPS_PER_CARD_DAY_MAX, TERMINALS_MAX,
    TERMINALS_MIN, TRANSACTIONS_MAX,
};
pub use run::simulate;
pub use summary::{Paths, Summary};
