//! [`Store`]: an object store whose requests take a while and are counted.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, ObjectStoreScheme};
use url::Url;

use crate::arguments::Arguments;
use crate::failure::Failure;

#[derive(Clone, Debug)]
pub(crate) struct Store {
    store: Arc<dyn ObjectStore>,
    folder: Path,
    /// How much longer a GET takes than the store needs for it.
    latency: Duration,
}

/// How many requests there were, and how many at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter(Arc<[AtomicUsize; 3]>);

impl Store {
    pub(crate) fn open(arguments: &Arguments) -> Result<Self, Failure> {
        // Credentials and endpoints of remote stores come from the environment.
        let opened = object_store::parse_url_opts(&arguments.url, std::env::vars());
        let (store, folder) = opened.map_err(|error| failure(&arguments.url, error))?;
        Ok(Store { store: store.into(), folder, latency: Duration::from_millis(arguments.latency_ms) })
    }

    /// Where an object is that is called so.
    pub(crate) fn path(&self, name: &str) -> Path {
        self.folder.clone().join(name)
    }

    pub(crate) fn count_requests(&self) -> Counter {
        Counter::default()
    }

    pub(crate) async fn put(&self, path: &Path, bytes: Vec<u8>) -> Result<(), Failure> {
        let put = self.store.put(path, bytes.into()).await;
        put.map(drop).map_err(|error| Failure::Store { what: path.to_string(), error })
    }

    pub(crate) async fn delete(&self, path: &Path) -> Result<(), Failure> {
        let deleted = self.store.delete(path).await;
        deleted.map_err(|error| Failure::Store { what: path.to_string(), error })
    }

    /// One ranged GET.
    pub(crate) async fn get(&self, path: &Path, range: Range<u64>, counter: &Counter) -> Result<Bytes, Failure> {
        counter.begin();
        tokio::time::sleep(self.latency).await;
        let read = self.store.get_range(path, range).await;
        counter.end();
        read.map_err(|error| Failure::Store { what: path.to_string(), error })
    }
}

/// Why there is no store at `url`.
fn failure(url: &Url, error: Error) -> Failure {
    if let Error::Generic { store: "parse_url", .. } = error
        && let Ok((scheme, _)) = ObjectStoreScheme::parse(url)
        && let Some(feature) = feature(&scheme)
    {
        return Failure::NotBuilt { url: url.clone(), feature };
    }
    Failure::Store { what: url.to_string(), error }
}

/// The feature of `object_store` that brings such stores.
fn feature(scheme: &ObjectStoreScheme) -> Option<&'static str> {
    match scheme {
        ObjectStoreScheme::AmazonS3 => Some("aws"),
        ObjectStoreScheme::GoogleCloudStorage => Some("gcp"),
        ObjectStoreScheme::MicrosoftAzure => Some("azure"),
        ObjectStoreScheme::Http => Some("http"),
        _ => None,
    }
}

impl Counter {
    fn begin(&self) {
        let [requests, at_once, most] = &*self.0;
        requests.fetch_add(1, Ordering::Relaxed);
        most.fetch_max(at_once.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    fn end(&self) {
        self.0[1].fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn requests(&self) -> usize {
        self.0[0].load(Ordering::Relaxed)
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.0[2].load(Ordering::Relaxed)
    }
}
