//! Nobody sees another's money: merchants and card operators at every address that tells of anybody, and collectors.

use std::collections::{BTreeMap, BTreeSet};

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use serde_json::Value;
use tongclear_access::Action;

use super::api::{Endpoint, Opens, endpoints};
use super::server::{Client, Server, certificates};
use super::town::{self, BUS, METRO, NEXT, package};
use crate::city::{DAY, small_town};
use crate::program::{Centre, path, sorted};

/// One line of the export, by column.
type Line = BTreeMap<String, String>;

/// Somebody of one participant, and what the centre knows of everybody.
struct Somebody<'a> {
    person: Client,
    /// Such as `merchant:BUS00001`.
    own: &'a str,
    known: &'a Known,
}

/// What the centre's staff see.
struct Known {
    /// The lines of the export of each day.
    lines: BTreeMap<&'static str, Vec<Line>>,
    /// The names of all reports of a day.
    reports: BTreeMap<&'static str, Vec<String>>,
    participants: Vec<String>,
}

impl Known {
    fn of(centre: &Centre, staff: &Client) -> Self {
        let lines = |day: &'static str| {
            let file = centre.dir.path().join("export.csv");
            centre.done(&["export", "--window", day, "--out", path(&file)]);
            let mut reader = csv::Reader::from_path(&file).unwrap();
            (day, reader.deserialize().map(Result::unwrap).collect())
        };
        let reports = |day: &'static str| {
            let names = staff.get(&format!("/v1/windows/{day}/reports")).json();
            (day, serde_json::from_value(names).unwrap())
        };
        let registry = staff.get("/v1/registry").json();
        let codes = |kind: &str, list: &str| -> Vec<String> {
            let list = registry["registry"][list].as_array().unwrap();
            list.iter().map(|it| format!("{kind}:{}", it["code"].as_str().unwrap())).collect()
        };
        let participants =
            [codes("merchant", "merchants"), codes("sponsor", "merchants"), codes("operator", "operators")];
        Self {
            lines: [DAY, NEXT].map(lines).into(),
            reports: [DAY, NEXT].map(reports).into(),
            participants: [participants.concat(), vec!["centre".to_owned()]].concat(),
        }
    }
}

