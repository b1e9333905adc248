//! From flags and file to the options of a house.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use selfsame_workbench::connection::{DEFAULT_GATEWAY_PORT, DEFAULT_PLATFORM_PORT};
use selfsame_workbench::house::{
    AppCredentials, Bot, DataChoice, ForwardOptions, ForwardShape, GatewayChoice, GatewayOptions, HouseOptions,
    Listening, NamedSecret, PlatformOptions, Retention,
};
use selfsame_workbench::world::Flow;
use url::Url;

use super::{ConfigurationError, ConfigurationFile, data_folder};
use crate::arguments::{
    CallbackArgs, CommonArgs, GatewayArgs, JournalArgs, ListenerArgs, MetaName, PlatformArgs, ShapeName, StartArgs,
};

/// `start`: both halves, or the platform and somebody's own bot.
pub(crate) fn start_options(
    common: &CommonArgs,
    args: StartArgs,
    file: &ConfigurationFile,
) -> anyhow::Result<HouseOptions> {
    let bot = bot(args.callback, file)?;
    let has_bot = bot.is_some();
    let listening = listening(common, args.listener, file)?;
    let platform = PlatformOptions {
        port: args.port.or(file.port).unwrap_or(DEFAULT_PLATFORM_PORT),
        bot,
        retention: retention(&args.journals, file),
    };
    let gateway = (!has_bot).then(|| GatewayChoice::OfThisHouse {
        port: args.gateway_port.or(file.gateway_port).unwrap_or(DEFAULT_GATEWAY_PORT),
        automations: args.automations.or_else(|| file.automations.clone()),
    });
    Ok(HouseOptions {
        data: data_choice(common, file, listening.1)?,
        listening: listening.0,
        platform: Some(platform),
        gateway,
    })
}

/// `platform`: the platform alone.
pub(crate) fn platform_options(
    common: &CommonArgs,
    args: PlatformArgs,
    file: &ConfigurationFile,
) -> anyhow::Result<HouseOptions> {
    let (listening, ephemeral) = listening(common, args.listener, file)?;
    let platform = PlatformOptions {
        port: args.port.or(file.port).unwrap_or(DEFAULT_PLATFORM_PORT),
        bot: bot(args.callback, file)?,
        retention: retention(&args.journals, file),
    };
    Ok(HouseOptions {
        data: data_choice(common, file, ephemeral)?,
        listening,
        platform: Some(platform),
        gateway: None,
    })
}

