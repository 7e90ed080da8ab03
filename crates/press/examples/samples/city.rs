//! A made-up city's figures: the same every time, and they re-add.

use tongclear_press::{
    Adjustment, Breakdown, BreakdownKind, BreakdownRow, Centre, Day, Draft, Line, Month, MonthDay,
    MonthDraft, Movement, OpenItems, Party, PartyMonth, Payout, PayoutMonth, PayoutState, Period, Position,
    ReasonMonth, Role, SectorMonth, Summary, UnpaidList, UnpaidRecord, Words,
};
use tongclear_types::{
    BcdDate, BcdTime, BusinessDate, DispositionTallies, Fen, Reason, Sector, Serial, Tally, TerminalId,
    TerminalNumber, Verdict,
};

/// An amount of fen.
pub(crate) fn fen(amount: i64) -> Fen {
    Fen::new(amount).expect("a sample's amount is small")
}

/// A business date.
pub(crate) fn date(text: &str) -> BusinessDate {
    text.parse().expect("a sample's date is one")
}

fn party(code: &str, name: &str, name_en: &str) -> Party {
    Party { code: code.to_owned(), name: name.to_owned(), name_en: name_en.to_owned() }
}

fn centre() -> Centre {
    let (name, name_en) = ("蓉城一卡通清算中心", "Rongcheng City Card Clearing Centre");
    Centre { code: "RCCC".to_owned(), name: name.to_owned(), name_en: name_en.to_owned() }
}

fn tally(count: u64, amount: i64) -> Tally {
    Tally { count, amount_fen: fen(amount) }
}

fn movement(count: u64, gross: i64, fee: i64, concession: i64, load: i64) -> Movement {
    Movement { count, gross: fen(gross), fee: fen(fee), concession: fen(concession), load: fen(load) }
}

fn line(counterparty: Party, contract: &str, movement: Movement) -> Line {
    let net = movement.net().expect("a sample's net is small");
    Line { counterparty, contract: contract.to_owned(), movement, net }
}

/// The `number`-th record that was not accepted in `window`, and every reason in turn.
fn unpaid_record(window: BusinessDate, number: u32) -> UnpaidRecord {
    let reasons = u32::try_from(Reason::ALL.len()).unwrap_or(1);
    let verdict = match Reason::ALL.get((number % (reasons + 1)) as usize) {
        Some(reason) => Verdict::Refused(*reason),
        None => Verdict::Duplicate,
    };
    let [.., a, b, c] = (number.wrapping_mul(2_654_435_761)).to_be_bytes();
    let day = if number % 97 == 5 { [0x20, 0x26, 0x13, 0x41] } else { BcdDate::from_civil(window.civil()).0 };
    let two = |value: u32| u8::try_from(value / 10 * 16 + value % 10).unwrap_or_default();
    UnpaidRecord {
        window,
        terminal: TerminalId([0x65, 0x10, 0x00, 0x00, a % 8, b]),
        terminal_number: TerminalNumber(100_000 + number),
        card: Serial(
            [0x31, 0x04, 0x17, 0x00, 0x00, 0x00, 0x01, a, b, c].map(|it: u8| it % 10 * 16 + it / 16 % 10),
        ),
        date: BcdDate(day),
        time: BcdTime([two(5 + number % 18), two(number * 7 % 60), two(number * 13 % 60)]),
        amount: Fen::from(180 + number % 7 * 20),
        verdict,
    }
}

fn unpaid_in(window: BusinessDate, from: u32, count: u32) -> Vec<UnpaidRecord> {
    (from..from + count).map(|number| unpaid_record(window, number)).collect()
}

/// The tallies of a period: what was accepted, and the records that were not.
fn dispositions(accepted: Tally, records: &[UnpaidRecord]) -> DispositionTallies {
    let mut tallies = DispositionTallies { accepted, ..DispositionTallies::default() };
    for record in records {
        tallies.get_mut(record.verdict.disposition()).add(record.amount).expect("a sample's sum is small");
    }
    tallies
}

fn row(code: &str, zh: &str, en: &str, count: u64, amount: i64) -> BreakdownRow {
    BreakdownRow { code: code.to_owned(), name: Words::new(zh, en), tally: tally(count, amount) }
}

