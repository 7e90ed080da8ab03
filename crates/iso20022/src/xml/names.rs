//! The elements that anything is read from; every other is passed over without being held.

/// Sorted by bytes, for the search.
const NAMES: &[&str] = &[
    "Acct",
    "AcctSvcrRef",
    "AddtlInf",
    "AddtlNtryInf",
    "AddtlTxInf",
    "Agt",
    "Amt",
    "AmtDtls",
    "Bal",
    "BkToCstmrStmt",
    "BookgDt",
    "Ccy",
    "Cd",
    "CdOrPrtry",
    "CdtDbtInd",
    "CdtTrfTxInf",
    "Cdtr",
    "CdtrAcct",
    "CdtrAgt",
    "CdtrRefInf",
    "ClrSysId",
    "ClrSysMmbId",
    "CreDtTm",
    "CstmrCdtTrfInitn",
    "CtrlSum",
    "Dbtr",
    "DbtrAcct",
    "DbtrAgt",
    "Document",
    "Dt",
    "DtTm",
    "EndToEndId",
    "FinInstnId",
    "GrpHdr",
    "IBAN",
    "Id",
    "InitgPty",
    "InstdAmt",
    "LastPgInd",
    "MmbId",
    "MsgId",
    "MsgPgntn",
    "NbOfNtries",
    "NbOfTxs",
    "Nm",
    "Ntry",
    "NtryDtls",
    "NtryRef",
    "Othr",
    "PgNb",
    "PmtId",
    "PmtInf",
    "PmtInfId",
    "PmtMtd",
    "Prtry",
    "Pty",
    "Ref",
    "Refs",
    "ReqdExctnDt",
    "RltdAgts",
    "RltdPties",
    "RmtInf",
    "Rsn",
    "RtrInf",
    "RvslInd",
    "Stmt",
    "StmtPgntn",
    "Strd",
    "Sts",
    "Sum",
    "Svcr",
    "Tp",
    "TtlCdtNtries",
    "TtlDbtNtries",
    "TtlNtries",
    "TxAmt",
    "TxDtls",
    "TxsSummry",
    "Ustrd",
    "ValDt",
];

/// The known name with these bytes.
pub(super) fn known(name: &[u8]) -> Option<&'static str> {
    let at = NAMES.binary_search_by(|it| it.as_bytes().cmp(name)).ok()?;
    NAMES.get(at).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found() {
        for name in NAMES {
            assert_eq!(known(name.as_bytes()), Some(*name));
        }
        assert_eq!(known(b"Nonsense"), None);
    }
}
