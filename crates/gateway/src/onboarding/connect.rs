//! From a token to a connected account.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use selfsame_client::{AppCredentials, CallFailure, Caller, GraphClient, PageAccount};
use selfsame_runtime::clock::WorldClock;
use selfsame_runtime::db::{Database, Durability};
use selfsame_wire::events::EVENTS;
use selfsame_wire::flow::{Feature, LoginFlow};
use selfsame_wire::graph_error::ErrorClass;
use selfsame_wire::ids::{IgUserId, PageId};
use selfsame_wire::secret::AccessToken;

use super::credentials::{Credentials, reason_of};
use crate::sealing::SealingError;
use crate::store::StoreError;
use crate::store::accounts::{self, Account, Mode, SelfMode, TokenRow};

/// The features that automations need.
pub(super) const FEATURES: [(Feature, &str); 2] = [(Feature::Messaging, "messages"), (Feature::Comments, "comments")];

/// Why an account was not connected.
#[derive(Debug, thiserror::Error)]
pub enum OnboardError {
    /// Instagram does not accept the token.
    #[error("Instagram does not accept this token: {reason}")]
    TokenRefused {
        /// What that means, for people.
        reason: String,
    },
    /// The Page has no Instagram account.
    #[error("no Instagram professional account is linked to the Page {page}; link one in the Page's settings")]
    NoInstagramAccount {
        /// Its name or id.
        page: String,
    },
    /// The Facebook user has several Pages with an Instagram account.
    #[error("this token reaches several Instagram accounts; choose one Page by `page_id`")]
    ChoosePage {
        /// What there is to choose from.
        pages: Vec<PageChoice>,
    },
    /// The Facebook user has no Page with an Instagram account.
    #[error("this Facebook user manages no Page that is linked to an Instagram professional account")]
    NoPage,
    /// The chosen Page is not among the user's.
    #[error("the Page {0} is not among those that this token reaches")]
    UnknownPage(PageId),
    /// A call failed otherwise.
    #[error("Instagram could not be asked: {0}")]
    Call(String),
    /// The token could not be sealed.
    #[error("the token cannot be kept")]
    Sealing(#[from] SealingError),
    /// The database failed.
    #[error("the account cannot be kept")]
    Store(#[source] StoreError),
}

/// A Page that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct PageChoice {
    /// The Page.
    #[schema(value_type = String)]
    pub page_id: PageId,
    /// Its name.
    pub name: Option<String>,
    /// The linked Instagram account's username, where told.
    pub username: Option<String>,
}

/// An account that was connected.
#[derive(Debug, Clone)]
pub struct Connected {
    /// The account.
    pub account: Account,
    /// Through which login.
    pub flow: LoginFlow,
    /// Permissions that the features of automations need and the token lacks.
    pub missing_scopes: Vec<String>,
    /// The webhook fields that are installed, or why none are.
    pub webhooks: Result<Vec<String>, String>,
}

/// A token to connect an account with.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// The login flow and the token.
    pub caller: Caller,
    /// What it may do, when the login told.
    pub scopes: Option<Vec<String>>,
    /// How long it lives, when the login told.
    pub expires_in: Option<Duration>,
}

/// Connects accounts. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Onboarding {
    pub(super) database: Database,
    pub(super) client: GraphClient,
    pub(super) credentials: Credentials,
    pub(super) clock: WorldClock,
    /// The app of the Facebook login: it asks what a token may do.
    meta_app: Arc<AppCredentials>,
    /// Whether the Graph hosts are Meta's own: real accounts begin in preview.
    is_meta: bool,
}

impl Onboarding {
    /// Connects accounts of the hosts that this client knows.
    pub fn new(
        database: &Database,
        client: &GraphClient,
        credentials: &Credentials,
        clock: &WorldClock,
        meta_app: AppCredentials,
    ) -> Self {
        let is_meta = LoginFlow::ALL
            .into_iter()
            .any(|flow| client.base_urls().graph(flow).host_str() == Some(flow.graph_host()));
        Self {
            database: database.clone(),
            client: client.clone(),
            credentials: credentials.clone(),
            clock: clock.clone(),
            meta_app: Arc::new(meta_app),
            is_meta,
        }
    }

    /// Whether the Graph hosts are Meta's own, so that the accounts are real.
    pub const fn is_meta(&self) -> bool {
        self.is_meta
    }

    /// Connects an account by a token that somebody pasted: an Instagram user token, a Page token, or
    /// a Facebook user token that reaches one Page (or the one of `page_id`).
    pub async fn connect(&self, token: NewToken, page_id: Option<PageId>) -> Result<Connected, OnboardError> {
        match token.caller.flow {
            LoginFlow::Instagram => self.connect_instagram(token).await,
            LoginFlow::Facebook => self.connect_facebook(token, page_id).await,
        }
    }

