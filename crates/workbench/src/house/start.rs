//! The order in which a house comes up.
//!
//! Both ports are taken first, so that each half can be told the other's address before it opens, and a call that comes too
//! early waits in the accept queue instead of being refused. Then the platform, then the gateway, which is configured from
//! `/_sim/world` over HTTP, as `selfsame env --gateway` would.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use selfsame_platform::{Callback, DeliveryTransport, Platform};
use selfsame_runtime::clock::{ProcessClock, WorldClock};
use selfsame_runtime::folder::{DataFolder, RunInfo};
use selfsame_runtime::random::Random;
use selfsame_runtime::shutdown::Shutdown;
use selfsame_wire::flow::LoginFlow;
use tokio::net::TcpListener;
use url::Url;

use super::gateway_half::{self, GatewaySettings};
use super::onboarding;
use super::{Bot, DataChoice, GatewayChoice, House, HouseOptions, Listening, PlatformOptions, StartError};
use crate::connection::{Endpoint, FoundBy, HouseClient, Location};
use crate::world::Flow;

/// The world clock's file in the data folder.
const CLOCK_FILE: &str = "clock.json";
/// The file in the data folder that holds the key of pages and `/_sim`.
const ADMIN_TOKEN_FILE: &str = "admin-token";
/// The automations file in the data folder.
const AUTOMATIONS_FILE: &str = "automations.yaml";
/// Path of the gateway's webhook endpoint.
const WEBHOOK_PATH: &str = "webhooks/instagram";
/// How long a half has to answer for the first time.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// How long the requests and jobs of a half may take to finish once the end was asked for: a call to Instagram has ten seconds.
const HALF_GRACE: Duration = Duration::from_secs(12);
/// How often it is asked meanwhile.
const READY_PERIOD: Duration = Duration::from_millis(5);

/// What both halves are opened with.
pub(super) struct Foundation {
    pub(super) folder: DataFolder,
    pub(super) listening: Listening,
    pub(super) world_clock: WorldClock,
    pub(super) process_clock: ProcessClock,
    pub(super) random: Random,
    pub(super) admin_token: String,
    pub(super) shutdown: Shutdown,
}

/// A port that is taken, and the address under which its half is reached.
pub(super) struct Port {
    pub(super) listener: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) url: Url,
}

/// Starts a house; it serves when this returns.
///
/// # Errors
/// See [`StartError`]. What had started is ended again.
pub async fn start(options: HouseOptions, shutdown: Shutdown) -> Result<House, StartError> {
    let started = bring_up(options, &shutdown).await;
    if started.is_err() {
        // The cause is on its way to the caller; what is dropped here had not begun to serve anybody.
        drop(shutdown.finished(Duration::ZERO).await);
    }
    started
}

async fn bring_up(options: HouseOptions, shutdown: &Shutdown) -> Result<House, StartError> {
    let HouseOptions {
        data,
        listening,
        platform,
        gateway,
    } = options;
    let random = Random::system();
    let is_ephemeral = data == DataChoice::Ephemeral;
    let folder = match data {
        DataChoice::Folder(path) => DataFolder::open(path)?,
        DataChoice::Ephemeral => DataFolder::ephemeral(&random)?,
    };
    let admin_token = match &listening.admin_token {
        Some(token) => token.clone(),
        None => folder.private_text(ADMIN_TOKEN_FILE, || random.hex(32))?,
    };
    let runs_on_meta = matches!(&gateway, Some(GatewayChoice::Alone(alone)) if gateway_half::is_meta(alone));
    let world_clock = if runs_on_meta {
        WorldClock::real()
    } else {
        WorldClock::open(folder.file(CLOCK_FILE))?
    };
    let is_bound_wide = !listening.bind.is_loopback();
    let foundation = Foundation {
        folder,
        listening,
        world_clock,
        process_clock: ProcessClock::real(),
        random,
        admin_token,
        shutdown: shutdown.clone(),
    };

    let platform_port = match &platform {
        Some(platform) => Some(take_port(foundation.listening.bind, platform.port, "--port").await?),
        None => None,
    };
    let gateway_port = match &gateway {
        Some(GatewayChoice::OfThisHouse { port, .. }) => {
            Some(take_port(foundation.listening.bind, *port, "--gateway-port").await?)
        }
        Some(GatewayChoice::Alone(alone)) => Some(take_port(foundation.listening.bind, alone.port, "--port").await?),
        None => None,
    };
    let platform_url = platform_port.as_ref().map(|port| port.url.clone());
    let gateway_url = gateway_port.as_ref().map(|port| port.url.clone());

    if let (Some(platform), Some(port)) = (platform, platform_port) {
        open_platform(&foundation, platform, port, gateway_url.clone()).await?;
    }
    let mut automations = None;
    if let (Some(choice), Some(port)) = (gateway, gateway_port) {
        automations = Some(open_gateway(&foundation, choice, port, platform_url.as_ref()).await?);
    }

    let mut run = RunInfo::of_this_process();
    run.platform_url = platform_url.as_ref().map(ToString::to_string);
    run.gateway_url = gateway_url.as_ref().map(ToString::to_string);
    foundation.folder.announce(&run)?;
    let Foundation {
        folder,
        admin_token,
        shutdown,
        ..
    } = foundation;
    Ok(House {
        folder,
        shutdown,
        platform: platform_url,
        gateway: gateway_url,
        admin_token,
        automations,
        is_ephemeral,
        is_bound_wide,
    })
}

