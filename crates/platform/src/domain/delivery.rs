//! Deliveries: one notification to one callback, or the reason why there was none.

/// Where a delivery stands (design §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// No attempt ended yet.
    Pending,
    /// Answered 200.
    Delivered,
    /// The last attempt failed; it will be retried.
    Failed,
    /// Given up.
    Dead,
    /// Never sent, for its reason.
    Suppressed,
}

impl DeliveryStatus {
    /// The name in the database and in `/_sim`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Dead => "dead",
            Self::Suppressed => "suppressed",
        }
    }

    /// The status with this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "pending" => Some(Self::Pending),
            "delivered" => Some(Self::Delivered),
            "failed" => Some(Self::Failed),
            "dead" => Some(Self::Dead),
            "suppressed" => Some(Self::Suppressed),
            _ => None,
        }
    }
}