/// `gateway`: the gateway alone, against a platform or against Meta.
pub(crate) fn gateway_options(
    common: &CommonArgs,
    args: GatewayArgs,
    file: &ConfigurationFile,
) -> anyhow::Result<HouseOptions> {
    let (listening, ephemeral) = listening(common, args.listener, file)?;
    let instagram_app = credentials(
        "instagram",
        args.instagram_app_id.or_else(|| file.instagram_app_id.clone()),
        args.instagram_app_secret.or_else(|| file.instagram_app_secret.clone()),
    )?;
    let meta_app = credentials(
        "meta",
        args.meta_app_id.or_else(|| file.meta_app_id.clone()),
        args.meta_app_secret.or_else(|| file.meta_app_secret.clone()),
    )?;
    if instagram_app.is_none() && meta_app.is_none() {
        return Err(ConfigurationError::Inconsistent(
            "the gateway needs the id and secret of an app: --instagram-app-id and --instagram-app-secret, \
             or --meta-app-id and --meta-app-secret; against a running platform: selfsame env --gateway"
                .to_owned(),
        )
        .into());
    }
    let verify_token = args.verify_token.or_else(|| file.verify_token.clone()).ok_or_else(|| {
        ConfigurationError::Inconsistent(
            "the gateway needs --verify-token: what the webhook handshake must present".to_owned(),
        )
    })?;
    let instagram_url = args.instagram_url.or_else(|| file.instagram_url.clone());
    let facebook_url = args.facebook_url.or_else(|| file.facebook_url.clone());
    let is_live = args.meta.or(file.meta) == Some(MetaName::Live);
    if is_live && (instagram_url.is_some() || facebook_url.is_some()) {
        return Err(ConfigurationError::Inconsistent(
            "--meta live sets both base URLs to Meta's; leave --instagram-url and --facebook-url out".to_owned(),
        )
        .into());
    }
    let local = format!("http://127.0.0.1:{DEFAULT_PLATFORM_PORT}");
    let base = |given: Option<Url>, live: &str| match given {
        Some(url) => Ok(url),
        None => Url::parse(if is_live { live } else { &local }),
    };
    let forward = forward(args.forward_to, args.forward_shape, file)?;
    let gateway = GatewayOptions {
        port: args.port.or(file.port).unwrap_or(DEFAULT_GATEWAY_PORT),
        automations: args.automations.or_else(|| file.automations.clone()),
        instagram_app,
        meta_app,
        verify_token,
        instagram_url: base(instagram_url, "https://graph.instagram.com")?,
        facebook_url: base(facebook_url, "https://graph.facebook.com")?,
        database: args.database.or_else(|| file.database.clone()),
        preview_embedders: if args.preview_embedder.is_empty() {
            file.preview_embedder.clone()
        } else {
            args.preview_embedder
        },
        forward,
        extra_app_secrets: extra_app_secrets(if args.extra_app_secret.is_empty() {
            &file.extra_app_secret
        } else {
            &args.extra_app_secret
        })?,
        token_keys: args.token_keys.or_else(|| file.token_keys.clone()),
        keep_bodies_hours: args.keep_bodies_hours.or(file.keep_bodies_hours),
        keep_events_days: args.keep_events_days.or(file.keep_events_days),
    };
    Ok(HouseOptions {
        data: data_choice(common, file, ephemeral)?,
        listening,
        platform: None,
        gateway: Some(GatewayChoice::Alone(Box::new(gateway))),
    })
}

fn forward(
    url: Option<Url>,
    shape: Option<ShapeName>,
    file: &ConfigurationFile,
) -> Result<Option<ForwardOptions>, ConfigurationError> {
    let shape = shape.or(file.forward_shape);
    let Some(url) = url.or_else(|| file.forward_to.clone()) else {
        return match shape {
            Some(_) => Err(ConfigurationError::Inconsistent(
                "--forward-shape belongs to --forward-to URL".to_owned(),
            )),
            None => Ok(None),
        };
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(ConfigurationError::Inconsistent(format!(
            "--forward-to {url} is not an http or https address"
        )));
    }
    Ok(Some(ForwardOptions {
        url,
        shape: shape.map(ForwardShape::from).unwrap_or_default(),
    }))
}

fn data_choice(common: &CommonArgs, file: &ConfigurationFile, ephemeral: bool) -> anyhow::Result<DataChoice> {
    if !ephemeral {
        return Ok(DataChoice::Folder(data_folder(common, file)?));
    }
    if common.data.is_some() {
        return Err(ConfigurationError::Inconsistent("--ephemeral keeps nothing; leave --data out".to_owned()).into());
    }
    Ok(DataChoice::Ephemeral)
}

/// Where it listens, and whether its folder is a temporary one.
fn listening(common: &CommonArgs, args: ListenerArgs, file: &ConfigurationFile) -> anyhow::Result<(Listening, bool)> {
    let public_url = args.public_url.or_else(|| file.public_url.clone());
    if let Some(url) = &public_url
        && !matches!(url.scheme(), "http" | "https")
    {
        return Err(
            ConfigurationError::Inconsistent(format!("--public-url {url} is not an http or https address")).into(),
        );
    }
    let allow_hosts = if args.allow_host.is_empty() {
        file.allow_host.clone()
    } else {
        args.allow_host
    };
    let listening = Listening {
        bind: args.bind.or(file.bind).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        public_url,
        allow_hosts,
        admin_token: common.admin_token.clone().or_else(|| file.admin_token.clone()),
        fetch_media: !(args.no_fetch || file.no_fetch.unwrap_or(false)),
    };
    Ok((listening, args.ephemeral || file.ephemeral.unwrap_or(false)))
}