    /// Installs the webhooks of an account anew and remembers how that went.
    pub async fn install_webhooks(
        &self,
        account: &IgUserId,
        caller: &Caller,
        scopes: Option<&[String]>,
    ) -> Result<Result<Vec<String>, String>, StoreError> {
        let fields = fields_for(caller.flow, scopes);
        let outcome = match self.client.subscribe(caller, &fields).await {
            Ok(()) => Ok(fields.iter().map(|field| (*field).to_owned()).collect()),
            Err(failure) => Err(explain(&failure)),
        };
        let (account, flow, kept) = (account.clone(), caller.flow, outcome.clone());
        let write = self.database.write(Durability::Durable, move |tx| {
            accounts::set_webhooks(tx, &account, flow, &kept)
        });
        write.await.map_err(StoreError::from)?;
        Ok(outcome)
    }

    async fn connect_instagram(&self, token: NewToken) -> Result<Connected, OnboardError> {
        let profile = self
            .client
            .get_instagram_profile(&token.caller)
            .await
            .map_err(|failure| refusal(&failure))?;
        let account = Account {
            ig_id: profile.ig_user_id,
            username: profile.username,
            name: profile.name,
            account_type: profile.account_type,
            profile_picture_url: profile.profile_picture_url,
            app_scoped_id: profile.app_scoped_id,
            self_igsid: None,
            page_id: None,
            mode: self.mode(),
            self_mode: self.self_mode(),
            connected_at: self.clock.now(),
        };
        self.keep(account, token).await
    }

    async fn connect_facebook(&self, token: NewToken, page_id: Option<PageId>) -> Result<Connected, OnboardError> {
        // A Page token's `/me` is the Page; a user token's is a person without an Instagram account.
        if page_id.is_none() {
            let profile = self.client.get_page_profile(&token.caller).await;
            match profile {
                Ok(profile) if profile.ig_user_id.is_some() => {
                    let page = PageAccount {
                        page_id: profile.page_id,
                        name: profile.name,
                        access_token: token.caller.token.clone(),
                        tasks: Vec::new(),
                        ig_user_id: profile.ig_user_id,
                        username: profile.username,
                    };
                    return self.keep_page(page, token).await;
                }
                Err(failure) if failure.class() == ErrorClass::Reauth => return Err(refusal(&failure)),
                // A user token: its fields are a person's, so a refusal of a Page's is no surprise.
                Ok(_) | Err(_) => {}
            }
        }
        let pages = self
            .client
            .list_pages(&token.caller)
            .await
            .map_err(|failure| refusal(&failure))?;
        let page = choose_page(pages, page_id)?;
        self.keep_page(page, token).await
    }

    async fn keep_page(&self, page: PageAccount, user: NewToken) -> Result<Connected, OnboardError> {
        let shown = page.name.clone().unwrap_or_else(|| page.page_id.to_string());
        let Some(ig_id) = page.ig_user_id else {
            return Err(OnboardError::NoInstagramAccount { page: shown });
        };
        let scopes = match user.scopes {
            Some(scopes) => Some(scopes),
            None => self.scopes_of(&page.access_token).await,
        };
        // A Page token that came from the user token never ends of itself (contract, login §3.2).
        let is_derived = user.caller.token.expose() != page.access_token.expose();
        let token = NewToken {
            caller: Caller {
                flow: LoginFlow::Facebook,
                token: page.access_token,
            },
            scopes,
            expires_in: if is_derived { None } else { user.expires_in },
        };
        let account = Account {
            username: page.username.unwrap_or_else(|| ig_id.to_string()),
            ig_id,
            name: page.name,
            account_type: None,
            profile_picture_url: None,
            app_scoped_id: None,
            self_igsid: None,
            page_id: Some(page.page_id),
            mode: self.mode(),
            self_mode: self.self_mode(),
            connected_at: self.clock.now(),
        };
        self.keep(account, token).await
    }

    /// What a token of the Facebook login may do, which neither the dialog nor the exchange tells; none: Meta does not say.
    async fn scopes_of(&self, token: &AccessToken) -> Option<Vec<String>> {
        if self.meta_app.client_secret.expose().is_empty() {
            return None;
        }
        let facts = self.client.debug_token(&self.meta_app, token).await.ok()?;
        let is_of_app = facts.app_id.is_none_or(|id| id == self.meta_app.client_id);
        (facts.is_valid && is_of_app && !facts.scopes.is_empty()).then_some(facts.scopes)
    }

