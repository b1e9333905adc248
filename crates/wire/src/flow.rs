//! The two login flows, with what each one decides, and the permissions by feature
//! (contract "Business login for Instagram", "Facebook login for Business").

use serde::{Deserialize, Serialize};

/// How an account was connected. A token, a host and an app secret belong to exactly one flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoginFlow {
    /// Instagram API with Instagram login: `graph.instagram.com`, Instagram user tokens.
    Instagram,
    /// Instagram API with Facebook login: `graph.facebook.com`, Page tokens.
    Facebook,
}

impl LoginFlow {
    /// Both flows.
    pub const ALL: [Self; 2] = [Self::Instagram, Self::Facebook];

    /// `instagram` or `facebook`, as in flags and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instagram => "instagram",
            Self::Facebook => "facebook",
        }
    }

    /// The flow of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flow| flow.name() == name)
    }

    /// Host of the Graph API for tokens of this flow.
    pub const fn graph_host(self) -> &'static str {
        match self {
            Self::Instagram => "graph.instagram.com",
            Self::Facebook => "graph.facebook.com",
        }
    }

    /// How tokens of this flow begin. A hint for people and for the platform; a client must not test it.
    pub const fn token_prefix(self) -> &'static str {
        match self {
            Self::Instagram => "IGAA",
            Self::Facebook => "EAA",
        }
    }
}

/// Permission names, as they stand in `scope` and in token answers.
pub mod permission {
    #![expect(missing_docs, reason = "each constant is its own name")]
    pub const INSTAGRAM_BUSINESS_BASIC: &str = "instagram_business_basic";
    pub const INSTAGRAM_BUSINESS_MANAGE_MESSAGES: &str = "instagram_business_manage_messages";
    pub const INSTAGRAM_BUSINESS_MANAGE_COMMENTS: &str = "instagram_business_manage_comments";
    pub const INSTAGRAM_BUSINESS_CONTENT_PUBLISH: &str = "instagram_business_content_publish";
    pub const INSTAGRAM_BUSINESS_MANAGE_INSIGHTS: &str = "instagram_business_manage_insights";
    pub const INSTAGRAM_BASIC: &str = "instagram_basic";
    pub const INSTAGRAM_MANAGE_MESSAGES: &str = "instagram_manage_messages";
    pub const INSTAGRAM_MANAGE_COMMENTS: &str = "instagram_manage_comments";
    pub const INSTAGRAM_MANAGE_INSIGHTS: &str = "instagram_manage_insights";
    pub const INSTAGRAM_CONTENT_PUBLISH: &str = "instagram_content_publish";
    pub const INSTAGRAM_MANAGE_CONTENTS: &str = "instagram_manage_contents";
    pub const INSTAGRAM_MANAGE_ENGAGEMENT: &str = "instagram_manage_engagement";
    pub const PAGES_SHOW_LIST: &str = "pages_show_list";
    pub const PAGES_READ_ENGAGEMENT: &str = "pages_read_engagement";
    pub const PAGES_MANAGE_METADATA: &str = "pages_manage_metadata";
    pub const PAGES_MESSAGING: &str = "pages_messaging";
    pub const BUSINESS_MANAGEMENT: &str = "business_management";
}

/// What a call or a webhook is about; decides which permissions it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Feature {
    /// Reading the account itself.
    Basic,
    /// Messages, postbacks, reactions, seen: reading and sending, the self thread included.
    Messaging,
    /// Comments, live comments, public and private replies.
    Comments,
    /// Story insights.
    Insights,
    /// Publishing media.
    Publishing,
    /// Deleting media; the Facebook login's alone.
    Contents,
    /// Liking media and comments; the Facebook login's alone.
    Engagement,
}

