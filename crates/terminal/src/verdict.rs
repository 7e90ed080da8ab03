//! What the passenger is shown (判定), one name for each thing that can happen.

tongclear_types::named! {
    /// The verdict on a card that was presented.
    Verdict {
        Paid = "paid", "已支付", "Paid.";
        Recovered = "recovered", "已支付（补采）", "Paid before: the proof of a torn debit was recovered, nothing was taken again.";
        Loaded = "loaded", "已充值", "Loaded.";
        PresentAgain = "present_again", "请重新刷卡", "Unknown: the card left in the middle of the debit; present it again.";
        CardGone = "card_gone", "卡片离开，请重刷", "The card left before anything was taken; present it again.";
        NotEnoughMoney = "not_enough_money", "余额不足", "Not enough money on the purse.";
        DenyListed = "deny_listed", "黑名单卡", "On the deny list.";
        Locked = "locked", "黑名单卡，已锁卡", "On the deny list, and locked now.";
        UnknownIssuer = "unknown_issuer", "不支持的发卡方", "Not a card operator whose cards are taken here.";
        NotInteroperable = "not_interoperable", "非互通卡", "Another city's card that may not be used elsewhere.";
        NoPurse = "no_purse", "无电子钱包", "The card has no purse.";
        NotInUse = "not_in_use", "应用未启用", "The application was not put in use.";
        NotYetValid = "not_yet_valid", "卡片未到启用日期", "The card's first day of use is still to come.";
        Expired = "expired", "卡片已过期", "The card's last day of use is past.";
        Blocked = "blocked", "卡片已锁定", "The card is blocked.";
        TestCard = "test_card", "测试卡", "A test card, which is not taken in service.";
        Unreadable = "unreadable", "无法识别的卡", "The card's answers make no sense.";
        CardRefused = "card_refused", "卡片拒绝交易", "The card refused the transaction; nothing was taken.";
        ForeignProof = "foreign_proof", "卡片与终端密钥不符", "The card's MAC2 is wrong: the record goes to the centre, the gate stays closed.";
        PsamMissing = "psam_missing", "无PSAM卡", "The terminal has no working PSAM.";
        PsamRefused = "psam_refused", "PSAM拒绝交易", "The PSAM refused the transaction; nothing was taken.";
        PsamWrongTerminal = "psam_wrong_terminal", "PSAM终端号不符", "The PSAM belongs to another terminal.";
        PsamNumberRepeats = "psam_number_repeats", "PSAM交易序号重复", "The PSAM offers a transaction number that was used already.";
        ClockWrong = "clock_wrong", "终端时钟错误", "The terminal's clock is behind what it has seen.";
        ListTooOld = "list_too_old", "黑名单过旧", "The deny list is too old.";
        NoFare = "no_fare", "无票价", "No fare is known for this.";
        NoTripFile = "no_trip_file", "卡片无行程文件", "The card has no trip file: it cannot ride a metro with gates.";
        LetThrough = "let_through", "免费放行", "Let through without a debit.";
        AlreadyEntered = "already_entered", "已进站", "The rider has entered already and did not leave.";
        NotEntered = "not_entered", "未进站", "The rider has not entered.";
        LoadRefused = "load_refused", "充值被拒绝", "The load host refused; nothing was given.";
    }
}

impl Verdict {
    /// Whether the passenger may go on.
    #[must_use]
    pub const fn lets_through(self) -> bool {
        matches!(self, Self::Paid | Self::Recovered | Self::Loaded | Self::LetThrough)
    }
}