async fn open_platform(
    foundation: &Foundation,
    options: PlatformOptions,
    port: Port,
    gateway_url: Option<Url>,
) -> Result<(), StartError> {
    let mut config = selfsame_platform::Config::new(foundation.folder.path());
    config.bind = port.address;
    config.public_url.clone_from(&foundation.listening.public_url);
    config.allow_hosts.clone_from(&foundation.listening.allow_hosts);
    config.admin_token = Some(foundation.admin_token.clone());
    config.callback = options
        .bot
        .map(callback_of_bot)
        .or_else(|| gateway_url.as_ref().map(callback_of_gateway));
    config.retention = options.retention;
    config.fetch_media = foundation.listening.fetch_media;
    config.gateway_url = gateway_url;
    let platform = Platform::open(
        config,
        foundation.world_clock.clone(),
        foundation.process_clock.clone(),
        foundation.random.clone(),
        DeliveryTransport::http()?,
    )
    .await?;
    live(foundation, "platform", |own| async move {
        if let Err(error) = platform.run(port.listener, own).await {
            tracing::error!(%error, "the platform stopped");
        }
    });
    until_ready("platform", &port.url, &foundation.admin_token).await
}

/// Opens the gateway and returns the automations file that it watches.
async fn open_gateway(
    foundation: &Foundation,
    choice: GatewayChoice,
    port: Port,
    platform_url: Option<&Url>,
) -> Result<PathBuf, StartError> {
    let house = match platform_url {
        Some(platform) => Some(client(foundation, platform, &port.url)?),
        None => None,
    };
    let (given, settings) = match choice {
        GatewayChoice::Alone(alone) => (
            alone.automations.clone(),
            GatewaySettings::alone(*alone, foundation.listening.public_url.clone())?,
        ),
        GatewayChoice::OfThisHouse { automations, .. } => {
            let house = house.as_ref().ok_or(StartError::NoApp)?;
            let world = house.world().await.map_err(|source| StartError::Wiring {
                step: "the platform does not tell its world",
                source,
            })?;
            (automations, GatewaySettings::of_house(&world, house.platform().base())?)
        }
    };
    let automations = match given {
        Some(file) => file,
        None => onboarding::write_automations(&foundation.folder.file(AUTOMATIONS_FILE))?,
    };
    let url = port.url.clone();
    gateway_half::open(foundation, settings, port, automations.clone()).await?;
    until_ready("gateway", &url, &foundation.admin_token).await?;
    if let Some(house) = house {
        onboarding::first_start(&house, &url, &foundation.admin_token).await?;
    }
    Ok(automations)
}