impl Somebody<'_> {
    fn code(&self) -> &str {
        self.own.split_once(':').unwrap().1
    }

    /// The code, when this is somebody of a merchant.
    fn merchant(&self) -> Option<&str> {
        self.own.strip_prefix("merchant:")
    }

    fn is_mine(&self, line: &Line) -> bool {
        match self.merchant() {
            Some(own) => line["merchant"] == own,
            None => line["issuer_id"].starts_with(self.code()),
        }
    }

    fn my_lines(&self, day: &str) -> Vec<&Line> {
        let mine: Vec<&Line> = self.known.lines[day].iter().filter(|line| self.is_mine(line)).collect();
        assert!(!mine.is_empty() && mine.len() < self.known.lines[day].len());
        mine
    }

    /// What must not stand in anything that this one is told: codes of other merchants, cards of other operators.
    fn others(&self) -> Vec<String> {
        let lines = self.known.lines.values().flatten();
        let column = if self.merchant().is_some() { "merchant" } else { "issuer_id" };
        let others: BTreeSet<String> =
            lines.filter(|line| !self.is_mine(line)).map(|line| line[column].clone()).collect();
        assert!(others.len() > 1);
        others.into_iter().collect()
    }

    #[track_caller]
    fn assert_tells_of_no_other(&self, what: &str, text: &str) {
        for other in self.others() {
            assert!(!text.contains(&other), "{} is told of {other} by {what}: {text}", self.own);
        }
    }

    /// Asks an address that tells of participants for what is this one's, and for what is not.
    fn asks(&self, endpoint: &Endpoint) {
        for day in [DAY, NEXT] {
            match &*endpoint.path {
                "/v1/windows" => self.windows(),
                "/v1/windows/{window}" => self.figures(day),
                "/v1/windows/{window}/transactions" => self.transactions(day),
                "/v1/windows/{window}/export" => self.export(day),
                "/v1/windows/{window}/reports" => self.reports(day),
                "/v1/windows/{window}/reports/{name}" => self.report(day),
                "/v1/windows/{window}/continuity" => self.continuity(day),
                "/v1/windows/{window}/devices" => self.devices(day),
                "/v1/why" => self.why(day),
                "/v1/operator-files" => self.operator_files(),
                path => panic!("GET {path}: what does it tell of whom?"),
            }
        }
        if let "/v1/windows" | "/v1/operator-files" = &*endpoint.path {
            return;
        }
        // Through the eyes of others nobody but the centre's staff may look.
        let address = endpoint.filled();
        let with = |participant: &str| {
            let and = if address.contains('?') { '&' } else { '?' };
            self.person.get(&format!("{address}{and}participant={participant}"))
        };
        let own = self.person.get(&address);
        assert_eq!(with(self.own).body, own.body, "{address}");
        for other in self.known.participants.iter().filter(|it| *it != self.own) {
            with(other).refused(403, &[other]);
        }
    }

    fn windows(&self) {
        let windows = self.person.get("/v1/windows").expect(200).json();
        assert_eq!(windows.as_array().unwrap().len(), 2);
        for window in windows.as_array().unwrap() {
            assert_eq!(keys(window), ["state", "window"]);
        }
    }

    fn figures(&self, day: &str) {
        let figures = self.person.get(&format!("/v1/windows/{day}")).expect(200).json();
        if self.merchant().is_some() {
            assert!(!list(&figures, "merchants").is_empty());
            for entry in list(&figures, "merchants") {
                assert_eq!(entry["merchant"], self.code(), "{entry}");
            }
        } else {
            // What its cards did where, and nothing of what merchants pay the centre.
            assert_eq!(figures.get("merchants"), None);
            assert!(!list(&figures, "cards").is_empty());
            for entry in list(&figures, "cards") {
                assert_eq!(keys(entry), ["count", "load_fen", "merchant", "purchase_fen"]);
            }
        }
        for entry in list(&figures, "operators") {
            assert_eq!((Some(&entry["operator"]), self.merchant()), (Some(&self.code().into()), None));
        }
        assert_eq!(list(&figures, "sponsors"), &[] as &[Value]);
        assert!(!list(&figures, "positions").is_empty());
        for position in list(&figures, "positions") {
            assert_eq!(position["participant"], self.own);
        }
        match figures.get("dispositions") {
            None => assert_eq!(self.merchant(), None),
            Some(tallies) => {
                let count: u64 =
                    tallies.as_object().unwrap().values().map(|it| it["count"].as_u64().unwrap()).sum();
                assert_eq!(count, self.my_lines(day).len() as u64);
            }
        }
    }

    fn transactions(&self, day: &str) {
        let told = |filter: &str| {
            let (mut all, mut cursor) = (Vec::new(), String::new());
            loop {
                let address = format!("/v1/windows/{day}/transactions?limit=73{filter}{cursor}");
                let page = self.person.get(&address).expect(200).json();
                all.extend(list(&page, "transactions").iter().cloned());
                match page["next"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => return all,
                }
            }
        };
        let place = |merchant: &str, collector: &str, sequence: &str, row: &str| {
            [merchant, collector, sequence, row].map(str::to_owned)
        };
        let all = told("");
        assert!(self.merchant().is_some() || all.iter().all(|it| it["fee_fen"].is_null()));
        let mut places: Vec<_> = all
            .iter()
            .map(|it| {
                let text = |field: &str| it[field].as_str().unwrap();
                let digits = |field: &str| it[field].to_string();
                place(text("merchant"), text("collector"), &digits("package_sequence"), &digits("row"))
            })
            .collect();
        let mut mine: Vec<_> = self
            .my_lines(day)
            .iter()
            .map(|it| place(&it["merchant"], &it["collector"], &it["package_sequence"], &it["row"]))
            .collect();
        places.sort();
        mine.sort();
        assert_eq!(places, mine);
        // Filters narrow, and never widen.
        for (filter, column) in [("collector", "collector"), ("terminal", "terminal")] {
            for value in self.known.lines[day].iter().map(|line| &line[column]).collect::<BTreeSet<_>>() {
                let mine = self.my_lines(day).iter().filter(|line| line[column] == *value).count();
                // Of those that are not mine some will do.
                if mine > 0 || value.ends_with("00") {
                    assert_eq!(told(&format!("&{filter}={value}")).len(), mine, "{filter} {value}");
                }
            }
        }
        let foreign = self.known.lines[day].iter().find(|line| {
            let card = (&line["issuer_id"], &line["serial"]);
            !self.my_lines(day).iter().any(|mine| (&mine["issuer_id"], &mine["serial"]) == card)
        });
        let card = foreign.map(|line| format!("{}:{}", line["issuer_id"], line["serial"])).unwrap();
        assert_eq!(told(&format!("&card={card}")), Vec::<Value>::new());
    }

    fn export(&self, day: &str) {
        let address = format!("/v1/windows/{day}/export");
        let csv = self.person.get(&address).expect(200);
        let told: Vec<Line> =
            csv::Reader::from_reader(csv.body.as_slice()).deserialize().map(Result::unwrap).collect();
        let mut mine: Vec<Line> = self.my_lines(day).into_iter().cloned().collect();
        if self.merchant().is_none() {
            // What a merchant pays the centre is nothing for a card operator.
            for line in &mut mine {
                line.insert("fee_fen".to_owned(), String::new());
            }
        }
        assert_eq!(told, mine);
        if self.merchant().is_some() {
            self.assert_tells_of_no_other(&address, csv.text());
        }
        let bytes =
            bytes::Bytes::from(self.person.get(&format!("{address}?format=parquet")).expect(200).body);
        let parquet = SerializedFileReader::new(bytes).unwrap();
        let rows = parquet.get_row_iter(None).unwrap().map(Result::unwrap);
        let rows: Vec<BTreeMap<String, String>> = rows
            .map(|row| row.get_column_iter().map(|(name, it)| (name.clone(), it.to_string())).collect())
            .collect();
        assert_eq!(rows.len(), told.len());
        for row in rows {
            let line = row.into_iter().map(|(name, it)| (name, it.trim_matches('"').to_owned())).collect();
            assert!(self.is_mine(&line), "{line:?}");
        }
    }

    /// The reports of a day that this one may have.
    fn my_reports(&self) -> Vec<String> {
        let mut mine = vec!["root.json".to_owned()];
        if let Some(own) = self.merchant() {
            let kinds = [("statement", "csv"), ("statement", "json"), ("unpaid", "csv")];
            mine.extend(kinds.map(|(kind, ending)| format!("{kind}-{own}.{ending}")));
        }
        mine
    }

    fn reports(&self, day: &str) {
        let told = self.person.get(&format!("/v1/windows/{day}/reports")).expect(200).json();
        let told: BTreeSet<String> = serde_json::from_value(told).unwrap();
        let mine: BTreeSet<String> =
            self.my_reports().into_iter().filter(|it| self.known.reports[day].contains(it)).collect();
        assert_eq!(told, mine);
    }

    fn report(&self, day: &str) {
        let get = |name: &str| self.person.get(&format!("/v1/windows/{day}/reports/{name}"));
        for name in &self.known.reports[day] {
            let answer = get(name);
            if !self.my_reports().contains(name) {
                answer.refused(404, &[name]);
                // What is there and what is not look the same.
                let there = answer.text().replace(name, "it");
                assert_eq!(there, get("nothing.csv").text().replace("nothing.csv", "it"));
                continue;
            }
            // The root is published to everybody.
            if name != "root.json" {
                assert!(name.starts_with("unpaid") || answer.text().contains(self.code()));
                let mut text = answer.text().to_owned();
                if name.ends_with(".json") {
                    // The path to the root shows the sums of neighbouring branches (`proofs.md`).
                    let mut statement = answer.json();
                    forget(&mut statement, &["proof"]);
                    text = statement.to_string();
                }
                self.assert_tells_of_no_other(name, &text);
            }
        }
        let folders = ["..", "..%2f", "%2e%2e%2f", ".%2f", "%2f", "..%5c", "x%2f..%2f"];
        for folder in folders {
            let theirs = self.known.reports[day].iter().find(|it| !self.my_reports().contains(it)).unwrap();
            for name in
                [format!("{folder}{theirs}"), format!("{folder}{DAY}%2f{theirs}"), format!("{theirs}%00")]
            {
                assert_eq!(get(&name).status, 404, "{name}");
            }
        }
    }

    fn continuity(&self, day: &str) {
        let told = self.person.get(&format!("/v1/windows/{day}/continuity")).expect(200);
        for item in list(&told.json(), "items") {
            match self.merchant() {
                Some(own) => assert_eq!(item["merchant"], own, "{item}"),
                None => assert!(item["issuer_id"].as_str().unwrap().starts_with(self.code()), "{item}"),
            }
        }
        self.assert_tells_of_no_other("continuity", told.text());
        // The sums are those of the items that are told.
        let mut opened = BTreeMap::<&str, u64>::new();
        let told = told.json();
        for item in list(&told, "items").iter().filter(|it| it["opened"] == day) {
            *opened.entry(item["kind"].as_str().unwrap()).or_default() += 1;
        }
        for (kind, sums) in told["kinds"].as_object().unwrap() {
            let mine = opened.get(&**kind).copied().unwrap_or_default();
            assert_eq!(sums["opened"], mine, "{kind} {told}");
        }
    }

    fn devices(&self, day: &str) {
        let told = self.person.get(&format!("/v1/windows/{day}/devices")).expect(200);
        assert_eq!(list(&told.json(), "devices").is_empty(), self.merchant().is_none());
        for device in list(&told.json(), "devices") {
            assert_eq!(device["merchant"], self.code(), "{device}");
        }
        self.assert_tells_of_no_other("devices", told.text());
    }

    /// Of the sums that contain a record only those of this one are told, and of the contract nothing to card operators.
    fn assert_own_money(&self, money: &Value) {
        let own = |account: &Value| account.as_str().unwrap().starts_with(self.own);
        for transfer in list(money, "transfers") {
            assert!(own(&transfer["debit"]) || own(&transfer["credit"]), "{transfer}");
        }
        for position in list(&money["settlement"], "positions") {
            assert_eq!(position["participant"], self.own, "{position}");
        }
        assert!(self.merchant().is_some() || money["charge"].is_null(), "{money}");
    }

    fn why(&self, day: &str) {
        let get = |handle: &str| self.person.get(&format!("/v1/why?{handle}"));
        let handles = |line: &Line| {
            [
                format!("package={}-{}&row={}", line["collector"], line["package_sequence"], line["row"]),
                format!("terminal={}&number={}", line["terminal"], line["terminal_number"]),
                format!("card={}:{}&counter={}", line["issuer_id"], line["serial"], line["offline_counter"]),
            ]
        };
        let mine = self.my_lines(day);
        let plain = |line: &&&Line| line["disposition"] == "accepted" && line["flags"].is_empty();
        let strange = mine.iter().filter(|line| !plain(line));
        for line in mine.iter().filter(plain).take(2).chain(strange.take(25)) {
            let [package, ..] = handles(line);
            let answer = get(&package).expect(200).json();
            assert_eq!(list(&answer, "lives").len(), 1);
            self.assert_tells_of_no_other(&package, &answer.to_string());
            self.assert_own_money(&answer["lives"][0]["judgement"]["money"]);
        }
        let foreign = self.known.lines[day].iter().filter(|line| !self.is_mine(line));
        let some: BTreeMap<_, _> = foreign.map(|it| ((&it["merchant"], &it["disposition"]), it)).collect();
        assert!(some.len() > 3);
        let nothing = get("package=ffffffffffff-1&row=0");
        for line in some.values().step_by(3) {
            for handle in handles(line) {
                let answer = get(&handle);
                // The same card at this merchant, say.
                if answer.status == 200 && !handle.starts_with("package") {
                    for life in list(&answer.json(), "lives") {
                        let merchant = life["place"]["merchant"].as_str().unwrap().to_owned();
                        let issuer = life["record"]["issuer_id"].as_str().unwrap().to_owned();
                        let line = [("merchant".to_owned(), merchant), ("issuer_id".to_owned(), issuer)];
                        assert!(self.is_mine(&line.into()), "{life}");
                    }
                    continue;
                }
                answer.refused(404, &[]);
                assert_eq!(answer.text(), nothing.text());
            }
        }
    }

    fn operator_files(&self) {
        let told = self.person.get("/v1/operator-files").expect(200).json();
        let told: Vec<&Value> = told.as_array().unwrap().iter().map(|it| &it["operator"]).collect();
        match self.merchant() {
            Some(_) => assert_eq!(told, [] as [&Value; 0]),
            None => assert_eq!(told, [&Value::from(self.code()); 2]),
        }
    }
}

