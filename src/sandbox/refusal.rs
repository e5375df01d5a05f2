//! Refusals: the documented codes, each with its HTTP status and meaning (the wire contract, §4).

use std::io::{self, ErrorKind};

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::words;
use crate::model::inert;

/// A code of the vendor documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The number in `code`.
    pub number: u16,
    /// The HTTP status that comes with it.
    pub status: StatusCode,
    /// The words of the vendor documents. The sandbox's own refusals name the field and the limit instead.
    pub meaning: &'static str,
}

const fn code(number: u16, status: StatusCode, meaning: &'static str) -> Code {
    Code { number, status, meaning }
}

/// Every documented error.
pub const CODES: [Code; 21] = [
    code(1000, StatusCode::UNAUTHORIZED, "Authentication failed"),
    code(1001, StatusCode::UNAUTHORIZED, "Authorization is empty"),
    code(1002, StatusCode::UNAUTHORIZED, "Authorization is invalid"),
    code(1003, StatusCode::UNAUTHORIZED, "Authorization is not yet valid"),
    code(1004, StatusCode::UNAUTHORIZED, "Authorization has expired"),
    code(1100, StatusCode::TOO_MANY_REQUESTS, "Account exception"),
    code(1101, StatusCode::TOO_MANY_REQUESTS, "Account in arrears"),
    code(1102, StatusCode::TOO_MANY_REQUESTS, "Resource pack depleted or expired"),
    code(1103, StatusCode::FORBIDDEN, "Unauthorized access to the requested resource"),
    code(1200, StatusCode::BAD_REQUEST, "Invalid request parameters"),
    code(1201, StatusCode::BAD_REQUEST, "Invalid parameters"),
    code(1202, StatusCode::NOT_FOUND, "The requested method is invalid"),
    code(1203, StatusCode::NOT_FOUND, "The requested resource does not exist"),
    code(1300, StatusCode::BAD_REQUEST, "Trigger strategy of the platform"),
    code(1301, StatusCode::BAD_REQUEST, "Trigger the content security policy of the platform"),
    code(1302, StatusCode::TOO_MANY_REQUESTS, "The API request is too fast"),
    code(1303, StatusCode::TOO_MANY_REQUESTS, "Concurrency or QPS exceeds the prepaid resource package limit"),
    code(1304, StatusCode::TOO_MANY_REQUESTS, "Trigger the platform's IP whitelisting policy"),
    code(5000, StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"),
    code(5001, StatusCode::SERVICE_UNAVAILABLE, "The server is temporarily unavailable, usually due to maintenance"),
    code(5002, StatusCode::GATEWAY_TIMEOUT, "Internal timeout of the server, usually due to a backlog"),
];

/// A refusal: what goes into the envelope, and the HTTP status around it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Deserialize, Serialize)]
#[error("{message}")]
pub struct Refusal {
    /// The HTTP status.
    #[serde(with = "status_number")]
    pub status: StatusCode,
    /// The number in `code`.
    pub code: u16,
    /// The text, which begins with the field that it is about.
    pub message: String,
}

/// A status as its number.
mod status_number {
    use axum::http::StatusCode;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub fn serialize<S: Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(status.as_u16())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<StatusCode, D::Error> {
        StatusCode::from_u16(u16::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Refusal {
    /// A refusal with a documented code; a code nobody documented becomes 5000.
    pub fn new(code: u16, message: impl Into<String>) -> Self {
        let status = CODES.iter().find(|known| known.number == code).map(|known| known.status);
        Self {
            status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: if status.is_some() { code } else { 5000 },
            message: message.into(),
        }
    }

    /// The documented error `code` in the documents' own words; `None` where no document has it.
    pub fn documented(code: u16) -> Option<Self> {
        CODES.iter().find(|known| known.number == code).map(|known| Self::new(code, known.meaning))
    }

    /// 1200: a field that must be there is not.
    pub fn missing(field: &str) -> Self {
        Self::new(1200, format!("{field}: {}", words::required()))
    }

    /// 1201: a field has a value that is not accepted.
    pub fn field(field: &str, why: impl std::fmt::Display) -> Self {
        Self::new(1201, format!("{field}: {why}"))
    }

    /// 1203: nothing has that name.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(1203, message)
    }

    /// 1202 as HTTP 405: the resource exists and does not have the method.
    pub fn method(method: &axum::http::Method, path: &str, allow: &str) -> Self {
        Self { status: StatusCode::METHOD_NOT_ALLOWED, code: 1202, message: words::wrong_method(method, path, allow) }
    }

    /// 1103: a request to another host than this sandbox: a web page that has another name point here could read the answer.
    pub fn host(host: &str) -> Self {
        Self::new(1103, words::host_not_allowed(inert(host)))
    }

    /// 5001: the sandbox is stopping.
    pub fn stopping() -> Self {
        Self::new(5001, words::stopping())
    }

    /// 5000: the sandbox itself could not do it.
    pub fn internal(why: impl std::fmt::Display) -> Self {
        Self::new(5000, words::internal(why))
    }

    /// 5002 where the disk is full, else 5000: something could not be written.
    pub fn disk(err: &io::Error) -> Self {
        if matches!(err.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
            return Self::new(5002, words::disk_full());
        }
        Self::internal(err)
    }

    /// Seconds after which a retry makes sense, for the codes where it does.
    pub const fn retry_after_s(&self) -> Option<u32> {
        match self.code {
            1302 | 1303 => Some(1),
            5001 | 5002 => Some(2),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_status_of_the_wire_contract() {
        let cases: [(u16, &[u16]); 8] = [
            (401, &[1000, 1001, 1002, 1003, 1004]),
            (429, &[1100, 1101, 1102, 1302, 1303, 1304]),
            (403, &[1103]),
            (400, &[1200, 1201, 1300, 1301]),
            (404, &[1202, 1203]),
            (500, &[5000]),
            (503, &[5001]),
            (504, &[5002]),
        ];
        let mut seen = 0;
        for (status, codes) in cases {
            for &code in codes {
                let refusal = Refusal::documented(code).unwrap();
                assert_eq!(refusal.status.as_u16(), status, "{code}");
                seen += 1;
            }
        }
        assert_eq!(seen, CODES.len());
        assert_eq!(Refusal::documented(1205), None);
    }
}