/// Runs one half until the house ends. It gets a shutdown of its own, because a half waits for its own tasks at its end, and
/// would otherwise wait for itself; a half that stops by itself ends the house.
pub(super) fn live<F>(foundation: &Foundation, half: &'static str, run: impl FnOnce(Shutdown) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let house = foundation.shutdown.clone();
    let own = Shutdown::new();
    let running = run(own.clone());
    foundation.shutdown.spawn(half, async move {
        let mut running = std::pin::pin!(running);
        tokio::select! {
            () = &mut running => {}
            () = house.begun() => {
                own.begin();
                running.await;
            }
        }
        if let Err(unfinished) = own.finished(HALF_GRACE).await {
            tracing::warn!(%unfinished, "some work was dropped; it is taken up at the next start");
        }
        house.begin();
    });
}

/// The gateway, as the demo app's callback: the app keeps its own verify token and secrets.
fn callback_of_gateway(gateway: &Url) -> Callback {
    let mut url = gateway.clone();
    url.set_path(WEBHOOK_PATH);
    Callback {
        url,
        verify_token: None,
        app_secret: None,
        flow: LoginFlow::Instagram,
    }
}

fn callback_of_bot(bot: Bot) -> Callback {
    let flow = match bot.flow {
        Flow::Instagram => LoginFlow::Instagram,
        Flow::Facebook => LoginFlow::Facebook,
    };
    Callback {
        url: bot.url,
        verify_token: bot.verify_token,
        app_secret: bot.app_secret,
        flow,
    }
}

async fn take_port(bind: IpAddr, port: u16, flag: &'static str) -> Result<Port, StartError> {
    let wanted = SocketAddr::new(bind, port);
    let listener = TcpListener::bind(wanted).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortInUse { address: wanted, flag },
        _ => StartError::Listen {
            address: wanted,
            source,
        },
    })?;
    let address = listener.local_addr().map_err(|source| StartError::Listen {
        address: wanted,
        source,
    })?;
    Ok(Port {
        listener,
        address,
        url: reachable_url(address),
    })
}

/// Where this machine reaches a listener: an address that means "every interface" is none to connect to.
#[expect(clippy::expect_used, reason = "a scheme, an address and a port always parse")]
fn reachable_url(address: SocketAddr) -> Url {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    Url::parse(&format!("http://{}", SocketAddr::new(ip, address.port()))).expect("an address is a URL")
}

fn client(foundation: &Foundation, platform: &Url, gateway: &Url) -> Result<HouseClient, StartError> {
    HouseClient::new(Location {
        platform: platform.clone(),
        gateway: Some(gateway.clone()),
        admin_token: Some(foundation.admin_token.clone()),
        found_by: FoundBy::Told,
    })
    .map_err(StartError::Client)
}

/// Asks a half until it says that it is ready.
async fn until_ready(half: &'static str, url: &Url, admin_token: &str) -> Result<(), StartError> {
    let endpoint = Endpoint::new(url.clone(), Some(admin_token.to_owned())).map_err(StartError::Client)?;
    let asking = async {
        let mut period = tokio::time::interval(READY_PERIOD);
        loop {
            period.tick().await;
            if endpoint.get("/readyz", &[]).await.is_ok() {
                return;
            }
        }
    };
    tokio::time::timeout(READY_WITHIN, asking)
        .await
        .map_err(|_| StartError::NotReady {
            half,
            within: READY_WITHIN,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_interface_is_reached_through_loopback() {
        let url = |text: &str| reachable_url(text.parse().unwrap()).to_string();
        assert_eq!(url("0.0.0.0:7353"), "http://127.0.0.1:7353/");
        assert_eq!(url("[::]:7353"), "http://[::1]:7353/");
        assert_eq!(url("192.0.2.1:80"), "http://192.0.2.1/");
    }

    #[tokio::test]
    async fn a_port_of_somebody_else_is_named_with_the_flag_that_helps() {
        let taken = take_port(IpAddr::V4(Ipv4Addr::LOCALHOST), 0, "--port").await.unwrap();
        let error = take_port(IpAddr::V4(Ipv4Addr::LOCALHOST), taken.address.port(), "--port")
            .await
            .err()
            .unwrap();
        assert!(error.is_in_use());
        assert!(error.to_string().contains("--port"), "{error}");
    }
}
