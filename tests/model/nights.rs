//! A seed's script: several windows in a row of one small city, with all that a centre lives through.
//!
//! Bounded by: 3 to 5 windows of up to about 300 records.

use crate::centre::Centre;
use crate::city::{self, City};
use crate::dice::Dice;
use crate::lists;
use crate::post::Post;
use crate::script::{Action, PackageFile};
use crate::street::{Draft, Street};
use crate::twist::{echo, twist};
use crate::unique::chain;
use tongclear_types::CardId;

/// Everything that is done to the centre, in order.
pub(crate) fn script(seed: u64) -> Vec<Action> {
    let mut dice = Dice::new(seed);
    let city = city::build(&mut dice);
    let street = Street::new(&mut dice, &city);
    let windows = city.dates.len();
    let mut nights = Nights {
        dice,
        city,
        street,
        post: Post::default(),
        later: vec![Vec::new(); windows],
        held: Vec::new(),
        depot: None,
        centre: Centre::default(),
        script: Vec::new(),
    };
    nights.begin();
    for window in 0..windows {
        nights.window(window);
    }
    let first = nights.city.dates[0];
    nights.push(Action::Check(first));
    nights.script
}

/// The highest counter accepted so far of every card and chain.
fn heights(centre: &Centre) -> Vec<(CardId, bool, u16)> {
    let mut heights: Vec<(CardId, bool, u16)> = Vec::new();
    for taken in &centre.past.accepted {
        let (card, loads) = chain(taken);
        let counter = if loads { taken.record.online_counter } else { taken.record.offline_counter };
        match heights.iter_mut().find(|(it, its_loads, _)| *it == card && *its_loads == loads) {
            Some((_, _, highest)) => *highest = counter.max(*highest),
            None => heights.push((card, loads, counter)),
        }
    }
    heights
}

struct Nights {
    dice: Dice,
    city: City,
    street: Street,
    post: Post,
    /// Records kept back, by the window they will arrive in.
    later: Vec<Vec<Draft>>,
    /// Packages kept back for the next window.
    held: Vec<PackageFile>,
    /// The package of the depot that is not registered at first.
    depot: Option<PackageFile>,
    /// The model, so that the next window can aim at the edges of what this one left behind.
    centre: Centre,
    script: Vec<Action>,
}

impl Nights {
    fn push(&mut self, action: Action) {
        self.centre.act(&action);
        self.script.push(action);
    }

    fn begin(&mut self) {
        self.push(Action::Registry(self.city.registries[0].clone()));
        self.push(Action::Keys(self.city.keys[0].clone()));
        for _ in 0..self.dice.number(0, 3) {
            self.list(0);
        }
    }

    fn list(&mut self, window: usize) {
        let today = self.city.dates[window];
        let action = lists::publish(&mut self.dice, &mut self.street, today);
        self.push(action);
        if self.dice.chance(15)
            && let Some(action) = lists::refused(&mut self.dice, &self.street)
        {
            self.push(action);
        }
    }

    /// What is loaded new for a window: it may come before the intake, or after it and before the close.
    fn load(&mut self, window: usize) {
        if window == 0 {
            return;
        }
        let (registry, keys) = (self.city.registries[window].clone(), self.city.keys[window].clone());
        if registry != self.city.registries[window - 1] {
            self.push(Action::Registry(registry));
        }
        if keys != self.city.keys[window - 1] {
            self.push(Action::Keys(keys));
        }
    }

    fn window(&mut self, window: usize) {
        let load_first = self.dice.chance(50);
        if load_first {
            self.load(window);
        }
        if window > 0 && self.dice.chance(60) {
            self.list(window);
        }
        let drafts = self.day(window);
        let records: Vec<_> = drafts.iter().map(|draft| draft.record).take(20).collect();
        if self.depot.is_none() && self.dice.chance(50) {
            self.depot = Some(self.post.depot(&self.city.keys[0], &drafts[..drafts.len().min(12)]));
        }
        let registry = &self.city.registries[window];
        let mut files = std::mem::take(&mut self.held);
        files.extend(self.post.pack(&mut self.dice, registry, &self.city.keys[window], drafts));
        if window + 1 < self.city.dates.len() {
            // Some packages wait for the next window, so that sequences have gaps.
            let (kept, sent) = files.into_iter().partition(|_| self.dice.chance(10));
            (self.held, files) = (kept, sent);
        }
        self.dice.shuffle(&mut files);
        let half = files.split_off(self.dice.place(files.len() + 1));
        self.intake(files);
        if self.dice.chance(25) {
            self.list(window);
        }
        if !load_first {
            self.load(window);
        }
        self.intake(half);
        self.unwelcome(window, &records);
        self.close(window);
    }

