//! Access levels and roles: how far an app may go with what an account granted it (contract: ids-and-objects "Access levels").
//!
//! With Advanced Access a permission works for everybody. With Standard Access, and in development, it works for people who hold a
//! role on the app: the account that granted it must, and so must the person whom a message is sent to.

use selfsame_wire::flow::{Feature, LoginFlow};

/// What somebody is on an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Runs the app.
    Administrator,
    /// Develops it.
    Developer,
    /// Tries it.
    Tester,
    /// Sees its numbers; of no use for access.
    Analytics,
    /// Tries it with an Instagram account; invited, and accepts in Instagram's settings.
    InstagramTester,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::Administrator,
        Self::Developer,
        Self::Tester,
        Self::Analytics,
        Self::InstagramTester,
    ];

    /// The name in the database and in `/_sim`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Developer => "developer",
            Self::Tester => "tester",
            Self::Analytics => "analytics",
            Self::InstagramTester => "instagram_tester",
        }
    }

    /// The words of the dashboard.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Administrator => "Administrator",
            Self::Developer => "Developer",
            Self::Tester => "Tester",
            Self::Analytics => "Analytics",
            Self::InstagramTester => "Instagram tester",
        }
    }

    /// The role of this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Whether the role, once accepted, makes its holder one of "admins, developers or testers".
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Analytics)
    }

    /// Whether it begins as an invitation that the account has to accept.
    pub const fn is_by_invitation(self) -> bool {
        matches!(self, Self::Tester | Self::InstagramTester)
    }
}

/// How far a permission reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessLevel {
    /// People with a role on the app.
    Standard,
    /// Everybody.
    Advanced,
}

impl AccessLevel {
    /// The name in `/_sim`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Advanced => "advanced",
        }
    }

    /// The level of this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "standard" => Some(Self::Standard),
            "advanced" => Some(Self::Advanced),
            _ => None,
        }
    }
}

/// What one app may do with one account, beside what the account granted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// Permissions that the app has at Standard Access; the others it has at Advanced Access.
    pub standard: Vec<String>,
    /// Whether the app is in development, where everything is as with Standard Access.
    pub in_development: bool,
    /// Whether the account holds a role on the app, accepted and one that counts.
    pub has_role: bool,
}

impl Access {
    /// How far a permission reaches.
    pub fn level(&self, permission: &str) -> AccessLevel {
        if self.in_development || self.standard.iter().any(|name| name == permission) {
            AccessLevel::Standard
        } else {
            AccessLevel::Advanced
        }
    }

    /// Whether what was granted lets the app use a feature with people who hold no role.
    pub fn reaches_everybody(&self, feature: Feature, flow: LoginFlow, granted: &[String]) -> bool {
        if self.standard.is_empty() && !self.in_development {
            return true;
        }
        feature.permissions(flow).is_granted_by(&self.advanced(granted))
    }

    /// Granted permissions of the feature that stand in the way of reaching everybody.
    pub fn short_of_advanced(&self, feature: Feature, flow: LoginFlow, granted: &[String]) -> Vec<&'static str> {
        feature.permissions(flow).missing_from(&self.advanced(granted))
    }

    fn advanced<'g>(&self, granted: &'g [String]) -> Vec<&'g str> {
        granted
            .iter()
            .map(String::as_str)
            .filter(|name| self.level(name) == AccessLevel::Advanced)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// Standard, in development, flow, granted, reaches everybody.
    type Row<'r> = (&'r [&'r str], bool, LoginFlow, &'r [String], bool);

    #[test]
    fn an_app_reaches_everybody_when_one_family_of_permissions_is_all_advanced() {
        let instagram = names(&["instagram_business_basic", "instagram_business_manage_messages"]);
        let both = names(&[
            "instagram_basic",
            "instagram_manage_messages",
            "instagram_business_basic",
            "instagram_business_manage_messages",
        ]);
        let rows: &[Row<'_>] = &[
            (&[], false, LoginFlow::Instagram, &instagram, true),
            (&[], true, LoginFlow::Instagram, &instagram, false),
            (
                &["instagram_business_manage_messages"],
                false,
                LoginFlow::Instagram,
                &instagram,
                false,
            ),
            (
                &["instagram_business_manage_comments"],
                false,
                LoginFlow::Instagram,
                &instagram,
                true,
            ),
            (&["instagram_manage_messages"], false, LoginFlow::Facebook, &both, true),
            (
                &["instagram_manage_messages", "instagram_business_basic"],
                false,
                LoginFlow::Facebook,
                &both,
                false,
            ),
        ];
        for (standard, in_development, flow, granted, reaches) in rows {
            let access = Access {
                standard: names(standard),
                in_development: *in_development,
                has_role: false,
            };
            let found = access.reaches_everybody(Feature::Messaging, *flow, granted);
            assert_eq!(found, *reaches, "{standard:?} {flow:?}");
            let short = access.short_of_advanced(Feature::Messaging, *flow, granted);
            assert_eq!(short.is_empty(), *reaches, "{short:?}");
        }
    }

    #[test]
    fn roles_have_names_and_only_analytics_does_not_count() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
            assert_eq!(role.counts(), role != Role::Analytics);
        }
        assert_eq!(Role::parse("owner"), None);
    }
}