    async fn keep(&self, account: Account, token: NewToken) -> Result<Connected, OnboardError> {
        let now = self.clock.now();
        let row = TokenRow {
            account: account.ig_id.clone(),
            flow: token.caller.flow,
            sealed: self.credentials.seal(&account.ig_id, &token.caller)?,
            scopes: token.scopes.clone(),
            obtained_at: now,
            expires_at: token.expires_in.and_then(|life| after(now, life)),
            broken: None,
            subscribed_fields: None,
            webhook_error: None,
        };
        let ig_id = account.ig_id.clone();
        let write = self.database.write(Durability::Durable, move |tx| {
            accounts::connect(tx, &account)?;
            accounts::keep_token(tx, &row)?;
            accounts::find(tx, &account.ig_id)
        });
        let kept = write
            .await
            .map_err(|error| OnboardError::Store(StoreError::from(error)))?;
        let account = kept.ok_or(OnboardError::Store(StoreError::Database(
            selfsame_runtime::db::StoreError::Closed,
        )))?;
        let webhooks = self
            .install_webhooks(&ig_id, &token.caller, token.scopes.as_deref())
            .await
            .map_err(OnboardError::Store)?;
        tracing::info!(account = %account.ig_id, username = account.username, flow = token.caller.flow.name(), "an account was connected");
        Ok(Connected {
            account,
            flow: token.caller.flow,
            missing_scopes: missing_scopes(token.caller.flow, token.scopes.as_deref()),
            webhooks,
        })
    }

    const fn mode(&self) -> Mode {
        if self.is_meta { Mode::PreviewOnly } else { Mode::Live }
    }

    const fn self_mode(&self) -> SelfMode {
        if self.is_meta {
            SelfMode::Session
        } else {
            SelfMode::Always
        }
    }
}

impl NewToken {
    /// A token of which nothing else is known.
    pub fn pasted(flow: LoginFlow, token: &str) -> Self {
        let caller = Caller {
            flow,
            token: AccessToken::new(token.trim()),
        };
        Self {
            caller,
            scopes: None,
            expires_in: None,
        }
    }
}

/// The permissions that automations need and these scopes lack. Unknown scopes lack nothing.
pub fn missing_scopes(flow: LoginFlow, scopes: Option<&[String]>) -> Vec<String> {
    let Some(scopes) = scopes else { return Vec::new() };
    let mut missing: Vec<String> = FEATURES
        .into_iter()
        .flat_map(|(feature, _)| feature.permissions(flow).missing_from(scopes))
        .map(str::to_owned)
        .collect();
    missing.sort();
    missing.dedup();
    missing
}

/// The webhook fields worth installing: those of the flow whose permissions are there.
fn fields_for(flow: LoginFlow, scopes: Option<&[String]>) -> Vec<&'static str> {
    let mut fields: Vec<&'static str> = EVENTS
        .iter()
        .filter(|event| event.flows.contains(&flow))
        .filter(|event| matches!(event.feature, Feature::Messaging | Feature::Comments))
        .filter(|event| scopes.is_none_or(|scopes| event.feature.permissions(flow).is_granted_by(scopes)))
        .map(|event| event.field)
        .collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

fn choose_page(pages: Vec<PageAccount>, page_id: Option<PageId>) -> Result<PageAccount, OnboardError> {
    if let Some(page_id) = page_id {
        return pages
            .into_iter()
            .find(|page| page.page_id == page_id)
            .ok_or(OnboardError::UnknownPage(page_id));
    }
    let mut linked: Vec<PageAccount> = pages.into_iter().filter(|page| page.ig_user_id.is_some()).collect();
    match linked.len() {
        0 => Err(OnboardError::NoPage),
        1 => Ok(linked.remove(0)),
        _ => Err(OnboardError::ChoosePage {
            pages: linked
                .into_iter()
                .map(|page| PageChoice {
                    page_id: page.page_id,
                    name: page.name,
                    username: page.username,
                })
                .collect(),
        }),
    }
}

fn refusal(failure: &CallFailure) -> OnboardError {
    match failure.graph_error() {
        Some(error) if failure.class() == ErrorClass::Reauth => OnboardError::TokenRefused {
            reason: format!("{}: {}", reason_of(error), error.message),
        },
        _ => OnboardError::Call(explain(failure)),
    }
}

/// A failure with its cause, for people. Failures never hold a token.
pub(crate) fn explain(failure: &CallFailure) -> String {
    if let Some(error) = failure.graph_error() {
        let subcode = error.subcode.map(|subcode| format!("/{subcode}")).unwrap_or_default();
        return format!("{} ({}{subcode})", error.message, error.code);
    }
    let mut text = failure.to_string();
    let mut source = std::error::Error::source(failure);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn after(now: Timestamp, life: Duration) -> Option<Timestamp> {
    now.checked_add(SignedDuration::try_from(life).ok()?).ok()
}
