//! What a client does about an error (contract "Client classification"). By code, never by text.

use super::envelope::GraphError;

/// What to do about a Graph error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// Try again, later.
    Retry,
    /// The owner must log in again.
    Reauth,
    /// 1/1357046: the reply was broken although the message went out. Never send again.
    AlreadySent,
    /// Trying again gives the same answer.
    Permanent,
}

/// "Invalid JSON reply although messages were sent".
const SUBCODE_ALREADY_SENT: i64 = 1_357_046;

impl GraphError {
    /// Classifies the error.
    pub fn classify(&self) -> ErrorClass {
        match (self.code, self.subcode) {
            (1, Some(SUBCODE_ALREADY_SENT)) => ErrorClass::AlreadySent,
            (190 | 102, _) => ErrorClass::Reauth,
            (1 | 2 | 4 | 17 | 32 | 341 | 613 | 80_001 | 80_002 | 80_006, _) => ErrorClass::Retry,
            _ if self.is_transient == Some(true) => ErrorClass::Retry,
            _ => ErrorClass::Permanent,
        }
    }

    /// Whether it says that calls were too many (contract "Rate limits").
    pub const fn is_throttling(&self) -> bool {
        matches!(self.code, 4 | 17 | 32 | 613 | 80_002 | 80_006)
    }

    /// Does the host not know the documented self form (`/{SELF_IGSID}/messages`)? Then the standard
    /// form is tried once: 100/33, 100/2534014, or the recorded text of an unsupported request.
    pub fn refuses_self_path_form(&self) -> bool {
        self.code == 100
            && (matches!(self.subcode, Some(33 | 2_534_014)) || self.message.contains("Unsupported post request"))
    }

    /// Is the call's `appsecret_proof` not one of its token (contract, Facebook login §3.5)?
    pub fn refuses_appsecret_proof(&self) -> bool {
        self.code == 100 && self.message.contains("Invalid appsecret_proof")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(code: i64, subcode: Option<i64>) -> ErrorClass {
        let mut error = GraphError::new("OAuthException", code, "x");
        error.subcode = subcode;
        error.classify()
    }

    #[test]
    fn every_row_of_the_contract_is_classified() {
        for code in [1, 2, 4, 17, 32, 341, 613, 80_001, 80_002, 80_006] {
            assert_eq!(class(code, None), ErrorClass::Retry, "{code}");
        }
        assert_eq!(class(1, Some(99)), ErrorClass::Retry);
        assert_eq!(class(1, Some(1_357_046)), ErrorClass::AlreadySent);
        for subcode in [None, Some(458), Some(463)] {
            assert_eq!(class(190, subcode), ErrorClass::Reauth);
        }
        assert_eq!(class(102, None), ErrorClass::Reauth);
        for (code, subcode) in [(10, 2_534_022), (100, 2_534_014), (200, 2_018_028), (551, 1_545_041)] {
            assert_eq!(class(code, Some(subcode)), ErrorClass::Permanent);
        }
    }

    #[test]
    fn a_transient_error_of_any_code_is_retried() {
        let mut error = GraphError::new("OAuthException", 368, "x");
        error.is_transient = Some(true);
        assert_eq!(error.classify(), ErrorClass::Retry);
    }
}