impl Feature {
    /// The permissions that this feature needs under a login flow.
    pub const fn permissions(self, flow: LoginFlow) -> PermissionRule {
        use permission as p;
        const IG_BASIC: &[&[&str]] = &[&[p::INSTAGRAM_BUSINESS_BASIC]];
        const IG_MESSAGING: &[&[&str]] = &[&[p::INSTAGRAM_BUSINESS_BASIC, p::INSTAGRAM_BUSINESS_MANAGE_MESSAGES]];
        const IG_COMMENTS: &[&[&str]] = &[&[p::INSTAGRAM_BUSINESS_BASIC, p::INSTAGRAM_BUSINESS_MANAGE_COMMENTS]];
        const IG_INSIGHTS: &[&[&str]] = &[&[p::INSTAGRAM_BUSINESS_BASIC, p::INSTAGRAM_BUSINESS_MANAGE_INSIGHTS]];
        const IG_PUBLISHING: &[&[&str]] = &[&[p::INSTAGRAM_BUSINESS_BASIC, p::INSTAGRAM_BUSINESS_CONTENT_PUBLISH]];
        // The self-messaging page lists the `instagram_business_…` family in its Facebook column too,
        // while real Page tokens carry the other one: either family is enough.
        const FB_BASIC: &[&[&str]] = &[&[p::INSTAGRAM_BASIC], &[p::INSTAGRAM_BUSINESS_BASIC]];
        const FB_MESSAGING: &[&[&str]] = &[
            &[p::INSTAGRAM_BASIC, p::INSTAGRAM_MANAGE_MESSAGES],
            &[p::INSTAGRAM_BUSINESS_BASIC, p::INSTAGRAM_BUSINESS_MANAGE_MESSAGES],
        ];
        const FB_COMMENTS: &[&[&str]] = &[
            &[
                p::INSTAGRAM_BASIC,
                p::INSTAGRAM_MANAGE_COMMENTS,
                p::PAGES_READ_ENGAGEMENT,
            ],
            &[p::INSTAGRAM_BUSINESS_BASIC, p::INSTAGRAM_BUSINESS_MANAGE_COMMENTS],
        ];
        const FB_INSIGHTS: &[&[&str]] = &[&[p::INSTAGRAM_BASIC, p::INSTAGRAM_MANAGE_INSIGHTS]];
        const FB_PUBLISHING: &[&[&str]] = &[&[p::INSTAGRAM_BASIC, p::INSTAGRAM_CONTENT_PUBLISH]];
        const FB_CONTENTS: &[&[&str]] = &[&[p::INSTAGRAM_BASIC, p::INSTAGRAM_MANAGE_CONTENTS]];
        const FB_ENGAGEMENT: &[&[&str]] = &[&[p::INSTAGRAM_BASIC, p::INSTAGRAM_MANAGE_ENGAGEMENT]];
        PermissionRule {
            alternatives: match (self, flow) {
                (Self::Basic, LoginFlow::Instagram) => IG_BASIC,
                (Self::Messaging, LoginFlow::Instagram) => IG_MESSAGING,
                (Self::Comments, LoginFlow::Instagram) => IG_COMMENTS,
                (Self::Insights, LoginFlow::Instagram) => IG_INSIGHTS,
                (Self::Publishing, LoginFlow::Instagram) => IG_PUBLISHING,
                (Self::Basic, LoginFlow::Facebook) => FB_BASIC,
                (Self::Messaging, LoginFlow::Facebook) => FB_MESSAGING,
                (Self::Comments, LoginFlow::Facebook) => FB_COMMENTS,
                (Self::Insights, LoginFlow::Facebook) => FB_INSIGHTS,
                (Self::Publishing, LoginFlow::Facebook) => FB_PUBLISHING,
                // No token of the Instagram login can hold these.
                (Self::Contents, LoginFlow::Instagram | LoginFlow::Facebook) => FB_CONTENTS,
                (Self::Engagement, LoginFlow::Instagram | LoginFlow::Facebook) => FB_ENGAGEMENT,
            },
        }
    }
}

/// Which permissions are enough: every permission of at least one alternative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PermissionRule {
    /// Sets of permissions, the usual one first.
    pub alternatives: &'static [&'static [&'static str]],
}

impl PermissionRule {
    /// Do these granted permissions satisfy the rule?
    pub fn is_granted_by<S: AsRef<str>>(&self, granted: &[S]) -> bool {
        self.alternatives
            .iter()
            .any(|set| missing_from(set, granted).is_empty())
    }

    /// What is missing from the alternative that comes closest; empty when the rule is satisfied.
    pub fn missing_from<S: AsRef<str>>(&self, granted: &[S]) -> Vec<&'static str> {
        self.alternatives
            .iter()
            .map(|set| missing_from(set, granted))
            .min_by_key(Vec::len)
            .unwrap_or_default()
    }
}

fn missing_from<S: AsRef<str>>(set: &[&'static str], granted: &[S]) -> Vec<&'static str> {
    set.iter()
        .copied()
        .filter(|name| !granted.iter().any(|have| have.as_ref() == *name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_family_of_names_is_enough_for_facebook_login() {
        let rule = Feature::Messaging.permissions(LoginFlow::Facebook);
        assert!(rule.is_granted_by(&["instagram_basic", "instagram_manage_messages"]));
        assert!(rule.is_granted_by(&["instagram_business_basic", "instagram_business_manage_messages"]));
        assert!(!rule.is_granted_by(&["instagram_basic", "instagram_business_manage_messages"]));
    }

    #[test]
    fn the_missing_permission_is_named() {
        let rule = Feature::Comments.permissions(LoginFlow::Instagram);
        assert_eq!(
            rule.missing_from(&["instagram_business_basic"]),
            ["instagram_business_manage_comments"]
        );
    }
}