/// A bus company's day, with `unpaid` records that were not accepted.
pub(crate) fn bus_day(unpaid: u32) -> Draft {
    let window = date("2026-11-23");
    let records = unpaid_in(window, 0, unpaid);
    let lines = vec![
        line(
            party("0417", "天府通", "Tianfu Tong"),
            "BUS00001-0417-2026-01-01",
            movement(812_345, 143_256_780, 716_284, 9_876_540, 0),
        ),
        line(
            party("1000", "交通联合（跨城）", "China T-Union, visitors"),
            "BUS00001-*-2026-01-01",
            movement(23_456, 4_567_800, 36_542, 0, 0),
        ),
    ];
    let movement = movement(835_801, 147_824_580, 752_826, 9_876_540, 0);
    let adjustments = vec![
        Adjustment {
            window,
            id: "P-2026-000184".to_owned(),
            original_window: date("2026-11-20"),
            original: "651000000412/100734".to_owned(),
            reason: Words::new(
                "挂账交易经核实后付款：密钥已补齐",
                "Suspended, now paid: the key has arrived",
            ),
            amount: fen(12_600),
        },
        Adjustment {
            window,
            id: "P-2026-000187".to_owned(),
            original_window: date("2026-11-18"),
            original: "651000000233/087112".to_owned(),
            reason: Words::new(
                "发卡机构对账差错：终端重复扣款，经双方确认退回",
                "Break with the card operator: the terminal debited twice; both sides agreed to give it back",
            ),
            amount: fen(-400),
        },
    ];
    let net = fen(156_948_294 + 12_200);
    let reference = "RCCC-20261123-BUS00001-20261124".to_owned();
    let yesterday = "RCCC-20261122-BUS00001-20261123".to_owned();
    Draft {
        centre: centre(),
        participant: party(
            "BUS00001",
            "蓉城公共交通集团有限公司",
            "Rongcheng Public Transport Group Co., Ltd.",
        ),
        role: Role::Merchant(Sector::Bus),
        account: "6222 0244 0200 1234 567".to_owned(),
        bank: "中国工商银行成都盐市口支行 ICBC Chengdu Yanshikou".to_owned(),
        period: Period::Window(window),
        made_on: date("2026-11-24"),
        summary: Summary {
            opening: fen(149_876_543),
            movement,
            adjustments: fen(12_200),
            net,
            payouts: fen(149_876_543),
            closing: net,
            dispositions: dispositions(tally(835_801, 147_824_580), &records),
        },
        lines,
        breakdowns: vec![Breakdown {
            kind: BreakdownKind::Line,
            rows: vec![
                row(
                    "0001",
                    "1路 火车北站 – 火车南站",
                    "Line 1, North Station – South Station",
                    312_456,
                    56_242_080,
                ),
                row("0028", "28路", "Line 28", 198_344, 35_701_920),
                row("0056", "56路", "Line 56", 143_210, 25_777_800),
                row("0901", "景区直通车", "Express to the scenic area", 181_787, 30_102_708),
                row("", "未注明线路", "no line given", 4, 72),
            ],
        }],
        adjustments,
        positions: vec![Position {
            window,
            value_date: date("2026-11-24"),
            carried_in: Fen::ZERO,
            net,
            carried_out: Fen::ZERO,
            payable: net,
            reference: Some(reference),
            state: PayoutState::Sent,
        }],
        payouts: vec![Payout {
            reference: yesterday,
            value_date: window,
            ordered: fen(149_876_543),
            paid: fen(149_876_543),
            booked_on: Some(window),
            state: PayoutState::Paid,
            bank_remark: String::new(),
        }],
        days: Vec::new(),
        unpaid: UnpaidList::Here(records),
    }
}

