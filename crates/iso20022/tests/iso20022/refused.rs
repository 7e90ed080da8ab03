//! Statements and orders with one thing wrong, and what is said about it; statements that look odd and are fine.

use tongclear_iso20022::{Bank, Direction, PaymentOrder, StatementFile, example};
use tongclear_types::Fen;

/// The document without its indentation, so that a row of a table fits a line.
fn compact(document: Vec<u8>) -> String {
    String::from_utf8(document).unwrap().lines().map(str::trim_start).collect()
}

/// The bank's answer to the example: a batch of two, and one entry more.
fn statement() -> String {
    let order = example::order();
    let answer = Bank::of(&order, Fen::new(5_000_000).unwrap()).in_batches().answer(&order, &[]);
    compact(answer.unwrap().to_xml())
}

/// `document` with the first `from` replaced by `to`.
fn with(document: &str, from: &str, to: &str) -> String {
    assert!(document.contains(from), "{from} is not in {document}");
    document.replacen(from, to, 1)
}

/// What is replaced by what, and what is said: after `…`, the place begins in the first entry.
type Row = (&'static str, &'static str, &'static str);

const DOCUMENT: &[Row] = &[
    (
        "camt.053.001.08\"",
        "camt.053.001.02\"",
        "Document: \"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\" found, expected namespace \
         urn:iso:std:iso:20022:tech:xsd:camt.053.001.08",
    ),
    (
        " xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"",
        "",
        "Document: \"\" found, expected namespace urn:iso:std:iso:20022:tech:xsd:camt.053.001.08",
    ),
    ("encoding=\"UTF-8\"", "encoding=\"GB18030\"", "\"GB18030\" found, expected encoding UTF-8"),
    (
        "<Document",
        "<!DOCTYPE D SYSTEM \"file:///etc/passwd\"><Document",
        "a document type (DOCTYPE) is refused",
    ),
    ("<Document", "text<Document", "not XML: text before the first element"),
    ("</Document>", "</Document><Document/>", "not XML: something follows the document"),
    ("</Document>", "", "the document ends in the middle"),
    ("</BkToCstmrStmt>", "</BkToCstmrStmt><BkToCstmrStmt/>", "more than one message in the document"),
    (
        "<BkToCstmrStmt>",
        "<CstmrCdtTrfInitn/><BkToCstmrStmt>",
        "Document: \"CstmrCdtTrfInitn\" found, expected BkToCstmrStmt",
    ),
    ("清算", "<!DOCTYPE a>", "…: a document type (DOCTYPE) is refused"),
    ("清算", "&leak;", "…: entity &leak;: entities are refused"),
    (
        "清算 ",
        "&#7;",
        "…/NtryDtls[1]/TxDtls[1]/RmtInf/Ustrd[1]: \"\\u{7}CDT-20261125-BUS00001\" found, expected no control characters",
    ),
];

const MESSAGE: &[Row] = &[
    (
        "<MsgId>2026-11-26-0001</MsgId>",
        "",
        "Document/BkToCstmrStmt/GrpHdr/MsgId: missing, expected the message's id",
    ),
    ("<MsgId>", "<MsgId>1</MsgId><MsgId>", "Document/BkToCstmrStmt/GrpHdr/MsgId: 2 of them, expected one"),
    (
        "27T01:00:00<",
        "27 01:00<",
        "Document/BkToCstmrStmt/GrpHdr/CreDtTm: \"2026-11-27 01:00\" found, expected a date and time YYYY-MM-DDThh:mm:ss",
    ),
    (
        "</CreDtTm></GrpHdr>",
        "</CreDtTm><MsgPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></MsgPgntn></GrpHdr>",
        "Document/BkToCstmrStmt/GrpHdr/MsgPgntn/PgNb: \"2\" found, expected page number 1: the whole statement in one file",
    ),
    (
        "<Acct>",
        "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn><Acct>",
        "Document/BkToCstmrStmt/Stmt[1]/StmtPgntn/LastPgInd: \"false\" found, expected true: the whole statement in one file",
    ),
    (
        "<Ccy>CNY</Ccy>",
        "<Ccy>USD</Ccy>",
        "Document/BkToCstmrStmt/Stmt[1]/Acct/Ccy: \"USD\" found, expected currency CNY",
    ),
    (
        "<Othr><Id>5100123456789012</Id></Othr>",
        "",
        "Document/BkToCstmrStmt/Stmt[1]/Acct/Id/Othr/Id: missing, expected an account number",
    ),
    (
        "<Cd>OPBD</Cd>",
        "<Cd>ITBD</Cd>",
        "Document/BkToCstmrStmt/Stmt[1]/Bal: missing, expected a balance with code OPBD or PRCD",
    ),
    ("<Cd>CLBD</Cd>", "<Cd>OPBD</Cd>", "Document/BkToCstmrStmt/Stmt[1]/Bal: 2 of them, expected one"),
    (
        "37634.22",
        "37634.21",
        "Document/BkToCstmrStmt/Stmt[1]: closing balance is \"37634.21\", expected 37634.22, opening balance and entries",
    ),
    (
        "<Dt>2026-11-26</Dt>",
        "<Dt>2026-11-24</Dt>",
        "Document/BkToCstmrStmt/Stmt[1]: closing date is \"2026-11-24\", expected 2026-11-25 or later",
    ),
    (
        "<NbOfNtries>2<",
        "<NbOfNtries>3<",
        "Document/BkToCstmrStmt/Stmt[1]/TxsSummry/TtlNtries/NbOfNtries: \"3\" found, expected 2, the entries there are",
    ),
    (
        "</TtlNtries>",
        "</TtlNtries><TtlDbtNtries><Sum>1</Sum></TtlDbtNtries>",
        "Document/BkToCstmrStmt/Stmt[1]/TxsSummry/TtlDbtNtries/Sum: \"1\" found, expected 12365.78, the sum of the entries \
         there are",
    ),
];

const ENTRY: &[Row] = &[
    ("<Cd>BOOK</Cd>", "<Cd>PDNG</Cd>", "…/Sts/Cd: \"PDNG\" found, expected status BOOK"),
    ("<Sts><Cd>BOOK</Cd></Sts>", "", "…/Sts: missing, expected status BOOK"),
    ("CNY\">12365.73", "USD\">12365.73", "…/Amt: \"USD\" found, expected currency CNY"),
    (" Ccy=\"CNY\">12365.73", ">12365.73", "…/Amt: missing, expected currency CNY in attribute Ccy"),
    (
        "12365.73<",
        "12365.730<",
        "…/Amt: \"12365.730\" found, expected an amount in yuan with at most two decimals and 18 digits",
    ),
    (
        "12365.73<",
        "-12365.73<",
        "…/Amt: \"-12365.73\" found, expected an amount in yuan with at most two decimals and 18 digits",
    ),
    (
        "12365.73<",
        "12365.72<",
        "…/Amt: \"DBIT 12365.72\" found, expected DBIT 12365.73, the sum of its transactions",
    ),
    ("12365.73</Amt>", "1</Amt><Amt Ccy=\"CNY\">1</Amt>", "…/Amt: 2 of them, expected one"),
    ("<CdtDbtInd>DBIT<", "<CdtDbtInd>D<", "…/CdtDbtInd: \"D\" found, expected CRDT or DBIT"),
    ("<RvslInd>false<", "<RvslInd>no<", "…/RvslInd: \"no\" found, expected true or false"),
    ("<BookgDt><Dt>2026-11-25</Dt></BookgDt>", "", "…/BookgDt: missing, expected the date of booking"),
    (
        "<BookgDt><Dt>2026-11-25<",
        "<BookgDt><Dt>2026-11-31<",
        "…/BookgDt/Dt: \"2026-11-31\" found, expected a date YYYY-MM-DD from 2000 to 2199",
    ),
    (
        "<ValDt><Dt>2026-11-25</Dt>",
        "<ValDt><DtTm>1899-01-01T00:00:00</DtTm>",
        "…/ValDt/DtTm: \"1899-01-01T00:00:00\" found, expected a year from 2000 to 2199",
    ),
    (
        "<Amt Ccy=\"CNY\">10000.01</Amt>",
        "",
        "…/NtryDtls/TxDtls[2]/Amt: missing, expected an amount in yuan: the entry has several transactions",
    ),
    (
        "<EndToEndId>CDT-20261125-BUS00001<",
        "<EndToEndId><",
        "…/NtryDtls[1]/TxDtls[1]/Refs/EndToEndId: \"\" found, expected 1 to 35 characters",
    ),
    (
        "<RmtInf>",
        "<RtrInf><Rsn><Cd>CLOSED</Cd></Rsn></RtrInf><RmtInf>",
        "…/NtryDtls[1]/TxDtls[1]/RtrInf/Rsn/Cd: \"CLOSED\" found, expected 1 to 4 letters and digits, such as AC04",
    ),
];

#[test]
fn statements_with_one_thing_wrong() {
    let statement = statement();
    StatementFile::read(statement.as_bytes()).unwrap();
    for (from, to, expected) in DOCUMENT.iter().chain(MESSAGE).chain(ENTRY) {
        let said = StatementFile::read(with(&statement, from, to).as_bytes()).unwrap_err().to_string();
        let expected = expected.replacen('…', "Document/BkToCstmrStmt/Stmt[1]/Ntry[1]", 1);
        assert_eq!(said, expected, "{from} → {to}");
    }
}

/// Broken XML: the message is the XML reader's, with the byte.
#[test]
fn broken_xml_is_refused_with_its_place() {
    let statement = statement();
    for (from, to) in [("</Sts>", "</Sta>"), ("<Sts>", "<Sts"), ("清算", "&"), ("清算", "]]><![CDATA[")] {
        let said = StatementFile::read(with(&statement, from, to).as_bytes()).unwrap_err().to_string();
        assert!(said.starts_with("Document/BkToCstmrStmt/Stmt[1]/Ntry[1]: not XML at byte "), "{to}: {said}");
    }
    let mut bytes = statement.into_bytes();
    let at = bytes.windows(3).position(|it| it == "清".as_bytes()).unwrap();
    bytes[at] = 0xff;
    let said = StatementFile::read(&bytes[..]).unwrap_err().to_string();
    assert!(said.starts_with("Document/BkToCstmrStmt/Stmt[1]/Ntry[1]: not UTF-8: "), "{said}");
}

#[test]
fn orders_with_one_thing_wrong() {
    let order = compact(example::order().to_xml());
    PaymentOrder::read(order.as_bytes()).unwrap();
    let table: &[Row] = &[
        (
            "<NbOfTxs>3<",
            "<NbOfTxs>4<",
            "GrpHdr/NbOfTxs: \"4\" found, expected 3, the number of payments there are",
        ),
        (
            "<CtrlSum>12365.78<",
            "<CtrlSum>12365.79<",
            "GrpHdr/CtrlSum: \"12365.79\" found, expected 12365.78, the sum of the payments there are",
        ),
        (
            "<NbOfTxs>2<",
            "<NbOfTxs>1<",
            "PmtInf[1]/NbOfTxs: \"1\" found, expected 2, the number of payments there are",
        ),
        (
            "<CtrlSum>12365.73<",
            "<CtrlSum>1<",
            "PmtInf[1]/CtrlSum: \"1\" found, expected 12365.73, the sum of the payments there are",
        ),
        ("<PmtMtd>TRF<", "<PmtMtd>CHK<", "PmtInf[1]/PmtMtd: \"CHK\" found, expected TRF"),
        (
            "<InstdAmt Ccy=\"CNY\">2365.72<",
            "<InstdAmt Ccy=\"CNY\">0.00<",
            "PmtInf[1]/CdtTrfTxInf[1]/Amt/InstdAmt: \"0\" found, expected 1 to 999999999999999999 fen",
        ),
        (
            "<MmbId>103651000002<",
            "<MmbId>10365100000<",
            "PmtInf[1]/CdtTrfTxInf[2]/CdtrAgt/FinInstnId/ClrSysMmbId/MmbId: \"10365100000\" found, expected a CNAPS code \
             of 12 digits",
        ),
        (
            "<Cd>CNAPS</Cd>",
            "<Cd>USABA</Cd>",
            "PmtInf[1]/DbtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd: \"USABA\" found, expected clearing system CNAPS",
        ),
        (
            "<Id>6222000000000000002</Id>",
            "",
            "PmtInf[1]/CdtTrfTxInf[2]/CdtrAcct/Id/Othr/Id: missing, expected an account number",
        ),
        (
            "<EndToEndId>CDT-20261125-MET00001<",
            "<EndToEndId>CDT-20261125-BUS00001<",
            "GrpHdr: end-to-end id is \"CDT-20261125-BUS00001\", expected each id once",
        ),
    ];
    for (from, to, expected) in table {
        let said = PaymentOrder::read(with(&order, from, to).as_bytes()).unwrap_err().to_string();
        assert_eq!(said, format!("Document/CstmrCdtTrfInitn/{expected}"), "{from} → {to}");
    }
}

/// What other banks write otherwise and mean the same.
#[test]
fn other_ways_to_say_the_same() {
    let statement = statement();
    let expected = StatementFile::read(statement.as_bytes()).unwrap();
    for (from, to) in [
        ("<Ntry>", "<!-- a batch --><Ntry><Strange><Amt Ccy=\"USD\">1</Amt></Strange>"),
        ("<Ntry>", "<Ntry><x:Amt xmlns:x=\"urn:x\" Ccy=\"USD\">1</x:Amt>"),
        ("<Amt Ccy=\"CNY\">12365.73</Amt>", "<Amt Ccy='CNY'>\n 012365.73 </Amt>"),
        ("<RvslInd>false</RvslInd>", ""),
        ("<RvslInd>false<", "<RvslInd>0<"),
        ("<ValDt><Dt>2026-11-25</Dt></ValDt>", ""),
        ("<BookgDt><Dt>2026-11-25<", "<BookgDt><DtTm>2026-11-25T23:59:59.123</DtTm><Dt>2026-11-25<"),
        // One in the morning by the centre's clock.
        ("<BookgDt><Dt>2026-11-25<", "<BookgDt><DtTm>2026-11-24T17:00:00Z</DtTm><Dt>2026-11-25<"),
        ("2026-11-27T01:00:00<", "2026-11-27T01:00:00.5+08:00<"),
        ("清算", "清&#x7b97;"),
        ("清算", "<![CDATA[清算]]>"),
        ("<Cd>OPBD</Cd>", "<Cd>PRCD</Cd>"),
        (
            "<Bal>",
            "<Bal><Tp><CdOrPrtry><Cd>ITAV</Cd></CdOrPrtry></Tp><Amt Ccy=\"CNY\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-25</Dt></Dt></Bal><Bal>",
        ),
        ("<Amt Ccy=\"CNY\">0.05</Amt><CdtDbtInd>DBIT</CdtDbtInd><RltdPties>", "<RltdPties>"),
        (
            "<Amt Ccy=\"CNY\">10000.01</Amt><CdtDbtInd>DBIT</CdtDbtInd>",
            "<AmtDtls><TxAmt><Amt Ccy=\"CNY\">10000.01</Amt></TxAmt></AmtDtls>",
        ),
    ] {
        let read = StatementFile::read(with(&statement, from, to).as_bytes());
        assert_eq!(read.as_ref(), Ok(&expected), "{from} → {to}");
    }
    let prefixed = statement.replace("</", "</p:").replace('<', "<p:").replace("<p:/p:", "</p:");
    let prefixed = prefixed.replace("<p:?", "<?").replace("xmlns=", "xmlns:p=");
    assert_eq!(StatementFile::read(prefixed.as_bytes()), Ok(expected));
}

/// An entry without transactions still says how much, and one that is not a payment of ours has no id.
#[test]
fn an_entry_without_transactions_has_one_of_its_amount() {
    let statement = statement();
    let start = statement.rfind("<NtryDtls>").unwrap();
    let end = statement.rfind("</NtryDtls>").unwrap() + "</NtryDtls>".len();
    let bare = format!("{}{}", &statement[..start], &statement[end..]);
    let file = StatementFile::read(bare.as_bytes()).unwrap();
    let entry = &file.statements[0].entries()[1];
    assert_eq!((entry.direction(), entry.details().len()), (Direction::Debit, 1));
    assert_eq!((entry.details()[0].amount.get(), &entry.details()[0].end_to_end), (-5, &None));

    let nameless = with(&statement, ">CDT-20261126-BUS00001</EndToEndId>", ">NOTPROVIDED</EndToEndId>");
    let file = StatementFile::read(nameless.as_bytes()).unwrap();
    assert_eq!(file.statements[0].entries()[1].details()[0].end_to_end, None);
}