fn retention(args: &JournalArgs, file: &ConfigurationFile) -> Retention {
    let default = Retention::default();
    let days = args.keep_journal_days.or(file.keep_journal_days);
    Retention {
        calls_max: args.keep_calls.or(file.keep_calls).unwrap_or(default.calls_max),
        deliveries_max: args
            .keep_deliveries
            .or(file.keep_deliveries)
            .unwrap_or(default.deliveries_max),
        stream_max: args.keep_stream.or(file.keep_stream).unwrap_or(default.stream_max),
        age_max: days.map_or(default.age_max, |days| {
            Duration::from_hours(u64::from(days).saturating_mul(24))
        }),
    }
}

fn bot(args: CallbackArgs, file: &ConfigurationFile) -> Result<Option<Bot>, ConfigurationError> {
    let Some(url) = args.callback.or_else(|| file.callback.clone()) else {
        if args.app_secret.is_some() || args.flow.is_some() {
            return Err(ConfigurationError::Inconsistent(
                "--app-secret and --flow belong to --callback URL".to_owned(),
            ));
        }
        return Ok(None);
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(ConfigurationError::Inconsistent(format!(
            "--callback {url} is not an http or https address"
        )));
    }
    Ok(Some(Bot {
        url,
        verify_token: args.verify_token.or_else(|| file.verify_token.clone()),
        app_secret: args.app_secret.or_else(|| file.app_secret.clone()),
        flow: args.flow.or(file.flow).map_or(Flow::Instagram, Flow::from),
    }))
}

/// Secrets of further apps, each as `NAME=SECRET`. What is wrong with one is said without the secret.
fn extra_app_secrets(given: &[String]) -> Result<Vec<NamedSecret>, ConfigurationError> {
    let wrong = |position: usize| {
        ConfigurationError::Inconsistent(format!(
            "--extra-app-secret number {} is not NAME=SECRET, with both and without commas",
            position + 1
        ))
    };
    given
        .iter()
        .enumerate()
        .map(|(position, text)| match text.split_once('=') {
            Some((name, secret)) if !name.trim().is_empty() && !secret.is_empty() => Ok(NamedSecret {
                name: name.trim().to_owned(),
                secret: secret.to_owned(),
            }),
            _ => Err(wrong(position)),
        })
        .collect()
}

fn credentials(
    name: &str,
    id: Option<String>,
    secret: Option<String>,
) -> Result<Option<AppCredentials>, ConfigurationError> {
    match (id, secret) {
        (Some(_), Some(secret)) if secret.trim().is_empty() => Err(ConfigurationError::Inconsistent(format!(
            "--{name}-app-secret is empty: anybody could sign webhooks with it"
        ))),
        (Some(id), Some(secret)) => Ok(Some(AppCredentials { id, secret })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(ConfigurationError::Inconsistent(format!(
            "--{name}-app-id needs --{name}-app-secret"
        ))),
        (None, Some(_)) => Err(ConfigurationError::Inconsistent(format!(
            "--{name}-app-secret needs --{name}-app-id"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default_of_each_journal() {
        let flags = JournalArgs {
            keep_calls: Some(1),
            keep_journal_days: Some(2),
            ..JournalArgs::default()
        };
        let file = ConfigurationFile {
            keep_calls: Some(3),
            keep_deliveries: Some(4),
            keep_journal_days: Some(5),
            ..ConfigurationFile::default()
        };
        let expected = Retention {
            calls_max: 1,
            deliveries_max: 4,
            stream_max: Retention::default().stream_max,
            age_max: Duration::from_hours(48),
        };
        assert_eq!(retention(&flags, &file), expected);
        assert_eq!(
            retention(&JournalArgs::default(), &ConfigurationFile::default()),
            Retention::default()
        );
    }
}