/// Takes fields out, wherever they are.
fn forget(value: &mut Value, fields: &[&str]) {
    match value {
        Value::Object(object) => {
            object.retain(|name, _| !fields.contains(&&**name));
            object.values_mut().for_each(|it| forget(it, fields));
        }
        Value::Array(list) => list.iter_mut().for_each(|it| forget(it, fields)),
        _ => {}
    }
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[track_caller]
fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().unwrap_or_else(|| panic!("no {field}: {value}"))
}

/// The centre's staff bring the files of all card operators.
fn bring_operator_files(staff: &Client) {
    for file in sorted(&small_town().join("operators")) {
        let name = file.file_stem().unwrap().to_str().unwrap();
        // Beside the whole files lie first parts, when they arrive and what becomes of them.
        let Some((operator, date)) = name.split_once('-').filter(|_| !name.ends_with("-part")) else {
            continue;
        };
        staff
            .put(&format!("/v1/operator-files/{operator}/{date}"), std::fs::read(&file).unwrap())
            .expect(201);
    }
}

#[test]
fn nobody_sees_anothers_money() {
    let centre = town::settled();
    let server = Server::start(&centre);
    let staff = server.log_in("clerk");
    bring_operator_files(&staff);
    let known = Known::of(&centre, &staff);
    let endpoints: Vec<Endpoint> =
        endpoints(&staff).into_iter().filter(|endpoint| endpoint.method == "GET").collect();
    let people = town::PEOPLE.iter().filter_map(|(name, _, participant)| Some((*name, (*participant)?)));
    std::thread::scope(|scope| {
        for (name, own) in people {
            let somebody = Somebody { person: server.log_in(name), own, known: &known };
            let endpoints = &endpoints;
            scope.spawn(move || {
                for endpoint in endpoints {
                    match endpoint.opens {
                        // It tells of nobody, or of whoever asks.
                        Opens::Everybody | Opens::Known => {}
                        Opens::Collector => {
                            somebody.person.get(&endpoint.filled()).refused(401, &["certificate"])
                        }
                        Opens::May(
                            Action::ReadFigures
                            | Action::ReadTransactions
                            | Action::ReadStatements
                            | Action::ReadDevices,
                        ) => somebody.asks(endpoint),
                        Opens::May(action) => {
                            somebody.person.get(&endpoint.filled()).refused(403, &[action.name()])
                        }
                    }
                }
            });
        }
    });

    // A card operator brings its own file and no other's.
    let chongqing = server.log_in("chongqing");
    let file =
        |operator| std::fs::read(small_town().join(format!("operators/{operator}-{DAY}.csv"))).unwrap();
    chongqing.put(&format!("/v1/operator-files/0165/{DAY}"), file("0165")).expect(200);
    chongqing.put(&format!("/v1/operator-files/0417/{DAY}"), file("0417")).refused(403, &["0417"]);
}