    fn intake(&mut self, files: Vec<PackageFile>) {
        if !files.is_empty() {
            self.push(Action::Intake(files));
        }
    }

    /// Packages sent again, packages not fit to be let in, and the depot's.
    fn unwelcome(&mut self, window: usize, records: &[tongclear_types::TransactionRecord]) {
        let mut files: Vec<PackageFile> = Vec::new();
        let keys = &self.city.keys[window];
        // While a package is held back, a later one of its collector may not be judged as it would be without.
        if self.held.is_empty() {
            for _ in 0..self.dice.number(0, 3) {
                let registry = &self.city.registries[window];
                files.extend(self.post.mischief(&mut self.dice, registry, keys, records));
            }
            if self.dice.chance(40) {
                files.extend(self.post.resend(&mut self.dice));
            }
        }
        files.extend(self.depot.clone());
        self.intake(files);
    }

    /// The records that arrive in this window.
    fn day(&mut self, window: usize) -> Vec<Draft> {
        self.street.heights = heights(&self.centre);
        self.street.catch_up(&mut self.dice);
        let mut drafts = std::mem::take(&mut self.later[window]);
        let count = if self.dice.chance(4) { 0 } else { self.dice.between(120, 280) };
        for i in 0..count {
            let part = i * 1_000 / count;
            let draft = self.record(window, part);
            let last = self.city.dates.len() - 1;
            if window < last && self.dice.chance(6) {
                let arrives = window + 1 + self.dice.place(last - window);
                self.later[arrives].push(draft);
            } else {
                drafts.push(draft);
            }
        }
        drafts
    }

    fn record(&mut self, window: usize, part: i64) -> Draft {
        let (registry, today) = (&self.city.registries[window], self.city.dates[window]);
        if self.dice.chance(22)
            && let Some(draft) = echo(&mut self.dice, &mut self.street, registry, today)
        {
            return self.street.finish(draft);
        }
        if self.dice.chance(2) {
            // A card was used where nothing has been heard from for long.
            let at = self.dice.place(self.street.cards.len());
            let card = &mut self.street.cards[at];
            card.offline =
                card.offline.saturating_add(self.dice.pick(&[20, 40, 63, 64, 65, 900])).min(65_530);
        }
        let mut draft = self.street.tap(&mut self.dice, registry, today, part);
        for _ in 0..self.dice.pick(&[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 3]) {
            twist(&mut self.dice, &self.street, &self.city, window, &mut draft);
        }
        self.street.finish(draft)
    }

    /// The night, in one command or in steps with other things happening in between.
    fn close(&mut self, window: usize) {
        let date = self.city.dates[window];
        let workers = self.dice.number(1, 3);
        if self.dice.chance(60) {
            self.push(Action::Night { date, workers });
        } else {
            self.push(Action::Close(date));
            // What comes now belongs to the next window.
            if self.dice.chance(70) {
                self.list(window);
            }
            if self.dice.chance(40) && window + 1 < self.city.dates.len() {
                self.load(window + 1);
            }
            if self.dice.chance(50) {
                let early = std::mem::take(&mut self.held);
                self.intake(early);
            }
            if self.dice.chance(50) {
                self.push(Action::Clear { date });
                self.push(Action::Settle(date));
            } else {
                self.push(Action::Night { date, workers });
            }
        }
        self.push(Action::Check(date));
        if self.dice.chance(25) {
            self.push(Action::Night { date, workers });
            self.push(Action::Check(date));
        }
    }
}

#[cfg(test)]
#[path = "nights_tests.rs"]
mod tests;