/// A bus company's month of thirty windows, with `unpaid` records that were not accepted.
pub(crate) fn bus_month(unpaid: u32) -> Draft {
    let month: Month = "2026-11".parse().expect("a sample's month is one");
    let mut draft = bus_day(0);
    let (mut days, mut positions, mut payouts, mut records) = (vec![], vec![], vec![], vec![]);
    let (mut opening, mut carried) = (fen(98_765_432), Fen::ZERO);
    for at in 0..30_i64 {
        let window = month.first().plus_days(i32::try_from(at).unwrap_or_default());
        let weekend = at % 7 == 0 || at % 7 == 6;
        let count = if weekend { 540_000 } else { 820_000 } + (at * 7_919 % 31_000);
        let share = u32::try_from(at).unwrap_or_default();
        let (from, to) = (unpaid * share / 30, unpaid * (share + 1) / 30);
        let today = unpaid_in(window, from, to - from);
        let count_u64 = u64::try_from(count).unwrap_or_default();
        let movement = movement(count_u64, count * 178, count * 178 / 200, count * 11, 0);
        // One window whose adjustments outweigh its purchases shows how an amount is carried on.
        let adjustments = match at {
            11 => fen(-190_000_000),
            22 => fen(12_200),
            _ => Fen::ZERO,
        };
        let net_of_day = movement.net().and_then(|net| net.checked_add(adjustments)).expect("small");
        let net = net_of_day.checked_add(carried).expect("small");
        let carried_out = if net.is_negative() { net } else { Fen::ZERO };
        let payable = net.checked_sub(carried_out).expect("small");
        let value_date = window.plus_days(1);
        let reference = format!("RCCC-{}-BUS00001", window.to_string().replace('-', ""));
        let is_carried = payable.is_zero();
        let state = match at {
            29 => PayoutState::Sent,
            _ if is_carried => PayoutState::Carried,
            _ => PayoutState::Paid,
        };
        positions.push(Position {
            window,
            value_date,
            carried_in: carried,
            net,
            carried_out,
            payable,
            reference: (!is_carried).then(|| reference.clone()),
            state,
        });
        carried = carried_out;
        if at < 29 && !is_carried {
            payouts.push(Payout {
                reference,
                value_date,
                ordered: payable,
                paid: payable,
                booked_on: Some(value_date),
                state: PayoutState::Paid,
                bank_remark: String::new(),
            });
        }
        let mut tally = Tally::default();
        today.iter().for_each(|it| tally.add(it.amount).expect("small"));
        days.push(Day { window, movement, adjustments, net: net_of_day, unpaid: tally });
        records.extend(today);
    }
    payouts.insert(
        0,
        Payout {
            reference: "RCCC-20261031-BUS00001".to_owned(),
            value_date: month.first(),
            ordered: opening,
            paid: Fen::ZERO,
            booked_on: None,
            state: PayoutState::Rejected,
            bank_remark: "AC04 账户已销户 closed account".to_owned(),
        },
    );
    let sum = |of: fn(&Day) -> Fen| Fen::try_sum(days.iter().map(of)).expect("small");
    let movement = Movement {
        count: days.iter().map(|it| it.movement.count).sum(),
        gross: sum(|it| it.movement.gross),
        fee: sum(|it| it.movement.fee),
        concession: sum(|it| it.movement.concession),
        load: sum(|it| it.movement.load),
    };
    let net = sum(|it| it.net);
    let paid = Fen::try_sum(payouts.iter().map(|it| it.paid)).expect("small");
    let closing = opening.checked_add(net).and_then(|it| it.checked_sub(paid)).expect("small");
    std::mem::swap(&mut opening, &mut draft.summary.opening);
    draft.period = Period::Month(month);
    draft.made_on = date("2026-12-01");
    draft.adjustments = draft
        .adjustments
        .into_iter()
        .zip([(date("2026-11-12"), -190_000_000), (date("2026-11-23"), 12_200)])
        .map(|(it, (window, amount))| Adjustment { window, amount: fen(amount), ..it })
        .collect();
    draft.summary.movement = movement;
    draft.summary.adjustments = sum(|it| it.adjustments);
    draft.summary.net = net;
    draft.summary.payouts = paid;
    draft.summary.closing = closing;
    draft.summary.dispositions =
        dispositions(Tally { count: movement.count, amount_fen: movement.gross }, &records);
    draft.lines = vec![line(party("0417", "天府通", "Tianfu Tong"), "BUS00001-0417-2026-01-01", movement)];
    draft.breakdowns.clear();
    draft.positions = positions;
    draft.payouts = payouts;
    draft.days = days;
    draft.unpaid = UnpaidList::Here(records);
    draft
}