#[test]
fn a_certificate_opens_what_is_its_collectors_and_nothing_of_people() {
    let centre = town::settled();
    let server = Server::start(&centre);
    let folder = certificates(&centre);
    let [own, sibling] = BUS;
    let collector = server.collector(&folder, own);
    for endpoint in endpoints(&collector) {
        if let Opens::May(_) | Opens::Known = endpoint.opens {
            collector.send(endpoint.request(&collector)).refused(401, &["bearer"]);
        }
        if endpoint.opens != Opens::Collector || endpoint.method != "GET" {
            continue;
        }
        // Not even of the same merchant's other collector anything is told.
        let told = collector.get(&endpoint.filled()).expect(200);
        for other in [sibling, METRO, "METRO001"] {
            assert!(!told.text().contains(other), "{} tells of {other}", endpoint.path);
        }
    }
    let part = collector.get("/v1/collector/registry").json();
    let mine = std::fs::read_to_string(small_town().join("registry/terminals.csv")).unwrap();
    let mine: BTreeSet<&str> = mine.lines().filter(|it| it.contains(own)).map(|it| &it[..12]).collect();
    let told: BTreeSet<&str> = list(&part, "terminals").iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(told, mine);
    let results = collector.get(&format!("/v1/collector/results/{DAY}")).expect(200);
    assert_eq!(results.text(), centre.done(&["result", "show", "--window", DAY, "--collector", own]));

    // A bearer secret besides makes no other collector of it, and a certificate no other person.
    let merchant = server.log_in("merchant");
    let both = collector.bearing(merchant.secret());
    assert_eq!(both.get("/v1/collector/registry").json(), part);
    assert_eq!(both.get("/v1/sessions").json()["user"], "merchant");
}

