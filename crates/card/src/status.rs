//! Status words (状态字): what a card says of a command, with a name and what to do about it.
//!
//! ISO/IEC 7816-4 and JR/T 0025.1-2010; `card.md` lists those that must have a name.

use std::fmt;

/// SW1 and SW2 of an answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusWord(pub u16);

impl StatusWord {
    /// Done.
    pub const OK: Self = Self(0x9000);
    /// Wrong length.
    pub const WRONG_LENGTH: Self = Self(0x6700);
    /// Not in this state; the card is idle again.
    pub const WRONG_STATE: Self = Self(0x6901);
    /// Security status not satisfied.
    pub const SECURITY_NOT_SATISFIED: Self = Self(0x6982);
    /// Conditions of use not satisfied.
    pub const CONDITIONS_NOT_SATISFIED: Self = Self(0x6985);
    /// Secure messaging data wrong.
    pub const SECURE_MESSAGING_WRONG: Self = Self(0x6988);
    /// Function not supported: the application or the card is blocked.
    pub const APPLICATION_BLOCKED: Self = Self(0x6A81);
    /// File not found.
    pub const FILE_NOT_FOUND: Self = Self(0x6A82);
    /// Record not found.
    pub const RECORD_NOT_FOUND: Self = Self(0x6A83);
    /// Wrong P1 or P2.
    pub const WRONG_PARAMETERS: Self = Self(0x6A86);
    /// Offset outside the file.
    pub const WRONG_OFFSET: Self = Self(0x6B00);
    /// Instruction not supported.
    pub const INSTRUCTION_NOT_SUPPORTED: Self = Self(0x6D00);
    /// MAC wrong.
    pub const MAC_WRONG: Self = Self(0x9302);
    /// The application is locked for ever.
    pub const PERMANENTLY_LOCKED: Self = Self(0x9303);
    /// Not enough money.
    pub const NOT_ENOUGH_MONEY: Self = Self(0x9401);
    /// The transaction counter is exhausted.
    pub const COUNTER_EXHAUSTED: Self = Self(0x9402);
    /// The key index is not supported.
    pub const KEY_INDEX: Self = Self(0x9403);
    /// No proof of that transaction: it did not happen, or the card no longer remembers it.
    pub const NO_PROVE: Self = Self(0x9406);

    /// Whether the command was done.
    #[must_use]
    pub const fn is_ok(self) -> bool {
        self.0 == Self::OK.0
    }

    /// Whether it says that the application or the card is blocked.
    #[must_use]
    pub const fn is_block(self) -> bool {
        matches!(self.0, 0x6283 | 0x6A81 | 0x9303)
    }

    /// How many bytes wait to be fetched (`61XX`).
    #[must_use]
    pub const fn bytes_waiting(self) -> Option<u8> {
        let [sw1, sw2] = self.0.to_be_bytes();
        if sw1 == 0x61 { Some(sw2) } else { None }
    }

    /// The length with which the command must be repeated (`6CXX`).
    #[must_use]
    pub const fn right_length(self) -> Option<u8> {
        let [sw1, sw2] = self.0.to_be_bytes();
        if sw1 == 0x6C { Some(sw2) } else { None }
    }

    /// What it means and what to do.
    #[must_use]
    pub const fn meaning(self) -> Meaning {
        let [sw1, sw2] = self.0.to_be_bytes();
        match (sw1, sw2) {
            (0x90, 0x00) => Meaning("done", "成功", Action::Proceed),
            (0x61, _) => Meaning("more data to fetch", "还有数据可取", Action::GetResponse),
            (0x6C, _) => Meaning("wrong expected length", "期望长度错误", Action::RepeatWithLength),
            (0x62, 0x83) => Meaning("file or application blocked", "文件或应用已锁定", Action::RefuseCard),
            (0x63, 0x00) => Meaning("authentication failed", "认证失败", Action::RefuseCard),
            (0x63, 0xC0..=0xCF) => Meaning(
                "wrong PIN or key, tries left in the last digit",
                "密码或密钥错误，末位为剩余次数",
                Action::RefuseCard,
            ),
            (0x65, 0x81) => Meaning("memory failure", "存储器故障", Action::Recover),
            (0x67, 0x00) => Meaning("wrong length", "长度错误", Action::MendTerminal),
            (0x69, 0x01) => {
                Meaning("wrong state, the card is idle again", "状态不符，卡已回到空闲", Action::StartAfresh)
            }
            (0x69, 0x82) => Meaning("security status not satisfied", "安全状态不满足", Action::RefuseCard),
            (0x69, 0x83) => Meaning("authentication blocked", "认证已锁定", Action::RefuseCard),
            (0x69, 0x85) => Meaning("conditions of use not satisfied", "使用条件不满足", Action::StartAfresh),
            (0x69, 0x88) => Meaning("secure messaging data wrong", "安全报文数据错误", Action::CheckKeys),
            (0x6A, 0x81) => Meaning("application or card blocked", "应用或卡已锁定", Action::RefuseCard),
            (0x6A, 0x82) => Meaning("file not found", "文件未找到", Action::TryOtherApplication),
            (0x6A, 0x83) => Meaning("record not found", "记录未找到", Action::Proceed),
            (0x6A, 0x86) => Meaning("wrong P1 or P2", "参数错误", Action::MendTerminal),
            (0x6B, 0x00) => Meaning("offset outside the file", "偏移超出文件", Action::MendTerminal),
            (0x6D, 0x00) => Meaning("instruction not supported", "不支持的指令", Action::RefuseCard),
            (0x6E, 0x00) => Meaning("class not supported", "不支持的类别", Action::RefuseCard),
            (0x93, 0x01) => Meaning("not enough funds", "资金不足", Action::AskForMoney),
            (0x93, 0x02) => Meaning("MAC wrong", "MAC 错误", Action::CheckKeys),
            (0x93, 0x03) => Meaning("application locked for ever", "应用永久锁定", Action::RefuseCard),
            (0x94, 0x01) => Meaning("not enough money", "金额不足", Action::AskForMoney),
            (0x94, 0x02) => Meaning("transaction counter exhausted", "交易计数器已满", Action::RefuseCard),
            (0x94, 0x03) => Meaning("key index not supported", "密钥索引不支持", Action::CheckKeys),
            (0x94, 0x06) => {
                Meaning("no proof: that transaction did not happen", "无此交易证明", Action::StartAfresh)
            }
            (0x94, 0x07) => Meaning("not allowed in this application", "此应用不允许", Action::RefuseCard),
            (0x94, 0x08) => Meaning("composite record not written", "复合记录未写入", Action::StartAfresh),
            _ => Meaning("unknown status word", "未知状态字", Action::RefuseCard),
        }
    }
}

/// English, Chinese, and the action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning(pub &'static str, pub &'static str, pub Action);

/// What a terminal does about a status word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Go on.
    Proceed,
    /// Fetch the waiting bytes; done by the channel.
    GetResponse,
    /// Repeat with the length that the card named; done by the channel.
    RepeatWithLength,
    /// Begin the transaction again from select.
    StartAfresh,
    /// Ask for proof before anything else: the card may have been written.
    Recover,
    /// Try the next application on the card.
    TryOtherApplication,
    /// Tell the passenger to load money.
    AskForMoney,
    /// Refuse this card.
    RefuseCard,
    /// Keys of card and PSAM do not fit: call the operator.
    CheckKeys,
    /// The terminal sent nonsense: a fault of the program.
    MendTerminal,
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X} ({})", self.0, self.meaning().0)
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}