/// A waterworks' day: two ways to break it down, nothing unpaid, bills and no fares.
pub(crate) fn water_day() -> Draft {
    let window = date("2026-11-23");
    let movement = movement(4_321, 38_889_000, 77_778, 0, 0);
    let net = fen(38_811_222);
    Draft {
        participant: party("WATER001", "蓉城自来水有限责任公司", "Rongcheng Waterworks"),
        role: Role::Merchant(Sector::Water),
        account: "5100 1880 8360 5150 0000".to_owned(),
        bank: "中国建设银行成都新华支行".to_owned(),
        summary: Summary {
            opening: fen(-1_250),
            movement,
            adjustments: Fen::ZERO,
            net,
            payouts: Fen::ZERO,
            closing: fen(38_809_972),
            dispositions: dispositions(tally(4_321, 38_889_000), &[]),
        },
        lines: vec![line(party("0417", "天府通", "Tianfu Tong"), "WATER001-*-2026-01-01", movement)],
        breakdowns: vec![
            Breakdown {
                kind: BreakdownKind::BillingPeriod,
                rows: vec![row("2026-09", "", "", 321, 2_889_000), row("2026-10", "", "", 4_000, 36_000_000)],
            },
            Breakdown {
                kind: BreakdownKind::Channel,
                rows: vec![
                    row("01", "营业厅", "counter", 1_321, 11_889_000),
                    row("02", "自助终端", "kiosk", 3_000, 27_000_000),
                ],
            },
        ],
        adjustments: Vec::new(),
        positions: vec![Position {
            window,
            value_date: date("2026-11-25"),
            carried_in: fen(-1_250),
            net: fen(38_809_972),
            carried_out: Fen::ZERO,
            payable: fen(38_809_972),
            reference: None,
            state: PayoutState::Due,
        }],
        payouts: Vec::new(),
        unpaid: UnpaidList::Here(Vec::new()),
        ..bus_day(0)
    }
}

/// A card operator's day: it owes what its cards spent.
pub(crate) fn operator_day() -> Draft {
    let window = date("2026-11-23");
    let merchants = [
        (
            "BUS00001",
            "蓉城公共交通集团有限公司",
            "Rongcheng Public Transport Group",
            movement(812_345, -143_256_780, 0, 0, 0),
        ),
        ("METRO001", "蓉城轨道交通有限公司", "Rongcheng Metro", movement(402_113, -160_845_200, 0, 0, 0)),
        ("LOAD0001", "红旗连锁（充值）", "Hongqi Stores, loads", movement(18_220, 0, 0, 0, -91_100_000)),
        ("SHOP0007", "春熙路便利店", "", movement(311, -466_500, 0, 0, 0)),
    ];
    let lines: Vec<Line> = merchants
        .into_iter()
        .map(|(code, name, name_en, movement)| {
            line(party(code, name, name_en), &format!("{code}-0417-2026-01-01"), movement)
        })
        .collect();
    let movement = movement(1_232_989, -304_568_480, 0, 0, -91_100_000);
    let net = fen(-213_468_480);
    Draft {
        participant: party("0417", "天府通数字科技有限公司", "Tianfu Tong Digital Technology"),
        role: Role::Operator,
        account: "9550 8800 1234 5678".to_owned(),
        bank: "成都银行".to_owned(),
        summary: Summary {
            opening: Fen::ZERO,
            movement,
            adjustments: Fen::ZERO,
            net,
            payouts: Fen::ZERO,
            closing: net,
            dispositions: dispositions(tally(1_232_989, 395_668_480), &[]),
        },
        lines,
        breakdowns: vec![Breakdown {
            kind: BreakdownKind::Sector,
            rows: vec![
                row("bus", "公交", "bus", 812_345, -143_256_780),
                row("metro", "地铁", "metro", 402_113, -160_845_200),
                row("load", "充值代理", "load", 18_220, -91_100_000),
                row("commerce", "商户", "commerce", 311, -466_500),
            ],
        }],
        adjustments: Vec::new(),
        positions: vec![Position {
            window,
            value_date: date("2026-11-24"),
            carried_in: Fen::ZERO,
            net,
            carried_out: Fen::ZERO,
            payable: net,
            reference: Some("RCCC-20261123-0417-20261124".to_owned()),
            state: PayoutState::Sent,
        }],
        payouts: Vec::new(),
        unpaid: UnpaidList::InFile("unpaid-0417-2026-11-23.csv".to_owned()),
        ..bus_day(0)
    }
}

