//! The order that the bank is sent: `pain.001.001.09`, one group, one payment a merchant.

use jiff::Timestamp;
use jiff::tz::Offset;
use tongclear_iso20022::{
    AccountNumber, Amount, Cnaps, EndToEndId, GroupId, MessageId, Party, PaymentGroup, PaymentOrder, Text140,
    ValueError,
};
use tongclear_ledger::Payment;
use tongclear_registry::Registry;
use tongclear_types::{BusinessDate, UnixMillis};

use crate::EngineError;

/// The centre's zone, `Asia/Shanghai`, has one offset all year.
const CENTRE_OFFSET: Offset = Offset::constant(8);

/// The id of the order of a value date: `<centre>-<YYYYMMDD>`.
pub(super) fn message_id(registry: &Registry, value_date: BusinessDate) -> String {
    format!("{}-{}", registry.centre.code, value_date.to_string().replace('-', ""))
}

/// The order of `payments`, made at `now`.
pub(super) fn order(
    registry: &Registry,
    value_date: BusinessDate,
    payments: &[Payment],
    now: UnixMillis,
) -> Result<PaymentOrder, EngineError> {
    let refused = |error: ValueError| EngineError::Refused(format!("payout {value_date}: {error}"));
    let created = Timestamp::from_millisecond(now.0)
        .map_err(|error| EngineError::Internal(format!("clock {}: {error}", now.0)))?;
    let id = message_id(registry, value_date);
    let centre = &registry.centre;
    let name = format!("{} 清算中心", centre.code);
    let group = PaymentGroup {
        id: GroupId::new(&id).map_err(refused)?,
        execution: value_date,
        debtor: party(&name, centre.account.as_deref(), centre.bank.as_deref()).map_err(refused)?,
        payments: payments.iter().map(|payment| transfer(registry, payment)).collect::<Result<_, _>>()?,
    };
    let initiator = Text140::new("initiator", &name).map_err(refused)?;
    let message = MessageId::new(&id).map_err(refused)?;
    PaymentOrder::new(message, CENTRE_OFFSET.to_datetime(created), initiator, vec![group]).map_err(refused)
}

fn transfer(registry: &Registry, payment: &Payment) -> Result<tongclear_iso20022::Payment, EngineError> {
    let merchant = registry.merchants.iter().find(|it| it.code == payment.merchant);
    let merchant = merchant
        .ok_or_else(|| EngineError::Internal(format!("merchant {} is not registered", payment.merchant)))?;
    let made = || {
        Ok(tongclear_iso20022::Payment {
            end_to_end: EndToEndId::new(payment.reference.as_str())?,
            amount: Amount::new(payment.amount)?,
            creditor: party(&merchant.name, merchant.account.as_deref(), merchant.bank.as_deref())?,
            remittance: Some(Text140::new("remittance", &format!("一卡通清算款 {}", payment.value_date))?),
        })
    };
    made().map_err(|error: ValueError| {
        EngineError::Refused(format!("payment to {}: {error}; correct the registry", payment.merchant))
    })
}

fn party(name: &str, account: Option<&str>, bank: Option<&str>) -> Result<Party, ValueError> {
    Ok(Party {
        name: Text140::new("name", name)?,
        account: AccountNumber::new(account.unwrap_or_default())?,
        bank: Cnaps::new(bank.unwrap_or_default())?,
    })
}