#[test]
fn anothers_package_is_neither_kept_nor_counted() {
    let centre = town::expectant();
    let server = Server::start(&centre);
    let folder = certificates(&centre);
    let (viewer, collector) = (server.log_in("viewer"), server.collector(&folder, BUS[0]));
    let counted = || {
        let metrics = viewer.get("/metrics").expect(200);
        let counters =
            ["tongclear_packages", "tongclear_records", "tongclear_quarantined", "tongclear_batch"];
        let counts = |line: &&str| counters.iter().any(|counter| line.starts_with(counter));
        let lines: Vec<String> = metrics.text().lines().filter(counts).map(str::to_owned).collect();
        assert!(!lines.is_empty());
        (lines, viewer.get("/v1/intake").json(), viewer.get("/v1/quarantine").json())
    };
    let before = counted();
    for other in [BUS[1], METRO] {
        collector.upload(package(DAY, other, 1)).refused(403, &[other, BUS[0]]);
    }
    // A broken one, too: whose it claims to be decides.
    let mut broken = package(DAY, METRO, 1);
    broken.truncate(200);
    collector.upload(broken).refused(403, &[METRO]);
    assert_eq!(counted(), before);
    assert_eq!(before.2, Value::Array(Vec::new()));
    assert!(!centre.data().join("vault/packages").exists());

    let answer = collector.upload(package(DAY, BUS[0], 1)).expect(200).json();
    assert_eq!((&answer["result"], &answer["collector"]), (&"received".into(), &BUS[0].into()));
    // What cannot be told whose it is, is kept under the name of who brought it.
    assert_eq!(collector.upload(b"no package".to_vec()).expect(200).json()["result"], "quarantined");
    let after = counted();
    assert_eq!(after.1["packages"], 1);
    let kept = after.2.as_array().unwrap();
    assert_eq!((kept.len(), &kept[0]["source"]), (1, &Value::from(format!("collector:{}", BUS[0]))));
}