/// A month of the whole centre.
pub(crate) fn month() -> MonthDraft {
    let month: Month = "2026-11".parse().expect("a sample's month is one");
    let sectors = [
        Sector::Bus,
        Sector::Metro,
        Sector::Water,
        Sector::Power,
        Sector::Gas,
        Sector::Commerce,
        Sector::Load,
    ];
    let (mut days, mut by_sector) =
        (Vec::new(), vec![(Movement::default(), Tally::default()); sectors.len()]);
    let (mut all, mut received) = (Movement::default(), DispositionTallies::default());
    for at in 0..30_i64 {
        let (mut today, mut unpaid) = (Movement::default(), Tally::default());
        let weekend = at % 7 == 0 || at % 7 == 6;
        for (place, sums) in (0_i64..).zip(&mut by_sector) {
            let count =
                (if weekend { 300_000 } else { 430_000 } + at * 7_919 % 41_000) / (1 + place * place * 4);
            let price = 190 + place * 900;
            let count_u64 = u64::try_from(count).unwrap_or_default();
            let it = match place {
                6 => movement(count_u64, 0, 0, 0, count * 5_000),
                _ => movement(count_u64, count * price, count * price / 250, count * 7, 0),
            };
            today = add(&today, &it);
            sums.0 = add(&sums.0, &it);
            let not_paid = tally(count_u64 / 400, count / 400 * price);
            sums.1.merge(&not_paid).expect("small");
            unpaid.merge(&not_paid).expect("small");
        }
        let third = tally(unpaid.count / 3, unpaid.amount_fen.get() / 3);
        let rest =
            tally(unpaid.count - third.count * 2, unpaid.amount_fen.get() - third.amount_fen.get() * 2);
        let turnover = today.gross.checked_add(today.load).expect("small");
        let dispositions = DispositionTallies {
            accepted: Tally { count: today.count, amount_fen: turnover },
            duplicate: third,
            suspended: rest,
            rejected: third,
        };
        received.merge(&dispositions).expect("small");
        all = add(&all, &today);
        let window = month.first().plus_days(i32::try_from(at).unwrap_or_default());
        days.push(MonthDay { window, movement: today, dispositions });
    }
    let visitors = movement(all.count / 40, all.gross.get() / 40, all.fee.get() / 40, 0, 0);
    let locals = Movement {
        count: all.count - visitors.count,
        gross: all.gross.checked_sub(visitors.gross).expect("small"),
        fee: all.fee.checked_sub(visitors.fee).expect("small"),
        ..all
    };
    let not_paid = {
        let mut sum = Tally::default();
        [received.duplicate, received.suspended, received.rejected]
            .iter()
            .for_each(|it| sum.merge(it).expect("small"));
        sum
    };
    let operators = [
        (party("0417", "天府通", "Tianfu Tong"), locals, not_paid),
        (party("1000", "交通联合（跨城）", "China T-Union, visitors"), visitors, Tally::default()),
    ];
    let aging =
        [tally(812, 162_400), tally(344, 68_800), tally(120, 24_000), tally(41, 8_200), tally(6, 1_200)];
    MonthDraft {
        centre: centre(),
        month,
        made_on: date("2026-12-01"),
        movement: all,
        dispositions: received,
        days,
        operators: operators
            .into_iter()
            .map(|(operator, movement, unpaid)| PartyMonth { operator, movement, unpaid })
            .collect(),
        sectors: sectors
            .into_iter()
            .zip(by_sector)
            .zip([3, 1, 1, 1, 2, 418, 96])
            .map(|((sector, (movement, unpaid)), merchants)| SectorMonth {
                sector,
                merchants,
                movement,
                unpaid,
            })
            .collect(),
        reasons: [
            (Reason::CounterJump, 9_812),
            (Reason::TacMismatch, 6_421),
            (Reason::UnknownTerminal, 2_210),
            (Reason::DenyListed, 914),
            (Reason::TooOld, 77),
        ]
        .into_iter()
        .map(|(reason, count)| ReasonMonth {
            reason,
            tally: tally(count, i64::try_from(count).unwrap_or_default() * 195),
        })
        .collect(),
        open_items: vec![OpenItems {
            operator: party("0417", "天府通", "Tianfu Tong"),
            opening: tally(1_100, 220_000),
            new: tally(4_400, 880_000),
            cleared: tally(4_177, 835_400),
            closing: tally(1_323, 264_600),
            breaks: tally(411, 82_200),
            aging,
        }],
        payouts: vec![
            PayoutMonth { state: PayoutState::Paid, tally: tally(612, 7_812_345_600) },
            PayoutMonth { state: PayoutState::Rejected, tally: tally(2, 98_765_432) },
            PayoutMonth { state: PayoutState::Sent, tally: tally(21, 261_000_000) },
        ],
    }
}

fn add(one: &Movement, other: &Movement) -> Movement {
    let sum = |a: Fen, b: Fen| a.checked_add(b).expect("small");
    Movement {
        count: one.count + other.count,
        gross: sum(one.gross, other.gross),
        fee: sum(one.fee, other.fee),
        concession: sum(one.concession, other.concession),
        load: sum(one.load, other.load),
    }
}
